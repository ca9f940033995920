"""The Hot spots page: zones on map and list choose incidents, changes are kept with reasons."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.explore_page import ExplorePage, whole
from bench.site_server import SiteServer
from tests.browser.conftest import ZONES
from tests.browser.facts import Facts
from tests.browser.frame.test_reach import complaints

NAME = "zones_kmeans"
PROVENANCE_LINES = 7
FILLS = """(name) => {
  const fills = {};
  window.patroliq.maps[name].leaflet().eachLayer((layer) => {
    if (layer.feature && layer.options.fill && layer.options.fillOpacity) {
      fills[layer.feature.properties.id] = [layer.options.fillColor, layer.options.color].join();
    }
  });
  return fills;
}"""
# A place inside one drawn feature and under no mark, in page coordinates, and the feature's id.
INSIDE = """(name) => {
  const map = window.patroliq.maps[name].leaflet();
  const frame = map.getContainer().getBoundingClientRect();
  const size = map.getSize();
  const areas = [];
  map.eachLayer((layer) => {
    const filled = layer.options.fill && layer.options.fillOpacity && layer._containsPoint;
    if (layer.feature && filled) areas.push(layer);
  });
  for (const layer of areas) {
    const box = layer.getBounds();
    for (let across = 1; across < 20; across += 1) {
      for (let down = 1; down < 20; down += 1) {
        const at = map.latLngToContainerPoint([
          box.getSouth() + (down / 20) * (box.getNorth() - box.getSouth()),
          box.getWest() + (across / 20) * (box.getEast() - box.getWest()),
        ]);
        if (at.x <= 80 || at.y <= 10 || at.x >= size.x - 10 || at.y >= size.y - 40) continue;
        const [x, y] = [frame.left + at.x, frame.top + at.y];
        const over = document.elementFromPoint(x, y);
        const point = map.containerPointToLayerPoint(at);
        const inside = areas.filter((one) => one._containsPoint(point));
        if (inside.length === 1 && inside[0] === layer && !over.closest(".rank-mark")) {
          return [layer.feature.properties.id, x, y];
        }
      }
    }
  }
  return null;
}"""
VIEW = """(name) => {
  const map = window.patroliq.maps[name].leaflet();
  const { lat, lng } = map.getCenter();
  return [map.getZoom(), lat, lng];
}"""
PIXEL = 0.001  # degrees, at the zoom of the whole city


class HotSpotsPage(ExplorePage):
    """The page as an analyst handles it."""

    def open(self, query: str = "", fragment: str = f"h_model={NAME}") -> None:
        address = f"{self.url}/hotspots" + (f"?{query}" if query else "")
        self.page.goto(f"{address}#{fragment}")
        self.wait_beyond(0)

    def fills(self, name: str = "hotspots", least: int = 1) -> dict[str, str]:
        """Fill and line by id of what a map has drawn, once it has."""
        found: dict[str, str] = {}
        for _ in range(100):
            found = self.page.evaluate(FILLS, name)
            if len(found) >= least:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the map {name} shows {len(found)} of {least}")

    @property
    def zones(self) -> Locator:
        return self.page.locator("#hotspots-zones .zone")

    def zone(self, place: int) -> Locator:
        return self.zones.nth(place).locator(".zone-choice")

    def names(self) -> list[str]:
        return self.page.locator("#hotspots-zones .zone-name").all_inner_texts()

    def incidents_of(self, place: int) -> int:
        return whole(self.zone(place).locator(".zone-amount").inner_text().partition(" ")[0])


@pytest.fixture(scope="module")
def hotspots_site(champions_home: Path) -> Iterator[SiteServer]:
    with SiteServer(champions_home, PATROLIQ_WORKERS="1").running() as server:
        yield server


@pytest.fixture(scope="module")
def hotspots_facts(hotspots_site: SiteServer) -> Iterator[Facts]:
    found = Facts(hotspots_site.database)
    yield found
    found.close()


Opened = Callable[..., HotSpotsPage]


@pytest.fixture
def open_hotspots(hotspots_site: SiteServer, new_page: Callable[..., Page]) -> Opened:
    def opened(query: str = "", *further: str, **options: Any) -> HotSpotsPage:
        page = HotSpotsPage(new_page(**options), hotspots_site.url)
        page.open(query, "&".join((f"h_model={NAME}", *further)))
        return page

    return opened


def test_the_page_opens_with_two_maps_of_one_place_and_the_list(open_hotspots: Opened) -> None:
    page = open_hotspots()
    assert len(page.fills("hotspots", ZONES)) == ZONES
    assert len(page.fills("compared")) > ZONES
    assert page.zones.count() == ZONES
    assert all("beat" in name or "istrict" in name for name in page.names())
    amounts = [page.incidents_of(place) for place in range(ZONES)]
    assert amounts == sorted(amounts, reverse=True)
    views = [page.page.evaluate(VIEW, name) for name in ("hotspots", "compared")]
    assert views[0] == pytest.approx(views[1], abs=PIXEL)
    # another method is one request, and only its map changes
    before = page.fills("hotspots")
    with page.gesture() as made:
        page.page.get_by_label("Map B: what it shows").select_option("counts")
    assert len(made.requests) == 1
    assert "hotspots-map-state" not in made.outputs()
    expect(page.page.locator("#hotspots-compared-legend")).to_contain_text("per 820 ft cell")
    assert page.fills("hotspots") == before


def test_a_zone_clicked_in_the_list_is_a_chip_and_the_whole_app_follows(
    open_hotspots: Opened, hotspots_facts: Facts
) -> None:
    page = open_hotspots()
    name, amount = page.names()[1], page.incidents_of(1)
    with page.gesture() as made:
        page.zone(1).click()
    assert len(made.requests) == 1
    label = page.selection.removeprefix("zone=kmeans@1:")
    within = f"point_id IN (SELECT point_id FROM labels WHERE label = '{label}')"
    assert amount == hotspots_facts.count(within)
    expect(page.chip(name)).to_be_visible()
    expect(page.zone(1)).to_have_attribute("aria-pressed", "true")
    page.page.locator("a.rail-link", has_text="Explore").click()
    expect(page.page.locator("#explore-headline")).to_contain_text(f"{amount:,}")
    expect(page.chip(name)).to_be_visible()


def test_a_zone_clicked_on_the_map_is_the_same_clause(open_hotspots: Opened) -> None:
    page = open_hotspots()
    fills = page.fills("hotspots", ZONES)
    key, x, y = page.page.evaluate(INSIDE, "hotspots")
    with page.gesture() as made:
        page.page.mouse.click(x, y)
    assert len(made.requests) == 1
    assert page.selection == f"zone={key}"
    pressed = page.page.locator('#hotspots-zones [aria-pressed="true"]')
    assert pressed.evaluate_all("all => all.map((one) => one.dataset.key)") == [key]
    changed = page.fills("hotspots", ZONES)
    assert {one for one in fills if fills[one] != changed[one]} == {key}


def test_ranks_are_on_the_map_apart_from_each_other_and_choose_their_zone(
    open_hotspots: Opened,
) -> None:
    page = open_hotspots()
    marks = page.page.locator("#hotspots-map .rank-mark")
    expect(marks).to_have_count(ZONES)
    ranked = [whole(one) for one in marks.all_inner_texts()]
    assert sorted(ranked) == list(range(1, ZONES + 1))
    middles = marks.evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map((box) => [box.x, box.y])"
    )
    for place, (x, y) in enumerate(middles):
        for left, top in middles[:place]:
            assert (x - left) ** 2 + (y - top) ** 2 >= 19**2
    second = page.page.locator("#hotspots-map").get_by_role("button", name=re.compile("^2: "))
    with page.gesture() as made:
        second.press("Enter")
    assert len(made.requests) == 1
    expect(page.zone(1)).to_have_attribute("aria-pressed", "true")


def test_blocks_of_the_forecast_are_chosen_and_their_hours_are_one_request(
    open_hotspots: Opened,
) -> None:
    page = open_hotspots("hour=20-23", "h_a=forecast", "h_b=off")
    before = page.fills("hotspots", 50)
    assert all(len({*style.split(",")}) == 1 for style in before.values())  # edges as filled
    hours = page.page.get_by_label("Hours")
    expect(hours).to_contain_text("8 PM–midnight, as selected")
    with page.gesture() as made:
        hours.select_option("04-07")
    assert len(made.requests) == 1
    expect(page.page.locator("#hotspots-map-caption")).to_contain_text("4–8 AM")
    assert page.fills("hotspots", 50) != before
    page.page.get_by_text("Top 20 places").click()
    with page.gesture() as made:
        page.page.locator(".forecast-places .key-button").first.click()
    assert len(made.requests) == 1
    assert "block=" in page.page.url
    assert complaints(page) == []


def test_a_new_name_needs_a_reason_and_shows_everywhere_until_it_is_taken_back(
    open_hotspots: Opened,
) -> None:
    page = open_hotspots()
    before = page.names()
    line = page.zones.nth(0)
    line.locator("summary.zone-change").click()
    line.get_by_label("Name").fill("Old market")
    line.get_by_role("button", name="Rename").click()
    assert line.get_by_label("Reason").evaluate("field => field.validity.valueMissing")
    line.get_by_label("Reason").fill("Officers call it so")
    with page.gesture() as made:
        line.get_by_role("button", name="Rename").click()
    assert len(made.requests) == 1
    expect(page.zone(0)).to_contain_text("Old market")
    expect(page.page.locator("#hotspots-changes")).to_contain_text("Officers call it so")
    with page.gesture():
        page.zone(0).click()
    expect(page.chip("Old market")).to_be_visible()
    with page.gesture():
        page.page.locator("#hotspots-changes").get_by_role("button", name="Undo").click()
    assert page.names() == before


def test_zones_are_saved_with_where_they_are_from(
    open_hotspots: Opened, hotspots_site: SiteServer
) -> None:
    page = open_hotspots("type=THEFT")
    contents = []
    for words in ("zones as CSV", "as GeoJSON"):
        with page.page.expect_download(timeout=15_000) as waiting:
            page.page.locator("#hotspots-zones-files a", has_text=words).first.click()
        contents.append(Path(waiting.value.path()).read_text(encoding="utf-8"))
    head, rows = contents[0].splitlines()[:PROVENANCE_LINES], contents[0].splitlines()
    assert all(line.startswith("#") for line in head)
    for said in ("SYNTHETIC", "type=THEFT", hotspots_site.snapshot):
        assert said in "\n".join(head)
    table = list(csv.DictReader(rows[PROVENANCE_LINES:]))
    assert [row["name"] for row in table] == page.names()
    assert [int(row["incidents"]) for row in table] == [
        page.incidents_of(place) for place in range(ZONES)
    ]
    collection = json.loads(contents[1])
    assert collection["patroliq"]["selection"] == "type=THEFT"
    assert len(collection["features"]) == ZONES


def test_new_zones_are_asked_for_and_the_page_can_be_left(open_hotspots: Opened) -> None:
    page = open_hotspots()
    form = page.page.locator("#hotspots-train form")
    form.get_by_label("Number of zones", exact=True).fill("7")
    with page.gesture():
        form.get_by_role("button", name="Train").click()
    work = page.page.locator("#hotspots-work")
    expect(work).to_contain_text("k 7")
    expect(work.locator("[data-poll]")).to_have_count(1)
    page.page.locator("a.rail-link", has_text="Models").click()
    expect(page.page.locator("#models-work")).to_contain_text("k 7")
    page.page.locator("a.rail-link", has_text="Hot spots").click()
    expect(work).to_contain_text("k 7")
    # Sent at once: the card is redrawn every second, and on a busy machine never still for long.
    work.get_by_role("button", name=re.compile("^Cancel")).first.dispatch_event("click")
    expect(work.locator("[data-poll]")).to_have_count(0)


def test_axe_finds_nothing_serious_in_the_form_that_changes_a_zone(open_hotspots: Opened) -> None:
    page = open_hotspots("type=THEFT")
    page.zones.nth(0).locator("summary.zone-change").click()
    assert complaints(page) == []
