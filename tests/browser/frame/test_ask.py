"""The box that finds things and reads phrases, by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bench.app_page import AppPage
from bench.site_server import SiteServer

PHRASE = "thefts on friday nights with purple hats"
MEANT = "type=THEFT&hour=22-05&weekday=5"


def test_a_phrase_is_shown_as_filters_then_applied_by_enter_and_escape_closes(
    site: SiteServer, new_page: Callable[..., Page]
) -> None:
    app = AppPage(new_page(), site.url)
    app.go("/models")
    page, box = app.page, app.page.locator("dialog#ask")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find or ask")).to_be_focused()
    field = page.locator("#ask-phrase")
    expect(field).to_have_attribute("aria-activedescendant", "ask-option-0")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "ask-option-1")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type(PHRASE)
    expect(box.locator(".ask-chips .chip")).to_have_text(["Theft", "10 PM–6 AM", "Friday nights"])
    expect(box.locator(".ask-lack")).to_contain_text("purple hats")
    expect(box.locator("[role=option][aria-selected=true]")).to_have_attribute("data-text", MEANT)
    serious = Axe().run(page).response["violations"]
    assert [one["id"] for one in serious if one["impact"] in ("serious", "critical")] == []
    expect(box.locator("[data-again]")).to_have_count(0)
    before = len(app.updates)
    with app.gesture() as made:
        page.keyboard.press("Enter")
    expect(box).to_be_hidden()
    assert len(made.requests) == len(app.updates) - before == 1
    assert page.evaluate("decodeURI(location.search)") == f"?{MEANT}"


def test_on_a_phone_the_box_fits_and_opens_a_page_by_touch(
    site: SiteServer, new_page: Callable[..., Page]
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    app = AppPage(new_page(**phone), site.url)
    app.go("/models")
    app.page.locator("#ask-open").tap()
    app.page.locator("#ask-phrase").fill("temp")
    option = app.page.get_by_role("option", name="Temporal")
    drawn = app.page.locator("#ask [data-phrase=temp]")  # the list is drawn again at each answer
    expect(drawn).to_be_visible()
    expect(app.page.locator("#ask [data-again]")).to_have_count(0)
    bounds = option.bounding_box()
    assert bounds is not None
    assert bounds["x"] >= 0
    assert bounds["x"] + bounds["width"] <= 390
    assert bounds["height"] >= 44
    option.tap()
    app.page.wait_for_url("**/temporal")
