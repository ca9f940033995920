"""Fields that a source takes from a second file: a table of the agency's codes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from analytics.errors import InputError
from analytics.sources.source import Source
from sql import load

MOST_CODES = 200_000


def code_table_path(source: Source) -> Path | None:
    """The file of the codes, beside the source; None if the source names none."""
    if source.join is None or source.path is None:
        return None
    return source.path.parent / source.join.file


def code_table_digest(source: Source) -> str | None:
    """SHA-256 of the file of codes; None if the source names none."""
    path = code_table_path(source)
    if path is None:
        return None
    return hashlib.sha256(_content(path)).hexdigest()


def create_codes(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Create table `codes` of a source that names a file: key in capitals, and its fields.

    Raises
    ------
    InputError
        The file or one of its columns is missing, or a code is twice in it with other values.
    """
    path, join = code_table_path(source), source.join
    if path is None or join is None:
        return
    codes = _codes(source, path)
    frame = pl.DataFrame(
        [(key, *values) for key, values in codes.items()],
        schema=dict.fromkeys(["key", *join.columns], pl.String),
        orient="row",
    )
    connection.register("code_rows", frame.to_arrow())
    connection.execute(load("incidents/create_codes"))
    connection.unregister("code_rows")


def _codes(source: Source, path: Path) -> Mapping[str, tuple[str | None, ...]]:
    join = source.join
    assert join is not None  # noqa: S101
    width = source.padding.get(join.field, 0)
    lines = csv.reader(io.StringIO(_content(path).decode("utf-8-sig", "replace"), newline=""))
    header = [name.strip().lower() for name in next(lines, [])]
    wanted = [join.key, *join.columns.values()]
    for name in wanted:
        if name.strip().lower() not in header:
            raise InputError(f"{path.name}: column {name!r}, which [join] names, is missing.")
    at = [header.index(name.strip().lower()) for name in wanted]
    codes: dict[str, tuple[str | None, ...]] = {}
    for line, cells in enumerate(lines, 2):
        if len(cells) <= max(at):
            continue
        key, *values = (cells[position].strip() for position in at)
        key, found = key.upper().rjust(width, "0"), tuple(value or None for value in values)
        if codes.setdefault(key, found) != found:
            raise InputError(f"{path.name}, line {line}: code {key!r} has other values above.")
        if len(codes) > MOST_CODES:
            raise InputError(f"{path.name}: has more than {MOST_CODES:,} codes.")
    return codes


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = f"the table of codes cannot be read ({error.strerror})"
        raise InputError(f"{path.name}: {reason}.") from error
