"""Texts that differ only in capitals are one value: `W Belmont Ave` and `W BELMONT AVE`."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from analytics.ingest.merge import columns_of_stored
from analytics.ingest.normalize import folded_columns
from analytics.ingest.report import Note, NoteKind
from analytics.sources.source import Source
from sql import load

CAPITALS_VERSION = 1
NOT_USED = "SELECT NULL AS text WHERE false"


def unify_capitals(
    connection: duckdb.DuckDBPyConnection, source: Source, in_use: Mapping[str, str]
) -> list[Note]:
    """Spell each text of `merged` in one way, and say where spellings differed.

    Parameters
    ----------
    in_use
        Column → query of the spellings (`text`) that a snapshot has. One of them is taken, since
        saved filters and links name it; else the one that is most frequent.
    """
    notes = []
    for column in folded_columns(source):
        used = in_use.get(column, NOT_USED)
        connection.execute(load("derive/find_spellings", column=f'"{column}"', used=used))
        others = connection.execute(load("derive/count_spellings")).fetchall()[0][0]
        if others:
            connection.execute(load("derive/unify_spellings", column=f'"{column}"'))
            notes.append(Note(NoteKind.CAPITALS, column.removeprefix("attr_"), others))
    return notes


def spellings_of_stored(
    connection: duckdb.DuckDBPyConnection, source: Source, has_stored: bool
) -> dict[str, str]:
    """The spellings in use in the snapshot attached as `stored`, if there is one."""
    stored = columns_of_stored(connection, source) if has_stored else frozenset()
    return {
        column: f'SELECT DISTINCT "{column}" AS text FROM stored.{source.kind.name}'
        for column in folded_columns(source)
        if column in stored
    }
