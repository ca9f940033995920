"""Rows inside a JSON document, as portals and map servers write them.

Read are GeoJSON, Esri JSON, and an object that holds its rows under a usual name, such as
`{"data": [...]}` or `{"result": {"records": [...]}}`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TextIO

from analytics.ingest.tables import CHUNK

SPACE = " \t\r\n\ufeff\x1e"
LONGEST_VALUE = 1 << 26
"""Characters of a value beside the rows that are read at most."""
_ROWS = frozenset({"features", "data", "results", "records", "rows", "items", "value"})
_AROUND = frozenset({"result", "d", "response", "data"})
_ROWS_BEGIN = re.compile(r"\[\s*[\[{\]]")
_LOOK_AHEAD = 4096
_AFTER_JUNK = re.compile(r"[\n\[{]")


class Buffer:
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

    def junk(self, most: int) -> str:
        """Skip text that is not a value, up to the line's end or where a value may begin."""
        while not (found := _AFTER_JUNK.search(self.text, self.at + 1)):
            if self.left > most or not self.more():
                return self.use(len(self.text))
        return self.use(found.start())

    def value(self) -> Any:
        """The next JSON value.

        Raises
        ------
        ValueError
            It is not JSON, cut off or very long.
        """
        decoder = json.JSONDecoder()
        while True:
            try:
                value, end = decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError:
                if self.left > LONGEST_VALUE or not self.more():
                    raise
                continue
            if end == len(self.text) and self.more():  # a number may go on
                continue
            self.use(end)
            return value


@dataclass
class Wrapper:
    """The object around the rows: how many objects are open, and the names of rows' columns."""

    depth: int = 0
    names: tuple[str, ...] = ()

    @classmethod
    def open(cls, buffer: Buffer) -> Wrapper | None:
        """Move to the array of rows; None if the next object has none."""
        wrapper = cls()
        if buffer.skip(SPACE) != "{":
            return None
        try:
            return wrapper if wrapper._move(buffer, to_rows=True) else None
        except (ValueError, RecursionError):
            return None

    def close(self, buffer: Buffer) -> bool:
        """Move behind the wrapper, after its rows; False if it is cut off or not JSON."""
        try:
            return self._move(buffer, to_rows=False)
        except (ValueError, RecursionError):
            return False

    def _move(self, buffer: Buffer, *, to_rows: bool) -> bool:
        """Move to the array of rows, or else to the wrapper's end; whether it was found."""
        while mark := buffer.skip(SPACE + ","):
            if mark in "{}":
                buffer.use(buffer.at + 1)
                self.depth += 1 if mark == "{" else -1
                if not self.depth:
                    return not to_rows
                continue
            if mark != '"':
                return False
            key = buffer.value()
            if buffer.skip(SPACE) != ":":
                return False
            buffer.use(buffer.at + 1)
            mark = buffer.skip(SPACE)
            if to_rows and key in _ROWS and _begin(buffer):
                return True
            if key in _AROUND and mark == "{":
                continue
            self._note(key, buffer.value())
        return False

    def _note(self, key: str, value: Any) -> None:
        """Take the names of columns from Socrata's `meta`, or from `columns`."""
        if key == "meta" and isinstance(value, dict):
            view = value.get("view")
            value = view.get("columns") if isinstance(view, dict) else None
        elif key != "columns":
            return
        if isinstance(value, list):
            named = (one.get("name") if isinstance(one, dict) else one for one in value)
            self.names = tuple(str(name) for name in named)


def _begin(buffer: Buffer) -> bool:
    while buffer.left < _LOOK_AHEAD and buffer.more():
        pass
    return _ROWS_BEGIN.match(buffer.text, buffer.at) is not None


def record_of(value: Any, names: tuple[str, ...] = ()) -> dict[str, Any] | None:
    """The fields of a row: of an object, a list, or a feature with its geometry as WKT."""
    if isinstance(value, list):
        return dict(zip(names, value, strict=True)) if len(value) == len(names) else None
    if not isinstance(value, dict):
        return None
    if value.get("type") == "Feature" and "properties" in value:
        fields = value["properties"]
        outside = {key: value[key] for key in ("id",) if key in value}
    elif isinstance(value.get("attributes"), dict) and value.keys() <= {"attributes", "geometry"}:
        fields, outside = value["attributes"], {}
    else:
        return value
    fields = fields if isinstance(fields, dict) else {}
    return {**outside, **fields, _free("geometry", fields): _geometry(value.get("geometry"))}


def _free(name: str, taken: dict[str, Any]) -> str:
    return f"{name} 2" if name in taken else name


def _geometry(geometry: Any) -> str | None:
    if not isinstance(geometry, dict):
        return None
    pair = geometry.get("coordinates")
    if geometry.get("type") == "MultiPoint" and isinstance(pair, list) and len(pair) == 1:
        pair = pair[0]
    elif geometry.get("type") != "Point":
        pair = [geometry.get("x"), geometry.get("y")]
    if isinstance(pair, list) and all(isinstance(one, int | float) for one in pair[:2]):
        return f"POINT ({pair[0]} {pair[1]})" if len(pair) > 1 else None
    return None if pair == [None, None] and "x" in geometry else json.dumps(geometry)
