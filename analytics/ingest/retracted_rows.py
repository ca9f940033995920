"""Remove rows of retracted incidents from the files as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from analytics.incidents.retracted import RetractedIds
from analytics.ingest.expressions import Expressions
from analytics.ingest.normalize import create_incoming, normalize
from analytics.ingest.read import map_columns
from analytics.ingest.tables import LINE, InputTable
from analytics.sources.source import Source
from analytics.stored import replacing
from sql import load

READ = "[0-9]*-*.parquet"
REFUSED = "quarantine.parquet"
_PARQUET = (".parquet", ".pq")


def clean_load(folder: Path, listed: RetractedIds, marks: str) -> int:
    """Clean the folder of one load; returns how many rows were removed.

    `marks` is a pattern: refused rows that match it go too.
    """
    path = folder / "source.toml"
    source = Source.parse(path.read_text(encoding="utf-8"), path)
    removed = 0
    with closing(_connect()) as connection:
        for file in sorted(folder.glob(READ)):
            removed += _clean_file(connection, file, source, listed)
        if (folder / REFUSED).exists():
            removed += _clean_refused(connection, folder / REFUSED, marks)
    return removed


def leave_out(
    connection: duckdb.DuckDBPyConnection, raw: Path, source: Source, listed: RetractedIds
) -> int:
    """Remove rows of retracted incidents from `incoming` and the raw files of a load being made.

    Returns how many there were.
    """
    if not listed.hashes:
        return 0
    statement = load("retraction/drop_incoming", condition=listed.condition("id"))
    ((dropped,),) = connection.execute(statement, listed.values).fetchall()
    if dropped:
        with closing(_connect()) as other:
            for file in sorted(raw.glob(READ)):
                _clean_file(other, file, source, listed)
    return int(dropped)


def _clean_file(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, listed: RetractedIds
) -> int:
    """Remove the rows of one file; the others keep their line numbers."""
    table = _table(connection, path)
    positions = map_columns(table, source, path.name)
    gone = _rows_of_ids(connection, table, positions, source, listed)
    if not gone:
        return 0
    columns = "* EXCLUDE (file_row_number)"
    if table.first_line is not None:
        columns = f'{table.line_sql} AS "{LINE}", * EXCLUDE (file_row_number)'
    statement = load("retraction/keep_rows", columns=columns)
    with replacing(path) as target:
        connection.execute(statement, {"path": str(path), "target": str(target), "gone": gone})
    return len(gone)


def _rows_of_ids(
    connection: duckdb.DuckDBPyConnection,
    table: InputTable,
    positions: Mapping[str, int],
    source: Source,
    listed: RetractedIds,
) -> list[int]:
    path = {"path": str(table.path)}
    found: set[int] = set()
    if "id" in positions:
        expressions = Expressions(source, positions)
        condition = listed.condition(expressions.text("id"))
        statement = load("retraction/rows_of_ids", names=table.names_sql, condition=condition)
        values = {**path, **listed.values, **expressions.values}
        found |= {row[0] for row in connection.execute(statement, values).fetchall()}
    if source.missing_id == "content":
        create_incoming(connection, source)
        normalize(connection, table, positions, source, name=table.path.name, number=0)
        statement = load("retraction/lines_of_ids", condition=listed.condition("id"))
        lines = [row[0] for row in connection.execute(statement, listed.values).fetchall()]
        statement = load("retraction/rows_of_lines", names=table.names_sql, line=table.line_sql)
        found |= {
            row[0] for row in connection.execute(statement, {**path, "lines": lines}).fetchall()
        }
    return sorted(found)


def _clean_refused(connection: duckdb.DuckDBPyConnection, path: Path, marks: str) -> int:
    values = {"path": str(path), "marks": marks}
    ((found,),) = connection.execute(load("retraction/count_refused"), values).fetchall()
    if found:
        with replacing(path) as target:
            connection.execute(load("retraction/keep_refused"), {**values, "target": str(target)})
    return int(found)


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")  # as at ingest
    return connection


def _table(connection: duckdb.DuckDBPyConnection, path: Path) -> InputTable:
    found = connection.execute(load("incidents/parquet_columns"), {"path": str(path)}).fetchall()
    names = [name for name, _ in found]
    if names[:1] == [LINE]:
        return InputTable(path, tuple(names[1:]), 0, first_line=None)
    first = 1 if path.name.endswith(tuple(f"{ending}.parquet" for ending in _PARQUET)) else 2
    return InputTable(path, tuple(names), 0, first_line=first)
