"""Series that are planted among real or simulated incidents, to count how many are found.

Each has an offender's home ground: incidents lie around one place of the city, a few days apart and
at about the same hour. With a modus operandi there is one more field: others have any of 20 values,
the incidents of a series mostly the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl

from analytics.series.found_series import FoundSeries
from analytics.series.search import search_series

MO_FIELD, MO_VALUES, MO_KEPT = "attr_planted", 20, 0.85
SPREAD_M, GAP_DAYS, HOURS_SPREAD = 250.0, 3.0, 1.0
SIZE = 6
"""Incidents of a planted series."""


@dataclass(frozen=True, eq=False)
class PlantedCity:
    """Incidents with planted ones, and the ids of each planted series."""

    incidents: pl.DataFrame
    series: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Recovery:
    """What was found of planted series.

    Attributes
    ----------
    planted, touched : series planted, and those of which two incidents or more are in one candidate
    recall : of the pairs of planted series, the share that is in one candidate
    precision : of the pairs of candidates with a planted incident, the share that is of one series
    others : candidates without any planted incident
    """

    planted: int
    touched: int
    recall: float
    precision: float
    others: int


def plant(
    incidents: pl.DataFrame, number: int, last: date, *, with_mo: bool, seed: int = 0
) -> PlantedCity:
    """Add series to incidents that are as `compared_incidents.kind_incidents` gives them.

    Places, descriptions and location types are those of incidents at random, moved a little.
    """
    random = np.random.default_rng(seed)
    rows, series = [], []
    like = incidents[random.integers(0, incidents.height, (number, SIZE)).ravel().tolist()]
    for at in range(number):
        own = like[at * SIZE : (at + 1) * SIZE]
        gaps = np.rint(random.exponential(GAP_DAYS, SIZE - 1)).astype(int)
        ages = np.concatenate([[0], np.cumsum(gaps)])[::-1] + random.integers(0, 14)
        days = [last - timedelta(days=int(age)) for age in ages]
        hours = np.rint(random.uniform(0, 24) + random.normal(0, HOURS_SPREAD, SIZE)) % 24
        spots = own.select("x_m", "y_m").row(0) + random.normal(0, SPREAD_M, (SIZE, 2))
        ids = tuple(f"planted-{at}-{one}" for one in range(SIZE))
        rows.append(
            own.with_columns(
                pl.Series("id", ids),
                pl.Series("day", days),
                pl.Series("weekday", [one.isoweekday() for one in days]).cast(own["weekday"].dtype),
                pl.Series("hour", hours).cast(own["hour"].dtype),
                pl.Series("x_m", spots[:, 0]),
                pl.Series("y_m", spots[:, 1]),
            )
        )
        series.append(ids)
    city = pl.concat([incidents, *rows])
    if with_mo:
        city = city.with_columns(pl.Series(MO_FIELD, _modus(incidents.height, number, random)))
    return PlantedCity(city.sort("day", "id"), tuple(series))


def find_planted(
    incidents: pl.DataFrame,
    fields: tuple[str, ...],
    last: date,
    number: int,
    solved: int,
    *,
    with_mo: bool,
    seed: int = 0,
) -> Recovery:
    """Plant series, some further ones as solved cases, and seek those that are not solved."""
    city = plant(incidents, number + solved, last, with_mo=with_mo, seed=seed)
    offenders = {id_: str(at) for at, ids in enumerate(city.series[number:]) for id_ in ids}
    is_solved = pl.col("id").is_in(list(offenders))
    known = city.incidents.filter(is_solved).with_columns(
        offender=pl.col("id").replace_strict(offenders, return_dtype=pl.String)
    )
    own = (*fields, MO_FIELD) if with_mo else fields
    rest = city.incidents.filter(~is_solved)
    search = search_series(rest, own, last, known if solved else None)
    return recovery(city.series[:number], search.found)


def recovery(planted: Sequence[tuple[str, ...]], found: Sequence[FoundSeries]) -> Recovery:
    """Compare candidates with what was planted."""
    series_of = {id_: at for at, ids in enumerate(planted) for id_ in ids}
    true = caught = claimed = 0
    touched = set()
    for ids in planted:
        true += len(ids) * (len(ids) - 1) // 2
    others = 0
    for one in found:
        if not any(id_ in series_of for id_ in one.members):
            others += 1
            continue
        for first, second in combinations(one.members, 2):
            claimed += 1
            if series_of.get(first, -1) == series_of.get(second, -2):
                caught += 1
                touched.add(series_of[first])
    return Recovery(
        len(planted), len(touched), caught / max(true, 1), caught / max(claimed, 1), others
    )


def _modus(background: int, number: int, random: np.random.Generator) -> list[str]:
    """Values of the further field: any in the background, mostly the same in each series."""
    values = random.integers(0, MO_VALUES, background + number * SIZE)
    for at in range(number):
        own = slice(background + at * SIZE, background + (at + 1) * SIZE)
        kept = random.random(SIZE) < MO_KEPT
        values[own] = np.where(kept, random.integers(0, MO_VALUES), values[own])
    return [f"m{one}" for one in values]
