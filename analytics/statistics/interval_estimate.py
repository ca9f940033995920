"""A figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IntervalEstimate:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float
