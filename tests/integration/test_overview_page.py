"""The Overview on a city with models and on a tiny snapshot: numbers against SQL, links, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import duckdb
import numpy as np
import pytest
from dash.development.base_component import Component

from analytics.artifacts.index import write_index
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.demo.build import build_demo
from analytics.formats import country_of
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import CountedRows, expected_counts
from analytics.statistics.season_model import SeasonModel
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES, page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Queue
from tests.integration.redraws import redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import version

OVERVIEW = page_at("/")
PERIOD = (date(2026, 9, 6), date(2026, 10, 3))  # the last 28 complete days of the city
IN_PERIOD = f"operational_day BETWEEN '{PERIOD[0]}' AND '{PERIOD[1]}'"
CARDS = ("headline", "brief", "groups", "areas", "types", "peaks", "data", "models")
LATER = (
    "map", "map_places", "zones", "unusual", "repeats", "brief_more", "headline_more",
    "hours_words", "data_more",
)  # fmt: skip


def walk(children: Any) -> Iterator[Any]:
    if isinstance(children, list | tuple):
        for child in children:
            yield from walk(child)
    elif isinstance(children, Component):
        yield children
        yield from walk(getattr(children, "children", None))
    elif children is not None:
        yield str(children)


def text(children: Any) -> str:
    return " ".join(part for part in walk(children) if isinstance(part, str))


def props(part: Component) -> dict[str, Any]:
    return part.to_plotly_json()["props"]


def links(children: Any) -> list[tuple[str, str]]:
    """Words and address of links that keep the selection."""
    return [
        (text(part.children), part.href)
        for part in walk(children)
        if isinstance(part, Component) and "data-goto" in props(part)
    ]


def counts(table: Component) -> dict[str, int]:
    """Incidents by key of a table of changes."""
    found = [props(part) for part in walk(table) if isinstance(part, Component)]
    return {one["data-key"]: int(one["data-value"]) for one in found if "data-key" in one}


def ask(services: Services, state: dict[str, Any] | None = None, **gesture: Any) -> dict[str, Any]:
    assert OVERVIEW
    return respond_to(services, OVERVIEW, {"n": 1, **gesture}, SelectionState.of(state))


def opened(services: Services, selection: str = "") -> dict[str, Any]:
    """Both answers, as a browser gets them."""
    first = ask(services, action="open", text=selection)
    return first | later(services, first)


def later(services: Services, first: dict[str, Any]) -> dict[str, Any]:
    found = ask(services, first["state"], action="page", changed=["later"])
    return {name: value for name, value in found.items() if name in (*LATER, "later")}


@pytest.fixture
def tiny(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A synthetic city of three years, without models."""
    settings = Settings(home=tmp_path_factory.mktemp("city") / "home")
    build_demo(settings, 12_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    return Services(settings)


def rows(services: Services, sql: str) -> list[tuple[Any, ...]]:
    snapshot = services.warehouse.current()
    assert snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_small_map_names_the_hottest_blocks_and_counts_areas(city: Services) -> None:
    shown = opened(city)
    named, (most,) = zip(
        *rows(
            city,
            f"SELECT block, count(*) FROM incidents WHERE {IN_PERIOD} AND point_id IS NOT NULL "
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
        ),
        strict=True,
    )
    ranked = shown["map"].data[-1]
    assert ranked.hovertext[0] == f"{named[0]}: {most} incidents"
    assert f"1. {named[0]}" in text(shown["map_places"])
    counted = dict(
        rows(city, f"SELECT district, count(*) FROM incidents WHERE {IN_PERIOD} GROUP BY 1")
    )
    inside = shown["map"].data[-2]
    said = [int(words.rpartition(": ")[2].split()[0]) for words in inside.hovertext]
    assert sum(said) == sum(number for district, number in counted.items() if district)
    assert all(href.startswith("/explore?") for href in inside.customdata)


def test_numbers_are_those_of_sql(city: Services) -> None:
    shown = opened(city)
    (total, harm), = rows(
        city, f"SELECT count(*), sum(harm_days) FROM incidents WHERE {IN_PERIOD}"
    )  # fmt: skip
    assert "counts by type and district" in text(shown["unusual"])
    assert "Burglary" in text(shown["repeats"])
    headline = text(shown["headline"])
    assert f"Incidents {total:,} Sep 6 to Oct 3, 2026" in headline
    assert f"{harm:,}" in headline
    for name, column in (("groups", '"group"'), ("types", "type"), ("areas", "district")):
        expected = dict(
            rows(
                city,
                f"SELECT coalesce({column}, 'unknown'), count(*) FROM incidents "
                f"WHERE {IN_PERIOD} GROUP BY 1",
            )
        )
        found = counts(shown[name])
        assert found
        assert found == {key: expected[key] for key in found}
        assert max(found.values()) == max(expected.values())
    ((filling,),) = rows(
        city, f"SELECT count(*) FROM incidents WHERE operational_day > '{PERIOD[1]}'"
    )
    assert f"{filling:,} incidents so far" in text(shown["data"])
    assert "public holidays" in text(shown["data"])  # the demo city lies in no country


def test_the_change_shown_is_that_of_the_two_periods_in_sql(city: Services) -> None:
    ((now, before),) = rows(
        city,
        f"SELECT count(*) FILTER ({IN_PERIOD}), "
        "count(*) FILTER (operational_day BETWEEN '2026-08-09' AND '2026-09-05') FROM incidents",
    )
    shown = ask(city, action="open", text="")
    percent = round(100 * (now - before) / before)
    sign = "+" if percent > 0 else "−" if percent < 0 else ""
    assert f"vs. the 28 days before {sign}{abs(percent)}%" in text(shown["headline"])
    titles = [getattr(part, "title", "") for part in walk(shown["headline"])]
    assert any(str(one).startswith(f"{now:,} counted, ") for one in titles)


def test_the_total_stands_beside_what_is_expected_of_it(city: Services) -> None:
    shown = ask(city, action="open", text="")
    found = re.search(
        r"Expected ([\d.,]+) ([\d,]+) to ([\d,]+), (.+?) vs\.", text(shown["headline"])
    )
    assert found
    expected, low, high = (float(one.replace(",", "")) for one in found.groups()[:3])
    ((now,),) = rows(city, f"SELECT count(*) FROM incidents WHERE {IN_PERIOD}")
    assert low < expected < high
    assert (low <= now <= high) == (found[4] == "as expected")
    assert re.search(r"Chance alone brings about [\d.]+ of \d+ tested", text(shown["types"]))


def test_a_district_follows_the_season_of_the_city(city: Services) -> None:
    pinned = city.pin()
    assert pinned
    covered = pinned.snapshot.manifest.covered
    assert covered
    length = (covered[1] - covered[0]).days + 1

    def by_day(condition: str) -> Ints:
        found = np.zeros(length, np.int64)
        counted = "SELECT operational_day, count(*) FROM incidents WHERE {} GROUP BY 1"
        for day, incidents in rows(city, counted.format(condition)):
            if covered[0] <= day <= covered[1]:
                found[(day - covered[0]).days] = incidents
        return found

    country = country_of(pinned.snapshot.manifest.source.timezone)
    seasons = SeasonModel(by_day("true"), covered[0], country)
    district = CountedRows.of(by_day("district = '003'"), [0])
    found = expected_counts(district, seasons, (PERIOD[0] - covered[0]).days, 28)
    said = f"Expected {found.expected[0]:.1f} {found.low[0]:.0f} to {found.high[0]:.0f}"
    assert said in text(ask(city, action="open", text="district=003")["headline"])


def test_zones_models_and_their_accuracy_are_shown(trained_city: Settings) -> None:
    shown = opened(Services(trained_city))
    assert re.search(r"\d+ zones? holds? \d+% of the incidents", text(shown["zones"]))
    assert re.search(r"[\d.]+ \(\d+ to \d+\) expected in 7 days", text(shown["zones"]))
    assert "Hot spots" in text(shown["headline_more"])
    assert "version 1" in text(shown["models"])
    assert re.search(r"PAI of the densest zones [\d.]+ \([\d.]+ to [\d.]+\)", text(shown["models"]))
    assert links(shown["zones"])[0][1].startswith("/hotspots?zone=")


def test_a_part_of_a_forecast_is_expected_in_its_zones_and_said_to_be(
    trained_city: Settings,
) -> None:
    said = text(opened(Services(trained_city), "type=THEFT")["zones"])
    assert re.search(r"[\d.]+ \(\d+ to \d+\) expected in 7 days", said)
    assert "expected counts are of the selection" in said
    assert "not of the current selection" not in said


@pytest.mark.parametrize("selection", ["", "type=BURGLARY,ROBBERY&hour=18-02", "date=last28d"])
def test_a_link_leads_to_a_page_with_the_incidents_its_number_counts(
    city: Services, selection: str
) -> None:
    shown = opened(city, selection)
    pinned = city.pin()
    assert pinned
    paths = {one.page.path for one in PAGES}
    every = [one for name in (*CARDS, *LATER) for one in links(shown[name])]
    assert len(every) > 20
    assert {urlsplit(href).path for _, href in every} <= paths
    for name in ("groups", "types", "areas"):
        addresses = [href for _, href in links(shown[name])]
        numbers = list(counts(shown[name]).values())
        for href, number in zip(addresses[:4], numbers[:4], strict=True):
            asked = Selection.parse(urlsplit(href).query)
            total = pinned.crossfilter.counts(EVERYTHING, asked, [view("total")])["total"]
            assert total["incidents"].sum() == number
    for _, href in links(shown["brief"]):
        query = urlsplit(href).query
        if query:
            kept = Selection.parse(query).without({"date"})
            assert kept.text == Selection.parse(selection).without({"date"}).text


def test_nothing_is_claimed_of_a_handful_of_incidents(city: Services) -> None:
    shown = opened(city, "type=HOMICIDE")
    for name in ("groups", "types"):
        assert "%" not in text(shown[name])
        assert "significant" not in text(shown[name])
    assert "Peaks need 16 complete weeks" in text(shown["peaks"])


def test_another_level_of_areas_changes_only_these(city: Services) -> None:
    first = ask(city, action="open", text="")
    shown = ask(city, first["state"], action="page", changed=["areas"], page={"areas": "ward"})
    assert "groups" not in shown
    expected = dict(
        rows(city, f"SELECT ward, count(*) FROM incidents WHERE {IN_PERIOD} GROUP BY 1")
    )
    found = counts(shown["areas"])
    assert found == {key: expected[key] for key in found}
    nonsense = ask(city, first["state"], action="page", changed=["areas"], page={"areas": "x"})
    assert set(counts(nonsense["areas"])) == set(counts(first["areas"]))


def test_the_hottest_blocks_of_the_period_are_listed_and_sorted(city: Services) -> None:
    first = ask(city, action="open", text="")
    page = {"areas": "block", "block_sort": "harm"}
    shown = ask(city, first["state"], action="page", changed=["block_sort"], page=page)
    assert "brief" not in shown
    listed = [
        props(button)["data-key"]
        for button in walk(shown["areas"])
        if isinstance(button, Component) and "data-key" in props(button)
    ]
    harm = f"SELECT block FROM incidents WHERE {IN_PERIOD} GROUP BY block"
    expected = rows(
        city, f"{harm} ORDER BY sum(coalesce(harm_days, 0)) DESC, count(*) DESC, block LIMIT 12"
    )
    assert listed == [block for (block,) in expected]


@pytest.mark.parametrize(
    ("changes", "outputs"),
    [
        ({"areas": "ward"}, {"areas", "brief", *LATER, "later"}),
        ({"theme": "dark"}, {"weeks", "weeks_numbers", "map", "hours", "hours_numbers", "peaks"}),
        ({"narrow": "1"}, set()),
    ],
)
def test_an_option_redraws_what_it_is_about_alone(
    city: Services, changes: dict[str, str], outputs: set[str]
) -> None:
    assert redrawn(city, "/", changes, "type=THEFT") == outputs


def test_a_selection_without_incidents_says_so_everywhere_and_offers_the_way_out(
    city: Services,
) -> None:
    shown = opened(city, "type=HOMICIDE&district=003&hour=4&date=2026-09-01..2026-09-02")
    assert "No incidents in this period" in text(shown["groups"])
    assert "No incidents in this period" in text(shown["zones"])
    assert "No incidents match" in text(
        ask(city, action="open", text="type=HOMICIDE&district=003&hour=4&date=2026-09-01")["notice"]
    )


def test_the_second_answer_is_kept_for_the_selection(city: Services) -> None:
    first = ask(city, action="open", text="type=BURGLARY")
    pinned = city.pin()
    assert pinned
    one = later(city, first)
    asked: list[str] = []
    frame = pinned.reader.frame
    pinned.reader.frame = lambda sql, params=None: (asked.append(sql), frame(sql, params))[1]
    try:
        assert text(later(city, first)["repeats"]) == text(one["repeats"])
    finally:
        pinned.reader.frame = frame
    assert not [sql for sql in asked if "block" in sql or "back" in sql]


def test_zones_that_are_being_trained_are_said_to_come(tiny: Services) -> None:
    with closing(State(tiny.settings)) as state:
        Queue(state).add(["train", "zones_dbscan", "--promote-first"], "analyst")
    assert "no zones yet. Training in progress" in text(opened(tiny)["zones"])


def test_a_snapshot_without_models_or_history_has_plain_sentences(tiny: Services) -> None:
    shown = opened(tiny)
    assert "Incidents 5" in text(shown["headline"])
    assert "No model is in use yet" in text(shown["models"])
    assert "There are no zones yet. Train zones" in text(shown["zones"])
    assert "Nothing was tested" in text(shown["unusual"])
    assert "too few to test" in text(shown["repeats"])
    assert "not in the data" in text(shown["headline"])
    assert counts(shown["types"]) == {"ROBBERY": 2, "THEFT": 2, "ASSAULT": 1}
    assert shown["later"] == []


def test_a_model_in_use_has_one_line_with_all_its_targets(tiny: Services) -> None:
    zones = ("", ".burglary", ".gun_violence", ".robbery")
    names = [f"zones_kmeans{target}" for target in zones] + ["hotspot_forecast.robbery"]
    rows = [{**version(1), "name": name} for name in reversed(names)]
    retired = [{**version(2), "name": "zones_kmeans.vehicle_theft"}]
    write_index(tiny.settings.home, {}, [*retired, *rows])
    shown = opened(tiny)["models"]
    assert links(shown) == [
        ("K-means patrol zones", "/models#model=zones_kmeans&target=all"),
        ("Hot-spot forecast (cells) of robbery", "/models#model=hotspot_forecast&target=robbery"),
    ]
    assert text(shown).count("Also for burglary, gun violence and robbery.") == 1
    assert text(shown).count("Also for") == 1


def test_the_mark_that_asks_for_the_rest_comes_with_each_first_answer(tiny: Services) -> None:
    first = ask(tiny, action="open", text="")
    marks = [props(part) for part in walk(first["later"]) if isinstance(part, Component)]
    assert [one for one in marks if "data-later" in one]
    assert not set(LATER) & {name for name, value in first.items() if value} - {"hours_words"}
