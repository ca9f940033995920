"""The registry's story as a person lives it: train, be refused, promote another, roll back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from bench.machine import ROOT, environment, patroliq
from bench.site_server import SiteServer
from tests.browser.running_worker import running_worker

NAME, TITLE = "zones_kmeans", "K-means patrol zones"
FIRST, SECOND, ONE_ZONE = 1, 2, 3  # versions: of six zones, of nine, and of one, which is refused
ZONES = {FIRST: 6, SECOND: 9}
PHONE = {"width": 390, "height": 844}
PATIENT_MS = 30_000  # other work may be on the machine
WORK_MS = 120_000
SERIOUS = {"serious", "critical"}
# One process instead of three: importing MLflow takes most of the time.
TRAINED = f"""
from analytics.training.promote import promote_first
from analytics.training.train import train
from analytics.settings import Settings

settings = Settings.from_environment()
for k in {tuple(ZONES.values())}:
    trained = train(["{NAME}"], settings, parameters={{"k": str(k), "bootstraps": "2"}})
    promote_first(trained, settings)
"""


def says(found: Locator, words: str) -> None:
    expect(found).to_contain_text(words, timeout=PATIENT_MS)


class ModelsPage:
    """The Models page as an analyst handles it, and what Hot spots shows of it."""

    def __init__(self, page: Page, server: SiteServer) -> None:
        self.page = page
        self.server = server
        page.set_default_timeout(PATIENT_MS)

    def open(self, path: str = "/models") -> None:
        self.page.goto(self.server.url + path)
        self.page.locator("body[data-answered]").wait_for()

    def go(self, name: str) -> None:
        """Follow a link of the rail."""
        self.page.locator("a.rail-link", has_text=re.compile(f"^{name}$")).click()

    def version(self, number: int) -> Locator:
        return self.page.locator("#models-versions .version").filter(
            has=self.page.locator("strong", has_text=re.compile(rf"^Version {number}$"))
        )

    def train(self, **parameters: int) -> None:
        form = self.page.locator("#models-train form")
        for name, value in parameters.items():
            form.locator(f'input[name="set-{name}"]').fill(str(value))
        form.get_by_role("button", name="Train", exact=True).click()

    def decide(self, number: int, verb: str, reason: str) -> None:
        version = self.version(number)
        version.locator("details.decide > summary").click()
        version.get_by_label("Reason, for the audit log").fill(reason)
        version.get_by_role("button", name=re.compile(f"^{verb}")).click()

    @property
    def newest(self) -> Locator:
        return self.page.locator("#models-work li").first

    def ends(self, words: str, status: str) -> Locator:
        """The newest work of that name, once it has come to that."""
        found = self.page.locator("#models-work li").filter(has_text=words).first
        expect(found.locator(".job-status")).to_have_text(status, timeout=WORK_MS)
        return found

    def becomes_champion(self, number: int) -> None:
        champion = self.page.locator("#models-versions .version.champion strong")
        expect(champion).to_have_text(f"Version {number}", timeout=PATIENT_MS)

    def expect_hot_spots_of(self, number: int) -> None:
        """Look at Hot spots: the list is of that version's zones, each a clause that names it."""
        self.go("Hot spots")
        says(self.page.locator("#hotspots-zones-note"), f"All {ZONES[number]} zones")
        zones = self.page.locator("#hotspots-zones .zone-choice")
        expect(zones).to_have_count(ZONES[number], timeout=PATIENT_MS)
        keys = zones.evaluate_all("zones => zones.map((zone) => zone.dataset.key)")
        assert {key.partition(":")[0] for key in keys} == {f"kmeans@{number}"}
        self.go("Models")
        self.becomes_champion(number)


