"""Volume, waits, workload and staffing of calls, and the filters that each view drops."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from analytics.calls.answers import Calls
from analytics.calls.filters import WEEK, bars
from analytics.calls.staffing import Assumptions
from analytics.calls.waits import FEWEST, Wait
from analytics.cli import patroliq
from analytics.errors import InputError
from analytics.services import Services
from analytics.settings import Settings
from tests.integration.calls_town import (
    DAYS,
    EVERY_STATE,
    FIRST,
    WHOLE,
    call,
    ingest_calls,
    town_lines,
)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    home = tmp_path_factory.mktemp("calls")
    settings = Settings(home=home, duckdb_threads=1)
    ingest_calls(settings, home, *town_lines())
    found = Services(settings).pin_calls()
    assert found is not None
    yield found
    found.reader.close()


def test_calls_by_hour_of_the_week(calls: Calls) -> None:
    week = {row[:2]: row[2] for row in calls.by_hour_of_week().iter_rows()}
    fridays = sum((FIRST + timedelta(days=day)).isoweekday() == 5 for day in range(DAYS))
    assert week[5, 23] == 2 * fridays
    assert week[5, 10] == 2 * fridays
    assert sum(week.values()) == calls.totals().calls == 2 * DAYS + 3 * fridays
    assert calls.totals().on_view == DAYS


def test_a_view_does_not_filter_itself(calls: Calls) -> None:
    """The rule of the house: a call counts where every filter it fails is the view's own."""
    night = calls.selection("hour=23&priority=2")
    assert calls.totals(night).calls == calls.by_hour_of_week(night)["calls"].sum()
    everything = calls.by_value(bars("priority"), calls.selection("priority=2"))
    assert set(everything["key"]) == {"1", "2"}
    alone = calls.by_value(bars("priority"), night)
    assert alone["key"].to_list() == ["2"]  # the hour is another view's filter
    rows = calls.waits(Wait.RESPONSE, calls.selection("priority=2")).rows
    assert [row.priority for row in rows] == [None, "1", "2"]
    assert rows[0].measured == rows[2].measured  # the first is of the selection


@pytest.mark.parametrize(
    "text",
    [
        "",
        "priority=2",
        "beat=B2&weekday=5",
        "hour=10,12&origin=caller",
        "hour_weekday=5-23,1-10&priority=1",
        "shift=Night&beat=A1,B2",
        "date=2024-01-10..2024-02-01&origin=officer",
        "type=FIRE",
    ],
)
def test_every_view_counts_as_a_plain_loop_does(calls: Calls, text: str) -> None:
    """Brute force: a call counts if every filter that it fails is on the view's own dimension."""
    columns = ["priority", "beat", "type", "origin", "weekday", "hour", "shift", "operational_day"]
    rows = calls.reader.frame(f"SELECT {', '.join(columns)} FROM calls").rows(named=True)
    parts = dict(part.split("=") for part in text.split("&") if part)

    def passes(row: dict[str, Any], name: str) -> bool:
        if name == "date":
            first, last = parts[name].split("..")
            return bool(first <= row["operational_day"].isoformat() <= last)
        value = f"{row['weekday']}-{row['hour']}" if name == "hour_weekday" else str(row[name])
        return value in parts[name].split(",")

    selection = calls.selection(text)
    for view in (bars("priority"), bars("beat"), bars("type"), bars("shift"), bars("origin")):
        expected = Counter(
            str(row[view.name])
            for row in rows
            if all(passes(row, name) for name in parts if name not in view.owns)
        )
        found = calls.by_value(view, selection).select("key", "calls")
        assert dict(found.iter_rows()) == expected, view.name
    week = calls.by_hour_of_week(selection).select("weekday", "hour", "calls")
    assert {(day, hour): count for day, hour, count in week.iter_rows()} == Counter(
        (row["weekday"], row["hour"])
        for row in rows
        if all(passes(row, name) for name in parts if name not in WEEK.owns)
    )


def test_own_dimensions_of_calls_filter(calls: Calls) -> None:
    assert calls.totals(calls.selection("origin=officer")).calls == DAYS
    assert calls.totals(calls.selection("beat=B2")).calls == 10
    assert calls.totals(calls.selection("disposition=CAN")).calls == 0
    week = calls.selection(f"date={FIRST}..{FIRST + timedelta(days=6)}")
    assert calls.totals(week).calls == 14 + 3
    with pytest.raises(InputError, match="Calls have no dimension 'location_type'"):
        calls.selection("location_type=STREET")
    with pytest.raises(InputError, match="no area level"):
        calls.workload(level="ward")


def test_waits_are_those_of_callers(calls: Calls) -> None:
    waits = calls.waits(Wait.RESPONSE)
    (every, first, second) = waits.rows
    assert first.measured == DAYS + 10
    assert first.percentiles[0].value == 900
    assert second.measured == 20 == FEWEST
    assert {one.value for one in second.percentiles} == {1500.0}
    assert every.open == 0
    assert waits.left_out == {"on-view": DAYS}


def test_workload_is_a_mean_over_whole_days(calls: Calls) -> None:
    work = calls.workload()
    assert len(work.days) == WHOLE
    assert work.block == 7
    assert work.on_view_hours == pytest.approx(0.5)
    means = work.means("area", "shift")
    assert means["A1", "Day"].value == pytest.approx(1.5)
    assert means["A1", "Day"].low == means["A1", "Day"].high == pytest.approx(1.5)
    assert means["B2", "Day"].value == pytest.approx(10 * 1.5 / WHOLE)
    assert means["A1", "Night"].value == pytest.approx(10 * 2 * 1.5 / WHOLE)
    friday = work.means("weekday", "hour")
    assert friday[5, 23].value == pytest.approx(2 * 25 / 60)
    assert friday[6, 0].value == pytest.approx(2.0)  # busy on Saturday, with calls of Friday


