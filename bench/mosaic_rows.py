"""The incidents of a snapshot as a DuckDB table of small types, for Mosaic.

What Explore groups by is computed once and stored: the cell, and the bin of the timeline. So the
peer's queries group by plain columns, and its cubes are small. Rows are sorted by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from analytics.crossfilter.relative_dates import period_start
from analytics.services import Pinned
from analytics.settings import Settings
from bench.peers import THREADS
from components.explore.days import DayBins, bins

WORDS = ("type", "district")
ROWS = """
CREATE TABLE incidents AS
SELECT
    coalesce(type, 'unknown')::word_type AS type,
    coalesce(district, 'unknown')::word_district AS district,
    hour::TINYINT AS hour,
    weekday::TINYINT AS weekday,
    operational_day AS day,
    $oldest::DATE
        + (date_diff('day', $oldest::DATE, operational_day) // $width * $width)::INTEGER AS period,
    floor(x_m / $cell_m)::SMALLINT AS cell_column,
    floor(y_m / $cell_m)::SMALLINT AS cell_row,
    coalesce(arrest, false)::TINYINT AS arrest
FROM snapshot.incidents
ORDER BY operational_day
"""
EXTENT = """
SELECT min(cell_column), max(cell_column) + 1, min(cell_row), max(cell_row) + 1 FROM incidents
"""


@dataclass(frozen=True)
class MosaicRows:
    """The table `incidents` in a database in memory, and the bins of its timeline."""

    connection: duckdb.DuckDBPyConnection
    bins: DayBins
    cell_m: int

    @property
    def shape(self) -> dict[str, Any]:
        """What the page must know of its axes.

        `width` of the timeline's bins in days, `first` day of all bins and the day after the
        `last`; first and last edge of the cells' `columns` and `rows`.
        """
        starts = self.bins.starts
        end = starts[-1] + timedelta(self.bins.width)
        west, east, south, north = self.connection.execute(EXTENT).fetchall()[0]
        return {
            "width": self.bins.width,
            "first": f"{starts[0]}",
            "last": f"{end}",
            "columns": [west, east],
            "rows": [south, north],
        }


def mosaic_rows(pinned: Pinned, settings: Settings, cell_m: int) -> MosaicRows:
    """Copy a snapshot's incidents, with cells of `cell_m` meters and the timeline's bins.

    Raises
    ------
    ValueError
        The snapshot has no incidents.
    """
    manifest = pinned.snapshot.manifest
    if manifest.first_day is None or manifest.last_day is None:
        raise ValueError(f"{pinned.snapshot.path} has no incidents; measure a larger number.")
    cut = bins(manifest.first_day, manifest.last_day, period_start(settings))
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": "8GB"})
    connection.execute("SET enable_progress_bar = false")
    path = str(pinned.snapshot.database).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
    for name in WORDS:
        connection.execute(
            f"CREATE TYPE word_{name} AS ENUM (SELECT DISTINCT coalesce({name}, 'unknown') "
            "FROM snapshot.incidents ORDER BY 1)"
        )
    oldest: date = cut.starts[0]
    connection.execute(ROWS, {"oldest": oldest, "width": cut.width, "cell_m": cell_m})
    connection.execute("DETACH snapshot")
    return MosaicRows(connection, cut, cell_m)
