"""`patroliq evaluate change`: from the command line on a synthetic city, and on Chicago's years."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from analytics.cli.demo import command as demo
from analytics.cli.evaluate import command as evaluate
from analytics.cli.evaluate_change import require_days_of_areas
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.overview.change_evaluation import ChangePlan, MeasuredShare, evaluate_change
from analytics.overview.change_rivals import ENGINE, LIMIT
from analytics.overview.daily_rows import rows_of
from analytics.overview.harm_changes import harm_rows
from analytics.services import Services
from analytics.settings import Settings
from tests import ROOT

SHARES = ("false_alarms", "beyond_1_percent", "coverage", "rise_30", "rise_50", "fall_30")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("change")
    given = ["--incidents", "20000", "--until", "2025-06-30", "--json"]
    built = CliRunner(env={"PATROLIQ_HOME": str(folder)}).invoke(demo, given)
    assert built.exit_code == 0, built.output
    return folder


def run(home: Path, *further: str) -> Result:
    period = ["--from", "2025-01-01", "--to", "2025-05-30", "--draws", "2"]
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(
        evaluate, ["change", *period, *further]
    )


def test_of_harm_it_prints_how_often_each_kind_of_rows_is_beyond_its_interval(home: Path) -> None:
    outcome = run(home, "--measure", "harm", "--json")
    assert outcome.exit_code == 0, outcome.output
    found = {row["rows"]: row for row in json.loads(outcome.stdout)}
    pinned = Services(Settings(home=home)).pin()
    assert pinned is not None
    covered = pinned.snapshot.manifest.covered
    assert covered is not None
    table = harm_rows(pinned.reader, EVERYTHING, Selection(), "district", covered)
    areas = [row for row, (kind, area) in enumerate(table.rows.names) if not kind and area]
    above = below = tests = 0
    for window in range(5):  # one after another, by hand
        start = table.rows.column(date(2025, 1, 1)) + 28 * window
        judged = table.judged(start, 28, areas)
        above += int((judged.harm > judged.high + 1e-6).sum())
        below += int((judged.harm < judged.low - 1e-6).sum())
        tests += int((judged.p >= 0).sum())
    row = found["area"]
    assert (row["tests"], row["windows"]) == (tests, 5)
    assert tests > 50
    assert row["above"]["value"] == pytest.approx(above / tests)
    assert row["below"]["value"] == pytest.approx(below / tests)
    assert row["coverage"]["value"] == pytest.approx(1 - (above + below) / tests)
    assert found["all"]["tests"] == 5
    assert "coverage" in run(home, "--measure", "harm").output


def test_it_prints_a_row_for_each_rule_and_size(home: Path) -> None:
    outcome = run(home, "--json")
    assert outcome.exit_code == 0, outcome.output
    found: list[dict[str, Any]] = json.loads(outcome.stdout)
    fields = {"rule", "size", "tests", "windows"}
    fields |= {f"{name}{end}" for name in SHARES for end in ("", "_low", "_high")}
    assert all(row.keys() == fields for row in found)
    assert {ENGINE, LIMIT, "before"} <= {row["rule"] for row in found}
    for row in found:
        assert row["windows"] == 5
        assert (row["coverage"] is None) == (row["rule"] != ENGINE)
        for name in SHARES:
            if row[name] is not None:
                assert 0 <= row[f"{name}_low"] <= row[f"{name}_high"] <= 1


def test_people_read_a_table(home: Path) -> None:
    lines = run(home).stdout.splitlines()
    assert lines[0].split()[:3] == ["rule", "size", "tests"]
    assert lines[1].startswith(f"{ENGINE:<24}   all")


def test_a_selection_and_a_level_can_be_chosen(home: Path) -> None:
    whole, thefts = (
        json.loads(run(home, "--json", *more).stdout)
        for more in ([], ["--selection", "type=THEFT"])
    )
    assert thefts[0]["tests"] < whole[0]["tests"]
    refused = run(home, "--per", "nowhere")
    assert isinstance(refused.exception, InputError)
    assert "district" in str(refused.exception)


def test_a_level_that_the_data_lacks_is_refused_and_others_are_offered(home: Path) -> None:
    pinned = Services(Settings(home=home)).pin()
    assert pinned
    manifest = replace(pinned.snapshot.manifest, views_off={"beat": "no_values"})
    require_days_of_areas(manifest, "district")
    with pytest.raises(InputError, match="district, ward, area"):
        require_days_of_areas(manifest, "beat")


def test_incomplete_days_are_left_out(home: Path) -> None:
    pinned = Services(Settings(home=home)).pin()
    assert pinned
    first = pinned.snapshot.manifest.provisional_day
    assert first
    window = ["--to", "2025-06-30", "--from", str(first - timedelta(days=10)), "--days", "10"]
    outcome = run(home, "--json", *window)
    assert outcome.exit_code == 0, outcome.output
    assert str(first) in outcome.stderr
    assert {row["windows"] for row in json.loads(outcome.stdout)} == {1}


@pytest.mark.real_data
def test_the_table_in_the_docs_is_what_chicago_gives(real_data: Path) -> None:
    incidents = (
        pl.scan_parquet(real_data / "chicago_crimes_2014_2018.parquet")
        .select(
            day=pl.col("Date").str.slice(0, 10).str.to_date("%m/%d/%Y"),
            type=pl.col("Primary Type").str.replace("^CRIM SEXUAL", "CRIMINAL SEXUAL"),
            area=pl.col("District").fill_null("unknown"),
        )
        .group_by("day", "type", "area")
        .agg(incidents=pl.len().cast(pl.Int64))
        .collect()
    )
    cells = rows_of(incidents, (date(2014, 1, 1), date(2018, 11, 12)))
    results = evaluate_change(cells, "US", ChangePlan(date(2017, 1, 4), date(2018, 10, 15)))
    found = {(one.rule, one.size): one for one in results}
    engine = found[ENGINE, None]
    assert 0.03 < engine.false_alarms.value < 0.055
    assert engine.coverage is not None
    assert 0.93 < engine.coverage.value < 0.98
    text = (ROOT / "docs" / "change.md").read_text(encoding="utf-8")
    for size in (10, 30, 100, 400, 1_600):
        row = re.search(rf"^\| {size:,} \| .*$", text, re.M)
        assert row, size
        stated = [float(cell.split()[0]) for cell in row[0].split("|")[3:-1]]
        one = found[ENGINE, size]
        shares = (one.false_alarms, one.coverage, *one.rises, one.fall)
        measured = [100 * share.value for share in shares if isinstance(share, MeasuredShare)]
        assert measured == pytest.approx(stated, abs=1.5), size
        for rival in ("before", "last_year", "wheeler_3_years", "ears_c2", "farrington"):
            assert one.rises[1].value > found[rival, size].rises[1].value - 0.01, rival
