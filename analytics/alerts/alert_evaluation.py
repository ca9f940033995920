"""How often alerts of changes find a planted rise, and how many fire where nothing changed.

Rises add to each incident of a window another one with some probability, in one type in one area;
real counts stand for the rest. Histories without change are simulated: Poisson counts around a
season, or negative binomial ones, with days checked one after another as they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.alerts.change_findings import table_by_chance
from analytics.alerts.finding import begins_batch
from analytics.alerts.watch_rules import WEEK_DAYS, Direction
from analytics.errors import InputError
from analytics.overview.anomalies import Anomalies, anomalies_of
from analytics.overview.daily_rows import EVERY, DailyRows, Name, rows_of
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.bootstrap import draw, interval
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.level import LEVEL
from analytics.statistics.negative_binomial import mid_tails
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import Tier

Advance = Callable[[str, float], None]
RISES = (0.3, 0.5, 1.0)
SIZES = (10, 30, 100, 400)
"""Incidents of a row in a window."""
REACH = 1.5
SIZE_DAYS = 364
RESAMPLES = 2_000


@dataclass(frozen=True)
class DetectionShare:
    """A share of planted rises that fired, with its 95% bootstrap interval over windows."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DetectionResult:
    """Rows of one size.

    Attributes
    ----------
    rows : rows times windows
    alone : by rise, found by a watch list of the row alone that looks for more
    in_table : by rise, found by a list of all types and areas, among its few rows
    unplanted : how often the row's own list fires without a rise; the real count may have changed
    """

    size: int
    rows: int
    windows: int
    alone: tuple[DetectionShare, ...]
    in_table: tuple[DetectionShare, ...]
    unplanted: DetectionShare


@dataclass(frozen=True)
class DetectionPlan:
    """Windows, one after another, from the first day.

    Attributes
    ----------
    draws : rows of each size and window that are planted one by one in the table
    """

    first: date
    last: date
    days: int = WEEK_DAYS
    draws: int = 3
    seed: int = 20_160


def evaluate_detection(
    rows: DailyRows,
    country: str,
    plan: DetectionPlan,
    advance: Advance = lambda _what, _share: None,
) -> list[DetectionResult]:
    """Plant rises in each type in each area of the windows of a plan.

    Raises
    ------
    InputError
        No window fits.
    """
    random = np.random.default_rng(plan.seed)
    begin, stop = max(rows.column(plan.first), 0), rows.column(plan.last) + 1
    starts = range(begin, min(stop, rows.days) - plan.days + 1, plan.days)
    if not starts:
        raise InputError(
            f"No window of {plan.days} days lies between {plan.first} and {plan.last}."
        )
    counted = CountedRows.of(rows.counts, rows.kind)
    pairs = np.array([EVERY not in name for name in rows.names])
    seasons = SeasonModel(rows.citywide, rows.first, country)
    tally = {size: _Tally() for size in SIZES}
    for number, start in enumerate(starts):
        advance("Planting rises", number / len(starts))
        found = expected_counts(counted, seasons, start, plan.days)
        usual = counted.between(max(start - SIZE_DAYS, 0), start) * plan.days / SIZE_DAYS
        until = _until(rows, start + plan.days)
        for size, kept in tally.items():
            own = pairs & (usual >= size / REACH) & (usual <= size * REACH) & ~np.isnan(found.p)
            chosen = np.flatnonzero(own)
            if not len(chosen):
                continue
            expected, variance = found.expected[chosen], found.variance[chosen]

            def fires(counts: Ints, mean: Floats = expected, spread: Floats = variance) -> Floats:
                return (mid_tails(counts, mean, spread)[1] <= LEVEL).astype(np.float64)

            real = found.counts[chosen]
            kept.unplanted.append(fires(real))
            for at, rise in enumerate(RISES):
                kept.alone[at].append(fires(real + random.binomial(real, rise)))
                some = random.choice(chosen, min(plan.draws, len(chosen)), replace=False)
                hits = []
                for row in some:
                    planted = _planted(until, int(row), rise, plan.days, random)
                    hits.append(_has(anomalies_of(planted, country, plan.days), rows.names[row]))
                kept.in_table[at].append(np.array(hits, dtype=np.float64))
    return [one for size, kept in tally.items() if (one := kept.result(size)) is not None]


@dataclass(eq=False)
class _Tally:
    """Hits by window, of each rise."""

    alone: tuple[list[Floats], ...] = field(default_factory=lambda: tuple([] for _ in RISES))
    in_table: tuple[list[Floats], ...] = field(default_factory=lambda: tuple([] for _ in RISES))
    unplanted: list[Floats] = field(default_factory=list)

    def result(self, size: int) -> DetectionResult | None:
        if not self.unplanted:
            return None
        return DetectionResult(
            size,
            sum(len(one) for one in self.unplanted),
            len(self.unplanted),
            tuple(_share(one) for one in self.alone),
            tuple(_share(one) for one in self.in_table),
            _share(self.unplanted),
        )


def _share(windows: Sequence[Floats]) -> DetectionShare:
    hits, tests = (np.array([part(one) for one in windows], np.float64) for part in (np.sum, len))
    low, high = interval(draw(len(windows), resamples=RESAMPLES).ratio(hits, tests))
    return DetectionShare(float(hits.sum() / tests.sum()), low, high)


