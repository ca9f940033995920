"""The shape of what a browser sends with a gesture; anything else is refused with status 400."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import BadRequest

MOST_NUMBER = 10**9
Check = Callable[[object], bool]
NAMED = frozenset({"action", "dimension", "name"})
"""Fields with a name of the program."""
MOST_PARTS = 40
_NAME = re.compile("[a-z][a-z0-9_-]{0,39}")
SCALARS = (str, int, float, bool, type(None))


def _text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(x, str) for x in value))


def _keys(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(x, SCALARS) for x in value))


def _scalars(value: object) -> bool:
    """An object of scalars, such as the fields of a form or the options of a page."""
    return value is None or (
        isinstance(value, dict) and all(isinstance(x, SCALARS) for x in value.values())
    )


def _number(value: object) -> bool:
    return value is None or (isinstance(value, int) and abs(value) <= MOST_NUMBER)


GESTURE: Mapping[str, Check] = {
    **dict.fromkeys(("action", "text", "dimension", "name"), _text),
    "keys": _keys,
    "changed": _texts,
    **dict.fromkeys(("values", "page"), _scalars),
    "n": _number,
}
"""Fields that answers read from a gesture."""
STATE: Mapping[str, Check] = {
    **dict.fromkeys(("text", "snapshot", "own"), _text),
    **dict.fromkeys(("past", "future", "left_out"), _texts),
}
"""Fields that answers read from the stored selection."""
QUESTION: Mapping[str, Check] = {"phrase": _text}
"""Fields that the box of questions sends."""


def checked(value: object, fields: Mapping[str, Check]) -> dict[str, Any]:
    """The value as an object whose fields are of their kinds; an empty one for nothing.

    Raises
    ------
    BadRequest
        It is none.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest("The gesture is not an object.")
    wrong = [name for name, is_valid in fields.items() if not is_valid(value.get(name))]
    if wrong:
        raise BadRequest(f"The gesture's {', '.join(wrong)} cannot be read.")
    return value


def shape_of(value: object) -> object:
    """What a browser sent, for the log: names and sizes, but nothing that a person chose or wrote.

    Names of the program, such as those of actions, dimensions and options, are kept.
    """
    if isinstance(value, Mapping):
        return {
            _name(name): part if name in NAMED and _NAME.fullmatch(str(part)) else shape_of(part)
            for name, part in [*value.items()][:MOST_PARTS]
        }
    if isinstance(value, list):
        return f"{len(value)} of {', '.join(sorted({type(one).__name__ for one in value}))}"
    return f"str of {len(value)}" if isinstance(value, str) else type(value).__name__


def _name(name: object) -> str:
    return str(name) if _NAME.fullmatch(str(name)) else "another name"
