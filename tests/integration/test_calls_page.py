"""The Calls page: what it shows, what a click changes, and what it says without calls or times."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest
from dash import html
from dash.development.base_component import Component

from analytics.calls.answers import Calls
from analytics.crossfilter.selection import Selection
from analytics.ingest.pipeline import ingest
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.source import Source
from app import create_app
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.calls.ids import SELECTION, CallsIds
from components.calls.volume import bar_rows
from components.calls.workload import FIELDS
from tests.integration.calls_town import DAYS, call, ingest_calls, town_lines
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import opened, words

PATH = "/calls"
FIGURES = {"filters", "week", "week_note", "bars", "bars_by", "waits", "waits_note",
           "waits_numbers", "workload", "workload_by", "workload_note", "staffing",
           "staffing_note"}  # fmt: skip


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    home = tmp_path_factory.mktemp("calls")
    publish_small(home)
    settings = Settings(home=home, duckdb_threads=1)
    ingest_calls(settings, home, *town_lines())
    return Services(settings)


@pytest.fixture
def calls(services: Services) -> Calls:
    found = services.pin_calls()
    assert found is not None
    return found


def buttons(part: Any) -> list[html.Button]:
    listed = part if isinstance(part, list) else [part]
    found = [one for one in listed if isinstance(one, html.Button)]
    for one in listed:
        if isinstance(one, Component):
            found += [inner for inner in one._traverse() if isinstance(inner, html.Button)]
    return found


def leads_to(button: html.Button) -> str:
    """The selection of calls that a click sets."""
    return parse_qs(button.to_plotly_json()["props"]["data-options"]).get(SELECTION, [""])[0]


def clicked(part: Any, label: str) -> str:
    (found,) = [one for one in buttons(part) if words(one) == label]
    return leads_to(found)


def test_the_page_shows_the_numbers_of_the_answers(services: Services, calls: Calls) -> None:
    shown = opened(services, PATH)
    cells = buttons(shown["week"])
    assert len(cells) == 168
    assert sum(int(words(cell)) for cell in cells) == calls.totals().calls
    assert not shown["cards_hidden"]
    assert "A1" in words(shown["workload"])
    assert words(shown["staffing"]).count("Officers to employ") == 1
    assert not shown["notice"]


def test_a_click_filters_the_other_figures(services: Services, calls: Calls) -> None:
    shown = opened(services, PATH, c_by="priority")
    two = clicked(shown["bars"], "2")
    assert two == "priority=2"
    chosen = opened(services, PATH, c_by="priority", c_sel=two)
    assert len(buttons(chosen["bars"])) == len(buttons(shown["bars"]))  # the view's own filter
    counts = [int(words(cell)) for cell in buttons(chosen["week"])]
    assert sum(counts) == calls.totals(Selection.parse(two)).calls
    assert clicked(chosen["bars"], "2") == ""  # a second click removes it
    assert "Priority: 2 ×" in words(chosen["filters"])
    district = clicked(chosen["workload"], "A1")
    assert district == "beat=A1&priority=2"


def test_a_long_list_counts_what_it_does_not_show() -> None:
    """Of 43 types, the smallest is chosen and so shown; the two others beyond 40 are the rest."""
    calls = list(range(143, 100, -1))
    frame = pl.DataFrame({"key": [f"T{count}" for count in calls], "calls": calls})
    rows = bar_rows(frame, "type", frozenset({"T101"}), lambda _: Selection())
    assert len(rows) == 40 + 1 + 1
    assert words(rows[-1]) == "2 smaller ones, 205 calls in total"


def test_a_text_in_a_file_is_only_a_text(services: Services) -> None:
    """A value is quoted in a button's option, so it cannot set another one."""
    text = Selection.parse("").toggle("type", ["A&c_share=1"], "only").text
    shown = opened(services, PATH, c_sel=text)
    assert leads_to(buttons(shown["filters"])[0]) == ""
    assert "Type: A&c_share=1 ×" in words(shown["filters"])
    assert sum(int(words(cell)) for cell in buttons(shown["week"])) == 0


@pytest.mark.parametrize(
    ("changes", "redraws"),
    [
        ({"c_sel": "priority=2"}, FIGURES),
        ({"c_by": "priority"}, {"bars", "bars_by"}),
        ({"c_wait": "travel"}, {"waits", "waits_note", "waits_numbers"}),
        ({"c_share": "0.4"}, {"staffing", "staffing_note", "assumptions"}),
    ],
)
def test_an_option_redraws_only_what_it_changes(
    services: Services, changes: dict[str, str], redraws: set[str]
) -> None:
    assert redrawn(services, PATH, changes) == redraws


def test_undo_goes_back_to_the_filters_of_calls_before(services: Services) -> None:
    page = page_at(PATH)
    assert page

    def answered(state: dict[str, Any] | None, **gesture: Any) -> dict[str, Any]:
        return respond_to(services, page, {"n": 1, **gesture}, SelectionState.of(state))

    before = answered(None, action="open", text="", page={})
    assert before["undo_off"]
    chosen = answered(
        before["state"], action="page", changed=["c_sel"], page={"c_sel": "priority=2"}
    )
    assert not chosen["undo_off"]
    undone = answered(chosen["state"], action="undo", page={"c_sel": "priority=2"})
    assert undone["state"]["restored"] == {"c_sel": ""}
    assert {name for name in undone if name in FIGURES} == FIGURES
    assert words(undone["week"]) == words(before["week"]) != words(chosen["week"])
    again = answered(undone["state"], action="redo", page={"c_sel": ""})
    assert again["state"]["restored"] == {"c_sel": "priority=2"}
    assert words(again["week"]) == words(chosen["week"])


