"""What a version is explained by, and how it did on the weeks after it: train, load, check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from sklearn.metrics import d2_tweedie_score

from analytics.artifacts.bundle import Bundle, champion
from analytics.artifacts.champion_checks import (
    ChampionCheck,
    Drift,
    StoredForecast,
    current_forecast,
    read_check,
)
from analytics.audit import Audit, AuditEntry
from analytics.cli.ingest import command as ingest_command
from analytics.cli.models import command as models_command
from analytics.demo.city import build_city
from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.training.drift import check_champions, refitted
from analytics.training.promote import promote
from analytics.training.train import train
from jobs.queue import Job, Queue

ZONES, FORECAST = "zones_kmeans", "hotspot_forecast"
pytestmark = pytest.mark.timeout(900)  # models are trained and checked first
UNTIL = date(2026, 10, 31)
KNOWN_UNTIL = date(2026, 7, 31)
LAST_FINAL = date(2026, 10, 3)  # 28 days of the demo are provisional
CELL_M = 1_000


@dataclass(frozen=True)
class Story:
    """Trained on what was known by the end of July, checked on what came until October."""

    settings: Settings
    early: ChampionCheck
    early_forecast: StoredForecast
    queued: list[Job]
    checks: dict[str, ChampionCheck]
    entries: list[AuditEntry]

    def bundle(self, name: str) -> Bundle:
        found = champion(self.settings.home, name)
        assert found
        return found

    @property
    def current(self) -> Snapshot:
        found = Warehouse(self.settings.home).current()
        assert found
        return found


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, patched: pytest.MonkeyPatch) -> Story:
    folder = tmp_path_factory.mktemp("check")
    settings = Settings(home=folder / "home", user="analyst")
    profile = DemoProfile.load()
    rows = generate(profile, 20_000, 1, UNTIL, build_city(profile)).rows
    day = pl.col("Date").str.slice(0, 10).str.to_date("%m/%d/%Y", strict=False)
    rows.filter(day <= KNOWN_UNTIL).write_parquet(folder / "early.parquet")
    rows.filter(day > KNOWN_UNTIL).write_parquet(folder / "late.parquet")
    ingest([folder / "early.parquet"], Source.load("demo"), settings)
    train([ZONES], settings, parameters={"k": "6", "bootstraps": "3"})
    given = {"cell_m": str(CELL_M), "folds": "6", "forecaster": "learned"}
    train([FORECAST], settings, parameters=given)
    patched.setattr(
        "analytics.training.promote.judge", lambda *_: []
    )  # gates have tests of their own
    for name in (ZONES, FORECAST):
        promote(name, 1, "To be checked", settings)
    (early, _) = check_champions([FORECAST, ZONES], settings)
    early_forecast = current_forecast(settings.home, FORECAST, early.snapshot)
    assert early_forecast
    environment = {"PATROLIQ_HOME": str(settings.home), "PATROLIQ_USER": "analyst"}
    loaded = CliRunner(env=environment).invoke(
        ingest_command, [str(folder / "late.parquet"), "--source", "demo", "--json"]
    )
    assert loaded.exit_code == 0, loaded.output
    with closing(State(settings)) as state:
        queued = Queue(state).latest()
    checked = CliRunner(env=environment).invoke(models_command, ["check", "--json"])
    assert checked.exit_code == 0, checked.output
    printed = {one["name"]: one for one in json.loads(checked.stdout)["checks"]}
    checks = {}
    for name in (ZONES, FORECAST):
        check = read_check(settings.home, name, 1)
        assert check
        assert printed[name]["drift"] == check.drift
        checks[name] = check
    with closing(State(settings)) as state:
        entries = list(Audit(state, settings).entries())
    return Story(settings, early, early_forecast, queued, checks, entries)


def later_incidents(story: Story) -> pl.DataFrame:
    """x_m, y_m and day of all incidents with a place after July, by SQL of our own."""
    with duckdb.connect(str(story.current.database), read_only=True) as connection:
        return connection.sql(
            "SELECT x_m, y_m, operational_day AS day FROM incidents "
            f"WHERE point_id IS NOT NULL AND operational_day > DATE '{KNOWN_UNTIL}' "
            f"AND operational_day <= DATE '{LAST_FINAL}' AND default_address IS NOT TRUE"
        ).pl()


def test_new_data_asks_for_a_check(story: Story) -> None:
    assert [(job.command, job.status) for job in story.queued] == [(("models", "check"), "waiting")]


def test_before_new_weeks_there_is_nothing_to_say(story: Story) -> None:
    assert story.early.weeks == ()
    assert story.early.drift is Drift.NO_WEEK


def test_weeks_are_whole_final_and_follow_the_fit(story: Story) -> None:
    for check in story.checks.values():
        own = [week for week in check.weeks if week["who"] == "champion"]
        assert (own[0]["first"], len(own)) == ("2026-08-01", 9)
        assert date.fromisoformat(check.until) <= LAST_FINAL
        assert check.snapshot == story.current.id
        assert check.person == "analyst"


def test_all_later_incidents_are_counted_once(story: Story) -> None:
    last = date(2026, 8, 1) + timedelta(weeks=9)
    later = later_incidents(story).filter(pl.col("day") < last)
    for check in story.checks.values():
        for who in ("champion", "baseline"):
            weeks = [week for week in check.weeks if week["who"] == who]
            assert sum(week["incidents"] for week in weeks) == pytest.approx(
                len(later), rel=0.01 if check.name == FORECAST else 0
            )


def test_the_first_week_is_caught_by_the_cells_the_version_itself_had_forecast(
    story: Story,
) -> None:
    """Brute force: the bundle's own forecast, its highest cells, and a count of incidents."""
    bundle, check = story.bundle(FORECAST), story.checks[FORECAST]
    (week,) = [one for one in check.weeks if one["who"] == "champion"][:1]
    with closing(SnapshotReader(story.current, story.settings)) as reader:
        from analytics.hotspots.fishnet import fishnet

        number = 0.01 * len(fishnet(reader, CELL_M))
    cells = bundle.table("forecast").sort("expected", descending=True)
    weights = np.clip(number - np.arange(len(cells)), 0, 1)
    flagged = dict(zip(cells.select("col", "row").rows(), weights.tolist(), strict=True))
    later = later_incidents(story).filter(pl.col("day") < date(2026, 8, 8))
    keys = np.floor(later.select("x_m", "y_m").to_numpy() / CELL_M).astype(int).tolist()
    caught = sum(flagged.get((column, row), 0.0) for column, row in keys)
    assert week["caught"] == pytest.approx(caught)
    assert week["pai"] == pytest.approx(week["caught"] / week["incidents"] / 0.01, rel=1e-6)


