"""A plan's shares of patrol time beside those of harm and residents, by area and by group.

A group's share of patrol time is that of the areas where it lives: an area's time is divided over
its residents. It says nothing on who is stopped, or who was harmed, in an area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analytics.areas.population import Population
from analytics.fairness.area_weeks import AreaWeeks
from analytics.fairness.resampled_shares import ResampledShare, resampled_weeks
from analytics.fairness.share_of_whole import known_share, of_whole, share_to_move
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import Resamples
from analytics.statistics.interval_estimate import IntervalEstimate

FEWEST_INCIDENTS = 30
"""Reported incidents from which an area has a ratio."""
FEWEST_PEOPLE = 100
"""People, or households, from which a group is shown."""


@dataclass(frozen=True)
class PlanAreaShares:
    """One area's shares; None where they are not known.

    Attributes
    ----------
    of_time : share of the plan's patrol time
    of_harm, of_reported : share of victim-reported harm and incidents
    of_record : share of all incidents on record, with those that police activity finds
    of_residents, of_calls : share of the residents, and of the calls for service of callers
    time_to_harm : ratio of the shares of time and harm; None with too few incidents
    time_to_residents : ratio of the shares of time and residents
    """

    area: str
    reported: int
    of_time: float
    of_harm: float | None
    of_reported: float | None
    of_record: float | None
    of_residents: float | None
    of_calls: float | None
    time_to_harm: IntervalEstimate | None
    time_to_residents: float | None


@dataclass(frozen=True)
class GroupShares:
    """One group's shares, as those of the areas where it lives; None where it is too small.

    Attributes
    ----------
    kind, label : what the group is one of, such as race, and its name
    """

    kind: str
    label: str
    of_residents: float | None
    of_harm: float | None
    of_record: float | None
    of_time: float | None
    time_to_harm: IntervalEstimate | None
    time_to_residents: float | None


@dataclass(frozen=True)
class PlanComparison:
    """Shares by area and by group.

    Attributes
    ----------
    moved : share of patrol time that would have to move to match the shares of harm
    without_population : share of patrol time in areas whose population is not known
    """

    areas: tuple[PlanAreaShares, ...]
    groups: tuple[GroupShares, ...]
    moved: float
    without_population: float


def compare_plan(
    time: Mapping[str, float],
    weeks: AreaWeeks,
    population: Population | None,
    calls: Mapping[str, int] | None = None,
) -> PlanComparison:
    """Compare a plan's shares with those of the weeks.

    Parameters
    ----------
    time : patrol time of the plan by area, in any unit
    calls : calls for service by area
    """
    areas = tuple(sorted({*weeks.areas, *time}))
    weeks = _with_areas(weeks, areas)
    planned = of_whole(np.array([[time.get(area, 0.0) for area in areas]]))[0]
    resamples = resampled_weeks(weeks)
    of_time, of_harm = ResampledShare.fixed(planned), ResampledShare.of(weeks.harm, resamples)
    record = weeks.reported + weeks.found
    reported = weeks.reported.sum(axis=1)
    of_reported, of_record = (
        of_whole(counts.sum(axis=1)[None])[0] for counts in (weeks.reported, record)
    )
    people = _residents(weeks, population)
    inhabited = people / np.nansum(people) if np.nansum(people) > 0 else people * np.nan
    of_calls = of_whole(np.array([[float((calls or {}).get(area, 0)) for area in areas]]))[0]
    ratios = of_time.over(of_harm)
    rows = tuple(
        PlanAreaShares(
            area,
            int(reported[at]),
            float(planned[at]),
            known_share(of_harm.value[at]),
            known_share(of_reported[at]),
            known_share(of_record[at]),
            known_share(inhabited[at]),
            known_share(of_calls[at]),
            ratios[at] if reported[at] >= FEWEST_INCIDENTS else None,
            _ratio(planned[at], inhabited[at]),
        )
        for at, area in enumerate(areas)
    )
    groups, outside = _groups(weeks, resamples, planned, population)
    moved = float(share_to_move(planned, of_harm.value))
    order = sorted(rows, key=lambda row: (-row.of_time, row.area))
    return PlanComparison(tuple(order), groups, moved, outside)


def _with_areas(weeks: AreaWeeks, areas: tuple[str, ...]) -> AreaWeeks:
    """The weeks with a row for each area, of nothing where nothing was reported."""
    place = {area: at for at, area in enumerate(weeks.areas)}

    def rows(counts: Floats, empty: float) -> Floats:
        none = np.full(counts.shape[1:], empty)
        return np.array([counts[place[area]] if area in place else none for area in areas])

    return replace(
        weeks,
        areas=areas,
        reported=rows(weeks.reported, 0.0),
        found=rows(weeks.found, 0.0),
        harm=rows(weeks.harm, 0.0),
        residents=rows(weeks.residents, np.nan),
    )


def _residents(weeks: AreaWeeks, population: Population | None) -> Floats:
    """Residents by area: of the population where it is known, else of the outlines."""
    if population is None:
        return weeks.residents
    return np.array([population.residents.get(area, np.nan) for area in weeks.areas])


def _groups(
    weeks: AreaWeeks, resamples: Resamples, planned: Floats, population: Population | None
) -> tuple[tuple[GroupShares, ...], float]:
    """Shares by group, and the share of patrol time in areas without population."""
    if population is None:
        return (), 0.0
    known = np.array([population.residents.get(area, 0.0) > 0 for area in weeks.areas])
    found: list[GroupShares] = []
    for kind, groups in population.by_kind().items():
        counts = np.array(
            [[group.by_area.get(area, 0.0) for area in weeks.areas] for group in groups]
        )
        labels = [group.label for group in groups]
        found += _kind(kind, labels, counts, weeks, planned, resamples=resamples)
    return tuple(found), float(planned[~known].sum())


def _kind(
    kind: str,
    labels: list[str],
    counts: Floats,
    weeks: AreaWeeks,
    planned: Floats,
    *,
    resamples: Resamples,
) -> list[GroupShares]:
    """Shares of the groups of one kind; counts have shape (groups, areas)."""
    in_area = counts / np.maximum(counts.sum(axis=0, keepdims=True), 1e-12)
    of_time = ResampledShare.fixed(of_whole((in_area @ planned)[None])[0])
    of_harm = ResampledShare.of(in_area @ weeks.harm, resamples)
    record = in_area @ (weeks.reported + weeks.found).sum(axis=1)
    of_record, of_people = (of_whole(one[None])[0] for one in (record, counts.sum(axis=1)))
    ratios = of_time.over(of_harm)
    rows = []
    for at, label in enumerate(labels):
        if counts[at].sum() < FEWEST_PEOPLE:
            rows.append(GroupShares(kind, label, None, None, None, None, None, None))
            continue
        rows.append(
            GroupShares(
                kind,
                label,
                known_share(of_people[at]),
                known_share(of_harm.value[at]),
                known_share(of_record[at]),
                known_share(of_time.value[at]),
                ratios[at],
                _ratio(of_time.value[at], of_people[at]),
            )
        )
    return rows


def _ratio(share: float, of: float) -> float | None:
    return float(share / of) if of > 0 and not np.isnan(share) else None
