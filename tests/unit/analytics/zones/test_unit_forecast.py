"""The forecast by unit and part of the day, against sums by hand and simulated counts."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import shapely

from analytics.crossfilter.nights import DayClock
from analytics.errors import InputError
from analytics.forecasting.hour_bands import BandKind, bands_of
from analytics.forecasting.units import UnitKind
from analytics.statistics.negative_binomial import overdispersion
from analytics.zones.unit_forecast import (
    UnitForecast,
    count_interval,
    top_shares,
)
from analytics.zones.unit_shapes import WIDTH_M, shown_geojson, unit_rings

CLOCK = DayClock(0, {"Night": [22, 23, *range(6)], "Day": range(6, 22)})
CRS = "EPSG:32616"


def blocks(number: int = 40) -> UnitForecast:
    """Blocks whose shares differ by place, most expected first per km."""
    dice = np.random.default_rng(4)
    shares = {kind: dice.dirichlet(np.ones(size), number).astype(np.float32)
              for kind, size in ((BandKind.BAND, 6), (BandKind.SHIFT, 2))}  # fmt: skip
    turn = dice.uniform(0, np.pi, number)
    units = pl.DataFrame(
        {
            "block": [f"{at:03d}XX N OAK ST" for at in range(number)],
            "x_m": 448_000 + dice.uniform(0, 3000, number),
            "y_m": 4_636_000 + dice.uniform(0, 3000, number),
            "km": dice.uniform(0.1, 0.3, number),
            "expected": dice.gamma(1, 0.3, number),
            **{kind.value: array for kind, array in shares.items()},
            "dx": np.cos(turn),
            "dy": np.sin(turn),
        }
    )
    rule = {
        "unit": "block", "size_m": 100, "whole": float(units["km"].sum()) + 2.0,
        "splits": {kind.value: bands_of(kind, CLOCK).as_json for kind in BandKind},
        "overdispersion": 0.4,
    }  # fmt: skip
    return UnitForecast.of(units, rule)


def test_a_part_of_the_day_has_its_share_of_each_unit() -> None:
    made = blocks()
    whole = made.units["expected"].to_numpy()
    bands = made.units["band"].to_numpy()
    evening = made.part({20, 21, 22, 23})
    assert evening is not None
    assert evening.key == "20-23"
    assert made.expected(evening) == pytest.approx(whole * bands[:, 5], rel=1e-6)
    both = made.part({16, 17, 18, 19, 20, 21, 22, 23})
    assert made.expected(both) == pytest.approx(whole * bands[:, 4:].sum(axis=1), rel=1e-6)
    night = made.part_of("22-05")
    assert night is not None
    assert (night.kind, night.names) == (BandKind.SHIFT, ("Night",))
    assert made.expected(night) == pytest.approx(whole * made.units["shift"].to_numpy()[:, 0])
    every = [made.expected(part) for part in made.parts if part.kind is BandKind.BAND]
    assert np.sum(every, axis=0) == pytest.approx(whole, rel=1e-6)


def test_hours_that_cut_a_band_are_no_part() -> None:
    made = blocks()
    assert made.part({21, 22}) is None
    assert made.part(range(24)) is None
    for text in ("21-22", "nonsense"):
        with pytest.raises(InputError):
            made.part_of(text)


def test_the_top_is_a_share_of_all_street_length() -> None:
    made = blocks()
    table = made.table(made.part_of("20-23")).sort("top_share")
    rate = (table["expected"] / table["km"]).to_numpy()
    assert (np.diff(rate) <= 0).all()
    assert table["top_share"].to_numpy() == pytest.approx(
        np.cumsum(table["km"].to_numpy()) / made.whole
    )
    shown = made.table(shown=True)
    for part in (None, *made.parts):
        top = made.table(part).filter(pl.col("top_share") <= 0.10)["block"]
        assert set(top) <= set(shown["block"])
    assert shown.height < made.units.height


def test_units_without_a_rate_come_last() -> None:
    shares = top_shares(np.array([0.0, 3.0, 1.0]), np.array([1.0, 2.0, 1.0]), 4.0)
    assert shares.tolist() == [1.0, 0.5, 0.75]


def test_overdispersion_is_that_of_simulated_counts_and_of_their_parts() -> None:
    """Gamma mixtures of Poisson counts with c = 0.5, and their split among bands."""
    dice = np.random.default_rng(8)
    mean = dice.gamma(2, 0.6, 60_000)
    counts = dice.poisson(mean * dice.gamma(2.0, 0.5, len(mean))).astype(float)
    assert overdispersion(mean, counts) == pytest.approx(0.5, rel=0.1)
    part = dice.binomial(counts.astype(int), 0.3).astype(float)
    assert overdispersion(0.3 * mean, part) == pytest.approx(0.5, rel=0.15)
    assert overdispersion(mean, dice.poisson(mean).astype(float)) < 0.02
    low, high = count_interval(mean, 0.5)
    inside = (low <= counts) & (counts <= high)
    assert 0.945 < inside.mean() < 0.995  # whole numbers hold a little more


def test_a_forecast_of_an_earlier_program_is_of_cells_all_day_without_intervals() -> None:
    cells = pl.DataFrame({"cell": ["250:1_2", "250:1_3"], "col": [1, 1], "row": [2, 3],
                          "expected": [0.4, 1.2]})  # fmt: skip
    made = UnitForecast.of(cells, {"kind": "forecast", "size_m": 250, "days": 7})
    assert (made.kind, made.parts, made.c) == (UnitKind.CELL, (), None)
    table = made.table()
    assert table["top_share"].to_list() == [1.0, 0.5]
    assert table["low"].null_count() == table["high"].null_count() == 2


def test_a_block_is_a_strip_along_its_street() -> None:
    made = blocks()
    found = json.loads(shown_geojson(made, CRS))["features"]
    shown = made.table(shown=True)
    assert [one["properties"]["id"] for one in found] == shown["block"].to_list()
    degrees_m = 111_320 * np.array([np.cos(np.radians(41.9)), 1])
    for ring, km in zip(unit_rings(shown, 100, CRS), shown["km"], strict=True):
        strip = shapely.Polygon(np.array(ring) * degrees_m)
        assert strip.area == pytest.approx(1000 * km * WIDTH_M, rel=0.01)
        assert strip.is_valid
