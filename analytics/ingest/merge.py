"""Merge the rows read with those stored: one row per id, the newest wins.

Turns table `incoming` into `merged`, first with the new and changed records alone. The outcome does
not depend on the order of files or rows: among rows with the same id, the newest `updated` wins,
then the higher content hash. A losing row is a duplicate only if it equals the winner; otherwise
the report lists it as differing. Of an id in table `resent` the row read wins over the stored one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from analytics.incidents.manifest import Differing
from analytics.ingest.normalize import hash_sql, stored_columns
from analytics.ingest.tables import first_row
from analytics.sources.source import Source
from sql import load

SAMPLES = 5
REPEATED = "id repeated with other content"


@dataclass(frozen=True)
class Merged:
    """Numbers of rows by outcome.

    `duplicates` equal a kept incident; `differing` have the id of a kept incident but other
    content. `samples` are the first differing ones of this load.
    """

    new: int
    updated: int
    duplicates: int
    differing: int = 0
    samples: tuple[Differing, ...] = ()

    @property
    def accepted(self) -> int:
        return self.new + self.updated


def merge(
    connection: duckdb.DuckDBPyConnection, source: Source, has_stored: bool, files: Sequence[str]
) -> Merged:
    """Turn `incoming` into `merged`: the records that are new or replace a stored one.

    Parameters
    ----------
    has_stored : bool
        Whether a snapshot whose incidents are kept is attached as `stored`. Then table `earlier`
        has the stored records with an id that was read: position in storage, id, updated, row_hash.
    files
        Names of the files by number.
    """
    rows, ids = first_row(connection, "count_ids")
    duplicates = differing = 0
    samples: tuple[Differing, ...] = ()
    if rows != ids:
        connection.execute(load("incidents/winners"))
        connection.execute(load("incidents/losers"))
        duplicates, differing = first_row(connection, "count_losers")
        if differing:
            samples = _samples(connection, source, files)
        connection.execute(load("incidents/keep_winners"))
    new, updated = ids, 0
    if has_stored:
        counts = _compare(connection, source)
        new, updated = counts.get("new", 0), counts.get("updated", 0)
        duplicates += counts.get("duplicate", 0)
        differing += counts.get("older", 0)
    connection.execute(load("incidents/rename_merged"))
    return Merged(new, updated, duplicates, differing, samples)


def mark_repeats(
    connection: duckdb.DuckDBPyConnection, source: Source, has_stored: bool, column: str | None
) -> dict[int, int]:
    """Give rows of `incoming` a reason to be refused if their id has other content elsewhere.

    Returns how many there are, by the number of their file.
    """
    none = "SELECT NULL AS id, NULL AS row_hash WHERE false"
    stored = f"SELECT id, {hash_sql(source)} AS row_hash FROM ({_stored_sql(connection, source)})"
    statement = load("incidents/refuse_repeats", stored=stored if has_stored else none)
    connection.execute(statement, {"reason": REPEATED, "column": column})
    return dict(connection.execute(load("incidents/reasons_by_file")).fetchall())


def _samples(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[str]
) -> tuple[Differing, ...]:
    differences = ", ".join(
        f"CASE WHEN lost.{name} IS DISTINCT FROM kept.{name} THEN '{name}' END"
        for name in stored_columns(source)
    )
    statement = load("incidents/differing_rows", differences=differences)
    rows = connection.execute(statement, {"most": SAMPLES}).fetchall()
    return tuple(
        Differing(identifier, files[kept], kept_line, files[lost], lost_line, tuple(columns))
        for identifier, kept, kept_line, lost, lost_line, columns in rows
    )


def add_stored(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Add to `merged` the stored records that nothing replaces."""
    names = {
        "hash": hash_sql(source),
        "stored": _stored_sql(connection, source),
        "columns": ", ".join(stored_columns(source)),
    }
    connection.execute(load("incidents/add_stored", **names))


def _compare(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, int]:
    """Count the rows of `incoming` by verdict, and drop those that lose."""
    names = {
        "hash": hash_sql(source),
        "stored": _stored_sql(connection, source),
        "table": source.kind.name,
    }
    connection.execute(load("incidents/earlier", **names))
    later_wins = "updated" not in source.dates
    connection.execute(load("incidents/verdicts"), {"later_wins": later_wins})
    counts = dict(connection.execute(load("incidents/count_verdicts")).fetchall())
    if counts.get("duplicate") or counts.get("older"):
        connection.execute(load("incidents/drop_losers"))
    return counts


def columns_of_stored(connection: duckdb.DuckDBPyConnection, source: Source) -> frozenset[str]:
    """Columns that the table of records has in the attached snapshot `stored`."""
    found = connection.execute(
        load("incidents/stored_columns"), {"table": source.kind.name}
    ).fetchall()
    return frozenset(name for (name,) in found)


def _stored_sql(connection: duckdb.DuckDBPyConnection, source: Source) -> str:
    present = columns_of_stored(connection, source)
    columns = [
        f"CAST({name if name in present else 'NULL'} AS {kind}) AS {name}"
        for name, kind in stored_columns(source).items()
    ]
    return load("incidents/stored", columns=", ".join(columns), table=source.kind.name)
