"""Test where the next incident of a candidate series is said to be: did one happen there?

Series are sought in the data up to a day, as a run would have; then the incidents of the kind in
the next two weeks are counted in the areas. Nobody knows offenders here, so a hit is any incident
of the kind in the area, not one by the same hands, and no later incident decides what a series is.
It is compared with the kind's densest places nearby of the same size, and with how often the area
has an incident of the kind in as many days at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from scipy.spatial.distance import cdist

from analytics.artifacts.champion_checks import wilson
from analytics.artifacts.targets import ModelTarget
from analytics.series.compared_incidents import kind_incidents
from analytics.series.next_incident import MOST, SHARES, NextArea, hours_of, in_hours, next_area
from analytics.series.search import DAYS_BACK, search_series
from analytics.series.series_source import SeriesSource
from analytics.statistics.arrays import Floats
from analytics.statistics.interval_estimate import IntervalEstimate

HORIZON_DAYS, STEP_DAYS = 14, 28
"""Days that are counted, and between the days up to which series are sought."""
PERMUTATIONS = 9
NEARBY_M = 2_000.0
"""The densest places of the kind are sought so far around a series."""
KERNEL_M = 150.0
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class TestedArea:
    """One predicted area and what came.

    Attributes
    ----------
    km2, hit : by share of the density (`next_incident.SHARES`): size, and whether one came
    densest : by share, whether one came in the kind's densest places nearby of the same size
    usual : by share, the chance of one in as many days, by the area's own incidents before
    in_hours, known_hours, hours : incidents in the larger area in the predicted hours, those with a
        known hour, and how many hours that are; 0 where none were predicted
    """

    km2: tuple[float, ...]
    hit: tuple[bool, ...]
    densest: tuple[bool, ...]
    usual: tuple[float, ...]
    in_hours: int
    known_hours: int
    hours: int


@dataclass(frozen=True)
class AreaTest:
    """All predicted areas of a kind; shares of hits are by share of the density.

    Attributes
    ----------
    first, last : days up to which series were sought
    runs, areas : how often they were sought, and how many areas were predicted
    days : in which incidents were counted
    """

    first: date
    last: date
    runs: int
    areas: int
    days: int
    km2: tuple[float, ...]
    hits: tuple[IntervalEstimate, ...]
    densest: tuple[float, ...]
    usual: tuple[float, ...]
    in_hours: float | None
    hours_share: float | None

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a run."""
        return {**asdict(self), "first": self.first.isoformat(), "last": self.last.isoformat()}


def ends_before(last: date, runs: int) -> list[date]:
    """Days up to which series are sought; what is counted for the last one ends on a day."""
    newest = last - timedelta(days=HORIZON_DAYS)
    return [newest - timedelta(days=STEP_DAYS * back) for back in range(runs - 1, -1, -1)]


def evaluate_areas(
    source: SeriesSource,
    kind: ModelTarget,
    ends: Sequence[date],
    advance: Advance = lambda _what, _share: None,
) -> AreaTest:
    """Seek series up to each day and test where the next incident is said to be."""
    tested: list[TestedArea] = []
    for number, end in enumerate(ends):
        advance(f"{kind.title}, {end}", number / len(ends))
        tested += _tested(source, kind, end)
    shares = range(len(SHARES))
    return AreaTest(
        ends[0], ends[-1], len(ends), len(tested), HORIZON_DAYS,
        tuple(_mean([one.km2[at] for one in tested]) for at in shares),
        tuple(_share([one.hit[at] for one in tested]) for at in shares),
        tuple(_mean([one.densest[at] for one in tested]) for at in shares),
        tuple(_mean([one.usual[at] for one in tested]) for at in shares),
        *_of_hours(tested),
    )  # fmt: skip


def _tested(source: SeriesSource, kind: ModelTarget, end: date) -> Iterator[TestedArea]:
    incidents = source.newest(kind, end)
    until = end + timedelta(days=HORIZON_DAYS)
    later = kind_incidents(source.reader, kind.selection, end + timedelta(days=1), until)
    fields = source.fields
    found = search_series(incidents, fields, end, permutations=PERMUTATIONS, tests_links=False)
    for one in found.found:
        members = incidents.filter(pl.col("id").is_in(one.members))
        yield area_outcome(members, incidents, later)


def area_outcome(members: pl.DataFrame, before: pl.DataFrame, later: pl.DataFrame) -> TestedArea:
    """Test the area of a series with the incidents of its kind before and after."""
    area = next_area(_xy(members), members["day"].to_physical().cast(pl.Int64).to_numpy())
    places, known = _xy(later), members["hour"].drop_nulls().cast(pl.Int64).to_numpy()
    others = before.filter(~pl.col("id").is_in(members["id"].implode()))
    hours = hours_of(known) if len(known) >= 3 else None
    came = later[area.has(places, MOST).tolist()]["hour"].drop_nulls().cast(pl.Int64).to_numpy()
    shares = range(len(SHARES))
    return TestedArea(
        tuple(area.km2(at) for at in shares),
        tuple(len(area.has(places, at)) > 0 for at in shares),
        tuple(_densest_has(_xy(before), area, at, places) for at in shares),
        tuple(_usual(len(area.has(_xy(others), at))) for at in shares),
        0 if hours is None else int(in_hours(came, hours).sum()),
        0 if hours is None else len(came),
        0 if hours is None else (hours[1] - hours[0]) % 24 or 24,
    )


def _usual(incidents: int) -> float:
    """Chance of one or more, of a Poisson count with the rate of the days before."""
    return 1 - float(np.exp(-incidents * HORIZON_DAYS / DAYS_BACK))


def _densest_has(before: Floats, area: NextArea, share: int, places: Floats) -> bool:
    """Whether one comes in the densest places around, as many cells as the area has."""
    middle = area.corners.mean(axis=0)
    near = before[np.abs(before - middle).max(axis=1) <= NEARBY_M + KERNEL_M]
    steps = np.arange(-NEARBY_M, NEARBY_M, area.cell_m)
    cells = middle + np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    away = cdist(cells + area.cell_m / 2, near)
    density = np.exp(-0.5 * (away / KERNEL_M) ** 2).sum(axis=1)
    order = np.argsort(-density, kind="stable")[: area.within[share]]
    densest = NextArea(cells[order], (len(order),), area.cell_m, KERNEL_M)
    return len(densest.has(places, 0)) > 0


def _xy(incidents: pl.DataFrame) -> Floats:
    return incidents.select("x_m", "y_m").to_numpy().astype(np.float64)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _share(hits: Sequence[bool]) -> IntervalEstimate:
    if not hits:
        return IntervalEstimate(0.0, 0.0, 1.0)
    return IntervalEstimate(sum(hits) / len(hits), *wilson(sum(hits), len(hits)))


def _of_hours(tested: Sequence[TestedArea]) -> tuple[float | None, float | None]:
    """Share of incidents in areas that is in predicted hours, and of the day that these are."""
    known = sum(one.known_hours for one in tested)
    if not known:
        return None, None
    inside = sum(one.in_hours for one in tested)
    return inside / known, sum(one.hours * one.known_hours for one in tested) / 24 / known