@pytest.fixture(scope="module")
def server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """The small city with two versions of its zones, the first of them champion."""
    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("models") / "home")
    done = subprocess.run(
        [sys.executable, "-c", TRAINED],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with SiteServer(home, PATROLIQ_WORKERS="1").running() as started:
        yield started


@pytest.fixture
def models(server: SiteServer, new_page: Callable[..., Page]) -> ModelsPage:
    return ModelsPage(new_page(), server)


def test_work_that_waits_can_be_canceled(models: ModelsPage) -> None:
    models.open("/models#model=zones_dbscan")
    models.train()
    says(models.newest, "Train DBSCAN hot spots")
    expect(models.newest.locator(".job-status")).to_have_text("waiting", timeout=PATIENT_MS)
    models.newest.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(models.newest.locator(".job-status")).to_have_text("canceled", timeout=PATIENT_MS)
    expect(models.page.locator("#models-work [data-poll]")).to_have_count(0, timeout=PATIENT_MS)


def test_a_promotion_without_a_reason_is_not_sent(models: ModelsPage) -> None:
    models.open(f"/models#model={NAME}")
    work = models.page.locator("#models-work").inner_text()
    version = models.version(SECOND)
    version.locator("details.decide > summary").press("Enter")
    version.get_by_role("button", name=f"Promote version {SECOND}").press("Enter")
    models.page.wait_for_timeout(500)
    assert models.page.locator("#models-work").inner_text() == work
    assert version.locator("textarea").evaluate("field => field.validity.valueMissing")


def test_train_be_refused_promote_another_see_hot_spots_change_roll_back(
    models: ModelsPage,
) -> None:
    models.open(f"/models#model={NAME}")
    models.becomes_champion(FIRST)
    models.expect_hot_spots_of(FIRST)
    with running_worker(models.server.home):
        # Train; the page can be left meanwhile, and the version is there afterwards.
        models.train(k=1, bootstraps=2)
        says(models.newest, f"Train {TITLE}, k 1")
        models.go("Explain")
        says(models.page.locator("#explain-said"), f"version {FIRST}, the champion")
        models.go("Models")
        models.ends(f"Train {TITLE}, k 1", "refused")
        says(models.version(ONE_ZONE), "Failed its promotion checks")
        says(models.version(ONE_ZONE), "A zone that holds a third")

        # Ask for it nevertheless: the gate's words come back where it was asked.
        models.decide(ONE_ZONE, "Promote", "One zone is easy to remember")
        refused = models.ends(f"Promote {TITLE}, version {ONE_ZONE}", "failed")
        says(refused, "A zone that holds a third of all incidents")
        says(models.version(ONE_ZONE), "One zone is easy to remember")
        models.becomes_champion(FIRST)

        models.decide(SECOND, "Promote", "Smaller zones, as precinct 4 asked")
        models.ends(f"Promote {TITLE}, version {SECOND}", "done")
        models.becomes_champion(SECOND)
        models.expect_hot_spots_of(SECOND)

        models.decide(SECOND, f"Roll back to version {FIRST}", "Officers could not find them")
        models.ends(f"Roll back {TITLE}", "done")
        models.becomes_champion(FIRST)
        models.expect_hot_spots_of(FIRST)

    decisions = models.page.locator("#models-decisions")
    says(decisions, f"{TITLE}: rolled back to version {FIRST}, replacing version {SECOND}")
    says(decisions, "“Officers could not find them”")
    assert decisions_in_audit_log(models.server.home) == [
        ("model.promoted", f"{NAME} {FIRST}"),
        ("model.refused", f"{NAME} {ONE_ZONE}"),
        ("model.refused", "One zone is easy to remember"),
        ("model.promoted", "Smaller zones, as precinct 4 asked"),
        ("model.rolled_back", "Officers could not find them"),
    ]


def decisions_in_audit_log(home: Path) -> list[tuple[str, str]]:
    """Event and reason, or subject where a program gave the reason, of a log that verifies."""
    assert json.loads(patroliq(home, "audit", "verify", "--json"))["verified"]
    lines = patroliq(home, "audit", "export", "--json").splitlines()
    entries = [json.loads(line) for line in lines]
    kept = ("model.promoted", "model.refused", "model.rolled_back")
    return [
        (one["event"], one["reason"] if _by_hand(one) else one["subject"])
        for one in entries
        if one["event"] in kept
    ]


def _by_hand(entry: dict[str, Any]) -> bool:
    by_program = ("First version that passed", "largest_zone_share")
    return not entry["reason"].startswith(by_program)


def test_a_version_is_explained_zone_by_zone(models: ModelsPage) -> None:
    models.open(f"/models#model={NAME}")
    models.version(FIRST).locator("a", has_text="Explain").click()
    says(models.page.locator("#explain-said"), f"version {FIRST}, the champion")
    says(models.page.locator("#explain-rules"), "These rules predict the zone")
    lifts = models.page.locator("#explain-lifts-type .interval-text")
    first = lifts.all_inner_texts()
    models.page.locator("#content select[data-option=zone]").select_option(index=1)
    says(models.page.locator("#explain-lifts-type"), "in zone 1")
    assert lifts.all_inner_texts() != first


@pytest.mark.parametrize("path", ["/models", "/explain"])
@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    ],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    server: SiteServer, new_page: Callable[..., Page], path: str, options: dict[str, Any]
) -> None:
    models = ModelsPage(new_page(**options), server)
    models.open(path)
    models.page.locator(".interval-row").first.wait_for()
    for summary in models.page.locator("details.decide > summary").all():
        summary.click()
    found = Axe().run(models.page).response["violations"]
    serious = [
        f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert serious == []
    assert models.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
