"""Read any input file into a Parquet file of text columns, and map them to a source's fields."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from analytics.errors import InputError
from analytics.ingest.csv_file import read_csv
from analytics.ingest.inputs import Input
from analytics.ingest.json_file import read_json
from analytics.ingest.tables import InputTable, first_row
from analytics.sources.mapping import REQUIRED
from analytics.sources.source import Source
from sql import load

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
            )
        return read_json(connection, given.path, target, given.kind)
    except InputError as error:
        raise InputError(f"{given.name}: {error}") from error


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, target: Path) -> InputTable:
    try:
        found = connection.execute(load("incidents/parquet_columns"), {"path": str(path)})
        kinds = dict(found.fetchall())
        (rows,) = first_row(connection, "count_rows", {"path": str(path)})
    except duckdb.Error as error:
        reason = str(error).replace(f" '{path}'", "")
        raise InputError(f"not a readable Parquet file, perhaps cut off: {reason}") from error
    shutil.copyfile(path, target)
    nested = frozenset(name for name, kind in kinds.items() if _NESTED.search(kind))
    return InputTable(target, tuple(kinds), int(rows), first_line=1, nested=nested)


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
    needed = [*REQUIRED, *(["occurred_from time"] if "occurred_from time" in wanted else [])]
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
            near = difflib.get_close_matches(alternatives[0], table.columns, n=1)
            hint = f" (closest: {near[0]!r})" if near else ""
            lines.append(f"  {field}: {' or '.join(map(repr, alternatives))}{hint}")
    lines.append(f"It has: {', '.join(map(repr, table.columns))}.")
    lines.append("Choose another --source, or use --suggest to propose one.")
    return "\n".join(lines)
