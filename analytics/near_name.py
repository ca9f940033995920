"""The name that somebody may have meant, for messages about a name that is not known."""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz import fuzz, process

LEAST_ALIKE = 60
"""Percent of letters in common, in order, from which a name is suggested."""
LONGEST = 200
"""Characters of a longer name that are compared."""
MOST_HINTS = 5
"""Names of one request that are compared at most: further ones are counted in the message."""


def near_name(name: str, known: Collection[str]) -> str | None:
    """The most similar known name; None if no one is similar."""
    found = process.extractOne(
        name[:LONGEST], list(known), scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE
    )
    return None if found is None else str(found[0])
