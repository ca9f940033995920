"""The demand forecast as a registered model of a synthetic city."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.artifacts.catalog import CATALOG, DEMAND
from analytics.artifacts.champion_checks import CheckedBy, Drift, current_forecast
from analytics.artifacts.gates import judge
from analytics.artifacts.metric import Metric
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import REFERENCE, RULE
from analytics.forecasting.demand.stored_demand import StoredDemand
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.training.demand import fit_demand, usable_level
from analytics.training.drift import check_champions
from analytics.training.fitting import FittedModel, Training
from analytics.training.promote import promote
from analytics.training.registry import Registry
from analytics.training.train import train


@pytest.fixture(scope="module")
def reader(city_of_8000: Path) -> Iterator[SnapshotReader]:
    snapshot = Warehouse(city_of_8000).current()
    assert snapshot
    with closing(SnapshotReader(snapshot, Settings(home=city_of_8000))) as opened:
        yield opened


def training(reader: SnapshotReader, selection: Selection = EMPTY, **given: object) -> Training:
    return Training(reader, selection, {**CATALOG[DEMAND].defaults, **given})


@pytest.fixture(scope="module")
def fitted(reader: SnapshotReader) -> FittedModel:
    return fit_demand(training(reader, folds=8))


def test_it_forecasts_every_area_and_shift_for_28_days_after_the_last_complete_day(
    reader: SnapshotReader, fitted: FittedModel
) -> None:
    last = reader.snapshot.manifest.last_complete_day
    assert last
    stored = StoredDemand.of(fitted.tables["forecast"])
    assert stored.days == tuple(last + timedelta(days=ahead) for ahead in range(1, 29))
    assert fitted.parameters["forecast_from"] == stored.days[0].isoformat()
    assert stored.areas == tuple(fitted.rule["areas"])
    assert set(stored.shifts) == {"Night", "Day", "Evening"}
    ((before,),) = reader.frame(
        "SELECT count(*) FROM incidents WHERE proactive IS NOT TRUE AND district IS NOT NULL "
        "AND operational_day BETWEEN $first AND $last",
        {"first": last - timedelta(days=27), "last": last},
    ).rows()
    assert stored.total().expected == pytest.approx(before, rel=0.3)


def test_its_tables_agree_with_its_metrics(fitted: FittedModel) -> None:
    metrics = {one.name: one for one in fitted.metrics}
    scores = {row["model"]: row for row in fitted.tables["evaluation"].iter_rows(named=True)}
    assert scores[RULE]["pinball"] == metrics["pinball"].value
    assert scores[RULE]["gain_low"] == metrics["pinball_gain"].low
    origins = fitted.tables["origins"].filter(pl.col("model") == RULE)
    assert len(origins) == metrics["folds"].value == 8
    assert origins["pinball"].mean() == pytest.approx(metrics["pinball"].value)
    assert origins["incidents"].sum() == metrics["test_incidents"].value
    areas = fitted.tables["areas"]
    assert areas["pinball"].mean() == pytest.approx(metrics["pinball"].value)
    assert areas["baseline_pinball"].mean() == pytest.approx(scores[REFERENCE]["pinball"])
    assert areas["coverage_80"].mean() == pytest.approx(metrics["coverage_80"].value)
    calibration = fitted.tables["calibration"]
    assert calibration["share"].sum() == pytest.approx(1)
    inside = calibration.filter(pl.col("above").is_between(0.099, 0.899))["share"].sum()
    assert inside == pytest.approx(metrics["coverage_80"].value)


def test_it_has_the_harm_of_its_cells_and_the_weights_of_incidents(fitted: FittedModel) -> None:
    table, mix = fitted.tables["forecast"], fitted.tables["harm_mix"]
    shares = mix.group_by("area", "shift").agg(pl.col("share").sum())
    assert len(shares) == len(fitted.rule["areas"]) * len(fitted.rule["shifts"])
    assert shares["share"].to_numpy() == pytest.approx(1)
    assert (table["expected_harm"] > table["expected"]).all()
    whole = StoredDemand.of(table).harm(mix)
    assert whole.expected == pytest.approx(table["expected_harm"].sum())
    assert whole.quantiles["q10"] < whole.expected < whole.quantiles["q90"]


def test_its_promotion_checks_are_those_of_loss_coverage_and_bias(fitted: FittedModel) -> None:
    metrics = {one.name: one for one in fitted.metrics}
    asked = {one.metric for one in judge(DEMAND, metrics)}
    assert asked == {
        "pinball_gain", "pinball_gain_last_week", "coverage_80", "coverage_95", "sum_coverage_80",
        "bias",
    }  # fmt: skip
    for low, high, passes in ((0.04, 0.2, True), (0.06, 0.2, False), (-0.2, -0.06, False)):
        biased = {**metrics, "bias": Metric("bias", (low + high) / 2, low, high)}
        verdicts = [one.passed for one in judge(DEMAND, biased) if one.metric == "bias"]
        assert all(verdicts) == passes
    wide = metrics | {"coverage_80": replace(metrics["coverage_80"], value=0.9)}
    refused = {one.metric for one in judge(f"{DEMAND}.robbery", wide) if not one.passed}
    assert "coverage_80" in refused


def test_a_filter_on_the_date_sets_the_test_days_only(
    reader: SnapshotReader, fitted: FittedModel
) -> None:
    until = Selection.parse("date=..2026-06-30")
    made = fit_demand(training(reader, until, folds=2))
    assert made.parameters["forecast_from"] == fitted.parameters["forecast_from"]
    assert made.tables["origins"]["cutoff"].max() == date(2026, 6, 3)


def test_a_source_without_districts_has_the_next_level(reader: SnapshotReader) -> None:
    manifest = reader.snapshot.manifest
    assert usable_level(manifest, "beat") == "beat"
    without = replace(manifest, views_off={"district": "no values"})
    assert usable_level(without, "district") == "beat"
    nothing = replace(manifest, views_off=dict.fromkeys(("district", "beat", "ward", "area"), ""))
    with pytest.raises(InputError, match="no areas"):
        usable_level(nothing, "district")


def test_more_test_forecasts_than_the_history_has_are_refused(reader: SnapshotReader) -> None:
    with pytest.raises(InputError, match="days of data are needed"):
        fit_demand(training(reader, folds=200))


def test_a_champion_is_read_from_its_bundle_and_renewed_by_a_check(city_of_8000: Path) -> None:
    settings = Settings(home=city_of_8000, user="analyst")
    (version,) = train([DEMAND], settings, parameters={"folds": "8"})
    registry = Registry(settings)
    assert not version.refused
    promote(DEMAND, 1, "the first", settings)
    assert registry.champion_number(DEMAND) == 1
    stored = current_forecast(city_of_8000, DEMAND, version.snapshot)
    assert stored
    made = StoredDemand.of(stored.cells)
    assert made.total().expected > 0
    (check,) = check_champions([DEMAND], settings)
    assert check.measure is CheckedBy.PINBALL
    assert check.drift is Drift.NO_WEEK
    renewed = current_forecast(city_of_8000, DEMAND, version.snapshot)
    assert renewed
    assert StoredDemand.of(renewed.cells).expected == pytest.approx(made.expected)
