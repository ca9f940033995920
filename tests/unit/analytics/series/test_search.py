"""Searching a made-up city: planted series are found, and a city without any has none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.series.planted import MO_FIELD, plant, recovery
from analytics.series.search import FALSE_SHARE, NothingFound, false_shares, search_series

LAST = date(2026, 6, 30)
FIELDS = ("description", "location_type")


def city(seed: int, number: int = 500) -> pl.DataFrame:
    """Incidents of half a year, anywhere in 6 by 6 km at any time."""
    random = np.random.default_rng(seed)
    days = [LAST - timedelta(days=int(age)) for age in random.integers(0, 180, number)]
    return pl.DataFrame(
        {
            "id": [f"c{at}" for at in range(number)],
            "day": days,
            "weekday": [one.isoweekday() for one in days],
            "x_m": random.uniform(0, 6_000, number),
            "y_m": random.uniform(0, 6_000, number),
            "hour": random.integers(0, 24, number),
            "description": random.choice(["door", "window", "roof"], number),
            "location_type": random.choice(["house", "flat", "shop", "garage"], number),
        },
        schema_overrides={"hour": pl.Int8, "weekday": pl.Int8},
    ).sort("day", "id")


def test_a_city_without_series_has_no_proposals() -> None:
    found = [search_series(city(seed, 300), FIELDS, LAST) for seed in range(6)]
    links = [one for one in found if one.trouble is not NothingFound.NO_LINKS]
    assert len(links) <= 2  # a test at 5%
    assert sum(len(one.found) for one in found) <= 2


def test_planted_series_with_a_modus_operandi_are_found_with_and_without_solved_cases() -> None:
    made = plant(city(3), 28, LAST, with_mo=True, seed=4)
    solved_of = {id_: f"o{at}" for at, ids in enumerate(made.series[16:]) for id_ in ids}
    is_solved = pl.col("id").is_in(list(solved_of))
    open_cases = made.incidents.filter(~is_solved)
    solved = made.incidents.filter(is_solved).with_columns(
        offender=pl.col("id").replace_strict(solved_of)
    )
    fields = (*FIELDS, MO_FIELD)
    without, again, known = (
        search_series(open_cases, fields, LAST, given) for given in (None, None, solved)
    )
    assert again.found == without.found
    assert without.p == pytest.approx(0.05)
    assert known.p is None
    assert (without.solved, known.solved) == (0, 12)
    assert known.held_out is not None
    assert known.held_out.auc is not None
    assert known.held_out.auc > 0.8
    found, more = (recovery(made.series[:16], one.found) for one in (without, known))
    for one in (found, more):
        assert one.touched >= 7
        assert one.precision > 0.75
    assert all(one.false_share <= FALSE_SHARE for one in (*without.found, *known.found))


def test_with_too_many_pairs_the_newest_are_searched_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    incidents = city(2, 400)
    monkeypatch.setattr("analytics.series.pair_comparison.MOST_PAIRS", 10_000)
    found = search_series(incidents, FIELDS, LAST)
    newest = incidents.filter(pl.col("day") > found.first)
    assert 0 < newest.height < found.incidents < 400
    xy = incidents[400 - found.incidents :].select("x_m", "y_m").to_numpy()
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert (np.triu(apart <= 3_000, 1)).sum() <= 10_000


def test_few_incidents_are_not_searched() -> None:
    assert search_series(city(1, 49), FIELDS, LAST).trouble is NothingFound.TOO_FEW


def test_shares_by_chance_are_those_of_permutations_at_least_as_strong() -> None:
    null = [np.array([5.0, 1.0]), np.array([]), np.array([2.0]), np.array([2.5, 0.5])]
    found = [6.0, 5.0, 2.2, 1.0]
    raw = [
        sum((one >= each).sum() for one in null) / 4 / rank for rank, each in enumerate(found, 1)
    ]
    assert false_shares(found, null) == pytest.approx([min(raw[at:]) for at in range(4)])
    assert false_shares([], null) == []
