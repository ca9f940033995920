"""Plans of patrol from the command line, on the synthetic city."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from analytics.cli.evaluate import command as evaluate
from analytics.cli.plan import command as plan
from analytics.cli.planning import city_of
from analytics.patrol import demand
from analytics.patrol.backtest import PlanKind
from analytics.patrol.demand import FILE, FOUND_BY_OFFICERS, read_exclusions
from analytics.patrol.plan_content import DISCOUNTED_COUNTS
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.services import Pinned, Services
from analytics.settings import Settings

MAKE = ["make", "--date", "2026-10-20", "--shift", "evening", "--units", "6", "--seed", "5"]

LIMITED = ["--units", "20", "--at-most-share", "1.6", "--hours", "1", "--candidates", "2"]


def run(home: Path, command: Any, *given: str, **env: str) -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home), **env}).invoke(command, list(given))


@pytest.fixture(scope="module")
def made(city_of_8000: Path) -> dict[str, Any]:
    outcome = run(city_of_8000, plan, *MAKE, "--json")
    assert outcome.exit_code == 0, outcome.output
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def test_a_plan_keeps_its_rules_and_adds_up(made: dict[str, Any]) -> None:
    assert len(made["units"]) == 6
    assert {"unit", "area", "visits"} == made["units"][0].keys()
    visits = [one for unit in made["units"] for one in unit["visits"]]
    assert sum(one["expected"] for one in visits) == pytest.approx(made["captured"])
    assert 0 < made["captured"] <= made["bound"] * (1 + 1e-9)
    assert made["captured"] < made["expected"]
    assert made["gap"] == pytest.approx(1 - made["captured"] / made["bound"])
    for unit in made["units"]:
        minutes = [_minute(one["arrive"]) for one in unit["visits"]]
        assert minutes == sorted(minutes)
        assert minutes[0] >= 14 * 60
        assert minutes[-1] - minutes[0] <= 180
    by_place: dict[str, list[int]] = {}
    for one in visits:
        by_place.setdefault(one["place"], []).append(_minute(one["arrive"]))
    gaps = [gap for times in by_place.values() for gap in np.diff(sorted(times))]
    assert all(gap >= 132 for gap in gaps)


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def test_the_seed_makes_the_plan_again(city_of_8000: Path, made: dict[str, Any]) -> None:
    again = json.loads(run(city_of_8000, plan, *MAKE, "--json").stdout)
    assert again["units"] == made["units"]
    other = json.loads(run(city_of_8000, plan, *MAKE[:-1], "6", "--json").stdout)
    assert other["units"] != made["units"]


def test_units_go_where_they_add_most_and_the_plan_says_what_one_more_adds(
    made: dict[str, Any],
) -> None:
    assert sum(one["units"] for one in made["areas"]) == 6
    gains = [one["adds"] for one in made["curve"]]
    assert gains == sorted(gains, reverse=True)
    assert made["one_more"]["adds"] <= gains[-1] + 1e-12


def test_all_units_of_a_plan_of_one_area_are_in_it(
    city_of_8000: Path, made: dict[str, Any]
) -> None:
    area = made["units"][-1]["area"]
    given = ["--area", area, "--minimum", "1", "--hours", "0.5", "--json"]
    outcome = run(city_of_8000, plan, *MAKE, *given)
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    assert {one["area"] for one in found["units"]} == {area}
    assert len(found["units"]) == 6


def test_the_plan_says_what_it_left_out_and_what_it_was_made_from(made: dict[str, Any]) -> None:
    reasons = {one["reason"]: one["incidents"] for one in made["left_out"]}
    assert reasons[FOUND_BY_OFFICERS] > 0
    assert made["forecast"] == "discounted counts"
    assert made["rules"]["stop_min"] == 12
    assert made["starts_at"] == "busiest place of the area"


def test_incidents_that_no_forecast_needs_are_not_read(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All incidents of the target are only there to scale a champion's forecast."""
    read = []

    def noted(*given: Any, **named: Any) -> demand.Demand:
        read.append(named["proactive"])
        return read_demand(*given, **named)

    read_demand = demand.read_demand
    monkeypatch.setattr(demand, "read_demand", noted)
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    planned = city_of(PlanRequest(date(2026, 10, 20), "Evening", 2, 1, PatrolRules()))
    assert planned.source.forecast == DISCOUNTED_COUNTS
    assert read == [False]


