"""Metrics of a model version."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A number with its 95% interval, if it has one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    def at(self, which: str) -> float | None:
        """`value`, `low` or `high`."""
        found: float | None = {"value": self.value, "low": self.low, "high": self.high}[which]
        return found
