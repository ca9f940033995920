"""What a plan was asked for: all that makes it again from the same snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from analytics.patrol.rules import PatrolRules, PatrolSetting

LIMITS: Mapping[str, PatrolSetting] = {
    "units": PatrolSetting("units", "Units of all areas", 1, 500),
    "minimum": PatrolSetting("minimum", "Units of each area at least", 0, 500),
    "balance": PatrolSetting(
        "balance", "Units per workload at most this factor from the mean", 1, 1000, is_whole=False
    ),
    "at_most_share": PatrolSetting(
        "at-most-share",
        "Share of patrol time at most this multiple of an area's share of harm",
        0.01,
        1000,
        is_whole=False,
    ),
}
"""Limits of the allocation, by field of `PlanRequest`."""


@dataclass(frozen=True)
class PlanRequest:
    """The request for a plan.

    Attributes
    ----------
    day : on which the shift begins
    units : of all areas
    target, selection : which incidents count, `selection` as its text
    per : level of the areas
    harm, proactive : see `patroliq plan make`
    area : the only one that is planned; None for all
    minimum, balance : limits of the allocation, see `UnitLimits.of`
    at_most_share : multiple of its share of harm for each area's share of patrol time
    places : a `PlaceMethod`
    """

    day: date
    shift: str
    units: int
    seed: int
    rules: PatrolRules
    target: str = "all"
    selection: str = ""
    per: str = "district"
    harm: bool = False
    proactive: bool = False
    area: str | None = None
    minimum: int = 0
    balance: float | None = None
    at_most_share: float | None = None
    places: str = "cover"

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "day": self.day.isoformat()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> PlanRequest:
        """The inverse of `as_json`."""
        given = {**raw, "day": date.fromisoformat(raw["day"]), "rules": PatrolRules(**raw["rules"])}
        return cls(**given)
