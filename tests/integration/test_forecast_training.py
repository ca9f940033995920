"""The forecast as trained, by cell and by block, against SQL and sums by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.artifacts.catalog import CATALOG
from analytics.crossfilter.selection import EMPTY
from analytics.forecasting.units import UnitKind
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.training.fitting import FittedModel, Training
from analytics.training.forecast import fit_forecast
from analytics.zones.unit_forecast import UnitForecast

MODEL, SIZE_M = "hotspot_forecast_street", 500


@pytest.fixture(scope="module")
def reader(city_of_8000: Path) -> Iterator[SnapshotReader]:
    snapshot = Warehouse(city_of_8000).current()
    assert snapshot
    with closing(SnapshotReader(snapshot, Settings(home=city_of_8000))) as opened:
        yield opened


def fitted(reader: SnapshotReader, unit: UnitKind) -> FittedModel:
    given = {**CATALOG[MODEL].defaults, "folds": 4, "forecaster": "counts_all", "cell_m": SIZE_M}
    return fit_forecast(Training(reader, EMPTY, given), unit)


@pytest.fixture(scope="module")
def blocks(reader: SnapshotReader) -> FittedModel:
    return fitted(reader, UnitKind.BLOCK)


def test_a_block_expects_its_rate_and_has_the_hours_of_its_surroundings(
    reader: SnapshotReader, blocks: FittedModel
) -> None:
    """Counts of a block, and of each band within 500 m with 20 incidents of the city, by SQL."""
    made = UnitForecast.of(blocks.tables["forecast"], blocks.rule)
    assert (made.kind, blocks.parameters["unit"]) == (UnitKind.BLOCK, "block")
    incidents = reader.frame(
        "SELECT block, hour, heaped_time IS NOT TRUE AND hour IS NOT NULL AS known FROM incidents "
        "WHERE point_id IS NOT NULL AND default_address IS NOT TRUE"
    )
    ((days,),) = reader.frame(
        "SELECT date_diff('day', min(operational_day), max(operational_day)) + 1 FROM incidents"
    ).rows()
    units = made.units
    counts = incidents.group_by("block").len()
    joined = units.join(counts, on="block", how="left", maintain_order="left")
    assert units["expected"].to_numpy() == pytest.approx(joined["len"].to_numpy() * 7 / days)
    located = incidents.filter("known").join(units.select("block", "x_m", "y_m"), on="block")
    bands = np.eye(6)[located["hour"].to_numpy() // 4]
    xy = located.select("x_m", "y_m").to_numpy()
    city = bands.mean(axis=0)
    shares = units["band"].to_numpy()
    for place in (0, len(units) // 2, len(units) - 1):
        away = np.hypot(*(xy - units.select("x_m", "y_m").row(place)).T)
        near = bands[away <= 500].sum(axis=0)
        by_hand = (near + 20 * city) / (near.sum() + 20)
        assert shares[place] == pytest.approx(by_hand, abs=0.01)
    assert units["shift"].to_numpy().sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert made.whole > units["km"].sum()  # blocks whose incidents have no day or type are few


def test_its_metrics_are_by_street_length_and_by_band(blocks: FittedModel) -> None:
    metrics = {one.name: one for one in blocks.metrics}
    assert len(metrics) == len(blocks.metrics)
    assert metrics["pai_street_1"].value == pytest.approx(metrics["pai_1"].value)
    gain, pai = metrics["band_gain_1"], metrics["band_pai_1"]
    assert gain.low is not None
    assert gain.low <= gain.value
    assert pai.value > 0
    assert 0.9 < metrics["interval_coverage"].value <= 1
    tested = blocks.tables["tested"]
    assert tested.columns == ["cutoff", "block", "expected", "incidents"]
    assert tested["cutoff"].n_unique() == 4
    assert tested["incidents"].sum() == metrics["test_incidents"].value


def test_without_hundreds_in_block_texts_small_cells_are_forecast(
    reader: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.training.forecast.street_blocks", lambda _: None)
    made = fitted(reader, UnitKind.BLOCK)
    assert (made.rule["unit"], made.rule["size_m"]) == ("cell", SIZE_M)
    assert {"cell", "col", "row", "band", "shift"} <= set(made.tables["forecast"].columns)
    assert "pai_street_1" not in {one.name for one in made.metrics}


def test_a_source_without_hours_has_no_parts_of_the_day(
    reader: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.forecasting.history._by_hours", lambda *_: ())
    made = fitted(reader, UnitKind.CELL)
    assert made.rule["splits"] == {}
    assert not {"band", "shift"} & set(made.tables["forecast"].columns)
    assert not {one.name for one in made.metrics if one.name.startswith("band")}
    assert isinstance(made.tables["forecast"], pl.DataFrame)
