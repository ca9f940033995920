"""Which series a restricted reader sees: those of which every incident is seen with its point.

That is every incident that a series had or was to have at any time, since its history names them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analytics.incidents.reader import SnapshotReader
from analytics.series.series_rows import CrimeSeries
from sql import load


def seen_series(found: Sequence[CrimeSeries], reader: SnapshotReader) -> list[CrimeSeries]:
    """Those that a restricted reader sees, by the reader's own data."""
    ids = sorted({id_ for one in found for id_ in one.known})
    rows = reader.frame(load("alerts/known_incidents"), {"ids": ids})
    seen = set(rows.filter(pl.col("has_point"))["id"])
    return [one for one in found if one.known <= seen]
