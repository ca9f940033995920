"""The page Responsible use: a compared plan on the screen, on paper and as a file."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from analytics.fairness.stored_evaluation import FairnessEvaluation, read_evaluation
from bench.app_page import AppPage
from bench.machine import patroliq
from bench.site_server import SiteServer
from tests.browser.conftest import OPTIONS

MAKE = (
    "plan", "make", "--date=2026-10-20", "--shift=Night", "--units=14", "--seed=5", "--hours=1",
    "--candidates=2", "--at-most-share=2", "--save=Test",
)  # fmt: skip
SPILL = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = {"width": 390, "height": 844}
PATIENT_MS = 30_000


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with a plan that is compared with reported harm."""
    made = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("compared") / "home"))
    patroliq(made, *MAKE)
    patroliq(made, "evaluate", "fairness", "--save")
    return made


@pytest.fixture(scope="module")
def found(home: Path) -> FairnessEvaluation:
    evaluation = read_evaluation(home)
    assert evaluation is not None
    return evaluation


@pytest.fixture(scope="module")
def page(browser: Browser, home: Path) -> Iterator[Page]:
    with SiteServer(home, PATROLIQ_WORKERS="1").running() as server:
        context = browser.new_context(**OPTIONS)
        app = AppPage(context.new_page(), server.url)
        app.go("/responsible-use")
        expect(app.page.locator("#responsible_use-frontier .js-plotly-plot")).to_be_visible(
            timeout=PATIENT_MS
        )
        yield app.page
        context.close()


def test_it_shows_the_plan_that_was_compared(page: Page, found: FairnessEvaluation) -> None:
    plan, comparison, frontier = found.plan, found.comparison, found.frontier
    assert plan is not None
    assert comparison is not None
    assert frontier is not None
    expect(page.locator("#responsible_use-status")).to_contain_text(f"Plan {plan.plan}")
    moved = f"{100 * comparison.moved:.1f}% of patrol time"
    expect(page.locator("#responsible_use-status")).to_contain_text(moved)
    rows = page.locator("#responsible_use-areas tbody tr")
    expect(rows).to_have_count(len(comparison.areas))
    drawn = page.evaluate(
        "document.querySelector('#responsible_use-frontier .js-plotly-plot').data[0].x.length"
    )
    assert drawn == sum(one.disparity is not None for one in frontier.plans)
    assert page.locator(".model-card").count() == 0
    expect(page.locator("#responsible_use-models")).to_contain_text("No model is in use")


def test_its_numbers_can_be_saved(page: Page, found: FairnessEvaluation, tmp_path: Path) -> None:
    page.locator("#responsible_use-areas-card summary").first.click()
    with page.expect_download() as download:
        page.locator("#responsible_use-areas-card [data-action='export-csv']").click()
    path = tmp_path / "areas.csv"
    download.value.save_as(path)
    lines = path.read_text().splitlines()
    assert lines[0] == "# PatrolIQ, Responsible use: areas"
    rows = list(csv.DictReader(lines[3:]))
    assert found.comparison
    shares = {one.area: one.of_time for one in found.comparison.areas}
    assert {row["area"]: pytest.approx(float(row["of_time"])) for row in rows} == shares


@pytest.mark.parametrize("size", [None, PHONE])
def test_it_is_accessible_and_inside_the_screen(page: Page, size: dict[str, int] | None) -> None:
    before = page.viewport_size
    if size:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.reload()
        expect(page.locator("#responsible_use-areas tbody tr").first).to_be_visible()
    try:
        assert page.evaluate(SPILL) == 0
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["target"]) for one in violations] == []
    finally:
        if size and before:
            page.set_viewport_size(before)
            page.reload()
            expect(page.locator("#responsible_use-areas tbody tr").first).to_be_visible()


def test_it_prints_without_controls(page: Page) -> None:
    asked = "window.print = () => { window.printed = true; }"
    page.evaluate(asked)
    page.get_by_role("button", name="Print this page").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    try:
        expect(page.locator("#rail")).to_be_hidden()
        expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
        expect(page.locator("#responsible_use-areas table")).to_be_visible()
        expect(page.locator("#responsible_use-gaps table")).to_be_visible()
    finally:
        page.emulate_media(media="screen")
