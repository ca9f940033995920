"""Text that people or other systems write, on one line."""

from __future__ import annotations

import re

from analytics.errors import InputError

HIDDEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Characters that are not shown, as a class of a pattern: controls, which a terminal would obey and
PostgreSQL refuses, marks that turn the direction of text, so that it reads as something else, and
halves of characters, which no database takes."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST_REASON = 500
_HIDDEN = re.compile(f"[{HIDDEN}]")


def one_line(text: str) -> str:
    """The text with single spaces; characters that are not shown become `REPLACEMENT`."""
    return _HIDDEN.sub(REPLACEMENT, " ".join(text.split()))


def visible_line(text: str) -> str:
    """The text with single spaces, of a name or a reason that somebody enters.

    Raises
    ------
    InputError
        It has characters that are not shown.
    """
    line = " ".join(text.split())
    found = _HIDDEN.search(line)
    if found:
        raise InputError(
            f"Character {found.start() + 1} (U+{ord(found[0]):04X}) is not shown and could make "
            "the text read as something else; remove it."
        )
    return line


def reason_of(text: str) -> str:
    """The reason on one line.

    Raises
    ------
    InputError
        It is missing or too long, or has characters that are not shown.
    """
    words = visible_line(text)
    if not words:
        raise InputError("Give a reason: it goes to the audit log.")
    if len(words) > LONGEST_REASON:
        raise InputError(f"A reason has at most {LONGEST_REASON} characters.")
    return words
