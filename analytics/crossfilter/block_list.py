"""The hottest blocks of a selection: whatever a source publishes as the place of an incident.

That is a hundred block in Chicago, an intersection in San Francisco, an address in Denver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.crossfilter.clauses import Period, Words
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.incidents.reader import SnapshotReader
from sql import load

BLOCKS = view("block")
LISTED = 200
"""Most blocks in a list."""
SORTS = ("incidents", "last_28", "year_to_date", "harm", "days_since", "block")
_ASCENDING = ("days_since", "block")


@dataclass(frozen=True)
class BlockList:
    """Blocks of a selection, sorted.

    Attributes
    ----------
    rows
        At most `LISTED`: block, incidents, last_28, year_to_date, harm (days of sentence) and
        days_since (from the last incident to the last day of the data). Only `incidents` and
        `harm` apply the selection's period; all columns apply its other filters, but for the one
        on blocks.
    blocks
        How many there are.
    """

    rows: pl.DataFrame
    blocks: int


def block_list(
    reader: SnapshotReader, crossfilter: CrossFilter, selection: Selection, sort: str = "incidents"
) -> BlockList:
    """The hottest blocks by one of `SORTS`; ties by incidents, then by name."""
    chosen = selection.without({"block"})

    def counted(selected: Selection) -> pl.DataFrame:
        return crossfilter.counts(EVERYTHING, selected, [BLOCKS])[BLOCKS.name]

    rows = counted(chosen).drop("arrests")
    for name, relative in (("last_28", "last28d"), ("year_to_date", "ytd")):
        recent = counted(chosen.replace("date", Period(relative=relative)))
        rows = rows.join(
            recent.select("block", pl.col("incidents").alias(name)), on="block", how="left"
        )
    rows = rows.with_columns(pl.col("last_28", "year_to_date").fill_null(0))
    blocks = rows.height
    if sort == "days_since":
        rows = _with_days_since(reader, chosen, rows, ())
        return BlockList(_sorted(rows, sort), blocks)
    rows = _sorted(rows, sort)
    return BlockList(_with_days_since(reader, chosen, rows, rows["block"].to_list()), blocks)


def block_places(reader: SnapshotReader) -> pl.DataFrame:
    """The fullest place of every block that has one: block, lat, lon.

    A median would hold all incidents in memory, and a mean may lie where there is no street.
    """
    return reader.frame(load("crossfilter/block_places"))


def _sorted(rows: pl.DataFrame, sort: str) -> pl.DataFrame:
    by = list(dict.fromkeys([sort, "incidents", "block"]))
    descending = [name not in _ASCENDING for name in by]
    return rows.sort(by, descending=descending, nulls_last=True).head(LISTED)


def _with_days_since(
    reader: SnapshotReader, selection: Selection, rows: pl.DataFrame, blocks: Sequence[str]
) -> pl.DataFrame:
    """Add `days_since` to rows; `blocks` are theirs, if they are not all."""
    undated = selection.without({"date"})
    where = conditions_of(reader).where(
        EVERYTHING, undated.replace("block", Words(tuple(blocks))) if blocks else undated
    )
    last = reader.frame(load("crossfilter/last_days", conditions=where.sql), where.params)
    end = reader.snapshot.manifest.last_day
    days = (pl.lit(end) - pl.col("last")).dt.total_days().alias("days_since")
    return rows.join(last.select("block", days), on="block", how="left", maintain_order="left")
