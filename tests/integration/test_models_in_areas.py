"""Readers of whole areas see what stored models have in these, and metrics of the whole city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl
import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.access.stored_results import OF_WHOLE_CITY, seen_results
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.champion_checks import current_forecast
from analytics.artifacts.index import read_index
from analytics.artifacts.method_comparison import read_comparison
from analytics.artifacts.results_without_counts import shown_forecast
from analytics.hotspot_answers import HotSpots
from analytics.incidents.warehouse import Warehouse, new_snapshot_id
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.zones.outlook import NoOutlook
from app import create_app
from callbacks.frame.pages import PAGES
from components.frame.no_zones import NO_ZONES, NoZones
from tests.integration.reader_answers import addresses, answers, text_of
from tests.integration.scoped_town import load_town, town
from tests.integration.town_results import FORECAST, SIZE_M, ZONES, store_results

ANALYST = frozenset({Role.ANALYST})
HIDDEN = ("type=CRIM+SEXUAL+ASSAULT", Precision.HIDDEN)
DISTRICT = Reader("Ada", ANALYST, ScopeRules("district=001"))
TWO = Reader("Bo", ANALYST, ScopeRules("district=001,002", (HIDDEN,)))
BEAT = Reader("Cy", ANALYST, ScopeRules("beat=0111"))
KIND = Reader("Di", ANALYST, ScopeRules("type=THEFT"))


@dataclass(frozen=True)
class ModeledTown:
    settings: Settings
    services: Services
    client: FlaskClient

    def pin(self) -> Pinned:
        found = self.services.pin()
        assert found
        return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModeledTown]:
    settings = Settings(home=tmp_path_factory.mktemp("modeled"), user="a")
    rows = town(240)
    load_town(settings, rows)
    store_results(settings, rows)
    services = Services(settings)
    yield ModeledTown(settings, services, create_app(settings).server.test_client())
    services.state.close()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


@pytest.mark.parametrize(("who", "labels"), [(DISTRICT, [0]), (TWO, [0, 1])])
def test_zones_in_the_areas_have_the_readers_own_counts(
    place: ModeledTown, who: Reader, labels: list[int]
) -> None:
    with reading(who):
        pinned = place.pin()
        rows = HotSpots(place.services, pinned).rows(ZONES)
        outlines = place.client.get(f"/geometry/zones/{ZONES}/1.geojson").get_json()
    assert [row["label"] for row in rows] == labels
    counted = pinned.reader.frame(
        "SELECT count(*) FROM incidents GROUP BY district ORDER BY district"
    )
    assert [row["incidents"] for row in rows] == counted["count_star()"].to_list()
    assert len(outlines["features"]) == len(labels)


def test_a_zone_that_reaches_beyond_is_left_out(place: ModeledTown) -> None:
    with reading(BEAT):
        pinned = place.pin()
        page = {one.page.name: one for one in PAGES}["Hot spots"]
        assert NO_ZONES[NoZones.NOT_SEEN] in answers(place.services, page, "")
        assert ZONES not in pinned.snapshot.manifest.model_versions
        assert not pinned.reader.frame("SELECT 1 FROM labels").height
        assert place.client.get(f"/geometry/zones/{ZONES}/1.geojson").status_code == 403


@pytest.mark.parametrize("who", [DISTRICT, TWO])
def test_cells_of_the_forecast_are_in_the_areas(place: ModeledTown, who: Reader) -> None:
    whole = Services(place.settings).pin()
    assert whole
    with reading(who):
        pinned = place.pin()
        found = current_forecast(place.settings.home, FORECAST, pinned.id)
    assert found
    located = whole.reader.frame(
        "SELECT district, floor(x_m / $size)::BIGINT AS col, floor(y_m / $size)::BIGINT AS row "
        "FROM incidents",
        {"size": SIZE_M},
    )
    own = ["001"] if who is DISTRICT else ["001", "002"]
    outside = located.filter(~pl.col("district").is_in(own)).select("col", "row").unique()
    inside = located.filter(pl.col("district").is_in(own)).select("col", "row").unique()
    cells = found.cells.select("col", "row")
    assert cells.height
    assert cells.join(outside, on=["col", "row"], how="semi").is_empty()
    assert cells.join(inside, on=["col", "row"], how="anti").is_empty()


def test_areas_of_the_demand_are_those_inside(place: ModeledTown) -> None:
    table = pl.DataFrame({"area": ["001", "002"], "expected": [1.234, 2.0]})
    with reading(DISTRICT):
        place.pin()
        seen = seen_results()
    assert shown_forecast(seen, table, {"level": "district"}).rows() == [("001", 1.2)]
    assert shown_forecast(seen, table, {"level": "ward"}).is_empty()


def test_blocks_of_the_forecast_are_in_the_areas(place: ModeledTown) -> None:
    blocks = ["001XX S THEFT11 ST", "002XX S THEFT21 ST", "009XX S NOWHERE ST"]
    table = pl.DataFrame({"block": blocks, "expected": [1.0, 1.0, 1.0]})
    with reading(DISTRICT):
        place.pin()
        seen = seen_results()
    assert shown_forecast(seen, table, {"size_m": 100})["block"].to_list() == blocks[:1]


def test_metrics_say_that_they_are_of_the_whole_city(place: ModeledTown) -> None:
    with reading(DISTRICT):
        place.pin()
        versions = read_index(place.settings.home)["versions"]
        bundle = Bundle.load(version_folder(place.settings.home, FORECAST, 1))
        page = {one.page.name: one for one in PAGES}
        explained = answers(place.services, page["Explain"], "", model=FORECAST)
    assert [one["name"] for one in versions] == [ZONES, FORECAST]
    assert all(OF_WHOLE_CITY in one["notes"] for one in versions)
    assert "whole" not in bundle.rule  # shares are of the cells that are shown
    assert OF_WHOLE_CITY in explained


def test_what_cannot_be_cut_to_areas_is_left_out(place: ModeledTown) -> None:
    with reading(DISTRICT):
        pinned = place.pin()
        seen = seen_results()
        assert HotSpots(place.services, pinned).outlook(ZONES).missing is NoOutlook.OF_WHOLE_CITY
        assert read_comparison(place.settings.home, "all") is None
    for name in ("temporal_kmeans", "patterns_pca", "terrain.all", "comparisons.all"):
        assert not seen.has(name)


def test_a_snapshot_has_no_labels_while_only_forecasts_are_in_use(settings: Settings) -> None:
    rows = town(60)
    load_town(settings, rows)
    warehouse = Warehouse(settings.home)
    current = warehouse.current()
    assert current
    with warehouse.lock(), warehouse.staging() as folder:
        warehouse.copy(current, folder)
        forecasts = replace(current.manifest, id=new_snapshot_id(), model_versions={FORECAST: "1"})
        warehouse.publish(folder, forecasts, None)
    services = Services(settings)
    for who in (DISTRICT, TWO, BEAT):
        with reading(who):
            pinned = services.pin()
        assert pinned
        assert pinned.is_scoped


def test_readers_of_areas_see_the_zones_that_they_drew_themselves(place: ModeledTown) -> None:
    square = "41.82,-87.69;41.83,-87.69;41.83,-87.68"
    drawn = {}
    for who in (Reader("Ev", frozenset(Role)), DISTRICT):
        with reading(who):
            pinned = place.pin()
            edits = HotSpots(place.services, pinned).edits
            edits.add(ZONES, 1, f"By {who.name}", square, "festival")
    for who in (Reader("Ev", frozenset(Role)), DISTRICT, TWO):
        with reading(who):
            edits = HotSpots(place.services, place.pin()).edits
            drawn[who.name] = [one.name for one in edits.of(ZONES, 1).added]
    assert drawn == {"Ev": ["By Ev", "By Ada"], "Ada": ["By Ada"], "Bo": []}


def test_readers_of_kinds_of_incidents_see_no_model(place: ModeledTown) -> None:
    with reading(KIND):
        place.pin()
        assert read_index(place.settings.home)["versions"] == []
        assert place.client.get("/export/forecast.csv").status_code == 400


def test_every_page_and_route_answers_without_names_of_other_areas(place: ModeledTown) -> None:
    for who in (DISTRICT, BEAT):
        with reading(who):
            texts = [answers(place.services, page, "") for page in PAGES]
            for address in addresses(place.pin().id, []):
                text = text_of(place.client.get(address).data)
                assert "Traceback" not in text
                texts.append(text)
        found = json.dumps(texts)
        assert "error occurred" not in found
        for other in ("Zone 1", "Zone 2", "STOP 2", "002XX", "003XX"):
            assert other not in found, (who.name, other)
