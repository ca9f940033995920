"""Rules of a surrogate tree in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analytics import formats
from analytics.formats import percent

Bounds = tuple[float | None, float | None]
"""More than the first, at most the second; None where there is no such bound."""

COMPASS = {"east_km": ("east", "west"), "north_km": ("north", "south")}


def rule_of(row: Mapping[str, Any]) -> str:
    """A rule as a version stores it; an earlier program stored it in words."""
    if "words" in row:
        return str(row["words"])
    return rule_words({one["feature"]: (one["low"], one["high"]) for one in row["bounds"]})


def rule_words(bounds: Mapping[str, Bounds]) -> str:
    """Bounds of features as one sentence; features are named as
    `analytics.training.surrogate.examples_of` does.

    `east_km`, `north_km` are from the middle of all incidents; `night` and `column: VALUE` are
    shares; all others are numbers of what their name says.
    """
    if not bounds:
        return "Anywhere"
    words = "; ".join(
        phrase for name in sorted(bounds, key=_order) for phrase in _phrases(name, bounds[name])
    )
    return words[:1].upper() + words[1:]


def _order(name: str) -> tuple[bool, str]:
    return name not in COMPASS, name


def _phrases(name: str, bounds: Bounds) -> list[str]:
    low, high = bounds
    if name in COMPASS:
        return _compass(COMPASS[name], low, high)
    number, what = _number_and_what(name)
    if low is not None and high is not None:
        return [f"{number(low)} to {number(high)} {what}"]
    if low is not None:
        return [f"more than {number(low)} {what}"]
    return [] if high is None else [f"at most {number(high)} {what}"]


def _compass(ways: tuple[str, str], low: float | None, high: float | None) -> list[str]:
    """`over 1.3 mi north of the center`; the center is 0, the second way is negative."""
    ahead, back = ways
    if low is not None and high is not None:
        if low >= 0 or high <= 0:
            near, far = sorted((abs(low), abs(high)))
            return [f"{_far(near)} to {_far(far)} {ahead if low >= 0 else back} of the center"]
        return [f"between {_far(-low)} {back} and {_far(high)} {ahead} of the center"]
    limit, more, less = (low, ahead, back) if low is not None else (high, back, ahead)
    if limit is None:
        return []
    beyond = limit >= 0 if low is not None else limit < 0
    start = f"over {_far(abs(limit))} {more}" if beyond else f"up to {_far(abs(limit))} {less}"
    return [f"{start} of the center" + ("" if beyond else f" or {more} of it")]


def _number_and_what(name: str) -> tuple[Callable[[float], str], str]:
    if name == "night":
        return _percent, "of incidents between 10 PM and 6 AM"
    if ": " in name:
        column, value = name.split(": ", 1)
        verb = "are" if column == "type" else "happen at:"
        return _percent, f"of incidents {verb} {value.lower()}"
    return _count, name


def _far(km: float) -> str:
    return formats.distance_text(1000 * km)


def _percent(share: float) -> str:
    return percent(share, 0)


def _count(number: float) -> str:
    return formats.number(number, 0 if number >= 10 else 1)
