"""The map of points: hover, click and table of a place, each compared with SQL."""

from __future__ import annotations

import re

from bench.explore_page import ExplorePage
from tests.browser.facts import Facts

# The topmost point of a place nobody else lies over, in page coordinates, with its value.
ALONE = """() => {
  const map = window.patroliq.map.leaflet(), points = [];
  map.eachLayer((layer) => {
    if (String(layer.feature && layer.feature.properties.id).startsWith("point-")) {
      points.push({ layer, at: map.latLngToContainerPoint(layer.getLatLng()) });
    }
  });
  const box = map.getContainer().getBoundingClientRect();
  const inside = ({ at }) => at.x > 80 && at.x < box.width - 80
    && at.y > 100 && at.y < box.height - 100;
  const gap = (one) => Math.min(...points.filter((other) => other !== one)
    .map((other) => other.at.distanceTo(one.at) - other.layer.getRadius()));
  const best = points.filter(inside).sort((a, b) => gap(b) - gap(a))[0];
  const { id, value } = best.layer.feature.properties;
  const { lat, lng } = best.layer.getLatLng();
  return { x: box.left + best.at.x, y: box.top + best.at.y, id, value, lat, lng };
}"""
STROKES = """() => {
  const found = {};
  window.patroliq.map.leaflet().eachLayer((layer) => {
    const id = String(layer.feature && layer.feature.properties.id);
    if (id.startsWith("point-")) found[id] = layer.options.color;
  });
  return found;
}"""


def test_a_point_tells_its_number_and_is_chosen_by_one_click(
    blank: ExplorePage, facts: Facts
) -> None:
    blank.open("type=ROBBERY", "map=points")
    blank.page.wait_for_timeout(500)
    there = facts.rows(
        "SELECT count(DISTINCT point_id) FROM incidents WHERE type = 'ROBBERY' AND lat IS NOT NULL"
    )[0][0]
    note = blank.page.locator("#explore-map-note").inner_text()
    assert re.match(r"([\d,]+) places in view", note)
    assert int(note.split()[0].replace(",", "")) <= there
    point = blank.page.evaluate(ALONE)
    counted = facts.count(f"type = 'ROBBERY' AND point_id = {point['id'].removeprefix('point-')}")
    assert point["value"] == counted
    blank.page.mouse.move(point["x"] - 2, point["y"])
    blank.page.mouse.move(point["x"], point["y"])
    assert blank.page.locator(".map-tip").inner_text().split() == [f"{counted:,}", "incidents"]
    with blank.gesture() as made:
        blank.page.mouse.click(point["x"], point["y"])
    assert len(made.requests) == 1
    assert re.fullmatch(r"type=ROBBERY&near=-?\d+\.\d+,-?\d+\.\d+,1", blank.selection)
    assert blank.incidents == counted
    blank.page.wait_for_timeout(300)
    strokes = blank.page.evaluate(STROKES)
    assert list(strokes.values()).count(strokes[point["id"]]) == 1
    with blank.gesture() as made:
        blank.page.mouse.click(point["x"], point["y"])
    assert len(made.requests) == 1
    assert blank.selection == "type=ROBBERY"


def test_the_table_of_the_points_map_lists_places_that_can_be_chosen(
    blank: ExplorePage, facts: Facts
) -> None:
    blank.open("type=ROBBERY", "map=points")
    with blank.gesture():
        blank.menu("map", "Table of the same numbers")
    rows = blank.numbers("map")
    fullest = facts.rows(
        "SELECT count(*) FROM incidents WHERE type = 'ROBBERY' AND lat IS NOT NULL "
        "GROUP BY point_id ORDER BY 1 DESC LIMIT 1"
    )[0][0]
    assert int(rows[0][1]) <= fullest
    with blank.gesture() as made:
        blank.page.locator("#explore-map-numbers tbody button").first.click()
    assert len(made.requests) == 1
    assert blank.incidents == int(rows[0][1])
