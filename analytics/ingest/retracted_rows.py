"""Remove rows of retracted incidents from the files as they were read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from analytics.incidents.retracted import RetractedIds
from analytics.ingest.beside_files import DELETED
from analytics.ingest.expressions import Expressions
from analytics.ingest.json_file import read_json
from analytics.ingest.normalize import create_incoming, normalize
from analytics.ingest.read import map_columns
from analytics.ingest.tables import LINE, InputTable, stored_table
from analytics.sources.source import Source
from analytics.stored import replacing
from sql import load

READ = "[0-9]*-*.parquet"
REFUSED = "quarantine.parquet"
SOURCE = "source.toml"


def clean_load(folder: Path, listed: RetractedIds, marks: str) -> int:
    """Clean the folder of one load; returns how many rows were removed.

    `marks` is a pattern: refused rows that match it go too.
    """
    path = folder / SOURCE
    source = Source.parse(path.read_text(encoding="utf-8"), path)
    removed = 0
    with closing(_connect()) as connection:
        for file in sorted(folder.glob(READ)):
            removed += _clean_file(connection, file, source, listed)
        if (folder / REFUSED).exists():
            removed += _clean_refused(connection, folder / REFUSED, listed, marks)
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


def listed_objects(
    objects: Sequence[Mapping[str, object]], source: Source, listed: RetractedIds
) -> set[int]:
    """Indexes of the objects that would be stored as retracted incidents.

    Raises
    ------
    InputError
        They are not of this source.
    """
    if not objects:
        return set()
    with TemporaryDirectory() as folder, closing(_connect()) as connection:
        path = Path(folder) / "objects.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(one)}\n" for one in objects)
        table = read_json(connection, path, Path(folder) / "objects.parquet", "json_lines")
        positions = map_columns(table, source, path.name)
        return set(_rows_of_ids(connection, table, positions, source, listed))


def _clean_file(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, listed: RetractedIds
) -> int:
    """Remove the rows of one file; the others keep their line numbers."""
    table = stored_table(connection, path)
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


def _clean_refused(
    connection: duckdb.DuckDBPyConnection, path: Path, listed: RetractedIds, marks: str
) -> int:
    condition, named = refused_condition(listed, marks)
    values = {"path": str(path), **named}
    count = load("retraction/count_refused", condition=condition)
    ((found,),) = connection.execute(count, values).fetchall()
    if found:
        keep = load("retraction/keep_refused", condition=condition)
        with replacing(path) as target:
            connection.execute(keep, {**values, "target": str(target)})
    return int(found)


def refused_condition(listed: RetractedIds, marks: str) -> tuple[str, dict[str, object]]:
    """SQL that is true for refused rows that name a retracted incident, and its values.

    They match the pattern `marks`, or are a record that its source deleted.
    """
    deleted = f"(reason = $deleted AND {listed.condition('value')})"
    condition = f"(regexp_matches(concat_ws(' ', value, raw), $marks) OR {deleted})"
    return condition, {"marks": marks, "deleted": DELETED, **listed.values}


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")  # as at ingest
    return connection
