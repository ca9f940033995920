"""How many hours calls keep units busy, by area, shift and weekday, with intervals over days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from analytics.calls.days import CallDays, chosen_days
from analytics.calls.filters import CallQuestion, CallView
from analytics.calls.tables import MEASURED
from analytics.crossfilter.nights import DayClock
from analytics.incidents.model import UNKNOWN
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import Resamples, draw

RESAMPLES = 999
FEWEST_DAYS = 7
"""Whole days needed for an interval."""
WEEKS_FOR_BLOCKS = 8
"""Weeks from which whole weeks are resampled, in place of days."""
WEEK = 7
Bins = tuple[str | int, ...]


@dataclass(frozen=True)
class Mean:
    """Mean unit-hours per day with its 95% interval; None where there are too few days."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CallTime:
    """What the unit-hours are made of. Counts are calls.

    Attributes
    ----------
    measured, on_view
        Calls of callers, and those begun by officers, whose unit time is measured.
    units
        Units sent to the measured calls of callers.
    mean_s
        Mean time of a unit on a call of a caller, in seconds; NaN without any.
    left_out
        Calls without unit time by why: open ones are still busy, so the hours are too low by them.
    """

    measured: int
    on_view: int
    units: float
    mean_s: float
    left_out: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Workload:
    """Unit-hours per day of calls.

    The hours are those in which units were busy with calls of callers; calls begun by officers are
    counted apart. Dates, weekdays, hours and shifts of the selection apply to the time at which
    units were busy.

    Attributes
    ----------
    level
        Area level.
    view
        The view whose filters apply.
    days
        Whole days of the selection that the means are over.
    block
        Consecutive days that are resampled together: 7 from eight weeks on, else 1; None where
        there are too few days for intervals.
    """

    level: str
    days: tuple[date, ...]
    question: CallQuestion = field(repr=False)
    view: CallView = field(repr=False)
    _found: dict[tuple[str, ...], dict[Bins, Mean]] = field(default_factory=dict, repr=False)

    @property
    def block(self) -> int | None:
        if len(self.days) < FEWEST_DAYS:
            return None
        return WEEK if len(self.days) >= WEEKS_FOR_BLOCKS * WEEK else 1

    @cached_property
    def time(self) -> CallTime:
        """What the hours are made of."""
        states = self.question.frame("unit_states", self.view)
        known = states.filter(pl.col("state") == MEASURED)
        callers = known.filter(~pl.col("on_view"))
        units, hours = float(callers["units"].sum()), float(callers["unit_hours"].sum())
        rest = states.filter(pl.col("state") != MEASURED)
        left_out = rest.group_by("state").agg(pl.sum("calls")).sort("calls", descending=True)
        return CallTime(
            int(callers["calls"].sum()),
            int(known.filter(pl.col("on_view"))["calls"].sum()),
            units,
            hours * 3600 / units if units else float("nan"),
            dict(left_out.iter_rows()),
        )

    @cached_property
    def on_view_hours(self) -> float:
        """Unit-hours per day of calls begun by officers."""
        if not self.days:
            return 0.0
        found = self._by_area.filter(pl.col("on_view"))
        return float(found["unit_hours"].sum()) / len(self.days)

    def means(self, *keys: str) -> dict[Bins, Mean]:
        """Mean unit-hours per day by some of area, shift, weekday and hour; empty without days.

        By weekday, the mean is over the days that are that weekday.
        """
        if keys not in self._found:
            self._found[keys] = self._means(keys) if self.days else {}
        return self._found[keys]

    def values(self, *keys: str) -> dict[Bins, float]:
        """The same without intervals, which take longer than the query where there are many."""
        if not self.days:
            return {}
        bins, hours = self._by_block(keys)
        days = self._days_by_block(keys, bins).sum(axis=0)
        found = zip(bins, hours.sum(axis=0).tolist(), days.tolist(), strict=True)
        return {own: total / own_days for own, total, own_days in found if own_days}

    def _means(self, keys: tuple[str, ...]) -> dict[Bins, Mean]:
        bins, hours = self._by_block(keys)
        counted = self._days_by_block(keys, bins)
        means = _means(hours, counted, self._resamples)
        days = counted.sum(axis=0)
        return {
            own: mean for own, mean, own_days in zip(bins, means, days, strict=True) if own_days
        }

    @cached_property
    def _resamples(self) -> Resamples | None:
        """Blocks of days drawn again, the same for all bins; None where there are too few."""
        return None if self.block is None else draw(self._blocks, resamples=RESAMPLES)

    @property
    def _block_days(self) -> int:
        return self.block or 1

    @property
    def _blocks(self) -> int:
        return (self.days[-1] - self.days[0]).days // self._block_days + 1

    def _by_block(self, keys: tuple[str, ...]) -> tuple[list[Bins], Floats]:
        """The bins, and unit-hours of shape (blocks of days, bins)."""
        frame = self._scan(keys).group_by("block", *keys).agg(pl.sum("unit_hours"))
        if not keys:
            frame = frame.with_columns(pl.lit(0).alias("all"))
        columns = keys or ("all",)
        found = frame.select(columns).unique().sort(columns).with_row_index("bin")
        coded = frame.join(found, on=columns)
        hours = np.zeros((self._blocks, len(found)))
        at = coded["block"].to_numpy().astype(np.int64), coded["bin"].to_numpy()
        np.add.at(hours, at, coded["unit_hours"].to_numpy())
        return (found.select(keys).rows() if keys else [()] * len(found)), hours

    def _scan(self, keys: tuple[str, ...]) -> pl.DataFrame:
        """Unit-hours of calls of callers by block and keys, and perhaps by more keys.

        Two queries have all that the page needs: by area and shift, and by day and hour.
        """
        by_area, by_hour = set(keys) <= {"area", "shift"}, set(keys) <= {"shift", "weekday", "hour"}
        if by_hour and not (by_area and "_by_area" in vars(self)):  # what was read serves both
            return self._by_day_and_hour
        if by_area:
            return self._by_area.filter(pl.col("on_view").ne_missing(True))
        names = {"area": f"{self.level} AS area, "}
        columns = "".join(names.get(key, f"{key}, ") for key in keys)
        return self.question.frame("unit_hours", self.view, self._span, keys=columns).with_columns(
            pl.col("^area$").fill_null(UNKNOWN)
        )

    @property
    def _span(self) -> dict[str, Any]:
        return {"first": self.days[0], "last": self.days[-1], "days": self._block_days}

    @cached_property
    def _by_area(self) -> pl.DataFrame:
        """Unit-hours by block, area, shift and on_view."""
        found = self.question.frame("area_hours", self.view, self._span, level=self.level)
        return found.with_columns(pl.col("area").fill_null(UNKNOWN))

    @cached_property
    def _by_day_and_hour(self) -> pl.DataFrame:
        """Unit-hours of calls of callers by block, shift, weekday and hour, for each day."""
        span = {name: self._span[name] for name in ("first", "last")}
        found = self.question.frame("day_hours", self.view, span)
        shifts = DayClock.of(self.question.conditions.manifest).shifts
        of_hour = {hour: name for name, hours in shifts.items() for hour in hours}
        since = (pl.col("day") - self.days[0]).dt.total_days()
        return found.with_columns(
            (since // self._block_days).alias("block"),
            pl.col("day").dt.weekday().cast(pl.Int64).alias("weekday"),
            pl.col("hour").cast(pl.Int64),
            pl.col("hour").replace_strict(of_hour, return_dtype=pl.String).alias("shift"),
        )

    def _days_by_block(self, keys: tuple[str, ...], bins: list[Bins]) -> Floats:
        """Days that count for each bin, of shape (blocks of days, bins)."""
        days = np.zeros((self._blocks, WEEK + 1))
        for day in self.days:
            days[(day - self.days[0]).days // self._block_days, day.isoweekday()] += 1
        if "weekday" not in keys:
            return np.repeat(days.sum(axis=1)[:, None], len(bins), axis=1)
        at = keys.index("weekday")
        return days[:, np.array([own[at] for own in bins], dtype=np.int64)]


def workload(
    question: CallQuestion, level: str, covered: CallDays | None, view: CallView
) -> Workload:
    """Unit-hours of the calls of a selection; `level` is an area level."""
    applied = question.selection.without(view.owns)
    period = applied.period(question.conditions.manifest)
    days = chosen_days(covered, applied, period) if covered and period else ()
    return Workload(level, days, question, view)


def _means(hours: Floats, counted: Floats, drawn: Resamples | None) -> list[Mean]:
    """Mean per day of each bin; unit-hours and days that count are of shape (blocks, bins).

    Blocks of days are resampled with replacement (Efron & Tibshirani 1993, An introduction to the
    bootstrap, chapter 8).
    """
    values = hours.sum(axis=0) / np.maximum(1, counted.sum(axis=0))
    if drawn is None or not hours.size:
        return [Mean(float(value), None, None) for value in values]
    below = drawn.weights @ counted
    draws = (drawn.weights @ hours) / np.where(below > 0, below, np.nan)
    # `nanquantile` goes bin by bin, which takes longer than the query.
    quantile = np.nanquantile if np.isnan(draws).any() else np.quantile
    low, high = quantile(draws, [0.025, 0.975], axis=0)
    return [Mean(*map(float, row)) for row in zip(values, low, high, strict=True)]
