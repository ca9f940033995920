"""A custom area from the analyst's drawing to the viewer's filter, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from bench.explore_page import ExplorePage
from bench.site_server import SiteServer

CHOICE = "section.filter button[data-dimension=custom_area]"


def complaints(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def incidents(page: Page) -> str:
    return page.locator("#explore-headline dd").first.inner_text()


def test_a_drawn_area_is_kept_shared_chosen_and_ended(
    agency: SiteServer, person: Callable[..., Page]
) -> None:
    analyst = person(Role.ANALYST, "/explore")
    explore = ExplorePage(analyst, agency.url)
    explore.stands()
    with explore.gesture():
        analyst.locator(".leaflet-draw-draw-rectangle").click()
        x, y = explore.center()
        explore.drag((x - 70, y - 70), (x + 70, y + 70))
    explore.settled()
    polygon = explore.selection
    explore.more_filters()
    analyst.get_by_role("link", name="Keep the drawn area").click()
    analyst.wait_for_url("**/custom-areas?polygon=*")
    section = analyst.locator("section", has=analyst.get_by_role("heading", name="Keep this"))
    section.get_by_label("Name").fill("Old town")
    section.get_by_label("viewers").check()
    section.get_by_role("button", name="Keep").click()
    expect(analyst.get_by_role("region", name="My areas")).to_contain_text("Old town")
    assert complaints(analyst) == []
    analyst.set_viewport_size({"width": 390, "height": 844})
    assert analyst.evaluate("document.documentElement.scrollWidth") == 390

    viewer = person(Role.VIEWER, "/explore", color_scheme="dark")
    theirs = ExplorePage(viewer, agency.url)
    theirs.open(polygon)
    theirs.settled()
    drawn = incidents(viewer)  # fewer than the analyst sees, whom nothing is hidden from
    theirs.open()
    theirs.more_filters()
    with theirs.gesture():
        viewer.locator(CHOICE, has_text="Old town").click()
    theirs.settled()
    assert incidents(viewer) == drawn
    assert re.fullmatch(r"custom_area=[0-9a-f]{10}", theirs.selection)
    expect(viewer.locator("#selection-chips")).to_contain_text("Old town")
    assert viewer.locator(".outline-label", has_text="Old town").count() == 1

    analyst.locator("summary", has_text="Change").click()
    analyst.get_by_label("Reason to end it").fill("Replaced")
    analyst.get_by_role("button", name="End", exact=True).click()
    expect(analyst.get_by_text("Ended (1)")).to_be_visible()
    viewer.reload()
    theirs.stands()
    expect(viewer.locator("#selection-chips")).to_contain_text("Old town (ended)")
    assert incidents(viewer) == drawn
    theirs.more_filters()
    expect(viewer.get_by_role("heading", name="Custom areas")).to_be_visible()
    assert viewer.locator(CHOICE).count() == 0
