"""Read and write outlines as GeoJSON, and match their keys with those of the incidents."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely

from analytics.errors import InputError
from analytics.one_line import one_line
from analytics.stored import read_object, replace_text

DECIMALS = 5
RESIDENTS = "residents"
MEND = "Add the outlines again with `patroliq boundaries add`."


@dataclass(frozen=True)
class Area:
    """One area: its key, its name and its polygon in degrees (longitude, latitude)."""

    key: str
    name: str
    polygon: shapely.Geometry
    features: int = 1  # number of features of the file that were merged
    residents: float | None = None  # None where the number is not known


def read_areas(path: Path, key: str, name: str | None = None) -> list[Area]:
    """Areas of a GeoJSON file, features with the same key merged, sorted by key.

    Raises
    ------
    InputError
        The file is not GeoJSON in degrees, or a feature lacks the key or is not a polygon.
    """
    polygons: dict[str, list[shapely.Geometry]] = {}
    names: dict[str, str] = {}
    for number, feature in enumerate(_features(path), start=1):
        properties = feature.get("properties") or {}
        value = _text(properties.get(key))
        if not value:
            fields = ", ".join(sorted(properties)) or "none"
            raise InputError(f"{path}, feature {number}: no field {key!r}. Its fields: {fields}.")
        if name is not None and name not in properties:
            raise InputError(
                f"{path}, feature {number}: no field {name!r}. "
                f"Its fields: {', '.join(sorted(properties))}."
            )
        polygons.setdefault(value, []).append(_polygon(path, number, feature))
        names.setdefault(value, one_line(_text(properties[name])) if name else "")
    if not polygons:
        raise InputError(f"{path}: has no features.")
    return [
        Area(key, names[key] or key, shapely.union_all(parts), len(parts))
        for key, parts in sorted(polygons.items())
    ]


def read_kept_areas(path: Path) -> list[Area]:
    """Areas that `write_areas` wrote, with their residents; raises like `read_areas`."""
    properties = [feature.get("properties") or {} for feature in _features(path)]
    residents = {each["id"]: each[RESIDENTS] for each in properties if RESIDENTS in each}
    return [
        replace(area, residents=residents.get(area.key)) for area in read_areas(path, "id", "name")
    ]


def read_origin(path: Path) -> str:
    """Name of the file that stored outlines are from."""
    return str(read_object(path, MEND).get("source", path.name))


def read_residents_source(path: Path) -> str:
    """Name of the file that the residents of stored outlines are from; empty without any."""
    return str(read_object(path, MEND).get("residents_source", ""))


def write_areas(path: Path, areas: Collection[Area], **about: str) -> None:
    """Write areas as GeoJSON: properties `id`, `name` and, where they are known, `residents`.

    Degrees have five decimals (1 m).
    """
    features = [
        {
            "type": "Feature",
            "properties": _properties(area),
            "geometry": _geometry(area.polygon),
        }
        for area in areas
    ]
    _write(path, {"type": "FeatureCollection", **about, "features": features})


def write_residents(path: Path, residents: Mapping[str, float], source: str) -> None:
    """Replace the residents in a file that `write_areas` wrote."""
    document = read_object(path, MEND)
    document["residents_source"] = source
    for feature in document["features"]:
        properties = feature["properties"]
        properties.pop(RESIDENTS, None)
        if properties["id"] in residents:
            properties[RESIDENTS] = _plain(residents[properties["id"]])
    _write(path, document)


def match_keys(keys: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Match each key of a file to a key of the incidents: `11` and `011` are the same.

    Keys without incidents get the zero padding of the others.
    """
    by_form = {_form(key): key for key in known}
    widths = {len(key) for key in known if key.isdecimal()}
    width = widths.pop() if len(widths) == 1 else 0
    matched = {}
    for key in keys:
        form = _form(key)
        padded = form.zfill(width) if width and form.isdecimal() else key
        matched[key] = by_form.get(form, padded)
    return matched


def rekey(areas: Collection[Area], matched: Mapping[str, str]) -> list[Area]:
    """Areas with the incidents' keys; a name that was only the key changes with it."""
    merged: dict[str, list[Area]] = {}
    for area in areas:
        merged.setdefault(matched[area.key], []).append(area)
    result = []
    for key, parts in sorted(merged.items()):
        first = parts[0]
        name = key if first.name == first.key else first.name
        polygon = shapely.union_all([part.polygon for part in parts])
        numbers = [part.residents for part in parts if part.residents is not None]
        result.append(Area(key, name, polygon, residents=sum(numbers) if numbers else None))
    return result


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def _properties(area: Area) -> dict[str, Any]:
    known = {} if area.residents is None else {RESIDENTS: _plain(area.residents)}
    return {"id": area.key, "name": area.name, **known}


def _plain(number: float) -> float:
    """A whole number without a decimal point."""
    return int(number) if float(number).is_integer() else number


def _form(key: str) -> str:
    text = key.strip().casefold()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid GeoJSON: {error}.") from error
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise InputError(f"{path}: is not a GeoJSON FeatureCollection.")
    features: list[dict[str, Any]] = document["features"]
    return features


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _polygon(path: Path, number: int, feature: Mapping[str, Any]) -> shapely.Geometry:
    try:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise InputError(f"{path}, feature {number}: its geometry cannot be read.") from error
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{path}, feature {number}: is not a polygon.")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InputError(
            f"{path}, feature {number}: coordinates are not degrees; save it in WGS84 (EPSG:4326)."
        )
    return polygonal(shapely.make_valid(shape))


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry, without lines and points that a repair left."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts)


def _geometry(polygon: shapely.Geometry) -> dict[str, Any]:
    snapped = shapely.set_precision(polygon, 10.0**-DECIMALS)
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(polygonal(snapped)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    return geometry


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, DECIMALS)
