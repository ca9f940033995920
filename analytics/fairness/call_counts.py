"""Calls for service of callers by area, without those that officers began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from analytics.incidents.reader import SnapshotReader
from sql import load


@dataclass(frozen=True)
class CallCounts:
    """Calls by area, and the days that they are of."""

    first: date
    last: date
    by_area: Mapping[str, int] = field(repr=False)

    @property
    def total(self) -> int:
        return sum(self.by_area.values())


def read_call_counts(
    reader: SnapshotReader, level: str, first: date, last: date
) -> CallCounts | None:
    """Calls of some days; None where there are none, or the calls have no areas of the level.

    Parameters
    ----------
    reader
        Of a snapshot of calls.
    """
    if level in reader.snapshot.manifest.views_off:
        return None
    statement = load("fairness/calls", area=f'"{level}"')
    found = reader.frame(statement, {"first": first, "last": last})
    if found.is_empty():
        return None
    since, until = found.select(pl.min("first"), pl.max("last")).row(0)
    return CallCounts(since, until, dict(found.select("area", "calls").iter_rows()))
