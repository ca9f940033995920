"""The officer's phone page keeps its plan: without a connection, between answers, by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from bench.site_server import SiteServer
from bench.visits import SCREENS
from tests.browser.watcher import Watcher

NOW = "2026-11-21T18:00:00Z"
EVERY_S = 31  # just over the page's own interval


class Dispatch:
    """Answers a phone with plans, unless it has no connection or a plan cannot be read.

    `held` are answers that a plan's units wait for.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.plans: dict[int, int] = {1: 2, 2: 3}
        self.versions: dict[int, int] = {1: 1, 2: 1}
        self.broken: set[int] = set()
        self.holds: set[int] = set()
        self.held: list[Callable[[], None]] = []
        self._context = context
        self._offline = False
        context.route("**/go/plans.json*", self._offers)
        context.route("**/go/plan.json*", self._plan)

    def lose(self, *, connection: bool) -> None:
        self._offline = connection
        self._context.set_offline(connection)

    def _offers(self, route: Route) -> None:
        offers = [{"plan": one, "title": f"Plan {one}"} for one in self.plans]
        self._answer(route, {"plans": offers})

    def _plan(self, route: Route) -> None:
        plan = int(parse_qs(urlsplit(route.request.url).query)["plan"][0])
        if plan in self.broken:
            route.fulfill(status=503, body="Busy; try again.")
        elif plan in self.holds:
            self.held.append(lambda: self._answer(route, self._units(plan)))
        else:
            self._answer(route, self._units(plan))

    def _answer(self, route: Route, found: Any) -> None:
        if self._offline:
            route.abort("internetdisconnected")
        else:
            route.fulfill(json=found)

    def _units(self, plan: int) -> dict[str, Any]:
        def stop(unit: int) -> dict[str, Any]:
            place = f"{plan}{unit}XX N MAIN ST"
            return {"place": place, "arrive": "6:10 PM", "minutes": 12, "why": "Why",
                    "lat": 41.88, "lon": -87.63}  # fmt: skip

        return {
            "plan": plan,
            "version": self.versions[plan],
            "title": f"Plan {plan}",
            "until": "2026-11-22T07:00:00Z",
            "units": [
                {"unit": unit, "area": f"00{plan}", "stops": [stop(unit)]}
                for unit in range(1, self.plans[plan] + 1)
            ],
        }


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], watcher: Watcher) -> BrowserContext:
    """A phone without a service worker, whose requests a test could not answer."""
    watcher.expect("ERR_INTERNET_DISCONNECTED")
    watcher.expect("503")
    return new_context(**SCREENS["390 × 844"], service_workers="block")


@pytest.fixture
def dispatch(context: BrowserContext) -> Dispatch:
    return Dispatch(context)


@pytest.fixture
def phone(
    context: BrowserContext, dispatch: Dispatch, site: SiteServer, new_page: Callable[..., Page]
) -> Page:
    """The page, opened in a shift, on which nothing is chosen yet."""
    page = new_page(context)
    page.clock.install(time=NOW)
    page.goto(f"{site.url}/go?date=2026-11-21")
    page.get_by_label("Name or badge").fill("Badge 12")
    return page


def choose(page: Page, plan: str, unit: str) -> None:
    page.get_by_label("Plan", exact=True).select_option(plan)
    page.get_by_label("Unit", exact=True).select_option(unit)
    page.get_by_role("button", name="Show stops").click()


def expect_stop(page: Page, place: str) -> None:
    expect(page.locator("#stops h2")).to_have_text([f"6:10 PM · {place}"])


def test_another_unit_may_be_chosen_without_a_connection_and_no_stop_is_lost(
    phone: Page, dispatch: Dispatch
) -> None:
    choose(phone, "2", "3")
    expect_stop(phone, "23XX N MAIN ST")
    dispatch.lose(connection=True)
    phone.get_by_role("button", name="Change plan or unit").click()
    expect(phone.get_by_label("Unit", exact=True)).to_have_value("3")
    phone.clock.run_for(EVERY_S * 1000)
    phone.get_by_role("button", name="Back to stops").click()
    expect_stop(phone, "23XX N MAIN ST")
    phone.get_by_role("button", name="Change plan or unit").click()
    choose(phone, "2", "1")
    expect_stop(phone, "21XX N MAIN ST")
    dispatch.lose(connection=False)
    phone.get_by_role("button", name="Change plan or unit").click()
    phone.reload()  # the form was not sent
    expect_stop(phone, "21XX N MAIN ST")


