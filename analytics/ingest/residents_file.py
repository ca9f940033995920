"""Read the number of residents of each area from a CSV file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import InputError
from analytics.ingest.csv_file import unique_names
from analytics.ingest.csv_records import (
    LONGEST_RECORD,
    Malformed,
    RecordSplitter,
    sniff_delimiter,
)


@dataclass(frozen=True)
class ResidentsLine:
    """One line of the file; `residents` is None if its field is empty."""

    line: int
    key: str
    residents: float | None


def read_residents(path: Path, key: str, residents: str) -> list[ResidentsLine]:
    """Read the lines of a CSV file with a header.

    Parameters
    ----------
    key, residents : str
        Its columns with the area's key and the number of residents.

    Raises
    ------
    InputError
        The file cannot be used; the message names line and column.
    """
    try:
        with path.open("rb") as handle:
            first = handle.readline(LONGEST_RECORD).decode("utf-8-sig", "replace")
            handle.seek(0)
            splitter = RecordSplitter(handle, sniff_delimiter(first))
            columns = _header(path, splitter)
            places = [_place(path, columns, name) for name in (key, residents)]
            found = []
            for record in splitter.records(len(columns)):
                if isinstance(record, Malformed):
                    raise InputError(f"{path}, line {record.line}: {record.reason}.")
                where = f"{path}, line {record.line}"
                called, number = (record.fields[place].strip() for place in places)
                if not called:
                    raise InputError(f"{where}: column {key!r} is empty.")
                found.append(ResidentsLine(record.line, called, _number(where, residents, number)))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    if all(each.residents is None for each in found):
        raise InputError(f"{path}: column {residents!r} has no numbers.")
    return found


def _header(path: Path, splitter: RecordSplitter) -> tuple[str, ...]:
    try:
        return unique_names(splitter.header())
    except InputError as error:
        raise InputError(f"{path}, {error}; save it as CSV in UTF-8.") from error


def _place(path: Path, columns: Sequence[str], name: str) -> int:
    if name not in columns:
        there = ", ".join(columns) or "none"
        raise InputError(f"{path}, line 1: column {name!r} not found. Columns: {there}.")
    return columns.index(name)


def _number(where: str, column: str, text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            f"{where}: column {column!r} holds {text[:40]!r}, which is not a number; "
            "write digits only, such as 47830."
        )
    if number < 0:
        raise InputError(f"{where}: column {column!r} holds {text[:40]}, which is below 0.")
    return number
