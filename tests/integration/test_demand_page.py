"""The Forecast page and its exports: numbers against the bundle and against SQL."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import polars as pl
import pytest
from dash import html
from flask.testing import FlaskClient

from analytics.artifacts.bundle import Bundle, champion
from analytics.artifacts.catalog import DEMAND
from analytics.briefing.document import TableCard
from analytics.drafting.catalog import draft_card
from analytics.drafting.draft import figures_of
from analytics.drafting.request import BriefingRequest, Template
from analytics.forecasting.demand.stored_demand import StoredDemand
from analytics.services import Services
from analytics.settings import Settings
from analytics.training.promote import promote
from analytics.training.train import train
from jobs.queue import Queue
from tests.integration.stored_models import opened, parts, words

pytestmark = pytest.mark.timeout(600)  # two models are trained first


@dataclass
class Site:
    services: Services
    client: FlaskClient
    bundle: Bundle

    def shown(self, text: str = "", **page: str) -> Any:
        return opened(self.services, "/forecast", text, **page)

    def csv(self, query: str) -> list[dict[str, str]]:
        found = self.client.get(f"/export/demand.csv?plain=1&{query}")
        assert found.status_code == 200, found.get_data(as_text=True)
        return list(csv.DictReader(StringIO(found.get_data(as_text=True))))

    @property
    def table(self) -> pl.DataFrame:
        return self.bundle.table("forecast")


@pytest.fixture(scope="module")
def site(city_of_8000: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A city with a demand forecast of districts, in use, and one of beats that is not."""
    from app import create_app

    home = Path(shutil.copytree(city_of_8000, tmp_path_factory.mktemp("demand") / "home"))
    settings = Settings(home=home, user="analyst")
    for level in ("district", "beat"):
        train([DEMAND], settings, parameters={"folds": "8", "level": level})
    promote(DEMAND, 1, "the first", settings)
    bundle = champion(home, DEMAND)
    assert bundle
    return Site(Services(settings), create_app(settings).server.test_client(), bundle)


def heat(shown: Any) -> Any:
    return shown["areas"].data[0]


def test_the_heat_map_has_the_expected_counts_of_the_bundle(site: Site) -> None:
    shown = site.shown()
    values = pl.DataFrame([list(row) for row in heat(shown).z], orient="row")
    assert values.shape == (len(site.bundle.rule["areas"]), 28)
    assert values.sum_horizontal().sum() == pytest.approx(site.table["expected"].sum())
    totals = values.sum_horizontal().to_list()
    assert totals == sorted(totals, reverse=True)
    assert not shown["cards_hidden"]
    assert words(shown["missing"]) == ""


def test_a_shift_is_that_of_the_option_or_of_the_selection(site: Site) -> None:
    night = site.table.filter(pl.col("shift") == "Night")["expected"].sum()
    for shown in (site.shown(f_shift="Night"), site.shown("shift=Night")):
        assert sum(map(sum, heat(shown).z)) == pytest.approx(night)
        assert "night shift" in shown["about"]
    day = site.shown("shift=Night", f_shift="Day")
    assert sum(map(sum, heat(day).z)) != pytest.approx(night)
    assert "cannot follow" in day["about"]


def test_the_forecast_links_to_a_plan_of_its_day_and_shifts(site: Site) -> None:
    day = site.table["day"].max().isoformat()  # the data reaches beyond the forecast
    every = plan_starts(site.shown())
    assert {one["p_shift"] for one in every} == set(site.table["shift"])
    assert len(every) == site.table["shift"].n_unique()
    assert {one["p_day"] for one in every} == {day}
    (night,) = plan_starts(site.shown(f_shift="Night", f_measure="harm"))
    assert night == {"p_day": day, "p_shift": "Night", "p_target": "all", "p_weight": "harm"}


def plan_starts(shown: Any) -> list[dict[str, str]]:
    """What each link to the form for a plan starts it with."""
    links = [one for one in parts(shown["plan"]) if isinstance(one, html.A)]
    assert all(one.href.startswith("/patrol#") for one in links)
    return [dict(parse_qsl(urlsplit(one.href).fragment)) for one in links]


