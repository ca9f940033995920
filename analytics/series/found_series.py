"""A candidate series that a run found, by the ids of its incidents."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 3
"""Incidents of a candidate series."""


@dataclass(frozen=True)
class FoundSeries:
    """One candidate.

    Attributes
    ----------
    strength : evidence of its further incidents together (`analytics.series.candidates`)
    false_share : expected share of candidates by chance among those at least as strong
    """

    members: tuple[str, ...]
    strength: float
    false_share: float
