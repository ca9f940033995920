"""What a check finds: one thing that a watch list fires on, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, unique
from hashlib import sha256
from typing import Any

from analytics.alerts.watch_rules import RuleKind
from analytics.statistics.tiers import Tier

KEY_LENGTH = 64


@unique
class Trouble(StrEnum):
    """Why nothing of a watch list was tested."""

    NO_DAYS = "no_days"  # dates give months only, or there are none
    NO_PLACES = "no_places"
    NO_ZONES = "no_zones"
    TOO_SHORT = "too_short"  # history
    TOO_FEW = "too_few"  # incidents
    NO_REPEATS = "no_repeats"  # the Knox test is not significant
    NOT_READ = "not_read"  # the selection or the target is not one of this data


@dataclass(frozen=True)
class Subject:
    """What an alert is about; empty where it is not by it.

    Attributes
    ----------
    level, area : level of areas and key of one
    place : name of a zone
    """

    type: str = ""
    level: str = ""
    area: str = ""
    place: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class AlertFinding:
    """One thing that fires.

    Attributes
    ----------
    about
        What tells it apart from everything else that its watch list can fire on; `key` is its
        hash.
    first, last
        Days that are counted.
    expected, low, high
        The expected count with its 95% interval; None where there is none.
    p, q
        Of the test, one-sided where the watch list looks one way; None for facts.
    tier
        None for facts, such as a threshold that was reached.
    selection
        Text of the selection that shows its incidents.
    evidence
        Further facts as JSON values, by name.
    members
        Ids of the incidents that it links: findings that share some are the same thing.
    once
        Days within which others of its list and kind fire only together; 0 for at any time.
    """

    about: str
    subject: Subject
    first: date
    last: date
    count: int
    selection: str
    expected: float | None = None
    low: int | None = None
    high: int | None = None
    p: float | None = None
    q: float | None = None
    tier: Tier | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    once: int = 0

    @property
    def key(self) -> str:
        return sha256(self.about.encode()).hexdigest()[:KEY_LENGTH]


@dataclass(frozen=True)
class ListFindings:
    """What one watch list fires on.

    Attributes
    ----------
    tested : counts, zones or chains that were tested
    by_chance : how many alerts chance alone is expected to bring in a week of daily checks
    once : days within which those to watch fire only together; 0 for at any time
    trouble, why : why it could not be checked; None if it could
    """

    findings: tuple[AlertFinding, ...] = ()
    tested: int = 0
    by_chance: float = 0.0
    once: int = 0
    trouble: Trouble | None = None
    why: str = ""


def begins_batch(days_since: int | None, once: int) -> bool:
    """Whether those to watch may fire: with the same data again, or a period after the last batch.

    A batch may be empty: waiting for a day that brings one would look at every day of a period.

    Parameters
    ----------
    days_since
        From the last day of the newest batch's data to that of the check's; None before the first.
    once
        Length of the period in days.
    """
    return days_since is None or days_since == 0 or days_since >= once


def goes_on(before: date, first: date, last: date) -> bool:
    """Whether what ended on a day goes on in a period: less than one whole period lies between."""
    return (first - before).days <= (last - first).days + 1


def rank_of(kind: RuleKind, finding: AlertFinding) -> float:
    """Sort key of alerts, the most urgent lowest.

    A feed that stopped makes every other number old, and a threshold was set by a person, so both
    stand first; then clear ones, then those to watch, each by its p-value.
    """
    if kind is RuleKind.STALE_FEED:
        return 0.0
    if finding.tier is None:
        return 1.0
    return (2.0 if finding.tier is Tier.CLEAR else 3.0) + min(finding.p or 0.0, 0.999)
