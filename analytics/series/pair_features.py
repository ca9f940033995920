"""What two incidents have in common: how far and how long apart, hours, and how they were done.

Each feature of a pair is one of a few levels, so that its evidence can be counted. A value that
few incidents of the kind share tells more than a common one, so "same" has two levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.statistics.arrays import Floats, Ints

Levels = npt.NDArray[np.int8]
"""Shape (pairs, features)."""
DISTANCES_M = (50.0, 200.0, 500.0, 1_000.0, 2_000.0)
"""Largest distance of each level; the last level is everything beyond."""
DAYS = (0, 2, 7, 14)
HOURS = (1, 3, 6)
WITHIN_M, WITHIN_DAYS = 3_000.0, 28
"""Pairs that a model is fitted on are at most so far apart."""
DISTANCE, LAG, CLOCK, WEEK = "distance", "days", "hours", "week"
OF_PLACE_AND_TIME = (DISTANCE, LAG, CLOCK, WEEK)
"""Features that every source has; the others are equal fields."""
SAME_RARE, SAME_COMMON, DIFFERS, UNKNOWN_LEVEL = range(4)
COMMON_SHARE = 0.05
"""Of the incidents of a kind with a known value, from which it is a common one."""
SIZES = {DISTANCE: len(DISTANCES_M) + 1, LAG: len(DAYS) + 1, CLOCK: len(HOURS) + 2, WEEK: 2}
"""How many levels they have; fields have four."""
FIELD_LEVELS = 4
SATURDAY = 6


@dataclass(frozen=True, eq=False)
class ComparedIncidents:
    """Incidents as they are compared.

    Attributes
    ----------
    xy : local meters, shape (incidents, 2)
    day : days since some day
    hour : of the clock; -1 where it is unknown
    weekend : whether the day is a Saturday or Sunday
    weekday : 1 for Monday
    fields : by name, a number for each value, -1 where it is unknown
    common : by name, whether the value is a common one
    """

    xy: Floats = field(repr=False)
    day: Ints = field(repr=False)
    hour: Ints = field(repr=False)
    weekday: Ints = field(repr=False)
    fields: Mapping[str, Ints] = field(repr=False)
    common: Mapping[str, npt.NDArray[np.bool_]] = field(repr=False)

    @classmethod
    def of(cls, incidents: pl.DataFrame, common: Mapping[str, frozenset[str]]) -> ComparedIncidents:
        """From a frame with day, x_m, y_m, hour, weekday and the fields.

        Parameters
        ----------
        common
            Fields to compare, each with its common values.
        """
        texts = {name: incidents[name].cast(pl.String) for name in common}
        return cls(
            incidents.select("x_m", "y_m").to_numpy().astype(np.float64),
            incidents["day"].cast(pl.Date).to_physical().cast(pl.Int64).to_numpy(),
            incidents["hour"].cast(pl.Int64).fill_null(-1).to_numpy(),
            incidents["weekday"].cast(pl.Int64).to_numpy(),
            {name: _numbers(column) for name, column in texts.items()},
            {name: column.is_in(sorted(common[name])).fill_null(value=False).to_numpy()
             for name, column in texts.items()},
        )  # fmt: skip

    @property
    def features(self) -> tuple[str, ...]:
        return (*OF_PLACE_AND_TIME, *self.fields)

    def compare(self, pairs: Ints, day: Ints | None = None) -> Levels:
        """Levels of pairs of positions, shape (pairs, 2); `day` in place of the own days."""
        own, other = pairs[:, 0], pairs[:, 1]
        days = self.day if day is None else day
        weekend = self.weekday >= SATURDAY
        columns = [
            self.far(pairs),
            lag_levels(days[own] - days[other]),
            self._clock(own, other),
            (weekend[own] != weekend[other]).astype(np.int8),
            *(self._same(name, own, other) for name in self.fields),
        ]
        return np.column_stack(columns).astype(np.int8)

    def far(self, pairs: Ints) -> Levels:
        """Level of the distance of pairs."""
        apart = np.hypot(*(self.xy[pairs[:, 0]] - self.xy[pairs[:, 1]]).T)
        return np.asarray(np.searchsorted(DISTANCES_M, apart), np.int8)

    def _clock(self, own: Ints, other: Ints) -> Levels:
        first, second = self.hour[own], self.hour[other]
        apart = np.abs(first - second)
        level = np.searchsorted(HOURS, np.minimum(apart, 24 - apart))
        return np.where((first < 0) | (second < 0), len(HOURS) + 1, level).astype(np.int8)

    def _same(self, name: str, own: Ints, other: Ints) -> Levels:
        values, common = self.fields[name], self.common[name]
        first, second = values[own], values[other]
        same = np.where(common[own], SAME_COMMON, SAME_RARE)
        level = np.where(first == second, same, DIFFERS)
        return np.where((first < 0) | (second < 0), UNKNOWN_LEVEL, level).astype(np.int8)


def lag_levels(days: Ints) -> Levels:
    """Levels of days apart."""
    return np.asarray(np.searchsorted(DAYS, np.abs(days)), np.int8)


def level_counts(features: tuple[str, ...]) -> tuple[int, ...]:
    """How many levels each feature has."""
    return tuple(SIZES.get(name, FIELD_LEVELS) for name in features)


def common_values(incidents: pl.DataFrame, fields: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Values of each field that many of the incidents have."""
    found = {}
    for name in fields:
        known = incidents[name].cast(pl.String).drop_nulls()
        counts = known.value_counts(name="incidents")
        enough = pl.col("incidents") >= max(COMMON_SHARE * len(known), 1)
        found[name] = frozenset(counts.filter(enough)[name].to_list())
    return found


def _numbers(column: pl.Series) -> Ints:
    """A number for each value; -1 for none."""
    _, numbers = np.unique(column.fill_null("").to_numpy().astype(str), return_inverse=True)
    return np.where(column.is_null().to_numpy(), -1, numbers)