def test_the_champion_is_fitted_again_as_it_was(story: Story) -> None:
    bundle = story.bundle(FORECAST)
    fitted_on = Warehouse(story.settings.home).get(bundle.snapshot)
    with closing(SnapshotReader(fitted_on, story.settings)) as reader:
        again, baseline, _ = refitted(bundle, reader)
        forecast = again.forecast(again.history.end).filter(pl.col("expected") > 0)
    assert forecast.equals(bundle.table("forecast").select(forecast.columns))
    assert baseline == bundle.parameters["best_baseline"]


def test_a_forecast_is_renewed_and_the_version_is_not(story: Story) -> None:
    before, after = (
        story.early_forecast,
        current_forecast(story.settings.home, FORECAST, story.current.id),
    )
    assert after
    assert (before.version, after.version) == (1, 1)
    assert (before.cutoff, after.cutoff) == ("2026-08-01", "2026-11-01")
    assert before.cells.equals(story.bundle(FORECAST).table("forecast"))
    assert not after.cells["expected"].equals(before.cells["expected"])
    assert after.snapshot == story.current.id
    renewed = [entry for entry in story.entries if entry.event == "forecast.renewed"]
    assert [entry.details["from"] for entry in renewed] == ["2026-08-01", "2026-11-01"]


def test_checks_are_on_record(story: Story) -> None:
    checked = [entry for entry in story.entries if entry.event == "model.checked"]
    assert {entry.subject for entry in checked} == {f"{ZONES} 1", f"{FORECAST} 1"}
    assert checked[-1].details["snapshot"] == story.current.id


