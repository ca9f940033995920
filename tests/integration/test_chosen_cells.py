"""A map that opens with chosen cells frames and outlines them, and stays there afterwards."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
import shapely

from analytics.crossfilter.selection import Selection
from analytics.services import Pinned, Services
from analytics.settings import Settings
from callbacks.frame.framing import CELLS, city_corners, frame_of
from callbacks.frame.selection_shapes import drawn_shapes

CHOSEN = Selection.parse("cell=500:895_9280,500:896_9280,500:895_9281")


@pytest.fixture
def pinned(city_of_8000: Path) -> Pinned:
    found = Services(Settings(home=city_of_8000)).pin()
    assert found is not None
    return found


def test_cells_are_framed_by_a_map_that_opens_and_by_no_other(pinned: Pinned) -> None:
    city = city_corners(pinned)
    opened = frame_of(pinned, CHOSEN, None)
    assert opened.corners is not None
    (south, west), (north, east) = opened.corners
    geod = pyproj.Geod(ellps="WGS84")
    assert geod.inv(west, south, west, north)[2] == pytest.approx(1000, rel=0.05)
    assert geod.inv(west, south, east, south)[2] == pytest.approx(1000, rel=0.05)
    other = Selection.parse("cell=250:1790_18560")
    assert frame_of(pinned, other, opened.key).key == opened.key  # chosen on the map
    assert frame_of(pinned, other, "").key == ""
    elsewhere = frame_of(pinned, Selection.parse("near=41.8,-87.6,400"), opened.key)
    assert CELLS not in elsewhere.key
    for text in ("", "cell=unknown", "cell=10000:999999_1"):
        assert frame_of(pinned, Selection.parse(text), None).corners == city, text


def test_the_outline_is_that_of_the_cells_together(pinned: Pinned) -> None:
    """Area by geodesics of pyproj."""
    shapes = drawn_shapes(CHOSEN, pinned.snapshot.manifest.crs_local)
    assert shapes is not None
    (feature,) = shapes["features"]
    outline = shapely.geometry.shape(feature["geometry"])
    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(outline)
    assert abs(area) == pytest.approx(3 * 500**2, rel=0.01)
    assert outline.geom_type == "Polygon"
