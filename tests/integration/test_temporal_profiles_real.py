"""Temporal profiles of the week on a quarter of the real file: bars at night, offices by day."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pyproj import Transformer

from analytics.crossfilter.selection import Selection
from analytics.training.fitting import FittedModel, Training
from analytics.training.kinds import KINDS
from tests.integration.real_sample import RealSample, publish_sample

pytestmark = pytest.mark.real_data

CELL_M = 1_000
BARS = (41.8905, -87.6305)  # Hubbard and Clark Street, River North
OFFICES = (41.8781, -87.6298)  # Jackson Boulevard and Clark Street, the Loop


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealSample:
    return publish_sample(real_data, tmp_path_factory.mktemp("real"), 4)


@pytest.fixture(scope="module")
def training(real: RealSample) -> Training:
    given = {**KINDS["temporal_kmeans"].defaults, "cell_m": CELL_M, "fewest": 300, "bootstraps": 2}
    return Training(real.reader, Selection.parse(""), given)


@pytest.fixture(scope="module")
def fitted(training: Training) -> FittedModel:
    return KINDS["temporal_kmeans"].fit(training)


def test_bars_are_later_than_offices(fitted: FittedModel, real: RealSample) -> None:
    """The label of a known street of bars and of the office district, by the rule of the model."""
    crs = real.reader.snapshot.manifest.crs_local
    to_meters = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    profile = {}
    for name, (lat, lon) in {"bars": BARS, "offices": OFFICES}.items():
        x, y = to_meters.transform(lon, lat)
        cell = f"floor(x_m / {CELL_M}) = {x // CELL_M} AND floor(y_m / {CELL_M}) = {y // CELL_M}"
        places = real.reader.frame(f"SELECT DISTINCT x_m, y_m FROM incidents WHERE {cell}")
        labels = fitted.tables["labels"].join(places, on=["x_m", "y_m"])
        (profile[name],) = set(labels["label"].to_list())
    hours = fitted.tables["hours"]
    late = {
        name: hours.filter(
            (pl.col("label") == label) & pl.col("hour").is_in([0, 1, 2, 3, 23])
        ).sum()["share"][0]
        for name, label in profile.items()
    }
    assert profile["bars"] != profile["offices"]
    assert late["bars"] > 1.5 * late["offices"]


def test_the_week_of_a_profile_is_that_of_its_incidents(
    fitted: FittedModel, real: RealSample
) -> None:
    """Shares of the hours of the week, from the portal's own times, by SQL."""
    labels = fitted.tables["labels"].select("x_m", "y_m", "label")
    ids = real.reader.frame("SELECT id, x_m, y_m, default_address FROM incidents")
    inside = ids.filter(~pl.col("default_address")).join(labels, on=["x_m", "y_m"])
    real.connection.register("inside", inside.to_arrow())
    counted = pl.DataFrame(
        real.rows(
            """SELECT label, isodow(moment), hour(moment),
                count(*) / sum(count(*)) OVER (PARTITION BY label)
            FROM raw JOIN inside ON raw."ID" = inside.id WHERE label >= 0
            GROUP BY label, isodow(moment), hour(moment)"""
        ),
        schema=["label", "weekday", "hour", "expected"],
        orient="row",
    )
    both = fitted.tables["hours"].join(
        counted, on=["label", "weekday", "hour"], how="left", coalesce=True
    )
    found, expected = both["share"].to_numpy(), both["expected"].fill_null(0).to_numpy()
    assert found == pytest.approx(expected, abs=1e-9)


def test_profiles_tell_the_hours_of_later_incidents(
    training: Training, fitted: FittedModel
) -> None:
    found = {one.name: one for one in KINDS["temporal_kmeans"].evaluate(training, fitted)}
    gain = found["gain"]
    assert gain.low is not None
    assert 0 < gain.low < gain.value
