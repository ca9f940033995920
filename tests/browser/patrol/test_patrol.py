"""A plan as people live it: made on the page, printed, driven with a phone, and compared."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from bench.app_page import AppPage
from bench.machine import patroliq
from bench.site_server import SiteServer
from bench.visits import SCREENS
from tests.browser.frame.test_every_page import SPILL, complaints
from tests.browser.watcher import Watcher

DAY = "2026-11-20"  # the last day of the forecast
UNITS = 4
PHONE = SCREENS["390 × 844"]
OFFLINE = "ERR_INTERNET_DISCONNECTED"
OF_UNIT = """([list, unit]) => {
    const key = `patroliq-go-${list}`;
    const visits = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify(visits.map((one) => ({ ...one, unit }))));
}"""
POSITION = re.compile(r"^-?\d+\.\d{6}, -?\d+\.\d{6}$")
CUT = """() => [...document.querySelectorAll("#patrol-cards .scroll")]
    .filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.closest(".card").id)"""
"""Cards whose tables are cut at the right edge."""
PATIENT_MS = 30_000  # other work may be on the machine


@pytest.fixture(scope="module")
def patrol_site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """The small city with a demand forecast, in which plans are made, served by one worker."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("patrol") / "home"))
    patroliq(home, "train", "demand_forecast", "--set", "folds=8", "--promote-first")
    with SiteServer(home, PATROLIQ_WORKERS="1", PATROLIQ_USER="analyst").running() as server:
        yield server


@pytest.fixture(scope="module")
def planned_site(patrol_site: SiteServer) -> SiteServer:
    """The same with at least one plan."""
    if not json.loads(patroliq(patrol_site.home, "plan", "list", "--json"))["plans"]:
        asked = (f"--date={DAY}", "--shift=Evening", f"--units={UNITS}", "--save=Holiday shopping")
        patroliq(patrol_site.home, "plan", "make", *asked)
    return patrol_site


