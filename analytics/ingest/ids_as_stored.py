"""Ids as a source writes them → ids as they are stored."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

import duckdb

from analytics.incidents.warehouse import Snapshot
from analytics.ingest.expressions import Expressions
from analytics.ingest.normalize import DIGITS
from analytics.sources.source import Source
from sql import load


def ids_as_stored(source: Source, ids: Collection[str], snapshot: Snapshot | None) -> set[str]:
    """The ids under which records with these ids are stored, padded and labeled as at ingest.

    A source that keeps every record of a repeated id stores each under an id of its own: those of
    `snapshot`.
    """
    found = set(padded_ids(source, ids).values())
    if not found or source.on_repeat != "keep_all" or snapshot is None:
        return found
    return {id for id in ids_of(snapshot) if id[: -DIGITS - 1] in found}


def padded_ids(source: Source, ids: Collection[str]) -> dict[str, str]:
    """Each id as the source writes it → padded and labeled as at ingest.

    Those that the source writes for none are left out.
    """
    if not ids:
        return {}
    expressions = Expressions(source, {"id": 0})
    statement = load("incidents/ids_as_stored", id=expressions.text("id"))
    with closing(duckdb.connect(":memory:")) as connection:
        values = {"ids": sorted(set(ids)), **expressions.values}
        return dict(connection.execute(statement, values).fetchall())


def ids_of(snapshot: Snapshot) -> set[str]:
    """The ids of a snapshot's incidents or calls."""
    table = snapshot.manifest.source.kind
    with closing(duckdb.connect(str(snapshot.database), read_only=True)) as connection:
        rows = connection.execute(load("incidents/all_ids", table=table)).fetchall()
    return {id for (id,) in rows}


def count_of(snapshot: Snapshot, ids: Collection[str]) -> int:
    """How many records of a snapshot have these ids, as they are stored."""
    statement = load("incidents/count_of_ids", table=snapshot.manifest.source.kind)
    with closing(duckdb.connect(str(snapshot.database), read_only=True)) as connection:
        ((count,),) = connection.execute(statement, {"ids": sorted(ids)}).fetchall()
    return int(count)
