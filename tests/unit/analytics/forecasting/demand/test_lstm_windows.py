"""What the recurrent network of demand reads, without torch."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecasting.demand.lstm_windows import WEEKS, CellWindows, SeriesWindows
from tests.unit.analytics.forecasting.demand.simulated import panel_with, poisson_panel, rates

BY_DAY, CELL = slice(0, 7), 7
"""Features of a week: of its seven days, of the cell's whole week."""


def test_each_day_has_the_place_of_its_weekday_whatever_the_origin() -> None:
    counts = np.zeros((1, 1, 300))
    counts[..., 3::7] = 7
    cells = CellWindows(panel_with(counts), 28)
    for origin in range(200, 207):
        windows = cells.at(origin, 14, origin)
        days = windows.weeks[0, :, BY_DAY]
        assert np.array_equal(days.argmax(axis=1), np.full(WEEKS, 3))
        weekdays = windows.days[0, :, :7].argmax(axis=1)
        assert np.array_equal(weekdays, np.arange(origin, origin + 14) % 7)
        assert windows.levels == pytest.approx(np.full((1, 14), 1.0), rel=0.05)
        assert windows.weeks[0, :, CELL] == pytest.approx(np.zeros(WEEKS), abs=0.05)


def test_a_week_of_twice_the_level_is_seen_by_cell_area_shift_and_city() -> None:
    counts = np.full((2, 2, 300), 400.0)
    counts[0, 0, 260:267] = 800
    windows = CellWindows(panel_with(counts), 28).at(288, 7, 288)
    week = windows.weeks[:, -4]  # cells in the order of areas and their shifts
    level = windows.levels[:, 0] / 400
    assert np.exp(week[0, CELL]) == pytest.approx(2 / level[0], rel=0.01)
    assert np.exp(week[:, CELL + 1]) == pytest.approx(
        [3 / level[:2].sum()] * 2 + [2 / level[2:].sum()] * 2, rel=0.01
    )
    assert np.exp(week[:, CELL + 2]) == pytest.approx(
        [3 / level[::2].sum(), 2 / level[1::2].sum()] * 2, rel=0.01
    )
    assert np.exp(week[:, CELL + 3]) == pytest.approx([5 / level.sum()] * 4, rel=0.01)
    assert np.exp(windows.weeks[:, -1, CELL]) == pytest.approx(1 / level, rel=0.01)


def test_only_days_before_the_origin_are_read_and_weeks_before_the_data_are_0() -> None:
    panel = poisson_panel(rates(areas=2))
    before = CellWindows(panel.until(800), 28).at(800, 28, 800)
    panel.counts[:, :, 800:] = 999
    after = CellWindows(panel, 28).at(800, 28, 800)
    for name in ("weeks", "series", "days", "levels"):
        assert np.array_equal(getattr(before, name), getattr(after, name))
    first = CellWindows(panel, 28).at(105, 28, 105)
    both = SeriesWindows.joined([first, before])
    assert both.weeks.shape[:2] == (12, WEEKS)
    assert not first.weeks[:, : WEEKS - 15].any()
    assert first.weeks[:, WEEKS - 15 :, BY_DAY].all()
