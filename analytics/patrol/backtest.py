"""What plans would have reached in past weeks, compared with other ways to spend the same hours.

Every week all plans are made from earlier days only, with the same units, hours, rules and search
for routes; they differ in their places. A week's routes are driven on each of its days.

| plan | places of an area |
| --- | --- |
| ours | maximum cover of the shift's forecast |
| even | spots drawn at random |
| last_year | spots with most incidents in the last 365 days, none within reach of a better one |
| cells_shift, cells_all_day | middles of 250 m cells with most incidents of the last 365 days |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from analytics.errors import InputError
from analytics.patrol.city import PatrolCity
from analytics.patrol.exposure import Stops, within_reach
from analytics.patrol.places import StopPlaces, covered_by, spaced
from analytics.patrol.routes import Effort
from analytics.patrol.rules import PatrolRules
from analytics.patrol.spots import SpotForecaster
from analytics.patrol.travel import Travel
from analytics.statistics.arrays import Floats, Ints, sums_by_label
from analytics.statistics.bootstrap import draw, interval

WEEK = timedelta(days=7)
CELL_M = 250.0
YEAR_DAYS = 365
RUN_UP_DAYS = 365
"""Days of history that a plan needs at least."""
SEARCH = Effort(draws=1, steps=60, bound_steps=0)
BLOCK_DAYS = 7
Advance = Callable[[str, float], None]


class PlanKind(StrEnum):
    """Ways to spend patrol hours."""

    OURS = "ours"
    EVEN = "even"
    LAST_YEAR = "last_year"
    CELLS_SHIFT = "cells_shift"
    CELLS_ALL_DAY = "cells_all_day"


@dataclass(frozen=True)
class Trial:
    """One plan under one set of rules, over all days.

    Attributes
    ----------
    reached, harm : of the incidents within reach, by day
    predicted : what the plan expected to reach, all days together
    patrol_hours : of all units and days
    """

    kind: PlanKind
    rules: PatrolRules
    reached: Floats = field(repr=False)
    harm: Floats = field(repr=False)
    predicted: float
    patrol_hours: float


@dataclass(frozen=True)
class Backtest:
    """Trials, and all incidents and harm of the shift by day."""

    trials: tuple[Trial, ...]
    incidents: Floats = field(repr=False)
    harm: Floats = field(repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """A row per trial, with intervals over days (moving blocks of a week).

        `ratio` is what the first trial reaches over what this one does.
        """
        drawn = draw(len(self.incidents), block=BLOCK_DAYS)
        first = self.trials[0]
        rows = []
        for one in self.trials:
            low, high = interval(drawn.ratio(one.reached, self.incidents))
            ratio_low, ratio_high = interval(drawn.ratio(first.reached, one.reached))
            reached = float(one.reached.sum())
            rows.append(
                {
                    "plan": one.kind.value,
                    "incidents_reached": int(reached),
                    "share": _ratio(reached, self.incidents.sum()),
                    "low": low,
                    "high": high,
                    "patrol_hours": one.patrol_hours,
                    "predicted": one.predicted,
                    "predicted_to_observed": _ratio(one.predicted, reached),
                    "per_100_hours": _ratio(100 * reached, one.patrol_hours),
                    "harm_share": _ratio(float(one.harm.sum()), float(self.harm.sum())),
                    "ours_to_this": _ratio(float(first.reached.sum()), reached),
                    "ours_to_this_low": ratio_low,
                    "ours_to_this_high": ratio_high,
                    "rules": asdict(one.rules),
                }
            )
        return rows


@dataclass(frozen=True, eq=False)
class Backtester:
    """Makes the plans of past weeks.

    Attributes
    ----------
    units : of each area
    """

    forecaster: SpotForecaster
    travel: Travel
    units: tuple[int, ...]
    seed: int
    stations: dict[int, tuple[float, float]] = field(default_factory=dict)

    def run(
        self,
        first: date,
        last: date,
        wanted: Sequence[tuple[PlanKind, PatrolRules]],
        advance: Advance = lambda _what, _share: None,
    ) -> Backtest:
        """Try plans over the whole weeks from `first` on that end by `last`.

        Raises
        ------
        InputError
            There is no whole week, or too little history before it.
        """
        weeks = self._weeks(first, last)
        sums = {one: _Sums() for one in wanted}
        incidents, harm = [], []
        for number, week in enumerate(weeks):
            advance(f"Week of {week}", number / len(weeks))
            happened = _Happened.of(self.forecaster.demand.in_shift(week, week + WEEK), week)
            incidents.append(np.bincount(happened.day, minlength=7).astype(np.float64))
            harm.append(sums_by_label(happened.day, happened.harm, 7))
            for one, found in self._plans(week, number, wanted):
                sums[one].add(found, happened, one[1])
        hours = 7 * len(weeks) * sum(self.units)
        trials = tuple(
            Trial(
                kind,
                rules,
                np.concatenate(total.reached),
                np.concatenate(total.harm),
                total.predicted,
                hours * rules.hours,
            )
            for (kind, rules), total in sums.items()
        )
        return Backtest(trials, np.concatenate(incidents), np.concatenate(harm))

    def _weeks(self, first: date, last: date) -> list[date]:
        demand = self.forecaster.demand
        if (first - demand.first).days < RUN_UP_DAYS:
            raise InputError(
                f"Plans need {RUN_UP_DAYS} days of history; start on "
                f"{demand.first + timedelta(days=RUN_UP_DAYS)} or later."
            )
        last = min(last, demand.end - timedelta(days=1))
        count = ((last - first).days + 1) // 7
        if count < 1:
            raise InputError(f"{first} to {last} has no whole week of data.")
        return [first + number * WEEK for number in range(count)]

    def _plans(
        self, week: date, number: int, wanted: Sequence[tuple[PlanKind, PatrolRules]]
    ) -> Iterator[tuple[tuple[PlanKind, PatrolRules], tuple[Stops, float]]]:
        forecaster = self.forecaster
        city = PatrolCity(
            forecaster.spots,
            forecaster.expected(week),
            forecaster.profile(week),
            wanted[0][1],
            self.travel,
            self.stations,
        )
        scores = {kind: self._scores(kind, week) for kind in {kind for kind, _ in wanted}}
        for kind, rules in wanted:
            stops, predicted = [], 0.0
            own_city = replace(city, rules=rules)
            for area, units in enumerate(self.units):
                if not units:
                    continue
                chosen = self._places(
                    own_city, kind, scores[kind], area=area, units=units, week=number
                )
                seed = int(np.random.SeedSequence([self.seed, number, area]).generate_state(1)[0])
                found = own_city.routes(area, units, seed, SEARCH, chosen)
                visits = found.plan.visits
                place = np.array([one.place for one in visits], dtype=np.int64)
                arrive = np.array([one.arrive_min for one in visits], dtype=np.int64)
                stops.append(Stops(found.xy[place], arrive))
                predicted += found.plan.reached
            yield (kind, rules), (Stops.joined(stops), predicted)

    def _scores(self, kind: PlanKind, week: date) -> Floats:
        """What a plan ranks its places by: by spot, incidents of the last year or of its cell."""
        forecaster, spots = self.forecaster, self.forecaster.spots
        cut = (week - forecaster.demand.first).days
        known = (forecaster.days < cut) & (forecaster.days >= cut - YEAR_DAYS)
        if kind is PlanKind.CELLS_SHIFT:
            known &= forecaster.minute >= 0
        return sums_by_label(spots.of_incident[known], np.ones(int(known.sum())), len(spots))

    def _places(
        self, city: PatrolCity, kind: PlanKind, scores: Floats, *, area: int, units: int, week: int
    ) -> StopPlaces:
        wanted = units * city.rules.candidates
        spots, own = city.spots, city.own_spots(area)
        if kind is PlanKind.OURS:
            return city.stops(area, units)
        if kind is PlanKind.EVEN:
            generator = np.random.default_rng([self.seed, week, area, 1])
            chosen = generator.permutation(len(own))[:wanted]
            # Every place counts the same, so routes do not prefer any.
            expected = np.full(len(chosen), city.expected[own].sum() / len(own))
            return StopPlaces(own[chosen], expected)
        if kind is PlanKind.LAST_YEAR:
            near = covered_by(spots.xy[own], city.rules.radius_m)
            top = own[spaced(near, scores[own], wanted)]
            return StopPlaces(top, scores[top] * self._scale(city, scores))
        return _top_cells(city, own, scores, wanted, self._scale(city, scores))

    def _scale(self, city: PatrolCity, scores: Floats) -> float:
        """From counts of a year to what a shift expects."""
        return float(city.expected.sum() / max(scores.sum(), 1.0))


class _Sums:
    """What one plan reaches, week after week."""

    def __init__(self) -> None:
        self.reached: list[Floats] = []
        self.harm: list[Floats] = []
        self.predicted = 0.0

    def add(self, plan: tuple[Stops, float], happened: _Happened, rules: PatrolRules) -> None:
        stops, predicted = plan
        hit = within_reach(happened.xy, happened.minute, stops, rules)
        self.reached.append(np.bincount(happened.day[hit], minlength=7).astype(np.float64))
        self.harm.append(sums_by_label(happened.day[hit], happened.harm[hit], 7))
        self.predicted += 7 * predicted


@dataclass(frozen=True, eq=False)
class _Happened:
    """Incidents of the shifts of a week; `day` counts from its first day."""

    xy: Floats
    minute: Ints
    day: Ints
    harm: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame, week: date) -> _Happened:
        return cls(
            frame.select("x_m", "y_m").to_numpy(),
            frame["minute"].to_numpy().astype(np.int64),
            (frame["day"] - week).dt.total_days().to_numpy().astype(np.int64),
            frame["harm"].to_numpy(),
        )


def _top_cells(
    city: PatrolCity, own: Ints, scores: Floats, wanted: int, scale: float
) -> StopPlaces:
    """The cells with most incidents; a unit stops at the spot nearest to the middle of a cell."""
    xy = city.spots.xy[own]
    cells, label = np.unique(np.floor(xy / CELL_M), axis=0, return_inverse=True)
    label = label.ravel()
    total = sums_by_label(label, scores[own], len(cells))
    from_middle = np.hypot(*(xy - (cells[label] + 0.5) * CELL_M).T)
    order = np.lexsort((from_middle, label))
    middle = order[np.searchsorted(label[order], np.arange(len(cells)))]
    top = np.argsort(-total, kind="stable")[:wanted]
    return StopPlaces(own[middle[top]], total[top] * scale)


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None
