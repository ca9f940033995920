"""CompStat with people of two roles: the table, its numbers on Explore, paper and phones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role

PAPER = {"width": 979, "height": 740}
"""Letter, landscape, within its margins, in pixels of css."""


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_an_analyst_goes_from_a_number_to_its_incidents(
    person: Callable[..., Page],
) -> None:
    page = person(Role.ANALYST, "/compstat?type=THEFT,BATTERY&rows=type&level=district")
    with page.expect_download() as loading:
        page.get_by_role("link", name="JSON").click()
    found = json.loads(Path(loading.value.path()).read_text(encoding="utf-8"))
    districts = sorted({one["district"] for one in found["rows"] if one["district"]})
    rows = {(one["type"], one["district"]): one for one in found["rows"]}
    row = page.locator("tbody").nth(2).locator("tr").nth(2)  # the city, a district, this one
    kind = row.locator("th").inner_text().upper()
    links = row.locator("td.begins").nth(2).locator("a")
    count = number(links.inner_text())
    assert count == rows[kind, districts[1]]["year_to_date"]["count"]
    links.click()
    page.wait_for_url("**/explore?*")
    expect(page.locator("#explore-headline")).to_contain_text(f"{count:,}")
    assert f"district={districts[1]}" in page.url


def test_the_rail_carries_the_selection_and_the_form_keeps_it(
    person: Callable[..., Page],
) -> None:
    page = person(Role.ANALYST, "/explore?type=THEFT")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="CompStat").click()
    page.wait_for_url("**/compstat?type=THEFT")
    page.get_by_label("By").select_option("shift")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**level=shift**")
    assert {*page.locator("tbody tr:not(.area) th").all_inner_texts()} <= {"All", "Property"}
    blocks = page.locator("tbody .area th").all_inner_texts()
    assert blocks == ["All selected", "Day", "Evening", "Night"]


def test_a_viewer_reads_the_table_and_is_offered_no_file(person: Callable[..., Page]) -> None:
    page = person(Role.VIEWER, "/compstat")
    expect(page.locator("table.compstat tbody").first).to_contain_text("All")
    assert page.get_by_role("link", name="CSV").count() == 0


def test_it_fits_paper_and_a_phone_and_has_no_serious_accessibility_violation(
    person: Callable[..., Page],
) -> None:
    page = person(Role.VIEWER, "/compstat")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    assert page.locator("table.compstat").evaluate("table => table.scrollWidth") <= PAPER["width"]
    expect(page.get_by_role("button", name="Show")).to_be_hidden()


def test_it_is_readable_in_the_dark(person: Callable[..., Page]) -> None:
    page = person(Role.VIEWER, "/compstat", color_scheme="dark")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
