"""Read numbers of each area, such as residents, from a CSV file."""

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
from analytics.layers.plain_text import plain_text


@dataclass(frozen=True)
class AreaNumbers:
    """One line of the file: a value for each column; None where its field is empty."""

    line: int
    key: str
    values: tuple[float | None, ...]


def read_area_numbers(
    path: Path, key: str, columns: Sequence[str], missing: str = ""
) -> list[AreaNumbers]:
    """Read the lines of a CSV file with a header.

    Parameters
    ----------
    key : str
        Its column with the area's key.
    columns : list of str
        Its columns with numbers, none below 0.
    missing : str
        What the file writes where a number is not known, such as -999; an empty field always.

    Raises
    ------
    InputError
        The file cannot be used; the message names line and column.
    """
    found: list[AreaNumbers] = []
    try:
        with plain_text(path) as text, text.open("rb") as handle:
            first = handle.readline(LONGEST_RECORD).decode("utf-8-sig", "replace")
            handle.seek(0)
            splitter = RecordSplitter(handle, sniff_delimiter(first))
            header = _header(path, splitter)
            places = [_place(path, header, name) for name in (key, *columns)]
            for record in splitter.records(len(header)):
                if isinstance(record, Malformed):
                    raise InputError(f"{path}, line {record.line}: {record.reason}.")
                where = f"{path}, line {record.line}"
                called, *texts = (record.fields[place].strip() for place in places)
                if not called:
                    raise InputError(f"{where}: column {key!r} is empty.")
                values = tuple(
                    None if text == missing else _number(where, column, text)
                    for column, text in zip(columns, texts, strict=True)
                )
                found.append(AreaNumbers(record.line, called, values))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    for at, column in enumerate(columns):
        if all(each.values[at] is None for each in found):
            raise InputError(f"{path}: column {column!r} has no numbers.")
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
