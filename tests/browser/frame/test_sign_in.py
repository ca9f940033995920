"""Sign-in, the lock that keeps the work, what each role sees, and the page of people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from analytics.access.people import People
from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from analytics.settings import Settings
from analytics.state import State
from bench.app_page import AppPage
from bench.explore_page import ExplorePage
from bench.site_server import SiteServer
from security.identity import KNOWN_S
from tests.browser.facts import Facts
from tests.browser.watcher import Watcher
from tests.integration.oidc_provider import KIM, running_provider

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of accounts that the test makes
ROBBERY = "/explore?type=ROBBERY"


@pytest.fixture(scope="module")
def agency(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """The small city where people sign in: one with each role, named after it."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("agency") / "home"))
    settings = Settings(home=home)
    state = State(settings)
    for role in Role:
        People(state, settings).add(role, [role], PASSWORD)
    state.close()
    with SiteServer(home, PATROLIQ_USE_NOTICE="For official use only.").running() as server:
        yield server


@pytest.fixture
def person(
    agency: SiteServer,
    new_context: Callable[..., BrowserContext],
    new_page: Callable[..., Page],
    watcher: Watcher,
) -> Callable[..., AppPage]:
    """Signs a person in with a browser of the person's own."""
    watcher.expect("status of 401")

    def sign_in(name: str, path: str = "/", **options: object) -> AppPage:
        app = AppPage(new_page(new_context(**options)), agency.url)
        app.page.goto(agency.url + path)
        app.page.get_by_label("Name").fill(name)
        app.page.get_by_label("Password").fill(PASSWORD)
        app.page.get_by_role("button", name="Sign in", exact=True).click()
        app.page.wait_for_url(lambda address: "/sign-in" not in address)
        return app

    return sign_in


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_sign_in_lock_and_unlock_keep_the_selection(
    person: Callable[..., AppPage], agency: SiteServer, watcher: Watcher
) -> None:
    app = person("analyst", ROBBERY)
    app.wait_beyond(0)
    page = app.page
    assert page.url == agency.url + ROBBERY
    expect(page.locator(".person")).to_contain_text("analyst")
    page.get_by_role("button", name="Lock").click()
    lock = page.get_by_role("dialog", name="Locked")
    expect(lock).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    lock.get_by_label("Password").fill("wrong")
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).to_contain_text("not right")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).to_be_hidden()
    assert page.url == agency.url + ROBBERY
    with app.gesture() as made:
        page.locator(".bar-row[data-dimension=district]").first.click()
    assert [one.status for one in made.responses] == [200]
    assert "type=ROBBERY" in page.url
    assert "district=" in page.url


def test_a_request_of_a_session_that_ended_waits_for_the_password(
    person: Callable[..., AppPage], agency: SiteServer
) -> None:
    app = person("analyst", ROBBERY)
    app.wait_beyond(0)
    state = State(Settings(home=agency.home))
    People(state, Settings(home=agency.home)).end_sessions("analyst")
    state.close()
    app.page.wait_for_timeout(KNOWN_S * 1_000)  # until every worker has read it
    before = app.answered
    app.page.locator(".bar-row[data-dimension=district]").first.click()
    ended = app.page.get_by_role("dialog", name="Your session ended")
    ended.get_by_label("Password").fill(PASSWORD)
    ended.get_by_role("button", name="Sign in").click()
    app.wait_beyond(before)
    assert "district=" in app.page.url


def test_an_idle_page_locks_itself_in_every_tab(person: Callable[..., AppPage]) -> None:
    app = person("viewer")
    app.wait_beyond(0)
    second = AppPage(app.page.context.new_page(), app.url)
    second.go("/temporal")
    other = second.page
    app.page.evaluate("localStorage.setItem('patroliq-used', '1')")
    for page in (app.page, other):
        expect(page.get_by_role("dialog", name="Locked")).to_be_visible(timeout=15_000)
    dialog = other.get_by_role("dialog", name="Locked")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Unlock").click()
    for page in (app.page, other):
        expect(page.get_by_role("dialog", name="Locked")).to_be_hidden()


def test_a_viewer_sees_pages_without_downloads_and_forms_that_an_analyst_has(
    person: Callable[..., AppPage],
) -> None:
    for name, count in (("viewer", 0), ("analyst", 1)):
        app = person(name, "/explore")
        app.wait_beyond(0)
        card = app.page.locator("#explore-days-card")
        card.locator(".menu summary").first.click()
        entry = card.get_by_role("button", name="Save as CSV")
        assert entry.filter(visible=True).count() == count
        app.go("/models")
        assert app.page.locator("form[data-act=train]:visible").count() == count


