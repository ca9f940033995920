"""Concentration on the Hot spots page, against SQL and a count by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.demo.build import build_demo
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.concentration import block_counts, fit_concentration, place_clauses
from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.hotspots.concentration import PLACES, concentration_words
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import words


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Services:
    settings = Settings(home=tmp_path_factory.mktemp("concentration") / "home")
    build_demo(settings, 20_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    return Services(settings)


def answered(services: Services, **gesture: Any) -> dict[str, Any]:
    page, pinned = page_at("/hotspots"), services.pin()
    assert page
    assert pinned
    state = SelectionState(text=str(gesture.pop("chosen", "")), snapshot=pinned.id)
    return respond_to(services, page, {"n": 1, **gesture}, state)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "true"),
        ("type=ROBBERY", "type = 'ROBBERY'"),
        ("type=THEFT&hour=20-23", "type = 'THEFT' AND hour BETWEEN 20 AND 23"),
        ("district=003&type=THEFT", "district = '003' AND type = 'THEFT'"),
    ],
)
def test_blocks_and_their_incidents_are_those_of_a_count_by_hand(
    city: Services, text: str, where: str
) -> None:
    pinned = city.pin()
    assert pinned
    rows = pinned.reader.frame(
        f"SELECT coalesce(block, point_id::VARCHAR) AS block, district, {where} AS chosen "
        "FROM incidents WHERE point_id IS NOT NULL AND default_address IS NOT TRUE"
    )
    inside = [row for row in rows.iter_rows() if "district" not in text or row[1] == "003"]
    known = {block for block, _, _ in inside}
    counts = Counter(block for block, _, chosen in inside if chosen)
    found = HotSpots(city, pinned).concentration(Selection.parse(text))
    assert found.places == len(known)
    assert found.incidents == sum(counts.values()) > 0
    running, blocks = 0, 0
    for _, most in counts.most_common():
        running, blocks = running + most, blocks + 1
        if running * 2 >= found.incidents:
            break
    assert found.half_share == pytest.approx(blocks / len(known))


def test_blocks_are_those_of_the_chosen_places_whatever_happened_there(city: Services) -> None:
    pinned = city.pin()
    assert pinned
    chosen = Selection.parse("type=ROBBERY&district=003&date=last28d&default_address=yes")
    assert place_clauses(chosen).text == "district=003&default_address=yes"
    counts = block_counts(pinned.reader, EVERYTHING, Selection.parse("type=ROBBERY"))
    assert counts.min() >= 1


def test_the_card_has_curve_sentence_and_the_same_numbers(services: Services) -> None:
    shown = answered(services, action="open", text="type=THEFT", page={})
    # Both thefts are at one of three places.
    figure = shown["concentration"]
    assert [list(trace.x) for trace in figure.data[2:]] == [[1 / 3]]
    said, table = str(shown["concentration_words"]), str(shown["concentration_numbers"])
    assert "33.3" in said
    assert "33.3" in table
    assert "selected incidents" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "all incidents"),
        ("type=ROBBERY", "all robbery"),
        ("type=ROBBERY&date=last365d", "the selected incidents (Robbery, Last 365 days)"),
        ("type=ROBBERY&hour=20-23", "the selected incidents (Robbery"),
        ("type=ROBBERY&district=003", "the selected incidents (Robbery"),
    ],
)
def test_the_card_names_the_target_or_the_selected_incidents(
    city: Services, text: str, said: str
) -> None:
    shown = answered(city, action="open", text=text, page={})
    assert f"Half of {said}" in words(shown["concentration_words"])


def test_points_are_places_where_the_source_names_no_blocks(services: Services) -> None:
    pinned = services.pin()
    assert pinned
    assert HotSpots(services, pinned).by_block == (
        pinned.reader.frame("SELECT count(*) FROM incidents WHERE block IS NOT NULL").item() > 0
    )
    found = fit_concentration([3, 1], places=4)
    assert "of points" in words(concentration_words(found, "all thefts", PLACES[False]))


def test_an_empty_selection_is_said_and_draws_nothing(services: Services) -> None:
    shown = answered(services, action="open", text="type=ASSAULT", page={})
    assert shown["concentration"].data == ()
    assert shown["concentration_numbers"] == []


def test_only_another_selection_counts_again(services: Services) -> None:
    moved = answered(services, action="page", changed=["h_bw"], page={"h_bw": "1000"})
    assert "concentration" not in moved
    chosen = answered(services, action="toggle", dimension="type", keys=["THEFT"], page={})
    assert "concentration" in chosen
