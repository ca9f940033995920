"""The forecast on the Hot spots page: parts of the day, units, exports, earlier versions."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import numpy as np
import pytest
from flask.testing import FlaskClient

from analytics.artifacts.bundle import Bundle, champion, set_champion, version_folder, write_bundle
from analytics.artifacts.catalog import FORECASTS
from analytics.hotspot_answers import HotSpots
from analytics.services import Services
from analytics.settings import Settings
from analytics.zones.unit_forecast import UnitForecast
from tests.integration.stored_models import opened, store_street_forecast, words

pytestmark = pytest.mark.timeout(900)  # three models are trained first
CELLS, BLOCKS = FORECASTS
EVENING = "hour=20-23"


def store_copy(home: Path, of: Bundle, name: str, tables: Any, **changed: Any) -> None:
    """A version 1 of `name` with the facts of another bundle, in use."""
    kept = ("run_id", "snapshot", "selection", "source", "crs_local", "code_version", "trained",
            "person", "parameters", "rule")  # fmt: skip
    fields = {key: getattr(of, key) for key in kept} | {"metrics": {}, "version": 1, "name": name}
    shutil.rmtree(version_folder(home, name, 1), ignore_errors=True)
    made = write_bundle(version_folder(home, name, 1), fields | changed, tables, None)
    set_champion(home, made)


@dataclass
class Site:
    services: Services
    client: FlaskClient

    def shown(self, text: str = "", **page: str) -> Any:
        return opened(self.services, "/hotspots", text, h_a="forecast", h_b="off", **page)

    def units(self, model: str = CELLS) -> UnitForecast:
        pinned = self.services.pin()
        assert pinned
        return HotSpots(self.services, pinned).forecasts[model].units

    def csv(self, query: str) -> list[dict[str, str]]:
        text = self.client.get(f"/export/forecast.csv?plain=1&{query}").get_data(as_text=True)
        return list(csv.DictReader(StringIO(text)))


@pytest.fixture(scope="module")
def site(trained_city: Settings, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The trained city with a forecast of blocks."""
    from app import create_app

    home = Path(shutil.copytree(trained_city.home, tmp_path_factory.mktemp("read") / "home"))
    settings = Settings(home=home, user="analyst")
    services = Services(settings)
    store_street_forecast(services)
    return Site(services, create_app(settings).server.test_client())


def test_the_hours_of_the_selection_are_shown_where_they_are_a_band(site: Site) -> None:
    units = site.units()
    evening = site.shown(EVENING)
    expected = units.table(units.part_of("20-23"), shown=True)
    assert sum(evening["map"]["values"]) == pytest.approx(expected["expected"].sum(), abs=0.05)
    assert "8 PM–midnight (the selected hours)" in words(evening["caption"])
    assert "8 PM–midnight, as selected" in words(evening["forecast"])
    whole = site.shown(EVENING, h_ah="day")
    assert sum(whole["map"]["values"]) > 2 * sum(evening["map"]["values"])
    assert "all day" in words(whole["caption"])
    assert site.shown("")["map"]["values"] == whole["map"]["values"]
    early = site.shown(EVENING, h_ah="00-03")
    assert "midnight–4 AM" in words(early["caption"])
    shift = site.shown("shift=Night")
    assert "Night (10 PM–6 AM) (the selected hours)" in words(shift["caption"])


def test_hours_that_cut_a_band_are_said_to_be_none(site: Site) -> None:
    shown = site.shown("hour=21-22")
    assert "not a part of the day" in words(shown["forecast"])
    assert shown["map"]["values"] == site.shown("")["map"]["values"]


def test_cells_have_an_expected_count_with_its_interval_on_the_map_and_in_the_table(
    site: Site,
) -> None:
    state = site.shown(EVENING)["map"]
    for value, low, high in zip(state["values"], state["low"], state["high"], strict=True):
        assert (low is None) is (value == 0)
        assert low is None or low <= value + 1 <= high + 1
    texts = words(site.shown(EVENING)["forecast"])
    assert "Top 20 places" in texts
    assert "0 to 1" in texts


