"""`patroliq evaluate hotspots` from the command line, on a synthetic city."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analytics.artifacts.baseline import FEWEST_FOLDS
from analytics.cli.demo import command as demo
from analytics.cli.evaluate import command as evaluate
from analytics.crossfilter.selection import Selection
from analytics.forecasting.counts import Counts
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.history import HOURS, Target, read_history
from analytics.services import Services
from analytics.settings import Settings

FIELDS = {
    "forecaster", "role", "area_share", "hit_rate", "pai", "pai_low", "pai_high", "pei", "rri",
    "gain_low", "gain_high", "folds", "incidents", "capture", "capture_gain", "first_gain",
}  # fmt: skip
PERIOD = ("--from", "2025-03-01", "--to", "2025-06-30")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluate")
    given = ["--incidents", "20000", "--until", "2025-06-30", "--json"]
    built = CliRunner(env={"PATROLIQ_HOME": str(folder)}).invoke(demo, given)
    assert built.exit_code == 0, built.output
    return folder


def run(home: Path, *further: str) -> Result:
    given = ["hotspots", "--cell-m", "500", *PERIOD, *further]
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(evaluate, given)


def rows(home: Path, *further: str) -> list[dict[str, Any]]:
    outcome = run(home, *further, "--json")
    assert outcome.exit_code == 0, outcome.output
    found: list[dict[str, Any]] = json.loads(outcome.stdout)
    return found


def test_hours_of_the_target_are_counted_by_cell_and_day_as_sql_counts_them(home: Path) -> None:
    pinned = Services(Settings(home=home)).pin()
    assert pinned
    target = Target(Selection.parse("type=THEFT"))
    history = read_history(pinned.reader, target, 500, context_before=date(2025, 3, 1))
    counted = pinned.reader.frame(
        "SELECT CASE WHEN hour < 6 THEN 0 WHEN hour < 12 THEN 1 WHEN hour < 18 THEN 2 ELSE 3 END "
        "AS band, count(*) AS incidents FROM incidents WHERE type = 'THEFT' AND hour IS NOT NULL "
        "AND NOT heaped_time AND point_id IS NOT NULL AND NOT default_address "
        "GROUP BY band ORDER BY band"
    )
    found = [history.recent(None, name)[0].sum() for name in HOURS]
    assert found == counted["incidents"].to_list()
    assert min(found) > 0
    named = FeatureMaker().of(history).names
    assert "hours 18-24, 365 days, cell" in named


def test_every_forecaster_has_a_row_for_every_share_and_one_is_champion(home: Path) -> None:
    found = rows(home, "--types", "THEFT", "--folds", "6", "--areas", "0.02,0.10")
    assert all(row.keys() >= FIELDS for row in found)
    names = {row["forecaster"] for row in found}
    assert len(found) == 2 * len(names)
    assert {"counts_7d", "counts_all", "kde_tuned", "near_repeat", "learned", "ensemble"} <= names
    assert len({row["forecaster"] for row in found if row["role"] == "champion"}) == 1
    assert {row["folds"] for row in found} == {6}
    for row in found:
        assert row["pai"] == pytest.approx(row["hit_rate"] / row["area_share"])
        assert row["pai_low"] <= row["pai"] <= row["pai_high"]
        assert 0 < row["pei"] <= 1


@pytest.mark.parametrize("passes", [True, False])
def test_a_candidate_is_champion_only_if_both_its_tests_pass(
    home: Path, monkeypatch: pytest.MonkeyPatch, passes: bool
) -> None:
    if passes:  # the counts of a week alone are easy to beat
        monkeypatch.setattr("analytics.forecasting.api.baselines", lambda _: {"week": Counts(7)})
    asked = ("--types", "THEFT", "--forecasters", "near_repeat", "--horizon", "6d")
    found = rows(home, *asked, "--folds", str(FEWEST_FOLDS))
    (champion,) = {row["forecaster"] for row in found if row["role"] == "champion"}
    candidate = next(row for row in found if row["forecaster"] == "near_repeat")
    assert (max(candidate["capture_gain_p"], candidate["first_loss_p"]) <= 0.025) is passes
    best = next(row for row in found if row["capture_gain"] == 0)
    assert champion == ("near_repeat" if passes else best["forecaster"])
    assert best["role"] == ("baseline" if passes else "champion")


def test_bands_take_as_many_hours_and_leave_out_incidents_without_a_known_one(home: Path) -> None:
    asked = ("--folds", "3", "--forecasters", "near_repeat", "--areas", "0.05")
    all_day = rows(home, *asked)[0]
    for split, count in (("band", 6), ("shift", 3)):
        for row in rows(home, *asked, "--by", split):
            assert len(row["by_band"]) == count
            rates = [one["hit_rate"] for one in row["by_band"].values()]
            assert sum(rates) == pytest.approx(row["hit_rate"])
            assert 0 < row["incidents"] < all_day["incidents"]
            assert row["band_gain_low"] <= row["band_gain"] <= row["band_gain_high"]
            assert row["band_gain"] == pytest.approx(row["pai"] - row["all_day_pai"])


def test_blocks_are_flagged_by_street_length_and_cells_have_theirs_beside_the_area(
    home: Path,
) -> None:
    asked = ("--folds", "3", "--forecasters", "near_repeat", "--areas", "0.05")
    for row in rows(home, *asked, "--unit", "block"):
        assert row["pai_street"] == pytest.approx(row["pai"])
        assert row["pai"] == pytest.approx(row["hit_rate"] / 0.05)
    of_cells = rows(home, *asked)
    assert all(row["pai_street_low"] <= row["pai_street"] for row in of_cells)
    assert any(row["pai_street"] < 0.99 * row["pai"] for row in of_cells)


def test_several_targets_are_decided_together(home: Path) -> None:
    asked = ("--folds", "4", "--forecasters", "near_repeat", "--areas", "0.05")
    found = rows(home, *asked, "--target", "burglary", "--target", "type=BATTERY&domestic=no")
    by_target = {row["target"]: row["incidents"] for row in found}
    assert by_target.keys() == {"burglary", "type=BATTERY&domestic=no"}
    (alone,) = {row["incidents"] for row in rows(home, *asked, "--types", "BURGLARY")}
    assert by_target["burglary"] == alone
    champions = {(row["target"], row["forecaster"]) for row in found if row["role"] == "champion"}
    assert len(champions) == 2


def test_other_filters_narrow_a_target(home: Path) -> None:
    asked = ("--folds", "3", "--forecasters", "near_repeat", "--areas", "0.05")
    shared = ("--types", "theft", "--codes", "0810,0820")
    (found,) = {
        row["incidents"]
        for row in rows(home, *asked, *shared, "--target", "type=THEFT&code=0820,0860")
    }
    (alone,) = {row["incidents"] for row in rows(home, *asked, "--codes", "0820")}
    assert found == alone


def test_a_known_area_counts_instead_of_that_of_the_cells(home: Path) -> None:
    asked = ("--folds", "3", "--forecasters", "near_repeat", "--areas", "0.05")
    whole = {row["forecaster"]: row for row in rows(home, *asked)}
    half = {row["forecaster"]: row for row in rows(home, *asked, "--area-km2", "40")}
    assert half["counts_all"]["hit_rate"] < whole["counts_all"]["hit_rate"]


def test_each_district_can_have_its_own_top_cells(home: Path) -> None:
    asked = ("--folds", "3", "--forecasters", "near_repeat", "--areas", "0.05")
    city = {row["forecaster"]: row for row in rows(home, *asked)}
    each = {row["forecaster"]: row for row in rows(home, *asked, "--per", "district")}
    assert each["counts_all"]["hit_rate"] < city["counts_all"]["hit_rate"]


def test_people_read_a_table_and_the_reason(home: Path) -> None:
    outcome = run(home, "--folds", "3", "--forecasters", "near_repeat", "--horizon", "28d")
    assert outcome.exit_code == 0, outcome.output
    assert "gain over the best baseline" in outcome.stdout
    assert "counts_28d" in outcome.stdout
    assert "near_repeat" in outcome.stderr


@pytest.mark.parametrize(
    ("further", "part"),
    [
        (("--areas", "0.5,2"), "--areas"),
        (("--areas", "some"), "--areas"),
        (("--folds", "400"), "room for"),
        (("--horizon", "soon"), "horizon"),
        (("--forecasters", "crystal_ball"), "crystal_ball"),
        (("--fbi", "ZZZ"), "No incident of fbi=ZZZ"),
        (("--per", "planet"), "planet"),
        (("--target", "robery"), "robbery"),
        (("--codes", "0810", "--target", "code=0820"), "no code in common"),
        (("--types", "THEFT", "--target", "type=ROBBERY"), "leave out the filter on type"),
        (("--unit", "block", "--area-km2", "40"), "--area-km2"),
    ],
)
def test_what_cannot_be_read_is_named(home: Path, further: tuple[str, ...], part: str) -> None:
    outcome = run(home, *further)
    assert outcome.exit_code != 0
    assert part in str(outcome.exception) or part in outcome.output
