"""Near-repeat streets: which type, planted repeats, places by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from math import hypot

import numpy as np
import polars as pl
import pytest

from analytics.hotspots.knox import MAX_PAIRS
from analytics.overview.near_repeats import (
    MOST_INCIDENTS,
    STREETS,
    block_codes,
    knox_streets,
    near_repeat_type,
)

LAST = date(2026, 10, 3)
SINCE = LAST - timedelta(days=364)


def incidents(planted: int, seed: int = 1) -> pl.DataFrame:
    """900 incidents anywhere on 6 km, and repeats of the first ones within 50 m and four days."""
    random = np.random.default_rng(seed)
    xy, day = random.uniform(0, 6000, (900, 2)), random.integers(0, 365, 900)
    again = random.choice(900, planted, replace=False)
    xy = np.vstack([xy, xy[again] + random.uniform(-35, 35, (planted, 2))])
    day = np.minimum(np.append(day, day[again] + random.integers(0, 5, planted)), 364)
    frame = pl.DataFrame(
        {
            "x_m": xy[:, 0],
            "y_m": xy[:, 1],
            "lat": 41 + xy[:, 1] / 111_000,
            "lon": -87 + xy[:, 0] / 83_000,
            "day": [SINCE + timedelta(days=int(one)) for one in day],
            "block": [f"0{int(x // 100):02d}XX N STREET {int(y // 100)}" for x, y in xy],
        }
    )
    return frame.sort("day")


def pairs(frame: pl.DataFrame) -> int:
    """Within 200 m and 14 days, counted one by one."""
    rows = list(frame.select("x_m", "y_m", "day").iter_rows())
    return sum(
        hypot(one[0] - other[0], one[1] - other[1]) <= 200 and abs((one[2] - other[2]).days) <= 14
        for one, other in combinations(rows, 2)
    )


def test_planted_repeats_are_found_and_their_streets_listed() -> None:
    frame = incidents(250)
    found = knox_streets(frame, "BURGLARY", (SINCE, LAST), 1.1)
    assert found.is_listed
    assert found.observed == pairs(frame)
    for null in (found.usual, found.local):
        assert null is not None
        assert null.ratio == pytest.approx(found.observed / null.expected)
    assert found.usual is not None
    assert found.local is not None
    assert found.usual.ratio > found.local.ratio > 1.1  # type: ignore[operator]
    assert 0 < len(found.streets) <= STREETS
    recent = frame.filter(pl.col("day") > LAST - timedelta(days=14))
    for street in found.streets:
        assert street.risk > 1
        east, north = (street.lon + 87) * 83_000, (street.lat - 41) * 111_000
        near = recent.filter((pl.col("x_m") - east) ** 2 + (pl.col("y_m") - north) ** 2 <= 200**2)
        assert street.incidents == near.height
        assert street.latest == near["day"].max()
    risks = [one.risk for one in found.streets]
    assert risks == sorted(risks, reverse=True)


def test_without_repeats_streets_are_named_no_more_often_than_one_time_in_twenty() -> None:
    """Of 40 draws without repeats, more than 6 would be named once in 100 such tests."""
    found = [knox_streets(incidents(0, seed), "BURGLARY", (SINCE, LAST), 1.0) for seed in range(40)]
    named = [one for one in found if one.streets]
    assert len(named) <= 6
    assert all(one.is_significant for one in named)


def test_streets_need_the_least_ratio() -> None:
    found = knox_streets(incidents(250), "BURGLARY", (SINCE, LAST), 90.0)
    assert found.is_significant
    assert not found.is_listed
    assert found.streets == ()


def test_a_block_is_the_place_where_there_is_one() -> None:
    codes = block_codes(pl.Series(["B", None, "A", "B"]))
    assert codes.tolist() == [1, -1, 0, 1]
    assert knox_streets(incidents(0), "BURGLARY", (SINCE, LAST), 1.1).on_blocks
    nameless = incidents(0).with_columns(block=pl.lit(None, pl.String))
    assert not knox_streets(nameless, "BURGLARY", (SINCE, LAST), 1.1).on_blocks


def test_the_type_tested_is_the_chosen_one_else_burglary_else_the_most_frequent() -> None:
    known = ("THEFT", "ROBBERY", "BURGLARY")
    assert near_repeat_type(known, {"ROBBERY"}) == "ROBBERY"
    assert near_repeat_type(known, set()) == "BURGLARY"
    assert near_repeat_type(known, {"ROBBERY", "THEFT"}) == "THEFT"
    assert near_repeat_type(("THEFT",), set()) == "THEFT"
    assert near_repeat_type((), set()) is None


def test_the_most_incidents_are_never_too_many_pairs() -> None:
    assert MOST_INCIDENTS * (MOST_INCIDENTS - 1) // 2 <= MAX_PAIRS
