"""Weeks from Sunday: every view of weekdays in that order, the words of the selection unchanged."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from analytics import formats
from analytics.crossfilter.relative_dates import period_start
from analytics.crossfilter.selection import Selection
from analytics.settings import Settings
from analytics.temporal.series import series
from callbacks.frame.dates import date_offers
from components.explore import days as timeline
from components.frame.figures.hours import (
    CELLS,
    HEAT,
    OUTLINE,
    WEEKDAY_BARS,
    HoursSelected,
    hours_figure,
    hours_patch,
)
from components.frame.figures.week import week_figure
from components.frame.peaks import weekday_words
from components.frame.tables import hours_table
from components.temporal.calendar import place
from components.temporal.comparison import ComparisonSeries, comparison_figure
from components.temporal.profile_figures import profile_weeks_figure
from tests.unit.components.frame.test_figures import changes
from tests.unit.components.frame.test_layout import MANIFEST

SUNDAY_FIRST = ["7", "1", "2", "3", "4", "5", "6"]
SUNDAY_AT_5 = HoursSelected(cells=frozenset({"7-5"}))
FRAME = pl.DataFrame({"weekday": [7, 1], "hour": [5, 6], "incidents": [8, 2]})


@pytest.fixture(autouse=True)
def from_sunday(american: None) -> None:
    formats.use("", "", "America/Chicago", "sunday")


def test_hours_of_explore() -> None:
    figure = hours_figure("light")
    assert list(figure.data[WEEKDAY_BARS].customdata) == SUNDAY_FIRST
    assert list(figure.data[CELLS].customdata)[::24] == [f"{day}-0" for day in SUNDAY_FIRST]
    assert figure.layout.yaxis.ticktext[0] == "Sun"
    hours, days = FRAME.select("hour", "incidents"), FRAME.select("weekday", "incidents")
    assigned = changes(hours_patch(FRAME, hours, days, SUNDAY_AT_5, "light"))
    assert assigned["data", HEAT, "z"][0][5] == 1
    assert assigned["data", WEEKDAY_BARS, "x"][:2] == [1, 0.25]
    assert assigned["data", CELLS, "hovertext"][5].startswith("Sun 5 AM: 8 incidents")
    assert {y for y in assigned["data", OUTLINE, "y"] if y is not None} == {0.5, 1.5}


def test_week_of_temporal() -> None:
    values = np.arange(168, dtype=np.float64).reshape(7, 24)
    figure = week_figure(values, [str(at) for at in range(168)], SUNDAY_AT_5, "light")
    heat, cells = figure.data
    assert heat.z[0][5] == float(cells.hovertext[5]) == 6 * 24 + 5
    assert cells.customdata[5] == "7-5"
    shades = cells.marker.line.color
    assert shades.index(max(shades, key=shades.count)) == 0
    assert shades[5] != shades[0]


def test_table_of_hours() -> None:
    head = hours_table(FRAME).children[1].children
    days = [getattr(cell.children, "data-key") for cell in head.children[1:]]
    assert days == SUNDAY_FIRST


def test_calendar() -> None:
    assert place(date(2018, 6, 3), 2018)[0] == 0
    assert place(date(2018, 6, 2), 2018)[1] + 1 == place(date(2018, 6, 3), 2018)[1]


def test_comparison() -> None:
    zeros = [0.0] * 24
    hours = ComparisonSeries("chosen", zeros, zeros, zeros)
    days = ComparisonSeries("chosen", [1.0, *zeros[:6]], zeros[:7], zeros[:7])
    figure = comparison_figure((hours, None), (days, None), "light", shares=False)
    dots = figure.data[-1]
    assert list(dots.customdata) == SUNDAY_FIRST
    assert dots.hovertext[0].startswith("Sun: 1.0 a week")
    assert "".join(figure.layout.xaxis2.ticktext) == "SMTWTFS"


def test_weeks_of_temporal_profiles() -> None:
    rows = [
        {"label": 0, "weekday": day, "hour": hour, "share": day / 672, "city_share": 1 / 168}
        for day in range(1, 8)
        for hour in range(24)
    ]
    heat = profile_weeks_figure(pl.DataFrame(rows), ["nights"], "light").data[0]
    assert heat.y[0] == "Sun"
    assert heat.z[0][0] == max(max(row) for row in heat.z)


def test_weeks_of_charts_start_on_the_same_day() -> None:
    first, last = date(2014, 1, 1), date(2018, 12, 31)
    drawn = timeline.bins(first, last, period_start(Settings()))
    counted = pl.DataFrame({"day": [first], "incidents": [1]})
    weekly = series(counted, (first, last), "week").frame["start"]
    assert {start.isoweekday() for start in (*drawn.starts, *weekly)} == {7}
    assert drawn.starts == weekly.to_list()
    decades = timeline.bins(date(2001, 1, 1), last, period_start(Settings()))
    assert {start.isoweekday() for start in decades.starts} == {7}


def test_28_day_periods_that_dates_offer() -> None:
    offers = date_offers(Selection.parse(""), MANIFEST, Settings())
    by_text = {offer.text: offer for _, group in offers.groups for offer in group}
    days = by_text["lastp28:2017-12-31"].days
    assert days is not None
    assert (days[0].isoweekday(), (days[1] - days[0]).days) == (7, 27)


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        ((6, 7), "Sundays and Saturdays"),
        ((1, 2, 3, 4, 5), "Mondays to Fridays"),
        ((1, 2, 7), "Sundays to Tuesdays"),
        ((5, 6, 7), "Fridays to Sundays"),
        ((1, 3, 7), "Sundays, Mondays and Wednesdays"),
    ],
)
def test_words(weekdays: tuple[int, ...], words: str) -> None:
    assert weekday_words(weekdays) == words