def test_blocks_are_drawn_in_the_order_of_their_shapes(site: Site) -> None:
    shown = site.shown(EVENING, h_au=BLOCKS)
    state = shown["map"]
    features = json.loads(site.client.get(state["url"]).data)["features"]
    units = site.units(BLOCKS)
    expected = units.table(units.part_of("20-23"), shown=True)
    assert [one["properties"]["id"] for one in features] == expected["block"].to_list()
    assert state["values"] == pytest.approx(expected["expected"].to_list(), abs=0.001)
    assert (state["layer"], state["dimension"], state["thin"]) == ("areas", "block", True)
    key = features[0]["properties"]["id"]
    chosen = site.shown(f"block={quote_plus(key)}", h_au=BLOCKS)
    assert chosen["map"]["selected"] == [key]
    assert "Street blocks" in words(shown["forecast"])
    assert "of street length expects" in words(shown["caption"])


def test_the_classes_are_shares_of_the_whole_street_length(site: Site) -> None:
    state = site.shown(h_au=BLOCKS)["map"]
    units = site.units(BLOCKS)
    km = units.table(shown=True)["km"].to_numpy()
    classes = np.array(state["classes"])
    for number, share in ((0, 0.01), (1, 0.05), (2, 0.10)):
        held = km[classes <= number].sum()
        assert share * units.whole - 0.5 < held <= share * units.whole


@pytest.mark.parametrize("model", [CELLS, BLOCKS])
def test_an_export_has_what_the_map_shows(site: Site, model: str) -> None:
    shown = site.shown(EVENING, h_au=model)
    link = next(
        part.href
        for part in shown["zones_files"]
        if "forecast.csv" in str(getattr(part, "href", ""))
    )
    assert f"_forecast={model}" in link
    assert "_hours=20-23" in link
    rows = site.csv(link.partition("?")[2])
    units = site.units(model)
    table = units.table(units.part_of("20-23")).sort("top_share")
    assert len(rows) == table.height
    assert float(rows[0]["expected"]) == pytest.approx(table["expected"][0], rel=1e-4)
    assert rows[0]["high"] == str(table["high"][0])
    answer = site.client.get(link.replace(".csv", ".geojson"))
    found = json.loads(answer.data)
    assert len(found["features"]) == table.height
    assert found["patroliq"]["forecast"]["hours"] == "20-23"
    assert found["features"][0]["properties"]["top_share"] == pytest.approx(
        table["top_share"][0], rel=1e-4
    )


@pytest.mark.parametrize("query", ["_hours=21-22", "_hours=x", "_forecast=zones_kmeans"])
def test_an_export_refuses_what_it_does_not_have(site: Site, query: str) -> None:
    assert site.client.get(f"/export/forecast.csv?{query}").status_code == 400


def test_a_version_without_parts_of_the_day_is_shown_and_says_what_it_lacks(
    trained_city: Settings, tmp_path: Path
) -> None:
    from app import create_app

    home = Path(shutil.copytree(trained_city.home, tmp_path / "home"))
    cells = champion(home, CELLS)
    assert cells
    tables = {"forecast": cells.table("forecast").select("cell", "col", "row", "expected"),
              "tested": cells.table("tested")}  # fmt: skip
    rule = {"kind": "forecast", "size_m": cells.rule["size_m"], "days": 7}
    store_copy(home, cells, CELLS, tables, rule=rule, metrics={})
    settings = Settings(home=home, user="analyst")
    old = Site(Services(settings), create_app(settings).server.test_client())
    shown = old.shown(EVENING)
    texts = words(shown["forecast"])
    assert "train it again" in texts
    assert "no forecast of street blocks yet" in texts.lower()
    assert sum(shown["map"]["values"]) > 1
    assert "all day" in words(shown["caption"])
    assert old.csv("")[0]["high"] == ""
    assert "Expected in 7 days" in words(shown["zones"])