def test_zones_are_explained_by_tables(story: Story) -> None:
    bundle = story.bundle(ZONES)
    zones = set(range(6))
    assert set(bundle.table("lifts")["zone"]) == zones
    assert set(bundle.table("silhouettes")["zone"]) == zones
    assert set(bundle.table("stability_zones")["zone"]) == zones
    fidelity = bundle.table("fidelity").row(0, named=True)
    assert fidelity["majority"] < fidelity["low"] < fidelity["accuracy"] < fidelity["high"]
    rules = bundle.table("rules")
    assert rules["incidents"].sum() == fidelity["incidents"] == bundle.metrics["incidents"].value
    cells = bundle.table("stability_cells")
    placed = cells["incidents"].sum() / bundle.metrics["incidents"].value
    assert 0.94 < placed <= 1  # a place with one incident is drawn in none of three with 5 %
    assert cells["stays"].is_between(0, 1).all()


def test_the_lifts_of_a_zone_are_those_of_its_incidents(story: Story) -> None:
    """Brute force in SQL over the labels of the snapshot."""
    with duckdb.connect(str(story.current.database), read_only=True) as connection:
        counted = connection.sql(
            "SELECT label::INT AS zone, count(*) AS incidents, "
            "count(*) FILTER (type = 'THEFT') AS thefts "
            "FROM incidents JOIN labels USING (point_id) "
            f"WHERE operational_day <= DATE '{KNOWN_UNTIL}' AND model = '{ZONES}' "
            "AND default_address IS NOT TRUE GROUP BY 1 ORDER BY 1"
        ).pl()
    city = counted["thefts"].sum() / counted["incidents"].sum()
    lifts = story.bundle(ZONES).table("lifts").filter(pl.col("value") == "THEFT").sort("zone")
    expected = counted["thefts"] / counted["incidents"] / city
    np.testing.assert_allclose(lifts["lift"].to_numpy(), expected.to_numpy(), rtol=0.02)


def test_the_learned_forecaster_is_explained_on_days_it_has_not_seen(story: Story) -> None:
    bundle = story.bundle(FORECAST)
    facts = bundle.table("explained").row(0, named=True)
    assert facts["relation"] == "in_use"
    assert facts["first"] == bundle.table("folds")["cutoff"].min()
    assert facts["last"] < KNOWN_UNTIL
    importance = bundle.table("importance")
    assert set(importance["kind"]) == {"group", "feature"}
    assert (importance["low"] <= importance["importance"]).all()
    dependence = bundle.table("dependence")
    assert dependence["feature"].n_unique() == 6
    assert (dependence["expected"] > 0).all()


def test_the_share_explained_is_that_of_the_forecasts_of_the_evaluation(story: Story) -> None:
    """Against D² of scikit-learn on what the evaluation kept of every cell."""
    bundle = story.bundle(FORECAST)
    tested = bundle.table("tested")
    d2 = d2_tweedie_score(tested["incidents"], tested["expected"], power=1)
    assert bundle.table("explained")["d2"][0] == pytest.approx(d2, abs=0.05)


def test_what_cannot_be_checked_is_said(story: Story) -> None:
    environment = {"PATROLIQ_HOME": str(story.settings.home)}
    outcome = CliRunner(env=environment).invoke(models_command, ["check", "zones_dbscan"])
    assert "zones_dbscan has no champion" in str(outcome.exception)


def test_without_data_there_is_nothing_to_check(tmp_path: Path) -> None:
    outcome = CliRunner(env={"PATROLIQ_HOME": str(tmp_path)}).invoke(models_command, ["check"])
    assert "holds no data" in str(outcome.exception)
