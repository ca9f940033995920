"""The map under and around the data: streets, water and names; the chosen place framed."""

from __future__ import annotations

from typing import Any

import pytest

from bench.explore_page import ExplorePage
from tests.browser.facts import Facts

# Zoom, corners in view, and the map's outlines of chosen areas.
MAP = """() => {
  const map = window.patroliq.map.leaflet(), box = map.getBounds(), chosen = [];
  map.eachLayer((layer) => {
    if (String(layer.feature && layer.feature.properties.id).includes("outlines-")) {
      chosen.push([layer.options.color, layer.getBounds().toBBoxString()]);
    }
  });
  return { zoom: map.getZoom(), box: box.toBBoxString(), chosen, size: window.patroliq.page.size };
}"""
# Shades of the canvas below the data, most frequent first; clear pixels are left out.
SHADES = """() => {
  const canvas = document.querySelector(".leaflet-base-pane canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counts = {};
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] !== 255) continue;
    const shade = "#" + [0, 1, 2].map((c) => data[at + c].toString(16).padStart(2, "0")).join("");
    counts[shade] = (counts[shade] || 0) + 1;
  }
  return counts;
}"""
FEW = 20
CSS_COLOR = "(name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"


def box_of(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def inside(inner: str, outer: str) -> bool:
    west, south, east, north = box_of(inner)
    left, bottom, right, top = box_of(outer)
    return left <= west and bottom <= south and east <= right and north <= top


def map_of(explore: ExplorePage, framed: str) -> dict[str, Any]:
    """The map once it has framed a place, and has had time to ask again, if it does."""
    for _ in range(100):
        if explore.page.evaluate("() => window.patroliq.page.framed") == framed:
            break
        explore.page.wait_for_timeout(100)
    explore.page.wait_for_timeout(500)
    found: dict[str, Any] = explore.page.evaluate(MAP)
    return found


def pixels_of(explore: ExplorePage, color: str) -> int:
    """Pixels below the data in the full color of a token, of which thin lines have few."""
    found = 0
    for _ in range(50):
        shades = explore.page.evaluate(SHADES)
        found = shades.get(explore.page.evaluate(CSS_COLOR, color), 0)
        if found > FEW:
            break
        explore.page.wait_for_timeout(100)
    return found


def test_streets_and_water_are_drawn_under_the_data_in_both_themes(explore: ExplorePage) -> None:
    for theme in ("light", "dark"):
        assert pixels_of(explore, "--map-water") > FEW, theme
        with explore.gesture():
            explore.page.locator("[data-action=theme]").first.click()
    explore.page.evaluate("() => { window.patroliq.map.leaflet().setZoom(15); }")
    for color in ("--map-street", "--map-street-major"):
        assert pixels_of(explore, color) > FEW, color


def test_a_chosen_district_is_framed_and_outlined_by_one_request(explore: ExplorePage) -> None:
    city = map_of(explore, "")
    assert city["chosen"] == []
    row = explore.bar("areas", "004")
    place = "district=004"
    asked = len(explore.updates)
    with explore.gesture() as made:
        row.click()
    shown = map_of(explore, place)
    assert len(made.requests) == 1
    assert len(explore.updates) == asked + 1
    assert shown["zoom"] > city["zoom"]
    ((color, box),) = shown["chosen"]
    assert color == explore.page.evaluate(CSS_COLOR, "--selected")
    assert inside(box, shown["box"])
    high, wide = (box_of(shown["box"])[at + 2] - box_of(shown["box"])[at] for at in (1, 0))
    own_high, own_wide = (box_of(box)[at + 2] - box_of(box)[at] for at in (1, 0))
    assert max(own_high / high, own_wide / wide) > 0.6  # a half zoom step less would not fit
    explore.page.evaluate("() => { window.patroliq.map.leaflet().zoomOut(1); }")
    explore.page.wait_for_timeout(1000)
    moved = explore.page.evaluate(MAP)
    with explore.gesture():
        explore.page.locator("#explore-offenses .bar-row").first.click()
    assert map_of(explore, place)["box"] == moved["box"]
    with explore.gesture() as made:
        row.click()
    assert map_of(explore, "")["zoom"] == city["zoom"]
    assert len(made.requests) == 1


def test_a_reset_shows_the_whole_city_again_after_somebody_zoomed(explore: ExplorePage) -> None:
    city = map_of(explore, "")
    with explore.gesture():
        explore.page.locator("#explore-offenses .bar-row").first.click()
    explore.page.locator("#explore-map").hover()
    explore.page.mouse.wheel(0, -500)
    for _ in range(50):
        if explore.page.evaluate(MAP)["zoom"] > city["zoom"]:
            break
        explore.page.wait_for_timeout(100)
    explore.page.wait_for_timeout(1000)  # it has asked for the cells of this zoom
    assert explore.page.evaluate(MAP)["zoom"] > city["zoom"]
    with explore.gesture() as made:
        explore.page.locator("#selection-reset").click()
    assert len(made.requests) == 1
    shown = map_of(explore, "")
    assert (shown["zoom"], shown["size"]) == (city["zoom"], city["size"])
    assert box_of(shown["box"]) == pytest.approx(box_of(city["box"]), abs=1e-3)


def test_a_link_opens_with_its_place_framed_and_the_cells_of_that_zoom(
    blank: ExplorePage, facts: Facts
) -> None:
    updates = len(blank.updates)
    blank.open("district=004")
    shown = map_of(blank, "district=004")
    assert len(shown["chosen"]) == 1
    answers = len(blank.updates) - updates
    blank.open()
    map_of(blank, "")
    assert len(blank.updates) - updates == 2 * answers  # a framed place asks no more than the city
    assert blank.incidents == facts.count("true")
    assert shown["size"] in ("150", "250", "500")
