"""Alerts with people of two roles: one works on them, one reads; paper, phone and the dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from analytics.alerts.watch_lists import WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.settings import Settings
from analytics.state import State
from bench.machine import patroliq
from bench.site_server import SiteServer


@pytest.fixture(scope="module")
def agency(agency_home: Path) -> Iterator[SiteServer]:
    """The small city with an analyst, a viewer, and the alerts of one check."""
    settings = Settings(home=agency_home)
    state = State(settings)
    rule = WatchRule.of("threshold", {"days": 28, "at_least": 1})
    WatchLists(state, settings).add("Thefts", rule, "type=THEFT", shared=True)
    state.close()
    patroliq(agency_home, "alerts", "check")
    with SiteServer(agency_home).running() as server:
        yield server


def open_theft(page: Page) -> str:
    """Open the alert of the watched thefts; returns its headline."""
    link = page.get_by_role("link", name=re.compile("^Thefts: "))
    text = link.inner_text()
    link.click()
    page.wait_for_url("**/alerts/*")
    return text


def test_an_analyst_works_on_an_alert_that_a_viewer_only_reads(
    person: Callable[..., Page],
) -> None:
    analyst, viewer = person(Role.ANALYST, "/"), person(Role.VIEWER, "/alerts")
    rail = analyst.get_by_role("navigation", name="Pages")
    new = int(rail.locator(".count").inner_text())
    rail.get_by_role("link", name="Alerts").click()
    analyst.wait_for_url("**/alerts")
    assert analyst.locator(".state.new").count() == new
    open_theft(analyst)
    analyst.get_by_label("Note").fill("Asked the desk")
    analyst.get_by_role("button", name="In work").click()
    expect(analyst.locator(".history")).to_contain_text("In work by analyst: Asked the desk")
    open_theft(viewer)
    expect(viewer.locator(".history")).to_contain_text("Asked the desk")
    assert viewer.get_by_role("button", name=re.compile("Acknowledged|Closed")).count() == 0
    analyst.goto(analyst.url.partition("/alerts")[0] + "/explore")
    assert int(analyst.locator(".rail .count").inner_text()) == new - 1


def test_explore_shows_the_incidents_of_an_alert(person: Callable[..., Page]) -> None:
    page = person(Role.ANALYST, "/alerts?state=all")
    headline = open_theft(page)
    counted = re.search(r"([\d,]+) incident", headline)
    assert counted
    page.get_by_role("link", name="Show the incidents on Explore").click()
    page.wait_for_url("**/explore?*")
    expect(page.locator("#explore-headline")).to_contain_text(counted[1])


def test_an_analyst_keeps_a_watch_list(person: Callable[..., Page]) -> None:
    page = person(Role.ANALYST, "/alerts")
    page.get_by_text("Add a watch list").click()
    page.get_by_label("Name").fill("Night robbery")
    page.get_by_label("Filters, or an address of Explore").fill("type=ROBBERY&hour=22-04")
    page.get_by_label("Fires when it").select_option("change")
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row", name=re.compile("^Night robbery"))
    expect(row).to_contain_text("analyst, private")
    row.get_by_text("Change").click()
    row.get_by_label("Mute until").fill("2030-01-01")
    row.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("row", name=re.compile("^Night robbery"))).to_contain_text("Muted")
    row = page.get_by_role("row", name=re.compile("^Night robbery"))
    row.get_by_text("Change").click()
    row.get_by_role("button", name="End it for good").click()
    expect(page.get_by_role("row", name=re.compile("^Night robbery"))).to_contain_text("Ended")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_paper_and_has_no_serious_accessibility_violation(
    person: Callable[..., Page], scheme: str
) -> None:
    page = person(Role.ANALYST, "/alerts?state=all", color_scheme=scheme)
    for opened in ("list", "alert"):
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390, opened
        page.set_viewport_size({"width": 1280, "height": 720})
        if opened == "list":
            open_theft(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Closed")).to_be_hidden()