def test_a_limit_on_shares_holds_and_has_a_price(
    city_of_8000: Path, pinned: Pinned, made: dict[str, Any]
) -> None:
    """Shares of victim-reported harm by SQL, over the last complete year before the plan's day."""
    outcome = run(city_of_8000, plan, *MAKE, *LIMITED, "--json")
    assert outcome.exit_code == 0, outcome.output
    limited = json.loads(outcome.stdout)
    limit = limited["share_limit"]
    harm = _harm_by_sql(pinned)
    assert limit["harm"] == pytest.approx(harm, abs=1e-12)
    assert sum(one["units"] for one in limited["areas"]) == 20
    ratios = [one["units"] / 20 / harm[one["area"]] for one in limited["areas"]]
    assert max(ratios) == pytest.approx(limit["highest"])
    assert max(ratios) <= 1.6
    assert limit["captured"] <= limit["captured_without"]
    assert limit["price"] == pytest.approx(1 - limit["captured"] / limit["captured_without"])
    assert made["share_limit"] is None


def _harm_by_sql(pinned: Pinned) -> dict[str, float]:
    rows = pinned.reader.frame(
        "SELECT district, sum(harm_days)::DOUBLE AS harm FROM incidents "
        "WHERE proactive IS NOT TRUE AND district IS NOT NULL AND operational_day "
        "BETWEEN $last - 363 AND $last GROUP BY 1",
        {"last": pinned.snapshot.manifest.last_complete_day},
    )
    total = rows["harm"].sum()
    return {area: harm / total for area, harm in rows.iter_rows()}


@pytest.fixture(scope="module")
def stored(city_of_8000: Path) -> dict[str, Any]:
    outcome = run(city_of_8000, plan, *MAKE, "--save", "Holiday weekend", "--json")
    assert outcome.exit_code == 0, outcome.output
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def test_a_plan_is_stored_with_its_reason_and_read_again(
    city_of_8000: Path, stored: dict[str, Any]
) -> None:
    refused = run(city_of_8000, plan, *MAKE, "--save", " ")
    assert "reason" in str(refused.exception)
    assert (stored["version"], stored["reason"]) == (1, "Holiday weekend")
    listed = json.loads(run(city_of_8000, plan, "list", "--json").stdout)["plans"]
    assert [(one["plan"], one["units"]) for one in listed] == [(stored["plan"], 6)]
    shown = run(city_of_8000, plan, "show", str(stored["plan"]), "--version", "1", "--json").stdout
    assert json.loads(shown) == stored
    served = Services(Settings(home=city_of_8000)).pin()
    assert served is not None
    assert stored["snapshot"] == served.id
    said = run(city_of_8000, plan, "show", str(stored["plan"])).stdout
    assert "Holiday weekend" in said
    assert "Unit 6" in said


def edit(home: Path, plan_id: int, version: int, *given: str) -> Result:
    return run(
        home, plan, "edit", str(plan_id), "--version", str(version), "--why", "Roll call", *given
    )


