"""Saved views, interventions and notes, by an analyst and the viewer she works for."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from bench.site_server import SiteServer


def complaints(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_a_view_goes_from_the_filters_of_an_analyst_to_a_viewer(
    agency: SiteServer, person: Callable[..., Page]
) -> None:
    page = person(Role.ANALYST, "/explore?type=THEFT&date=2026-09-01..2026-09-20")
    expect(page.locator("#explore-headline")).to_contain_text("Incidents")
    page.get_by_role("link", name="Save view").click()
    page.wait_for_url("**/views?address=*")
    page.get_by_label("Name").fill("Thefts lately")
    page.get_by_label("Dates").select_option("last28d")
    page.get_by_label("viewers").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="My views")).to_contain_text("Thefts lately")
    assert complaints(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    reader = person(Role.VIEWER, "/views", color_scheme="dark")
    shared = reader.get_by_role("region", name="Shared with me")
    expect(shared).to_contain_text("analyst")
    assert complaints(reader) == []
    shared.get_by_role("link", name="Thefts lately").click()
    reader.wait_for_url(f"{agency.url}/explore?type=THEFT&date=last28d")
    expect(reader.locator("#explore-headline")).to_contain_text("Incidents")


def test_an_analyst_records_what_a_viewer_reads_on_timelines(
    person: Callable[..., Page],
) -> None:
    page = person(Role.ANALYST, "/interventions")
    page.get_by_label("Name").fill("Foot patrol")
    page.get_by_label("First day").fill("2026-06-01")
    page.get_by_label("Incidents and places").fill("type=THEFT&district=001")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status")).to_contain_text("Foot patrol")
    page.get_by_role("link", name="Foot patrol").click()
    expect(page.locator("svg[role=img]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("expected from the days before")
    assert complaints(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    reader = person(Role.VIEWER, "/interventions", color_scheme="dark")
    expect(reader.get_by_role("link", name="Foot patrol")).to_be_visible()
    assert reader.get_by_role("button", name="Record").count() == 0
    reader.get_by_role("navigation", name="Pages").get_by_role("link", name="Overview").click()
    expect(reader.locator("#overview-weeks")).to_contain_text("Foot patrol")


def test_a_note_is_on_the_record_with_its_author(person: Callable[..., Page]) -> None:
    page = person(Role.ANALYST, "/explore?type=THEFT")
    row = page.locator("#explore-table .ag-center-cols-container [role=row]").first
    row.click()
    record = page.locator("#explore-record")
    record.get_by_role("link", name="Write a note").click()
    page.wait_for_url("**/notes?about=incident*")
    page.get_by_label("Note", exact=True).fill("Seen by a neighbor")
    page.get_by_role("button", name="Write").click()
    assert complaints(page) == []
    page.get_by_role("heading", name="About").get_by_role("link").click()
    expect(record).to_contain_text("Seen by a neighbor (analyst,")


def test_what_an_analyst_writes_on_the_map_a_viewer_reads_and_hides(
    person: Callable[..., Page],
) -> None:
    page = person(Role.ANALYST, "/explore")
    expect(page.locator("#explore-headline")).to_contain_text("Incidents")
    page.locator(".leaflet-draw-draw-circlemarker").click()
    box = page.locator("#explore-map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/notes?draw=point*")
    page.get_by_label("Text").fill("No <b>lights</b> here")
    page.get_by_label("viewers").check()
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("region", name="On the map")).to_contain_text("No <b>lights</b>")
    assert complaints(page) == []
    reader = person(Role.VIEWER, "/explore", color_scheme="dark")
    written = reader.locator(".written-note")
    expect(written).to_contain_text("No <b>lights</b> here")
    expect(written).to_contain_text("analyst, ")
    assert reader.locator(".leaflet-draw-draw-circlemarker").is_hidden()
    reader.emulate_media(media="print")
    expect(written).to_be_visible()
    reader.emulate_media(media="screen")
    reader.get_by_role("button", name="Hide 1 note on the map").click()
    expect(written).to_have_count(0)
    reader.get_by_role("button", name="Show 1 note on the map").click()
    expect(written).to_have_count(1)
    assert complaints(reader) == []
