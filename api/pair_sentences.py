"""What two incidents have in common, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp

from analytics.formats import distance_text, number
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.series.pair_features import (
    CLOCK,
    DAYS,
    DISTANCE,
    DISTANCES_M,
    HOURS,
    LAG,
    SAME_COMMON,
    SAME_RARE,
    UNKNOWN_LEVEL,
    WEEK,
)
from analytics.series.why_linked import WhyLinked

FEATURES = {
    DISTANCE: "Distance",
    LAG: "Days apart",
    CLOCK: "Hours apart",
    WEEK: "Part of the week",
    "description": "Description",
    "location_type": "Location type",
}
SAME = {SAME_RARE: "same, a rare one", SAME_COMMON: "same", UNKNOWN_LEVEL: "unknown"}
NOTICEABLE = 0.05
"""Log Bayes factors nearer to 0 say nothing."""


@dataclass(frozen=True)
class CommonRow:
    """A feature: what it says of the pairs on average, and its level in two of them."""

    feature: str
    says: str
    strongest: str
    weakest: str


def common_rows(why: WhyLinked, manifest: Manifest) -> Iterator[CommonRow]:
    """A row for each feature, as the model has them."""
    own = {ATTRIBUTE_PREFIX + one.name: one.label for one in manifest.attributes}
    for name, evidence in why.evidence.items():
        yield CommonRow(
            FEATURES.get(name) or own.get(name, name),
            _says(evidence),
            _level(name, why.strongest.levels),
            _level(name, why.weakest.levels),
        )


def _says(evidence: float) -> str:
    if abs(evidence) < NOTICEABLE:
        return "none"
    times = number(exp(abs(evidence)), 1)
    return f"{times} times for a link" if evidence > 0 else f"{times} times against"


def _level(name: str, levels: Mapping[str, int]) -> str:
    level = levels[name]
    if name == DISTANCE:
        return _up_to(level, [distance_text(one) for one in DISTANCES_M])
    if name == LAG:
        return _days(level)
    if name == CLOCK:
        if level == len(HOURS) + 1:
            return "unknown"
        return _up_to(level, [f"{one} h" for one in HOURS])
    if name == WEEK:
        return "differs" if level else "same"
    return SAME.get(level, "differs")


def _up_to(level: int, bounds: list[str]) -> str:
    if level < len(bounds):
        return f"up to {bounds[level]}"
    return f"over {bounds[-1]}"


def _days(level: int) -> str:
    if level == len(DAYS):
        return f"over {DAYS[-1]}"
    first = DAYS[level - 1] + 1 if level else 0
    return "same day" if not DAYS[level] else f"{first} to {DAYS[level]}"