def test_a_chosen_area_is_summed_beside_its_counts(site: Site) -> None:
    area = site.bundle.rule["areas"][0]
    shown = site.shown(f"district={area}", f_step="week")
    past, *_, expected, since, _year = shown["fan"].data
    own = site.table.filter(pl.col("area") == area)
    assert sum(expected.y) == pytest.approx(own["expected"].sum())
    assert len(expected.y) == 4
    first = own["day"].min()
    pinned = site.services.pin()
    assert pinned
    ((before, later),) = pinned.reader.frame(
        "SELECT count(*) FILTER (operational_day BETWEEN $first - 56 AND $first - 1), "
        "count(*) FILTER (operational_day BETWEEN $first AND $first + 27) "
        "FROM incidents WHERE district = $area AND proactive IS NOT TRUE AND shift IS NOT NULL",
        {"first": first, "area": area},
    ).rows()
    assert sum(past.y) == before > 0
    assert sum(since.y) <= later
    assert len(shown["areas"].layout.shapes) == 1


def test_the_whole_period_is_drawn_jointly(site: Site) -> None:
    stored = StoredDemand.of(site.table).total()
    (row,) = site.csv("sum=total&step=whole")
    assert float(row["expected"]) == pytest.approx(stored.expected, abs=1e-3)
    assert {name: int(row[name]) for name in stored.quantiles} == stored.quantiles
    assert f"{stored.quantiles['q10']} to {stored.quantiles['q90']}" in site.shown()["fan_note"]


def test_a_card_of_a_briefing_has_the_sums_of_the_page(site: Site) -> None:
    pinned = site.services.pin()
    assert pinned
    areas = site.bundle.rule["areas"][:2]
    request = BriefingRequest(Template.WEEKLY, f"district={','.join(areas)}")
    for asked, chosen in ((BriefingRequest(Template.WEEKLY), None), (request, areas)):
        card = draft_card(figures_of(site.services, pinned, asked)[0], "forecast")
        assert isinstance(card, TableCard)
        own = site.table if chosen is None else site.table.filter(pl.col("area").is_in(chosen))
        stored = StoredDemand.of(own).total()
        low, high = (stored.quantiles[name] for name in ("q10", "q90"))
        name, expected, interval = card.rows[0]
        assert name == "All of them"
        assert float(expected.replace(",", "")) == pytest.approx(stored.expected, abs=0.51)
        ends = [int(one.replace(",", "")) for one in re.findall(r"[\d,]+", interval)]
        apart = 0 if chosen is None else 2  # fewer areas alone are drawn with other random numbers
        assert ends == pytest.approx([low, high], abs=apart)
        each = own.group_by("area").agg(pl.col("expected").sum()).sort("expected", descending=True)
        listed = [int(row[0].split()[-1]) for row in card.rows[1:]]
        assert listed == [int(area) for area in each["area"].to_list()[:15]]
        assert f"version {site.bundle.version}" in card.source.label


def test_another_level_is_shown_by_its_newest_version_that_passed(site: Site) -> None:
    shown = site.shown(f_level="beat")
    if "Beats" not in words(shown["controls"]):
        pytest.fail("the version of beats failed its checks; choose another city")
    assert "version 2, which is not in use" in shown["about"]
    assert len({row["beat"] for row in site.csv("level=beat")}) > len(site.bundle.rule["areas"])


def test_filters_that_the_forecast_leaves_out_are_named(site: Site) -> None:
    said = site.shown("weekday=5&date=2026-01")["about"]
    assert "cannot follow" in said
    assert "Fridays" in said
    assert "Jan 2026" in said
    assert "cannot follow" not in site.shown("shift=Night")["about"]


def test_a_target_without_a_forecast_is_named_and_can_be_trained(site: Site) -> None:
    shown = site.shown("type=ROBBERY")
    assert "No demand forecast of robbery" in shown["about"]
    assert "Train now" in words(shown["missing"])
    assert not shown["cards_hidden"]


