"""Hour bands: which of them are the hours of a filter."""

from __future__ import annotations

import pytest

from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.selection import Selection
from analytics.forecasting.hour_bands import BandKind, Bands, bands_of, chosen_hours

CLOCK = DayClock(0, {"Night": [22, 23, *range(6)], "Day": range(6, 14), "Late": range(14, 22)})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", None),
        ("type=THEFT&weekday=5", None),
        ("hour=20-23", {20, 21, 22, 23}),
        ("hour=22-02", {22, 23, 0, 1, 2}),
        ("shift=Night", {22, 23, 0, 1, 2, 3, 4, 5}),
        ("shift=Night&hour=20-23", {22, 23}),
        ("hour=unknown", set()),
    ],
)
def test_filters_on_hour_and_shift_leave_hours(text: str, hours: set[int] | None) -> None:
    assert chosen_hours(Selection.parse(text), CLOCK) == hours


def test_hours_are_bands_only_if_they_cut_none() -> None:
    bands = bands_of(BandKind.BAND, CLOCK)
    assert bands.within({20, 21, 22, 23}) == (5,)
    assert bands.within({20, 21, 22, 23, 0, 1, 2, 3}) == (0, 5)
    assert bands.within({19, 20, 21, 22, 23}) == ()
    assert bands.within(set()) == ()
    shifts = bands_of(BandKind.SHIFT, CLOCK)
    assert shifts.within({22, 23, 0, 1, 2, 3, 4, 5}) == (0,)


def test_bands_are_read_as_they_were_written() -> None:
    bands = bands_of(BandKind.BAND, DayClock(6))
    assert Bands.of_json(bands.as_json) == bands
