"""A stored plan compared with reported harm: its shares, its frontier, and the trend of plans."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from analytics.cli.output import warn
from analytics.cli.planning import city_of, planned_again
from analytics.errors import InputError, PatrolIQError

if TYPE_CHECKING:  # they load Polars and SciPy
    from analytics.fairness.area_weeks import AreaWeeks
    from analytics.fairness.call_counts import CallCounts
    from analytics.fairness.stored_evaluation import (
        EvaluatedPlan,
        FairnessEvaluation,
        PlanFrontier,
    )
    from analytics.incidents.reader import SnapshotReader
    from analytics.patrol.stored_plans import PlanVersion
    from analytics.settings import Settings


@dataclass(frozen=True)
class ChosenPlans:
    """The plan to compare, None where there is none, and all plans of its level for the trend."""

    chosen: PlanVersion | None
    others: tuple[PlanVersion, ...] = field(default=(), repr=False)


def read_plans(settings: Settings, number: int | None) -> ChosenPlans:
    """The plan of a number, or the newest one of the whole city.

    Raises
    ------
    InputError
        There is no plan of the number, or it is of one area.
    """
    from analytics.fairness.plan_trend import MOST_PLANS
    from analytics.patrol.stored_plans import StoredPlans
    from analytics.state import State

    with closing(State(settings)) as state:
        stored = StoredPlans(state, settings)
        newest = [one for one in stored.newest(MOST_PLANS) if one.area is None]
        whole = [stored.read(one.plan, one.version) for one in newest]
        chosen = stored.read(number) if number is not None else next(iter(whole), None)
    if chosen is None:
        return ChosenPlans(None)
    if chosen.request.area is not None:
        raise InputError(f"Plan {number} is of one area; shares compare areas.")
    level = chosen.request.per
    return ChosenPlans(chosen, tuple(one for one in whole if one.request.per == level))


def read_calls(settings: Settings, level: str, first: date, last: date) -> CallCounts | None:
    """Calls for service of these days; None where none are loaded, or they have no such areas.

    Calls that cannot be read are left out, which is said.
    """
    from analytics.fairness.call_counts import read_call_counts
    from analytics.services import Services

    try:
        found = Services(settings).pin_calls()
    except PatrolIQError as error:
        warn(f"Calls for service are left out: {error}")
        return None
    return None if found is None else read_call_counts(found.reader, level, first, last)


def described(version: PlanVersion) -> EvaluatedPlan:
    """The plan in short."""
    from analytics.fairness.stored_evaluation import EvaluatedPlan

    request, content = version.request, version.content
    return EvaluatedPlan(
        version.plan,
        version.version,
        request.day,
        request.shift,
        request.units,
        request.target,
        version.model,
        version.snapshot,
        request.harm,
        request.proactive,
        content.share_limit,
    )


def with_plans(
    found: FairnessEvaluation,
    plans: ChosenPlans,
    weeks: AreaWeeks,
    reader: SnapshotReader,
    settings: Settings,
) -> FairnessEvaluation:
    """Add the chosen plan's shares, its frontier and the trend; the same without a plan."""
    from analytics.areas.population import read_population
    from analytics.fairness.plan_shares import compare_plan
    from analytics.fairness.plan_trend import patrol_time, plan_points

    version = plans.chosen
    if version is None:
        return found
    population = read_population(settings.home, found.level)
    calls = read_calls(settings, found.level, found.first, found.last)
    by_area = calls.by_area if calls else None
    trend = plan_points(reader, plans.others)
    return replace(
        found,
        population=population.source if population else "",
        outlines=population.outlines if population else "",
        left_out=population.left_out if population else 0.0,
        calls=calls.total if calls else None,
        calls_first=calls.first if calls else None,
        calls_last=calls.last if calls else None,
        plan=described(version),
        comparison=compare_plan(patrol_time(version), weeks, population, by_area),
        frontier=frontier_of(version, weeks),
        trend=trend,
        trend_left_out=len(plans.others) - len(trend),
        trend_of=tuple((one.plan, one.version) for one in plans.others),
    )


def frontier_of(version: PlanVersion, weeks: AreaWeeks) -> PlanFrontier | None:
    """The frontier with the plan on it; None where its data or forecast is gone, which is said."""
    from analytics.fairness.frontier import FrontierPlan, frontier
    from analytics.fairness.stored_evaluation import PlanFrontier
    from analytics.patrol.capture_curves import CaptureCurves

    request = version.request
    try:
        city = planned_again(version).city
    except PatrolIQError as error:
        warn(f"The frontier of plan {version.plan} is left out: {error}")
        return None
    areas = city.spots.areas
    of_harm = weeks.harm_shares()
    harm = tuple(of_harm.get(area, 0.0) for area in areas)
    curves = CaptureCurves(city, request.seed)
    workload = city.workload()
    plans = frontier(
        curves, workload, request.units, harm, minimum=request.minimum, balance=request.balance
    )
    given = {one.area: one.units for one in version.content.areas}
    units = tuple(given.get(area, 0) for area in areas)
    chosen = FrontierPlan.of(curves, units, harm)
    moved, gains = _with_found_offenses(version, areas, plans[0].units)
    return PlanFrontier(plans, chosen, moved, gains)


def _with_found_offenses(
    version: PlanVersion, areas: Sequence[str], units: Sequence[int]
) -> tuple[int | None, dict[str, int]]:
    """Units that move if offenses that police activity finds count too, and who gains them.

    Both allocations keep the plan's minimum and balance, and have no limit on shares. None where
    the plan counts them already.
    """
    from analytics.patrol.allocation import UnitLimits, allocate
    from analytics.patrol.capture_curves import CaptureCurves

    request = version.request
    if request.proactive:
        return None, {}
    city = city_of(replace(request, proactive=True, at_most_share=None), version.snapshot).city
    limits = UnitLimits.of(
        city.workload(), request.units, minimum=request.minimum, balance=request.balance
    )
    given = allocate(CaptureCurves(city, request.seed), request.units, limits).units
    after = dict(zip(city.spots.areas, given, strict=True))
    before = dict(zip(areas, units, strict=True))
    gains = {
        area: after[area] - before.get(area, 0)
        for area in after
        if after[area] > before.get(area, 0)
    }
    return sum(gains.values()), gains
