"""The Overview as a chief meets it: the start page, its numbers, its links, its print."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.app_page import PATIENCE_MS, UPDATE
from bench.explore_page import ExplorePage, whole
from bench.site_server import SiteServer
from tests.browser.facts import Facts

# The last 28 complete days of a city that ends on 20 November, the last four weeks provisional.
IN_PERIOD = "operational_day BETWEEN '2026-09-26' AND '2026-10-23'"


class OverviewPage:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.updates: list[str] = []
        page.on("request", lambda asked: UPDATE in asked.url and self.updates.append(asked.url))

    def open(self, query: str = "") -> None:
        """Load the page and wait for both of its answers."""
        self.page.goto(f"{self.url}/" + (f"?{query}" if query else ""))
        expect(self.page.locator("#overview-unusual p").first).to_be_visible(timeout=PATIENCE_MS)

    def figure(self, label: str) -> str:
        found = self.page.locator(".overview-headline .headline-figure", has_text=label)
        return found.locator(".headline-value").inner_text()

    def rows(self, card: str) -> dict[str, int]:
        found = self.page.locator(f"#overview-{card} [data-key]").evaluate_all(
            "cells => cells.map((cell) => [cell.dataset.key, Number(cell.dataset.value)])"
        )
        return {key: int(value) for key, value in found}


@pytest.fixture
def overview(site: SiteServer, new_page: Callable[..., Page]) -> OverviewPage:
    made = OverviewPage(new_page(), site.url)
    made.open()
    return made


def test_the_start_page_shows_the_numbers_of_the_last_complete_days(
    overview: OverviewPage, facts: Facts
) -> None:
    assert whole(overview.figure("Incidents")) == facts.count(IN_PERIOD)
    types, groups = facts.by("type", IN_PERIOD), facts.by('"group"', IN_PERIOD)
    shown = overview.rows("types")
    assert shown
    assert shown == {key: types[key] for key in shown}
    shown = overview.rows("groups")
    assert shown == {key: groups[key] for key in shown}
    current = overview.page.locator('a.rail-link[aria-current="page"]')
    assert current.inner_text().strip() == "Overview"


def test_a_page_asks_twice_and_then_is_quiet(overview: OverviewPage) -> None:
    """Its layout, the first answer, the rest."""
    overview.page.wait_for_timeout(1500)
    answers = [one for one in overview.updates if UPDATE in one]
    assert len(answers) <= 4  # Dash asks for the stores of a new page once more


def test_a_name_leads_to_its_incidents_and_back_to_the_overview(
    overview: OverviewPage, facts: Facts
) -> None:
    page = overview.page
    number = overview.rows("types")["THEFT"]
    page.locator("#overview-types").get_by_role("link", name="Theft", exact=True).click()
    explore = ExplorePage(page, overview.url)
    expect(page.locator("#explore-headline .headline-value").first).to_have_text(
        f"{number:,}", timeout=PATIENCE_MS
    )
    assert "type=THEFT" in explore.query
    page.go_back()
    expect(page.locator("#overview-unusual p").first).to_be_visible(timeout=PATIENCE_MS)
    assert facts.count(f"type = 'THEFT' AND {IN_PERIOD}") == number


@pytest.mark.parametrize(
    ("card", "path"),
    [("weeks", "/temporal"), ("zones", "/hotspots"), ("groups", "/explore"), ("models", "/models")],
)
def test_a_card_leads_to_the_page_that_explains_it_with_the_same_selection(
    site: SiteServer, new_page: Callable[..., Page], card: str, path: str
) -> None:
    chosen = "type=ROBBERY&district=004"
    overview = OverviewPage(new_page(), site.url)
    overview.open(chosen)
    overview.page.locator(f"#overview-{card}-card .card-goto").click()
    overview.page.wait_for_url(lambda url: path in url)
    expect(overview.page.locator("#selection-chips .chip")).to_have_count(2, timeout=PATIENCE_MS)
    assert overview.page.url.split("?")[1].split("#")[0] == chosen


def test_a_shared_address_opens_the_overview_of_its_selection(
    site: SiteServer, new_page: Callable[..., Page], facts: Facts
) -> None:
    overview = OverviewPage(new_page(), site.url)
    overview.open("type=ROBBERY&date=2026-01-01..2026-06-30")
    where = "type = 'ROBBERY' AND operational_day BETWEEN '2026-01-01' AND '2026-06-30'"
    assert whole(overview.figure("Incidents")) == facts.count(where)


def test_it_prints_on_at_most_two_pages(overview: OverviewPage) -> None:
    printed = overview.page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
