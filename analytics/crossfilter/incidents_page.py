"""The incidents of a selection: a page for the table, or all for an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX, BASE_COLUMNS, DERIVED_COLUMNS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import ROW_RANGE
from sql import load

MAX_ROWS = 1_000
"""Most incidents in one page."""


@dataclass(frozen=True)
class PageDays:
    """Days that hold a page of incidents sorted by time, and how many incidents come before them.

    The snapshot is stored by time, so a few days are found without reading the rest.
    """

    first: date
    last: date
    skipped: int

    @classmethod
    def of(
        cls, days: pl.DataFrame, *, offset: int, limit: int, descending: bool
    ) -> PageDays | None:
        """Find the days in the view `day` of the same selection, limited to its period.

        None if the page includes incidents of an unknown day.
        """
        known = days.drop_nulls("day").sort("day", descending=descending)
        through = known["incidents"].cum_sum()
        reached = known.filter((through > offset) & (through - known["incidents"] < offset + limit))
        if reached.is_empty() or int(through[-1]) < offset + limit:
            return None
        skipped = known.filter(through <= offset)["incidents"].sum()
        first, last = sorted((reached["day"][0], reached["day"][-1]))
        return cls(first, last, int(skipped))


def columns_of(manifest: Manifest) -> tuple[str, ...]:
    """Columns of an incident: base, derived, and further attributes as attr_<name>."""
    attributes = (ATTRIBUTE_PREFIX + attribute.name for attribute in manifest.attributes)
    return (*BASE_COLUMNS, *DERIVED_COLUMNS, *attributes)


def page(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    *,
    sort: str = "occurred_from",
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
    columns: Sequence[str] | None = None,
    days: PageDays | None = None,
) -> pl.DataFrame:
    """Up to `limit` incidents from `offset` on; `limit` is at most `MAX_ROWS`.

    Equal values are sorted newest first, then by id, so that pages never overlap. `days` are the
    days known to hold the page; they only speed up a sort by occurred_from.

    Raises
    ------
    InputError
        A column does not exist, or `offset` or `limit` is out of range.
    """
    if offset < 0 or not 0 < limit <= MAX_ROWS:
        raise InputError(f"A page has 1 to {MAX_ROWS} incidents and starts at 0 or later.")
    where = conditions_of(reader).where(scope, selection)
    params = {"rows": limit, "offset": offset, **where.params}
    conditions = where.sql
    if days and sort == "occurred_from":
        conditions = f"({conditions}) AND operational_day BETWEEN $page_first AND $page_last"
        params |= {"page_first": days.first, "page_last": days.last}
        params["offset"] = offset - days.skipped
    statement = _list_statement(reader, columns, sort, conditions, descending=descending)
    return reader.frame(statement, params)


@dataclass(frozen=True)
class Rows:
    """Some rows of a list of incidents: its columns and order, and where they begin and end."""

    columns: tuple[str, ...]
    sort: str
    descending: bool
    offset: int
    limit: int


def listed_batches(
    reader: SnapshotReader, scope: Scope, selection: Selection, rows: Rows, size: int = 20_000
) -> Iterator[pl.DataFrame]:
    """Rows of the list that `page` shows a page of, in its order, about `size` at a time.

    Raises
    ------
    InputError
        A column does not exist.
    """
    where = conditions_of(reader).where(scope, selection)
    statement = _list_statement(
        reader, rows.columns, rows.sort, where.sql, descending=rows.descending
    )
    params = {"rows": rows.limit, "offset": rows.offset, **where.params}
    return _stream(reader, statement, params, size)


def batches(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    columns: Sequence[str] | None = None,
    size: int = 20_000,
) -> Iterator[pl.DataFrame]:
    """All incidents of a selection, about `size` at a time, in the order of storage.

    Only a few batches are held in memory, since nothing is sorted: incidents are stored by time
    and id, those that small loads added behind the others. Other machines may read ranges of them.

    Raises
    ------
    InputError
        A column does not exist.
    """
    where = conditions_of(reader).where(scope, selection)
    quoted, name = _quoted(reader, columns), "crossfilter/incidents_stream"
    if reader.elsewhere is not None:
        ranged = load(name, columns=quoted, conditions=f"({where.sql}) AND {ROW_RANGE}")
        found = reader.elsewhere.in_order(ranged, where.params)
        if found is not None:
            return (batch for frame in found for batch in frame.iter_slices(size))
    return _stream(reader, load(name, columns=quoted, conditions=where.sql), where.params, size)


def rows_after(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    columns: Sequence[str],
    *,
    after: int,
    limit: int,
) -> pl.DataFrame:
    """Up to `limit` incidents in the order of storage, with their number `row`.

    Only those with a higher number than `after`, so that a page costs the same wherever it begins;
    the first one is 0.

    Raises
    ------
    InputError
        A column does not exist.
    """
    where = conditions_of(reader).where(scope, selection)
    statement = load(
        "crossfilter/incidents_after", columns=_quoted(reader, columns), conditions=where.sql
    )
    return reader.frame(statement, {"after": after, "rows": limit, **where.params})


def _list_statement(
    reader: SnapshotReader,
    columns: Sequence[str] | None,
    sort: str,
    conditions: str,
    *,
    descending: bool,
) -> str:
    """SQL of a sorted list; binds rows, offset and the values of the conditions."""
    return load(
        "crossfilter/incidents_page",
        columns=_quoted(reader, columns),
        sort=_quoted(reader, [sort]),
        direction="DESC" if descending else "ASC",
        conditions=conditions,
    )


def _stream(
    reader: SnapshotReader, statement: str, params: dict[str, object], size: int
) -> Iterator[pl.DataFrame]:
    # A separate cursor: the thread's may run other queries between two batches.
    with reader.cursor().cursor() as cursor:
        cursor.execute("USE snapshot")
        with reader.watched():
            relation = cursor.sql(statement, params=params)
            for batch in relation.to_arrow_reader(size) if relation else ():
                frame = pl.from_arrow(batch)
                if isinstance(frame, pl.DataFrame) and frame.height:
                    yield frame


def _quoted(reader: SnapshotReader, columns: Sequence[str] | None) -> str:
    known = columns_of(reader.snapshot.manifest)
    for column in columns or ():
        if column not in known:
            raise InputError(f"Column not found: {column[:60]!r}; choose from {', '.join(known)}.")
    return ", ".join(f'"{column}"' for column in columns or known)
