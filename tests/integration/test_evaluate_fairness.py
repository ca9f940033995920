"""`patroliq evaluate fairness` on a synthetic city: shares against SQL, and what it refuses."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics.cli.evaluate import command as evaluate
from analytics.cli.fairness_plan import read_calls
from analytics.cli.plan import command as plan
from analytics.demo.calls import add_demo_calls
from analytics.errors import InputError
from analytics.fairness.area_weeks import year_before
from analytics.fairness.plan_trend import plan_points
from analytics.fairness.stored_evaluation import read_evaluation
from analytics.patrol.stored_plans import StoredPlans
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.state import State

MAKE = [
    "make", "--date=2026-10-20", "--shift=evening", "--units=12", "--seed=5", "--save=A test",
    "--hours=1", "--candidates=2", "--balance=1",
]  # fmt: skip


def run(home: Path, *given: str) -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(evaluate, ["fairness", *given])


def test_areas_are_counted_as_by_sql(city_of_8000: Path, pinned: Pinned) -> None:
    outcome = run(city_of_8000, "--weeks=40", "--selection=domestic=no", "--json")
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    complete = pinned.snapshot.manifest.last_complete_day
    assert found["last"] == str(complete)
    days = (date.fromisoformat(found["last"]) - date.fromisoformat(found["first"])).days + 1
    assert days == 280
    rows = pinned.reader.frame(
        "SELECT district, count(*) FILTER (WHERE proactive IS NOT TRUE) AS reported, "
        "count(*) FILTER (WHERE proactive) AS found, "
        "coalesce(sum(CASE WHEN proactive IS NOT TRUE THEN harm_days END), 0) AS harm "
        "FROM incidents WHERE NOT domestic AND district IS NOT NULL "
        "AND operational_day BETWEEN $first AND $last GROUP BY 1",
        {"first": found["first"], "last": found["last"]},
    )
    counted = {row[0]: row[1:] for row in rows.iter_rows()}
    assert len(found["areas"]) == len(counted)
    whole = sum(row[0] for row in counted.values())
    for row in found["areas"]:
        assert (row["reported"], row["found"], row["harm"]) == counted[row["area"]]
        assert row["by_reported"] == pytest.approx(row["reported"] / whole)
        ratio = row["record_to_reported"]
        assert ratio["low"] <= ratio["value"] <= ratio["high"]
    assert {(one["finds"], one["learning"]) for one in found["feedback"]} == {
        (finds, learning)
        for finds in ("as_reported", "as_found")
        for learning in ("all_records", "corrected", "reported_only")
    }
    spoken = run(city_of_8000, "--weeks=40").stdout
    assert "Patrols to move to match what the public reports" in spoken


def _calls_by_sql(home: Path, first: str, last: str) -> dict[str, int]:
    calls = Services(Settings(home=home)).pin_calls()
    assert calls is not None
    rows = calls.reader.frame(
        "SELECT district, count(*) FROM calls WHERE operational_day BETWEEN $first AND $last "
        "AND district IS NOT NULL AND on_view IS NOT TRUE AND duplicate IS NOT TRUE "
        "AND other_agency IS NOT TRUE GROUP BY 1",
        {"first": first, "last": last},
    )
    return dict(rows.iter_rows())


def _check_early_plan(home: Path, pinned: Pinned) -> None:
    """A plan soon after the data begins has no point in the trend."""
    settings = Settings(home=home)
    with closing(State(settings)) as state:
        version = StoredPlans(state, settings).read(1)
    covered = pinned.snapshot.manifest.covered
    assert covered is not None
    soon = replace(version.request, day=covered[0] + timedelta(days=55))
    early = replace(version, plan=2, request=soon)
    assert [one.plan for one in plan_points(pinned.reader, [early, version])] == [1]


def test_calls_that_cannot_be_read_are_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "calls" / "snapshots" / "20260101T000000Z-00000000").mkdir(parents=True)
    day = date(2026, 1, 1)
    assert read_calls(Settings(home=tmp_path), "district", day, day) is None
    assert "Calls for service are left out" in capsys.readouterr().err


def test_a_stored_plan_is_compared_by_area_with_the_year_before_it(
    city_of_8000: Path, pinned: Pinned
) -> None:
    """Harm of the areas by SQL, time from the plan as it is stored."""
    assert "Plan 1 not found" in str(run(city_of_8000, "--plan=1").exception)
    made = CliRunner(env={"PATROLIQ_HOME": str(city_of_8000)}).invoke(plan, [*MAKE, "--json"])
    assert made.exit_code == 0, made.output
    units = {one["area"]: one["units"] for one in json.loads(made.stdout)["areas"]}
    add_demo_calls(Settings(home=city_of_8000), 1, date(2026, 10, 31))
    outcome = run(city_of_8000, "--save", "--json")
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    assert (found["plan"]["plan"], found["plan"]["units"]) == (1, 12)
    assert found["last"] == str(pinned.snapshot.manifest.last_complete_day)
    rows = pinned.reader.frame(
        "SELECT district, sum(harm_days)::DOUBLE FROM incidents WHERE proactive IS NOT TRUE "
        "AND district IS NOT NULL AND operational_day BETWEEN $first AND $last GROUP BY 1",
        {"first": found["first"], "last": found["last"]},
    )
    harm = dict(rows.iter_rows())
    total = sum(harm.values())
    for row in found["comparison"]["areas"]:
        assert row["of_time"] == pytest.approx(units.get(row["area"], 0) / 12)
        assert row["of_harm"] == pytest.approx(harm[row["area"]] / total)
        if row["time_to_harm"] is not None:
            assert row["time_to_harm"]["value"] == pytest.approx(row["of_time"] / row["of_harm"])
    called = _calls_by_sql(city_of_8000, found["first"], found["last"])
    assert found["calls"] == sum(called.values()) > 0
    for row in found["comparison"]["areas"]:
        assert row["of_calls"] == pytest.approx(called.get(row["area"], 0) / found["calls"])
    plans = found["frontier"]["plans"]
    given = found["frontier"]["chosen"]["units"]
    for one in plans:  # the plan's balance lets no area differ by more than a unit
        assert max(abs(own - of) for own, of in zip(one["units"], given, strict=True)) <= 1
    # Without a limit it is the first plan, unless the search finds a tighter one as good.
    assert found["frontier"]["chosen"]["captured"] == pytest.approx(plans[0]["captured"], rel=0.02)
    assert [one["disparity"] for one in plans] == sorted(
        (one["disparity"] for one in plans), reverse=True
    )
    highest = max(
        (row["time_to_harm"]["value"], row["area"])
        for row in found["comparison"]["areas"]
        if row["time_to_harm"]
    )
    (point,) = found["trend"]
    assert (point["highest"], point["area"]) == (pytest.approx(highest[0]), highest[1])
    assert point["moved"] == pytest.approx(found["comparison"]["moved"])
    _check_early_plan(city_of_8000, pinned)
    stored = read_evaluation(city_of_8000)
    assert stored is not None
    assert json.loads(json.dumps(stored.as_json(), default=str)) == {
        key: value for key, value in found.items() if key != "areas"
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--weeks=500"], "complete weeks, not 500"),
        (["--save", "--selection=domestic=no"], "without --selection"),
        (["--level=nowhere"], "nowhere"),
        (["--selection=district=nowhere"], "No incidents in these weeks"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    city_of_8000: Path, given: list[str], told: str
) -> None:
    outcome = run(city_of_8000, *given)
    assert outcome.exit_code != 0
    assert told in (str(outcome.exception) + outcome.output)


def test_a_plan_soon_after_the_data_begins_is_compared_with_the_weeks_there_are(
    pinned: Pinned,
) -> None:
    manifest = pinned.snapshot.manifest
    assert manifest.covered is not None
    start = manifest.covered[0]
    first, weeks = year_before(manifest, start + timedelta(days=75))
    assert (first, weeks) == (start + timedelta(days=5), 10)
    assert year_before(manifest, start + timedelta(days=900))[1] == 52
    with pytest.raises(InputError, match="need 8"):
        year_before(manifest, start + timedelta(days=55))
