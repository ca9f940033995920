"""Every page on every screen: in its place from the start, and inside the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from bench.app_page import AppPage
from bench.chromium import DESK
from bench.site_server import SiteServer
from bench.visits import OBSERVE, SCREENS, visit
from components.frame.shell import EXPLAIN, MODELS, PAGES, PATTERNS
from tests.browser.conftest import OPTIONS
from tests.browser.watcher import REPORT_VIOLATIONS, Watcher

MOST_SHIFT = 0.1
WIDE = "1920 × 1080"
"""Pages are not opened on it, but widened to it from the desk's screen."""
OPENED = [name for name in SCREENS if name != WIDE]
CHECKED = [name for name in OPENED if SCREENS[name] is not DESK]
SPILL = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PANEL = """() => {
  const box = document.querySelector(".more-panel").getBoundingClientRect();
  return {
    wide: box.left >= 0 && box.right <= innerWidth,
    high: box.top >= 0 && box.bottom <= innerHeight,
  };
}"""
STAYS = """() => {
    const rail = document.getElementById("rail");
    window.scrollTo(0, document.documentElement.scrollHeight);
    const { top } = rail.getBoundingClientRect();
    window.scrollTo(0, 0);
    return getComputedStyle(rail).position === "sticky" ? top : 0;
}"""
"""Where the rail of a wide screen is at the end of the page."""
RAIL = "(rail => rail.scrollHeight - rail.clientHeight)(document.getElementById('rail'))"
"""How much of the list of pages is out of sight."""


def in_ascii(screen: str) -> str:
    return screen.replace(" × ", "x")


@pytest.fixture(scope="module")
def champions_site(champions_home: Path) -> Iterator[SiteServer]:
    with SiteServer(champions_home, PATROLIQ_WORKERS="1").running() as server:
        yield server


Screens = Callable[[str, SiteServer], AppPage]


@pytest.fixture(scope="module")
def screens(browser: Browser) -> Iterator[Screens]:
    """A tab for each screen; opened again in it, a page's scripts are compiled already."""
    tabs: dict[str, AppPage] = {}

    def of(screen: str, site: SiteServer) -> AppPage:
        if screen not in tabs:
            context = browser.new_context(**(OPTIONS | SCREENS[screen]))
            context.add_init_script(REPORT_VIOLATIONS)
            context.add_init_script(OBSERVE)
            tabs[screen] = AppPage(context.new_page(), site.url)
        tabs[screen].url = site.url
        return tabs[screen]

    yield of
    for tab in tabs.values():
        tab.page.context.close()


@pytest.fixture
def screen(
    request: pytest.FixtureRequest, screens: Screens, watcher: Watcher
) -> Iterator[Callable[[SiteServer], AppPage]]:
    """The watched tab of the test's screen."""

    def of(site: SiteServer) -> AppPage:
        tab = screens(request.param, site)
        watcher.watch(tab.page)
        return tab

    yield of
    watcher.leave()


def complaints(app: AppPage) -> list[str]:
    found = Axe().run(app.page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {[node['target'] for node in one['nodes'][:3]]}"
        for one in found
    ]


def opened(app: AppPage, path: str, note: Callable[[str, Any], None]) -> None:
    """Visit a page, note its times, and expect it in its place and inside the screen."""
    found = visit(app, path)
    note("first_content_ms", round(found.first_content_ms))
    note("complete_ms", round(found.complete_ms))
    note("layout_shift", round(found.shift, 3))
    assert found.shift < MOST_SHIFT, found.moved
    assert app.page.evaluate(SPILL) == 0
    assert app.page.evaluate(RAIL) == 0
    assert app.page.evaluate(STAYS) == 0


@pytest.mark.parametrize("path", [page.path for page in PAGES])
@pytest.mark.parametrize("screen", OPENED, indirect=True, ids=in_ascii)
def test_a_page_stands_in_its_place_in_both_themes(
    path: str,
    screen: Callable[[SiteServer], AppPage],
    champions_site: SiteServer,
    record_property: Callable[[str, Any], None],
    request: pytest.FixtureRequest,
) -> None:
    app = screen(champions_site)
    opened(app, path, record_property)
    is_checked = request.node.callspec.params["screen"] in CHECKED
    assert not is_checked or complaints(app) == []
    with app.gesture():
        app.page.locator("#theme").click()
    assert app.page.evaluate(SPILL) == 0
    assert not is_checked or complaints(app) == []
    with app.gesture():
        app.page.locator("#theme").click()
    if not is_checked:
        app.page.set_viewport_size(SCREENS[WIDE]["viewport"])
        for _ in range(50):  # charts follow the width of the page a moment later
            if app.page.evaluate(SPILL) == 0:
                break
            app.page.wait_for_timeout(100)
        assert [app.page.evaluate(one) for one in (SPILL, RAIL, STAYS)] == [0, 0, 0]
        app.page.set_viewport_size(DESK["viewport"])


@pytest.mark.parametrize("path", [page.path for page in (MODELS, EXPLAIN, PATTERNS)])
@pytest.mark.parametrize("screen", CHECKED, indirect=True, ids=in_ascii)
def test_a_page_without_models_stands_in_its_place(
    path: str,
    screen: Callable[[SiteServer], AppPage],
    site: SiteServer,
    record_property: Callable[[str, Any], None],
) -> None:
    opened(screen(site), path, record_property)


@pytest.mark.parametrize("screen", [*SCREENS], indirect=True, ids=in_ascii)
def test_more_filters_open_inside_the_screen(
    screen: Callable[[SiteServer], AppPage], champions_site: SiteServer
) -> None:
    """On a phone they are part of the page, which scrolls."""
    app = screen(champions_site)
    app.go("/explore")
    fold = app.page.locator(".selection-bar > summary")
    is_phone = fold.is_visible()
    if is_phone:
        fold.click()
    with app.gesture():
        app.page.locator("details.more > summary").click()
    inside = app.page.evaluate(PANEL)
    assert inside["wide"]
    assert inside["high"] or is_phone
    assert app.page.evaluate(SPILL) == 0