def _until(rows: DailyRows, stop: int) -> DailyRows:
    """The rows without the days from a column on."""
    return replace(rows, counts=rows.counts[:, :stop], citywide=rows.citywide[:, :stop])


def _planted(
    rows: DailyRows, row: int, rise: float, days: int, random: np.random.Generator
) -> DailyRows:
    """The rows with a rise in one of them on the last days, and in those that contain it."""
    counts, citywide = rows.counts.copy(), rows.citywide.copy()
    more = random.binomial(counts[row, -days:], rise)
    kind, area = rows.names[row]
    wider = {(kind, area), (kind, EVERY), (EVERY, area), (EVERY, EVERY)}
    for other, name in enumerate(rows.names):
        if name in wider:
            counts[other, -days:] += more
    citywide[[0, rows.kind[row]], -days:] += more
    return replace(rows, counts=counts, citywide=citywide)


def _has(made: Anomalies, name: Name) -> bool:
    """Whether a table fires on more of a row than expected."""
    every = (one for head in made.found for one in (head, *head.folded))
    return any((one.type, one.area) == name and one.more for one in every)


@dataclass(frozen=True)
class FalseAlerts:
    """Alerts of histories without change, where each day is checked as it comes in.

    Attributes
    ----------
    weeks : that are checked of each history
    tested : counts of a check
    stated : alerts a week that the product states
    fired : alerts a week, with its 95% bootstrap interval over histories
    """

    histories: int
    weeks: int
    tested: float
    stated: float
    fired: DetectionShare


def simulate_false_alerts(
    histories: int,
    weeks: int,
    *,
    dispersion: float = 1.0,
    days: int = WEEK_DAYS,
    seed: int = 1,
    advance: Advance = lambda _what, _share: None,
) -> FalseAlerts:
    """Check histories of a city in which nothing changes, day by day.

    Parameters
    ----------
    weeks
        Weeks that are checked, after three years of history.
    dispersion
        Variance of daily counts over their mean; 1 for Poisson counts.
    """
    random = np.random.default_rng(seed)
    fired, tested = [], []
    for number in range(histories):
        advance("Checking histories", number / histories)
        rows = _history(random, dispersion, weeks * WEEK_DAYS)
        alerts = _OpenAlerts(days)
        new = 0
        for stop in range(rows.days - weeks * WEEK_DAYS + 1, rows.days + 1):
            made = anomalies_of(_until(rows, stop), "US", days)
            new += alerts.new(made, stop)
        fired.append(new / weeks)
        tested.append(made.tested)
    low, high = interval(
        draw(histories, resamples=RESAMPLES).ratio(np.array(fired), np.ones(histories))
    )
    stated = np.mean([table_by_chance(one, Direction.BOTH) for one in tested]) * WEEK_DAYS / days
    share = DetectionShare(float(np.mean(fired)), low, high)
    return FalseAlerts(histories, weeks, float(np.mean(tested)), float(stated), share)


@dataclass(eq=False)
class _OpenAlerts:
    """Alerts of a table as `stored_alerts` keeps them, by what they are of; nobody closes any."""

    days: int
    until: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    batch: int | None = None

    def new(self, made: Anomalies, stop: int) -> int:
        """How many alerts a check adds; `stop` is the column after its last day."""
        number = 0
        since = None if self.batch is None else stop - self.batch
        admits = begins_batch(since, self.days)
        self.batch = stop if admits else self.batch
        for one in made.found:
            key = one.type, one.area, one.more
            # A period begins `days` before its stop, and ends on the day before it.
            continues = key in self.until and stop - self.until[key] + 1 <= 2 * self.days
            if not continues and one.tier is Tier.WATCH and not admits:
                continue
            number += not continues
            self.until[key] = stop
        return number


def _history(random: np.random.Generator, dispersion: float, ahead: int) -> DailyRows:
    """Three years and some days of 12 types in 20 areas, with a season, and nothing else."""
    total = 3 * 365 + ahead
    day = np.arange(total)
    season = 1 + 0.2 * np.sin(2 * np.pi * day / 365.25)
    types, areas = 12, 20
    a_day = np.exp(random.uniform(np.log(4), np.log(150), types)) / areas
    rates = a_day[:, None] * random.gamma(4, 1 / 4, (types, areas))
    mean = rates[:, :, None] * season
    if dispersion > 1:
        drawn = random.poisson(random.gamma(mean / (dispersion - 1), dispersion - 1))
    else:
        drawn = random.poisson(mean)
    type_, area, at = np.nonzero(drawn)
    first = date(2015, 1, 1)
    frame = pl.DataFrame(
        {
            "day": pl.Series(at).cast(pl.Int64),
            "type": [f"T{one:02d}" for one in type_],
            "area": [f"A{one:02d}" for one in area],
            "incidents": drawn[type_, area, at],
        }
    ).with_columns(day=pl.lit(first) + pl.duration(days="day"))
    frame = frame.with_columns(pl.col("day").cast(pl.Date))
    return rows_of(frame, (first, first + timedelta(days=total - 1)))
