"""The result of reading a file: a Parquet file of text columns, and malformed rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from sql import load

LINE = "_line"
_PARQUET = tuple(f"{ending}.parquet" for ending in (".parquet", ".pq"))
CHUNK = 1 << 22
"""Bytes of a file that are read at a time."""


@dataclass(frozen=True)
class InputTable:
    """Rows of one input file.

    `first_line` is the line of the first row if each row is one line; None if the Parquet file's
    first column holds the line of each row. `malformed` is a file of JSON lines with the keys
    line, reason and raw; `nested` are columns of lists or records.
    """

    path: Path
    columns: tuple[str, ...]
    rows: int
    first_line: int | None
    malformed: Path | None = None
    faults: int = 0
    latin1_lines: int = 0
    nested: frozenset[str] = frozenset()

    @property
    def read(self) -> int:
        return self.rows + self.faults

    @property
    def line_sql(self) -> str:
        """SQL of a row's line in `read_parquet(…, file_row_number = true)`."""
        if self.first_line is None:
            return f"CAST({LINE} AS BIGINT)"
        return f"CAST(file_row_number + {int(self.first_line)} AS BIGINT)"

    @property
    def names_sql(self) -> str:
        """Positional names c0, c1, … of the columns, with the line's column."""
        names = [f"c{number}" for number in range(len(self.columns))]
        return ", ".join(names if self.first_line is not None else [LINE, *names])


def remove(table: InputTable) -> None:
    """Remove the files of a table that is not used."""
    table.path.unlink()
    if table.malformed is not None:
        table.malformed.unlink()


def stored_table(connection: duckdb.DuckDBPyConnection, path: Path) -> InputTable:
    """A file of raw rows as it is stored; its number of rows is not counted."""
    found = connection.execute(load("incidents/parquet_columns"), {"path": str(path)}).fetchall()
    names = [name for name, _ in found]
    if names[:1] == [LINE]:
        return InputTable(path, tuple(names[1:]), 0, first_line=None)
    return InputTable(path, tuple(names), 0, first_line=1 if path.name.endswith(_PARQUET) else 2)


def first_row(
    connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, Any] | None = None
) -> tuple[Any, ...]:
    """The only row of a statement in sql/incidents."""
    return one_row(connection, f"incidents/{name}", values)


def one_row(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    values: Mapping[str, Any] | None = None,
    **identifiers: str,
) -> tuple[Any, ...]:
    """The only row of a statement in sql/.

    All rows are fetched, since DuckDB 2.0 refuses the next query while a result is unfinished.
    """
    rows = connection.execute(load(name, **identifiers), dict(values or {})).fetchall()
    return tuple(rows[0])
