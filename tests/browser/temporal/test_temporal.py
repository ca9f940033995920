"""The Temporal page: hours and profiles are clauses, switches change what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from bench.app_page import MARK
from bench.explore_page import ExplorePage
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.facts import Facts
from tests.browser.frame.test_reach import PHONE, complaints
from tests.profile_city import write_profile_city

DRAWN = """() => [...document.querySelectorAll("#content .js-plotly-plot")].filter(
  (graph) => graph.offsetWidth && graph._fullLayout && graph.data.length).map(
  (graph) => graph.closest("[id^=temporal-]").id)"""
DATA = """([id, trace]) => JSON.stringify(
  document.querySelector(`#${id} .js-plotly-plot`).data[trace].z)"""
CARDS = 9  # figures of a city with profiles: seven cards, the profiles' map and weeks


class TemporalPage(ExplorePage):
    """The page as an analyst handles it."""

    def open(self, query: str = "", fragment: str = "") -> None:
        address = f"{self.url}/temporal" + (f"?{query}" if query else "")
        self.page.goto(address + (f"#{fragment}" if fragment else ""))
        self.wait_beyond(0)
        self.stands()

    def stands(self) -> None:
        """Wait until every figure is drawn."""
        for _ in range(200):
            if len(self.page.evaluate(DRAWN)) >= CARDS:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"only {self.page.evaluate(DRAWN)} were drawn")

    def cell(self, weekday: int, hour: int) -> tuple[float, float]:
        """Middle of a cell of the heatmap on the page."""
        x, y = self.page.evaluate(MARK, ["temporal-week", hour, weekday, "xaxis", "yaxis"])
        return x, y

    def heat(self) -> str:
        """Values of the heatmap."""
        drawn: str = self.page.evaluate(DATA, ["temporal-week", 0])
        return drawn

    def choose(self, option: str, value: str) -> None:
        self.page.locator(f"select[data-option={option}]").select_option(value)

    def text(self, part: str) -> str:
        return self.page.inner_text(f"#temporal-{part}")


@pytest.fixture(scope="module")
def profiles_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """A city of two profiles, trained and promoted."""
    folder = tmp_path_factory.mktemp("profiles")
    incidents, mapping = write_profile_city(folder / "files")
    home: Path = folder / "home"
    patroliq(home, "ingest", str(incidents), "--source", str(mapping))
    given = ("--set", "bootstraps=2", "--set", "fewest=100")
    trained = patroliq(home, "train", "temporal_kmeans", *given, "--promote-first")
    assert "now the champion" in trained, trained
    with SiteServer(home, PATROLIQ_WORKERS="1").running() as server:
        yield server


@pytest.fixture(scope="module")
def profiles_facts(profiles_site: SiteServer) -> Iterator[Facts]:
    found = Facts(profiles_site.database)
    yield found
    found.close()


Opened = Callable[..., TemporalPage]


@pytest.fixture
def open_temporal(profiles_site: SiteServer, new_page: Callable[..., Page]) -> Opened:
    def opened(query: str = "", fragment: str = "", **options: Any) -> TemporalPage:
        page = TemporalPage(new_page(**options), profiles_site.url)
        page.open(query, fragment)
        return page

    return opened


def test_an_hour_of_the_week_is_a_clause_and_explore_follows(
    open_temporal: Opened, profiles_facts: Facts
) -> None:
    page = open_temporal()
    with page.gesture() as made:
        page.page.mouse.click(*page.cell(6, 2))
    assert len(made.requests) == 1
    assert page.selection == "hour_weekday=6-02"
    page.page.locator("a.rail-link", has_text="Explore").click()
    explore = ExplorePage(page.page, page.url)
    page.page.wait_for_selector("#explore-headline .headline-value")
    assert explore.incidents == profiles_facts.count("weekday = 6 AND hour = 2") > 0


def test_a_box_chooses_hours_and_a_peak_all_of_its_own(
    open_temporal: Opened, profiles_facts: Facts
) -> None:
    page = open_temporal()
    with page.gesture():
        page.drag(page.cell(1, 9), page.cell(2, 10))
    assert page.selection == "hour_weekday=1-09,1-10,2-09,2-10"
    peak = page.page.locator(
        "#temporal-peaks button", has_text="Saturdays and Sundays midnight–4 AM"
    )
    with page.gesture() as made:
        peak.click()
    assert len(made.requests) == 1
    assert peak.get_attribute("aria-pressed") == "true"
    explore = ExplorePage(page.page, page.url)
    explore.open(page.query)
    assert explore.incidents == profiles_facts.count("weekday >= 6 AND hour < 4")


def test_a_week_of_the_control_chart_chooses_its_days_and_a_table_has_its_numbers(
    open_temporal: Opened, profiles_facts: Facts
) -> None:
    page = open_temporal()
    dots = page.page.evaluate(
        """() => { const dots = document.querySelector("#temporal-control .js-plotly-plot").data[3];
        return [dots.x.length, dots.customdata.at(-1)]; }"""
    )
    assert dots[0] > 80
    first, last = dots[1].split("..")
    page.page.locator("#temporal-control").scroll_into_view_if_needed()
    x, y = page.page.evaluate(MARK, ["temporal-control", *last_dot(page), "xaxis", "yaxis"])
    with page.gesture() as made:
        page.page.mouse.click(x, y)
    assert len(made.requests) == 1
    assert page.selection == f"date={first}..{last}"
    table = page.page.locator("#temporal-control-numbers tbody tr")
    assert table.count() >= dots[0]
    days = f"operational_day BETWEEN '{first}' AND '{last}'"
    counted = table.last.locator("td").first.text_content()
    assert counted == f"{profiles_facts.count(days):,}"


def last_dot(page: TemporalPage) -> tuple[str, float]:
    found = page.page.evaluate(
        """() => { const dots = document.querySelector("#temporal-control .js-plotly-plot").data[3];
        return [dots.x.at(-1), dots.y.at(-1)]; }"""
    )
    return found[0], found[1]


def test_switches_change_what_is_drawn(open_temporal: Opened) -> None:
    page = open_temporal("type=THEFT&date=2025-01-01..2025-03-31")
    counts, note = page.heat(), page.text("week-note")
    for option, value in (("measure", "day"), ("spread", "aoristic")):
        before = page.heat()
        with page.gesture() as made:
            page.choose(option, value)
        assert len(made.requests) == 1
        assert page.heat() != before
    assert page.text("week-note") != note
    with page.gesture():
        page.choose("measure", "counts")
    assert page.heat() != counts  # still spread over the spans
    assert "now" in page.text("comparison-words")
    with page.gesture():
        page.choose("other", "rest")
    assert "the rest of the city" in page.text("comparison-key")
    with page.gesture():
        page.choose("step", "month")
    assert page.page.url.endswith("#measure=counts&spread=aoristic&other=rest&step=month")


def test_a_kept_selection_stays_while_the_choice_changes(open_temporal: Opened) -> None:
    page = open_temporal("type=ROBBERY")
    with page.gesture():
        page.page.locator("#temporal-comparison-key button", has_text="Save").click()
    assert page.page.locator("select[data-option=other]").input_value() == "kept"
    with page.gesture():
        page.page.evaluate("patroliq.emit({ action: 'only', dimension: 'type', keys: ['THEFT'] })")
    assert "Saved: Robberies" in page.text("comparison-key")
    assert "not significant" in page.text("comparison-words")


def test_a_profile_chooses_its_places(open_temporal: Opened, profiles_facts: Facts) -> None:
    page = open_temporal()
    night = page.page.locator(".profile-name", has_text="Night-time economy")
    with page.gesture() as made:
        night.click()
    assert len(made.requests) == 1
    assert night.get_attribute("aria-pressed") == "true"
    assert page.selection == f"temporal_profile={night.get_attribute('data-key')}"
    explore = ExplorePage(page.page, page.url)
    explore.open(page.query)
    assert explore.incidents == profiles_facts.count("lat > 41.83") > 0


@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=["light", "dark", "phone"]
)
def test_axe_finds_nothing_serious(open_temporal: Opened, options: dict[str, Any]) -> None:
    page = open_temporal("date=2025-01-01..2025-03-31", **options)
    assert complaints(page) == []
    wide = page.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
