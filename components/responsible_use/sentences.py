"""Sentences of the page Responsible use, for readers who are not analysts."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.fairness.feedback import Learning
from analytics.fairness.plan_shares import PlanAreaShares
from analytics.fairness.shares import Finds
from analytics.fairness.stored_evaluation import (
    EvaluatedPlan,
    EvaluationAge,
    FairnessEvaluation,
    PlanFrontier,
)
from analytics.formats import date_range, number, numbers, percent, short_date
from analytics.patrol.stored_plans import PlanVersion

USED_FOR = (
    "Choosing places and times for visible patrol, from incidents that the public reported.",
    "Showing how many incidents to expect, and how unsure that number is.",
    "Showing what a plan costs and whom it reaches, so that people can decide and be asked why.",
)
NOT_USED_FOR = (
    "Persons: nobody is scored, listed or predicted. A place on a map does not justify a stop.",
    "Staffing or response times: incidents are not calls for service.",
    "Proof: a plan near an incident did not prevent it, and fewer incidents have many causes.",
    "Decisions: a person makes each plan, can change it, and gives a reason that is logged.",
)
OTHER_DATA = "Other data has been loaded since; compare again to use it."
NOT_COMPARED = "No plan was compared with reported harm yet."
LIMITS = (2.0, 1.5, 1.2)
"""Limits whose price is told where a plan has none."""
FINDS = {
    Finds.AS_REPORTED: "patrols find what the public reports",
    Finds.AS_FOUND: "patrols find what they found so far",
}
LEARNING = {
    Learning.ALL_RECORDS: "Without safeguard",
    Learning.CORRECTED: "Finds corrected for patrol",
    Learning.REPORTED_ONLY: "Reported incidents only (ours)",
}


def plan_words(plan: EvaluatedPlan) -> str:
    """`Plan 5 (version 1) for Evening of Oct 1, 2018, 44 units`."""
    what = "harm" if plan.harm else "incidents"
    of = "" if plan.target == "all" else f" of {plan.target.replace('_', ' ')}"
    return (
        f"Plan {plan.plan} (version {plan.version}) for {plan.shift} of {short_date(plan.day)}, "
        f"{number(plan.units)} units, made to reach most {what}{of}"
    )


def summary_words(found: FairnessEvaluation, name: str) -> str:
    """What the comparison says in short; `name` is that of the area with the highest ratio."""
    plan, comparison = found.plan, found.comparison
    if plan is None or comparison is None:
        return NOT_COMPARED
    highest = highest_area(comparison.areas)
    days = date_range(found.first, found.last)
    text = f"{plan_words(plan)}, compared with what the public reported from {days}. "
    if highest is not None and highest.time_to_harm is not None:
        ratio = highest.time_to_harm
        text += (
            f"Most patrol for its reported harm goes to {name}: {number(ratio.value, 2)} times its "
            f"share ({numbers(ratio.low, ratio.high, 2)}). "
        )
    return text + (
        f"To match reported harm everywhere, {percent(comparison.moved)} of patrol time would have "
        "to move."
    )


def highest_area(areas: Sequence[PlanAreaShares]) -> PlanAreaShares | None:
    """The area with the highest ratio of its shares of time and harm."""
    rated = [one for one in areas if one.time_to_harm is not None]
    return max(
        rated, key=lambda one: one.time_to_harm.value if one.time_to_harm else 0.0, default=None
    )


def unplaced_words(found: FairnessEvaluation) -> str:
    """What the shares leave out, and of which incidents they are."""
    text = (
        f"Shares are of {number(found.reported)} incidents that the public reported; "
        f"{number(found.found)} police-initiated ones are left out"
    )
    if found.unplaced:
        text += f", and {number(found.unplaced)} without an area"
    return f"{text}. {_calls_words(found)}"


def _calls_words(found: FairnessEvaluation) -> str:
    if found.calls is None or found.calls_first is None or found.calls_last is None:
        return "No calls for service of these days are loaded, so their shares are not known."
    days = date_range(found.calls_first, found.calls_last)
    return f"Calls: {number(found.calls)} of callers, {days}."


def population_words(found: FairnessEvaluation, without: float) -> str:
    """Where the groups are from."""
    text = f"Residents: {found.population}"
    if found.outlines:
        text += (
            f", divided over the areas of the plan by area ({found.outlines}); "
            f"{percent(found.left_out)} of the residents are in none"
        )
    if without >= 0.0005:
        text += f". {percent(without)} of patrol time is in areas without known residents"
    return f"{text}."


def no_population_words(level: str) -> str:
    """How residents by group are added."""
    return (
        "No residents by group are loaded. An administrator adds them from a census table with "
        f"`patroliq boundaries population {level} FILE`."
    )


def price_words(plan: EvaluatedPlan, frontier: PlanFrontier) -> str:
    """What the plan's limit costs; without one, what some limits would cost."""
    limit = plan.limit
    what = "harm" if plan.harm else "incidents"
    if limit is not None:
        return (
            f"This plan keeps each area's share of patrol time at {number(limit.at_most, 2)} times "
            f"its share of reported harm at most. That costs {percent(limit.price)} of the {what} "
            f"within reach ({number(limit.captured, 2)} expected in the shift instead of "
            f"{number(limit.captured_without, 2)}) and moves {number(limit.units_moved)} of "
            f"{number(plan.units)} units."
        )
    most = frontier.plans[0].captured
    prices = []
    for at_most in LIMITS:
        meets = [
            one.captured
            for one in frontier.plans
            if one.disparity is not None and one.disparity <= at_most
        ]
        if meets and most > 0:
            prices.append(f"at most {number(at_most, 1)} times, {percent(1 - max(meets) / most)}")
    if not prices:
        return "This plan has no limit on shares of patrol time, and its few units allow none."
    return (
        "This plan has no limit on shares of patrol time. A limit would cost, of the "
        f"{what} within reach: {'; '.join(prices)}."
    )


