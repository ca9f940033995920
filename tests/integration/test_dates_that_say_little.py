"""Stray dates, dates of a month or a day only, and areas without districts: what pages show."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport, Note, NoteKind
from analytics.overview.reporting import reporting
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.statistics.two_periods import Comparison, compare
from callbacks.frame.headline import headline_numbers
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from tests.integration.test_overview_page import counts, text

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
area = "area"
lat = "lat"
lon = "lon"
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""
MONTHS = [date(2015 + at // 12, at % 12 + 1, 1) for at in range(36)]


def written(path: Path, moments: list[datetime]) -> Path:
    draw = random.Random(3)  # noqa: S311 - not cryptographic
    rows = ["id,when,type,area,lat,lon"]
    for number, moment in enumerate(moments):
        kind, area = draw.choice(["BURGLARY", "THEFT"]), f"A{draw.randrange(4)}"
        lat, lon = 51.5 + draw.random() / 50, draw.random() / 50
        rows.append(f"{number},{moment:%Y-%m-%d %H:%M},{kind},{area},{lat:.5f},{lon:.5f}")
    path.write_text("\n".join(rows) + "\n")
    return path


def loaded(
    settings: Settings, folder: Path, moments: list[datetime], source: str = TOWN
) -> tuple[IngestReport, Services]:
    path = written(folder / "town.csv", moments)
    return ingest([path], Source.parse(source, Path("town.toml")), settings), Services(settings)


def by_day(first: date, days: int, each: int = 4) -> list[datetime]:
    start = datetime(first.year, first.month, first.day)
    return [
        start + timedelta(days=day, hours=1 + 5 * number)
        for day in range(days)
        for number in range(each)
    ]


def ask(services: Services, path: str, raw: dict[str, Any] | None = None) -> dict[str, Any]:
    page = page_at(path)
    assert page is not None
    gesture = {"n": 1, "action": "open", "text": "", "page": raw or {}}
    first = respond_to(services, page, gesture, SelectionState.of(None))
    assert "headline" in first or path == "/temporal"
    if path != "/":
        return first
    more = {"n": 2, "action": "page", "changed": ["later"]}
    return first | respond_to(services, page, more, SelectionState.of(first["state"]))


@pytest.fixture
def months(settings: Settings, tmp_path: Path) -> Services:
    moments = [
        datetime(month.year, month.month, 1) for month in MONTHS for _ in range(80 + month.month)
    ]
    report, services = loaded(settings, tmp_path, moments)
    assert Note(NoteKind.COARSE_DATES, "month") in report.notes
    return services


def test_one_date_of_1916_leaves_rates_and_comparisons_alone(
    settings: Settings, tmp_path: Path
) -> None:
    regular = by_day(date(2014, 1, 1), 3 * 365)
    source = TOWN + "earliest = 1900-01-01\n"
    report, services = loaded(settings, tmp_path, [datetime(1916, 3, 10), *regular], source)
    assert report.first == "1916-03-10"
    assert report.incidents == len(regular) + 1
    pinned = services.pin()
    assert pinned is not None
    manifest = pinned.snapshot.manifest
    assert manifest.covered == (date(2014, 1, 1), date(2016, 12, 30))
    assert manifest.outside_covered == 1
    found = reporting(Selection(), manifest)
    assert found is not None
    assert found.covered == manifest.covered
    frame = pinned.crossfilter.counts(EVERYTHING, Selection(), [view("day")])["day"]
    facts = headline_numbers(frame, Selection(), manifest)
    assert (facts.incidents, facts.counted, facts.days) == (len(regular) + 1, len(regular), 1095)
    explore, temporal, overview = (ask(services, path) for path in ("/explore", "/temporal", "/"))
    assert "4.0" in text(explore["headline"])
    for part in (temporal["series_words"], overview["data"]):
        assert "1 incident before Jan 1, 2014" in text(part)
    assert "up" not in text(temporal["series_words"]).split()


def test_days_are_covered_whole_without_strays(settings: Settings, tmp_path: Path) -> None:
    report, services = loaded(settings, tmp_path, by_day(date(2015, 12, 30), 100))
    pinned = services.pin()
    assert pinned is not None
    manifest = pinned.snapshot.manifest
    assert (manifest.covered_from, manifest.covered_to) == (report.first, report.last)
    assert manifest.outside_covered == 0
    assert manifest.precision == "minute"


def test_dates_of_a_month_only_are_found_and_kept_in_the_manifest(months: Services) -> None:
    pinned = months.pin()
    assert pinned is not None
    manifest = pinned.snapshot.manifest
    assert (manifest.precision, manifest.precision_detected) == ("month", True)
    assert {"day", "hour", "weekday"} <= manifest.views_off.keys()
    assert manifest.covered == (date(2015, 1, 1), date(2017, 12, 31))
    found = reporting(Selection(), manifest)
    assert found is not None
    assert found.period == (date(2017, 12, 1), date(2017, 12, 31))
    assert found.before == (date(2017, 11, 1), date(2017, 11, 30))


def test_pages_of_months_give_no_rate_a_day_and_say_why(months: Services) -> None:
    overview, explore = ask(months, "/"), ask(months, "/explore")
    assert text(overview["headline"]).split()[:2] == ["Incidents", "92"]
    for part in ("brief", "headline"):
        assert "a day" not in text(overview[part])
    for part in ("unusual", "repeats", "peaks"):
        assert "month only" in text(overview[part])
    assert sum(counts(overview["types"][0]).values()) == 92
    headline = text(explore["headline"])
    assert headline.count("month only") == 3
    assert len(overview["weeks"]["data"][0]["y"]) == 36
    series = ask(months, "/temporal")["series"]["data"][0]
    assert list(series["y"])[:3] == [81, 82, 83]


def test_a_month_that_the_source_names_is_no_discovery(settings: Settings, tmp_path: Path) -> None:
    source = TOWN.replace('title = "Town"', 'title = "Town"\nprecision = "month"')
    report, services = loaded(settings, tmp_path, [datetime(2015, 1, 1)] * 20, source)
    pinned = services.pin()
    assert pinned is not None
    manifest = pinned.snapshot.manifest
    assert (manifest.precision, manifest.precision_detected) == ("month", False)
    assert not report.notes


def test_dates_without_times_have_no_hours(settings: Settings, tmp_path: Path) -> None:
    days = [datetime(2015, 1, 1) + timedelta(days=day) for day in range(200)]
    report, services = loaded(settings, tmp_path, days)
    pinned = services.pin()
    assert pinned is not None
    manifest = pinned.snapshot.manifest
    assert manifest.precision == "day"
    assert "hour" in manifest.views_off
    assert "weekday" not in manifest.views_off
    assert report.unknown["hour"] == 200


def test_a_source_with_areas_but_no_districts_shows_its_areas(
    settings: Settings, tmp_path: Path
) -> None:
    _, services = loaded(settings, tmp_path, by_day(date(2015, 1, 1), 60))
    explore = ask(services, "/explore")
    assert [name for name in ("A0", "A1", "A2", "A3") if name in text(explore["areas"])] == [
        "A0", "A1", "A2", "A3",
    ]  # fmt: skip
    assert set(counts(ask(services, "/")["areas"][0])) == {"A0", "A1", "A2", "A3"}
    chosen = ask(services, "/explore", {"areas": "district"})
    assert "district" in text(chosen["areas"])


def test_a_tiny_base_has_no_percentage() -> None:
    days = pl.DataFrame(
        {"day": [date(2020, 1, 5), date(2020, 2, 5)], "incidents": [3, 8746]},
        schema={"day": pl.Date, "incidents": pl.Int64},
    )
    covered = (date(2019, 1, 1), date(2020, 2, 29))
    february, january = (date(2020, 2, 1), date(2020, 2, 29)), (date(2020, 1, 3), date(2020, 1, 31))
    found = compare(days, february, january, covered)
    assert isinstance(found, Comparison)
    assert (found.now, found.before, found.change) == (8746, 3, None)
