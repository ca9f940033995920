"""Which days are counted: the chosen ones, else the last 28 that are complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analytics.crossfilter.selection import EMPTY, Selection
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.overview.hours import hours_in, weeks_in
from analytics.overview.reporting import AnomalyWeek, reporting
from analytics.temporal.weekly_hours import WeeklyHours

MANIFEST = Manifest(
    id="s", created="2026-01-01", schema_version=1, code_version="t",
    source=SourceInfo("t", "T", "UTC", "incident"), incidents=1, first="2024-01-01",
    last="2026-10-31", provisional_from="2026-10-04", crs_local="EPSG:32616",
)  # fmt: skip


def test_without_a_date_the_last_complete_28_days_are_counted() -> None:
    found = reporting(EMPTY, MANIFEST)
    assert found is not None
    assert found.period == (date(2026, 9, 6), date(2026, 10, 3))
    assert (found.chosen, found.provisional, found.days) == (False, False, 28)
    assert found.before == (date(2026, 8, 9), date(2026, 9, 5))
    assert found.last_year == (date(2025, 9, 7), date(2025, 10, 4))  # 364 days: same weekdays
    assert found.of(EMPTY).text == "date=2026-09-06..2026-10-03"
    assert found.last_complete == date(2026, 10, 3)


def test_a_chosen_period_is_counted_and_said_to_fill_up() -> None:
    found = reporting(Selection.parse("date=last28d&type=ROBBERY"), MANIFEST)
    assert found is not None
    assert found.period == (date(2026, 10, 4), date(2026, 10, 31))
    assert found.chosen
    assert found.provisional
    assert found.last_complete == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("chosen", "which", "end"),
    [
        ("", AnomalyWeek.LAST, "2026-10-03"),
        ("date=2026-03-01..2026-03-31", AnomalyWeek.OF_PERIOD, "2026-03-31"),
        ("date=2026-09-01..2026-10-31", AnomalyWeek.COMPLETE_OF_PERIOD, "2026-10-03"),
        ("date=2026-03-01..2026-03-03", AnomalyWeek.TO_PERIOD_END, "2026-03-03"),
        ("date=2026-10-01..2026-10-31", AnomalyWeek.TO_PERIOD_END, "2026-10-03"),
        ("date=last28d", AnomalyWeek.BEFORE_PERIOD, "2026-10-03"),
    ],
)
def test_the_week_tested_is_said_to_lie_where_it_does(
    chosen: str, which: AnomalyWeek, end: str
) -> None:
    found = reporting(Selection.parse(chosen), MANIFEST)
    assert found is not None
    assert found.anomaly_week is which
    assert found.last_complete == date.fromisoformat(end)


def test_days_after_the_data_are_no_days_that_fill_up() -> None:
    found = reporting(Selection.parse("date=2030-01-01..2030-01-31"), MANIFEST)
    assert found is not None
    assert (found.has_data, found.provisional) == (False, False)
    inside = reporting(Selection.parse("date=2026-10-31..2030-01-31"), MANIFEST)
    assert inside is not None
    assert (inside.has_data, inside.provisional) == (True, True)


def test_short_data_is_counted_whole() -> None:
    found = reporting(EMPTY, replace(MANIFEST, first="2026-10-25"))
    assert found is not None
    assert found.period == (date(2026, 10, 25), date(2026, 10, 31))
    assert reporting(EMPTY, replace(MANIFEST, first=None, last=None)) is None


def test_hours_and_weeks_are_those_of_the_period() -> None:
    """Against one incident at hour h of each day."""
    counts = np.zeros((10, 7, 24), np.int64)
    counts[:, :, 5] = 1
    counts[3, 2, 7] = 14
    first = date(2026, 1, 5)  # a Monday
    found = WeeklyHours(counts.reshape(10, 168), first, (first, date(2026, 3, 15)))
    hours = hours_in(found, (date(2026, 1, 26), date(2026, 2, 8)))
    assert hours[5] == pytest.approx(1)
    assert hours[7] == pytest.approx(1)
    weeks = weeks_in(found, (date(2026, 1, 28), date(2026, 2, 20)))
    assert weeks.period == (date(2026, 2, 2), date(2026, 2, 15))
    assert weeks.incidents == 14
