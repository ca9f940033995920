"""Servers, browsers and pages: gunicorn with two workers, headless Chromium, nothing forgiven."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.artifacts.index import read_index
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from bench.chromium import DESK, chromium, launch
from bench.explore_page import ExplorePage
from bench.machine import ROOT, environment, patroliq
from bench.site_server import SiteServer
from tests.browser.facts import Facts
from tests.browser.watcher import REPORT_VIOLATIONS, Watcher
from tests.built_once import build_once
from tests.integration.stored_models import store_street_forecast

HERE = Path(__file__).parent
UNTIL = "2026-11-20"
PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of accounts that tests make
DEFAULT_TIMEOUT_MS = 30_000  # Playwright's own
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


ZONES = 9
# One process instead of four: importing MLflow takes most of the time.
TRAINED = f"""
from analytics.settings import Settings
from analytics.training.promote import promote_first
from analytics.training.train import train

settings = Settings.from_environment()
for name, parameters in {{
    "zones_kmeans": {{"k": "{ZONES}", "bootstraps": "2"}},
    "patterns_tsne": {{"sample": "1500"}},
    "patterns_pca": {{"sample": "1500"}},
    "patterns_offense_profile": {{"classes": "4"}},
}}.items():
    promote_first(train([name], settings, parameters=parameters), settings)
"""


def _with_champions(home: Path) -> None:
    patroliq(home, "demo", "--incidents", "15000", "--seed", "7", "--until", UNTIL)
    done = subprocess.run(
        [sys.executable, "-c", TRAINED],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    champions = {row["name"] for row in read_index(home)["versions"] if row["champion"]}
    assert len(champions) == 4, done.stdout
    store_street_forecast(Services(Settings(home=home)))


@pytest.fixture(scope="module")
def champions_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's own copy of a small city with zones, a forecast of its blocks, and patterns."""
    built = build_once(tmp_path_factory, "champions", _with_champions)
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("champions") / "home"))


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


def rest(page: Page) -> None:
    """Leave the app for a page of its site on which nothing runs, as large as a new one.

    `about:blank` would end the process that has compiled the scripts: the next page of the app
    took three times as long.
    """
    address = urlsplit(page.url)
    page.unroute_all()
    page.set_viewport_size(DESK["viewport"])
    if address.scheme == "http":
        page.evaluate("localStorage.clear()")
        page.goto(f"http://{address.netloc}/health")


@pytest.fixture(scope="session")
def tabs(desk: BrowserContext) -> list[Page]:
    """Tabs of the analyst's browser that rest until a test takes them."""
    return []


@pytest.fixture
def new_page(
    desk: BrowserContext,
    tabs: list[Page],
    new_context: Callable[..., BrowserContext],
    watcher: Watcher,
) -> Iterator[Callable[..., Page]]:
    """Makes watched pages: of the analyst's browser, of another one with options, or as given."""
    taken: list[Page] = []
    pages: list[Page] = []

    def make(context: BrowserContext | None = None, **options: object) -> Page:
        if context or options:
            page = (context or new_context(**options)).new_page()
            pages.append(page)
        else:
            page = tabs.pop() if tabs else desk.new_page()
            page.set_default_timeout(DEFAULT_TIMEOUT_MS)
            taken.append(page)
        watcher.watch(page)
        return page

    yield make
    watcher.leave()
    for page in pages:
        page.close()
    for page in taken:
        try:
            rest(page)
        except BrowserError:  # the test stopped the server
            page.close()
        else:
            tabs.append(page)


@pytest.fixture(scope="module")
def agency_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's own copy of the small city, with accounts of an analyst and a viewer."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("agency") / "home"))
    settings = Settings(home=home)
    state = State(settings)
    for role in (Role.ANALYST, Role.VIEWER):
        People(state, settings).add(role, [role], PASSWORD)
    state.close()
    return home


@pytest.fixture(scope="module")
def agency(agency_home: Path) -> Iterator[SiteServer]:
    """The small city with an analyst and a viewer, served."""
    with SiteServer(agency_home).running() as server:
        yield server


@pytest.fixture
def person(
    agency: SiteServer,
    new_context: Callable[..., BrowserContext],
    new_page: Callable[..., Page],
    watcher: Watcher,
) -> Callable[..., Page]:
    """Signs a person of a role in, in a browser of that person's, and opens a page."""
    watcher.expect("status of 401")

    def sign_in(role: Role, path: str, **options: object) -> Page:
        page = new_page(new_context(**options))
        page.set_default_timeout(2 * DEFAULT_TIMEOUT_MS)  # a briefing is drafted in a request
        page.goto(agency.url + path)
        page.get_by_label("Name").fill(role)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    return sign_in


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
    rest(desk_page.page)


@pytest.fixture
def explore(blank: ExplorePage) -> ExplorePage:
    """The page with nothing chosen, loaded again."""
    blank.open()
    return blank


@pytest.fixture
def standing(desk_page: ExplorePage, watcher: Watcher) -> Iterator[ExplorePage]:
    """Like `explore`, but reset instead of loaded again where the page stands: ten times faster."""
    watcher.watch(desk_page.page)
    if urlsplit(desk_page.page.url).path == "/explore":
        with desk_page.gesture():
            desk_page.page.evaluate("patroliq.emit({ action: 'reset' })")
    else:
        desk_page.open()
    yield desk_page
    watcher.leave()