def test_places_are_pinned_added_and_left_out_and_other_areas_stay(
    city_of_8000: Path, stored: dict[str, Any]
) -> None:
    first = stored["units"][0]
    gone, kept = first["visits"][0], first["visits"][-1]
    assert gone["place"] != kept["place"]
    at = f"{gone['lat'] + 0.004:.6f},{gone['lon']:.6f},New school"
    given = ["--leave-out", gone["place"], "--pin", kept["place"], "--add", at, "--json"]
    outcome = edit(city_of_8000, stored["plan"], 1, *given)
    assert outcome.exit_code == 0, outcome.output
    after = json.loads(outcome.stdout)
    assert (after["version"], after["reason"]) == (2, "Roll call")
    own = [
        one for unit in after["units"] if unit["area"] == first["area"] for one in unit["visits"]
    ]
    names = {one["place"] for one in own}
    assert {"New school", kept["place"]} <= names
    assert gone["place"] not in names
    assert {one["place"] for one in own if one["pinned"]} == {"New school", kept["place"]}
    assert _others(after, first["area"]) == _others(stored, first["area"])
    visits = [one for unit in after["units"] for one in unit["visits"]]
    assert sum(one["expected"] for one in visits) == pytest.approx(after["captured"])
    assert after["captured"] <= after["bound"] * (1 + 1e-9)
    assert after["snapshot"] == stored["snapshot"]
    undone = edit(
        city_of_8000, stored["plan"], 2, "--restore", gone["place"], "--unpin", kept["place"],
        "--unpin", "New school", "--json",
    )  # fmt: skip
    assert json.loads(undone.stdout)["units"] == stored["units"]


def _others(found: dict[str, Any], area: str) -> list[Any]:
    return [one for one in found["units"] if one["area"] != area]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "Name a change"),
        (["--pin", "NOWHERE"], "NOWHERE"),
        (["--add", "here,there,School"], "LAT,LON,NAME"),
        (["--add", "10,10,School"], "km from any place"),
    ],
)
def test_a_change_that_is_not_possible_is_said_and_stores_nothing(
    city_of_8000: Path, stored: dict[str, Any], given: list[str], words: str
) -> None:
    newest = json.loads(run(city_of_8000, plan, "show", str(stored["plan"]), "--json").stdout)
    outcome = edit(city_of_8000, stored["plan"], newest["version"], *given)
    assert words in str(outcome.exception)
    stale = edit(city_of_8000, stored["plan"], newest["version"] + 1, "--pin", "X")
    assert f"version {newest['version']} by now" in str(stale.exception)
    again = json.loads(run(city_of_8000, plan, "show", str(stored["plan"]), "--json").stdout)
    assert again == newest


def test_a_visit_says_how_many_incidents_its_place_had_and_at_which_hour(
    made: dict[str, Any],
) -> None:
    visits = [one for unit in made["units"] for one in unit["visits"]]
    assert all(one["recent"] >= 0 for one in visits)
    assert max(one["recent"] for one in visits) > 0
    assert all(14 <= one["busiest_hour"] < 22 for one in visits if one["recent"])


def test_areas_add_up_to_the_plan(made: dict[str, Any]) -> None:
    for name in ("captured", "bound", "expected"):
        assert sum(one[name] for one in made["areas"]) == pytest.approx(made[name])


def test_a_plan_for_people_names_places_and_times(city_of_8000: Path) -> None:
    outcome = run(city_of_8000, plan, *MAKE, "--harm", "--places", "clusters", "--balance", "9")
    assert outcome.exit_code == 0, outcome.output
    assert "Unit 6" in outcome.stdout


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--shift", "Graveyard"], "Graveyard"),
        (["--area", "nowhere"], "nowhere"),
        (["--stop", "0"], "Minutes of a stop"),
        (["--gap", "10"], "gap of 10"),
        (["--per", "planet"], "planet"),
        (["--date", "1999-01-01"], "1999-01-01"),
        (["--minimum", "50"], "units"),
        (["--at-most-share", "1"], "lowest limit that can"),
        (["--at-most-share", "2", "--area", "01"], "leave out --area"),
    ],
)
def test_what_is_not_valid_is_said(city_of_8000: Path, given: list[str], named: str) -> None:
    outcome = run(city_of_8000, plan, *MAKE, *given)
    assert outcome.exit_code != 0
    assert named in str(outcome.exception) + outcome.output


