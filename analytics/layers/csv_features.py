"""Read the features of a CSV file: shapes in a column, degrees in two, or ends among nodes."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from analytics.errors import InputError
from analytics.incidents.projection import WGS84
from analytics.layers.layer_features import Choose, FeatureList, LayerFeatures
from analytics.layers.plain_text import plain_text
from analytics.strict_csv import strict_reader

SHAPE_NAMES = ("the_geom", "geometry", "geom", "wkt", "shape", "location", "georeference")
LAT_NAMES = ("latitude", "lat", "point_y")
LON_NAMES = ("longitude", "lon", "lng", "long", "point_x")
NODE_NAMES = ("node", "node_id", "id", "vertex")
END_NAMES = (
    ("node_a", "node_b"),
    ("from_node", "to_node"),
    ("fnode", "tnode"),
    ("source", "target"),
    ("from", "to"),
)
_LAT_LON = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)[°\s]*,\s*(-?\d+(?:\.\d+)?)[°\s]*\)?")
Row = tuple[int, dict[str, str]]
Build = Callable[[dict[str, str]], shapely.Geometry | None]


@dataclass(frozen=True)
class _Table:
    """A CSV file: its name in messages, its columns and its rows with their lines."""

    name: str
    columns: list[str]
    rows: Iterator[Row]

    def find(self, names: Sequence[str]) -> str | None:
        """The first of some names that a column has, in any case."""
        known = {column.casefold(): column for column in self.columns}
        return next((known[name] for name in names if name in known), None)


def read_csv(
    path: Path, name: str, choose: Choose, shape: str | None = None, nodes: Path | None = None
) -> LayerFeatures:
    """Read a CSV file with a header.

    Parameters
    ----------
    shape : str, optional
        Column of shapes as WKT, or of points as `(latitude, longitude)`.
    nodes : Path, optional
        CSV of nodes in degrees; the file's columns `node_a` and `node_b` name two of them.

    Raises
    ------
    InputError
        With the line and the column.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        try:
            table = _open(handle, name)
            build = _ends(table, nodes) if nodes else _shapes(table, shape)
            collected = FeatureList(name, "line", choose)
            for line, row in table.rows:
                try:
                    built = build(row)
                except ValueError as error:
                    raise InputError(f"{name}, line {line:,}, {error}") from error
                count = 0 if built is None else int(shapely.get_num_coordinates(built))
                collected.add(line, dict(row), built, count)
        except UnicodeDecodeError as error:
            raise InputError(f"{name}: is not in UTF-8; save it in UTF-8.") from error
    return collected.features(WGS84)


def _open(handle: Iterator[str], name: str) -> _Table:
    reader = strict_reader(handle)
    columns = _next(reader, name)
    if not columns or not any(column.strip() for column in columns):
        raise InputError(f"{name}: is empty.")
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        raise InputError(f"{name}: its columns are not separated by commas; save it as CSV.")
    columns = [column.strip() for column in columns]

    def rows() -> Iterator[Row]:
        while (fields := _next(reader, name)) is not None:
            if len(fields) not in (0, len(columns)):
                raise InputError(
                    f"{name}, line {reader.line_num:,}: has {len(fields)} columns, "
                    f"the header has {len(columns)}."
                )
            if fields:
                yield reader.line_num, dict(zip(columns, fields, strict=True))

    return _Table(name, columns, rows())


def _next(reader: Iterator[list[str]], name: str) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        line = getattr(reader, "line_num", 0)
        raise InputError(f"{name}, line {line:,}: is not valid CSV: {error}.") from error


def _shapes(table: _Table, asked: str | None) -> Build:
    if asked is not None and asked not in table.columns:
        raise InputError(
            f"{table.name}: no column {asked!r}. Its columns: {', '.join(table.columns)}."
        )
    lat, lon = table.find(LAT_NAMES), table.find(LON_NAMES)
    if asked is None and lat and lon:
        return lambda row: _point(row, lat, lon)
    column = asked or table.find(SHAPE_NAMES)
    if column is None:
        raise InputError(
            f"{table.name}: has no column of shapes, and none of latitude and longitude. Name one "
            "with --geometry, or a file of nodes with --nodes. "
            f"Its columns: {', '.join(table.columns)}."
        )
    return lambda row: _shape(row, column)


def _point(row: dict[str, str], lat: str, lon: str) -> shapely.Geometry | None:
    if not row[lat].strip() and not row[lon].strip():
        return None
    return shapely.Point(_number(row, lon), _number(row, lat))


def _shape(row: dict[str, str], column: str) -> shapely.Geometry | None:
    text = row[column].strip()
    if not text:
        return None
    if pair := _LAT_LON.fullmatch(text):
        return shapely.Point(float(pair[2]), float(pair[1]))
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except shapely.errors.ShapelyError as error:
        raise ValueError(f"column {column!r}: {text[:40]!r} is not a shape (WKT).") from error


def _number(row: dict[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"column {column!r}: {row[column][:40]!r} is not a number.")
    return number


def _ends(table: _Table, path: Path) -> Build:
    pair = next((ends for ends in END_NAMES if all(table.find([end]) for end in ends)), None)
    if pair is None:
        said = ", ".join(f"{first} and {last}" for first, last in END_NAMES)
        raise InputError(
            f"{table.name}: --nodes needs two columns of nodes, such as {said}. "
            f"Its columns: {', '.join(table.columns)}."
        )
    first, last = (str(table.find([end])) for end in pair)
    places = _node_places(path)

    def place(row: dict[str, str], column: str) -> tuple[float, float]:
        node = row[column].strip()
        if node not in places:
            raise ValueError(f"column {column!r}: {path.name} has no node {node[:40]!r}.")
        return places[node]

    return lambda row: shapely.LineString([place(row, first), place(row, last)])


def _node_places(path: Path) -> dict[str, tuple[float, float]]:
    with plain_text(path) as unpacked, unpacked.open(encoding="utf-8-sig", newline="") as handle:
        table = _open(handle, path.name)
        lat, lon, key = map(table.find, (LAT_NAMES, LON_NAMES, NODE_NAMES))
        if not (lat and lon and key):
            raise InputError(
                f"{path}: needs columns node, latitude and longitude. "
                f"Its columns: {', '.join(table.columns)}."
            )
        places = {}
        for line, row in table.rows:
            try:
                places[row[key].strip()] = _number(row, lon), _number(row, lat)
            except ValueError as error:
                raise InputError(f"{path}, line {line:,}, {error}") from error
        return places