def test_accuracy_is_that_of_the_stored_evaluation(site: Site) -> None:
    shown = site.shown()
    line = shown["calibration"].data[1]
    observed = dict(zip((round(one, 2) for one in line.x), line.y, strict=True))
    assert observed[0.8] == pytest.approx(site.bundle.metrics["coverage_80"].value)
    gain = site.bundle.metrics["pinball_gain"]
    assert f"{100 * gain.value:.0f}" in words(shown["skill"])
    assert "8 test forecasts" in shown["calibration_note"]


def test_the_export_has_what_the_page_shows(site: Site) -> None:
    rows = site.csv("shift=Night")
    night = site.table.filter(pl.col("shift") == "Night")
    assert len(rows) == night.height
    for name in ("q025", "q50", "q975"):
        assert [int(row[name]) for row in rows] == night[name].to_list()
    assert rows[0]["first"] == night["day"][0].isoformat()
    head = site.client.get("/export/demand.csv").get_data(as_text=True).splitlines()[:7]
    assert all(line.startswith("#") for line in head)
    found = site.client.get("/export/demand.geojson?step=whole").get_json()
    assert len(found["features"]) == len(site.bundle.rule["areas"])
    assert {one["geometry"]["type"] for one in found["features"]} <= {"Polygon", "MultiPolygon"}
    (period,) = found["features"][0]["properties"]["periods"]
    assert period["expected"] > 0
    assert found["patroliq"]["forecast"]["version"] == 1


@pytest.mark.parametrize(
    "query", ["_shift=Noon", "shift=Noon", "step=month", "sum=all", "level=ward", "target=piracy"]
)
def test_an_option_that_is_not_valid_is_refused(site: Site, query: str) -> None:
    refused = site.client.get(f"/export/demand.csv?{query}")
    assert refused.status_code == 400
    assert query.partition("=")[2] in refused.get_data(as_text=True)


def test_a_sum_of_areas_has_no_outlines(site: Site) -> None:
    assert site.client.get("/export/demand.geojson?sum=total").status_code == 400


def test_without_a_forecast_the_page_offers_to_train_one(city_of_8000: Path) -> None:
    services = Services(Settings(home=city_of_8000, user="analyst"))
    shown = opened(services, "/forecast", "")
    assert shown["cards_hidden"]
    assert "No demand forecast of all incidents yet" in words(shown["missing"])
    assert not [job for job in Queue(services.state).latest() if not job.is_finished]


def test_harm_is_expected_and_counted_in_days(site: Site) -> None:
    shown = site.shown(f_measure="harm", f_step="whole")
    expected = site.table["expected_harm"].sum()
    assert sum(map(sum, heat(shown).z)) == pytest.approx(expected)
    assert "Harm of all incidents, in days" in shown["fan_note"]
    assert "codes without a weight count as 0" in shown["areas_note"]
    (row,) = site.csv("sum=total&step=whole&measure=harm")
    assert float(row["expected"]) == pytest.approx(expected, rel=1e-6)
    peer = StoredDemand.of(site.table).harm(site.bundle.table("harm_mix"))  # other random numbers
    for name, value in peer.quantiles.items():
        assert float(row[name]) == pytest.approx(value, rel=0.1)
    first = site.table["day"].min()
    pinned = site.services.pin()
    assert pinned
    (days,) = pinned.reader.frame(
        "SELECT sum(harm_days) FROM incidents WHERE proactive IS NOT TRUE AND shift IS NOT NULL "
        "AND district IS NOT NULL AND operational_day BETWEEN $first - 56 AND $first - 1",
        {"first": first},
    ).row(0)
    assert sum(site.shown(f_measure="harm")["fan"].data[0].y) == days > 0
    refused = site.client.get("/export/demand.csv?measure=tears")
    assert refused.status_code == 400
    assert "choose from count, harm" in refused.get_data(as_text=True)
