"""From an Excel file of an agency that nobody knows to the cross-filtered page, with the mouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bench.explore_page import ExplorePage
from bench.site_server import SiteServer
from tests.browser.running_worker import running_worker

ROWS = 600
KINDS = ("Burglary", "Bicycle theft", "Robbery")
STEP_MS = 60_000  # a worker starts Python for each step, while other work is on the machine


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SiteServer]:
    """A server without data, with a worker."""
    home = tmp_path / "home"
    home.mkdir()
    with SiteServer(home).running() as server, running_worker(home):
        yield server


def incidents() -> pl.DataFrame:
    """Rows of a small agency; one has no date, and the officer's remark looks like a kind."""
    first = datetime(2026, 3, 1, 0, 30)
    times = [first + timedelta(hours=7 * row % 4_000, minutes=row % 50) for row in range(ROWS)]
    return pl.DataFrame(
        {
            "Incident No": [f"A{20_000 + row}" for row in range(ROWS)],
            "Occurred on": [None, *times[1:]],
            "Offence": [KINDS[row * row % 7 % 3] for row in range(ROWS)],
            "Status note": [("open", "closed", "filed")[row % 3] for row in range(ROWS)],
            "Lat": [51.40 + row % 29 / 900 for row in range(ROWS)],
            "Long": [-2.60 + row % 31 / 800 for row in range(ROWS)],
        }
    )


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_an_excel_file_of_an_unknown_agency_becomes_a_cross_filtered_page(
    empty: SiteServer, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    rows, file = incidents(), tmp_path / "Small Town 2026.xlsx"
    rows.write_excel(file)
    page = new_page()
    page.set_default_timeout(STEP_MS)
    page.goto(empty.url + "/")
    page.get_by_role("link", name="Send your agency's file").click()
    assert serious(page) == []
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Send and look at it").click()

    expect(page.get_by_role("heading", name="What was understood")).to_be_visible(timeout=STEP_MS)
    column = {
        field: page.get_by_label(f"Column of {title}", exact=True)
        for field, title in (("id", "Id of the row"), ("type", "Type"), ("lat", "Latitude"))
    }
    expect(column["id"]).to_have_value("Incident No")
    expect(column["type"]).to_have_value("Offence")
    expect(column["lat"]).to_have_value("Lat")
    expect(page.get_by_role("img", name="Incidents by hour")).to_be_visible()
    expect(page.get_by_role("img", name="Places of a sample")).to_be_visible()
    assert serious(page) == []

    column["type"].select_option("Status note")
    page.get_by_label("Time zone").fill("Europe/London")
    page.get_by_role("button", name="Read it again").click()
    rows_read = page.get_by_role("region", name="First rows")
    expect(rows_read.get_by_role("columnheader", name="type", exact=True)).to_be_visible()
    expect(column["type"]).to_be_enabled(timeout=STEP_MS)
    expect(column["type"]).to_have_value("Status note")
    column["type"].select_option("Offence")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("cell", name="Bicycle theft").first).to_be_visible(timeout=STEP_MS)
    expect(page.get_by_label("Time zone")).to_have_value("Europe/London")

    page.get_by_role("button", name="Count what would be loaded").click()
    expect(page.get_by_role("button", name="Load and publish")).to_be_visible(timeout=STEP_MS)
    counts = page.locator(".counts").last
    expect(counts).to_contain_text("Accepted599")
    expect(counts).to_contain_text("Refused1")
    page.get_by_role("button", name="Load and publish").click()
    expect(page.get_by_role("heading", name="Loaded")).to_be_visible(timeout=STEP_MS)

    page.get_by_role("link", name="Open Explore").click()
    page.wait_for_url("**/explore*")
    explore = ExplorePage(page, empty.url)
    explore.open()
    known = rows.filter(pl.col("Occurred on").is_not_null())["Offence"]
    assert explore.incidents == explore.total == ROWS - 1
    assert explore.bars("offenses") == dict(Counter(known))
    with explore.gesture():
        explore.bar("offenses", "Robbery").click()
    assert explore.incidents == Counter(known)["Robbery"]

    page.goto(empty.url + "/data")
    expect(page.get_by_text("1 rows are kept with the reason")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="no date").first).to_be_visible()
    assert (empty.home / "sources").is_dir()
