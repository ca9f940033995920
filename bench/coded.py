"""Coded incidents in memory, as an expert user of Polars, pandas or DuckDB would store them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.places import Places
from analytics.incidents.reader import SnapshotReader
from bench.states import CELL_M

UNKNOWN_HOUR, UNKNOWN_WEEKDAY = 24, 0
FLAGS = ("no", "yes", "unknown")
EPOCH_DAY = "date_diff('day', DATE '1970-01-01', operational_day)::INTEGER"


@dataclass(frozen=True)
class CodedIncidents:
    """The incidents as small integers, sorted by day, and the meaning of the codes."""

    frame: pl.DataFrame
    words: dict[str, list[Any]]  # by name of a view: code → bin, a tuple
    codes: dict[str, dict[str, int]]  # by dimension: word → code
    places: Places

    def inside(self, polygon: Polygon) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each point is inside; the last entry stands for an unknown place."""
        return np.append(self.places.inside(polygon), False)


def coded(reader: SnapshotReader) -> CodedIncidents:
    """Read a snapshot's incidents as codes."""
    codes: dict[str, dict[str, int]] = {}
    columns: dict[str, pl.Series] = {}
    for name in ("type", "district", "month"):
        texts = reader.frame(f"SELECT coalesce({name}, 'unknown') AS {name} FROM incidents")[name]
        listed = texts.unique().sort().to_list()
        codes[name] = {word: code for code, word in enumerate(listed)}
        columns[name] = texts.cast(pl.Enum(listed)).to_physical()
    numbers = reader.frame(
        f"SELECT coalesce(hour, {UNKNOWN_HOUR})::UTINYINT AS hour, "
        f"coalesce(weekday, {UNKNOWN_WEEKDAY})::UTINYINT AS weekday, {EPOCH_DAY} AS day, "
        "coalesce(arrest::INTEGER, 2)::UTINYINT AS arrest, "
        "coalesce(domestic::INTEGER, 2)::UTINYINT AS domestic, "
        "coalesce(arrest, false) AS arrested, "
        "coalesce(harm_days, 0)::BIGINT AS harm, coalesce(point_id, -1)::INTEGER AS point "
        "FROM incidents"
    )
    cells, cell_of_point = _cells(reader)
    point = numbers["point"].to_numpy()
    point = np.where(point < 0, len(cell_of_point) - 1, point).astype(np.int32)
    frame = numbers.with_columns(
        **columns,
        hour_weekday=pl.col("weekday") * 25 + pl.col("hour"),
        point=pl.Series(point),
        cell=pl.Series(cell_of_point[point]),
    ).sort("day", maintain_order=True)
    words: dict[str, list[Any]] = {
        name: [(word,) for word in codes[name]] for name in ("type", "district", "month")
    }
    words["arrest"] = [(word,) for word in FLAGS]
    words[f"cells:{CELL_M}"] = [(cell,) for cell in cells]
    words["hour_weekday"] = [
        (code // 25 or None, code % 25 if code % 25 != UNKNOWN_HOUR else None)
        for code in range(8 * 25)
    ]
    return CodedIncidents(frame, words, codes, Places(reader))


def _cells(reader: SnapshotReader) -> tuple[list[str], np.ndarray[Any, np.dtype[np.uint16]]]:
    """Cells with a point, and the cell of each point; the last of each is unknown."""
    points = reader.frame("SELECT x_m, y_m FROM points ORDER BY point_id")
    column = np.floor(points["x_m"].to_numpy() / CELL_M).astype(np.int64)
    row = np.floor(points["y_m"].to_numpy() / CELL_M).astype(np.int64)
    found, code = np.unique(np.stack([column, row]), axis=1, return_inverse=True)
    cells = [f"{CELL_M}:{x}_{y}" for x, y in found.T]
    return [*cells, "unknown"], np.append(code, len(cells)).astype(np.uint16)