def test_only_units_of_the_plan_in_the_form_can_be_chosen(phone: Page, dispatch: Dispatch) -> None:
    units = phone.get_by_label("Unit", exact=True).locator("option")
    expect(units).to_have_count(2)
    dispatch.broken = {2}
    phone.get_by_label("Plan", exact=True).select_option("2")
    expect(phone.locator("#status")).to_contain_text("Busy; try again.")
    expect(units).to_have_count(0)
    phone.get_by_role("button", name="Show stops").click()
    expect(phone.locator("#stops h2")).to_have_count(0)
    dispatch.broken = set()
    phone.clock.run_for(EVERY_S * 1000)  # it asks again by itself
    expect(units).to_have_count(3)
    expect(phone.locator("#status")).not_to_contain_text("Busy")
    choose(phone, "2", "3")
    expect_stop(phone, "23XX N MAIN ST")


def test_an_answer_for_a_plan_that_was_left_comes_too_late(phone: Page, dispatch: Dispatch) -> None:
    units = phone.get_by_label("Unit", exact=True).locator("option")
    expect(units).to_have_count(2)
    dispatch.holds = {2}
    with phone.expect_request("**/go/plan.json?plan=2"):
        phone.get_by_label("Plan", exact=True).select_option("2")
    with phone.expect_response("**/go/plan.json?plan=1"):
        phone.get_by_label("Plan", exact=True).select_option("1")
    expect(units).to_have_count(2)
    with phone.expect_response("**/go/plan.json?plan=2"):
        dispatch.held.pop()()
    phone.evaluate("new Promise(requestAnimationFrame)")
    phone.get_by_label("Unit", exact=True).select_option("2")
    phone.get_by_role("button", name="Show stops").click()
    expect_stop(phone, "12XX N MAIN ST")


def test_the_page_says_what_is_new_until_the_officer_goes_on(
    phone: Page, dispatch: Dispatch
) -> None:
    choose(phone, "1", "1")
    expect_stop(phone, "11XX N MAIN ST")
    dispatch.versions[1] = 2
    phone.clock.run_for(EVERY_S * 1000)
    status = phone.locator("#status")
    expect(status).to_contain_text("version 2")
    with phone.expect_response("**/go/plan.json?plan=1"):
        phone.clock.run_for(EVERY_S * 1000)
    expect(status).to_contain_text("version 2")
    dispatch.lose(connection=True)
    expect(status).to_contain_text("version 2. No connection.")
    dispatch.versions[1] = 3
    dispatch.lose(connection=False)
    expect(status).to_have_text("The plan has changed: this is version 3.")
    expect(phone.locator("#about")).to_contain_text("version 3")
    phone.get_by_role("button", name="Start visit").click()
    expect(status).to_be_empty()


def test_a_plan_that_is_made_later_is_offered_without_loading_the_page_again(
    context: BrowserContext, dispatch: Dispatch, site: SiteServer, new_page: Callable[..., Page]
) -> None:
    dispatch.plans = {}
    page = new_page(context)
    page.clock.install(time=NOW)
    page.goto(f"{site.url}/go?date=2026-11-21")
    status = page.locator("#status")
    expect(status).to_contain_text("No plan for today yet")
    with page.expect_response("**/go/plans.json*"):
        page.clock.run_for(EVERY_S * 1000)
    expect(status).to_contain_text("No plan for today yet")
    dispatch.plans = {2: 3}
    page.clock.run_for(EVERY_S * 1000)
    expect(page.get_by_label("Unit", exact=True).locator("option")).to_have_count(3)
    expect(status).to_be_empty()
