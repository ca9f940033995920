"""By area: who asks for patrol, what is on record, and where patrols that follow the record go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np

from analytics.fairness.area_weeks import AreaWeeks
from analytics.fairness.feedback import Learning, PatrolShares, SimulatedCity, simulate
from analytics.fairness.resampled_shares import ResampledShare, resampled_weeks
from analytics.fairness.share_of_whole import known_share
from analytics.statistics.interval_estimate import IntervalEstimate

VISITS_AN_AREA = 3
"""Visits a day in an average area of the simulation: one in each shift."""


@dataclass(frozen=True)
class AreaShares:
    """One area's shares of the whole.

    Attributes
    ----------
    reported, found, harm
        As in `AreaWeeks`, over all weeks.
    by_reported, by_record
        Share of the patrols if they follow reported incidents only, or all that is on record;
        None where there are none.
    of_harm, of_residents
        Share of the reported harm, and of the residents; None where residents are not known.
    reported_to_harm, record_to_harm, record_to_reported
        Ratios of those shares; None where the lower one is 0.
    """

    area: str
    reported: int
    found: int
    harm: int
    by_reported: float | None
    by_record: float | None
    of_harm: float | None
    of_residents: float | None
    reported_to_harm: IntervalEstimate | None
    record_to_harm: IntervalEstimate | None
    record_to_reported: IntervalEstimate | None


def shares_of(weeks: AreaWeeks) -> list[AreaShares]:
    """Shares of each area, those with the most reported incidents first."""
    resamples = resampled_weeks(weeks)
    by_reported, by_record, of_harm = (
        ResampledShare.of(counts, resamples)
        for counts in (weeks.reported, weeks.reported + weeks.found, weeks.harm)
    )
    inhabited = weeks.residents / np.nansum(weeks.residents)
    ratios = zip(
        by_reported.over(of_harm),
        by_record.over(of_harm),
        by_record.over(by_reported),
        strict=True,
    )
    rows = [
        AreaShares(
            area,
            int(weeks.reported[at].sum()),
            int(weeks.found[at].sum()),
            int(weeks.harm[at].sum()),
            known_share(by_reported.value[at]),
            known_share(by_record.value[at]),
            known_share(of_harm.value[at]),
            known_share(inhabited[at]),
            *of_area,
        )
        for at, (area, of_area) in enumerate(zip(weeks.areas, ratios, strict=True))
    ]
    return sorted(rows, key=lambda row: (-row.reported, row.area))


@unique
class Finds(StrEnum):
    """What a patrol's visit is assumed to find."""

    AS_REPORTED = "as_reported"  # in proportion to what the public reports in the area
    AS_FOUND = "as_found"  # what a visit found so far, if patrols have followed the record


def simulated_year(
    weeks: AreaWeeks, learning: Learning, finds: Finds, *, seed: int = 1
) -> PatrolShares:
    """Where patrols would be after a year if they followed the record from now on.

    Both assumptions are such that patrols find as many in all areas together as they did. The
    data cannot tell which is true, since nobody knows what was not found.
    """
    days = 7 * weeks.reported.shape[1]
    reported, found = (counts.sum(axis=1) / days for counts in (weeks.reported, weeks.found))
    record = reported + found
    patrols = VISITS_AN_AREA * len(weeks.areas)
    if finds is Finds.AS_REPORTED:
        even = reported / reported.sum()
        by_visit = even * found.sum() / (patrols * float(even @ even))
    else:
        by_visit = found / (patrols * record / record.sum())
    city = SimulatedCity(reported, by_visit, record * days, patrols)
    return simulate(city, learning, seed=seed)
