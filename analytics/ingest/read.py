"""Read any input file into a Parquet file of text columns, and map them to a source's fields."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from analytics.errors import InputError
from analytics.ingest.csv_file import read_csv
from analytics.ingest.inputs import Input
from analytics.ingest.json_file import read_json
from analytics.ingest.sheet_file import read_sheet
from analytics.ingest.tables import InputTable, first_row
from analytics.near_name import near_name
from analytics.sources.source import Source
from sql import load

MOST_SHOWN = 50
"""Columns that a message lists, and characters of each."""
_NESTED = re.compile(r"^(STRUCT|MAP|UNION|VARIANT|GEOMETRY)\b|\[\d*\]$")


def read(
    connection: duckdb.DuckDBPyConnection, given: Input, source: Source, target: Path
) -> InputTable | None:
    """Read one file into the Parquet file `target`; None if it is empty or about the data.

    Raises
    ------
    InputError
        The file cannot be read; the message names it.
    """
    try:
        if given.kind in ("empty", "about"):
            return None
        if given.kind == "parquet":
            return _read_parquet(connection, given.path, target)
        if given.kind == "csv":
            return read_csv(
                connection,
                given.path,
                target,
                delimiter=source.delimiter,
                encoding=source.encoding,
                skip_lines=source.skip_lines,
                names=source.header,
            )
        if given.kind == "sheet":
            return read_sheet(
                connection,
                given.path,
                given.sheet,
                target,
                skip_lines=source.skip_lines,
                names=source.header,
            )
        return read_json(connection, given.path, target, given.kind, source.encoding)
    except InputError as error:
        raise InputError(f"{given.name}: {error}") from error


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, target: Path) -> InputTable:
    try:
        found = connection.execute(load("incidents/parquet_columns"), {"path": str(path)})
        kinds = dict(found.fetchall())
        (rows,) = first_row(connection, "count_rows", {"path": str(path)})
    except duckdb.Error as error:
        reason = str(error).replace(f" '{path}'", "").splitlines()[0]
        raise InputError(f"not a readable Parquet file, perhaps cut off: {reason}") from error
    columns = tuple(_plain_columns(kinds))
    if [sql for _, _, sql in columns] == [_quoted(name) for name in kinds]:
        shutil.copyfile(path, target)
    else:
        values = ", ".join(f"{sql} AS {_quoted(name)}" for name, _, sql in columns)
        statement = load("incidents/flatten_parquet", values=values)
        connection.execute(statement, {"path": str(path), "target": str(target)})
    nested = frozenset(name for name, kind, _ in columns if _NESTED.search(kind))
    names = tuple(name for name, _, _ in columns)
    return InputTable(target, names, int(rows), first_line=1, nested=nested)


def _plain_columns(kinds: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name, type and SQL of columns: records as `a.b`, bytes as digits, geometries as WKT."""
    for name, kind in kinds.items():
        sql = _quoted(name)
        if kind == "BLOB":
            yield name, "VARCHAR", f"hex({sql})"
        elif kind.startswith("GEOMETRY"):
            yield name, "VARCHAR", f"CAST({sql} AS VARCHAR)"
        else:
            yield name, kind, sql
        if kind.startswith("STRUCT") and not kind.endswith("]"):
            for inner, inner_kind in _members(kind):
                if not _NESTED.search(inner_kind):
                    yield f"{name}.{inner}", inner_kind, f"{sql}.{_quoted(inner)}"


def _members(kind: str) -> list[tuple[str, str]]:
    """Names and types within a type such as STRUCT(lat DOUBLE, "a b" DECIMAL(3,1))."""
    return [(name, str(member)) for name, member in duckdb.type(kind).children]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def map_columns(table: InputTable, source: Source, name: str) -> dict[str, int]:
    """Position of each field's column in the file; fields without a column are left out.

    Raises
    ------
    InputError
        The file is not of this source: required columns, or most columns, are missing.
    """
    positions = {column.strip().lower(): at for at, column in enumerate(table.columns)}
    wanted = source.alternatives()
    found = {}
    for field, alternatives in wanted.items():
        for alternative in alternatives:
            if alternative.strip().lower() in positions:
                found[field] = positions[alternative.strip().lower()]
                break
    moment = f"{source.kind.moment} "
    needed = [*source.kind.required, *(field for field in wanted if field.startswith(moment))]
    if source.missing_id == "content":
        needed.remove("id")
    lacking = [field for field in needed if field not in found]
    if lacking or len(found) * 2 < len(wanted):
        raise InputError(_wrong_source(table, source, name, wanted, found))
    for field, at in found.items():
        if table.columns[at] in table.nested:
            raise InputError(
                f"{name}: column {table.columns[at]!r}, read as {field}, holds lists or records, "
                "not single values. Write them to separate columns, or map another column."
            )
    return found


def _wrong_source(
    table: InputTable,
    source: Source,
    name: str,
    wanted: Mapping[str, tuple[str, ...]],
    found: Mapping[str, int],
) -> str:
    lines = [f"{name} does not look like a file of source {source.name!r}. Missing columns:"]
    for field, alternatives in wanted.items():
        if field not in found:
            near = near_name(alternatives[0], table.columns)
            hint = f" (closest: {near!r})" if near else ""
            lines.append(f"  {field}: {' or '.join(map(repr, alternatives))}{hint}")
    shown = [repr(name[:MOST_SHOWN]) for name in table.columns[:MOST_SHOWN]]
    more = (
        f" and {len(table.columns) - len(shown):,} more" if len(shown) < len(table.columns) else ""
    )
    lines.append(f"It has: {', '.join(shown)}{more}.")
    lines.append("Choose another --source, or use --suggest to propose one.")
    return "\n".join(lines)
