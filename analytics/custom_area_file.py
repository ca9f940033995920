"""Shapes of custom areas: read from GeoJSON or from a drawn polygon, and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import shapely

from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.custom_area import Ring
from analytics.errors import InputError
from analytics.one_line import one_line

MOST_BYTES = 900_000
"""A little less than a request may have."""
MOST_AREAS = 200
MOST_CORNERS = 5_000
"""Corners of one area: the first count in so many took 0.2 s on 1.3 million incidents."""
DECIMALS = 6
_DEGREES = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326")
_NAMES = ("name", "title", "label", "id")


@dataclass(frozen=True)
class NamedShape:
    """A shape with a name, not kept yet.

    Attributes
    ----------
    polygons
        As in `CustomArea`.
    remark
        What was changed while it was read; empty if nothing was.
    """

    name: str
    polygons: tuple[tuple[Ring, ...], ...]
    remark: str = ""


def read_shapes(file: str, content: bytes) -> list[NamedShape]:
    """Shapes of a GeoJSON file, one for each feature.

    A feature is named by its property `name`, `title`, `label` or `id`, or else by the file and its
    number. Parts of one feature that overlap are merged; a ring that crosses itself is refused.

    Raises
    ------
    InputError
        The file is too large or is not GeoJSON of polygons in degrees; the message names the file,
        the feature, the part and the ring.
    """
    if len(content) > MOST_BYTES:
        raise InputError(f"{file}: has more than {MOST_BYTES // 1_000} KB; simplify its outlines.")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is not in UTF-8; save it in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: is not valid JSON: {error}.") from error
    features = list(_features(file, document))
    if not features:
        raise InputError(f"{file}: has no features.")
    if len(features) > MOST_AREAS:
        raise InputError(f"{file}: has {len(features):,} features; at most {MOST_AREAS} are read.")
    return [
        _shape(f"{file}, feature {number}", _name(feature, file, number, len(features)), geometry)
        for number, (feature, geometry) in enumerate(features, start=1)
    ]


def drawn_shape(name: str, polygon: Polygon) -> NamedShape:
    """The shape of a drawn polygon.

    Raises
    ------
    InputError
        Its edges cross.
    """
    ring = [[lon, lat] for lat, lon in (*polygon.vertices, polygon.vertices[0])]
    return _shape("The drawn area", name, {"type": "Polygon", "coordinates": [ring]})


def _features(file: str, document: Any) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Properties and geometry of each feature."""
    if not isinstance(document, dict):
        raise InputError(f"{file}: is not GeoJSON.")
    if document.get("crs") is not None:
        _require_degrees(file, document["crs"])
    kind = document.get("type")
    if kind in ("Polygon", "MultiPolygon"):
        yield {}, document
        return
    features = [document] if kind == "Feature" else document.get("features")
    if kind not in ("Feature", "FeatureCollection") or not isinstance(features, list):
        raise InputError(f"{file}: is not a GeoJSON FeatureCollection.")
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise InputError(f"{file}, feature {number}: is not a GeoJSON feature.")
        properties = feature.get("properties")
        yield properties if isinstance(properties, dict) else {}, feature.get("geometry")


def _require_degrees(file: str, crs: Any) -> None:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(named, str) or not named:
        raise InputError(
            f"{file}: its crs does not name a coordinate system; save it in WGS84 (EPSG:4326)."
        )
    if named not in _DEGREES:
        raise InputError(
            f"{file}: its coordinates are in {named[:60]}; save it in WGS84 (EPSG:4326)."
        )


def _name(properties: Mapping[str, Any], file: str, number: int, count: int) -> str:
    by_form = {key.casefold(): value for key, value in reversed(list(properties.items()))}
    for key in _NAMES:
        text = one_line(str(by_form.get(key) or ""))
        if text:
            return text
    stem = one_line(PurePath(file).stem)
    return f"{stem} {number}" if count > 1 else stem


def _shape(where: str, name: str, geometry: Any) -> NamedShape:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        said = "no geometry" if geometry is None else f"the geometry {str(kind)[:40]!r}"
        raise InputError(f"{where}: has {said}; a custom area is a Polygon or MultiPolygon.")
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise InputError(f"{where}: has no coordinates.")
    polygons = [
        _polygon(f"{where}, part {number}" if len(parts) > 1 else where, part)
        for number, part in enumerate(parts, start=1)
    ]
    corners = sum(int(shapely.get_num_coordinates(polygon)) for polygon in polygons)
    if corners > MOST_CORNERS:
        raise InputError(
            f"{where}: has {corners:,} corners; simplify it to at most {MOST_CORNERS:,}."
        )
    whole = shapely.set_precision(shapely.union_all(polygons), 10.0**-DECIMALS)
    if whole.is_empty:
        raise InputError(f"{where}: is smaller than what {DECIMALS} decimals of a degree tell.")
    remark = ""
    if len(polygons) > 1 and not shapely.MultiPolygon(polygons).is_valid:
        remark = f"{name}: parts that touch or overlap were merged."
    return NamedShape(name, tuple(map(_rings, shapely.get_parts(whole))), remark)


def _polygon(where: str, rings: Any) -> shapely.Polygon:
    if not isinstance(rings, list) or not rings:
        raise InputError(f"{where}: has no rings.")
    found = []
    for number, ring in enumerate(rings, start=1):
        place = f"{where}, ring {number}"
        corners = _positions(place, ring)
        if not shapely.LinearRing(corners).is_simple:
            raise InputError(f"{place}: its edges cross or touch each other; mend the ring.")
        found.append(corners)
    polygon = shapely.Polygon(found[0], found[1:])
    if not polygon.is_valid:
        reason = shapely.is_valid_reason(polygon).partition("[")[0].strip().lower()
        raise InputError(
            f"{where}: its rings do not make an area ({reason}): the first one is the outline, the "
            "others are holes inside it that do not overlap."
        )
    return polygon


def _positions(where: str, ring: Any) -> Ring:
    """Corners of a closed ring; heights are dropped."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise InputError(f"{where}: has fewer than 4 positions.")
    if len(ring) > MOST_CORNERS:
        raise InputError(f"{where}: has more than {MOST_CORNERS:,} corners; simplify it.")
    for number, position in enumerate(ring, start=1):
        if not _is_position(position):
            raise InputError(
                f"{where}, position {number}: is not [longitude, latitude] in degrees "
                "(WGS84, EPSG:4326)."
            )
    if ring[0][:2] != ring[-1][:2]:
        raise InputError(f"{where}: is not closed; its last position must repeat the first.")
    return np.array([position[:2] for position in ring], dtype=np.float64)


def _is_position(position: Any) -> bool:
    if not isinstance(position, list) or len(position) < 2:
        return False
    lon, lat = position[:2]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (lon, lat)):
        return False
    return abs(lon) <= 180 and abs(lat) <= 90


def _rings(polygon: shapely.Polygon) -> tuple[Ring, ...]:
    """Rings of a polygon, their first corner not repeated."""
    rings: Sequence[Any] = (polygon.exterior, *polygon.interiors)
    return tuple(np.round(shapely.get_coordinates(ring)[:-1], DECIMALS) for ring in rings)
