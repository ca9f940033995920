"""Read JSON lines, or a JSON array of objects, to a Parquet file of text columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import duckdb

from analytics.incidents.csv_file import unique_names, write_malformed
from analytics.incidents.csv_records import LONGEST_RECORD, TOO_LONG, Malformed
from analytics.incidents.inputs import CHUNK
from analytics.incidents.tables import InputTable, first_row
from sql import load

NOT_JSON = "not a JSON object"
_SPACE = " \t\r\n"


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
        for item in _array(source) if kind == "json_array" else _lines(source):
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


def _lines(source: TextIO) -> Iterator[tuple[int, str] | Malformed]:
    number = 0
    while text := source.readline(LONGEST_RECORD * 16):
        number += 1
        body = text.strip(_SPACE)
        if not body:
            continue
        if len(body) > LONGEST_RECORD:
            yield Malformed(number, TOO_LONG, body)
        elif "\0" in body or not body.startswith("{"):
            yield Malformed(number, NOT_JSON, body)
        else:
            yield number, body.replace("\x1f", " ")


class _Buffer:
    """The part of a JSON array that was read and not yet used: `text` from position `at`."""

    def __init__(self, source: TextIO) -> None:
        self.source = source
        self.text = ""
        self.at = 0
        self.line = 1

    def more(self) -> bool:
        chunk = self.source.read(CHUNK)
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
        """Pass over the given characters; the next one, or an empty text at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in marks:
                self.use(self.at + 1)
            if self.left or not self.more():
                return self.text[self.at : self.at + 1]


def _array(source: TextIO) -> Iterator[tuple[int, str] | Malformed]:
    """Elements of an array with their lines; after a fault reading goes on at the next `{`."""
    buffer = _Buffer(source)
    decoder = json.JSONDecoder()
    buffer.skip(_SPACE)
    buffer.use(buffer.at + 1)
    while buffer.skip(_SPACE + ",") not in ("", "]"):
        line = buffer.line
        try:
            value, end = decoder.raw_decode(buffer.text, buffer.at)
        except json.JSONDecodeError:
            if buffer.left <= LONGEST_RECORD and buffer.more():
                continue
            raw = buffer.use(_next_object(buffer.text, buffer.at))
            yield Malformed(line, NOT_JSON, raw.strip(_SPACE + ","))
            continue
        raw = buffer.use(end)
        if isinstance(value, dict):
            yield line, json.dumps(value, ensure_ascii=False).replace("\x1f", " ")
        else:
            yield Malformed(line, NOT_JSON, raw)


def _next_object(text: str, at: int) -> int:
    line_end = text.find("\n", at + 1)
    found = text.find("{", max(line_end, at + 1))
    return found if found > 0 else len(text)
