"""Figures are pure: a frame goes in, numbers and marks come out."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from dash import Patch
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.class_breaks import class_breaks, class_labels, classify
from components.explore import days as timeline
from components.frame.figures import hours as week
from components.frame.figures.bars import bar_list
from components.frame.tables import bins_table, hours_table, months_table
from components.frame.theme import TOKENS
from components.frame.variables import category_color, value_label

LIGHT = TOKENS["light"]


def changes(patch: Patch) -> dict[tuple[Any, ...], Any]:
    """What a patch assigns, by place in the figure."""
    return {
        tuple(step["location"]): step["params"]["value"]
        for step in patch.to_plotly_json()["operations"]
    }


def view(**columns: list[Any]) -> pl.DataFrame:
    incidents = columns["incidents"]
    return pl.DataFrame({"arrests": [0] * len(incidents), "harm": [0] * len(incidents), **columns})


# Bars


def types() -> pl.DataFrame:
    return view(
        type=["ASSAULT", "THEFT", "unknown"],
        incidents=[30, 60, 10],
        arrests=[15, 6, 0],
        harm=[900, 100, 0],
    )


def keys(rows: list[Any]) -> list[str]:
    return [getattr(row, "data-key") for row in rows if hasattr(row, "data-key")]


def test_bars_are_sorted_by_size_and_name_their_dimension() -> None:
    rows = bar_list(types(), "type", selected=frozenset())
    assert keys(rows) == ["THEFT", "ASSAULT", "unknown"]
    assert {getattr(row, "data-dimension") for row in rows} == {"type"}
    assert [getattr(row, "data-value") for row in rows] == ["60", "30", "10"]


def test_bar_says_its_whole_fact_in_one_line() -> None:
    rows = bar_list(types(), "type", selected=frozenset())
    assert rows[0].title == "Theft: 60 incidents, 60.0% of 100"
    assert rows[2].title == "Crime type unknown: 10 incidents, 10.0% of 100"


def test_bar_lengths_start_at_zero() -> None:
    rows = bar_list(types(), "type", selected=frozenset())
    lengths = [row.style["--bar"] for row in rows]
    assert lengths == ["100.0%", "50.0%", "16.7%"]


def test_chosen_bar_stands_out_and_the_rest_is_muted() -> None:
    rows = bar_list(types(), "type", selected=frozenset({"ASSAULT"}))
    assert [row.className for row in rows] == [
        "bar-row muted",
        "bar-row selected",
        "bar-row muted unknown",
    ]
    assert [getattr(row, "aria-pressed") for row in rows] == ["false", "true", "false"]


def test_chosen_value_without_incidents_is_still_there() -> None:
    rows = bar_list(types(), "type", selected=frozenset({"ARSON"}))
    assert keys(rows)[-1] == "ARSON"
    assert getattr(rows[-1], "data-value") == "0"


def test_bars_cut_off_are_summed_and_chosen_ones_never_cut() -> None:
    rows = bar_list(types(), "type", selected=frozenset({"unknown"}), limit=1)
    assert keys(rows) == ["THEFT", "unknown"]
    assert rows[-1].children == "1 smaller ones, 30 incidents in total"


def test_bars_can_measure_shares_and_harm() -> None:
    by_share = bar_list(types(), "type", selected=frozenset(), measure="arrest_share")
    assert [getattr(row, "data-value") for row in by_share] == ["0.5", "0.1", "0"]
    by_harm = bar_list(types(), "type", selected=frozenset(), measure="harm")
    assert keys(by_harm) == ["ASSAULT", "THEFT", "unknown"]


def test_empty_view_says_so() -> None:
    rows = bar_list(types().clear(), "type", selected=frozenset())
    assert "No incidents" in rows[0].children


# Hours


def hour_views() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return (
        view(weekday=[1, 5, None], hour=[0, 22, None], incidents=[42, 126, 7]),
        view(hour=[0, 22, None], incidents=[42, 126, 7]),
        view(weekday=[1, 5], incidents=[49, 126]),
    )


def test_hours_figure_has_fixed_axes_and_keys_on_every_cell() -> None:
    figure = week.hours_figure("light")
    for axis in ("xaxis", "yaxis", "xaxis2", "yaxis2"):
        assert figure.layout[axis].fixedrange is True
        assert figure.layout[axis].range is not None
    cells = figure.data[week.CELLS]
    assert len(cells.customdata) == 168
    place = list(cells.customdata).index("5-22")
    assert (cells.x[place], cells.y[place]) == (22, 5)
    assert list(figure.layout.yaxis.range) == [7.5, 0.5]  # Monday on top


def test_hours_patch_changes_leaf_arrays_of_traces_alone() -> None:
    assigned = changes(week.hours_patch(*hour_views(), week.HoursSelected(), "light"))
    assert {place[0] for place in assigned} == {"data"}
    assert all(isinstance(value, list) for value in assigned.values())
    figure = week.hours_figure("light").to_plotly_json()
    for _, trace, leaf, *_ in assigned:
        assert leaf in figure["data"][trace]


def test_hours_patch_carries_the_numbers() -> None:
    assigned = changes(week.hours_patch(*hour_views(), week.HoursSelected(), "light"))
    shades = assigned["data", week.HEAT, "z"]
    assert shades[4][22] == 1
    assert shades[0][0] == pytest.approx(42 / 126)
    facts = assigned["data", week.CELLS, "hovertext"]
    # 168 incidents in 168 cells: an average hour has one
    assert facts[week.cell_keys().index("5-22")] == (
        "Fri 10 PM: 126 incidents, 126.0 times the average hour, rank 1 of 168"
    )
    assert assigned["data", week.HOURS, "hovertext"][22] == "10 PM: 126 incidents, 75.0%"
    assert assigned["data", week.WEEKDAY_BARS, "x"][4] == 1


def test_chosen_hours_are_outlined_and_the_others_veiled() -> None:
    selected = week.HoursSelected(cells=frozenset({"5-22", "5-23"}), hours=frozenset({"22"}))
    assigned = changes(week.hours_patch(*hour_views(), selected, "light"))
    veil = assigned["data", week.VEIL, "z"]
    assert [(d, h) for d in range(7) for h in range(24) if veil[d][h] is None] == [(4, 22)]
    outline = assigned["data", week.OUTLINE, "x"]
    assert {x for x in outline if x is not None} == {21.5, 22.5}
    colors = assigned["data", week.HOURS, "marker", "color"]
    assert colors[22] == LIGHT["selected"]
    assert colors[21] == LIGHT["mark-muted"]


def test_neighboring_chosen_cells_share_one_outline() -> None:
    selected = week.HoursSelected(hours=frozenset({"8", "9"}), weekdays=frozenset({"1"}))
    assigned = changes(week.hours_patch(*hour_views(), selected, "light"))
    assert assigned["data", week.OUTLINE, "x"].count(None) == 6  # a 1 × 2 block has 6 unit edges


def test_incidents_without_an_hour_can_be_chosen() -> None:
    note = week.hours_note(*hour_views()[:2], week.HoursSelected(hours=frozenset({"unknown"})))
    button = note[-1]
    assert button.children == "Hour unknown: 7"
    assert (getattr(button, "data-dimension"), getattr(button, "data-key")) == ("hour", "unknown")
    assert getattr(button, "aria-pressed") == "true"


# Days


def day_view(first: date, counts: list[int]) -> pl.DataFrame:
    days = [first + timedelta(days=step) for step in range(len(counts))]
    return view(day=days, incidents=counts)


FIRST, LAST = date(2017, 1, 1), date(2017, 1, 10)
MONDAY = date(2018, 1, 1)
CUT = timeline.bins(FIRST, LAST, MONDAY)


def patched_days(**given_: Any) -> dict[tuple[Any, ...], Any]:
    facts = {"period": None, "provisional_from": None}
    counts = day_view(FIRST, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    return changes(timeline.days_patch(counts, CUT, **{**facts, **given_}, theme="light"))


def test_timeline_can_only_be_brushed_sideways_on_a_fixed_axis() -> None:
    layout = timeline.days_figure("light", CUT).layout
    assert (layout.dragmode, layout.selectdirection) == ("select", "h")
    assert layout.xaxis.fixedrange is True
    assert list(layout.xaxis.range) == ["2016-12-31", "2017-01-11"]


def test_each_day_is_a_bar_with_its_date_as_key() -> None:
    bars = timeline.days_figure("light", CUT).data[timeline.BARS]
    assert list(bars.customdata)[:2] == ["2017-01-01", "2017-01-02"]
    assert patched_days()["data", timeline.BARS, "hovertext"][2] == "Tue Jan 3, 2017: 30 incidents"


def test_average_runs_over_seven_days() -> None:
    average = patched_days()["data", timeline.AVERAGE, "y"]
    assert average == [None] * 6 + [40, 50, 60, 70]


def test_days_outside_the_period_are_muted() -> None:
    period = (date(2017, 1, 2), date(2017, 1, 3))
    assigned = patched_days(period=period)
    # two bars from their own days on, and the right edge of the second
    assert assigned["data", timeline.CHOSEN, "x"] == ["2017-01-02", "2017-01-03", "2017-01-04"]
    assert assigned["data", timeline.CHOSEN, "y"] == [20, 30, 30]
    assert assigned["data", timeline.AREA, "fillcolor"] == LIGHT["mark-muted"]
    assert patched_days()["data", timeline.AREA, "fillcolor"] == LIGHT["mark"]
    assert patched_days()["data", timeline.CHOSEN, "y"] == []


def test_bars_stand_side_by_side_from_their_first_day_to_the_next() -> None:
    area = timeline.days_figure("light", CUT).data[timeline.AREA]
    assert (area.fill, area.line.shape) == ("tozeroy", "hv")
    assert (area.x[0], area.x[-1], len(area.x)) == ("2017-01-01", "2017-01-11", 11)
    assert patched_days()["data", timeline.AREA, "y"] == [*range(10, 101, 10), 100]


def test_provisional_days_are_hatched_and_say_so() -> None:
    from_day = date(2017, 1, 9)
    drawn = timeline.days_figure("light", CUT, from_day).data[timeline.PROVISIONAL]
    assert list(drawn.x) == ["2017-01-09", "2017-01-10", "2017-01-11"]
    assert drawn.fillpattern.shape == "/"
    assigned = patched_days(provisional_from=from_day)
    assert assigned["data", timeline.PROVISIONAL, "y"] == [90, 100, 100]
    assert assigned["data", timeline.BARS, "hovertext"][9].endswith("100 incidents, provisional")


YEARS = date(2014, 1, 1), date(2018, 12, 31)  # Wednesday to Monday


def test_long_spans_are_drawn_as_weeks_of_the_calendar(american: None) -> None:
    cut = timeline.bins(*YEARS, MONDAY)
    assert cut.title == "Incidents per week; line: 4-week average"
    assert (cut.starts[0], cut.starts[-1]) == (date(2013, 12, 30), date(2018, 12, 31))
    assert {start.isoweekday() for start in cut.starts} == {1}
    counts = timeline.bin_counts(day_view(YEARS[0], [1] * 1826), cut)
    assert (counts[0], set(counts[1:-1]), counts[-1]) == (5, {7}, 1)
    bars = timeline.days_figure("light", cut).data[timeline.BARS]
    assert bars.customdata[0] == "2014-01-01..2014-01-05"  # no day before the data
    assert bars.customdata[-1] == "2018-12-31"  # nor after it


def test_decades_are_drawn_in_the_agency_s_28_day_periods() -> None:
    anchor = date(2024, 2, 7)
    cut = timeline.bins(date(2001, 1, 1), date(2025, 12, 31), anchor)
    assert cut.title == "Incidents per 4 weeks; line: 1-year average"
    assert cut.window * cut.width == 364
    assert {(b - a).days for a, b in pairwise(cut.starts)} == {28}
    assert anchor in cut.starts
    assert cut.starts[0] <= date(2001, 1, 1) < cut.starts[1]
    assert cut.starts[-1] <= date(2025, 12, 31)


def test_average_leaves_out_a_first_and_last_week_of_fewer_days(american: None) -> None:
    cut = timeline.bins(*YEARS, MONDAY)
    days = day_view(YEARS[0], [1] * 1826)
    assigned = changes(
        timeline.days_patch(days, cut, period=None, provisional_from=None, theme="light")
    )
    average = assigned["data", timeline.AVERAGE, "y"]
    assert average[:5] == [None] * 4 + [7]  # the first week has five days
    assert average[-2:] == [7, None]
    assert len(average) == len(cut.starts)
    assert ", 1 day only" in assigned["data", timeline.BARS, "hovertext"][-1]


def test_days_that_did_not_occur_count_zero() -> None:
    sparse = view(day=[date(2017, 1, 1), date(2017, 1, 10)], incidents=[5, 6])
    counts = timeline.bin_counts(sparse, CUT)
    assert counts == [5, 0, 0, 0, 0, 0, 0, 0, 0, 6]


@given(st.floats(min_value=1, max_value=1e7))
def test_axis_ends_above_the_highest_value_but_not_far(highest: float) -> None:
    assert highest <= timeline.ceiling(highest) <= 1.35 * highest


# Classes


def test_breaks_are_numbers_people_can_read() -> None:
    breaks = class_breaks([1] * 20 + [5] * 20 + [10] * 20 + [25] * 20 + [50] * 20 + [100] * 20)
    assert breaks == [1, 5, 10, 25, 50, 100]
    assert class_labels(breaks) == ["1-4", "5-9", "10-24", "25-49", "50-99", "100 or more"]


def test_few_small_counts_have_a_class_each() -> None:
    assert class_breaks([1, 1, 1, 2, 4]) == [1, 2, 3, 4]


def test_rare_large_counts_are_told_apart() -> None:
    assert class_breaks([1] * 90 + [3, 4, 7, 12, 30]) == [1, 5, 10, 25]


def test_without_incidents_there_are_no_classes() -> None:
    assert class_breaks([0, 0]) == []
    assert classify([0, 3], []) == [-1, -1]


def test_zero_has_no_class() -> None:
    assert classify([0, None, 1, 4, 5, 1000], [1, 5, 10]) == [-1, -1, 0, 0, 1, 2]


@given(st.lists(st.integers(0, 100_000), max_size=200))
def test_every_positive_value_has_a_class_whose_bounds_hold_it(values: list[int]) -> None:
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    assert len(breaks) <= 6
    bounds = [*breaks, float("inf")]
    for value, place in zip(values, classify(values, breaks), strict=True):
        if value:
            assert bounds[place] <= value < bounds[place + 1]
        else:
            assert place == -1


# The same numbers as tables


def texts(component: Any) -> list[str]:
    """All buttons' words below a component."""
    children = getattr(component, "children", None)
    if component.__class__.__name__ == "Button":
        return [children]
    below = children if isinstance(children, list | tuple) else [children]
    return [text for child in below if hasattr(child, "to_plotly_json") for text in texts(child)]


