"""`patroliq evaluate demand`: from the command line on a synthetic city, and on Chicago's years."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analytics.cli.demo import command as demo
from analytics.cli.evaluate import command as evaluate
from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import LAST_WEEK, REFERENCE, RULE
from analytics.forecasting.demand.sums import AREA_SUMS

FIELDS = (
    "model",
    "role",
    "horizon_days",
    "mase",
    "pinball",
    "coverage_80",
    "coverage_95",
    "gain_low",
    "gain_high",
)
BASELINES = {LAST_WEEK, REFERENCE}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demand")
    given = ["--incidents", "20000", "--until", "2025-06-30", "--json"]
    built = CliRunner(env={"PATROLIQ_HOME": str(folder)}).invoke(demo, given)
    assert built.exit_code == 0, built.output
    return folder


def run(home: Path, *further: str, first: str = "2025-01-01", last: str = "2025-05-30") -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(
        evaluate, ["demand", "--from", first, "--to", last, *further]
    )


def rows(outcome: Result) -> dict[str, dict[str, Any]]:
    assert outcome.exit_code == 0, outcome.output
    return {row["model"]: row for row in json.loads(outcome.stdout)}


def test_it_prints_a_row_for_each_model(home: Path) -> None:
    found = rows(run(home, "--level", "district", "--target", "robbery", "--json"))
    assert {RULE, LAST_WEEK, REFERENCE} <= found.keys()
    for row in found.values():
        assert tuple(row) == FIELDS
        assert row["horizon_days"] == 28
        assert 0 < row["coverage_80"] < row["coverage_95"] <= 1
        assert row["gain_low"] <= row["gain_high"]
    assert sum(row["role"] == "champion" for row in found.values()) == 1
    assert found[REFERENCE]["gain_low"] == found[REFERENCE]["gain_high"] == 0


def test_people_read_a_table(home: Path) -> None:
    lines = run(home, "--horizon", "7").stdout.splitlines()
    assert lines[0].split()[:4] == ["model", "role", "MASE", "pinball"]
    assert {line.split()[0] for line in lines[1:4]} == {RULE, *BASELINES}


def test_the_network_has_a_row_and_people_read_its_gain_over_the_rule(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="torch is not installed; it comes with the extra lstm")
    monkeypatch.setattr("analytics.forecasting.demand.lstm_network.EPOCHS", 1)
    asked = ("--candidate", "lstm")
    found = rows(run(home, *asked, "--json"))
    assert found.keys() == {RULE, "lstm", *BASELINES}
    assert tuple(found["lstm"]) == FIELDS
    assert found["lstm"]["role"] == "candidate"
    assert found["lstm"]["gain_low"] < found["lstm"]["gain_high"]
    header, *lines = run(home, *asked).stdout.splitlines()
    at = header.index("gain over the rule")
    gains = {line.split()[0]: line[at:] for line in lines[:4]}
    assert gains[RULE] == "0.00% (0.00% to 0.00%)"
    assert gains["lstm"] != gains[RULE]


def test_sums_are_measured_too(home: Path) -> None:
    found = json.loads(run(home, "--sums", "--json").stdout)
    (areas,) = (row for row in found if row["sums"] == AREA_SUMS)
    assert areas["coverage_80"] > areas["independent_80"]


def test_harm_is_forecast_too(home: Path) -> None:
    counts, harm = (rows(run(home, "--json", *more)) for more in ((), ("--measure", "harm")))
    assert harm.keys() == counts.keys()
    assert harm[RULE]["pinball"] > 10 * counts[RULE]["pinball"]
    refused = run(home, "--sums", "--measure", "harm")
    assert isinstance(refused.exception, InputError)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (("--level", "nowhere"), "district"),
        (("--target", "arson_of_kites"), "Targets"),
    ],
)
def test_what_is_not_there_is_refused(home: Path, given: tuple[str, ...], part: str) -> None:
    refused = run(home, *given)
    assert isinstance(refused.exception, InputError)
    assert part in str(refused.exception)


def test_days_outside_the_data_are_refused(home: Path) -> None:
    refused = run(home, first="2031-01-01", last="2031-12-31")
    assert isinstance(refused.exception, InputError)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("target", "year", "most_mase"),
    [("all", "2017", 0.73), ("robbery", "2017", 0.70), ("vehicle_theft", "2016", 0.79)],
)
def test_chicago_is_forecast_better_than_by_the_weeks_before(
    ingested_chicago: Path, target: str, year: str, most_mase: float
) -> None:
    last = "2018-10-15" if year == "2017" else "2016-12-31"
    outcome = run(ingested_chicago, "--target", target, "--json", first=f"{year}-01-01", last=last)
    found = rows(outcome)
    rule = found[RULE]
    assert rule["role"] == "champion"
    assert rule["pinball"] <= 0.73 * found[LAST_WEEK]["pinball"]
    assert rule["pinball"] <= 0.91 * found[REFERENCE]["pinball"]
    assert rule["gain_low"] > 9
    assert rule["mase"] <= most_mase
    assert rule["coverage_80"] == pytest.approx(0.80, abs=0.03)
    assert rule["coverage_95"] == pytest.approx(0.95, abs=0.015)
