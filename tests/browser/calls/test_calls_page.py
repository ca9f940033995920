"""The Calls page in a browser: one request for a click, filters of its own, and what is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from analytics.settings import Settings
from bench.app_page import AppPage
from bench.site_server import SiteServer
from bench.visits import OBSERVE, SCREENS, visit
from tests.browser.conftest import OPTIONS
from tests.browser.watcher import REPORT_VIOLATIONS, Watcher
from tests.integration.calls_town import ingest_calls, town_lines
from tests.integration.small_snapshot import publish_small

PHONE = "390 × 844"
DESK = "1280 × 720"
MOST_SHIFT = 0.1


@pytest.fixture(scope="module")
def calls_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    home: Path = tmp_path_factory.mktemp("calls")
    publish_small(home)
    ingest_calls(Settings(home=home), home, *town_lines())
    with SiteServer(home, PATROLIQ_WORKERS="1").running() as server:
        yield server


@pytest.fixture
def opened(
    browser: Browser, calls_site: SiteServer, watcher: Watcher
) -> Iterator[Callable[..., AppPage]]:
    """The watched page on a screen; it must stand where it stood first."""
    contexts = []

    def open_at(screen: str, fragment: str = "") -> AppPage:
        context = browser.new_context(**(OPTIONS | SCREENS[screen]))
        contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS)
        context.add_init_script(OBSERVE)
        app = AppPage(context.new_page(), calls_site.url)
        watcher.watch(app.page)
        found = visit(app, f"/calls{fragment}")
        assert found.shift < MOST_SHIFT, found.moved
        return app

    yield open_at
    watcher.leave()
    for context in contexts:
        context.close()


@pytest.mark.parametrize("screen", [DESK, PHONE])
def test_the_page_is_accessible_and_inside_the_screen_in_both_themes(
    opened: Callable[..., AppPage], screen: str
) -> None:
    app = opened(screen)
    for _ in range(2):
        assert Axe().run(app.page).response["violations"] == []
        spill = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert app.page.evaluate(spill) == 0
        with app.gesture():
            app.page.locator("#theme").click()


def test_a_click_filters_with_one_request_and_the_address_keeps_it(
    opened: Callable[..., AppPage],
) -> None:
    app = opened(DESK, "#c_by=priority")
    page = app.page
    every = page.locator("#calls-week").inner_text()
    with app.gesture() as made:
        page.locator("#calls-bars .bar-row", has_text="2").click()
    assert len(made.requests) == 1
    week = page.locator("#calls-week").inner_text()
    assert week != every
    counts = [int(cell) for cell in page.locator("#calls-week td").all_inner_texts()]
    assert [count for count in counts if count] == [20]  # Fridays at 11 PM
    with app.gesture() as made:
        page.locator("#calls-week [aria-label^='Friday 11 PM']").click()
    assert len(made.requests) == 1
    assert page.locator("#calls-week").inner_text() == week  # the view's own filter
    chips = page.locator("#calls-filters .calls-chips").inner_text()
    assert "Priority: 2" in chips
    address = page.url
    assert "hour_weekday" in address
    again = opened(DESK, "#" + address.partition("#")[2])
    assert again.page.locator("#calls-filters .calls-chips").inner_text() == chips


def test_an_assumption_changes_only_the_staffing(opened: Callable[..., AppPage]) -> None:
    app = opened(DESK)
    page = app.page
    before = page.locator("#calls-staffing").inner_text()
    workload = page.locator("#calls-workload").inner_text()
    with app.gesture() as made:
        page.get_by_label("Officers in a unit").fill("2")
        page.get_by_label("Officers in a unit").press("Tab")
    assert len(made.requests) == 1
    assert page.locator("#calls-staffing").inner_text() != before
    assert page.locator("#calls-workload").inner_text() == workload


def test_undo_and_redo_step_through_the_filters_of_calls(opened: Callable[..., AppPage]) -> None:
    app = opened(DESK, "#c_by=priority")
    page = app.page
    chips = page.locator("#calls-filters .calls-chips")
    none = chips.inner_text()
    with app.gesture():
        page.locator("#calls-bars .bar-row", has_text="2").click()
    chosen, address = chips.inner_text(), page.url
    with app.gesture() as made:
        page.keyboard.press("Control+z")
    assert len(made.requests) == 1
    assert chips.inner_text() == none
    assert "c_sel" not in page.url
    with app.gesture():
        page.keyboard.press("Control+Shift+z")
    assert (chips.inner_text(), page.url) == (chosen, address)
    assert page.locator("#selection-redo").is_disabled()
