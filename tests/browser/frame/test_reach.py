"""Everything is reached by keyboard, named for screen readers, and fits its screen."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from bench.explore_page import ExplorePage
from tests.browser.conftest import Opener

SERIOUS = {"serious", "critical"}
PHONE = {"width": 390, "height": 844}


def complaints(explore: ExplorePage) -> list[str]:
    found = Axe().run(explore.page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): "
        + "; ".join(str(node["target"]) + node["failureSummary"] for node in one["nodes"][:3])
        for one in found
        if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    ],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_serious(open_page: Opener, options: dict[str, Any]) -> None:
    explore = open_page("type=ROBBERY,THEFT&district=004", **options)
    assert complaints(explore) == []
    if "viewport" in options:
        explore.page.locator(".selection-bar > summary").click()
    with explore.gesture():
        explore.menu("hours", "Table of the same numbers")
    explore.more_filters()
    assert complaints(explore) == []
    explore.page.keyboard.press("Escape")
    explore.page.locator("#explore-days-card details.menu > summary").click()
    assert complaints(explore) == []


def test_a_bar_is_reached_and_chosen_by_keyboard_with_its_focus_seen(explore: ExplorePage) -> None:
    focused = "document.activeElement.dataset.key || ''"
    explore.page.locator("#explore-offenses-level").focus()
    for _ in range(8):
        explore.page.keyboard.press("Tab")
        if explore.page.evaluate(focused) == "THEFT":
            break
    assert explore.page.evaluate(focused) == "THEFT"
    ring = explore.page.evaluate(
        "(() => { const style = getComputedStyle(document.activeElement);"
        " return [style.outlineStyle, parseFloat(style.outlineWidth), style.boxShadow]; })()"
    )
    assert (ring[0] != "none" and ring[1] >= 1) or ring[2] != "none"
    with explore.gesture():
        explore.page.keyboard.press("Enter")
    assert explore.selection == "type=THEFT"
    assert explore.page.evaluate(focused) == "THEFT"


def test_hours_and_map_are_chosen_by_keyboard_through_their_tables(explore: ExplorePage) -> None:
    for card, key in (("hours", "5-22"), ("map", "500:")):
        with explore.gesture():
            explore.menu(card, "Table of the same numbers")
        button = explore.page.locator(f'#explore-{card}-numbers [data-key^="{key}"]').first
        with explore.gesture():
            button.focus()
            explore.page.keyboard.press("Enter")
    assert explore.selection.startswith("hour_weekday=5-22&cell=500:")


def test_a_menu_closes_with_escape_and_gives_the_focus_back(explore: ExplorePage) -> None:
    summary = explore.page.locator("#explore-hours-card details.menu > summary")
    summary.focus()
    explore.page.keyboard.press("Enter")
    assert explore.page.locator("#explore-hours-card .menu-entries").is_visible()
    explore.page.keyboard.press("Escape")
    assert not explore.page.locator("#explore-hours-card .menu-entries").is_visible()
    assert summary.evaluate("(summary) => summary === document.activeElement")


BOXES = """() => [...document.querySelectorAll(".card, #explore-headline, .top-bar")]
  .filter((card) => card.offsetParent !== null)
  .map((card) => {
    const box = card.getBoundingClientRect();
    return [card.id || card.className, box.left, box.top, box.right, box.bottom];
  })"""
OVERFLOW = """() => {
  const page = document.scrollingElement;
  return [page.scrollHeight - page.clientHeight, page.scrollWidth - page.clientWidth];
}"""


def overlapping(boxes: list[Any]) -> list[tuple[str, str]]:
    return [
        (one[0], other[0])
        for one, other in combinations(boxes, 2)
        if one[1] < other[3] - 1
        and other[1] < one[3] - 1
        and one[2] < other[4] - 1
        and other[2] < one[4] - 1
    ]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
def test_a_desk_screen_needs_no_scrolling_and_nothing_overlaps(
    blank: ExplorePage, width: int, height: int
) -> None:
    blank.page.set_viewport_size({"width": width, "height": height})
    for query in ("", "type=ROBBERY,THEFT&hour=18-23&weekday=5,6&district=001,004&date=ytd"):
        blank.open(query)
        assert blank.page.evaluate(OVERFLOW) == [0, 0]
        boxes = blank.page.evaluate(BOXES)
        assert len(boxes) == 8
        assert overlapping(boxes) == []
        assert all(box[4] <= height and box[3] <= width for box in boxes)


def test_a_phone_shows_one_column_and_never_scrolls_sideways(open_page: Opener) -> None:
    explore = open_page("type=ROBBERY", viewport=PHONE, has_touch=True, is_mobile=True)
    assert explore.page.evaluate(OVERFLOW)[1] == 0
    boxes = [box for box in explore.page.evaluate(BOXES) if box[0].startswith("explore-")]
    assert overlapping(boxes) == []
    assert len({round(box[1]) for box in boxes}) == 1
    cards = [box for box in boxes if box[0].endswith("-card")]
    assert min(cards, key=lambda box: box[2])[0] == "explore-map-card"
    explore.page.locator(".selection-bar > summary").click()
    assert explore.page.evaluate(OVERFLOW)[1] == 0
    with explore.gesture():
        explore.bar("offenses", "THEFT").tap()
    assert explore.selection == "type=THEFT"
