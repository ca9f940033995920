"""`patroliq evaluate zones`: from the command line on a synthetic city, and on Chicago's 2017."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from click.testing import CliRunner, Result

from analytics.cli.evaluate import command as evaluate
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.hotspots.fishnet import outline_shapes, study_area
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.training.equal_size import PlacePlan
from analytics.training.place_evaluation import evaluate_places
from analytics.zones.places import FOOT, NO_PLACE, choose_places, shrunk
from analytics.zones.street_blocks import MeasuredBlocks, blocks_of, street_blocks
from tests.integration.real_sample import FILE

SINGLE_BLOCKS, FOOT_PLACES = 0.117, 0.096
"""Hit rates of robbery in docs/places.md."""

FIELDS = {"method", "measure", "size", "places", "hit_rate", "pai", "pai_low", "pai_high"}
FIRST, LAST = date(2026, 5, 1), date(2026, 10, 31)
PERIOD = ("--from", str(FIRST), "--to", str(LAST))
SIZES = {("street", 0.02), ("street", 0.05), ("area", 2.0)}


@pytest.fixture(scope="module")
def city(city_of_8000: Path) -> Settings:
    return Settings(home=city_of_8000)


def run(settings: Settings, *further: str) -> Result:
    env = {"PATROLIQ_HOME": str(settings.home)}
    return CliRunner(env=env).invoke(evaluate, ["zones", *PERIOD, *further])


@pytest.fixture(scope="module")
def rows(city: Settings) -> list[dict[str, Any]]:
    given = ["--street-share", "0.02,0.05", "--areas-km2", "2", "--json"]
    outcome = run(city, *given)
    assert outcome.exit_code == 0, outcome.output
    found: list[dict[str, Any]] = json.loads(outcome.stdout)
    return found


def test_it_prints_a_row_for_each_method_and_size(rows: list[dict[str, Any]]) -> None:
    assert all(row.keys() == FIELDS for row in rows)
    assert {(row["measure"], row["size"]) for row in rows} == SIZES
    for measure, size in SIZES:
        own = [row for row in rows if (row["measure"], row["size"]) == (measure, size)]
        methods = {row["method"] for row in own}
        assert {"foot places", "car places", "blocks", "foot patches", "car patches"} <= methods
        assert {"cells 250 m", "cells 150 m", "cells 100 m"} <= methods
        assert {"KDE cells 250 m", "Gi* cells 250 m"} <= methods
        for row in own:
            assert 0 < row["hit_rate"] <= 1
            assert row["pai_low"] <= row["pai"] <= row["pai_high"]
            if measure == "street":
                assert row["pai"] == pytest.approx(row["hit_rate"] / size)


def test_people_read_a_table_of_a_target(city: Settings) -> None:
    given = ("--target", "robbery", "--street-share", "0.05", "--areas-km2", "")
    lines = run(city, *given).stdout.splitlines()
    assert lines[0].split() == ["size", "method", "places", "hits", "PAI", "95%"]
    assert {line.split()[0] for line in lines[1:]} == {"5.0%"}


@pytest.mark.parametrize(
    "given",
    [
        ["--target", "jaywalking"],
        ["--street-share", "1.5"],
        ["--areas-km2", "one"],
        ["--areas-km2", "1,1"],
        ["--selection", "date=2025-01-01..2025-02-01"],
        ["--target", "robbery", "--selection", "group=part_i:burglary"],
        ["--street-share", "", "--areas-km2", ""],
        ["--areas-km2", "1,100000"],
    ],
)
def test_what_is_not_valid_is_refused(city: Settings, given: list[str]) -> None:
    outcome = run(city, *given)
    assert isinstance(outcome.exception, InputError)
    assert not outcome.stdout


def test_days_without_history_are_refused(city: Settings) -> None:
    given = ("--from", "2001-01-01", "--to", "2001-02-01")
    assert isinstance(run(city, *given).exception, InputError)


def test_blocks_are_those_of_a_count_by_hand(pinned: Pinned, rows: list[dict[str, Any]]) -> None:
    row = next(one for one in rows if (one["method"], one["size"]) == ("blocks", 0.05))
    blocks = street_blocks(pinned.reader)
    assert blocks is not None
    assert row["hit_rate"] == pytest.approx(by_hand(pinned, blocks), abs=1e-3)


def by_hand(pinned: Pinned, blocks: MeasuredBlocks, condition: str = "TRUE") -> float:
    """Hit rate of single blocks on 5% of their street length."""
    incidents = pinned.reader.frame(
        f"""SELECT block, operational_day < DATE '{FIRST}' AS before FROM incidents
        WHERE point_id IS NOT NULL AND default_address IS NOT TRUE AND {condition}"""
    )
    before, later = (
        dict(part.group_by("block").len().iter_rows())
        for part in (incidents.filter("before"), incidents.filter(~pl.col("before")))
    )
    names = blocks.frame["block"].to_list()
    weights = np.array([before.get(name, 0) for name in names], dtype=float)
    rate = shrunk(weights, blocks.length_m, blocks.xy) / blocks.length_m
    left, caught = 0.05 * blocks.length_m.sum(), 0.0
    for at in np.argsort(-rate, kind="stable"):
        part = min(1.0, left / blocks.length_m[at])
        caught += part * later.get(names[at], 0)
        left -= part * blocks.length_m[at]
        if left <= 0:
            break
    return caught / sum(later.values())


def test_a_district_is_compared_with_itself(pinned: Pinned) -> None:
    """Its streets, cells and area, not those of the city."""
    district = pinned.reader.frame("SELECT mode(district) FROM incidents").item()
    target, plan = Selection.parse(f"district={district}"), PlacePlan(FIRST, LAST, (0.05,), (0.5,))
    found = {(one.method, one.measure): one for one in evaluate_places(pinned.reader, target, plan)}
    outline = outline_shapes(pinned.reader, "district")[district]
    by_area = found["cells 100 m", "area"]
    part = 0.5e6 / shapely.intersection(outline, study_area(pinned.reader)).area
    assert by_area.pai == pytest.approx(by_area.hit_rate / part)
    blocks = street_blocks(pinned.reader)
    assert blocks is not None
    column, row = np.floor(blocks.xy.T / 100) * 100
    touched = shapely.intersects(outline, shapely.box(column, row, column + 100, row + 100))
    own = MeasuredBlocks(blocks.frame.filter(touched))
    assert 0 < len(own) < len(blocks) / 2
    rate = by_hand(pinned, own, f"district = '{district}'")
    assert found["blocks", "street"].hit_rate == pytest.approx(rate, abs=1e-3)


@pytest.mark.parametrize(
    ("further", "said"), [("district={},unknown", "no outline"), ("zone=foot@1:3", "Zones are")]
)
def test_places_without_a_known_area_are_refused(pinned: Pinned, further: str, said: str) -> None:
    district = pinned.reader.frame("SELECT mode(district) FROM incidents").item()
    target = Selection.parse(further.format(district))
    with pytest.raises(InputError, match=said):
        evaluate_places(pinned.reader, target, PlacePlan(FIRST, LAST))


def test_later_incidents_do_not_change_the_choice(city: Settings, tmp_path: Path) -> None:
    """After the evaluated week, all incidents of half the city become thefts."""
    other = Settings(home=Path(shutil.copytree(city.home, tmp_path / "home")))
    last = FIRST + timedelta(days=6)
    current = Services(other).warehouse.current()
    assert current is not None
    with duckdb.connect(str(current.database)) as connection:
        connection.execute(
            "UPDATE incidents SET type = if(hash(block) % 2 = 0, 'THEFT', 'ARSON')"
            " WHERE operational_day > $1",
            [last],
        )
    plan, found = PlacePlan(FIRST, last, (0.05,), (2.0,)), []
    for home in (city, other):
        pinned = Services(home).pin()
        assert pinned is not None
        found.append(evaluate_places(pinned.reader, Selection.parse("type=THEFT"), plan))
    assert len(found[0]) > 10
    assert found[0] == found[1]


def test_without_hundreds_places_are_patches(
    pinned: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.training.equal_size.street_blocks", lambda _reader: None)
    found = evaluate_places(pinned.reader, EMPTY, PlacePlan(FIRST, LAST, (0.05,), (2.0,)))
    assert {one.measure for one in found} == {"area"}
    methods = {one.method for one in found}
    assert {"foot patches", "car patches", "cells 100 m"} <= methods
    assert "foot places" not in methods
    with pytest.raises(InputError, match="no size to compare at"):
        evaluate_places(pinned.reader, EMPTY, PlacePlan(FIRST, LAST, (0.05,), ()))


@pytest.mark.real_data
def test_the_row_of_robbery_in_the_docs_is_what_chicago_gives(real_data: Path) -> None:
    """Single blocks and foot places, on 1% of the street length, chosen on 2014 to 2016."""
    incidents = duckdb.sql(
        f"""SELECT "Block" AS block, strptime("Date", '%m/%d/%Y %I:%M:%S %p') AS moment,
            try_cast("Longitude" AS DOUBLE) AS lon, try_cast("Latitude" AS DOUBLE) AS lat,
            "Primary Type" = 'ROBBERY' AS robbery
        FROM '{real_data / FILE}' WHERE lat BETWEEN 41.6 AND 42.1"""
    ).pl()
    counted = (
        incidents.with_columns(
            x_m=pl.col("lon") * 111_320 * np.cos(np.radians(41.85)), y_m=pl.col("lat") * 111_133
        )
        .group_by("block")
        .agg(
            pl.col("x_m").median(),
            pl.col("y_m").median(),
            before=(pl.col("robbery") & (pl.col("moment").dt.year() < 2017)).sum(),
            later=(pl.col("robbery") & (pl.col("moment").dt.year() == 2017)).sum(),
            incidents=pl.len(),
        )
        .sort("block")
    )
    blocks = blocks_of(counted)
    assert blocks is not None
    joined = blocks.frame.join(counted.select("block", "before", "later"), on="block")
    joined = joined.sort("block")
    before, later = (joined[name].to_numpy().astype(float) for name in ("before", "later"))
    expected = shrunk(before, blocks.length_m, blocks.xy)
    budget = 0.01 * blocks.length_m.sum()
    single = np.argsort(-expected / blocks.length_m, kind="stable")
    labels = choose_places(blocks.xy, expected, blocks.length_m, FOOT, 70)
    on_foot = np.argsort(np.where(labels == NO_PLACE, 999, labels), kind="stable")
    for order, hit_rate in ((single, SINGLE_BLOCKS), (on_foot, FOOT_PLACES)):
        taken = order[np.cumsum(blocks.length_m[order]) <= budget]
        assert later[taken].sum() / later.sum() == pytest.approx(hit_rate, abs=0.004)
