"""Statements whose answers for ranges of rows come one after the other, or add up.

Other machines that have the same snapshot may answer for a range each. Counts and whole sums by
group add up. Distinct values, medians, most frequent values and rows that a method needs as a whole
do not; those are read on one machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from sql import load

if TYPE_CHECKING:
    from analytics.incidents.reader import SnapshotReader

ROW_RANGE = "rowid BETWEEN $first_row AND $last_row"
"""Condition of a range, whose ends are bound; rowid is the order of storage."""


class RowsElsewhere(Protocol):
    """Other machines that may answer statements of ranges."""

    def in_order(self, statement: str, params: Mapping[str, Any]) -> Iterator[pl.DataFrame] | None:
        """Answers of small ranges in the order of storage; None if this machine should answer."""

    def shares(self, statement: str, params: Mapping[str, Any]) -> list[pl.DataFrame] | None:
        """The answer of each machine for its share; None if this machine should answer."""


def added_up(
    reader: SnapshotReader,
    name: str,
    conditions: str,
    params: Mapping[str, Any],
    measures: Sequence[str] = ("count",),
    **identifiers: str,
) -> pl.DataFrame:
    """Whole numbers by group, sorted by the groups, unknown ones last.

    Parameters
    ----------
    name : str
        Statement in `sql/` with the placeholder `conditions`, of counts or sums of whole numbers.
    measures : sequence of str
        Columns that add up; all others are those of the groups.
    """
    shares = None
    if reader.elsewhere is not None:
        ranged = load(name, conditions=f"({conditions}) AND {ROW_RANGE}", **identifiers)
        shares = reader.elsewhere.shares(ranged, params)
    if shares is None:
        shares = [reader.frame(load(name, conditions=conditions, **identifiers), params)]
    found = pl.concat(shares)
    groups = [column for column in found.columns if column not in measures]
    if len(shares) > 1:
        found = found.group_by(groups).agg(pl.col(*measures).sum()).select(found.columns)
    return found.sort(groups, nulls_last=True)
