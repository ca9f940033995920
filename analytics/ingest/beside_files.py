"""What a feed says beside its files: records that its source deleted, and lines it refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sql import load

DELETED = "deleted by the source"


@dataclass(frozen=True)
class BesideFiles:
    """What an ingest takes from a feed beside files.

    Attributes
    ----------
    deleted : ids, as they are stored, that the next snapshot leaves out
    resent : ids, as they are stored, that the source deleted and then sent again: what is read of
        them replaces what is stored, however new that is; without a usable row they are deleted
    refused : JSON lines with line, reason and raw, for the quarantine
    """

    deleted: Collection[str] = ()
    refused: Path | None = None
    resent: Collection[str] = ()


NOTHING_BESIDE = BesideFiles()


def resent_in_vain(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Ids of table `resent` without a usable row in `incoming`: only their deletion counts."""
    return {id for (id,) in connection.execute(load("incidents/resent_without_row")).fetchall()}


def has_any(
    connection: duckdb.DuckDBPyConnection, deleted: Collection[str], stored: str | None
) -> bool:
    """Whether a record of `merged`, or of table `stored` of the stored snapshot, was deleted.

    A source may send the same deletions again and again.
    """
    if not deleted:
        return False
    connection.execute(load("incidents/create_deleted"), {"ids": sorted(deleted)})
    tables = ["merged", *([f"stored.{stored}"] if stored else [])]
    return any(
        connection.execute(load("incidents/has_deleted", table=table)).fetchall()
        for table in tables
    )


def leave_out_deleted(
    connection: duckdb.DuckDBPyConnection, batch: str, deleted: Collection[str]
) -> int:
    """Move the records of `merged` that the source deleted to the quarantine; returns how many.

    A snapshot that was published before keeps them: what a source deletes is not retracted.
    """
    if not deleted:
        return 0
    connection.execute(load("incidents/create_deleted"), {"ids": sorted(deleted)})
    values = {"batch": batch, "file": DELETED, "reason": DELETED}
    connection.execute(load("incidents/quarantine_deleted"), values)
    ((dropped,),) = connection.execute(load("incidents/drop_deleted")).fetchall()
    return int(dropped)
