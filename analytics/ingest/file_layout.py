"""How an unknown file is laid out: its encoding, its delimiter, and where its header is."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics.ingest.column_meanings import name_scores
from analytics.ingest.csv_records import sniff_delimiter
from analytics.ingest.encodings import detected_encoding
from analytics.ingest.inputs import Input
from analytics.ingest.sheet_file import first_rows

MOST_BYTES = 1 << 17
LINES = 200
LONGEST_HEADER = 5
"""Lines of a record, whose quoted cells may hold line ends."""
DELIMITERS = (",", ";", "\t", "|")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WESTERN = "cp1252"
_STATED = re.compile(r'"?sep=.+')
_DATUM = re.compile(
    r"[-+]?\d+[.,]\d+$|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{1,2}:\d\d|\d{4}年|\d{5,}$"
)


def file_layout(given: Input) -> dict[str, Any]:
    """Keys of a source that tell how to read a file, where the usual is wrong."""
    if given.kind == "sheet":
        rows = first_rows(given.path, given.sheet, LINES)
        width = max(map(len, rows), default=0)
        return _header([cells + [""] * (width - len(cells)) for cells in rows], width)
    return _csv_layout(given.path) if given.kind == "csv" else {}


def _csv_layout(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        head = handle.read(MOST_BYTES)
    encoding = detected_encoding(path)
    keys = {"encoding": encoding} if encoding not in (None, _WESTERN) else {}
    codec = "utf-16" if head.startswith(_UTF16) else encoding or "utf-8-sig"
    lines = head.decode(codec, "replace").splitlines()[: LINES + 1]
    lines = lines[:-1] or lines  # the last one may be cut off
    if lines and _STATED.fullmatch(lines[0].strip()):
        return keys  # the reader takes the delimiter from it
    delimiter, width = _delimiter(lines)
    found = _header(_by_line(lines, delimiter), width)
    if width > 1 and sniff_delimiter(lines[found.get("skip_lines", 0)]) != delimiter:
        keys["delimiter"] = delimiter
    return keys | found


def _header(rows: Sequence[Sequence[str]], width: int) -> dict[str, Any]:
    """Keys of lines before the header, and of a header that is missing."""
    first = next((at for at, cells in enumerate(rows) if _is_whole(cells, width)), 0)
    keys: dict[str, Any] = {"skip_lines": first} if first else {}
    if width > 1 and _is_data(rows[first]):
        keys["header"] = [f"column {number}" for number in range(1, width + 1)]
    return keys


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """The delimiter that gives most records the same number of fields, and that number."""
    best = (0.0, ",", 1)
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in _by_line(lines, delimiter) if any(cells))
        width, rows = max(widths.items(), key=lambda item: item[1], default=(1, 0))
        if width > 1:
            share = rows / sum(widths.values())
            best = max(best, (share + 0.01 * min(width, 20), delimiter, width))
    return best[1], best[2]


def _by_line(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The cells of the record that starts in each line; none in lines within a quoted cell."""
    found: list[list[str]] = []
    while len(found) < len(lines):
        start = len(found)
        reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter)
        record = next(reader, [])
        if reader.line_num > LONGEST_HEADER:  # a stray quote
            record = _cells(lines[start], delimiter)
        within = reader.line_num - 1 if reader.line_num <= LONGEST_HEADER else 0
        found += [record, *([] for _ in range(within))]
    return found[: len(lines)]


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _is_whole(cells: Sequence[str], width: int) -> bool:
    """Whether a line can be the header or a row: as wide as most, and not mostly empty."""
    filled = sum(bool(cell.strip()) for cell in cells)
    return len(cells) == width > 1 and filled >= max(2, width / 2)


def _is_data(cells: Sequence[str]) -> bool:
    """Whether a line holds values rather than names of columns."""
    named = any(max(name_scores(cell).values(), default=0) >= 0.7 for cell in cells if cell)
    return not named and any(_DATUM.match(cell.strip()) for cell in cells)
