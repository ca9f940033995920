"""Read JSON objects into a Parquet file of text columns.

A file may hold one object per line, arrays of objects, or a sequence of these, as when files were
joined. Every object is a row; anything else is malformed and kept with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import duckdb

from analytics.ingest.csv_file import unique_names, write_malformed
from analytics.ingest.csv_records import LONGEST_RECORD, TOO_LONG, Malformed
from analytics.ingest.inputs import CHUNK
from analytics.ingest.tables import InputTable, first_row
from sql import load

NOT_JSON = "not a JSON object"
CUT = "the file ends inside an array"
_SPACE = " \t\r\n\ufeff"
_AFTER_JUNK = re.compile(r"[\n\[{]")
_ROWS = re.compile(r"\[\s*[\[{]")
Item = tuple[int, str] | Malformed


def read_json(
    connection: duckdb.DuckDBPyConnection, path: Path, target: Path, kind: str
) -> InputTable:
    """Write the objects of a file (`json_lines` or `json_array`) to `target`."""
    lines = target.with_suffix(".lines")
    malformed = target.with_suffix(".malformed.json")
    faults = 0
    with (
        path.open(encoding="utf-8-sig", errors="replace", newline="\n") as source,
        lines.open("w", encoding="utf-8", errors="replace", newline="") as good,
        malformed.open("w", encoding="utf-8") as bad,
    ):
        for item in _values(_Buffer(source)) if kind == "json_array" else _lines(source):
            if isinstance(item, Malformed):
                faults += 1
                write_malformed(bad, item)
            else:
                good.write(f"{item[0]}\x1f{item[1]}\n")
    connection.execute(load("incidents/json_lines"), {"path": str(lines)})
    invalid = connection.execute(load("incidents/json_invalid")).fetchall()
    with malformed.open("a", encoding="utf-8") as bad:
        for line, raw in invalid:
            write_malformed(bad, Malformed(line, NOT_JSON, raw))
    keys = [key for (key,) in connection.execute(load("incidents/json_keys")).fetchall()]
    rows = _write(connection, target, keys)
    connection.execute("DROP TABLE json_rows")
    lines.unlink()
    return InputTable(
        target, unique_names(keys), rows, None, malformed, faults=faults + len(invalid)
    )


def _write(connection: duckdb.DuckDBPyConnection, target: Path, keys: list[str]) -> int:
    names = ["_line", *unique_names(keys)]
    paths = ['$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' for key in keys]
    values = [f'found[{number}] AS "{_escaped(name)}"' for number, name in enumerate(names[1:], 1)]
    statement = load("incidents/json_write", values=", ".join(["line AS _line", *values]))
    connection.execute(statement, {"paths": paths, "target": str(target)})
    return int(first_row(connection, "count_rows", {"path": str(target)})[0])


def _escaped(name: str) -> str:
    return name.replace('"', '""')


def _lines(source: TextIO) -> Iterator[Item]:
    """Values of a file with one object per line; from a longer value on, any sequence of values."""
    number = 0
    while text := source.readline(LONGEST_RECORD * 16):
        number += 1
        body = text.strip(_SPACE)
        if not body:
            continue
        if len(body) > LONGEST_RECORD:
            yield Malformed(number, TOO_LONG, body)
        elif body[0] == "[" or body == "{":
            yield from _values(_Buffer(source, text, number))
            return
        elif "\0" in body or body[0] != "{":
            yield Malformed(number, NOT_JSON, body)
        elif "}{" in body or "} {" in body:
            yield from _values(_Buffer(None, body, number))
        else:
            yield number, body.replace("\x1f", " ")


class _Buffer:
    """The part of a file that was read but not yet used: `text` from position `at`."""

    def __init__(self, source: TextIO | None, text: str = "", line: int = 1) -> None:
        self.source = source
        self.text = text
        self.at = 0
        self.line = line

    def more(self) -> bool:
        chunk = self.source.read(CHUNK) if self.source else ""
        self.text = self.text[self.at :] + chunk
        self.at = 0
        return bool(chunk)

    @property
    def left(self) -> int:
        return len(self.text) - self.at

    def use(self, end: int) -> str:
        used = self.text[self.at : end]
        self.at = end
        self.line += used.count("\n")
        return used

    def skip(self, marks: str) -> str:
        """Skip the given characters; returns the next one, empty at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in marks:
                self.use(self.at + 1)
            if self.left or not self.more():
                return self.text[self.at : self.at + 1]

    def junk(self) -> str:
        """Skip text that is not a value, up to the line's end or where a value may begin."""
        while not (found := _AFTER_JUNK.search(self.text, self.at + 1)):
            if self.left > LONGEST_RECORD or not self.more():
                return self.use(len(self.text))
        return self.use(found.start())


def _values(buffer: _Buffer) -> Iterator[Item]:
    """Objects, in arrays or not, with their lines; reading continues after a fault."""
    decoder = json.JSONDecoder()
    depth, refused = 0, False
    while mark := buffer.skip(_SPACE + "," if depth else _SPACE):
        opens = mark == "[" and (not depth or _ROWS.match(buffer.text, buffer.at))
        if opens or (mark == "]" and depth):
            buffer.use(buffer.at + 1)
            depth += 1 if opens else -1
            continue
        line = buffer.line
        if not depth and mark != "{":
            yield Malformed(line, NOT_JSON, buffer.junk().strip(_SPACE))
            continue
        try:
            value, end = decoder.raw_decode(buffer.text, buffer.at)
        except json.JSONDecodeError:
            if buffer.left <= LONGEST_RECORD and buffer.more():
                continue
            refused = True
            raw = buffer.use(_next_object(buffer.text, buffer.at))
            yield Malformed(line, NOT_JSON, raw.strip(_SPACE + ","))
            continue
        refused = False
        raw = buffer.use(end)
        if isinstance(value, dict):
            yield line, json.dumps(value, ensure_ascii=False).replace("\x1f", " ")
        else:
            yield Malformed(line, NOT_JSON, raw)
    if depth and not refused:
        yield Malformed(buffer.line, CUT, "")


def _next_object(text: str, at: int) -> int:
    line_end = text.find("\n", at + 1)
    found = text.find("{", max(line_end, at + 1))
    return found if found > 0 else len(text)
