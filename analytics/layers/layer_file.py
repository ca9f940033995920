"""Read a layer's file, of whatever kind, as features in degrees near the city."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.errors import InputError
from analytics.incidents.projection import WGS84
from analytics.layers.csv_features import read_csv
from analytics.layers.database_features import (
    GEOPACKAGE,
    SHAPEFILE,
    read_geopackage,
    read_shapefile,
)
from analytics.layers.geojson_features import read_geojson
from analytics.layers.kinds import SHAPES, LayerKind, fits
from analytics.layers.layer_features import Choose, LayerFeatures
from analytics.layers.plain_text import GZIP, plain_text

NEAR_DEGREES = 0.3
"""Shapes farther from the incidents are left out; about 30 km, which a map of the city may show."""
KNOWN = "GeoJSON, CSV (also packed with gzip), a shapefile (.shp or zip) and GeoPackage can be read"
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True)
class FileOptions:
    """How to read a file, where it cannot say so itself."""

    layer: str | None = None  # of an archive or a GeoPackage
    crs: str | None = None
    geometry: str | None = None  # column of a CSV file
    nodes: Path | None = None  # CSV of nodes that a CSV of streets names


@dataclass(frozen=True)
class Located:
    """Features of a kind in degrees (longitude, latitude), and what was left out."""

    features: LayerFeatures
    far_away: int


def read_layer_file(
    path: Path, kind: LayerKind, options: FileOptions, choose: Choose
) -> LayerFeatures:
    """Features of a file, with shapes that the kind can have.

    Raises
    ------
    InputError
        The file is of an unknown kind or not valid, or has a shape of another kind.
    """
    features = _read(path, kind, options, choose)
    types = shapely.get_type_id(features.shapes)
    for type_id in np.unique(types):
        position = int(np.argmax(types == type_id))
        found = features.shapes[position].geom_type
        if not fits(kind, found):
            wanted = " or ".join(f"a {shape}" for shape in SHAPES[kind])
            raise InputError(
                f"{path}, {features.unit} {features.numbers[position]:,}: is a {found}; "
                f"{kind} need {wanted}."
            )
    return features


def _read(path: Path, kind: LayerKind, options: FileOptions, choose: Choose) -> LayerFeatures:
    with path.open("rb") as handle:
        magic = handle.read(16)
    if magic == GEOPACKAGE:
        return read_geopackage(path, kind, options.layer, choose)
    if magic.startswith((b"PK\x03\x04", SHAPEFILE)):
        return read_shapefile(path, kind, options.layer, choose)
    if b"\x00" in magic and not magic.startswith(GZIP):
        raise InputError(f"{path}: is of an unknown kind. {KNOWN}.")
    with plain_text(path) as text:
        with text.open("rb") as handle:
            head = handle.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not head:
            raise InputError(f"{path}: is empty.")
        if head[:1] == b"<":
            raise InputError(f"{path}: is XML or a web page. {KNOWN}.")
        if head[:1] in b"{[":
            return read_geojson(text, str(path), choose)
        return read_csv(text, str(path), choose, options.geometry, options.nodes)


def locate(path: Path, features: LayerFeatures, crs: str | None, city: Box | None) -> Located:
    """Features in degrees; those far from the city are left out.

    Parameters
    ----------
    crs : str, optional
        Coordinate system to use instead of the file's.
    city : box, optional
        Extent of the incidents; without it, all features are kept.

    Raises
    ------
    InputError
        The coordinate system is not known, coordinates are not degrees, or nothing is near the
        city.
    """
    system = crs or features.crs
    if not system:
        raise InputError(
            f"{path}: does not say its coordinate system (no .prj). Give it with --crs, such as "
            "EPSG:3435."
        )
    shapes = _to_degrees(path, features.shapes, system)
    _refuse_impossible(path, features, shapes)
    if city is None:
        return Located(replace(features, shapes=shapes), 0)
    near = shapely.intersects(shapes, _around(city))
    if not near.any():
        raise InputError(f"{path}: {_where(shapes, city)}")
    kept = np.flatnonzero(near)
    return Located(_at(replace(features, shapes=shapes), kept), int((~near).sum()))


def _to_degrees(
    path: Path, shapes: npt.NDArray[np.object_], system: str
) -> npt.NDArray[np.object_]:
    try:
        source = pyproj.CRS.from_user_input(system)
        transformer = pyproj.Transformer.from_crs(source, WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise InputError(
            f"{path}: {system[:60]!r} is not a coordinate system that is known; "
            "give another with --crs, such as EPSG:3435."
        ) from error
    if source.equals(pyproj.CRS.from_user_input(WGS84), ignore_axis_order=True):
        return shapes

    def move(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(places[:, 0], places[:, 1]))

    return np.asarray(shapely.transform(shapes, move), dtype=object)


def _refuse_impossible(
    path: Path, features: LayerFeatures, shapes: npt.NDArray[np.object_]
) -> None:
    west, south, east, north = shapely.bounds(shapes).T
    # NaN is never inside, but bounds ignore it where another coordinate is a number.
    finite = np.ones(len(shapes), dtype=bool)
    places, owner = shapely.get_coordinates(shapes, return_index=True)
    finite[owner[~np.isfinite(places).all(axis=1)]] = False
    inside = finite & (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    if inside.all():
        return
    position = int(np.argmin(inside))
    swapped = (
        finite[position]
        and west[position] >= -90
        and east[position] <= 90
        and (south[position] >= -180 and north[position] <= 180)
    )
    why = (
        "latitude comes before longitude; GeoJSON and WKT need longitude first"
        if swapped
        else "its coordinates are not degrees; give its coordinate system with --crs, or save it "
        "in WGS84 (EPSG:4326)"
    )
    raise InputError(f"{path}, {features.unit} {features.numbers[position]:,}: {why}.")


def _around(city: Box) -> shapely.Geometry:
    west, south, east, north = city
    more = NEAR_DEGREES
    return shapely.box(west - more, south - more, east + more, north + more)


def _where(shapes: npt.NDArray[np.object_], city: Box) -> str:
    """Why nothing is near the city."""
    west, south, east, north = shapely.total_bounds(shapes)
    if shapely.intersects(shapely.box(south, west, north, east), _around(city)):
        return (
            "latitude comes before longitude, since swapped it lies in the city; "
            "GeoJSON and WKT need longitude first."
        )
    return (
        f"lies between {south:.2f}, {west:.2f} and {north:.2f}, {east:.2f}, nowhere near the "
        f"incidents at {city[1]:.2f}, {city[0]:.2f}. Check its coordinate system, or give it "
        "with --crs."
    )


def _at(features: LayerFeatures, kept: npt.NDArray[np.int64]) -> LayerFeatures:
    places = kept.tolist()
    return replace(
        features,
        numbers=[features.numbers[place] for place in places],
        shapes=features.shapes[places],
        fields={
            name: [values[place] for place in places] for name, values in features.fields.items()
        },
    )
