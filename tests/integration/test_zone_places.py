"""Patrol-sized places as zones: trained, promoted, listed, filtered by and exported."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.artifacts.labels import score
from analytics.artifacts.metric import Metric
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.inputs import weighted_points
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.training.promote import promote_first
from analytics.training.train import train
from analytics.training.zone_places import place_method
from analytics.training.zones import Zoning
from analytics.zones.edits import Edit
from analytics.zones.places import CAR, FOOT
from analytics.zones.street_blocks import street_blocks
from analytics.zones.zone_list import ZoneList
from components.hotspots.zones import zone_lines, zones_note

pytestmark = pytest.mark.timeout(900)  # a model is trained first
PLACES = 8
PARAMETERS = {"places": PLACES, "per": "city", "weight": "incidents"}


@pytest.fixture(scope="module")
def city(city_of_8000: Path) -> Settings:
    return Settings(home=city_of_8000, user="analyst")


@pytest.fixture(scope="module")
def pinned(city: Settings) -> Pinned:
    found = Services(city).pin()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def metrics(city: Settings, pinned: Pinned) -> dict[str, Metric]:
    """Metrics of the trained version, which is champion afterwards."""
    del pinned  # read before labels are published
    given = {"places": str(PLACES), "bootstraps": "2"}
    trained = train(["zones_foot"], city, parameters=given)
    assert [one.version for one in promote_first(trained, city)] == [1]
    return dict(trained[0].metrics)


@pytest.fixture(scope="module")
def served(city: Settings, metrics: dict[str, Metric]) -> tuple[Pinned, ZoneList]:
    del metrics
    services = Services(city)
    found = services.pin()
    assert found is not None
    return found, HotSpots(services, found).list_zones("zones_foot", EMPTY)


def zoned(pinned: Pinned, **parameters: object) -> Zoning:
    points = weighted_points(pinned.reader, EVERYTHING, EMPTY)
    return place_method(pinned.reader, FOOT)(points, PARAMETERS | parameters, 1)


def test_a_place_is_at_most_six_blocks_near_each_other(pinned: Pinned) -> None:
    zoning = zoned(pinned)
    assert zoning.zones == PLACES
    blocks = street_blocks(pinned.reader)
    assert blocks is not None
    of_point = dict(
        pinned.reader.frame(
            "SELECT point_id, mode(block) FROM incidents WHERE block IS NOT NULL GROUP BY ALL"
        ).iter_rows()
    )
    place = dict(zip(blocks.frame["block"], range(len(blocks)), strict=True))
    for number in range(PLACES):
        points = zoning.points.frame["point_id"].to_numpy()[zoning.labels == number]
        members = sorted({place[of_point[point]] for point in points})
        assert 1 <= len(members) <= FOOT.blocks
        apart = np.hypot(*(blocks.xy[members][:, None] - blocks.xy[members]).transpose(2, 0, 1))
        assert apart.max() <= 2 * FOOT.reach_m
        assert zoning.street_km[number] >= blocks.length_m[members].sum() / 1e3 - 1e-9


def test_a_place_by_car_is_larger(pinned: Pinned) -> None:
    points = weighted_points(pinned.reader, EVERYTHING, EMPTY)
    by_car = place_method(pinned.reader, CAR)(points, PARAMETERS, 1)
    assert min(by_car.street_km.values()) > max(zoned(pinned).street_km.values())


def test_the_rule_gives_known_points_their_label(pinned: Pinned) -> None:
    """Apart from points near a corner, where another street is nearer."""
    zoning = zoned(pinned)
    found = score(zoning.rule, zoning.table, zoning.points.xy)
    inside = zoning.labels >= 0
    assert np.mean(found[inside] == zoning.labels[inside]) > 0.9
    assert np.mean(found[~inside] == -1) > 0.99
    far = zoning.points.xy[:1] + 100_000.0
    assert score(zoning.rule, zoning.table, far).tolist() == [-1]


def test_by_harm_the_first_place_is_where_the_harm_is(pinned: Pinned) -> None:
    """All of it at a point with one incident, which is in no place by incidents."""
    points = weighted_points(pinned.reader, EVERYTHING, EMPTY, weight="harm")
    counted = zoned(pinned)
    worst = np.flatnonzero((counted.labels < 0) & (counted.points.weights == 1))[0]
    harm = pl.when(pl.int_range(pl.len()) == worst).then(1e6).otherwise(0.0).alias("weight")
    by_harm = replace(points, frame=points.frame.with_columns(harm))
    found = place_method(pinned.reader, FOOT)(by_harm, PARAMETERS | {"weight": "harm"}, 1)
    assert found.labels[worst] == 0


def test_each_district_has_its_places(pinned: Pinned) -> None:
    zoning = zoned(pinned, per="district", places=1)
    districts = pinned.reader.frame("SELECT count(DISTINCT district) FROM incidents").item()
    assert zoning.zones == districts


def test_without_hundreds_places_are_patches_of_cells(
    pinned: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.training.zone_places.street_blocks", lambda _reader: None)
    zoning = zoned(pinned)
    assert zoning.zones == PLACES
    assert zoning.street_km == {}
    assert zoning.shapes is not None
    for shape in zoning.shapes.values():
        assert shape.geom_type == "Polygon"  # connected
        assert shape.area <= FOOT.km2 * 1e6 * (1 + 1e-9)
    assert (score(zoning.rule, zoning.table, zoning.points.xy) == zoning.labels).all()


def test_places_are_evaluated_on_later_weeks(metrics: dict[str, Metric]) -> None:
    assert metrics["pai"].low is not None
    assert metrics["pai"].low > 1
    assert 0 < metrics["stability"].value <= 1


def test_the_list_has_street_and_share_of_the_places(served: tuple[Pinned, ZoneList]) -> None:
    pinned, listed = served
    assert (listed.of_places, listed.total) == (True, PLACES)
    ((incidents, days),) = pinned.reader.frame(
        "SELECT count(*), date_diff('day', min(operational_day), max(operational_day)) + 1 "
        "FROM incidents"
    ).iter_rows()
    for zone in listed.zones:
        assert zone.street_km is not None
        assert zone.street_km <= 6 * 0.41
        assert zone.km2 <= 0.25
        assert listed.share([zone]) == pytest.approx(zone.incidents / incidents)
        assert listed.weekly(zone) == pytest.approx(7 * zone.incidents / days)


def test_each_line_says_street_and_rate(served: tuple[Pinned, ZoneList]) -> None:
    _, listed = served
    lines, note = str(zone_lines(listed, frozenset(), {})), str(zones_note(listed, ""))
    assert lines.count(" incidents a week") == len(listed.zones)
    assert lines.count(" of street") == len(listed.zones)
    assert note.count(" of street") == 1


def test_a_drawn_area_over_places_adds_nothing_to_what_they_hold(
    served: tuple[Pinned, ZoneList],
) -> None:
    """Its incidents are those of the places below it, and it has no street length."""
    _, listed = served
    edit = Edit(
        1, listed.model, listed.version, "", "add", "Drawn", "", "", "analyst", "2026-11-01"
    )
    drawn = replace(
        listed.zones[0], key="added-1", profile={}, incidents=listed.incidents, added=edit
    )
    notes = [
        str(zones_note(one, "")) for one in (listed, replace(listed, zones=(*listed.zones, drawn)))
    ]
    alone, both = (note.partition(" shown hold ")[2].partition(" of street")[0] for note in notes)
    assert alone
    assert both == alone
    assert "drawn areas not counted" in notes[1]


def test_a_place_filters_the_incidents_of_its_points(served: tuple[Pinned, ZoneList]) -> None:
    pinned, listed = served
    first = listed.zones[0]
    dimension, key = first.clause
    chosen = Selection.parse(f"{dimension}={key}")
    counted = pinned.crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
    assert counted["incidents"].sum() == first.incidents > 0


def test_places_are_the_first_zones_offered_and_exported(
    city: Settings, served: tuple[Pinned, ZoneList]
) -> None:
    from app import create_app

    pinned, listed = served
    assert HotSpots(Services(city), pinned).model() == "zones_foot"
    client = create_app(city).server.test_client()
    text = client.get("/export/zones.csv").get_data(as_text=True)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [row["zone"] for row in rows] == [f"zone={zone.clause[1]}" for zone in listed.zones]
    assert [float(row["street_km"]) for row in rows] == [
        pytest.approx(zone.street_km, abs=1e-3) for zone in listed.zones
    ]
