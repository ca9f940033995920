"""A series that an analyst decides on and a viewer reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from analytics.series.found_series import FoundSeries
from analytics.series.stored_series import StoredSeries
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from bench.site_server import SiteServer

NEWEST = """
SELECT id FROM incidents WHERE type = 'BURGLARY' AND lat IS NOT NULL
ORDER BY operational_day DESC, id LIMIT 5
"""


@pytest.fixture(scope="module")
def agency(agency_home: Path) -> Iterator[SiteServer]:
    """The small city with an analyst, a viewer, and a series that a run proposes."""
    settings = Settings(home=agency_home)
    pinned = Services(settings).pin()
    assert pinned is not None
    ids = tuple(pinned.reader.frame(NEWEST)["id"])
    state = State(settings)
    result = {
        "title": "Burglary", "selection": "type=BURGLARY", "first": "2026-05-05",
        "last": "2026-10-31", "incidents": 77, "pairs": 5, "linked": 1.0, "p": 0.05, "found": 1,
        "tested": 1, "by_chance": 0.1, "trouble": None, "model": None,
    }  # fmt: skip
    StoredSeries(state, settings).store("burglary", [FoundSeries(ids, 9.0, 0.1)], result, "s")
    state.close()
    with SiteServer(agency_home).running() as server:
        yield server


def test_an_analyst_decides_on_a_series_that_a_viewer_only_reads(
    person: Callable[..., Page],
) -> None:
    analyst = person(Role.ANALYST, "/series")
    analyst.get_by_role("link", name="Series 1", exact=True).click()
    analyst.get_by_label("Name").fill("Back doors")
    analyst.get_by_role("button", name="Save the name").click()
    analyst.get_by_role("button", name="Confirm").click()
    expect(analyst.locator(".state")).to_have_text("Confirmed")
    rows = analyst.get_by_role("region", name="Incidents").locator("tbody tr")
    for at in (3, 4):
        rows.nth(at).get_by_role("checkbox").check()
    analyst.get_by_role("button", name="Split off the chosen").click()
    analyst.wait_for_url("**/series/2")
    expect(rows).to_have_count(2)
    assert not Axe().run(analyst).violations_count
    analyst.get_by_role("button", name="Merge").click()
    expect(rows).to_have_count(2)  # none was chosen
    analyst.get_by_label("Merge another series").select_option("1")
    analyst.get_by_role("button", name="Merge").click()
    expect(rows).to_have_count(5)
    viewer = person(Role.VIEWER, "/series?state=all", color_scheme="dark")
    expect(viewer.locator("tbody tr").filter(has_text="Merged")).to_contain_text("Back doors")
    viewer.get_by_role("link", name="Series 2", exact=True).click()
    expect(viewer.locator("figure svg")).to_be_visible()
    assert viewer.locator("main form:not([action])").count() == 0
    assert not Axe().run(viewer).violations_count
    analyst.get_by_role("button", name="Make a bulletin").click()
    analyst.wait_for_url("**/briefings/*")
    expect(analyst.locator("main")).to_contain_text("Be on the look-out: Series 2")
