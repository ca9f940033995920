"""The incidents behind the counts: a page of them for the table, all of them for an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX, BASE_COLUMNS, DERIVED_COLUMNS
from analytics.incidents.reader import SnapshotReader
from sql import load

MAX_ROWS = 1_000
"""Most incidents in one page."""


def columns_of(manifest: Manifest) -> tuple[str, ...]:
    """Columns an incident has: base, derived, and further attributes as attr_<name>."""
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
) -> pl.DataFrame:
    """Up to `limit` incidents from `offset` on, of at most `MAX_ROWS`.

    Equal values are sorted by newest first, then by id, so that pages never overlap.

    Raises
    ------
    InputError
        A column is not one, or `offset` or `limit` is out of range.
    """
    if offset < 0 or not 0 < limit <= MAX_ROWS:
        raise InputError(f"A page has 1 to {MAX_ROWS} incidents and starts at 0 or later.")
    where = conditions_of(reader).where(scope, selection)
    statement = load(
        "crossfilter/incidents_page",
        columns=_quoted(reader, columns),
        sort=_quoted(reader, [sort]),
        direction="DESC" if descending else "ASC",
        conditions=where.sql,
    )
    return reader.frame(statement, {"rows": limit, "offset": offset, **where.params})


def batches(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    columns: Sequence[str] | None = None,
    size: int = 20_000,
) -> Iterator[pl.DataFrame]:
    """All incidents of a selection, about `size` at a time, sorted by time and id.

    No more than a few batches are held in memory. The rows come in the order the snapshot stores
    them, which spares a sort of the whole.

    Raises
    ------
    InputError
        A column is not one.
    """
    where = conditions_of(reader).where(scope, selection)
    statement = load(
        "crossfilter/incidents_stream",
        columns=_quoted(reader, columns),
        conditions=where.sql,
    )
    return _stream(reader, statement, where.params, size)


def _stream(
    reader: SnapshotReader, statement: str, params: dict[str, object], size: int
) -> Iterator[pl.DataFrame]:
    # A cursor of its own: the thread's may answer other questions between two batches.
    with reader.cursor().cursor() as cursor:
        cursor.execute("USE snapshot")
        relation = cursor.sql(statement, params=params)
        for batch in relation.to_arrow_reader(size) if relation else ():
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame) and frame.height:
                yield frame


def _quoted(reader: SnapshotReader, columns: Sequence[str] | None) -> str:
    known = columns_of(reader.snapshot.manifest)
    for column in columns or ():
        if column not in known:
            raise InputError(f"There is no column {column[:60]!r}; choose from {', '.join(known)}.")
    return ", ".join(f'"{column}"' for column in columns or known)
