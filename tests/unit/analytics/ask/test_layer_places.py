"""Intersections and names of the agency's layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.ask.layer_places import NAMED_RADIUS_M, LayerPlaces
from analytics.layers.add import LayerOptions, add_layer, remove_layer
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore
from analytics.settings import Settings
from tests.unit.analytics.layers.files import BLOCK, NE, SW, geojson, point


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_streets_cross_at_their_common_node_until_the_layer_is_removed(
    settings: Settings, tmp_path: Path
) -> None:
    places = LayerPlaces(LayerStore(settings.home))
    assert places.crossing("Main and Ash") is None
    path = geojson(tmp_path / "streets.geojson", BLOCK)
    add_layer(settings, LayerKind.STREETS, path, LayerOptions())
    found = places.crossing("ash avenue & South Main St")
    assert found is not None
    lon, lat = SW
    assert (found.near.lat, found.near.lon) == pytest.approx((lat, lon), abs=1e-5)
    assert places.crossing("Main and Nowhere") is None
    remove_layer(settings.home, "streets")
    assert places.crossing("Main and Ash") is None


def test_labels_and_places_are_found_by_the_beginnings_of_their_words(
    settings: Settings, tmp_path: Path
) -> None:
    path = geojson(tmp_path / "labels.geojson", [point(*NE, name="Midway Airport")])
    add_layer(settings, LayerKind.LABELS, path, LayerOptions(name="name"))
    places = LayerPlaces(LayerStore(settings.home))
    (found,) = places.find("midw air", 5)
    assert found.name == "Midway Airport"
    assert found.near.meters == NAMED_RADIUS_M
    assert (found.near.lon, found.near.lat) == pytest.approx(NE, abs=1e-5)
    assert places.find("12", 5) == []
