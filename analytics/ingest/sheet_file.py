"""Read a sheet of a workbook into a Parquet file of text columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from analytics.ingest.csv_file import unique_names, write_records
from analytics.ingest.csv_records import TOO_MANY, Malformed, Record
from analytics.ingest.tables import InputTable
from analytics.ingest.workbook import opened

LARGEST_WHOLE = 1e15
_HALF_SECOND = timedelta(microseconds=500_000)


def read_sheet(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sheet: str,
    target: Path,
    *,
    skip_lines: int = 0,
    names: Sequence[str] = (),
) -> InputTable | None:
    """Write the rows of a sheet to `target`; None if it has none.

    Dates and times become ISO 8601 text; numbers without a fraction, whole numbers. A row's line is
    its number in the sheet.
    """
    with opened(path) as workbook:
        rows = workbook.get_sheet_by_name(sheet).iter_rows()
        lines = itertools.islice(_lines(rows), skip_lines, None)
        filled = ((line, cells) for line, cells in lines if any(cells))
        _, header = (0, names) if names else next(filled, (0, ()))
        if not header:
            return None
        columns = unique_names(header)
        return write_records(connection, target, columns, _records(filled, len(columns)))


def first_rows(path: Path, sheet: str, most: int) -> list[list[str]]:
    """The texts of a sheet's first rows, empty rows among them."""
    with opened(path) as workbook:
        rows = workbook.get_sheet_by_name(sheet).iter_rows()
        return [cells for _, cells in itertools.islice(_lines(rows), most)]


def _lines(rows: Iterator[list[Any]]) -> Iterator[tuple[int, list[str]]]:
    """Each row's number and texts, without empty cells at its end."""
    for number, row in enumerate(rows, 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield number, cells


def _records(lines: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Record | Malformed]:
    for number, cells in lines:
        if len(cells) > width:
            yield Malformed(number, TOO_MANY, "\t".join(cells))
        else:
            yield Record(number, cells + [""] * (width - len(cells)))


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_WHOLE:
        return str(int(cell))
    if isinstance(cell, datetime):  # whole seconds: the fraction of a day is rounded
        return (cell + _HALF_SECOND).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return "" if cell is None else str(cell)
