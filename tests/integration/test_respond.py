"""One gesture's answer, on a snapshot small enough to count by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component

from analytics.page_address import MAX_URL_TEXT
from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.redraws import LATER, POLL
from callbacks.frame.selection import respond_to
from components import explain
from tests.integration.small_snapshot import publish_small
from tests.integration.snapshots import build, serve

EXPLORE = next(page for page in PAGES if page.page.key == "explore")


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


def ask(services: Services, state: dict[str, Any] | None = None, **gesture: Any) -> dict[str, Any]:
    return respond_to(services, EXPLORE, {"n": 1, **gesture}, SelectionState.of(state))


def opened(services: Services, text: str = "", **page: str) -> dict[str, Any]:
    return ask(services, action="open", text=text, page=page)


def buttons(children: Any) -> dict[str, float]:
    """Values of a bar list by key."""
    return {
        one.to_plotly_json()["props"]["data-key"]: float(
            one.to_plotly_json()["props"]["data-value"]
        )
        for one in children
        if isinstance(one, html.Button)
    }


def words(children: Any) -> str:
    """All text of components, in order."""
    return " ".join(_texts(children))


def _texts(children: Any) -> Iterator[str]:
    if isinstance(children, str):
        yield children
    elif isinstance(children, list | tuple):
        for child in children:
            yield from _texts(child)
    elif isinstance(children, Component):
        yield from _texts(getattr(children, "children", None))


def test_opening_a_page_answers_every_view(services: Services) -> None:
    shown = opened(services)
    assert buttons(shown["offenses"]) == {"THEFT": 2, "ROBBERY": 2, "ASSAULT": 1}
    assert buttons(shown["areas"]) == {"001": 2, "002": 2, "unknown": 1}
    assert shown["range"] == "1-5 of 5"
    assert [row["id"] for row in shown["rows"]] == ["5", "4", "3", "2", "1"]
    assert "1 incident of unknown location" in shown["map_note"]
    assert shown["state"]["snapshot"] == services.pin().id


def test_a_view_keeps_what_was_not_chosen_and_the_others_follow(services: Services) -> None:
    state = opened(services)["state"]
    shown = ask(services, state, action="only", dimension="type", keys=["THEFT"])
    assert buttons(shown["offenses"]) == {"THEFT": 2, "ROBBERY": 2, "ASSAULT": 1}
    assert buttons(shown["areas"]) == {"001": 2}
    assert sum(shown["map"]["values"]) == 2
    assert shown["range"] == "1-2 of 2"
    assert "Thefts" in words(shown["sentence"])
    assert shown["state"]["text"] == shown["state"]["url"] == "type=THEFT"


def test_an_option_of_the_page_recomputes_only_its_part(services: Services) -> None:
    state = opened(services)["state"]
    shown = ask(services, state, action="page", changed=["areas"], page={"areas": "ward"})
    assert "areas" in shown
    assert not {"map", "hours", "days", "rows", "offenses"} & shown.keys()


def test_values_are_found_whatever_their_case_or_padding(services: Services) -> None:
    shown = opened(services, "type=theft&district=1")
    assert shown["state"]["text"] == "type=THEFT&district=001"
    assert shown["range"] == "1-2 of 2"


def test_an_address_that_cannot_be_read_says_so_and_shows_everything(services: Services) -> None:
    shown = opened(services, "hour=25")
    assert shown["state"]["text"] == ""
    assert "hour" in words(shown["left_out"])
    assert "All incidents are shown." in words(shown["left_out"])
    assert shown["range"] == "1-5 of 5"
    shown = ask(services, shown["state"], action="only", dimension="district", keys=["001"])
    assert "hour" in words(shown["left_out"])
    assert "All incidents" not in words(shown["left_out"])


def test_one_unreadable_filter_is_left_out_alone_and_said_until_dismissed(
    services: Services,
) -> None:
    shown = opened(services, "type=THEFT&hour=25&district=001&weekdy=5")
    assert shown["state"]["text"] == "type=THEFT&district=001"
    assert shown["range"] == "1-2 of 2"
    hour, weekday = shown["state"]["left_out"]
    assert '"hour=25"' in hour
    assert "0 to 23" in hour
    assert "weekday" in weekday
    assert all(message in words(shown["left_out"]) for message in (hour, weekday))
    shown = ask(services, shown["state"], action="remove", dimension="district")
    assert shown["state"]["left_out"] == (hour, weekday)
    shown = ask(services, shown["state"], action="open", text="type=THEFT")  # another page
    assert hour in words(shown["left_out"])
    shown = ask(services, shown["state"], action="dismiss", keys=[hour])
    assert shown["state"]["left_out"] == (weekday,)
    assert hour not in words(shown["left_out"])
    assert shown["state"]["text"] == "type=THEFT"
    assert "range" not in shown


def test_a_filter_that_new_data_lacks_is_left_out_alone(services: Services) -> None:
    state = opened(services, "type=THEFT&team=A")["state"]
    assert state["text"] == "type=THEFT&team=A"
    lost = {**state, "text": "type=THEFT&premise=shop"}
    shown = ask(services, lost, action="only", dimension="district", keys=["001"])
    assert shown["state"]["text"] == "type=THEFT&district=001"
    assert "premise=shop" in words(shown["left_out"])


def test_a_refused_gesture_moves_nothing(services: Services) -> None:
    state = opened(services, "type=THEFT")["state"]
    shown = ask(services, state, action="only", dimension="hour", keys=["77"])
    assert shown["state"]["text"] == "type=THEFT"
    assert set(shown) == {"state", "notice"}


def test_no_match_offers_to_take_each_clause_away(services: Services) -> None:
    shown = opened(services, "type=ASSAULT&district=001")
    assert shown["rows"] == []
    said = words(shown["notice"])
    assert "No incidents match" in said
    assert "Assault" in said


def test_a_long_selection_travels_by_its_hash_and_comes_back_whole(services: Services) -> None:
    cells = ",".join(f"1000:{column}_4636" for column in range(200))
    shown = opened(services, f"cell={cells}")
    assert len(shown["state"]["text"]) > MAX_URL_TEXT
    assert shown["state"]["url"].startswith("sel=")
    again = opened(services, shown["state"]["url"])
    assert again["state"]["text"] == shown["state"]["text"]


def test_an_unknown_hash_is_said(services: Services) -> None:
    assert "All incidents are shown" in words(opened(services, "sel=0123456789abcdef")["left_out"])


def test_new_data_recomputes_every_view_and_keeps_the_selection(services: Services) -> None:
    state = opened(services, "type=THEFT")["state"]
    newer = publish_small(services.settings.home)
    shown = ask(services, state, action="page", changed=["areas"], page={"areas": "ward"})
    assert shown["state"]["snapshot"] == newer.id
    assert shown["state"]["text"] == "type=THEFT"
    assert {"map", "hours", "days", "rows", "offenses", "areas"} <= shown.keys()
    assert "updated" in words(shown["notice"])


def test_what_was_said_stays_while_the_page_asks_for_more_by_itself(services: Services) -> None:
    state = opened(services, "type=THEFT")["state"]
    publish_small(services.settings.home)
    shown = ask(services, state, action="page", changed=["areas"])
    assert "updated" in words(shown["notice"])
    for option in (LATER, POLL):
        assert "notice" not in ask(services, shown["state"], action="page", changed=[option])
    assert ask(services, shown["state"], action="page", changed=["areas"])["notice"] == []


def test_a_warehouse_that_was_emptied_is_said(settings: Settings) -> None:
    shown = ask(Services(settings), action="open", text="")
    assert "no data" in words(shown["notice"])


def test_the_share_of_a_place_is_of_all_its_incidents_in_the_period(services: Services) -> None:
    shown = opened(services, "type=ROBBERY&arrest=no", map="district", measure="share")
    values = dict(zip(shown["map"]["keys"], shown["map"]["values"], strict=True))
    assert values == {"002": 50.0}


def test_sorting_and_paging_are_done_by_the_server(services: Services) -> None:
    shown = opened(services, sort="harm_days", desc="0")
    assert [row["harm_days"] for row in shown["rows"]][:2] == [9, 9]
    beyond = opened(services, offset="5000")
    assert beyond["range"] == "1-5 of 5"


def test_what_is_sent_can_be_written_as_json(services: Services) -> None:
    shown = opened(services, "polygon=41.8,-87.7;41.9,-87.7;41.9,-87.5", size="points")
    assert shown["map"]["layer"] == "points"
    assert json.dumps(shown["map"])
    assert shown["map"]["shapes"]["features"][0]["geometry"]["type"] == "Polygon"


def test_a_point_is_chosen_by_its_place_and_listed_with_its_numbers(tmp_path: Path) -> None:
    city = build(tmp_path / "snapshots" / "small-1-400", seed=1)
    services = Services(serve(city, tmp_path))
    shown = opened(services, map="points", numbers="map")
    points = shown["map"]["points"]["features"]
    assert shown["map"]["dimension"] == "near"
    assert len(points) == len({point["properties"]["id"] for point in points}) > 1
    fullest = max(points, key=lambda point: point["properties"]["value"])
    lon, lat = fullest["geometry"]["coordinates"]
    key = f"{lat:.5f},{lon:.5f},{shown['map']['radius']}"
    gesture = {"action": "only", "dimension": "near", "keys": [key], "page": {"map": "points"}}
    chosen = ask(services, shown["state"], **gesture)
    assert chosen["map"]["selected"] == [fullest["properties"]["id"]]
    assert len(chosen["map"]["points"]["features"]) == len(points)
    assert f"1-{fullest['properties']['value']} of" in chosen["range"]
    rows = json.dumps(shown["map_numbers"], default=lambda made: made.to_plotly_json())
    assert rows.count('"data-dimension": "near"') == len(points)
    again = ask(services, chosen["state"], **gesture)
    assert again["state"]["text"] == ""


def test_an_unexpected_failure_is_said_without_its_trace(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = opened(services)["state"]
    monkeypatch.setattr(services, "pin", lambda: 1 / 0)
    shown = ask(services, replace(SelectionState.of(state)).as_store(), action="undo")
    assert "logged" in words(shown["notice"])
    assert "ZeroDivision" not in words(shown["notice"])


SAYS_ITSELF = {"patterns-map-card"}
"""Its note counts the incidents drawn and those chosen among them."""


WITHOUT_PICTURES = {"calls"}
"""Pages of tables and buttons."""


def pictures(component: Any) -> set[str]:
    """Cards whose menu saves a picture."""
    entries = [one.to_plotly_json()["props"] for one in component._traverse() if has_action(one)]
    return {one["data-card"] for one in entries if one["data-action"] == "export-png"}


def has_action(one: Any) -> bool:
    return isinstance(one, html.Button) and "data-card" in one.to_plotly_json()["props"]


@pytest.mark.parametrize("key", [page.page.key for page in PAGES])
def test_every_picture_is_captioned_with_what_it_shows(services: Services, key: str) -> None:
    page = next(one for one in PAGES if one.page.key == key)
    pinned = services.pin()
    assert pinned
    pattern = r'id="([\w-]+)",\s+(?:unit=.+\s+)?menu=Menu\(IMAGES'
    files = Path(*explain.__path__).glob("*.py")
    own = {name for file in files for name in re.findall(pattern, file.read_text())}
    cards = own if key == "explain" else pictures(page.layout(services, pinned)) - SAYS_ITSELF
    assert bool(cards) == (key not in WITHOUT_PICTURES)
    opening = {"n": 1, "action": "open", "text": "type=THEFT&hour=10&date=2017-01-02"}
    shown = respond_to(services, page, opening, SelectionState())
    later = {"n": 2, "action": "page", "changed": ["poll"], "page": {}}
    again = respond_to(services, page, later, SelectionState.of(shown["state"]))
    for answer in (shown, again):
        captions = answer["state"]["captions"]
        assert cards <= captions.keys()
        if key in ("explain", "models"):
            assert not any(captions.values())
    if key == "overview":
        assert captions["overview-weeks-card"][0].startswith("Thefts, 10–11 AM, Jan 1 to 4")
        assert captions["overview-hours-card"] == ["Thefts, Jan 2, 2017"]
        assert captions["overview-map-card"] == ["Thefts, 10–11 AM, Jan 2, 2017"]
    if key == "temporal":
        assert captions["temporal-calendar-card"][1] == "Highlighted: Jan 2, 2017"


def test_the_answer_that_frames_a_district_has_the_cells_of_its_zoom(services: Services) -> None:
    """So choosing a district is one request, though the map zooms."""
    shown = opened(services, px="551,436")["map"]
    assert shown["frame"]["key"] == ""
    assert shown["frame"]["corners"] == [[41.8, -87.7], [41.9, -87.5]]  # of the agency's outlines
    assert shown["zoom"] is not None
    page = {"px": "551,436", "framed": ""}
    state = opened(services, **page)["state"]
    gesture: dict[str, Any] = {"action": "only", "dimension": "district", "keys": ["001"]}
    framed = ask(services, state, **gesture, page=page)["map"]
    assert framed["frame"]["key"] == "district=001"
    assert framed["frame"]["corners"] == [[41.8, -87.7], [41.9, -87.5]]
    size = next(size for below, size in framed["sizes"] if framed["zoom"] < below)
    assert f"cells-{size}" in framed["url"]
    (outline,) = framed["chosen"]
    assert outline["keys"] == ["001"]
    assert "outlines-district" in outline["url"]


def test_a_map_that_was_moved_stays_until_another_place_is_chosen(services: Services) -> None:
    page = {"px": "551,436", "framed": "district=001", "size": "150"}
    state = opened(services, "district=001", **page)["state"]
    gesture: dict[str, Any] = {"action": "only", "dimension": "type", "keys": ["THEFT"]}
    shown = ask(services, state, **gesture, page=page)["map"]
    assert shown["zoom"] is None
    assert "cells-150" in shown["url"]
    shown = ask(services, state, action="remove", dimension="district", page=page)["map"]
    assert shown["frame"]["key"] == ""
    assert shown["zoom"] is not None


def test_areas_are_named_in_rows_and_bars(services: Services) -> None:
    shown = opened(services)
    assert {row["district"] for row in shown["rows"]} == {"District 001", "District 002", None}
    assert "District 001" in words(shown["areas"])
