"""What a map frames for a selection, and the zoom that fits it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.areas.place_frame import (
    DEEPEST,
    MARGIN_PX,
    ZOOM_STEP,
    Corners,
    PlaceFrame,
    place_frame,
)
from analytics.crossfilter.selection import Selection

CITY: Corners = [[41.6, -87.9], [42.1, -87.5]]
BOXES: Mapping[str, Mapping[str, Corners]] = {
    "district": {"001": [[41.8, -87.7], [41.9, -87.6]], "002": [[41.7, -87.7], [41.8, -87.6]]},
    "beat": {"0111": [[41.85, -87.65], [41.87, -87.63]]},
}


def framed(text: str) -> PlaceFrame:
    return place_frame(Selection.parse(text), lambda level: BOXES.get(level, {}), CITY)


def test_without_a_place_the_city_is_framed() -> None:
    for text in (
        "",
        "type=THEFT",
        "cell=250:1790_18560",
        "district=unknown",
        "ward=7",
        "near=41.8,-87.6,1",
    ):
        assert framed(text) == PlaceFrame("", CITY), text


def test_areas_are_framed_together_and_filters_by_what_they_share() -> None:
    assert framed("district=001").corners == BOXES["district"]["001"]
    both = framed("type=THEFT&district=001,002")
    assert both.corners == [[41.7, -87.7], [41.9, -87.6]]
    assert both.key == "district=001,002"
    assert framed("district=001&beat=0111").corners == BOXES["beat"]["0111"]
    assert framed("district=002&beat=0111").corners == BOXES["beat"]["0111"]  # nothing is shared


def test_a_circle_is_framed_by_its_radius() -> None:
    """Against geodesics of pyproj."""
    corners = framed("near=41.88,-87.63,500").corners
    assert corners is not None
    (south, west), (north, east) = corners
    geod = pyproj.Geod(ellps="WGS84")
    for lon, lat in ((west, 41.88), (east, 41.88), (-87.63, south), (-87.63, north)):
        assert geod.inv(-87.63, 41.88, lon, lat)[2] == pytest.approx(500, rel=0.005)


def test_a_drawn_area_is_framed_by_its_corners() -> None:
    found = framed("polygon=41.88,-87.63;41.89,-87.60;41.85,-87.61")
    assert found.corners == [[41.85, -87.63], [41.89, -87.6]]


def pixels(lat: float, lon: float, zoom: float) -> tuple[float, float]:
    """Web Mercator pixels by pyproj, not by our formulas."""
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    scale = 256 * 2**zoom / (2 * math.pi * 6_378_137)
    return x * scale, -y * scale


@settings(deadline=None)
@given(
    st.floats(-60, 60),
    st.floats(-170, 170),
    st.tuples(st.floats(0.01, 5), st.floats(0.01, 5)),
    st.tuples(st.integers(200, 1500), st.integers(200, 1000)),
)
def test_the_zoom_is_the_deepest_at_which_the_place_fits(
    south: float, west: float, degrees: tuple[float, float], px: tuple[int, int]
) -> None:
    (high, wide), (width, height) = degrees, px
    frame = PlaceFrame("x", [[south, west], [south + high, west + wide]])
    zoom = frame.zoom(width, height)
    assert zoom is not None
    assert (zoom / ZOOM_STEP).is_integer()

    def fits(at: float, slack: float) -> bool:
        left, bottom = pixels(south, west, at)
        right, top = pixels(south + high, west + wide, at)
        room = (width - 2 * MARGIN_PX, height - 2 * MARGIN_PX)
        return right - left <= room[0] * slack and bottom - top <= room[1] * slack

    assert fits(zoom, 1.005)  # Leaflet goes to a step that is less than 1% away
    assert zoom == DEEPEST or not fits(zoom + ZOOM_STEP, 0.995)


def test_the_view_has_the_size_of_the_map() -> None:
    frame = PlaceFrame("x", CITY)
    west, south, east, north = frame.view(551, 436, 10)
    left, bottom = pixels(south, west, 10)
    right, top = pixels(north, east, 10)
    assert np.allclose((right - left, bottom - top), (551, 436), atol=0.2)
    assert (west + east) / 2 == pytest.approx(-87.7, abs=1e-4)


def test_a_map_that_is_not_laid_out_has_no_zoom() -> None:
    assert PlaceFrame("", CITY).zoom(0, 0) is None
    assert PlaceFrame("", None).zoom(500, 500) is None
    assert PlaceFrame("x", [[41.8, -87.6], [41.8, -87.6]]).zoom(500, 500) == DEEPEST
