"""Data that is not there, comes, changes or goes while a page is open."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from bench.explore_page import ExplorePage
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.conftest import UNTIL
from tests.browser.facts import Facts
from tests.browser.watcher import Watcher


def demo(home: Path, seed: int) -> None:
    patroliq(home, "demo", "--incidents", "3000", "--seed", str(seed), "--until", UNTIL)


def test_an_empty_warehouse_says_how_to_fill_it_and_a_reload_shows_the_data(
    tmp_path: Path, serve: Callable[[Path], SiteServer], new_page: Callable[..., Page]
) -> None:
    home = tmp_path / "home"
    server = serve(home)
    explore = ExplorePage(new_page(), server.url)
    explore.page.goto(server.url)
    explore.page.locator("h1", has_text="No incidents loaded yet").wait_for()
    assert "patroliq demo" in explore.page.locator("main").inner_text()
    demo(home, seed=1)
    explore.open()
    assert explore.incidents == 3000


def test_a_snapshot_published_under_an_open_page_shows_at_the_next_click(
    demo_home: Path,
    tmp_path: Path,
    serve: Callable[[Path], SiteServer],
    new_page: Callable[..., Page],
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    server = serve(home)
    explore = ExplorePage(new_page(), server.url)
    explore.open("type=THEFT")
    old = server.snapshot
    demo(home, seed=2)
    assert server.snapshot != old
    with explore.gesture() as made:
        explore.bar("areas", "004").click()
    assert len(made.requests) == 1
    facts = Facts(server.database)
    assert explore.selection == "type=THEFT&district=004"
    assert explore.incidents == facts.count("type = 'THEFT' AND district = '004'")
    assert explore.bars("offenses") == facts.by("type", "district = '004'")
    assert explore.bars("areas") == facts.by("district", "type = 'THEFT'")
    facts.close()
    assert "updated" in explore.notices
    with explore.gesture():
        explore.step("undo").click()
    assert explore.selection == "type=THEFT"
    assert "updated" not in explore.notices


def test_a_server_that_is_gone_is_said_and_the_page_goes_on_when_it_is_back(
    demo_home: Path,
    serve: Callable[[Path], SiteServer],
    new_context: Callable[..., BrowserContext],
    new_page: Callable[..., Page],
    watcher: Watcher,
) -> None:
    watcher.expect("ERR_CONNECTION_RE|server did not respond|Failed to fetch")
    server = serve(demo_home)
    explore = ExplorePage(new_page(new_context()), server.url)  # the clock is all its tabs'
    explore.page.clock.install()
    explore.open()
    server.stop()
    explore.bar("offenses", "THEFT").click()
    explore.page.clock.fast_forward(25_000)
    explore.page.locator("#lost .notice").wait_for()
    assert "does not answer" in explore.page.locator("#lost").inner_text()
    server.start()
    with explore.gesture():
        explore.bar("offenses", "BATTERY").click()
    assert explore.selection == "type=BATTERY"
    assert explore.page.locator("#lost .notice").count() == 0


def test_what_a_source_lacks_is_a_sentence_in_place_of_the_chart(
    tmp_path: Path, serve: Callable[[Path], SiteServer], new_page: Callable[..., Page]
) -> None:
    home = tmp_path / "home"
    patroliq(home, "ingest", str(months_only(tmp_path / "street.csv")), "--source", "uk_police")
    explore = ExplorePage(new_page(), serve(home).url)
    explore.open()
    assert explore.incidents == 40
    card = explore.page.locator("#explore-hours-card")
    assert not card.locator(".graph").is_visible()
    assert len(card.locator(".card-off").inner_text()) > 20
    with explore.gesture():
        explore.bar("offenses", "Burglary").click()
    assert explore.incidents == 20


def months_only(path: Path) -> Path:
    """A file in data.police.uk's layout: months, places, no hours."""
    head = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context"
    )
    rows = [
        [
            f"{number:064x}",
            f"2024-0{1 + number % 6}",
            "Example Police",
            "Example Police",
            f"{-1.5 + number / 1000:.6f}",
            f"{52.5 + number / 1000:.6f}",
            "On or near High Street",
            f"E0100{number % 4:04d}",
            f"Example 00{number % 4}A",
            "Burglary" if number % 2 else "Vehicle crime",
            "Under investigation",
            "",
        ]
        for number in range(40)
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(head + "\n")
        csv.writer(file).writerows(rows)
    return path


def test_an_open_page_says_that_newer_data_is_served_and_its_button_shows_it(
    demo_home: Path,
    tmp_path: Path,
    serve: Callable[[Path], SiteServer],
    new_page: Callable[..., Page],
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    server = serve(home)
    explore = ExplorePage(new_page(), server.url)
    explore.open("type=THEFT")
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    with explore.page.expect_response("**/ready"):
        explore.page.evaluate(look)
    newer = explore.page.locator("#newer")
    assert newer.is_hidden()
    demo(home, seed=2)
    explore.page.evaluate(look)
    newer.wait_for(state="visible")
    with explore.gesture() as made:
        newer.locator("button").click()
    assert len(made.requests) == 1
    assert newer.is_hidden()
    facts = Facts(server.database)
    assert explore.incidents == facts.count("type = 'THEFT'")
    facts.close()
    with explore.page.expect_response("**/ready"):
        explore.page.evaluate(look)
    assert newer.is_hidden()
