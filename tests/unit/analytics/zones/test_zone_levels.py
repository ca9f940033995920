"""Since when a zone has the level it has now, on simulated incidents."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.zones.zone_levels import STEP_DAYS, zone_levels

FIRST = date(2015, 1, 1)
DAYS = 65 * STEP_DAYS
LAST = FIRST + timedelta(days=DAYS - 1)


def incidents(*rates: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int = 1) -> pl.DataFrame:
    """Poisson incidents of each zone with these rates a day."""
    random = np.random.default_rng(seed)
    rows = [
        (FIRST + timedelta(days=day), zone)
        for zone, rate in enumerate(rates)
        for day, number in enumerate(random.poisson(rate))
        for _ in range(number)
    ]
    return pl.DataFrame(rows, {"day": pl.Date, "zone": pl.Int64}, orient="row")


def test_a_level_begins_where_the_rate_changed() -> None:
    changed = FIRST + timedelta(days=40 * STEP_DAYS)
    rate = np.where(np.arange(DAYS) < 40 * STEP_DAYS, 0.3, 0.9)
    steady = np.full(DAYS, 0.5)
    found, never = zone_levels(incidents(rate, steady), [0, 1], (FIRST, LAST))
    assert found is not None
    assert never is not None
    assert abs((found.since - changed).days) <= 2 * STEP_DAYS
    assert found.before == pytest.approx(0.3 * 7, rel=0.25)
    assert found.now == pytest.approx(0.9 * 7, rel=0.15)
    assert (never.since, never.before) == (FIRST, None)
    assert never.now == pytest.approx(0.5 * 7, rel=0.1)


def test_levels_without_a_change_rarely_show_one() -> None:
    zones = 200
    frame = incidents(*(np.full(DAYS, 0.1) for _ in range(zones)), seed=2)
    found = zone_levels(frame, list(range(zones)), (FIRST, LAST))
    changed = sum(one is not None and one.before is not None for one in found)
    assert changed / zones < 0.10  # 5% intended; 0.10 is beyond three standard errors


@pytest.mark.parametrize(
    "period", [None, (FIRST, FIRST + timedelta(days=100)), (FIRST, FIRST + timedelta(days=3))]
)
def test_short_data_has_no_level(period: tuple[date, date] | None) -> None:
    assert zone_levels(incidents(np.full(200, 1.0)), [0], period) == [None]
