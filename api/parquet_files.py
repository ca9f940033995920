"""Incidents as Parquet, and as GeoParquet 1.1 with a point each.

Values are as stored: nothing in them is run as a formula, as a spreadsheet would with a CSV. The
provenance is in the file's metadata under the key `patroliq`. A place is longitude and latitude in
degrees (OGC:CRS84, which a file has that names no other).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from flask import Response

from analytics.errors import InputError
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.services import Services
from api.exports import asked_incidents, download

CONTENT_TYPE = "application/vnd.apache.parquet"
GEOMETRY = "geometry"
PLACE = frozenset({"lat", "lon"})
GEO = {
    "version": "1.1.0",
    "primary_column": GEOMETRY,
    "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": ["Point"]}},
}
POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
"""A point as well-known binary (ISO 19125): little-endian, type 1."""


class _Sink:
    """Bytes that were written and not taken yet, as a file to write."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def incidents_file(services: Services, *, with_points: bool) -> Response:
    """The incidents of the query, streamed; with points it has places, from `lat` and `lon`.

    Raises
    ------
    InputError
        The columns of a list lack `lat` or `lon`.
    """
    asked = asked_incidents(services)
    metadata = {"patroliq": json.dumps(asdict(asked.provenance), ensure_ascii=False)}
    if with_points:
        metadata["geo"] = json.dumps(GEO)
    tables = (_table(frame, with_points=with_points) for frame in asked.frames)
    first = next(tables)  # so that a failing query is an error, not an empty file
    body = _written(first.schema.with_metadata(metadata), chain([first], tables))
    what = "incidents-points" if with_points else "incidents"
    response = download(body, CONTENT_TYPE, asked.provenance, what, "parquet")
    response.content_type = CONTENT_TYPE
    return response


def _table(frame: pl.DataFrame, *, with_points: bool) -> pa.Table:
    table = frame.rename(lambda name: name.removeprefix(ATTRIBUTE_PREFIX)).to_arrow()
    if not with_points:
        return table
    if not {*table.column_names} >= PLACE or GEOMETRY in table.column_names:
        raise InputError(
            f"A file with points needs the columns lat and lon, and none named {GEOMETRY}; "
            "take incidents.parquet."
        )
    return table.append_column(GEOMETRY, points(frame["lon"], frame["lat"]))


def points(lon: pl.Series, lat: pl.Series) -> pa.Array:
    """Places in degrees as well-known binary; null without one."""
    records = np.zeros(lon.len(), POINT)
    records["order"], records["type"] = 1, 1
    records["lon"], records["lat"] = lon.to_numpy(), lat.to_numpy()
    there = (lon.is_not_null() & lat.is_not_null()).to_list()
    pairs = zip(records, there, strict=True)
    return pa.array([one.tobytes() if known else None for one, known in pairs], pa.binary())


def _written(schema: pa.Schema, tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """The bytes of the file, a group of rows for each table."""
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(schema))
            yield sink.take()
    yield sink.take()