def test_two_people_with_different_scopes_see_their_own_at_once(
    person: Callable[..., AppPage], agency: SiteServer, facts: Facts
) -> None:
    counts = facts.by("district")
    names = sorted(counts)[:2]
    state = State(Settings(home=agency.home))
    for name in names:
        people = People(state, Settings(home=agency.home))
        people.add(f"of {name}", [Role.ANALYST], PASSWORD)
        people.limit(f"of {name}", ScopeRules(f"district={name}"))
    state.close()
    pages = {name: person(f"of {name}", "/explore").page for name in names}
    for name, page in pages.items():
        explore = ExplorePage(page, agency.url)
        explore.open()
        assert explore.incidents == explore.total == counts[name]
        assert explore.bars("areas") == {name: counts[name]}
        answer = page.context.request.get(f"{agency.url}/export/incidents.csv")
        rows = [row for row in answer.text().splitlines() if not row.startswith("#")]
        assert len(rows) == counts[name] + 1


def test_people_with_one_task_land_on_their_page(
    person: Callable[..., AppPage], agency: SiteServer, watcher: Watcher
) -> None:
    watcher.expect("status of 40[134]")
    officer = person("officer").page
    expect(officer.get_by_role("heading", name="Patrol", exact=True)).to_be_visible()
    assert officer.url == f"{agency.url}/go"
    assert officer.goto(f"{agency.url}/explore").status == 403  # type: ignore[union-attr]
    auditor = person("auditor").page
    expect(auditor.get_by_role("heading", name="Audit log", exact=True)).to_be_visible()
    expect(auditor.get_by_role("link", name="CSV")).to_be_visible()
    admin = person("admin").page
    expect(admin.get_by_role("heading", name="People", exact=True)).to_be_visible()
    assert serious(admin) == []
    admin.get_by_label("Name, or the address").fill("Lee")
    form = admin.locator("section", has=admin.get_by_role("heading", name="Add an account"))
    form.get_by_label("viewer").check()
    form.get_by_role("button", name="Add").click()
    expect(admin.get_by_role("status")).to_contain_text("First password, shown once")
    expect(admin.get_by_role("cell", name="Lee", exact=True)).to_be_visible()
    admin.evaluate("localStorage.setItem('patroliq-used', '1')")
    lock = admin.get_by_role("dialog", name="Locked")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).to_be_hidden()
    form.get_by_role("button", name="Add").click()
    expect(admin.get_by_label("Name, or the address")).to_be_focused()  # it has no name


def test_visits_of_a_phone_carry_the_token(person: Callable[..., AppPage]) -> None:
    page = person("officer").page
    visit = {"id": "a" * 32, "plan": 99, "version": 1, "unit": "1", "place": "x", "note": ""}
    times = {"started": "2026-11-20T10:00:00Z", "ended": "2026-11-20T10:05:00Z"}
    kept = json.dumps([{**visit, **times, "lat": 41.8, "lon": -87.6, "person": "officer"}])
    page.evaluate("kept => localStorage.setItem('patroliq-go-queue', kept)", kept)
    with page.expect_response("**/go/visits") as sent:
        page.reload()
    assert sent.value.status == 200
    expect(page.locator("#refused")).to_be_visible()  # there is no such plan


def test_a_wrong_password_is_said_and_the_notice_of_use_stands_above(
    agency: SiteServer, new_page: Callable[..., Page], watcher: Watcher
) -> None:
    watcher.expect("status of 401")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = new_page(**phone)
    page.goto(agency.url)
    expect(page.locator(".notice")).to_have_text("For official use only.")
    assert serious(page) == []
    page.get_by_label("Name").fill("analyst")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_where_nobody_signs_in_the_page_says_open_access(
    site: SiteServer, new_page: Callable[..., Page]
) -> None:
    app = AppPage(new_page(), site.url)
    app.go("/")
    expect(app.page.locator(".person")).to_have_text("Open access")


def test_the_round_trip_with_a_provider_ends_on_the_page_that_was_asked_for(
    agency: SiteServer, new_page: Callable[..., Page], watcher: Watcher
) -> None:
    watcher.expect("status of 401")
    settings = Settings(home=agency.home)
    state = State(settings)
    People(state, settings).add(KIM["email"], [Role.ANALYST])
    state.close()
    with running_provider() as provider:
        asking = {"ISSUER": provider.issuer, "CLIENT": "patroliq", "SECRET": "of the test"}
        options = {f"PATROLIQ_OIDC_{name}": text for name, text in asking.items()}
        with SiteServer(agency.home, **options).running() as server:
            page = new_page()
            page.goto(server.url + ROBBERY)
            page.get_by_role("link", name="Sign in with your agency's provider").click()
            page.wait_for_url(server.url + ROBBERY)
            ExplorePage(page, server.url).stands()
            expect(page.locator(".person")).to_contain_text("kim@example.gov")
            page.goto("about:blank")  # nothing is asked for when the server stops
    assert len(provider.asked) == 1
