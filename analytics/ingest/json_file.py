"""Read JSON objects into a Parquet file of text columns.

A file may hold one object per line, arrays of objects, or a sequence of these, as when files were
joined, or one object around the rows. Every object is a row; anything else is malformed and kept
with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

from analytics.ingest.csv_file import unique_names, write_malformed
from analytics.ingest.csv_records import LONGEST_RECORD, TOO_LONG, Malformed
from analytics.ingest.json_wrapper import SPACE, Buffer, Wrapper, record_of
from analytics.ingest.tables import InputTable, first_row
from sql import load

NOT_JSON = "not a JSON object"
TOO_DEEP = "too many objects or lists inside each other"
LONGEST_HEAD = 4096
CUT = "the file ends inside an array"
CUT_WRAPPER = "the file ends inside an object"
_ROWS = re.compile(r"\[\s*[\[{]")
_OBJECT = re.compile(r"[^:\s]\s*\{")
Item = tuple[int, str] | Malformed


def read_json(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    target: Path,
    kind: str,
    encoding: str | None = None,
) -> InputTable:
    """Write the objects of a file (`json_lines` or `json_array`) to `target`."""
    lines = target.with_suffix(".lines")
    malformed = target.with_suffix(".malformed.json")
    faults = 0
    with (
        path.open(encoding=encoding or "utf-8-sig", errors="replace", newline="\n") as source,
        lines.open("w", encoding="utf-8", errors="replace", newline="") as good,
        malformed.open("w", encoding="utf-8") as bad,
    ):
        for item in _items(source, kind):
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
    keys = [(key,) for (key,) in connection.execute(load("incidents/json_keys")).fetchall()]
    keys += connection.execute(load("incidents/json_inner_keys")).fetchall()
    rows = _write(connection, target, keys)
    connection.execute("DROP TABLE json_rows")
    lines.unlink()
    return InputTable(target, _names(keys), rows, None, malformed, faults=faults + len(invalid))


def _items(source: TextIO, kind: str) -> Iterator[Item]:
    if kind == "json_array":
        return _values(Buffer(source))
    if _is_one_per_line(source):
        return _lines(source)
    buffer = Buffer(source)
    wrapper = Wrapper.open(buffer)
    if wrapper is not None:
        return _wrapped(buffer, wrapper)
    source.seek(0)
    return _lines(source)


def _is_one_per_line(source: TextIO) -> bool:
    """Whether the first line is an object, and the second begins another, not around rows."""
    first, second = (source.readline(LONGEST_RECORD).strip(SPACE) for _ in range(2))
    source.seek(0)
    collection = '"FeatureCollection"' in first[:LONGEST_HEAD]
    return first.endswith("}") and second.startswith("{") and not collection


def _wrapped(buffer: Buffer, wrapper: Wrapper | None) -> Iterator[Item]:
    """Rows of a document, and of further ones behind it."""
    while wrapper is not None:
        yield from _values(buffer, wrapper)
        if not wrapper.close(buffer):
            yield Malformed(buffer.line, CUT_WRAPPER, "")
            return
        if not buffer.skip(SPACE):
            return
        line = buffer.line
        wrapper = Wrapper.open(buffer)
        if wrapper is None:
            yield Malformed(line, NOT_JSON, buffer.text[buffer.at :][:LONGEST_RECORD])


def _names(keys: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return unique_names([".".join(key) for key in keys])


def _write(
    connection: duckdb.DuckDBPyConnection, target: Path, keys: Sequence[tuple[str, ...]]
) -> int:
    names = ["_line", *_names(keys)]
    paths = ["$" + "".join(map(_step, key)) for key in keys]
    values = [f'found[{number}] AS "{_escaped(name)}"' for number, name in enumerate(names[1:], 1)]
    statement = load("incidents/json_write", values=", ".join(["line AS _line", *values]))
    connection.execute(statement, {"paths": paths, "target": str(target)})
    return int(first_row(connection, "count_rows", {"path": str(target)})[0])


def _step(key: str) -> str:
    """A key as a step of a JSON path."""
    return '."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(name: str) -> str:
    return name.replace('"', '""')


def _lines(source: TextIO) -> Iterator[Item]:
    """Values of a file with one object per line; from a longer value on, any sequence of values."""
    number = 0
    while text := source.readline(LONGEST_RECORD * 16):
        number += 1
        body = text.strip(SPACE)
        if not body:
            continue
        if len(body) > LONGEST_RECORD:
            yield Malformed(number, TOO_LONG, body)
        elif body[0] == "[" or body == "{":
            yield from _values(Buffer(source, text, number))
            return
        elif "\0" in body or body[0] != "{":
            yield Malformed(number, NOT_JSON, body)
        elif "}{" in body or "} {" in body or '"Feature"' in body or '"attributes"' in body:
            yield from _values(Buffer(None, body, number))
        else:
            yield number, body.replace("\x1f", " ")


def _values(buffer: Buffer, wrapper: Wrapper | None = None) -> Iterator[Item]:
    """Objects, in arrays or not, with their lines; reading continues after a fault.

    With a wrapper, the objects of the next array only.
    """
    names = wrapper.names if wrapper else ()
    decoder = json.JSONDecoder()
    depth, refused = 0, False
    while mark := buffer.skip(SPACE + "," if depth else SPACE):
        opens = mark == "[" and (not depth or _ROWS.match(buffer.text, buffer.at))
        if opens or (mark == "]" and depth):
            buffer.use(buffer.at + 1)
            depth += 1 if opens else -1
            if wrapper and not depth:
                return
            continue
        line = buffer.line
        if not depth and mark != "{":
            yield Malformed(line, NOT_JSON, buffer.junk(LONGEST_RECORD).strip(SPACE))
            continue
        try:
            value, end = decoder.raw_decode(buffer.text, buffer.at)
            record = record_of(value, names)
            text = None if record is None else json.dumps(record, ensure_ascii=False)
        except (json.JSONDecodeError, RecursionError) as error:
            is_deep = isinstance(error, RecursionError)  # which more text does not change
            if not is_deep and buffer.left <= LONGEST_RECORD and buffer.more():
                continue
            refused = True
            raw = buffer.use(_next_object(buffer.text, buffer.at)).strip(SPACE + ",")
            yield Malformed(line, TOO_DEEP if is_deep else NOT_JSON, raw)
            continue
        refused = False
        raw = buffer.use(end)
        if text is None:
            yield Malformed(line, NOT_JSON, raw)
        else:
            yield line, text.replace("\x1f", " ")
    if depth and not refused and not wrapper:
        yield Malformed(buffer.line, CUT, "")


def _next_object(text: str, at: int) -> int:
    """Where the next object begins that is not the value of a key."""
    line_end = text.find("\n", at + 1)
    begins = (found.end() - 1 for found in _OBJECT.finditer(text, at))
    return next((begin for begin in begins if begin > max(line_end, at)), len(text))