def test_the_selection_of_incidents_changes_nothing(services: Services) -> None:
    assert words(opened(services, PATH, "type=THEFT")["week"]) == words(
        opened(services, PATH)["week"]
    )


def test_assumptions_change_the_staffing(services: Services) -> None:
    usual, half = opened(services, PATH), opened(services, PATH, c_share="0.05", c_crew="2")
    assert words(usual["staffing"]) != words(half["staffing"])
    fields = [one for one in half["assumptions"] if isinstance(one, html.Label)]
    assert len(fields) == len(FIELDS)
    assert fields[0].children[1].value == "0.05"


def test_what_cannot_be_read_is_left_out_and_said(services: Services) -> None:
    shown = opened(services, PATH, c_sel="location_type=STREET", c_share="7", c_wait="nothing")
    said = words(shown["notice"])
    assert "location_type" in said
    assert "call_share" in said
    assert words(shown["week"]) == words(opened(services, PATH)["week"])
    assert words(opened(services, PATH, c_hours="many")["notice"]) != ""


def test_a_figure_is_saved_with_its_numbers_and_provenance(services: Services) -> None:
    client = create_app(services.settings).server.test_client()

    def saved(query: str) -> list[dict[str, str]]:
        found = client.get(f"/export/calls.csv?plain=1&{query}")
        assert found.status_code == 200, found.text
        return list(csv.DictReader(StringIO(found.text)))

    week = saved("figure=week&sel=priority%3D2")
    assert [(row["weekday"], row["hour"], row["calls"]) for row in week] == [("5", "23", "20")]
    assert {row["priority"] for row in saved("figure=values&by=priority")} == {"1", "2"}
    waits = saved("figure=waits&wait=response")
    assert [row["p50_s"] for row in waits] == ["900.0", "900.0", "1500.0"]
    hours = {(row["beat"], row["weekday"]): row for row in saved("figure=workload")}
    assert float(hours["A1", "1"]["unit_hours_per_day"]) == pytest.approx(1.5)
    shifts = saved("figure=staffing&call_share=0.4")
    assert [row["call_share"] for row in shifts] == ["0.4"] * 3
    whole = client.get("/export/calls.csv?figure=week")
    assert whole.text.splitlines()[6].startswith("# Calls: ")
    for wrong in (
        "figure=other",
        "wait=never",
        "call_share=many",
        "call_share=9",
        "type=THEFT",
        "sel=group%3Dviolent",
        "figure=workload&level=ward",
        "figure=values&by=x",
    ):
        assert client.get(f"/export/calls.csv?{wrong}").status_code == 400, wrong


def test_a_cell_that_begins_like_a_formula_is_harmless(settings: Settings, tmp_path: Path) -> None:
    publish_small(settings.home)
    ingest_calls(settings, tmp_path, call("a", kind="=1+1"))
    client = create_app(settings).server.test_client()
    assert "'=1+1,1" in client.get("/export/calls.csv?figure=values&by=type").text


def test_without_calls_it_says_how_to_load_them_and_nothing_of_staffing(
    settings: Settings,
) -> None:
    publish_small(settings.home)
    services = Services(settings)
    shown = opened(services, PATH)
    assert "--kind calls" in words(shown["missing"])
    assert "directed patrol time" in words(shown["missing"])
    assert shown["cards_hidden"]
    page, pinned = page_at(PATH), services.pin()
    assert page
    assert pinned
    layout = page.layout(services, pinned)
    assert words(layout[CallsIds.MISSING].children) == words(shown["missing"])
    assert layout[CallsIds.CARDS].hidden is True


def test_without_times_there_is_volume_but_no_staffing(settings: Settings, tmp_path: Path) -> None:
    text = (
        'kind = "calls"\nname = "few"\ntitle = "Few times"\ntimezone = "UTC"\n'
        'unit_of_count = "call"\n[columns]\nid = "id"\nreceived = "when"\ntype = "type"\n'
        'beat = "beat"\n[missing]\ndispatched = "It is not published."\n'
    )
    rows = [f"{day},2024-01-{day:02} 10:0{day % 10}:00,ALARM,B{day % 3}" for day in range(1, 29)]
    data = tmp_path / "few.csv"
    data.write_text("\n".join(["id,when,type,beat", *rows]) + "\n", encoding="utf-8")
    publish_small(settings.home)
    ingest([data], Source.parse(text, tmp_path / "few.toml"), settings)
    shown = opened(Services(settings), PATH)
    assert sum(int(words(cell)) for cell in buttons(shown["week"])) == 28
    assert shown["waits"] == shown["workload"] == shown["staffing"] == []
    assert "no times of dispatch" in shown["waits_note"]
    assert "no times of dispatch, clearing" in shown["workload_note"]
    assert "directed patrol time" in shown["staffing_note"]


def test_calls_that_cannot_be_read_are_said_and_the_page_stands(
    settings: Settings, tmp_path: Path
) -> None:
    publish_small(settings.home)
    ingest_calls(settings, tmp_path, *town_lines()[:DAYS])
    (settings.home / "calls" / "current").write_text("gone\n", encoding="utf-8")
    shown = opened(Services(settings), PATH)
    assert "missing" in words(shown["notice"])
    assert shown["cards_hidden"]
    assert page_outputs(PATH) >= {"week", "missing"}
