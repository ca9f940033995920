"""Lists in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 4
"""Parts of a long list that are named."""


def listed(parts: Sequence[str], word: str = "and", more: str = "", shown: int = SHOWN) -> str:
    """`a, b and c`; a long list is shortened to its first parts and the number of others."""
    if len(parts) > shown + 1:
        rest = f"{len(parts) - shown} more{' ' + more if more else ''}"
        return f"{', '.join(parts[:shown])} {word} {rest}"
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
