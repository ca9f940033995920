"""Forecasts of a shift from a champion's forecast, against plain products."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.bands import CITY_INCIDENTS
from analytics.forecasting.hour_bands import BandKind, Bands
from analytics.forecasting.units import UnitKind
from analytics.patrol.forecast import affected_share, shift_forecast
from analytics.patrol.spots import SpotForecaster, Spots
from analytics.zones.unit_forecast import UnitForecast
from tests.unit.analytics.patrol.test_spots import FIRST, TWO, demand

SHIFTS = Bands(
    ("Day", "Evening", "Night"),
    tuple(0 if 6 <= h < 14 else 1 if 14 <= h < 22 else 2 for h in range(24)),
)


def champion(splits: dict[BandKind, Bands]) -> SimpleNamespace:
    units = pl.DataFrame(
        {
            "block": ["A", "Z"],
            "x_m": [10.0, 0.0],
            "y_m": [0.0, 0.0],
            "km": [0.2, 0.2],
            "expected": [7.0, 70.0],
            "shift": [[0.2, 0.5, 0.3], [0.2, 0.5, 0.3]],
        },
        schema_overrides={"shift": pl.Array(pl.Float64, 3)},
    )
    forecast = UnitForecast(units, UnitKind.BLOCK, 100, splits, None, 1.0)
    return SimpleNamespace(
        units=forecast, days=7, first=date(2020, 4, 1), bundle=SimpleNamespace(version=3)
    )


EVERYTHING = demand(
    [
        row
        for _ in range(2)
        for row in (
            (0.0, 0.0, "A", "1", 10, 30, 5.0),
            (0.0, 0.0, "A", "1", 60, None, 7.0),
            (0.0, 0.0, "A", "2", 90, 30, 7.0),
        )
    ]
)


@pytest.mark.parametrize("by_shift", [True, False])
def test_a_champion_counts_for_the_shift_and_the_share_that_patrol_affects(by_shift: bool) -> None:
    forecaster = SpotForecaster.of(TWO, Spots.of(TWO))
    day = FIRST + timedelta(days=95)
    made = champion({BandKind.SHIFT: SHIFTS} if by_shift else {})
    found = shift_forecast(forecaster, day, made, EVERYTHING)  # type: ignore[arg-type]
    of_shift = 0.5 if by_shift else forecaster.shares(day)[1]
    affected = (3 + CITY_INCIDENTS * 4 / 6) / (6 + CITY_INCIDENTS)
    assert found.expected[1] == pytest.approx(1.0 * of_shift * affected)
    assert found.expected[0] == 0  # the champion does not know this cell
    assert found.name == "hotspot_forecast_street@3"
    assert affected_share(forecaster, EVERYTHING).max() <= 1


def test_without_a_champion_counts_are_discounted() -> None:
    forecaster = SpotForecaster.of(TWO, Spots.of(TWO))
    day = FIRST + timedelta(days=95)
    found = shift_forecast(forecaster, day, None, None)
    assert found.name == "discounted counts"
    np.testing.assert_allclose(found.expected, forecaster.all_day(day) * forecaster.shares(day))
