"""The stored evaluation of fairness that the page Responsible use shows.

Made by the worker (`patroliq evaluate fairness --save`) and read by web workers; the newest one:

<home>/fairness/evaluation.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analytics.access.stored_results import ALL, seen_results
from analytics.fairness.feedback import Learning
from analytics.fairness.frontier import FrontierPlan
from analytics.fairness.plan_shares import GroupShares, PlanAreaShares, PlanComparison
from analytics.fairness.shares import Finds
from analytics.patrol.plan_content import ShareLimitPrice
from analytics.patrol.stored_plans import PlanVersion
from analytics.statistics.interval_estimate import IntervalEstimate
from analytics.stored import damaged, read_object, replace_text

FILE = Path("fairness") / "evaluation.json"
MEND = "`patroliq evaluate fairness --save` makes it again."


@dataclass(frozen=True)
class FeedbackOutcome:
    """A simulated year: share of the patrols to move to match the reports, before and after.

    `low` and `high` hold 95% of the runs.
    """

    finds: Finds
    learning: Learning
    misplaced_start: float
    misplaced_end: float
    low: float
    high: float


@dataclass(frozen=True)
class EvaluatedPlan:
    """Which plan was compared.

    Attributes
    ----------
    harm : whether it reaches most harm instead of most incidents
    limit : its limit on shares of patrol time and the price of it
    """

    plan: int
    version: int
    day: date
    shift: str
    units: int
    target: str
    model: str
    snapshot: str
    harm: bool
    proactive: bool
    limit: ShareLimitPrice | None = None


@dataclass(frozen=True)
class PlanPoint:
    """One stored plan in the trend.

    Attributes
    ----------
    area : the one with the highest ratio of its shares of time and harm; empty without any
    moved : share of patrol time that would have to move to match the shares of harm
    """

    plan: int
    day: date
    shift: str
    units: int
    area: str
    highest: float | None
    moved: float


@dataclass(frozen=True)
class PlanFrontier:
    """Plans from most captured to the lowest disparity, and the compared plan by the same curves.

    Attributes
    ----------
    proactive_moved : units in other areas if offenses that police activity finds counted as demand
    proactive_gains : areas that would gain units, with the number of each
    """

    plans: tuple[FrontierPlan, ...]
    chosen: FrontierPlan
    proactive_moved: int | None = None
    proactive_gains: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class EvaluationAge:
    """What has come since an evaluation: it is shown, and said to be older.

    Attributes
    ----------
    plan : the newest plan of the whole city, where it is not the one compared
    trend : plans of the same level, or new versions of them, that the trend does not have
    data : whether other data is served than that of the evaluation
    """

    plan: PlanVersion | None
    trend: int
    data: bool


@dataclass(frozen=True)
class FairnessEvaluation:
    """All that the page shows.

    Attributes
    ----------
    snapshot, made, person : data, time (ISO 8601) and person of the evaluation
    first, last, weeks : the weeks counted
    unplaced : incidents without an area, which are left out
    population, outlines, left_out : source of the groups, and how they were divided
    calls, calls_first, calls_last : calls for service in these weeks, and their days; None where no
        calls are loaded, or none of these weeks
    comparison, plan, frontier : None without a stored plan
    trend_left_out : plans with too little data before their day for a point
    trend_of : plan and version of all plans that the trend is of, with those left out
    """

    snapshot: str
    made: str
    person: str
    level: str
    first: date
    last: date
    weeks: int
    unplaced: int
    reported: int
    found: int
    feedback: tuple[FeedbackOutcome, ...]
    population: str = ""
    outlines: str = ""
    left_out: float = 0.0
    calls: int | None = None
    calls_first: date | None = None
    calls_last: date | None = None
    plan: EvaluatedPlan | None = None
    comparison: PlanComparison | None = None
    frontier: PlanFrontier | None = None
    trend: tuple[PlanPoint, ...] = ()
    trend_left_out: int = 0
    trend_of: tuple[tuple[int, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain values, apart from dates."""
        return asdict(self)


def write_evaluation(home: Path, found: FairnessEvaluation) -> None:
    """Store an evaluation as the newest."""
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(found.as_json(), ensure_ascii=False, default=str))


def read_evaluation(home: Path) -> FairnessEvaluation | None:
    """The newest evaluation; None where there is none that the current reader may see.

    Raises
    ------
    DamagedError
        The file cannot be read; evaluating again replaces it.
    """
    path = home / FILE
    if not is_evaluation_seen():
        return None
    try:
        raw = read_object(path, MEND)
    except FileNotFoundError:
        return None
    try:
        return _evaluation(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, error, MEND) from error


def evaluation_state(home: Path) -> int | None:
    """A value that changes whenever `read_evaluation` does."""
    path = home / FILE
    return path.stat().st_mtime_ns if path.exists() and is_evaluation_seen() else None


def is_evaluation_seen() -> bool:
    """Whether the current reader sees the evaluation, whose every figure is of counts by area."""
    return seen_results().has(ALL) and seen_results().counts


def _evaluation(raw: Mapping[str, Any]) -> FairnessEvaluation:
    return FairnessEvaluation(
        **{
            **raw,
            "first": date.fromisoformat(raw["first"]),
            "last": date.fromisoformat(raw["last"]),
            "calls_first": raw["calls_first"] and date.fromisoformat(raw["calls_first"]),
            "calls_last": raw["calls_last"] and date.fromisoformat(raw["calls_last"]),
            "feedback": tuple(_outcome(one) for one in raw["feedback"]),
            "plan": raw["plan"] and _plan(raw["plan"]),
            "comparison": raw["comparison"] and _comparison(raw["comparison"]),
            "frontier": raw["frontier"] and _frontier(raw["frontier"]),
            "trend": tuple(
                PlanPoint(**{**one, "day": date.fromisoformat(one["day"])}) for one in raw["trend"]
            ),
            "trend_of": tuple((plan, version) for plan, version in raw.get("trend_of", ())),
        }
    )


def _outcome(raw: Mapping[str, Any]) -> FeedbackOutcome:
    kinds = {"finds": Finds(raw["finds"]), "learning": Learning(raw["learning"])}
    return FeedbackOutcome(**{**raw, **kinds})


def _plan(raw: Mapping[str, Any]) -> EvaluatedPlan:
    limit = raw["limit"] and ShareLimitPrice(**raw["limit"])
    return EvaluatedPlan(**{**raw, "day": date.fromisoformat(raw["day"]), "limit": limit})


def _comparison(raw: Mapping[str, Any]) -> PlanComparison:
    return PlanComparison(
        tuple(PlanAreaShares(**_with_ratio(one)) for one in raw["areas"]),
        tuple(GroupShares(**_with_ratio(one)) for one in raw["groups"]),
        raw["moved"],
        raw["without_population"],
    )


def _with_ratio(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "time_to_harm": raw["time_to_harm"] and IntervalEstimate(**raw["time_to_harm"])}


def _frontier(raw: Mapping[str, Any]) -> PlanFrontier:
    def one(plan: Mapping[str, Any]) -> FrontierPlan:
        return FrontierPlan(**{**plan, "units": tuple(plan["units"])})

    plans = tuple(one(plan) for plan in raw["plans"])
    return PlanFrontier(**{**raw, "plans": plans, "chosen": one(raw["chosen"])})
