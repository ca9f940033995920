"""The quarantine: refused rows, complete, with file, line and reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from analytics.formula_free import formula_free
from analytics.incidents.reader import SnapshotReader
from analytics.ingest.tables import first_row
from sql import load

EXAMPLES = 5
COLUMNS = ("batch", "file", "line", "reason", "column", "value", "raw")
EXPORT_ROWS = 10_000


@dataclass(frozen=True)
class Refused:
    """Refused rows of one ingest by reason, and the first of them.

    `column` is the one that most rows with the most frequent reason are due to.
    """

    rows: int
    reasons: dict[str, int]
    examples: tuple[dict[str, Any], ...]
    column: str | None = None


def refuse_malformed(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Add a file's malformed rows, JSON lines with line, reason and raw, to `refused`."""
    values = {"path": str(path), "name": name}
    connection.execute(load("incidents/refuse_malformed"), values)


def refused_so_far(connection: duckdb.DuckDBPyConnection) -> Refused:
    """Rows that the running ingest has refused."""
    reasons = dict(connection.execute(load("incidents/refused_reasons")).fetchall())
    rows = connection.execute(load("incidents/refused_examples"), {"most": EXAMPLES}).fetchall()
    names = ("file", "line", "reason", "column", "value")
    examples = tuple(dict(zip(names, row, strict=True)) for row in rows)
    column = first_row(connection, "refused_column")[0] if reasons else None
    return Refused(sum(reasons.values()), reasons, examples, column)


def write_quarantine(connection: duckdb.DuckDBPyConnection, batch: str, has_stored: bool) -> int:
    """Create table `quarantine` of rows refused earlier and now; returns how many are new.

    A row that is refused again, from a file of the same name and line, is stored once.
    """
    connection.execute(load("incidents/create_quarantine"))
    if has_stored:
        connection.execute(load("incidents/keep_quarantine"))
    connection.execute(load("incidents/add_quarantine"), {"batch": batch})
    return int(first_row(connection, "count_quarantine", {"batch": batch})[0])


def quarantine_counts(reader: SnapshotReader, *, batch: str | None = None) -> pl.DataFrame:
    """Number of refused rows; columns batch, file, reason and rows."""
    return reader.frame(load("incidents/quarantine_counts"), {"batch": batch})


def quarantined(
    reader: SnapshotReader, *, batch: str | None = None, offset: int = 0, limit: int = 100
) -> pl.DataFrame:
    """A page of refused rows, ordered by batch, file and line; columns are COLUMNS."""
    values = {"batch": batch, "offset": offset, "limit": limit}
    return reader.frame(load("incidents/quarantine_rows"), values)


def export_quarantine(reader: SnapshotReader, path: Path, batch: str | None = None) -> int:
    """Write refused rows to a file, CSV or (by its suffix) JSON lines; returns how many."""
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        lines = path.suffix in (".jsonl", ".ndjson")
        writer = csv.DictWriter(handle, COLUMNS)
        if not lines:
            writer.writeheader()
        for row in all_quarantined(reader, batch):
            rows += 1
            if lines:
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
            else:
                writer.writerow({name: _cell(value) for name, value in row.items()})
    return rows


def _cell(value: Any) -> Any:
    return formula_free(value) if isinstance(value, str) else value


def all_quarantined(reader: SnapshotReader, batch: str | None = None) -> Iterator[dict[str, Any]]:
    """Every refused row, in that order."""
    offset = 0
    while True:
        page = quarantined(reader, batch=batch, offset=offset, limit=EXPORT_ROWS)
        yield from page.iter_rows(named=True)
        if len(page) < EXPORT_ROWS:
            return
        offset += EXPORT_ROWS
