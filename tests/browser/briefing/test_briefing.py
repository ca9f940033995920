"""Briefings with two people: one makes and edits it, the other reads what is shared."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import pypdf
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics.access.roles import Role
from bench.site_server import SiteServer
from tests.browser.watcher import Watcher

PAPER = {"width": 740, "height": 979}
"""Letter, within its margins, in pixels of css."""


def titles(page: Page) -> list[str]:
    found = page.locator(".paper .card h2").all_inner_texts()
    return [one.split(" ")[0] for one in found]


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_an_analyst_makes_edits_and_takes_one_and_a_viewer_reads_it(
    person: Callable[..., Page], agency: SiteServer, watcher: Watcher
) -> None:
    page = person(Role.ANALYST, "/briefings/new?template=weekly&selection=type%3DTHEFT")
    expect(page.get_by_label("Selection")).to_have_value("type=THEFT")
    assert serious(page) == []
    page.get_by_label("Title").fill("Thefts on Monday")
    page.get_by_role("button", name="Make briefing").click()
    page.wait_for_url("**/briefings/1")
    assert serious(page) == []
    first = titles(page)
    page.get_by_role("button", name=f"Move {first[1]} up", exact=True).click()
    expect(page.locator(".about")).to_contain_text("Version 2")
    assert titles(page)[:2] == [first[1], first[0]]
    page.get_by_role("button", name="Remove Hours of the day").click()
    expect(page.locator(".about")).to_contain_text("Version 3")
    page.locator("select[name=card]").select_option("note")
    page.get_by_role("button", name="Add card").click()
    page.get_by_label("Text of Note").fill("Two cars were seen at 31 Elm St.")
    page.get_by_role("button", name="Save text").last.click()
    expect(page.locator("article mark").first).to_have_text("Two")
    assert "Hours" not in titles(page)

    with page.expect_download() as loading:
        page.get_by_role("link", name="PDF", exact=True).click()
    pdf = pypdf.PdfReader(BytesIO(Path(loading.value.path()).read_bytes()))
    text = " ".join(one.extract_text() for one in pdf.pages)
    assert "Thefts on Monday" in text
    assert "31 Elm St" in text
    with page.expect_download() as loading:
        page.get_by_role("link", name="Word").click()
    word = docx.Document(loading.value.path())
    heads = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]
    assert len(heads) == len(titles(page))

    viewer = person(Role.VIEWER, "/briefings")
    expect(viewer.get_by_text("None yet.")).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("button", name="Stop sharing")).to_be_visible()
    viewer.reload()
    assert viewer.get_by_role("link", name="New briefing").count() == 0
    viewer.locator("main section a").first.click()
    expect(viewer.locator(".paper table").first).to_be_visible()
    assert viewer.get_by_role("button", name="Move").count() == 0
    assert viewer.get_by_role("link", name="PDF").count() == 0
    assert "Elm" not in viewer.locator(".paper").inner_text()  # viewers see some offenses hidden
    watcher.expect("status of 403")
    viewer.goto(agency.url + "/briefings/new")
    expect(viewer.locator("form[action='/briefings/new']")).to_have_count(0)


def test_a_card_of_a_page_becomes_a_card_of_a_briefing(person: Callable[..., Page]) -> None:
    page = person(Role.ANALYST, "/?type=THEFT&date=ytd")
    weeks = page.locator("#overview-weeks-card")
    weeks.locator(".menu > summary").click()
    weeks.get_by_role("link", name="Add to a briefing").click()
    expect(page.get_by_label("Card")).to_have_value("weeks")
    expect(page.locator("input[name=selection]")).to_have_value("type=THEFT&date=ytd")
    assert serious(page) == []
    address = page.url
    page.locator("select[name=to]").select_option("new")
    page.get_by_role("button", name="Add card").click()
    heads = page.locator(".paper .card h2")
    expect(heads.first).to_contain_text("Incidents by week: Theft")
    page.goto(address.replace("weeks", "week_hours"))
    page.get_by_role("button", name="Add card").click()
    expect(heads.nth(1)).to_contain_text("Weekday and hour: Theft")

    viewer = person(Role.VIEWER, "/")
    card = viewer.locator("#overview-weeks-card")
    card.locator(".menu > summary").click()
    expect(card.locator(".menu-about")).to_be_visible()
    expect(card.locator(".to-briefing")).to_be_hidden()


def test_it_fits_paper_a_phone_and_the_dark(person: Callable[..., Page]) -> None:
    page = person(Role.ANALYST, "/briefings/new?template=monthly", color_scheme="dark")
    page.get_by_role("button", name="Make briefing").click()
    page.wait_for_url(lambda address: address.rsplit("/", 1)[1].isdecimal())
    assert serious(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    for table in page.locator(".paper table").all():
        assert table.evaluate("table => table.scrollWidth") <= PAPER["width"]
    expect(page.get_by_role("button", name="Add card")).to_be_hidden()
