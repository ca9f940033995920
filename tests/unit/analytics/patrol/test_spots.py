"""Expected incidents of spots against plain sums."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.crossfilter.nights import DayClock
from analytics.errors import InputError
from analytics.patrol.demand import Demand, ShiftTimes
from analytics.patrol.spots import NEIGHBOR_SHARE, SpotForecaster, Spots

FIRST = date(2020, 1, 1)
DAYS = 100
EVENING = ShiftTimes("Evening", 14, 480)


def demand(rows: list[tuple[float, float, str | None, str, int, int | None, float]]) -> Demand:
    """Rows of x, y, block, area, day from the first, minute and harm."""
    frame = pl.DataFrame(
        [(*row[:4], FIRST + timedelta(days=row[4]), *row[5:]) for row in rows],
        schema=["x_m", "y_m", "block", "area", "day", "minute", "harm"],
        orient="row",
        schema_overrides={"minute": pl.Int32},
    )
    return Demand(frame, EVENING, "district", FIRST, FIRST + timedelta(days=DAYS), ())


TWO = demand(
    [
        (0.0, 0.0, "A", "1", 10, 30, 5.0),
        (10.0, 0.0, "A", "1", 60, None, 7.0),
        (10.0, 0.0, "A", "2", 90, 30, 7.0),
        (9000.0, 0.0, None, "2", 50, 100, 1.0),
    ]
)


def test_spots_are_blocks_or_cells_each_in_the_area_of_most_of_its_incidents() -> None:
    spots = Spots.of(TWO)
    assert spots.names == ("90_0", "A")
    assert spots.areas == ("1", "2")
    assert spots.area.tolist() == [1, 0]
    assert spots.xy[1].tolist() == [10.0, 0.0]
    assert spots.of_incident.tolist() == [1, 1, 1, 0]


def test_counts_are_discounted_and_later_days_are_not_known() -> None:
    forecaster = SpotForecaster.of(TWO, Spots.of(TWO))
    found = forecaster.all_day(FIRST + timedelta(days=80), half_life_days=30)
    weights = 0.5 ** ((np.arange(80) + 0.5) / 30)
    expected = (weights[69] + weights[19]) / weights.sum()  # the incidents of days 10 and 60
    assert found[1] == pytest.approx(expected)  # its neighbors are too far to take any of it
    harm = SpotForecaster.of(TWO, Spots.of(TWO), harm=True)
    weighed = (5 * weights[69] + 7 * weights[19]) / weights.sum()
    assert harm.all_day(FIRST + timedelta(days=80), 30)[1] == pytest.approx(weighed)


def test_spreading_over_neighbors_loses_nothing() -> None:
    generator = np.random.default_rng(0)
    rows = [
        (float(x), float(y), f"B{number}", "1", 5, 10, 1.0)
        for number, (x, y) in enumerate(generator.random((40, 2)) * 700)
    ]
    near = demand(rows)
    forecaster = SpotForecaster.of(near, Spots.of(near))
    found = forecaster.all_day(FIRST + timedelta(days=20), half_life_days=1e9)
    assert found.sum() == pytest.approx(40 / 20)
    assert found.min() >= (1 - NEIGHBOR_SHARE) / 20


def test_the_share_of_the_shift_is_shrunk_toward_that_of_the_city() -> None:
    forecaster = SpotForecaster.of(TWO, Spots.of(TWO))
    far, near = forecaster.shares(FIRST + timedelta(days=99))
    assert near == pytest.approx((2 + 20 * 0.75) / (3 + 20))
    assert far == pytest.approx((1 + 20 * 0.75) / (1 + 20))


def test_the_profile_of_the_shift_sums_to_one() -> None:
    forecaster = SpotForecaster.of(TWO, Spots.of(TWO))
    profile = forecaster.profile(FIRST + timedelta(days=99))
    assert len(profile) == 480
    assert profile.sum() == pytest.approx(1)
    assert profile[0] == pytest.approx(3 * profile[479])  # two incidents and one, and none and one


def test_a_shift_that_passes_midnight_is_one() -> None:
    clock = DayClock(0, {"Night": [22, 23, 0, 1, 2, 3, 4, 5], "Odd": [6, 9]})
    night = ShiftTimes.of(clock, "night")
    assert (night.name, night.first_hour, night.minutes) == ("Night", 22, 480)
    assert night.clock(150) == "00:30"
    assert 5 in night.hours
    with pytest.raises(InputError, match="follow"):
        ShiftTimes.of(clock, "Odd")
    with pytest.raises(InputError, match="Night"):
        ShiftTimes.of(clock, "Graveyard")
