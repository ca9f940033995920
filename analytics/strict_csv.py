"""Readers of CSV files that people hand in: strict on quotes, with one bound on a field's length.

The bound of `csv` is of the whole process, so it is set in this one place.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.errors import InputError

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_FIELD = 1 << 24
"""Characters of one field: shapes are long."""

csv.field_size_limit(LONGEST_FIELD)


def strict_reader(lines: Iterable[str]) -> Reader:
    """Rows of fields; `csv.Error` for a misplaced quote or a field beyond `LONGEST_FIELD`."""
    return csv.reader(lines, strict=True)


def numbered_rows(path: Path, most_bytes: int, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Fields of each row of a file, its header first, with the row's first line; no empty ones.

    Raises
    ------
    InputError
        The file cannot be read, is larger, has more rows besides the header, or a quote is wrong.
    """
    try:
        if path.stat().st_size > most_bytes:
            raise InputError(f"{path} is larger than {most_bytes // 1_000_000} MB; split it.")
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as CSV UTF-8: {error}.") from error
    reader = strict_reader(io.StringIO(text, newline=""))
    for number in range(most_rows + 2):
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"{path}, line {line}: {error}; a quote may be missing.") from error
        if number > most_rows:
            raise InputError(f"{path} has more than {most_rows:,} rows; split it.")
        if fields:
            yield line, fields
