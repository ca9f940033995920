"""Read a CSV file into a Parquet file of text columns.

DuckDB reads it strictly, which is enough if each physical line gave one row. Otherwise
`csv_records` splits the file, keeping faulty rows and line numbers, and DuckDB reads the clean
copy.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from analytics.errors import InputError
from analytics.ingest.csv_records import (
    LONGEST_RECORD,
    Malformed,
    Record,
    RecordSplitter,
    sniff_delimiter,
)
from analytics.ingest.tables import CHUNK, LINE, InputTable, first_row
from sql import load

# Otherwise DuckDB 2.0 takes a carriage return inside a quoted field for the file's line end.
LINE_FEEDS = "new_line = '\\n',"
_STATED = re.compile(rb'"?sep=(.)"?')
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    target: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    skip_lines: int = 0,
    names: Sequence[str] = (),
) -> InputTable:
    """Write the rows of a CSV file to `target`; malformed ones are kept beside it.

    Parameters
    ----------
    skip_lines : int
        Lines before the header.
    names : sequence of str
        Names of the columns if the file has no header line.

    Raises
    ------
    InputError
        The file's encoding or its header cannot be read.
    """
    work = target.with_suffix(".utf8")
    try:
        plain = _as_utf8_lines(path, work, encoding)
        layout = _layout(plain, delimiter, skip_lines, names)
        table = _read_strictly(connection, plain, target, layout)
        return table or _read_carefully(connection, plain, target, layout)
    except UnicodeError as error:
        raise InputError(f"not in {encoding or 'UTF-16'}: {error}") from error
    finally:
        work.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Layout:
    """Where a file's rows begin, and how they are split into columns."""

    delimiter: str
    columns: tuple[str, ...]
    skip_lines: int
    has_header: bool

    @property
    def first_line(self) -> int:
        return self.skip_lines + self.has_header + 1


def _layout(path: Path, delimiter: str | None, skip_lines: int, names: Sequence[str]) -> _Layout:
    with path.open("rb") as handle:
        lines = [handle.readline(LONGEST_RECORD) for _ in range(skip_lines)]
        first = handle.readline(LONGEST_RECORD).removeprefix(codecs.BOM_UTF8)
        if stated := _STATED.fullmatch(first.strip()):  # by Excel
            delimiter = stated[1].decode()
            lines.append(first)
            first = handle.readline(LONGEST_RECORD)
        delimiter = delimiter or sniff_delimiter(first.decode("utf-8", "replace"))
        handle.seek(0)
        header = names or RecordSplitter(handle, delimiter, len(lines)).header()
    return _Layout(delimiter, unique_names(header), len(lines), not names)


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Column names without surrounding spaces; repeated and empty ones get a number."""
    names: list[str] = []
    seen: set[str] = {LINE}
    for number, cell in enumerate(header, 1):
        name = base = cell.strip().strip("\ufeff") or f"column {number}"
        repeat = 1
        while name.lower() in seen:
            repeat += 1
            name = f"{base} {repeat}"
        seen.add(name.lower())
        names.append(name)
    return tuple(names)


def _read_strictly(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    target: Path,
    layout: _Layout,
) -> InputTable | None:
    with ThreadPoolExecutor(1) as pool:
        lines = pool.submit(_count_lines, path)
        try:
            _copy(connection, path, target, layout)
        except duckdb.InvalidInputException:
            return None
        rows = _rows(connection, target)
        if rows != lines.result() + 1 - layout.first_line:
            return None
    return InputTable(target, layout.columns, rows, first_line=layout.first_line)


def _read_carefully(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    target: Path,
    layout: _Layout,
) -> InputTable:
    with path.open("rb") as handle:
        splitter = RecordSplitter(handle, layout.delimiter, layout.skip_lines)
        if layout.has_header:
            splitter.header()
        records = splitter.records(len(layout.columns))
        table = write_records(connection, target, layout.columns, records, layout.delimiter)
    return replace(table, latin1_lines=splitter.latin1_lines)


def write_records(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    columns: tuple[str, ...],
    records: Iterable[Record | Malformed],
    delimiter: str = ",",
) -> InputTable:
    """Write records to `target` with their lines; malformed ones are kept beside it.

    `delimiter` is that of the records' texts.
    """
    clean, malformed = target.with_suffix(".clean"), target.with_suffix(".malformed.json")
    faults = 0
    with (
        clean.open("w", encoding="utf-8", newline="", buffering=CHUNK) as good,
        malformed.open("w", encoding="utf-8") as bad,
    ):
        writer = csv.writer(good, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for record in records:
            if isinstance(record, Malformed):
                faults += 1
                write_malformed(bad, record)
            elif record.text is not None:
                good.write(f"{record.line}{delimiter}{record.text}\n")
            else:
                writer.writerow([record.line, *record.fields])
    layout = _Layout(delimiter, (LINE, *columns), 0, has_header=False)
    _copy(connection, clean, target, layout, LINE_FEEDS)
    clean.unlink()
    return InputTable(target, columns, _rows(connection, target), None, malformed, faults)


def write_malformed(handle: object, record: Malformed) -> None:
    """Append a malformed record as one JSON line, with NUL as \\x00 since DuckDB refuses it."""
    raw = record.raw.replace("\0", "\\x00")
    line = json.dumps({"line": record.line, "reason": record.reason, "raw": raw})
    print(line, file=handle)  # type: ignore[call-overload]


def _copy(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    target: Path,
    layout: _Layout,
    options: str = "",
) -> None:
    connection.execute(
        load("incidents/read_csv", options=options),
        {
            "path": _literal_path(path),
            "columns": dict.fromkeys(layout.columns, "VARCHAR"),
            "delimiter": layout.delimiter,
            "header": layout.has_header,
            "skip": layout.skip_lines,
            "target": str(target),
        },
    )


def _literal_path(path: Path) -> str:
    """Escape a path so that DuckDB finds no wildcard in it."""
    text = str(path.absolute())
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text)


def _rows(connection: duckdb.DuckDBPyConnection, target: Path) -> int:
    return int(first_row(connection, "count_rows", {"path": str(target)})[0])


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")


def _as_utf8_lines(path: Path, work: Path, encoding: str | None) -> Path:
    """The file itself, or a copy in UTF-8 with line feeds if it needs one."""
    with path.open("rb") as handle:
        head = handle.read(1 << 16)
    if head.startswith(_UTF16):
        encoding = "utf-16"
    only_returns = b"\r" in head and b"\n" not in head
    recode = encoding and codecs.lookup(encoding).name not in ("utf-8", "ascii")
    if not recode and not only_returns:
        return path
    newline = None if only_returns else ""
    name = encoding or "latin-1"
    with (
        path.open(encoding=name, newline=newline) as source,
        work.open("w", encoding=name if not recode else "utf-8", newline="") as copy,
    ):
        while chunk := source.read(CHUNK):
            copy.write(chunk)
    return work
