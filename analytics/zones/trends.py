"""The trend of a zone as its profile stores it; light, since sentences read it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.statistics.change import Incomparable, Significance

RETIRED = {
    "unlikely to be chance": Significance.SIGNIFICANT,
    "within the usual variation": Significance.NOT_SIGNIFICANT,
    "too few to tell": Significance.TOO_FEW,
    "too little history to tell": Significance.TOO_SHORT,
}
"""What `trend_words` held before there was `trend`; anything else was why there is no verdict."""


def trend_of(row: Mapping[str, Any]) -> Significance | Incomparable | None:
    """The verdict on a zone's trend, or why there is none; None for a zone without a profile."""
    if "trend" not in row:
        said = row.get("trend_words")
        return None if said is None else RETIRED.get(said, Incomparable.BASE_NOT_COVERED)
    stored = row["trend"]
    known = {*Significance}
    return Significance(stored) if stored in known else Incomparable(stored)
