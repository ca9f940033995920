"""The selection in the address, in the history, and apart from other people's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page, Route

from bench.explore_page import ExplorePage
from bench.site_server import SiteServer
from tests.browser.facts import Facts

GEOMETRY = re.compile(r"/geometry/")
# Ids of the components that the page's own scripts give something to from now on.
RECORD_PROPS = """() => {
  const give = window.dash_clientside.set_props;
  window.given = [];
  window.dash_clientside.set_props = (id, props) => (window.given.push(id), give(id, props));
}"""


def test_quick_gestures_are_all_applied(explore: ExplorePage) -> None:
    with explore.gesture(answers=3):
        explore.page.evaluate(
            """() => {
              document.querySelector('#explore-offenses [data-key="ROBBERY"]').click();
              document.querySelector('#explore-areas [data-key="004"]').click();
              document.querySelector('#selection-presets [data-key="ytd"]').click();
            }"""
        )
    assert explore.selection == "type=ROBBERY&date=ytd&district=004"


def test_undo_redo_and_reset(explore: ExplorePage) -> None:
    assert explore.step("undo").is_disabled()
    for card, key in (("offenses", "ROBBERY"), ("areas", "004")):
        with explore.gesture():
            explore.bar(card, key).click()
    for step, expected in (
        ("undo", "type=ROBBERY"),
        ("undo", ""),
        ("redo", "type=ROBBERY"),
        ("redo", "type=ROBBERY&district=004"),
        ("reset", ""),
        ("undo", "type=ROBBERY&district=004"),
    ):
        with explore.gesture() as made:
            explore.step(step).click()
        assert len(made.requests) == 1
        assert explore.selection == expected


def test_back_forward_and_reload_restore_selection_and_numbers(explore: ExplorePage) -> None:
    everything = explore.incidents
    with explore.gesture():
        explore.bar("offenses", "ROBBERY").click()
    robberies = explore.incidents
    with explore.gesture():
        explore.bar("areas", "004").click()
    both = explore.settled()
    for go, expected in (
        (explore.page.go_back, "type=ROBBERY"),
        (explore.page.go_back, ""),
        (explore.page.go_forward, "type=ROBBERY"),
        (explore.page.go_forward, "type=ROBBERY&district=004"),
    ):
        with explore.gesture():
            go()
        assert (explore.selection, explore.query) == (expected, expected)
        assert explore.incidents == {"": everything, "type=ROBBERY": robberies}.get(
            expected, explore.incidents
        )
    explore.page.reload()
    explore.wait_beyond(0)
    explore.stands()
    explore.shows(both)


def test_a_mailed_address_opens_the_same_view(
    explore: ExplorePage, new_page: Callable[..., Page]
) -> None:
    with explore.gesture():
        explore.page.locator("#explore-offenses-level").select_option("group")
    with explore.gesture():
        explore.bar("offenses", "violent").click()
    with explore.gesture():
        explore.preset("last28d").click()
    other = ExplorePage(new_page(viewport={"width": 1440, "height": 900}), explore.url)
    other.page.goto(explore.page.url)
    other.wait_beyond(0)
    other.stands()
    other.shows(explore)
    assert other.page.locator("#explore-offenses-level").input_value() == "group"


def test_nonsense_in_the_address_is_said_in_words(blank: ExplorePage, facts: Facts) -> None:
    for query in ("type=&&=%ZZ", "hour=99", "nothing=1", "sel=abcdef", "polygon=1,2;3"):
        blank.open(query)
        assert "All incidents are shown." in blank.page.locator("#left-out").inner_text(), query
        assert "Traceback" not in blank.page.locator("body").inner_text()
        assert blank.incidents == facts.count()


def test_one_unreadable_filter_leaves_the_others_and_its_notice_waits(
    blank: ExplorePage, facts: Facts
) -> None:
    blank.open("type=ROBBERY&hour=25")
    assert blank.selection == blank.query == "type=ROBBERY"
    assert blank.incidents == facts.count("type = 'ROBBERY'")
    (said,) = blank.left_out
    assert "hour=25" in said
    with blank.gesture():
        blank.bar("areas", "004").click()
    assert blank.left_out == [said]
    with blank.gesture() as made:
        blank.page.locator("#left-out button").click()
    assert len(made.requests) == 1
    assert blank.left_out == []
    assert blank.selection == "type=ROBBERY&district=004"


def test_an_unknown_value_names_the_nearest(blank: ExplorePage) -> None:
    blank.open("type=ROBERY")
    assert "ROBBERY" in blank.notices
    assert blank.incidents == 0


def test_an_empty_card_draws_nothing_until_a_filter_is_removed(blank: ExplorePage) -> None:
    blank.open("type=ARSON&date=2026-10-01&district=001")
    assert blank.incidents == 0
    hours = blank.page.locator("#explore-hours")
    assert not hours.is_visible()
    button = blank.page.locator("#notice button[data-dimension=type]")
    said = re.search(r"\((\d+) match", button.text_content() or "")
    assert said
    with blank.gesture():
        button.click()
    assert blank.incidents == int(said[1]) > 0
    assert hours.is_visible()


def test_a_selection_in_markup_is_shown_as_text(blank: ExplorePage) -> None:
    blank.open("type=" + quote("<img src=x onerror=alert(1)>"))
    assert blank.page.locator("img[src=x]").count() == 0


def test_keys_undo_and_redo_but_not_while_typing(explore: ExplorePage) -> None:
    keyboard = explore.page.keyboard
    with explore.gesture():
        explore.bar("offenses", "ROBBERY").click()
    with explore.gesture() as made:
        keyboard.press("Control+z")
    assert (explore.selection, len(made.requests)) == ("", 1)
    with explore.gesture():
        keyboard.press("Control+Shift+z")
    assert explore.selection == "type=ROBBERY"
    explore.more_filters()
    explore.page.locator("#filter-near").press_sequentially("41")
    asked = len(explore.updates)
    keyboard.press("Control+z")
    explore.page.wait_for_timeout(300)
    assert (explore.selection, len(explore.updates)) == ("type=ROBBERY", asked)


def test_the_address_is_copied_also_without_the_clipboard_s_interface(
    explore: ExplorePage,
) -> None:
    """As over plain http, where browsers have none: `navigator.clipboard` is undefined."""
    page = explore.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    with explore.gesture():
        explore.bar("offenses", "ROBBERY").click()
    page.locator("[data-action=copy-link]").click()
    assert page.locator(".copied").text_content() == "Link copied."
    explore.more_filters()
    page.locator("#filter-near").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#filter-near").input_value() == page.url
    assert page.url.endswith("/explore?type=ROBBERY")


def test_a_long_selection_is_saved_whole(explore: ExplorePage, facts: Facts) -> None:
    """Its text alone would be longer than the request line that gunicorn accepts."""
    keys = [f"150:{column}_{row}" for column in range(2900, 3000) for row in range(30800, 30804)]
    with explore.gesture():
        explore.page.evaluate(
            "(keys) => patroliq.emit({action: 'choose', dimension: 'cell', keys})", keys
        )
    assert len(explore.selection) > 4_094
    with explore.page.expect_download(timeout=15_000) as waiting:
        explore.menu("table", "Save the list")
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert explore.selection in lines[4]
    assert len(lines) == 8 + explore.incidents


def test_a_very_long_selection_gets_a_short_address_that_reloads(
    explore: ExplorePage, facts: Facts
) -> None:
    cells = facts.rows(
        "SELECT '150:' || CAST(floor(x_m / 150) AS INT) || '_' || CAST(floor(y_m / 150) AS INT), "
        "count(*) FROM incidents WHERE x_m IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 180"
    )
    keys = [cell for cell, _ in cells]
    with explore.gesture():
        explore.page.evaluate(
            "(keys) => patroliq.emit({action: 'choose', dimension: 'cell', keys})", keys
        )
    assert len(explore.selection) > 1_500
    assert explore.query.startswith("sel=")
    assert len(explore.query) < 100
    shown = explore.incidents
    assert shown == sum(count for _, count in cells)
    explore.page.reload()
    explore.wait_beyond(0)
    assert (explore.incidents, explore.query[:4]) == (shown, "sel=")
    with explore.gesture():
        explore.bar("offenses", "ROBBERY").click()
    assert 0 < explore.incidents < shown


def test_two_browsers_do_not_see_each_other(
    site: SiteServer,
    new_context: Callable[..., BrowserContext],
    new_page: Callable[..., Page],
    facts: Facts,
) -> None:
    pages = [ExplorePage(new_page(new_context()), site.url) for _ in range(2)]
    for page in pages:
        page.open()
    one, other = pages
    for turn, district in (("ROBBERY", "004"), ("THEFT", "001")):
        with one.gesture():
            one.bar("offenses", turn).click()
        with other.gesture():
            other.bar("areas", district).click()
        assert (one.selection, other.selection) == (f"type={turn}", f"district={district}")
        assert one.incidents == facts.count(f"type = '{turn}'")
        assert other.incidents == facts.count(f"district = '{district}'")


def test_nothing_found_says_why_and_offers_the_way_out(blank: ExplorePage) -> None:
    blank.open("type=ARSON&hour=3&weekday=3&district=004&date=2025-01-05")
    assert blank.incidents == 0
    notice = blank.page.locator("#notice .notice")
    assert "No incidents match" in notice.inner_text()
    # The table has no words of its own: they could outlast the next answer's rows.
    assert "No incidents" not in blank.page.locator(".incident-grid").inner_text()
    with blank.gesture():
        notice.locator('button[data-dimension="date"]').click()
    assert "date" not in blank.selection


def test_the_theme_is_kept(explore: ExplorePage) -> None:
    with explore.gesture():
        explore.page.locator("#theme").click()
    assert explore.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    explore.page.reload()
    explore.wait_beyond(0)
    assert explore.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    with explore.gesture():
        explore.page.locator("#theme").click()
    assert explore.page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_a_map_that_comes_when_its_page_was_left_is_dropped(
    site: SiteServer, new_page: Callable[..., Page]
) -> None:
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page = new_page(viewport={"width": 1440, "height": 900})  # a cold cache: geometry is fetched
    page.route(GEOMETRY, hold_first)
    with page.expect_request(GEOMETRY):
        page.goto(f"{site.url}/explore")
    page.locator("a.rail-link", has_text="Models").click()
    page.locator("#models-versions").wait_for()
    page.evaluate(RECORD_PROPS)
    held[0].continue_()
    page.wait_for_timeout(1_000)
    assert page.evaluate("window.given") == []


def test_a_base_map_is_not_painted_when_its_page_was_left(explore: ExplorePage) -> None:
    """The watcher fails on an error of the script."""
    explore.page.evaluate(
        """() => {
          window.patroliq.redrawBase();
          window.patroliq.map.leaflet().remove();
        }"""
    )
    explore.page.wait_for_timeout(100)
