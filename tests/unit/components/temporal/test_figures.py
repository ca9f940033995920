"""Figures of the Temporal page say and mark what the numbers are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics import formats
from analytics.temporal.profile_names import ProfileKind
from analytics.temporal.series import series
from components.frame.figures.hours import HoursSelected
from components.frame.figures.week import WIDEST, week_figure
from components.frame.theme import color
from components.temporal.calendar import calendar_figure, place, shown_years
from components.temporal.clock import clock_figure
from components.temporal.comparison import ComparisonSeries, comparison_figure
from components.temporal.profile_figures import profile_weeks_figure, profiles_map_figure
from components.temporal.profiles import HOURS, meaning
from components.temporal.seasons import MonthMark, seasons_figure
from components.temporal.series import ChangeMark, SeriesLines, series_figure

FIRST, LAST = date(2023, 1, 3), date(2024, 3, 5)
DAYS = pl.DataFrame({"day": pl.date_range(FIRST, LAST, "1d", eager=True)}).with_columns(
    pl.col("day").dt.day().alias("incidents")
)
FACTS = [str(cell) for cell in range(168)]


def trace(figure: Any, meta: str) -> Any:
    return next(one for one in figure.data if one.meta == meta)


def test_the_week_draws_every_cell_and_marks_the_chosen() -> None:
    values = np.arange(168, dtype=np.float64).reshape(7, 24)
    figure = week_figure(values, FACTS, HoursSelected(cells=frozenset({"5-22"})), "light")
    assert figure.data[0].z[4][22] == 4 * 24 + 22
    cells = trace(figure, "hour_weekday")
    marked = [
        key
        for key, shade in zip(cells.customdata, cells.marker.line.color, strict=True)
        if shade == color("light", "selected")
    ]
    assert marked == ["5-22"]
    assert cells.hovertext[4 * 24 + 22] == str(4 * 24 + 22)


def test_deviations_are_symmetric_about_no_difference() -> None:
    values = np.full((7, 24), np.nan)
    values[0, :3] = (0.5, 2.0, 100.0)
    heat = week_figure(values, FACTS, HoursSelected(), "light", diverging=True).data[0]
    assert list(heat.z[0][:4]) == [-1.0, 1.0, WIDEST, None]
    assert (heat.zmin, heat.zmax) == (-WIDEST, WIDEST)


def test_the_clock_draws_the_rest_to_the_same_total_and_the_mean_only_where_known() -> None:
    counts = [2.0] * 23 + [4.0]
    figure = clock_figure(counts, [""] * 24, "light", others=[1.0] * 24, mean_h=6.0, sd_h=2.0)
    _, outline, arc, hand = figure.data
    np.testing.assert_allclose(outline.r, 50 / 24)
    assert hand.theta == (90.0, 90.0)
    assert (min(arc.theta), max(arc.theta)) == pytest.approx((60.0, 120.0))
    assert len(clock_figure(counts, [""] * 24, "light").data) == 1


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2028])
def test_each_day_of_a_year_has_a_square_of_its_own(year: int) -> None:
    days = [
        date(year, 1, 1) + timedelta(days=number)
        for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]
    places = [place(day, 2020) for day in days]
    assert len(set(places)) == len(days)
    assert {row % 8 for row, _ in places} == set(range(7))
    assert max(column for _, column in places) <= 53
    assert all(place(day, 2020)[0] % 8 == day.weekday() for day in days)


def test_the_calendar_counts_missing_days_as_none_and_veils_what_is_not_chosen() -> None:
    chosen = (date(2024, 2, 1), date(2024, 2, 29))
    known = DAYS.filter(pl.col("day") != date(2024, 2, 10))
    figure = calendar_figure(
        known, (FIRST, LAST), "light", chosen=chosen, provisional_from=date(2024, 3, 1)
    )
    days, veil, provisional = figure.data
    row, column = place(date(2024, 2, 10), 2023)
    assert days.z[row][column] == 0
    assert days.customdata[row][column] == "2024-02-10"
    assert days.text[row][column] == "Sat Feb 10, 2024: 0 incidents"
    assert veil.z[row][column] is None
    assert veil.z[row][column + 3] == 1
    assert len(provisional.x) == 5
    before = place(FIRST - timedelta(days=1), 2023)
    assert days.z[before[0]][before[1]] is None


def test_the_calendar_shows_the_last_six_years() -> None:
    assert shown_years((date(2010, 5, 1), date(2018, 2, 1))) == list(range(2013, 2019))


def test_weeks_are_bars_that_choose_them_and_provisional_ones_are_hatched() -> None:
    found = series(DAYS, (FIRST, LAST), "week", date(2024, 2, 20))
    figure = series_figure(found.frame, "week", SeriesLines([]), "light", chosen=None)
    bars = trace(figure, "date")
    assert sum(bars.y) == DAYS["incidents"].sum()
    assert bars.customdata[1] == "2023-01-09..2023-01-15"
    hatched = [
        text.partition("..")[0]
        for text, shape in zip(bars.customdata, bars.marker.pattern.shape, strict=True)
        if shape
    ]
    assert hatched == ["2024-02-19", "2024-02-26", "2024-03-04"]
    assert bars.marker.opacity[0] < bars.marker.opacity[1]  # the first week is cut off
    assert bars.hovertext[0].endswith("6 days only")


def test_months_are_drawn_a_day_and_changes_with_where_they_may_lie() -> None:
    found = series(DAYS, (FIRST, LAST), "month")
    starts = found.settled["start"].to_list()
    change = ChangeMark(starts[3], starts[2], starts[5], "down")
    parts = SeriesLines(starts, [1.0] * 13, [0.1] * 13, [2.0] * 13, [change])
    figure = series_figure(found.frame, "month", parts, "light", chosen=None)
    february = trace(figure, "date").y[1]
    assert february == pytest.approx(sum(range(1, 29)) / 28)
    (band,) = figure.layout.shapes
    assert (band.x0, band.x1) == (starts[2].isoformat(), starts[5].isoformat())
    assert "down" in figure.data[-2].hovertext
    assert figure.data[-1].yaxis == "y2"


def test_months_of_the_year_are_colored_only_where_significant() -> None:
    marks = [
        MonthMark(month, 1.0 + 0.1 * (month == 7) - 0.2 * (month == 2), 0.8, 1.2, "", month in (2,))
        for month in range(1, 13)
    ]
    dots = seasons_figure(marks, "light").data[1]
    assert dots.marker.color[1] == color("light", "less")
    assert dots.marker.color[6] == color("light", "text-muted")
    assert len(seasons_figure([], "light").data[1].x or ()) == 0


def test_two_profiles_share_axes_and_choose_hours_and_weekdays() -> None:
    def profile(name: str, bins: int) -> ComparisonSeries:
        return ComparisonSeries(name, [0.1] * bins, [0.05] * bins, [None] * bins)

    hours = (profile("chosen", 24), profile("before", 24))
    figure = comparison_figure(hours, (profile("chosen", 7), None), "light", shares=True)
    dots = [one for one in figure.data if one.meta]
    assert [(one.meta, one.xaxis, len(one.x)) for one in dots] == [
        ("hour", "x", 24),
        ("hour", "x", 24),
        ("weekday", "x2", 7),
    ]
    assert dots[0].hovertext[3] == "3 AM: 10.0%, chosen"
    assert list(dots[2].customdata) == [str(day) for day in range(1, 8)]
    lines = [one for one in figure.data if not one.meta]
    assert all(len(one.x) == 0 for one in lines)  # an end that is unknown draws no interval


def test_profiles_are_weeks_over_the_citys_and_shapes_on_a_map() -> None:
    hours = pl.DataFrame(
        {
            "label": [0] * 168 + [1] * 168,
            "weekday": [day for _ in range(2) for day in range(1, 8) for _ in range(24)],
            "hour": list(range(24)) * 14,
            "share": [1 / 168] * 168 + [2 / 168] * 168,
            "city_share": [1 / 168] * 336,
        }
    )
    figure = profile_weeks_figure(hours, ["Like the city", "Nights"], "light")
    assert [one.z[0][0] for one in figure.data] == pytest.approx([0.0, 1.0])
    assert figure.data[1].xaxis == "x2"
    assert [note.text for note in figure.layout.annotations] == ["Like the city", "Nights"]
    ring = [[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.8]]
    feature = {
        "properties": {"id": "1"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring], [ring]]},
    }
    shapes = profiles_map_figure({"features": [feature]}, {"1": "Nights"}, "light")
    assert shapes.data[0].text == "Nights"
    assert list(shapes.data[0].x).count(None) == 2


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize("kind", ProfileKind)
def test_the_hours_of_a_profile_are_written_by_locale(kind: ProfileKind) -> None:
    american = meaning(kind)
    formats.use("en_GB", "", "Europe/London")
    british = meaning(kind)
    assert "AM" not in british
    assert "PM" not in british
    assert "{" not in american
    assert (american == british) == (kind not in HOURS)