def test_hours_table_has_a_button_for_each_hour_weekday_and_cell() -> None:
    words = texts(hours_table(hour_views()[0]))
    assert len(words) == 24 + 7 + 168
    assert "126" in words


def test_months_table_sums_days_newest_first() -> None:
    table = months_table(day_view(date(2017, 1, 30), [1, 2, 4, 8]))
    assert texts(table) == ["Feb 2017", "Jan 2017"]
    rows = table.children[2].children
    assert [row.children[1].children for row in rows] == ["12", "3"]


def test_bins_table_says_when_it_was_cut() -> None:
    frame = view(district=["001", "002"], incidents=[1, 2])
    table = bins_table(frame, "district", limit=1)
    assert table.children[0].children == "Incidents by district, the 1 largest of 2"
    assert texts(table) == ["002"]


# Words


@pytest.mark.parametrize(
    ("dimension", "key", "words"),
    [
        ("type", "MOTOR VEHICLE THEFT", "Motor vehicle theft"),
        ("weekday", "5", "Fri"),
        ("hour", "7", "7 AM"),
        ("arrest", "yes", "Arrest made"),
        ("location_type", "unknown", "Unknown"),
        ("district", "011", "011"),
    ],
)
def test_selection_words_are_shown_as_a_person_reads_them(
    dimension: str, key: str, words: str
) -> None:
    assert value_label(dimension, key) == words


def test_a_category_has_one_color_however_it_is_spelled() -> None:
    assert category_color("THEFT", "light") == category_color("theft", "light")
    assert category_color("never heard of", "dark") == TOKENS["dark"]["unknown"]
