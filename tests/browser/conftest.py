"""Servers, browsers and pages: gunicorn with two workers, headless Chromium, nothing forgiven."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.chromium import DESK, chromium, launch
from bench.explore_page import ExplorePage
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.facts import Facts
from tests.browser.watcher import REPORT_VIOLATIONS, Watcher
from tests.built_once import build_once

HERE = Path(__file__).parent
UNTIL = "2026-11-20"
OPTIONS: dict[str, object] = {
    **DESK,
    "color_scheme": "light",
    "accept_downloads": True,
}
Opener = Callable[..., ExplorePage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; the tests skip without one, and fail under CI=true."""
    try:
        chromium()
    except FileNotFoundError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true, but {missing}")
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a small synthetic city, the same in every run."""
    arguments = ("demo", "--incidents", "20000", "--seed", "7", "--until", UNTIL)
    built = build_once(tmp_path_factory, "demo", lambda home: patroliq(home, *arguments))
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("demo") / "home"))


@pytest.fixture(scope="session")
def site(demo_home: Path) -> Iterator[SiteServer]:
    """The small city served by two workers; tests only read from it."""
    with SiteServer(demo_home).running() as server:
        yield server


@pytest.fixture(scope="session")
def facts(site: SiteServer) -> Iterator[Facts]:
    """The same numbers from the snapshot's own file, without the app."""
    found = Facts(site.database)
    yield found
    found.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., SiteServer]]:
    """Starts a server of the test's own on a home, by settings if any are given."""
    started: list[SiteServer] = []

    def start(home: Path, **settings: str) -> SiteServer:
        server = SiteServer(home, **settings)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(autouse=True)
def watcher() -> Iterator[Watcher]:
    """Fails the test on anything a page complained about."""
    watching = Watcher()
    yield watching
    watching.verify()


@pytest.fixture(scope="session")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """One analyst's browser, whose cache is warm: light, 1440 × 900."""
    context = browser.new_context(**OPTIONS)
    context.add_init_script(REPORT_VIOLATIONS)
    yield context
    context.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts, each like another person's browser."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**(OPTIONS | options))
        context.add_init_script(REPORT_VIOLATIONS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_page(
    desk: BrowserContext, new_context: Callable[..., BrowserContext], watcher: Watcher
) -> Iterator[Callable[..., Page]]:
    """Makes watched pages: of the analyst's browser, of another one with options, or as given."""
    pages: list[Page] = []

    def make(context: BrowserContext | None = None, **options: object) -> Page:
        page = (context or (new_context(**options) if options else desk)).new_page()
        watcher.watch(page)
        pages.append(page)
        return page

    yield make
    watcher.leave()
    for page in pages:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture
def open_page(site: SiteServer, new_page: Callable[..., Page]) -> Opener:
    """Opens the Explore page, by default of the small city, and waits until it stands."""

    def opened(
        query: str = "", fragment: str = "", url: str = "", **options: object
    ) -> ExplorePage:
        explore = ExplorePage(new_page(**options), url or site.url)
        explore.open(query, fragment)
        return explore

    return opened


@pytest.fixture(scope="session")
def desk_page(desk: BrowserContext, site: SiteServer) -> ExplorePage:
    return ExplorePage(desk.new_page(), site.url)


@pytest.fixture
def blank(desk_page: ExplorePage, watcher: Watcher) -> Iterator[ExplorePage]:
    """A watched tab, 1440 × 900 and light, in which the test opens what it needs."""
    watcher.watch(desk_page.page)
    yield desk_page
    watcher.leave()
    desk_page.page.goto("about:blank")


@pytest.fixture
def explore(blank: ExplorePage) -> ExplorePage:
    """The page with nothing chosen, loaded anew."""
    blank.open()
    return blank


@pytest.fixture
def standing(desk_page: ExplorePage, watcher: Watcher) -> Iterator[ExplorePage]:
    """Like `explore`, but reset instead of loaded anew where the page stands: ten times faster."""
    watcher.watch(desk_page.page)
    if desk_page.page.url.startswith(desk_page.url):
        with desk_page.gesture():
            desk_page.page.evaluate("patroliq.emit({ action: 'reset' })")
    else:
        desk_page.open()
    yield desk_page
    watcher.leave()
