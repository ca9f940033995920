"""Write a source's document as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Document, comments: Iterable[str]) -> str:
    """The text of a document, with comments before it.

    Tables are written as tables down to those that hold no table but one of `columns`, whose
    tables are written inline.
    """
    plain = {key: value for key, value in document.items() if not isinstance(value, Mapping)}
    lines = [*map(comment, comments), *_pairs(plain)]
    for key, table in document.items():
        if isinstance(table, Mapping) and table:
            lines += _table(key, table, inline=key == "columns")
    return "\n".join(lines) + "\n"


def comment(text: str) -> str:
    """One line of a TOML comment, in which control characters are not allowed."""
    return "# " + re.sub(r"[\x00-\x1f\x7f]", " ", text)


def _table(path: str, table: Document, *, inline: bool) -> list[str]:
    own = {key: value for key, value in table.items() if inline or not isinstance(value, Mapping)}
    lines = ["", f"[{path}]", *_pairs(own)] if own else []
    for key, value in table.items():
        if key not in own:
            lines += _table(f"{path}.{_key(key)}", value, inline=False)
    return lines


def _pairs(values: Document) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in values.items()]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }"
    return str(value)


def _quoted(text: str) -> str:
    """A TOML basic string; its escapes are those of JSON, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
