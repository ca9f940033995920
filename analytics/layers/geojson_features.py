"""Read the features of a GeoJSON file, of which only one is in memory as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.errors import InputError
from analytics.incidents.projection import WGS84
from analytics.layers.json_text import JsonText
from analytics.layers.layer_features import Choose, FeatureList, LayerFeatures

Coordinates = npt.NDArray[np.float64]
_NOT_GEOJSON = "is not a GeoJSON FeatureCollection"


def read_geojson(path: Path, name: str, choose: Choose) -> LayerFeatures:
    """Read a FeatureCollection; a feature without geometry is counted, a wrong one refused.

    Raises
    ------
    InputError
        It is not valid, with the line or the number of the feature.
    """
    collected = FeatureList(name, "feature", choose)
    crs = WGS84
    try:
        with path.open(encoding="utf-8-sig") as handle:
            text = JsonText(handle, name)
            if text.peek() != "{":
                text.fail(f"it {_NOT_GEOJSON}")
            seen = False
            for key in text.members():
                if key == "crs":
                    crs = _crs(text.value(), name)
                    continue
                if key != "features":
                    text.value()
                    continue
                if text.peek() != "[":
                    text.fail("its features are not a list")
                seen = True
                for number, feature in enumerate(text.items(), start=1):
                    _add(collected, f"{name}, feature {number}", number, feature)
            if not seen:
                raise InputError(f"{name}: {_NOT_GEOJSON}.")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not in UTF-8; save it in UTF-8.") from error
    return collected.features(crs)


def _crs(member: Any, name: str) -> str:
    """Coordinate system in the member `crs`, which older files have."""
    if member is None:
        return WGS84
    try:
        named = str(member["properties"]["name"])
    except (KeyError, TypeError) as error:
        raise InputError(f"{name}: its member crs cannot be read; give --crs.") from error
    return WGS84 if named.endswith(":CRS84") else named


def _add(collected: FeatureList, where: str, number: int, feature: Any) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InputError(f"{where}: is not a GeoJSON feature.")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InputError(f"{where}: its properties are not an object.")
    geometry = feature.get("geometry")
    if geometry is None:
        collected.add(number, properties, None, 0)
        return
    kind = str(geometry.get("type") if isinstance(geometry, dict) else geometry)
    if not isinstance(geometry, dict) or kind not in _BUILDERS:
        raise InputError(f"{where}: {kind[:40]!r} is not a shape that can be drawn.")
    try:
        shape = _BUILDERS[kind](geometry["coordinates"])
    except (KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
        raise InputError(f"{where}: its coordinates cannot be read.") from error
    collected.add(number, properties, shape, int(shapely.get_num_coordinates(shape)))


def _positions(found: Any) -> Coordinates:
    """Longitude and latitude of positions; heights are dropped."""
    flat = np.array([position[:2] for position in found], dtype=np.float64)
    if flat.ndim != 2 or flat.shape[1] != 2:
        raise ValueError("a position has no two coordinates")
    if not np.isfinite(flat).all():
        raise ValueError("a coordinate is not a number")
    return flat


def _polygon(rings: Any) -> shapely.Polygon:
    shell, *holes = map(_positions, rings)
    return shapely.Polygon(shell, holes)


_BUILDERS: dict[str, Callable[[Any], shapely.Geometry]] = {
    "Point": lambda found: shapely.Point(_positions([found])[0]),
    "MultiPoint": lambda found: shapely.MultiPoint(_positions(found)),
    "LineString": lambda found: shapely.LineString(_positions(found)),
    "MultiLineString": lambda found: shapely.MultiLineString([_positions(part) for part in found]),
    "Polygon": _polygon,
    "MultiPolygon": lambda found: shapely.MultiPolygon([_polygon(part) for part in found]),
}
