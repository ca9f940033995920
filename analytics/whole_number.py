"""Whole numbers in what people and other programs send."""

from __future__ import annotations

MOST_DIGITS = 9


def whole_number(text: object) -> int | None:
    """The number that a text is in ASCII digits, at most nine; None for anything else.

    `str.isdigit` also accepts `²`, which `int` refuses, and digits of other scripts.
    """
    if not isinstance(text, str) or len(text) > MOST_DIGITS:
        return None
    return int(text) if text.isascii() and text.isdigit() else None
