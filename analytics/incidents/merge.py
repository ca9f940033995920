"""Merge what was read with what is stored: one row per id, the newest wins.

Makes table `merged` of `incoming`. The outcome does not depend on the order of files or rows: of
rows with one id the newest `updated` wins, then the higher content hash.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analytics.incidents.normalise import hash_sql, stored_columns
from analytics.incidents.source import Source
from analytics.incidents.tables import first_row
from sql import load


@dataclass(frozen=True)
class Merged:
    """Rows read, by what became of them."""

    new: int
    updated: int
    duplicates: int

    @property
    def accepted(self) -> int:
        return self.new + self.updated


def merge(connection: duckdb.DuckDBPyConnection, source: Source, has_stored: bool) -> Merged:
    """Turn `incoming` into `merged`.

    Parameters
    ----------
    has_stored : bool
        A snapshot whose incidents are to be kept is attached as `stored`.
    """
    rows, ids = first_row(connection, "count_ids")
    if rows != ids:
        connection.execute(load("incidents/winners"))
        connection.execute(load("incidents/keep_winners"))
    new, updated = ids, 0
    if has_stored:
        new, updated = _merge_stored(connection, source)
    connection.execute(load("incidents/rename_merged"))
    return Merged(new, updated, rows - new - updated)


def _merge_stored(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[int, int]:
    names = {
        "hash": hash_sql(source),
        "stored": _stored_sql(connection, source),
        "columns": ", ".join(stored_columns(source)),
    }
    later_wins = "updated" not in source.dates
    verdicts = load("incidents/verdicts", **names)
    connection.execute(verdicts, {"later_wins": later_wins})
    counts = dict(connection.execute(load("incidents/count_verdicts")).fetchall())
    if counts.get("duplicate"):
        connection.execute(load("incidents/drop_duplicates"))
    connection.execute(load("incidents/add_stored", **names))
    return counts.get("new", 0), counts.get("updated", 0)


def _stored_sql(connection: duckdb.DuckDBPyConnection, source: Source) -> str:
    found = connection.execute(load("incidents/stored_columns")).fetchall()
    present = {name for (name,) in found}
    columns = [
        name if name in present else f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in stored_columns(source).items()
    ]
    return load("incidents/stored", columns=", ".join(columns))
