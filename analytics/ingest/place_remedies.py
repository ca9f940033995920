"""Keys of a source with which places that are lost would be inside the bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pyproj

from analytics.ingest.expressions import Expressions
from analytics.ingest.place_columns import PlaceColumns
from analytics.ingest.tables import InputTable
from analytics.sources.mapping import DEGREES, WORLD
from analytics.sources.source import Source
from sql import load

TRIED_ROWS = 2000
MOST = 0.9
"""Share of places that a key must bring inside the bounds, and half of those that were not."""


def place_remedy(
    connection: duckdb.DuckDBPyConnection,
    table: InputTable,
    positions: Mapping[str, int],
    source: Source,
) -> str:
    """The key with which most of the first places are inside the bounds; empty if there is none."""
    inside = _share_inside(connection, table, Expressions(source, positions))
    needed = max(MOST, (1 + inside) / 2)
    for key, variant in _variants(source):
        if _share_inside(connection, table, Expressions(variant, positions)) >= needed:
            return key
    return ""


def _variants(source: Source) -> Iterator[tuple[str, Source]]:
    places = source.coordinates
    swapped = replace(source, coordinates=replace(places, swapped=not places.swapped))
    mark = "," if source.decimal == "." else "."
    yield f"[coordinates] swapped = {str(not places.swapped).lower()}", swapped
    yield f'decimal = "{mark}"', replace(source, decimal=mark)
    if not places.ranges:
        yield (
            "[coordinates] ranges = true",
            replace(source, coordinates=replace(places, ranges=True)),
        )


def _share_inside(
    connection: duckdb.DuckDBPyConnection, table: InputTable, expressions: Expressions
) -> float:
    places = PlaceColumns(expressions)
    statement = load(
        "incidents/some_places",
        names=table.names_sql,
        places=", ".join(places.columns),
        first="x" if places.converted else "raw_lon",
        second="y" if places.converted else "raw_lat",
    )
    values = {"path": str(table.path), "most": TRIED_ROWS, **expressions.values}
    pairs = connection.execute(statement, values).fetchall()
    if not pairs:
        return 0.0
    lon, lat = np.array(pairs, dtype=np.float64).T
    coordinates = expressions.source.coordinates
    if places.converted:
        to_degrees = pyproj.Transformer.from_crs(coordinates.crs, DEGREES, always_xy=True)
        lon, lat = to_degrees.transform(lon, lat)
    west, south, east, north = coordinates.bounds or WORLD
    inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return float(inside.mean())
