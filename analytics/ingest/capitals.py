"""Texts that differ only in capitals are one value: `W Belmont Ave` and `W BELMONT AVE`."""

from __future__ import annotations

import duckdb

from analytics.ingest.merge import columns_of_stored
from analytics.ingest.normalize import folded_columns
from analytics.ingest.report import Note, NoteKind
from analytics.sources.source import Source
from sql import load

CAPITALS_VERSION = 1


def unify_capitals(
    connection: duckdb.DuckDBPyConnection, source: Source, *, has_stored: bool
) -> list[Note]:
    """Spell each text of `merged` in one way, and say where spellings differed.

    That of the snapshot attached as `stored`, if there is one: saved filters and links name it.
    Else the one that is most frequent.
    """
    stored = columns_of_stored(connection, source) if has_stored else frozenset()
    notes = []
    for column in folded_columns(source):
        used = f'SELECT "{column}" FROM stored.{source.kind.name}' if column in stored else "NULL"
        connection.execute(load("derive/find_spellings", column=f'"{column}"', used=used))
        others = connection.execute(load("derive/count_spellings")).fetchall()[0][0]
        if others:
            connection.execute(load("derive/unify_spellings", column=f'"{column}"'))
            notes.append(Note(NoteKind.CAPITALS, column.removeprefix("attr_"), others))
    return notes
