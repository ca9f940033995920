"""What the box offers for a text, on a synthetic city."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from dash.development.base_component import Component

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.services import Pinned, Services
from analytics.settings import Settings
from callbacks.frame.ask import answer_to
from components.frame.shell import PAGES


@pytest.fixture(scope="module")
def services(city_of_8000: Path) -> Services:
    found = Services(Settings(home=city_of_8000))
    pinned = found.pin()
    assert pinned is not None
    assert pinned.finder.blocks  # indexed, so that no test waits for it
    return found


@pytest.fixture(scope="module")
def pinned(services: Services) -> Pinned:
    found = services.pin()
    assert found is not None
    return found


def options(services: Services, phrase: str, present: str = "") -> list[dict[str, Any]]:
    """Properties of the options, in their order."""
    return [
        part.to_plotly_json()["props"]
        for part in answer_to(services, phrase, present)._traverse()
        if isinstance(part, Component) and getattr(part, "role", "") == "option"
    ]


def texts(services: Services, phrase: str) -> list[str]:
    return [str(each.get("data-text")) for each in options(services, phrase)]


def test_a_phrase_is_offered_first_as_the_selection_that_it_means(services: Services) -> None:
    assert texts(services, "thefts on friday nights")[0] == "type=THEFT&hour=22-05&weekday=5"


def test_each_meaning_of_an_ambiguous_number_is_offered(services: Services) -> None:
    offered = texts(services, "thefts in 11")
    assert "type=THEFT&district=011" in offered
    assert "type=THEFT&ward=11" in offered
    assert "type=THEFT&area=11" in offered


def test_an_incident_is_found_by_id_and_case_number_in_any_case(
    services: Services, pinned: Pinned
) -> None:
    incident, case = pinned.reader.frame(
        "SELECT id, case_number FROM incidents WHERE lat IS NOT NULL ORDER BY id LIMIT 1"
    ).row(0)
    for text in (incident, case, case.lower()):
        address = options(services, text)[0]["href"]
        assert address.endswith(f"#incident={incident}")
        selection = Selection.parse(address.partition("?")[2].partition("#")[0])
        counted = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
        assert counted["incidents"].sum() >= 1


def test_a_block_is_found_by_its_address(services: Services, pinned: Pinned) -> None:
    block, incidents = pinned.reader.frame(
        "SELECT block, count(*) AS n FROM incidents WHERE block IS NOT NULL "
        "GROUP BY ALL ORDER BY n DESC, 1 LIMIT 1"
    ).row(0)
    house = block.replace("XX", "12").replace("X", "1").lstrip("0")
    for text in (block, block.lower(), house):
        found = [Selection.parse(each) for each in texts(services, text) if "block=" in each]
        assert found, text
        counted = pinned.crossfilter.counts(EVERYTHING, found[0], [view("total")])["total"]
        assert counted["incidents"].sum() == incidents


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("district 11", "district=011"),
        ("beat 1112", "beat=1112"),
        ("gas st", "location_type=GAS+STATION"),
        ("robb", "type=ROBBERY"),
    ],
)
def test_areas_and_values_are_found_by_the_beginnings_of_their_words(
    services: Services, text: str, selection: str
) -> None:
    assert selection in texts(services, text)


def test_a_noun_of_areas_finds_several_of_them(services: Services) -> None:
    assert sum(each.startswith("district=") for each in texts(services, "dist")) > 1


def test_pages_are_found_and_listed_before_anything_is_typed(services: Services) -> None:
    assert [each["href"] for each in options(services, "")] == [page.path for page in PAGES]
    assert options(services, "hot")[0]["href"] == "/hotspots"


def test_an_option_can_narrow_the_present_selection(services: Services) -> None:
    first = options(services, "robberies", "type=THEFT&weekday=5")[0]
    assert first["data-text"] == "type=ROBBERY"
    assert first["data-narrowed"] == "type=ROBBERY&weekday=5"


def test_a_text_that_is_too_long_is_told_and_offers_nothing(services: Services) -> None:
    assert options(services, "robbery " * 100) == []
    assert "300" in str(answer_to(services, "robbery " * 100, ""))


@pytest.mark.parametrize(
    "text", ["<b>robbery</b>", "'; DROP TABLE incidents; --", "%", "\x00", "🚓"]
)
def test_any_text_is_answered(services: Services, pinned: Pinned, text: str) -> None:
    assert "error occurred" not in str(answer_to(services, text, ""))
    assert pinned.reader.frame("SELECT count(*) FROM incidents").item() == 8_000


def test_without_data_the_box_offers_the_pages(tmp_path: Path) -> None:
    empty = Services(Settings(home=tmp_path))
    assert options(empty, "models")[0]["href"] == "/models"


def test_a_phrase_is_read_and_names_are_found_if_blocks_cannot_be_indexed(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise duckdb.OutOfMemoryException("no room")

    monkeypatch.setattr("analytics.ask.finder.Blocks", fail)
    broken = Services(Settings(home=city_of_8000))
    pinned = broken.pin()
    assert pinned is not None
    assert pinned.finder.blocks is None
    assert "district=011" in texts(broken, "district 11")
    assert "data-again" not in str(answer_to(broken, "1200 n main st", ""))