def test_the_backtest_compares_five_plans_at_equal_hours(city_of_8000: Path) -> None:
    given = ["--from", "2026-09-07", "--to", "2026-10-04", "--shift", "Evening"]
    wide = ["--radius", "500", "--hours", "6", "--units", "1"]
    outcome = run(city_of_8000, evaluate, "plan", *given, *wide, "--json")
    assert outcome.exit_code == 0, outcome.output
    rows = json.loads(outcome.stdout)
    assert [row["plan"] for row in rows] == [kind.value for kind in PlanKind]
    assert len({row["patrol_hours"] for row in rows}) == 1
    for row in rows:
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1
    ours, even = rows[0], rows[1]
    assert ours["incidents_reached"] > even["incidents_reached"]
    assert ours["ours_to_this"] == 1


def test_other_settings_are_tried_on_request(city_of_8000: Path) -> None:
    given = ["--from", "2026-09-07", "--to", "2026-09-13", "--shift", "Evening"]
    outcome = run(city_of_8000, evaluate, "plan", *given, "--units", "1", "--sensitivity", "--json")
    assert outcome.exit_code == 0, outcome.output
    rules = [row["rules"] for row in json.loads(outcome.stdout)]
    assert {(one["stop_min"], one["residual_min"], one["gap_min"]) for one in rules} == {
        (12, 30, 120),
        (6, 30, 120),
        (12, 0, 120),
        (12, 30, 60),
    }


def test_a_backtest_needs_a_year_before_it(city_of_8000: Path) -> None:
    given = ["--from", "2017-01-01", "--to", "2017-01-31", "--shift", "Evening"]
    outcome = run(city_of_8000, evaluate, "plan", *given)
    assert "history" in str(outcome.exception)


def test_a_row_of_the_table_of_demand_that_is_not_valid_is_named(
    city_of_8000: Path, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text("selection,reason\ntype=THEFT,\n", encoding="utf-8")
    outcome = run(city_of_8000, plan, *MAKE, PATROLIQ_TABLES=str(tmp_path))
    assert "line 2, column reason" in str(outcome.exception)


def test_exclusions_that_the_data_lacks_are_left_out(city_of_8000: Path, tmp_path: Path) -> None:
    pinned = Services(Settings(home=city_of_8000)).pin()
    assert pinned is not None
    path = tmp_path / FILE
    path.write_text('selection,reason\ntype=NO+SUCH+TYPE,None\n"type=THEFT,NO+SUCH+TYPE",Some\n')
    (found,) = read_exclusions(path, pinned.vocabulary)
    assert found.selection.text == "type=THEFT"


@pytest.mark.parametrize(
    "option", ["--balance=nan", "--balance=inf", "--at-most-share=nan", f"--seed={2**64}"]
)
def test_options_that_are_no_usable_numbers_are_refused(tmp_path: Path, option: str) -> None:
    given = ("make", "--date=2026-11-20", "--shift=Evening", "--units=2", option)
    found = run(tmp_path, plan, *given)
    assert found.exit_code == 2
    assert option.partition("=")[0] in found.stderr


def test_beats_of_about_equal_work_are_compared_with_the_districts(city_of_8000: Path) -> None:
    given = ["beats", "--seed", "1", "--imbalance", "0.3", "--json"]
    outcome = run(city_of_8000, plan, *given)
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    pinned = Services(Settings(home=city_of_8000)).pin()
    assert pinned
    last = pinned.snapshot.manifest.last_complete_day
    work = pinned.reader.frame(
        "SELECT beat, count(*) AS work FROM incidents WHERE proactive IS NOT TRUE AND beat IS NOT "
        "NULL AND operational_day BETWEEN $last - 363 AND $last GROUP BY ALL",
        {"last": last},
    )
    by_beat = dict(work.iter_rows())
    joined = [area for one in found["beats"] for area in one["areas"]]
    assert sorted(joined) == sorted(set(joined))
    assert by_beat.keys() <= set(joined)
    for one in found["beats"]:
        assert one["work"] == sum(by_beat.get(area, 0) for area in one["areas"])
        assert one["center"] in one["areas"]
    assert 0.7 <= found["least"] <= found["most"] <= 1.3
    assert found["now"]["number"] == found["number"]
    assert found["without_outline"] == 0
