"""The rule of a watch list: what it looks at, and when it fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum, unique
from typing import Any

from analytics.errors import InputError

WEEK_DAYS, FOUR_WEEKS = 7, 28
LONGEST_DAYS = 366
FEWEST_LINKED = 3
"""Incidents of a chain of near repeats."""
HIGHEST_COUNT = 999_999_999


@unique
class RuleKind(StrEnum):
    """What a watch list looks at."""

    CHANGE = "change"
    THRESHOLD = "threshold"
    NEAR_REPEAT_CHAIN = "near_repeat_chain"
    HOT_SPOT = "hot_spot"
    NEW_HOT_SPOT = "new_hot_spot"
    STALE_FEED = "stale_feed"


@unique
class Direction(StrEnum):
    """Which changes fire."""

    MORE = "more"
    FEWER = "fewer"
    BOTH = "both"


@dataclass(frozen=True)
class WatchRule:
    """A rule with its parameters.

    Attributes
    ----------
    days
        Length of the period, which ends with the last complete day.
    table
        Of a change: whether each crime type, each area and each type in each area is tested, or
        the selection as one count.
    at_least, at_most
        Of a threshold: the count from which, or down to which, it fires; one of them.
    target
        Of chains and new hot spots: a target of targets.csv that is followed, in place of a
        selection.
    """

    kind: RuleKind
    days: int = WEEK_DAYS
    table: bool = False
    direction: Direction = Direction.MORE
    at_least: int | None = None
    at_most: int | None = None
    target: str = ""

    @classmethod
    def of(cls, kind: str, given: Mapping[str, Any]) -> WatchRule:
        """Read a rule; parameters that are not given have their defaults.

        Raises
        ------
        InputError
            The rule or a parameter is not valid; the message names it.
        """
        if kind not in set(RuleKind):
            raise InputError(f"{kind[:40]!r} is not a rule; choose one of {', '.join(RuleKind)}.")
        allowed = PARAMETERS[RuleKind(kind)]
        for name in given:
            if name not in allowed:
                choices = ", ".join(allowed) or "none"
                raise InputError(f"{name[:40]!r} is not a parameter of {kind}. It has: {choices}.")
        values: dict[str, Any] = {name: _READ[name](name, value) for name, value in given.items()}
        rule = cls(RuleKind(kind), **values)
        if rule.kind is RuleKind.CHANGE and rule.days not in {WEEK_DAYS, FOUR_WEEKS}:
            raise InputError(f"A change is of {WEEK_DAYS} or {FOUR_WEEKS} days, not {rule.days}.")
        if rule.kind is RuleKind.THRESHOLD and (rule.at_least is None) == (rule.at_most is None):
            raise InputError("A threshold needs either at_least or at_most.")
        return rule

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of its kind, as JSON values; the inverse of `of`."""
        own = ((name, getattr(self, name)) for name in PARAMETERS[self.kind])
        return {name: value for name, value in own if value is not None and value != ""}


PARAMETERS: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.CHANGE: ("days", "table", "direction"),
    RuleKind.THRESHOLD: ("days", "at_least", "at_most"),
    RuleKind.NEAR_REPEAT_CHAIN: ("target",),
    RuleKind.HOT_SPOT: (),
    RuleKind.NEW_HOT_SPOT: ("target",),
    RuleKind.STALE_FEED: (),
}
"""Names of the parameters of each kind of rule."""


def _days(name: str, value: Any) -> int:
    return _whole(name, value, 1, LONGEST_DAYS)


def _count(name: str, value: Any) -> int:
    return _whole(name, value, 0, HIGHEST_COUNT)


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{name} is a whole number from {low} to {high:,}, not {value!r}.")
    return value


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{name} is true or false, not {value!r}.")
    return value


def _direction(name: str, value: Any) -> Direction:
    if value not in set(Direction):
        raise InputError(f"{name} is one of {', '.join(Direction)}, not {value!r}.")
    return Direction(value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} is a text, not {value!r}.")
    return value


_READ = {
    "days": _days,
    "table": _yes_or_no,
    "direction": _direction,
    "at_least": _count,
    "at_most": _count,
    "target": _text,
}
assert {*_READ} <= {one.name for one in fields(WatchRule)}  # noqa: S101
