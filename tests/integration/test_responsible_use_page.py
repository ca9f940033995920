"""The page Responsible use and its exports: numbers against SQL and the stored plan."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from analytics.artifacts.index import read_index, write_index
from analytics.cli.evaluate import command as evaluate
from analytics.cli.plan import command as plan
from analytics.fairness.data_gaps import Gap, data_gaps
from analytics.fairness.stored_evaluation import (
    FILE,
    FairnessEvaluation,
    read_evaluation,
    write_evaluation,
)
from analytics.patrol.stored_plans import StoredPlans
from analytics.services import Pinned, Services
from analytics.settings import Settings
from callbacks.frame.pages import page_at
from components.responsible_use.ids import ResponsibleUseIds
from components.responsible_use.sentences import OTHER_DATA
from tests.integration.stored_models import ask, jobs, opened, store_models, words

PATH = "/responsible-use"
MAKE = [
    "make", "--date=2026-10-20", "--shift=Night", "--units=14", "--seed=5", "--hours=1",
    "--candidates=2", "--at-most-share=2", "--save=Test", "--json",
]  # fmt: skip


@dataclass
class Site:
    services: Services
    client: FlaskClient
    found: FairnessEvaluation

    def shown(self, **page: str) -> Any:
        return opened(self.services, PATH, "", **page)

    def csv(self, part: str) -> list[dict[str, str]]:
        found = self.client.get(f"/export/responsible-use.csv?part={part}")
        assert found.status_code == 200, found.get_data(as_text=True)
        lines = found.get_data(as_text=True).splitlines()
        assert all(line.startswith("# ") for line in lines[:3])
        return list(csv.DictReader(StringIO("\n".join(lines[3:]))))


def test_without_a_plan_or_models_the_page_says_what_to_do(city_of_8000: Path) -> None:
    services = Services(Settings(home=city_of_8000, user="analyst"))
    shown = opened(services, PATH, "")
    assert shown["cards_hidden"]
    assert "Patrol page" in words(shown["status"])
    assert "Models page" in words(shown["models"])
    assert "42% of violent victimizations" in words(shown["gaps"])
    pinned, page = services.pin(), page_at(PATH)
    assert pinned
    assert page
    status = page.layout(services, pinned)[ResponsibleUseIds.STATUS]
    assert status.className == "responsible-status"  # no room for the sentences of a comparison
    services.state.close()


def store_again(services: Services) -> int:
    """Store the first plan under a new number."""
    plans = StoredPlans(services.state, services.settings)
    first = plans.read(1)
    return plans.add(first.request, first.content, first.snapshot, "Again").plan


@pytest.fixture(scope="module")
def site(city_of_8000: Path) -> Iterator[Site]:
    """A city with two plans, the newer one of which is compared."""
    from app import create_app

    runner = CliRunner(env={"PATROLIQ_HOME": str(city_of_8000), "PATROLIQ_USER": "analyst"})
    made = runner.invoke(plan, MAKE)
    assert made.exit_code == 0, made.output
    settings = Settings(home=city_of_8000, user="analyst")
    services = Services(settings)
    store_again(services)
    done = runner.invoke(evaluate, ["fairness", "--save", "--json"])
    assert done.exit_code == 0, done.output
    found = read_evaluation(city_of_8000)
    assert found is not None
    yield Site(services, create_app(settings).server.test_client(), found)
    services.state.close()


def test_areas_have_the_shares_of_the_plan_and_of_reported_harm(site: Site, pinned: Pinned) -> None:
    """Harm by SQL, units from the stored plan."""
    rows = pinned.reader.frame(
        "SELECT district, sum(harm_days)::DOUBLE FROM incidents WHERE proactive IS NOT TRUE "
        "AND district IS NOT NULL AND operational_day BETWEEN $first AND $last GROUP BY 1",
        {"first": site.found.first, "last": site.found.last},
    )
    harm = dict(rows.iter_rows())
    total = sum(harm.values())
    shown = site.shown()
    assert not shown["cards_hidden"]
    text = words(shown["areas"])
    table = site.csv("areas")
    assert sum(float(row["of_time"]) for row in table) == pytest.approx(1)
    for row in table:
        share = harm[row["area"]] / total
        assert float(row["of_harm"]) == pytest.approx(share)
        assert f"{100 * share:.1f}%" in text
        if row["time_to_harm"] and float(row["of_time"]):
            ratio = float(row["of_time"]) / share
            assert float(row["time_to_harm"]) == pytest.approx(ratio)
            assert f"{ratio:.2f} (" in text
    assert "No residents by group" in words(shown["groups"])


def test_the_price_of_the_limit_and_the_frontier_are_those_of_the_plan(site: Site) -> None:
    plan_found, frontier = site.found.plan, site.found.frontier
    assert plan_found is not None
    assert frontier is not None
    limit = plan_found.limit
    assert limit is not None
    shown = site.shown()
    note = words(shown["frontier_note"])
    assert f"{100 * limit.price:.1f}% of the incidents" in note
    line, chosen = shown["frontier"].data
    assert list(line.x) == [one.disparity for one in frontier.plans if one.disparity is not None]
    assert chosen.x[0] == pytest.approx(limit.highest)
    assert chosen.y[0] == pytest.approx(100 * (1 - limit.price), abs=2)
    assert len(site.csv("frontier")) == len(frontier.plans) + 1
    assert len(shown["trend"].data[0].y) == 2
    assert shown["trend"].data[0].y[1] == pytest.approx(limit.highest)
    assert len(site.csv("trend")) == 2
    assert len(site.csv("feedback")) == 6


def test_gaps_are_counted_as_by_sql(site: Site, pinned: Pinned) -> None:
    (row,) = pinned.reader.frame(
        "SELECT count(*) FILTER (WHERE lat IS NULL) AS no_place, "
        "count(*) FILTER (WHERE proactive) AS found, count(*) AS whole FROM incidents",
        {},
    ).iter_rows(named=True)
    gaps = {one.gap: one for one in data_gaps(pinned.reader, "district")}
    assert (gaps[Gap.NO_PLACE].count, gaps[Gap.NO_PLACE].of) == (row["no_place"], row["whole"])
    assert gaps[Gap.FOUND].count == row["found"]
    read = sum(batch.read for batch in pinned.snapshot.manifest.batches)
    assert gaps[Gap.REFUSED].of == read
    shown = words(site.shown()["gaps"])
    assert f"{row['no_place']:,} (" in shown
    assert "`" not in shown
    assert "patroliq quarantine" in shown
    assert {one["gap"] for one in site.csv("gaps")} == {gap.value for gap in Gap}


def test_a_card_is_made_from_the_run_of_the_model_in_use(site: Site) -> None:
    home = site.services.settings.home
    store_models(home)
    text = words(site.shown()["models"])
    assert "K-means patrol zones, version 1" in text
    assert "version 2" not in text
    assert "2.50 (2.00 to 3.00)" in text
    assert "Passed all 3" in text
    assert "does not tell who promoted" in text
    rows = {row["metric"]: row for row in site.csv("models")}
    assert (rows["pai"]["value"], rows["pai"]["low"], rows["pai"]["checked"]) == (
        "2.5",
        "2.0",
        "true",
    )
    versions = read_index(home)["versions"]
    versions[1]["metrics"]["largest_zone_share"]["value"] = 0.9
    write_index(home, {}, versions)
    text = words(site.shown()["models"])
    assert "Passed 2 of 3" in text


def test_a_newer_plan_is_compared_by_a_job_on_request(site: Site) -> None:
    before = site.shown()
    assert "not compared" not in words(before["status"])
    assert "older" not in before["frontier_note"]
    number = store_again(site.services)
    after = site.shown()
    assert f"Plan {number} (version 1)" in words(after["status"])
    assert "of plan 2 (version 1)" in before["frontier_note"]
    assert f"older than plan {number} (version 1)" in after["frontier_note"]
    assert (
        after["trend_note"] == f"{before['trend_note']} 1 newer plan or version is not in it yet."
    )
    queued = len(jobs(site.services))
    said = ask(site.services, PATH, action="act", name="evaluate-fairness", values={})
    assert jobs(site.services)[0].command == ("evaluate", "fairness", "--save")
    assert len(jobs(site.services)) == queued + 1
    assert "Compare again" in words(said["status"])


def test_figures_of_other_data_say_so(site: Site) -> None:
    assert OTHER_DATA not in words(site.shown()["status"])
    home = site.services.settings.home
    write_evaluation(home, replace(site.found, snapshot="20200101T000000Z-00000000"))
    shown = site.shown()
    write_evaluation(home, site.found)
    for part in ("status", "frontier_note", "trend_note"):
        assert OTHER_DATA in words(shown[part]), part


def test_a_damaged_evaluation_is_said_and_unknown_parts_are_refused(site: Site) -> None:
    assert site.client.get("/export/responsible-use.csv?part=x").status_code == 400
    path = site.services.settings.home / FILE
    path.write_text("{")
    shown = site.shown()
    assert "is damaged" in words(shown["status"])
    assert shown["cards_hidden"]
    path.unlink()
    assert site.client.get("/export/responsible-use.csv?part=areas").status_code == 400
