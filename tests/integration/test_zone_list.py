"""The list of zones, its edits and its exports, against SQL on the labels of the snapshot."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from flask.testing import FlaskClient

from analytics.artifacts.bundle import champion
from analytics.artifacts.labels import score
from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.surface_classes import GiClass
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.city_expected import expected_in_city
from analytics.zones.outlook import newer_data_until
from analytics.zones.profile_table import trend_of
from analytics.zones.zone_counts import Folds, Zones, zone_counts
from analytics.zones.zone_list import ZoneList
from components.frame.forecast import outlook_sentence
from components.frame.zone_contrast import contrast_words
from tests.integration.every_incident import heading_counts

pytestmark = pytest.mark.timeout(900)  # three models are trained first
KMEANS, DBSCAN = "zones_kmeans", "zones_dbscan"
SQUARE = "40.01000,-39.01000;40.01000,-38.99000;39.99000,-38.99000;39.99000,-39.01000"
THEFTS = "type=THEFT&date=last365d"


@dataclass(frozen=True)
class Site:
    settings: Settings
    services: Services
    client: FlaskClient

    def spots(self) -> HotSpots:
        pinned = self.services.pin()
        assert pinned
        return HotSpots(self.services, pinned)

    def rows(self, sql: str) -> list[tuple]:
        snapshot = self.services.warehouse.current()
        assert snapshot
        with duckdb.connect(str(snapshot.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def site(trained_city: Settings) -> Site:
    from app import create_app

    return Site(trained_city, Services(trained_city), create_app(trained_city).server.test_client())


def zones(site: Site, text: str = "", model: str = KMEANS) -> ZoneList:
    return site.spots().list_zones(model, Selection.parse(text), top=100)


@pytest.mark.parametrize("model", [KMEANS, DBSCAN])
def test_counts_are_those_of_sql_on_the_labels(site: Site, model: str) -> None:
    listed = zones(site, THEFTS, model)
    last = site.rows("SELECT max(operational_day) FROM incidents")[0][0]
    expected = site.rows(
        "SELECT label, count(*), sum(coalesce(harm_days, 0)) FROM incidents JOIN labels "
        f"USING (point_id) WHERE model = '{model}' AND type = 'THEFT' "
        f"AND operational_day > DATE '{last}' - 365 GROUP BY label"
    )
    assert {zone.key: (zone.incidents, zone.harm) for zone in listed.zones if zone.incidents} == {
        label: (count, harm) for label, count, harm in expected[:100]
    } or len(expected) > 100
    (total,) = site.rows(
        f"SELECT count(*) FROM incidents WHERE type = 'THEFT' AND operational_day > DATE '{last}' "
        "- 365"
    )
    assert listed.incidents == total[0]
    counts = [zone.incidents for zone in listed.zones]
    assert counts == sorted(counts, reverse=True)
    assert listed.outside + listed.without_place + sum(counts) <= listed.incidents


def test_a_zone_clause_is_left_out_so_that_the_others_can_be_chosen(site: Site) -> None:
    everything, one = zones(site), zones(site, "zone=kmeans@1:3")
    assert [zone.incidents for zone in one.zones] == [zone.incidents for zone in everything.zones]


def test_profiles_are_stored_with_the_fit(site: Site) -> None:
    listed = zones(site)
    assert len(listed.zones) == 9
    for zone in listed.zones:
        row = zone.profile
        # The city is shared out to nine zones: none is named after one block.
        assert zone.km2 > 1.5
        assert "istrict" in zone.name
        assert "block" not in zone.name
        assert 0 <= row["peak_first"] <= 23
        assert row["types"][0]["share"] >= row["types"][-1]["share"] > 0
        assert trend_of(row)
        assert row["density_ratio"] > 0
        assert row["level_now"] > 0
        assert contrast_words(row).endswith(".")
    biggest = max(listed.zones, key=lambda zone: zone.profile["incidents"])
    top = site.rows(
        "SELECT type, count(*) FROM incidents JOIN labels USING (point_id) WHERE model = "
        f"'{KMEANS}' AND label = '{biggest.key}' AND default_address IS NOT TRUE "
        "GROUP BY type ORDER BY 2 DESC LIMIT 1"
    )
    assert biggest.profile["types"][0]["type"] == top[0][0]


@pytest.mark.parametrize("model", [KMEANS, DBSCAN])
def test_a_zone_expects_of_each_cell_what_its_incidents_are_of_the_cells(
    site: Site, model: str
) -> None:
    listed = zones(site, model=model)
    forecast, fitted = champion(site.settings.home, "hotspot_forecast"), site.spots().bundle(model)
    assert forecast
    cells = forecast.table("forecast")
    lying = site.rows(
        "SELECT floor(x_m / 500)::INT, floor(y_m / 500)::INT, label, count(*) FROM incidents "
        f"LEFT JOIN (FROM labels WHERE model = '{model}') USING (point_id) "
        "WHERE x_m IS NOT NULL AND default_address IS NOT TRUE GROUP BY ALL"
    )
    count: dict[tuple[int, int], dict[str | None, int]] = {}
    for col, row, label, incidents in lying:
        count.setdefault((col, row), {})[label] = incidents
    middles = (cells.select("col", "row").to_numpy() + 0.5) * 500
    scored = score(fitted.rule, fitted.table("labels"), middles)
    total: dict[str, float] = {}
    for (col, row, expected), label in zip(
        cells.select("col", "row", "expected").iter_rows(), scored.tolist(), strict=True
    ):
        found = count.get((col, row), {str(label): 1})
        for zone, incidents in found.items():
            part = expected * incidents / sum(found.values())
            total[str(zone)] = total.get(str(zone), 0.0) + part
    calibration = listed.outlook.calibration
    assert calibration
    levels = []
    for zone in listed.all_zones:
        assert zone.forecast
        assert zone.forecast.low <= zone.forecast.expected <= zone.forecast.high
        share = total.get(zone.key, 0.0)
        assert share > 0 or zone.forecast.expected == 0
        if share >= 0.2:
            levels.append(zone.forecast.expected / share)
    # A zone's own level, and the city's, move the sum of its cells by little.
    assert levels
    assert all(0.4 < level < 2.5 for level in levels)
    assert 0.85 < calibration.coverage <= 1
    assert calibration.folds == 6  # the later half of twelve
    assert listed.outlook.forecaster.startswith("kde")
    assert listed.outlook.about["past_forecasts"] == 6
    assert "by the smoothed density (KDE)" in outlook_sentence(listed.outlook)
    assert listed.outlook.is_baseline


def test_a_part_of_the_target_expects_its_share_of_each_zone(site: Site) -> None:
    """Of zones with a thousand incidents, the share is that of the zone itself."""
    whole, part = zones(site), zones(site, THEFTS)
    assert not whole.outlook.is_of_part
    assert part.outlook.is_of_part
    every = {zone.key: zone for zone in whole.zones}
    thefts = {zone.key: zone.incidents for zone in zones(site, "type=THEFT").zones}
    for zone in part.zones:
        before = every[zone.key]
        assert zone.forecast
        assert before.forecast
        if before.incidents > 1_000:
            share = thefts[zone.key] / before.incidents
            assert zone.forecast.expected == pytest.approx(
                before.forecast.expected * share, rel=0.05
            )
        assert zone.forecast.high - zone.forecast.low <= before.forecast.high - before.forecast.low


def test_zones_that_partition_the_city_expect_all_of_it(site: Site) -> None:
    listed, forecast = zones(site), champion(site.settings.home, "hotspot_forecast")
    assert forecast
    made = site.spots().forecast()
    assert made
    pinned = Services(site.settings).pin()
    assert pinned
    city = expected_in_city(pinned.reader, Selection(), made.cells)
    assert len(city) == 13
    expected = sum(zone.forecast.expected for zone in listed.all_zones if zone.forecast)
    assert expected == pytest.approx(city[-1], rel=0.05)  # but for the zones' own levels


@pytest.mark.parametrize("model", [KMEANS, DBSCAN])
def test_no_zone_with_incidents_of_late_expects_none(site: Site, model: str) -> None:
    busy = [zone for zone in zones(site, "date=last28d", model).all_zones if zone.incidents]
    assert len(busy) > 5
    for zone in busy:
        assert zone.forecast
        assert zone.forecast.expected > 0
        assert zone.forecast.high >= 1


def test_a_forecast_made_before_the_newest_data_says_so(site: Site) -> None:
    forecast = site.spots().forecast()
    assert forecast
    last = site.rows("SELECT max(operational_day) FROM incidents")[0][0]
    assert newer_data_until(forecast, last) is None
    later = last.replace(year=last.year + 1)
    assert newer_data_until(forecast, later) == later


def test_past_forecasts_add_up_to_what_happened(site: Site) -> None:
    forecast = champion(site.settings.home, "hotspot_forecast")
    assert forecast
    folds = forecast.table("folds").filter(
        pl.col("forecaster") == "kde_tuned", pl.col("area_share") == 0.01
    )
    tested = forecast.table("tested").group_by("cutoff").agg(pl.col("incidents").sum())
    assert dict(tested.iter_rows()) == dict(folds.select("cutoff", "incidents").iter_rows())


def test_cells_of_past_forecasts_are_counted_before_the_first_of_them(site: Site) -> None:
    made, pinned = site.spots().forecast(), site.services.pin()
    assert made
    assert pinned
    cutoffs = made.cells.cutoffs
    corners = ((40.01, -39.01), (40.01, -38.99), (39.99, -38.99), (39.99, -39.01))
    counted = Zones(KMEANS, 1, 9, [Polygon(corners)])
    folds = Folds(tuple(cutoffs), made.days)
    found = zone_counts(pinned.reader, Selection(), counted, made.cells.size_m, folds)
    for cells, until in (
        (found.cells, "true"),
        (found.before, f"operational_day < '{cutoffs[0]}'"),
    ):
        placed = (
            "SELECT count(*) FROM incidents WHERE point_id IS NOT NULL "
            f"AND default_address IS NOT TRUE AND {until}"
        )
        ((fitted,),) = site.rows(placed)
        assert cells.filter(pl.col("zone") < 9)["count"].sum() == fitted
        square = "lat BETWEEN 39.99 AND 40.01 AND lon BETWEEN -39.01 AND -38.99"
        ((inside,),) = site.rows(f"{placed} AND {square}")
        assert cells.filter(pl.col("zone") == 9)["count"].sum() == inside > 0


def test_proposals_are_kept_with_a_fit(site: Site) -> None:
    spots = site.spots()
    assert spots.bundle(KMEANS).table("proposals")["parameter"].to_list() == ["k"]
    found = spots.bundle(DBSCAN).table("proposals")
    assert found["parameter"].to_list() == ["eps_m", "min_samples"]
    eps, min_samples = (json.loads(one) for one in found["evidence"])
    assert 0 < eps["share"] <= 1
    assert min_samples["zones"] >= 1
    assert "curve_eps_m" in spots.bundle(DBSCAN).tables


def test_edits_change_the_list_and_can_be_taken_back(site: Site) -> None:
    spots = site.spots()
    before = zones(site)
    first, second = before.zones[:2]
    rename = spots.edits.rename(KMEANS, 1, first.key, "Madison", "officers call it so")
    suppress = spots.edits.suppress(KMEANS, 1, second.key, "closed for the year")
    added = spots.edits.add(KMEANS, 1, "Old market", SQUARE, "festival")
    changed = zones(site)
    assert changed.zones[0].name == "Madison"
    assert changed.zones[0].renamed
    assert second.key not in {zone.key for zone in changed.zones}
    assert [zone.key for zone, _ in changed.hidden] == [second.key]
    (market,) = [zone for zone in changed.zones if zone.added]
    assert market.clause == ("polygon", added.polygon)
    polygon = shapely.Polygon([(-39.01, 40.01), (-38.99, 40.01), (-38.99, 39.99), (-39.01, 39.99)])
    places = np.array(site.rows("SELECT lon, lat FROM incidents WHERE lat IS NOT NULL"))
    inside = shapely.contains_xy(polygon, places).sum()
    assert market.incidents == pytest.approx(inside, abs=2)  # its edges are straight in meters
    assert market.km2 == pytest.approx(2 * 1.11 * 2 * 0.852, rel=0.01)
    assert market.forecast
    for edit in (rename, suppress, added):
        spots.edits.undo(KMEANS, 1, edit.id)
    again = zones(site)
    assert [(zone.key, zone.name) for zone in again.zones] == [
        (zone.key, zone.name) for zone in before.zones
    ]


def test_the_list_is_exported_with_where_it_is_from(site: Site) -> None:
    answer = site.client.get(f"/export/zones.csv?model={KMEANS}&{THEFTS}")
    lines = answer.text.splitlines()
    assert sum(line.startswith("#") for line in lines) == 7
    assert "SYNTHETIC" in answer.text
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[7:]))))
    listed = zones(site, THEFTS)
    assert [row["name"] for row in rows] == [zone.name for zone in listed.zones]
    assert [int(row["incidents"]) for row in rows] == [zone.incidents for zone in listed.zones]
    assert rows[0]["zone"].startswith("zone=kmeans@1:")
    assert float(rows[0]["expected_low"]) <= float(rows[0]["expected"])
    assert float(rows[0]["density_ratio"]) > 0
    shapes = json.loads(site.client.get(f"/export/zones.geojson?model={KMEANS}&{THEFTS}").text)
    assert shapes["patroliq"]["version"] == 1
    assert shapes["patroliq"]["snapshot"]
    assert [one["properties"]["name"] for one in shapes["features"]] == [
        row["name"] for row in rows
    ]
    assert all(one["geometry"]["type"].endswith("Polygon") for one in shapes["features"])


@pytest.mark.parametrize("selection", ["", THEFTS, f"{THEFTS}&zone=kmeans@1:0", "zone=kmeans@1:1"])
def test_the_totals_of_exported_zones_are_the_sums_of_their_rows(
    site: Site, selection: str
) -> None:
    text = site.client.get(f"/export/zones.csv?model={KMEANS}&{selection}").text
    rows = list(csv.DictReader(io.StringIO("\n".join(text.splitlines()[7:]))))
    incidents, written, selected = heading_counts(text)
    chosen = site.client.get(f"/export/view.csv?view=total&plain=1&{selection}").text
    assert incidents == int(chosen.splitlines()[1].split(",")[0])
    assert written == sum(int(row["incidents"]) for row in rows)
    assert selected == sum(int(row["selected"]) for row in rows)
    if "zone=" in selection:
        (only,) = [row for row in rows if int(row["selected"])]
        assert only["zone"] == "zone=" + selection.partition("zone=")[2]
        assert int(only["selected"]) == int(only["incidents"]) == incidents
        assert "leave out the filter on zone" in text
    facts = site.client.get(f"/export/zones.geojson?model={KMEANS}&{selection}").json
    assert facts["patroliq"]["incidents"] == incidents
    assert facts["patroliq"]["written"] == written


@pytest.mark.parametrize("selection", ["", THEFTS, f"{THEFTS}&zone=kmeans@1:0"])
def test_the_totals_of_an_exported_surface_are_the_sums_of_its_cells(
    site: Site, selection: str
) -> None:
    text = site.client.get(f"/export/surface.csv?method=counts&size=500&{selection}").text
    rows = list(csv.DictReader(io.StringIO("\n".join(text.splitlines()[7:]))))
    _, written, _ = heading_counts(text)
    assert written == sum(float(row["value"]) for row in rows)
    assert ("leave out the filter on zone" in text) is ("zone=" in selection)


@pytest.mark.parametrize("query", ["method=nothing", "size=251", "band=x", "hour=25", "weight=y"])
def test_a_surface_of_something_else_than_was_asked_for_is_refused(site: Site, query: str) -> None:
    assert site.client.get(f"/export/surface.csv?{query}").status_code == 400


def test_a_surface_is_exported_with_where_it_is_from(site: Site) -> None:
    query = f"method=getis_ord&size=500&band=1000&{THEFTS}"
    answer = site.client.get(f"/export/surface.csv?{query}")
    assert "surface-getis-ord-500" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO("\n".join(answer.text.splitlines()[7:]))))
    assert {row["class"] for row in rows} <= {*GiClass}
    shapes = json.loads(site.client.get(f"/export/surface.geojson?{query}").text)
    assert len(shapes["features"]) == len(rows)
    assert shapes["patroliq"]["method"]["band_m"] == 1000
    assert shapes["features"][0]["properties"]["cell"] == rows[0]["cell"]


def test_a_model_that_is_not_there_is_said(site: Site) -> None:
    spots = site.spots()
    assert spots.model() == DBSCAN
    assert spots.model("zones_hierarchical") == DBSCAN
    with pytest.raises(InputError, match="train them"):
        spots.bundle("zones_hierarchical")


def test_an_edit_is_in_the_state_database_and_in_no_bundle(site: Site) -> None:
    row = site.spots().edits.suppress(DBSCAN, 1, "4", "a test")
    state = State(site.settings)
    with state.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT reason FROM zone_edits WHERE model = ?", (DBSCAN,)
        )
        assert found.fetchall() == [("a test",)]
    state.close()
    site.spots().edits.undo(DBSCAN, 1, row.id)
    assert champion(site.settings.home, DBSCAN)  # its checksums still hold
