"""A kept snapshot that one tab opens as it was, while another shows today's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.conftest import DEFAULT_TIMEOUT_MS, UNTIL
from tests.browser.watcher import Watcher

THEN, NOW = "20,000", "3,000"
"""Incidents of the snapshots."""


@pytest.fixture(scope="module")
def agency(agency_home: Path) -> Iterator[SiteServer]:
    """The small city, then another in its place."""
    patroliq(agency_home, "demo", "--incidents", "3000", "--seed", "2", "--until", UNTIL)
    with SiteServer(agency_home).running() as server:
        yield server


def headline(page: Page, *, shows: str) -> None:
    """Wait for the number of incidents, which a first answer of a worker takes seconds to count."""
    expect(page.locator("#explore-headline")).to_contain_text(shows, timeout=DEFAULT_TIMEOUT_MS)


def test_two_tabs_never_mix_what_is_now_with_what_was(
    person: Callable[..., Page], agency: SiteServer, watcher: Watcher
) -> None:
    watcher.expect("status of 409")  # what the server refuses a page of the other data
    tab = person(Role.ANALYST, "/explore")
    headline(tab, shows=NOW)
    other = tab.context.new_page()
    other.goto(f"{agency.url}/as-it-was")
    other.get_by_role("button", name="Open as it was").last.click()
    other.get_by_role("note", name="As it was").wait_for()
    other.goto(f"{agency.url}/explore")
    headline(other, shows=THEN)

    tab.locator(".presets button").first.dispatch_event("click")
    dialog = tab.get_by_role("dialog", name="Other data is open now")
    expect(dialog).to_contain_text("today's data")
    headline(tab, shows=NOW)
    dialog.get_by_role("button", name="Load the page again").click()
    expect(tab.get_by_role("note", name="As it was")).to_be_visible()
    headline(tab, shows=THEN)

    other.get_by_role("button", name="Return to today").click()
    other.wait_for_url(f"{agency.url}/")
    # Without the look at the cookie, the server refuses it: such as a page that refreshes itself.
    answer = tab.evaluate("fetch('/layers/current.json').then((answer) => answer.status)")
    assert answer == 409
    expect(tab.get_by_role("dialog")).to_be_visible()
    headline(tab, shows=THEN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_banner_fits_a_phone_and_paper_and_nothing_offers_a_change(
    person: Callable[..., Page], agency: SiteServer, scheme: str
) -> None:
    page = person(Role.ANALYST, "/as-it-was", color_scheme=scheme)
    page.get_by_role("button", name="Open as it was").last.click()
    banner = page.get_by_role("note", name="As it was")
    for path in ("/as-it-was", "/views", "/explore"):
        page.goto(agency.url + path)
        expect(banner).to_contain_text("Nothing can be changed here")
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], path
        forms = "main form[method='post']:not([action='/sign-out']):visible"
        assert page.locator(forms).count() == 0, path
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("html")).to_have_js_property("scrollWidth", 390)
        page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(media="print")
    expect(banner).to_be_visible()
    expect(page.get_by_role("button", name="Return to today")).to_be_hidden()
