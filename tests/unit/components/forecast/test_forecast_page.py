"""What the Forecast page draws and says, without a browser."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from analytics.demand_answers import CountedPeriods
from analytics.forecasting.demand.period_forecast import ForecastPeriod, PeriodForecast
from analytics.forecasting.demand.stored_demand import QUANTILES
from components.forecast.figures import (
    AreaRow,
    areas_figure,
    calibration_figure,
    fan_figure,
    interval_words,
    period_words,
)
from components.forecast.sentences import bias_words, is_biased

FIRST = date(2026, 3, 2)
WEEKS = tuple(
    ForecastPeriod(FIRST + timedelta(days=7 * at), FIRST + timedelta(days=7 * at + 6))
    for at in range(4)
)


def forecast(rows: int) -> PeriodForecast:
    expected = np.arange(1.0, rows * 4 + 1).reshape(rows, 4)
    ends = {name: np.full((rows, 4), at) for at, name in enumerate(QUANTILES)}
    return PeriodForecast(WEEKS, expected, ends)


def test_a_row_of_the_heat_map_filters_by_its_area() -> None:
    rows = [AreaRow("002", "North", 1, True), AreaRow("001", "South", 0, False)]
    figure = areas_figure(forecast(2), rows, "district", "light")
    heat, pointer = figure.data
    assert [list(line) for line in heat.z] == [[5, 6, 7, 8], [1, 2, 3, 4]]
    assert pointer.meta == "district"
    assert list(pointer.customdata) == ["002"] * 4 + ["001"] * 4
    assert "North" in pointer.hovertext[0]
    (chosen,) = figure.layout.shapes
    assert (chosen.y0, chosen.y1) == (-0.5, 0.5)


def test_the_hover_text_has_all_three_intervals() -> None:
    said = interval_words(forecast(1), 0, 2)
    assert said == "3.0 expected; 50%: 2 to 4, 80%: 1 to 5, 95%: 0 to 6"
    assert period_words(ForecastPeriod(FIRST, FIRST)) != period_words(WEEKS[0])


def test_provisional_counts_are_hatched_before_and_since_the_forecast() -> None:
    before = tuple(one.before(28) for one in WEEKS)
    counted = CountedPeriods(before, (5, 6, 7, 8), (9, None, None, None), (1, 2, None, 4))
    figure = fan_figure(forecast(1), counted, [False, False, False, True], "dark")
    past, *bands, expected, since, year = figure.data
    assert list(past.marker.pattern.shape) == ["", "", "", "/"]
    assert [next(iter(one.base)) for one in bands] == [0, 1, 2]  # the widest interval first
    assert [next(iter(one.y)) for one in bands] == [6, 4, 2]
    assert list(expected.y) == [1, 2, 3, 4]
    assert list(since.y) == [9]
    assert list(since.marker.pattern.shape) == ["/"]
    assert list(year.y) == [1, 2, None, 4]


def test_calibration_is_drawn_beside_the_diagonal() -> None:
    diagonal, line = calibration_figure([0.5, 1.0], [0.45, 1.0], "light").data
    assert list(diagonal.x) == list(diagonal.y)
    assert (list(line.x), list(line.y)) == ([0.5, 1.0], [0.45, 1.0])


def test_a_bias_is_an_alarm_if_it_is_large_and_significant() -> None:
    assert is_biased(0.12, 0.08, 0.15)
    assert is_biased(-0.12, -0.15, -0.08)
    assert not is_biased(0.04, 0.03, 0.05)
    assert not is_biased(0.12, -0.01, 0.2)
    assert not is_biased(0.12, None, None)
    said = bias_words(-0.12, -0.15, -0.08, recent="since Mar 2, 2026")
    assert said.startswith("Bias alarm: since Mar 2, 2026 it expected 12% too few")
    assert "8 to 15%" in said