def sheets_in(pdf: bytes) -> int:
    """Pages of a PDF file."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def start_from_the_forecast(app: AppPage) -> None:
    """A link of the forecast opens the form for a plan of its day and shift."""
    app.go("/forecast")
    page = app.page
    page.locator("#forecast-plan").get_by_role("link", name="Evening").click()
    expect(page.locator("#patrol-missing")).to_contain_text("No plans yet")
    expect(page.get_by_label("Day on which the shift begins")).to_have_value(DAY)
    expect(page.get_by_label("Shift", exact=True)).to_have_value("Evening")
    expect(page.get_by_label("Units of all areas")).to_be_focused()


def make_a_plan(app: AppPage, home: Path) -> None:
    """Fill in the form, and let a worker run the job."""
    page = app.page
    page.get_by_label("Units of all areas").fill(str(UNITS))
    page.get_by_label("Police-initiated offenses").select_option("Count too")
    page.get_by_text("Areas, limits and places").click()
    page.get_by_label("Units per workload").fill("3")
    page.get_by_label("Why this plan").fill("Holiday shopping")
    with app.gesture():
        page.get_by_role("button", name="Make plan").click()
    expect(page.locator("#patrol-work")).to_contain_text("Make a plan")
    patroliq(home, "worker", "--once")
    expect(page.locator("#patrol-figures")).to_contain_text("expected", timeout=PATIENT_MS)
    settings = page.locator("#patrol-left-out")
    expect(settings).to_contain_text("within 3 times the mean")
    expect(settings).to_contain_text("Police-initiated offenses count too")


def offer_a_change(page: Page) -> None:
    """Clicks on a place and on the map fill the form; a form without a reason is refused."""
    place = page.locator("#patrol-stops [data-place]").first
    place.click()
    expect(page.get_by_label("Place", exact=True)).to_have_value(place.inner_text())
    page.locator("#patrol-map").click(button="right", position={"x": 200, "y": 200})
    expect(page.get_by_label("Position", exact=True)).to_have_value(POSITION)
    page.get_by_role("button", name="Change and plan again").click()
    expect(page.get_by_text("Give a reason")).to_be_visible()


def edit_the_briefing(app: AppPage) -> None:
    """A number shows its card; one that is changed is marked when the text is saved."""
    page = app.page
    card = page.locator("#patrol-briefing-card")
    card.locator("[data-shows='patrol-figures-card']").first.click()
    expect(page.locator("#patrol-figures-card")).to_be_focused()
    card.locator(".briefing-edit > summary").click()
    text = card.get_by_label("Text")
    typed = text.input_value().replace(f"{UNITS} units", "nine units")
    text.fill(typed)
    app.go("/patrol")
    card.locator(".briefing-edit > summary").click()
    expect(text).to_have_value(typed)  # what was typed outlasts its form
    with app.gesture():
        card.get_by_role("button", name="Save", exact=True).click()
    expect(card.locator("mark")).to_have_text(["nine"])
    expect(card).to_contain_text("Saved by analyst")


def visit_offline(page: Page, go: str, watcher: Watcher, context: BrowserContext) -> str:
    """Choose the plan, lose the connection, open the page again, and record a visit."""
    page.clock.install(time=f"{DAY}T18:00:00Z")  # in the shift
    page.goto(f"{go}?date={DAY}")
    page.get_by_label("Name or badge").fill("Badge 12")
    expect(page.get_by_label("Unit", exact=True).locator("option")).to_have_count(UNITS)
    page.get_by_role("button", name="Show stops").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate(SPILL) == 0
    watcher.expect(OFFLINE)
    context.set_offline(True)
    page.reload()
    first = page.locator("#stops li").first
    place = first.locator("h2").inner_text().partition(" · ")[2]
    assert first.get_by_role("link", name="Navigate").get_attribute("href")
    first.get_by_role("button", name="Start visit").click()
    page.get_by_label("Note").fill("All quiet")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^0:0[1-9]$"))
    page.reload()  # the visit goes on
    expect(page.get_by_label("Note")).to_have_value("All quiet")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Stop visit").click()
    expect(page.locator("#status")).to_contain_text("1 visit waits")
    page.evaluate(OF_UNIT, ["queue", 77])
    context.set_offline(False)
    expect(page.locator("#refused")).to_contain_text("no unit 77", timeout=PATIENT_MS)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate(SPILL) == 0
    page.evaluate(OF_UNIT, ["refused", 1])
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#status")).to_have_text("All visits are sent.", timeout=PATIENT_MS)
    expect(page.locator("#refused")).to_be_hidden()
    expect(page.locator("#stops .done")).to_have_count(1)  # even if the unit comes again
    return place


def test_a_plan_is_made_printed_driven_and_compared(
    patrol_site: SiteServer,
    new_page: Callable[..., Page],
    new_context: Callable[..., BrowserContext],
    watcher: Watcher,
) -> None:
    app = AppPage(new_page(), patrol_site.url)
    start_from_the_forecast(app)
    make_a_plan(app, patrol_site.home)
    offer_a_change(app.page)
    edit_the_briefing(app)
    assert complaints(app) == []
    for screen in ("1440 × 900", "1280 × 720"):
        app.page.set_viewport_size(SCREENS[screen]["viewport"])
        assert app.page.evaluate(CUT) == []
    links = {
        name: app.page.get_by_role("link", name=name).get_attribute("href")
        for name in ("Sheets of all units", "Officer's phone page")
    }

    sheet = new_page()
    sheet.goto(f"{patrol_site.url}{links['Sheets of all units']}")
    expect(sheet.locator(".sheet")).to_have_count(UNITS)
    assert Axe().run(sheet).response["violations"] == []
    assert [sheets_in(sheet.pdf(format=paper)) for paper in ("Letter", "A4")] == [UNITS, UNITS]
    sheet.goto(f"{patrol_site.url}/patrol/briefing?plan=1")
    expect(sheet.locator("mark").first).to_have_text("nine")
    assert Axe().run(sheet).response["violations"] == []
    assert [sheets_in(sheet.pdf(format=paper)) for paper in ("Letter", "A4")] == [1, 1]

    phone = new_context(**PHONE)
    go = patrol_site.url + str(links["Officer's phone page"])
    place = visit_offline(new_page(phone), go, watcher, phone)
    found = json.loads(patroliq(patrol_site.home, "visits", "dosage", "--plan", "1", "--json"))
    assert [one["place"] for one in found["places"] if one["visits"]] == [place]

    app = AppPage(new_page(), patrol_site.url)
    app.go("/patrol#p_show=dosage")
    expect(app.page.locator("#patrol-dosage")).to_contain_text("at 1 of")
    expect(app.page.locator("#patrol-map-note")).to_contain_text("planned minutes")
    with app.gesture() as made:
        app.page.locator('[data-option="p_unit"]').select_option("1")
    assert len(made.requests) == 1
    expect(app.page.locator("#patrol-stops .patrol-unit")).to_have_count(1)
    with app.gesture():
        app.page.get_by_label("What the map shows").select_option("routes")
    expect(app.page.locator("#patrol-map .rank-mark").first).to_be_visible()


def test_the_page_with_a_plan_stands_on_a_phone_in_the_dark(
    planned_site: SiteServer, new_page: Callable[..., Page]
) -> None:
    app = AppPage(new_page(**PHONE, color_scheme="dark"), planned_site.url)
    app.go("/patrol")
    expect(app.page.locator("#patrol-stops .patrol-unit")).to_have_count(UNITS)
    assert app.page.evaluate(SPILL) == 0
    assert complaints(app) == []
