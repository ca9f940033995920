"""Rules of the surrogate tree in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analytics import formats
from analytics.formats import percent

Bounds = tuple[float | None, float | None]
"""More than the first, at most the second; None for no bound."""

COMPASS = {"east_km": ("east", "west"), "north_km": ("north", "south")}


def rule_of(row: Mapping[str, Any]) -> str:
    """A stored rule in words; an earlier program stored the words."""
    if "words" in row:
        return str(row["words"])
    return rule_words({one["feature"]: (one["low"], one["high"]) for one in row["bounds"]})


def rule_words(bounds: Mapping[str, Bounds]) -> str:
    """Bounds of features as one sentence.

    Features are those of `analytics.training.surrogate.Examples`; names of an earlier program are
    counts in words.
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


def _compass(directions: tuple[str, str], low: float | None, high: float | None) -> list[str]:
    """`over 1.3 mi north of the center`; the center is 0, the second direction is negative."""
    ahead, back = directions
    if low is not None and high is not None:
        if low >= 0 or high <= 0:
            near, far = sorted((abs(low), abs(high)))
            return [
                f"{_distance(near)} to {_distance(far)} {ahead if low >= 0 else back} of the center"
            ]
        return [f"between {_distance(-low)} {back} and {_distance(high)} {ahead} of the center"]
    limit, more, less = (low, ahead, back) if low is not None else (high, back, ahead)
    if limit is None:
        return []
    beyond = limit >= 0 if low is not None else limit < 0
    start = (
        f"over {_distance(abs(limit))} {more}"
        if beyond
        else f"up to {_distance(abs(limit))} {less}"
    )
    return [f"{start} of the center" + ("" if beyond else f" or {more} of it")]


def _number_and_what(name: str) -> tuple[Callable[[float], str], str]:
    if name == "night":
        return _percent, "of incidents between 10 PM and 6 AM"
    if name.startswith("incidents_per_year: "):
        size = formats.distance_text(float(name.partition(": ")[2]))
        return _count, f"incidents a year in {size}"
    if ": " in name:
        column, value = name.split(": ", 1)
        verb = "are" if column == "type" else "happen at:"
        return _percent, f"of incidents {verb} {value.lower()}"
    return _count, name


def _distance(km: float) -> str:
    return formats.distance_text(1000 * km)


def _percent(share: float) -> str:
    return percent(share, 0)


def _count(number: float) -> str:
    return formats.number(number, 0 if number >= 10 else 1)
