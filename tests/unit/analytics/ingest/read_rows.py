"""Rows of a file as a source reads them, without a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analytics.ingest.inputs import expand
from analytics.ingest.normalize import FileCounts, create_incoming, normalize
from analytics.ingest.read import map_columns, read
from analytics.sources.source import Source

SOURCE = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "incident"
"""


@dataclass(frozen=True)
class Rows:
    """Rows of the accepted incidents, reasons of refused rows by line, malformed rows by file."""

    found: list[tuple[Any, ...]]
    refused: list[tuple[int, str]]
    counts: list[FileCounts]
    faults: list[int]


def source_of(toml: str, folder: Path = Path()) -> Source:
    return Source.parse(SOURCE + toml, folder / "town.toml")


def read_rows(path: Path, toml: str, columns: str) -> Rows:
    """Read a file by a source of which `toml` holds the keys after the required ones."""
    source = source_of(toml, path.parent)
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    counts, faults = [], []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        create_incoming(connection, source)
        for number, given in enumerate(expand([path], work)):
            table = read(connection, given, source, work / f"{number}.parquet")
            faults += [table.faults] if table else []
            if table is not None and table.rows:
                at = map_columns(table, source, given.name)
                counts.append(
                    normalize(connection, table, at, source, name=given.name, number=number)
                )
        found = connection.execute(
            f"SELECT {columns} FROM incoming ORDER BY _file, _row"
        ).fetchall()
        refused = connection.execute("SELECT line, reason FROM refused ORDER BY line").fetchall()
        return Rows(found, refused, counts, faults)
