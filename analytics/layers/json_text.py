"""Decode the values of a large JSON file one at a time, with the line of a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

from analytics.errors import InputError

CHUNK = 1 << 20
LONGEST_VALUE = 1 << 26
_SPACE = " \t\r\n"
_NEAR_THE_END = 16  # characters; a fault before them is not caused by text that is still missing


class JsonText:
    """Text of a JSON file, of which only the part at work is in memory."""

    def __init__(self, handle: TextIO, name: object) -> None:
        self._handle, self._name = handle, name
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._text, self._at, self._lines = "", 0, 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not a space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Pass one of the expected characters."""
        found = self.peek()
        if not found or found not in expected:
            self.fail(f"expected {' or '.join(expected)}, found {found or 'the end of the file'}")
        self._at += 1
        return found

    def value(self) -> Any:
        """Decode the next value."""
        if not self.peek():
            self.fail("the file ends inside a value")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_final(error) or not self._more():
                    self.fail(error.msg, error.pos)
            except RecursionError:
                self.fail("it is nested too deeply")
            except ValueError as error:
                self.fail(str(error))
            else:
                # A number at the end of the text may have more digits.
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value

    def members(self) -> Iterator[str]:
        """Keys of an object; the caller takes each value before the next key."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                self.fail("a key is not text")
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def items(self) -> Iterator[Any]:
        """Values of an array."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def fail(self, why: str, at: int | None = None) -> NoReturn:
        """Raise an error that names the line."""
        line = self._lines + self._text.count("\n", 0, self._at if at is None else at) + 1
        raise InputError(f"{self._name}, line {line:,}: is not valid GeoJSON: {why}.")

    def _is_final(self, error: json.JSONDecodeError) -> bool:
        return not error.msg.startswith("Unterminated") and (
            error.pos < len(self._text) - _NEAR_THE_END
        )

    def _more(self) -> bool:
        """Read more text; False at the end. The unread part doubles, so decoding stays linear."""
        if self._ended:
            return False
        unread = len(self._text) - self._at
        if unread > LONGEST_VALUE:
            self.fail(f"a value is longer than {LONGEST_VALUE:,} characters")
        more = self._handle.read(max(CHUNK, unread))
        self._ended = not more
        self._lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
