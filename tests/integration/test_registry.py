"""The registry's whole story, told once: train, be refused, promote, ingest, roll back."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import skops.io
from click.testing import CliRunner

from analytics.artifacts.bundle import Bundle, champion, version_folder
from analytics.artifacts.gates import refused_by
from analytics.artifacts.index import read_index
from analytics.artifacts.labels import score
from analytics.audit import Audit, AuditEntry
from analytics.cli.models import command
from analytics.demo.build import build_demo
from analytics.demo.city import build_city
from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.training.promote import (
    Promotion,
    RefusedError,
    may_promote,
    promote,
    promote_first,
    rollback,
)
from analytics.training.registry import Registry, Version
from analytics.training.runs import Runs
from analytics.training.train import train
from analytics.training.trusted import TRUSTED

NAME = "zones_kmeans"
UNTIL = date(2026, 10, 31)
QUICK = {"bootstraps": "2"}
NOTE = 'No incident has the crime type "NOSUCH"'


@dataclass(frozen=True)
class Story:
    """What happened, step by step."""

    settings: Settings
    fitted_on: Snapshot
    good: Version
    bad: Version
    better: Version
    refusal: str
    first: Promotion
    second: Promotion
    loaded: Snapshot  # after an ingest; pruned since
    loaded_labels: pl.DataFrame
    back: Promotion
    entries: list[AuditEntry]


def labels_in(snapshot: Snapshot) -> pl.DataFrame:
    """point_id, x_m, y_m, lat, lon, version, label of every place; null where there is none."""
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.sql(
            "SELECT points.*, version, label FROM points LEFT JOIN labels USING (point_id)"
        ).pl()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("registry")
    settings = Settings(home=folder / "home", user="analyst")
    build_demo(settings, 20_000, 1, UNTIL, lambda _what, _share: None)
    warehouse = Warehouse(settings.home)
    fitted_on = warehouse.current()
    assert fitted_on
    (good,) = train([NAME], settings, parameters={**QUICK, "k": "8"})
    (bad,) = train([NAME], settings, parameters={**QUICK, "k": "1"}, selection="type=theft,NOSUCH")
    (better,) = train([NAME], settings, parameters={**QUICK, "k": "12"})
    with pytest.raises(RefusedError) as refused:
        promote(NAME, bad.version, "I like it", settings)
    first = promote(NAME, good.version, "It holds", settings)
    second = promote(NAME, better.version, "Smaller zones", settings)
    profile = DemoProfile.load()
    more = generate(profile, 1_500, 9, UNTIL, build_city(profile))
    more.rows.write_parquet(folder / "more.parquet")
    ingest([folder / "more.parquet"], Source.load("demo"), settings)
    loaded = warehouse.current()
    assert loaded
    loaded_labels = labels_in(loaded)
    back = rollback(NAME, "Officers could not find them", settings)
    for _ in range(2):  # many snapshots, so that those nobody cites are pruned
        promote(NAME, better.version, "Again", settings)
        promote(NAME, good.version, "And again", settings)
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        audit.verify()
        entries = list(audit.entries())
    return Story(
        settings, fitted_on, good, bad, better, str(refused.value), first, second, loaded,
        loaded_labels, back, entries,
    )  # fmt: skip


def test_a_run_cites_what_it_saw(story: Story) -> None:
    version = story.good
    assert (version.name, version.version) == (NAME, 1)
    assert version.snapshot == story.fitted_on.id
    assert version.selection == ""
    assert version.code_version
    assert version.person == "analyst"
    assert version.parameters["k"] == "8"
    assert version.parameters["seed"] == "1"


def test_what_the_data_said_of_the_selection_is_kept_with_the_version(story: Story) -> None:
    assert story.bad.selection == "type=NOSUCH,THEFT"
    assert NOTE in story.bad.notes
    assert story.good.notes == ""
    trained = [entry for entry in story.entries if entry.event == "model.trained"]
    assert [NOTE in str(entry.details.get("notes")) for entry in trained] == [False, True, False]
    shown = {version["version"]: version for version in read_index(story.settings.home)["versions"]}
    assert shown[story.bad.version]["notes"] == story.bad.notes


def test_a_selection_that_could_not_be_kept_whole_trains_nothing(story: Story) -> None:
    with pytest.raises(InputError, match="later version"):
        train([NAME], story.settings, selection="zone=kmeans@9:1")
    assert len(Registry(story.settings).versions(NAME)) == 3


def test_metrics_have_intervals_around_them(story: Story) -> None:
    for name in ("pai", "gain", "hit_rate", "stability"):
        metric = story.good.metrics[name]
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low <= metric.value <= metric.high
    assert story.good.metrics["largest_zone_share"].low is None


def test_one_zone_for_the_whole_city_catches_what_its_area_would(story: Story) -> None:
    assert story.bad.metrics["pai"].value == pytest.approx(1.0, abs=0.02)
    assert story.bad.metrics["largest_zone_share"].value == pytest.approx(1.0)


def test_the_gate_that_refused_and_why_is_kept_and_told(story: Story) -> None:
    assert not story.good.refused
    (verdict,) = [one for one in story.bad.refused if one.metric == "largest_zone_share"]
    assert verdict.most is not None
    words = verdict.message
    assert words in story.refusal
    shown = {version["version"]: version for version in read_index(story.settings.home)["versions"]}
    assert words in shown[story.bad.version]["refused"]
    assert verdict in refused_by(shown[story.bad.version])
    refused = [entry for entry in story.entries if entry.event == "model.refused"]
    assert {entry.subject for entry in refused} == {f"{NAME} {story.bad.version}"}
    assert [entry.reason for entry in refused][-1] == "I like it"


def test_the_audit_log_says_who_when_why_and_what_was_before(story: Story) -> None:
    promoted = [entry for entry in story.entries if entry.event == "model.promoted"]
    assert [entry.details["before"] for entry in promoted[:2]] == [None, story.good.version]
    assert [entry.reason for entry in promoted[:2]] == ["It holds", "Smaller zones"]
    assert {entry.person for entry in promoted} == {"analyst"}
    (rolled_back,) = [entry for entry in story.entries if entry.event == "model.rolled_back"]
    assert rolled_back.subject == f"{NAME} {story.good.version}"
    assert rolled_back.details["before"] == story.better.version
    loads = [entry for entry in story.entries if entry.event == "snapshot.published"]
    assert loads[0].subject == story.fitted_on.id
    assert story.loaded.id in {entry.subject for entry in loads}


def test_rollback_returns_to_the_champion_before(story: Story) -> None:
    assert (story.second.version, story.second.before) == (story.better.version, 1)
    assert (story.back.version, story.back.before) == (story.good.version, story.better.version)
    registry = Registry(story.settings)
    assert registry.champion_number(NAME) == story.good.version
    found = champion(story.settings.home, NAME)
    assert found
    assert found.version == story.good.version
    assert [one.version for one in registry.versions(NAME) if one.champion] == [1]


def test_promotion_publishes_a_snapshot_with_labels_and_the_version(story: Story) -> None:
    current = Warehouse(story.settings.home).current()
    assert current
    assert current.manifest.model_versions == {NAME: "1"}
    assert current.manifest.incidents == story.loaded.manifest.incidents
    Warehouse(story.settings.home).verify(current)
    labels = labels_in(current)
    assert labels["version"].unique().to_list() == [1]
    centers = np.array(_bundle(story, 1).rule["centers"])
    xy = labels.select("x_m", "y_m").to_numpy()
    nearest = ((xy[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    assert (labels["label"].cast(pl.Int64).to_numpy() == nearest).mean() > 0.9999


def test_an_ingest_keeps_labels_and_scores_new_places(story: Story) -> None:
    assert story.loaded.manifest.model_versions == {NAME: "3"}
    after = story.loaded_labels
    known = _bundle(story, 3).table("labels").select("lat", "lon", pl.col("label").alias("kept"))
    joined = after.join(known, on=["lat", "lon"], how="left")
    new = joined.filter(pl.col("kept").is_null())
    assert len(new) > 100
    assert joined["label"].null_count() == 0
    kept = joined.filter(pl.col("kept").is_not_null())
    assert (kept["label"].cast(pl.Int64) == kept["kept"]).all()


def test_the_snapshot_a_champion_was_fitted_on_is_kept(story: Story) -> None:
    kept = {manifest.id for manifest in Warehouse(story.settings.home).list()}
    assert story.fitted_on.id in kept
    assert story.first.snapshot not in kept  # nobody cites it


def test_nothing_that_runs_when_loaded_is_written(story: Story) -> None:
    names = [path.name for path in story.settings.home.rglob("*") if path.is_file()]
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    assert "model.skops" in names
    for path in story.settings.home.rglob("MLmodel"):
        assert "serialization_format: skops" in path.read_text()


def test_the_estimator_of_a_run_labels_places_as_its_bundle_does(
    story: Story, tmp_path: Path
) -> None:
    runs = Runs(story.settings)
    file = runs.download(story.good.run_id, "model", tmp_path / "model") / "model.skops"
    estimator = skops.io.load(file, trusted=list(TRUSTED))
    bundle = _bundle(story, 1)
    labels = bundle.table("labels")
    xy = labels.select("x_m", "y_m").to_numpy()
    np.testing.assert_array_equal(estimator.predict(xy), labels["label"].to_numpy())
    np.testing.assert_array_equal(score(bundle.rule, labels, xy), labels["label"].to_numpy())


def test_outlines_have_an_id_for_each_zone(story: Story) -> None:
    bundle = _bundle(story, 1)
    outlines = bundle.geojson
    assert outlines
    assert [feature["properties"]["id"] for feature in outlines["features"]] == [*"01234567"]
    total = sum(feature["properties"]["incidents"] for feature in outlines["features"])
    assert total == bundle.metrics["incidents"].value
    lon, lat = outlines["features"][0]["geometry"]["coordinates"][0][0][:2]
    if not isinstance(lon, float):  # a multipolygon
        lon, lat = lon
    assert abs(lat) < 90
    assert abs(lon) < 180


def test_a_fit_that_fails_is_a_failed_run_and_no_version(story: Story) -> None:
    with pytest.raises(InputError, match="at least 50"):
        train([NAME], story.settings, selection="date=2025-03-04&hour=3")
    registry = Registry(story.settings)
    assert len(registry.versions(NAME)) == 3
    experiment = registry.runs.client.get_experiment_by_name(NAME)
    failed = registry.runs.client.search_runs(
        [experiment.experiment_id], "attributes.status = 'FAILED'"
    )
    assert "at least 50" in failed[0].data.tags["patroliq.error"]


def test_what_cannot_be_promoted_is_said(story: Story) -> None:
    with pytest.raises(InputError, match="no version 99"):
        promote(NAME, 99, "x", story.settings)
    with pytest.raises(InputError, match="Give a reason"):
        promote(NAME, 1, "  ", story.settings)
    with pytest.raises(InputError, match="version 1, is champion already"):
        promote(NAME, 1, "Once more", story.settings)
    with pytest.raises(InputError, match="no champion"):
        rollback("zones_dbscan", "x", story.settings)


def test_where_people_sign_in_another_person_promotes(story: Story) -> None:
    strict = replace(story.settings, sign_in="required")
    with pytest.raises(InputError, match="trained by analyst; another person"):
        promote(NAME, story.better.version, "My own", strict)
    assert promote_first([story.better], strict) == []
    assert may_promote(story.better, replace(strict, user="chief"))
    assert may_promote(story.better, replace(strict, promote_own="yes"))


def test_a_tracking_server_takes_the_place_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    assert Runs(settings).address == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert Runs(settings).address == "http://127.0.0.1:9"
    assert not Runs(replace(settings)).is_local


def test_the_index_is_json_that_a_page_can_read(story: Story) -> None:
    path = story.settings.home / "models" / "index.json"
    index = json.loads(path.read_text())
    assert index == read_index(story.settings.home)
    versions = [row["version"] for row in index["versions"] if row["name"] == NAME]
    assert versions == [3, 2, 1]
    assert [row["version"] for row in index["versions"] if row["champion"]] == [1]


def _bundle(story: Story, version: int) -> Bundle:
    return Bundle.load(version_folder(story.settings.home, NAME, version))


def test_the_command_line_tells_versions_refusals_and_the_champion(story: Story) -> None:
    def told(*arguments: str) -> str:
        environment = {"PATROLIQ_HOME": str(story.settings.home)}
        result = CliRunner(env=environment).invoke(command, arguments, catch_exceptions=False)
        return result.stdout

    listed = told("list", NAME).splitlines()
    heads = [line.strip().split("  ")[0] for line in listed if not line.startswith("    ")]
    assert heads == [f"{NAME} 3", f"{NAME} 2", f"* {NAME} 1"]
    assert any(line.startswith("    refused: ") and "largest_zone_share" in line for line in listed)
    assert any(line.startswith("    note: ") and NOTE in line for line in listed)
    compared = json.loads(told("compare", NAME, "1", "2", "--json"))
    assert compared["parameters"]["k"] == ["8", "1"]
    assert compared["metrics"]["pai"][0]["value"] == story.good.metrics["pai"].value
    with pytest.raises(RefusedError, match="largest_zone_share"):
        told("promote", NAME, "2", "--reason", "I like it still")
