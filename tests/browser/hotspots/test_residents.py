"""Residents given while the page is open: offered, drawn, and what is empty is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analytics.demo.city import build_city
from analytics.demo.outlines import write_outlines
from analytics.demo.profile import DemoProfile
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.conftest import UNTIL
from tests.browser.hotspots.test_hotspots import HotSpotsPage

# A cell in the middle of the view that is drawn with a fill or without one, in page coordinates.
CELL = """([name, filled]) => {
  const map = window.patroliq.maps[name].leaflet();
  const frame = map.getContainer().getBoundingClientRect(), size = map.getSize();
  let found = null;
  map.eachLayer((layer) => {
    const isCell = layer.feature && String(layer.feature.properties.id).startsWith("250:");
    if (found || !isCell || !layer._containsPoint) return;
    if (layer.options.fillOpacity > 0 !== filled) return;
    const at = map.latLngToContainerPoint(layer.getBounds().getCenter());
    const inView = at.x > 80 && at.y > 60 && at.x < size.x - 60 &&
      at.y < Math.min(size.y - 60, window.innerHeight - frame.top);
    if (inView && layer._containsPoint(map.containerPointToLayerPoint(at))) {
      found = [frame.left + at.x, frame.top + at.y];
    }
  });
  return found;
}"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteServer]:
    home = tmp_path / "home"
    patroliq(home, "demo", "--incidents", "12000", "--seed", "7", "--until", UNTIL)
    with SiteServer(home, PATROLIQ_WORKERS="1").running() as server:
        yield server


def give_residents(home: Path, folder: Path) -> int:
    """Residents of every other area; how many people that is."""
    outlines = write_outlines(build_city(DemoProfile.load()), folder)["area"]
    features = json.loads(outlines.read_text())["features"]
    keys = sorted(each["properties"]["id"] for each in features)
    people = {key: 2_000 + 100 * number for number, key in enumerate(keys[::2])}
    file = folder / "people.csv"
    file.write_text("area,people\n" + "".join(f"{key},{n}\n" for key, n in people.items()))
    patroliq(home, "boundaries", "add", "area", str(outlines), "--key", "id")
    given = ("--key", "area", "--residents", "people")
    patroliq(home, "boundaries", "residents", "area", str(file), *given)
    return sum(people.values())


def test_residents_given_meanwhile_are_offered_and_drawn(
    site: SiteServer, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = HotSpotsPage(new_page(), site.url)
    page.open(fragment="h_b=off")
    page.page.get_by_text("Map settings").click()
    against = page.page.locator("#hotspots-h-vs")
    expect(against.locator("option").nth(1)).to_have_text("Theft")
    people = give_residents(site.home, tmp_path / "files")
    with page.gesture():
        page.page.get_by_label("Map A: what it shows").select_option("risk")
    expect(against.locator("option").nth(1)).to_have_text("Residents")
    with page.gesture() as made:
        against.select_option("residents")
    assert len(made.requests) == 1
    expect(against).to_have_value("residents")
    expect(page.page.locator("#hotspots-map-legend")).to_contain_text("1 is the rate overall")
    expect(page.page.locator("#hotspots-map-caption")).to_contain_text(f"{people:,} residents")
    page.page.get_by_text("Map settings").click()
    page.fills("hotspots", 20)
    for _ in range(4):  # a cell of the whole city is three pixels wide
        page.page.get_by_role("button", name="Zoom in").click()
        page.page.wait_for_timeout(500)
    for filled, said in ((True, "times the rate overall"), (False, "not compared here")):
        place = page.page.evaluate(CELL, ["hotspots", filled])
        assert place, said
        x, y = place
        for nudge in (1, 0):  # Leaflet leaves out moves within 32 ms of another
            page.page.mouse.move(x + nudge, y)
            page.page.wait_for_timeout(200)
        expect(page.page.locator(".map-tip").last).to_contain_text(said)