def test_times_of_a_selection_are_those_at_which_units_were_busy(calls: Calls) -> None:
    work = calls.workload(calls.selection("weekday=6&hour=0"))
    assert {day.isoweekday() for day in work.days} == {6}
    assert work.means()[()].value == pytest.approx(2.0)


def test_intervals_agree_with_days_drawn_one_by_one(tmp_path: Path) -> None:
    """Against a bootstrap written out: days drawn again, and their mean."""
    generator = np.random.default_rng(2)
    counts = generator.poisson(6, 32)
    lines = []
    for number, count in enumerate(counts):
        day = FIRST + timedelta(days=number)
        lines += [
            call(f"{number}-{at}", day=str(day), updated=f"{day + timedelta(days=1)} 12:00:00")
            for at in range(count)
        ]
    settings = Settings(home=tmp_path, duckdb_threads=1)
    ingest_calls(settings, tmp_path, *lines)
    found = Services(settings).pin_calls()
    assert found is not None
    work = found.workload()
    hours = counts[1:-1] * 40 / 60
    means = [generator.choice(hours, len(hours)).mean() for _ in range(4_000)]
    low, high = np.quantile(means, [0.025, 0.975])
    mean = work.means()[()]
    assert work.block == 1
    assert mean.value == pytest.approx(hours.mean())
    assert (mean.low, mean.high) == pytest.approx((low, high), abs=0.12)


def test_staffing_follows_the_formula(calls: Calls) -> None:
    """By hand: 1.71 unit-hours a day, half of a unit's eight hours, and the relief factor."""
    assumptions = Assumptions(call_share=0.5, officer_hours=1_460)
    assert assumptions.relief_factor(8) == 2
    found = calls.staffing(assumptions)
    assert found is not None
    night, day, evening = found.shifts
    assert day.workload.value == pytest.approx(1.5 + 15 / WHOLE)
    assert day.units.value == pytest.approx(day.workload.value / 4)
    assert (day.on_duty, day.officers) == (1, 2)
    assert evening.on_duty == evening.officers == 0
    assert night.busiest == (6, 0)
    assert night.busiest_load == pytest.approx(2)
    assert night.busiest_waiting == 1  # one unit, and two calls every Saturday at midnight
    assert night.for_waiting > 2
    of_beat = calls.staffing(assumptions, calls.selection("beat=B2&shift=Night"))
    assert of_beat is not None  # the beat applies, and the shift is the view's own
    assert of_beat.shifts[1].units.value == pytest.approx(15 / WHOLE / 4)
    assert not found.few_days
    for hours in ("hour=10", "hour_weekday=5-10"):  # shifts are staffed as a whole
        again = calls.staffing(assumptions, calls.selection(hours))
        assert again is not None
        assert [one.on_duty for one in again.shifts] == [one.on_duty for one in found.shifts]
        for one, of in zip(again.shifts, found.shifts, strict=True):
            assert asdict(one.workload) == pytest.approx(asdict(of.workload))
            assert (one.busiest, one.for_waiting) == (of.busiest, of.for_waiting)
    more = calls.staffing(Assumptions(call_share=0.05, officers_per_unit=2))
    assert more is not None
    assert more.shifts[1].on_duty == ceil(more.shifts[1].workload.value / 0.4)
    with pytest.raises(InputError, match="call_share must be from"):
        Assumptions(call_share=0)


def test_what_has_no_unit_time_is_counted_and_not_in_the_hours(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, duckdb_threads=1)
    ingest_calls(settings, tmp_path, *EVERY_STATE)
    calls = Services(settings).pin_calls()
    assert calls is not None
    assert calls.workload().time.left_out == {
        "duplicate": 1, "nobody came": 1, "negative": 1, "open": 1, "other agency": 1,
        "too long": 1,
    }  # fmt: skip
    assert calls.staffing(Assumptions()) is None  # no day is whole


def test_the_command_prints_everything_as_json(calls: Calls) -> None:
    home = calls.reader.snapshot.path.parents[2]

    def run(*arguments: str) -> object:
        return CliRunner().invoke(
            patroliq, ["calls", "summary", *arguments], env={"PATROLIQ_HOME": str(home)}
        )

    result = run("--json", "--selection", "priority=1", "--call-share", "0.4")
    found = json.loads(result.stdout)  # type: ignore[attr-defined]
    assert found["selection"] == "priority=1"
    assert found["volume"]["calls"] == 2 * DAYS + 10
    assert found["staffing"]["assumptions"]["call_share"] == 0.4
    assert [row["shift"] for row in found["staffing"]["shifts"]] == ["Night", "Day", "Evening"]
    assert {row["shift"] for row in found["workload"]["by_area_and_shift"]} == {"Day"}
    assert "units on duty" in run().output  # type: ignore[attr-defined]


def test_without_calls_the_command_says_how_to_load_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        patroliq, ["calls", "summary"], env={"PATROLIQ_HOME": str(tmp_path)}
    )
    assert isinstance(result.exception, InputError)
    assert "ingest --kind calls" in str(result.exception)
