"""Tests of predicted areas, by hand on a small town."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from analytics.series.next_incident import MOST
from analytics.series.series_evaluation import HORIZON_DAYS, STEP_DAYS, area_outcome, ends_before

END = date(2026, 6, 1)


def at(*places: tuple[str, int, float, float, int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"id": id_, "day": END + timedelta(days=day), "x_m": x, "y_m": y, "hour": hour}
            for id_, day, x, y, hour in places
        ],
        schema_overrides={"hour": pl.Int8},
    )


SERIES = at(("a", -3, 0, 0, 22), ("b", -2, 40, 10, 23), ("c", -1, 10, 50, 22))
BUSY = at(*((f"z{one}", -50 - one, 1_500, 1_500, 4) for one in range(9)), ("q", -60, 20, 20, 5))


def test_an_incident_in_the_area_is_a_hit_and_one_at_the_busiest_places_is_the_rival_s() -> None:
    before = pl.concat([SERIES, BUSY])
    here = area_outcome(SERIES, before, at(("n", 3, 20, 20, 23)))
    there = area_outcome(SERIES, before, at(("n", 3, 1_500, 1_500, 23)))
    assert (here.hit[MOST], here.densest[MOST]) == (True, False)
    assert (there.hit[MOST], there.densest[MOST]) == (False, True)
    assert (here.in_hours, here.known_hours, here.hours) == (0, 1, 1)  # 22 has two of three
    assert there.known_hours == 0


def test_the_usual_rate_is_of_the_area_s_other_incidents() -> None:
    tested = area_outcome(SERIES, pl.concat([SERIES, BUSY]), at(("n", 3, 9_000, 0, None)))
    assert tested.usual[MOST] == pytest.approx(1 - math.exp(-1 * HORIZON_DAYS / 180))
    assert tested.hit == (False, False)


def test_series_are_sought_so_that_the_last_count_ends_on_the_last_day() -> None:
    ends = ends_before(END, 3)
    assert ends[-1] + timedelta(days=HORIZON_DAYS) == END
    assert [(two - one).days for one, two in pairwise(ends)] == [STEP_DAYS] * 2
