"""Read the trend of a zone from its stored profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.statistics.change import Incomparable, Significance

_FORMER = {
    "unlikely to be chance": Significance.SIGNIFICANT,
    "within the usual variation": Significance.NOT_SIGNIFICANT,
    "too few to tell": Significance.TOO_FEW,
    "too little history to tell": Significance.TOO_SHORT,
}
"""Verdicts by the words of the column `trend_words`, which older profiles have instead of `trend`.
All other words were reasons for which there is no verdict."""


def trend_of(row: Mapping[str, Any]) -> Significance | Incomparable | None:
    """The verdict on a zone's trend, or why it has none; None for a zone without a profile."""
    if "trend" not in row:
        former = row.get("trend_words")
        return None if former is None else _FORMER.get(former, Incomparable.BASE_NOT_COVERED)
    stored = row["trend"]
    return Significance(stored) if stored in {*Significance} else Incomparable(stored)
