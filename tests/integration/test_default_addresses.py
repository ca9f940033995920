"""Places proposed as default addresses, decided on by command, flagged at the next ingest."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from analytics.audit import Audit
from analytics.cli import patroliq
from analytics.diagnosis import diagnose
from analytics.hotspots.default_addresses import (
    FULL,
    AddressProposal,
    Evidence,
    address_proposals,
    overlap,
)
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from tests import ROOT

TOWN = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "offense"
[columns]
id = "No"
occurred_from = "When"
location_type = "Where"
block = "Block"
lat = "Lat"
lon = "Lon"
[dates]
formats = "%Y-%m-%d"
"""
HEAD = "No,When,Where,Block,Lat,Lon"
KINDS = ("STREET", "RESIDENCE", "APARTMENT", "SIDEWALK", "STORE", "SCHOOL")
SHARES = (0.35, 0.2, 0.2, 0.12, 0.08, 0.05)
STATION, FALLBACK, SHOP = (41.9001, -87.7001), (41.9101, -87.7101), (41.9201, -87.7201)
ORDINARY = 600


def place(number: int) -> tuple[float, float]:
    return round(41.8 + number % 30 / 500, 4), round(-87.6 - number // 30 / 500, 4)


def town_rows(dice: np.random.Generator) -> list[str]:
    """600 ordinary places, each of mostly one kind; a station, a geocoder's fallback and a shop."""
    rows: list[tuple[str, str, tuple[float, float]]] = []
    for number in range(ORDINARY):
        kind = str(dice.choice(KINDS, p=SHARES))
        rows += [(kind, f"{number} MAIN ST", place(number))] * int(dice.integers(1, 6))
    rows += [("POLICE STATION", "1 STATION ST", STATION)] * 90
    rows += [("STREET", "1 STATION ST", STATION)] * 10
    rows += [("STORE", "1 MALL RD", SHOP)] * 220
    for kind, share in zip(KINDS, SHARES, strict=True):
        rows += [(kind, f"{number} OAK ST", FALLBACK) for number in range(round(200 * share))]
    return [
        f"{number},2020-01-{1 + number % 28:02d},{kind},{block},{lat},{lon}"
        for number, (kind, block, (lat, lon)) in enumerate(rows)
    ]


@pytest.fixture
def town(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home", user="chief")
    load_rows(settings, "all.csv", town_rows(np.random.default_rng(1)))
    return settings


def load_rows(settings: Settings, name: str, rows: list[str]) -> None:
    path = settings.home.parent / name
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    ingest([path], Source.parse(TOWN, Path("town.toml")), settings)


def run(settings: Settings, *arguments: str, code: int = 0) -> Any:
    environment = {"PATROLIQ_HOME": str(settings.home), "PATROLIQ_USER": "chief"}
    result = CliRunner().invoke(patroliq, ["addresses", *arguments, "--json"], env=environment)
    assert (result.exit_code == 0) == (code == 0), result.output
    return json.loads(result.stdout) if code == 0 else result.exception


def flagged(settings: Settings) -> dict[str, int]:
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        rows = connection.execute(
            "SELECT location_type, count(*) FROM incidents WHERE default_address GROUP BY 1"
        ).fetchall()
    return dict(rows)


def test_planted_places_are_proposed_with_their_kind_and_a_shop_is_not(town: Settings) -> None:
    listed = run(town, "list")
    by_place = {(one["lat"], one["lon"]): one for one in listed["proposed"]}
    assert by_place.keys() == {STATION, FALLBACK}
    station, fallback = by_place[STATION], by_place[FALLBACK]
    assert (station["incidents"], station["types"][0]) == (100, ["POLICE STATION", 90])
    assert station["evidence"] == [Evidence.INSTITUTION]
    assert fallback["evidence"] == [Evidence.MIXED]
    assert fallback["blocks"] > 50
    finding = next(one for one in diagnose(town, ROOT, {}) if one.name == "default addresses")
    assert finding.status == "warning"
    assert f"{STATION[0]},{STATION[1]}" in finding.message


def test_an_accepted_place_is_flagged_at_the_next_ingest_and_a_declined_one_is_not_proposed(
    town: Settings,
) -> None:
    station, fallback = (f"{lat},{lon}" for lat, lon in (STATION, FALLBACK))
    desk = ("--location-type", "POLICE STATION")
    accepted = run(town, "accept", station, *desk, *desk, "--why", "desk reports")
    assert (accepted["incidents"], accepted["person"]) == (90, "chief")
    run(town, "decline", fallback, "--why", "a square")
    assert run(town, "list")["proposed"] == []
    assert flagged(town) == {}
    again = ["90000,2020-02-01,STREET,1 MAIN ST,41.8,-87.6"]
    load_rows(town, "next.csv", again)
    assert flagged(town) == {"POLICE STATION": 90}
    run(town, "withdraw", station, "--why", "moved")
    load_rows(town, "next.csv", again)
    assert flagged(town) == {}
    run(town, "accept", station, "--why", "all of it")
    load_rows(town, "next.csv", again)
    assert flagged(town) == {"POLICE STATION": 90, "STREET": 10}
    entries = [
        (one.event, one.subject, one.person, one.details.get("why"))
        for one in Audit(State(town), town).entries()
        if one.event.startswith("default_address")
    ]
    assert entries == [
        ("default_address.accepted", station, "chief", "desk reports"),
        ("default_address.declined", fallback, "chief", "a square"),
        ("default_address.removed", station, "chief", "moved"),
        ("default_address.accepted", station, "chief", "all of it"),
    ]


def test_a_mistyped_place_is_refused(town: Settings) -> None:
    assert "41.5,-87.5" in str(run(town, "accept", "41.5,-87.5", "--why", "x", code=2))
    assert "latitude,longitude" in str(run(town, "accept", "here", "--why", "x", code=2))
    wrong = run(town, "withdraw", "41.9001,-87.7001", "--why", "x", code=2)
    assert "No decision" in str(wrong)


class MemoryReader:
    """Answers statements from a table of incidents in memory."""

    def __init__(self, incidents: pl.DataFrame) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.register("incidents", incidents)

    def frame(self, sql: str, params: dict[str, Any] | None = None) -> pl.DataFrame:
        return self._connection.sql(sql, params=params or {}).pl()


def proposed(incidents: pl.DataFrame) -> tuple[AddressProposal, ...]:
    return address_proposals(cast("SnapshotReader", MemoryReader(incidents)), (), ())


def simulated(dice: np.random.Generator, places: int = 3_000) -> pl.DataFrame:
    """A city without default addresses: counts with a heavy tail, each place mostly of one kind."""
    counts = np.ceil(dice.lognormal(0.6, 1.2, places)).astype(int)
    own = dice.choice(len(KINDS), places, p=SHARES)
    point = np.repeat(np.arange(places), counts)
    other = dice.choice(len(KINDS), len(point), p=SHARES)
    kind = np.where(dice.random(len(point)) < 0.5, own[point], other)
    return pl.DataFrame(
        {
            "point_id": pl.Series(point, dtype=pl.Int32),
            "lat": 41 + point / 1e5,
            "lon": -87 - point / 1e5,
            "location_type": np.array(KINDS)[kind],
            "block": pl.Series(point).cast(pl.String),
            "default_address": False,
        }
    )


def test_cities_without_default_addresses_seldom_have_a_proposal() -> None:
    dice = np.random.default_rng(3)
    cities = [proposed(simulated(dice)) for _ in range(60)]
    full = sum(
        int((city.group_by("point_id").len()["len"] > FULL * 3).sum())
        for city in (simulated(np.random.default_rng(seed)) for seed in range(5))
    )
    assert full > 50  # there are places to propose
    assert sum(bool(found) for found in cities) <= 3


def test_the_overlap_of_mixtures_is_one_less_the_distance_of_total_variation() -> None:
    one, other = {"a": 30, "b": 10}, {"a": 10, "b": 10, "c": 20}
    shares = np.array([[0.75, 0.25, 0], [0.25, 0.25, 0.5]])
    assert overlap(one, other) == pytest.approx(1 - np.abs(shares[0] - shares[1]).sum() / 2)
    assert overlap(one, one) == 1


@pytest.mark.real_data
def test_on_the_real_city_stations_are_found_and_shops_are_not(ingested_chicago: Path) -> None:
    """The agency's table flags stations; without it, and with hospitals decided, they are found."""
    settings = Settings(home=ingested_chicago)
    snapshot = Warehouse(settings.home).current()
    assert snapshot
    with closing(SnapshotReader(snapshot, settings)) as reader:
        rows = reader.frame(
            "SELECT point_id, lat, lon, location_type, block, false AS default_address "
            "FROM incidents"
        )
    decided = ("HOSPITALBUILDING/GROUNDS", "HOSPITAL", "ANIMALHOSPITAL")
    found = address_proposals(cast("SnapshotReader", MemoryReader(rows)), decided, ())
    assert len(found) >= 15
    first = [one.types[0][0] for one in found]
    assert all("POLICE" in kind or "JAIL" in kind for kind in first)
    assert {evidence for one in found for evidence in one.evidence} == {Evidence.INSTITUTION}