def proactive_words(frontier: PlanFrontier, units: int, names: dict[str, str]) -> str:
    """What counting police-initiated offenses would change."""
    if frontier.proactive_moved is None:
        return (
            "This plan counts police-initiated offenses. They say where officers were, "
            "not where they are needed."
        )
    text = (
        "If police-initiated offenses (such as narcotics) counted as demand, "
        f"{number(frontier.proactive_moved)} of {number(units)} units would be in other areas"
    )
    gains = [
        f"{names.get(area, area)} +{count}" for area, count in frontier.proactive_gains.items()
    ]
    more = f": {', '.join(gains)}" if gains else ""
    return f"{text}{more}. They are left out, since they follow patrol."


def feedback_words(found: FairnessEvaluation) -> str:
    """What the simulation assumes, and what it shows."""
    start = found.feedback[0].misplaced_start
    return (
        f"If patrols followed the whole record today, {percent(start)} of them would have to move "
        "to match what the public reports. Nobody knows what patrols did not find, so both "
        "assumptions are shown. Plans and demand forecasts here leave out what patrols find."
    )


def not_compared_words(newest: PlanVersion) -> str:
    """That the newest plan was not compared yet."""
    return (
        f"Plan {newest.plan} (version {newest.version}) for {short_date(newest.request.day)} is "
        "not compared with reported harm yet."
    )


def frontier_words(plan: EvaluatedPlan, age: EvaluationAge) -> str:
    """Which plan the frontier is of, and that there is a newer one, or other data."""
    text = f"Frontier of plan {plan.plan} (version {plan.version})."
    if age.plan is not None:
        text += (
            f" It is older than plan {age.plan.plan} (version {age.plan.version}), which has none "
            "yet."
        )
    return f"{text} {OTHER_DATA}" if age.data else text


def trend_words(plans: int, left_out: int, age: EvaluationAge) -> str:
    """How many plans the trend has and lacks, what its line is, and what has come since."""
    shown = "One plan so far" if plans == 1 else f"{number(plans)} plans in the order of their days"
    rest = f" {number(left_out)} left out: too little data before their day." if left_out else ""
    text = f"{shown}; the dotted line is 1, an even share.{rest}"
    if age.trend:
        newer = (
            "1 newer plan or version is"
            if age.trend == 1
            else (f"{number(age.trend)} newer plans or versions are")
        )
        text += f" {newer} not in it yet."
    return f"{text} {OTHER_DATA}" if age.data else text
