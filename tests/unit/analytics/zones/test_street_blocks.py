"""Lengths of blocks: a grid of known lengths, and the streets of Chicago."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.zones.place_names import StreetBlock
from analytics.zones.street_blocks import MeasuredBlocks, blocks_of
from sql import load


def grid(length_m: float = 150.0, hundreds: int = 12) -> pl.DataFrame:
    """An avenue north and a street west, each hundred of them `length_m` long."""
    along = [(number + 0.5) * length_m for number in range(hundreds)]
    return pl.DataFrame(
        {
            "block": [f"{number:03d}XX N ELM AVE" for number in range(hundreds)]
            + [f"{number:03d}XX W OAK ST" for number in range(hundreds)],
            "x_m": [0.0] * hundreds + [-at for at in along],
            "y_m": along + [0.0] * hundreds,
            "incidents": [3] * 2 * hundreds,
        }
    )


def known(found: MeasuredBlocks | None) -> MeasuredBlocks:
    assert found is not None
    return found


def test_a_block_is_as_long_as_its_hundred() -> None:
    assert known(blocks_of(grid(150.0))).length_m == pytest.approx(150.0)
    assert known(blocks_of(grid(90.0))).length_m == pytest.approx(90.0)


def test_a_gap_in_the_numbers_does_not_lengthen_its_blocks() -> None:
    gap = grid().filter(~pl.col("block").str.contains("^00[3-7]XX N"))
    assert known(blocks_of(gap)).length_m == pytest.approx(150.0)


def test_a_wandering_middle_is_smoothed() -> None:
    """Incidents lie along the street, so their middle wanders along it."""
    noise = pl.Series(np.random.default_rng(0).normal(0, 20, 24))
    avenue = pl.col("block").str.contains(" N ")
    moved = grid().with_columns(
        pl.col("x_m") + pl.when(avenue).then(0).otherwise(noise),
        pl.col("y_m") + pl.when(avenue).then(noise).otherwise(0),
    )
    length = known(blocks_of(moved)).length_m
    assert length.sum() == pytest.approx(24 * 150, rel=0.05)
    assert np.abs(length - 150).max() < 40


def test_blocks_lie_along_their_street() -> None:
    blocks = known(blocks_of(grid()))
    names = blocks.frame["block"].str.contains(" N ").to_numpy()
    direction = np.abs(blocks.frame.select("dx", "dy").to_numpy())
    assert direction[names] == pytest.approx(np.tile([0.0, 1.0], (12, 1)))
    assert direction[~names] == pytest.approx(np.tile([1.0, 0.0], (12, 1)))
    ends = blocks.ends()
    assert np.hypot(*(ends[:, 1] - ends[:, 0]).T) == pytest.approx(blocks.length_m)


def test_samples_carry_the_whole_length() -> None:
    blocks = known(blocks_of(grid()))
    xy, block, length_m = blocks.samples(20.0)
    assert np.bincount(block, length_m) == pytest.approx(blocks.length_m)
    assert length_m.max() <= 20.0
    assert np.hypot(*(xy - blocks.xy[block]).T).max() <= 75.0


def test_texts_without_hundreds_are_no_blocks() -> None:
    texts = grid().with_columns(block=pl.format("ON OR NEAR {}", "block"))
    assert blocks_of(texts) is None
    assert blocks_of(grid().head(1)) is None
    assert blocks_of(grid().clear()) is None


@pytest.mark.real_data
def test_lengths_agree_with_the_streets_of_chicago(real_data: Path) -> None:
    incidents = (
        pl.scan_parquet(real_data / "chicago_crimes_2014_2018.parquet")
        .select(
            block="Block",
            lat=pl.col("Latitude").cast(pl.Float64, strict=False),
            lon=pl.col("Longitude").cast(pl.Float64, strict=False),
        )
        .filter(pl.col("lat").is_between(41.6, 42.1))
        .group_by("block")
        .agg(
            x_m=pl.col("lon").median() * 111_320 * np.cos(np.radians(41.85)),
            y_m=pl.col("lat").median() * 111_133,
            incidents=pl.len(),
        )
        .sort("block")
        .collect()
    )
    blocks = known(blocks_of(incidents))
    real: dict[str, float] = defaultdict(float)
    with gzip.open(real_data / "network" / "chicago_derived_segments.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            real[row["street"]] += float(row["length_m"])
    own: dict[str, float] = defaultdict(float)
    texts = blocks.frame["block"].to_list()
    for text, length in zip(texts, blocks.length_m.tolist(), strict=True):
        own[StreetBlock.of(text).street] += length
    assert blocks.length_m.sum() == pytest.approx(sum(real.values()), rel=0.04)
    both = [name for name in own if name in real and real[name] > 2_000]
    ratio = np.array([own[name] / real[name] for name in both])
    assert sum(own[name] for name in both) / sum(real[name] for name in both) == pytest.approx(
        0.96, abs=0.02
    )
    assert np.median(ratio) == pytest.approx(1.0, abs=0.06)
    assert np.mean(np.abs(ratio - 1) <= 0.2) > 0.75


@pytest.mark.parametrize("order", [1, -1])
def test_a_point_of_two_blocks_is_on_the_one_of_most_incidents_then_the_first(order: int) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE incidents (point_id BIGINT, block VARCHAR)")
    elm, oak = "001XX N ELM AVE", "000XX W OAK ST"
    rows = [(1, elm), (1, oak), (1, None), (2, oak), (2, elm), (2, elm), (None, elm)]
    connection.executemany("INSERT INTO incidents VALUES (?, ?)", rows[::order])
    found = connection.sql(load("hotspots/block_of_points")).fetchall()
    assert found == [(1, oak), (2, elm)]
