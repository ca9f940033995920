"""The Hot spots page: maps and list against SQL, edits by analysts, requests for new zones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from analytics.artifacts.bundle import set_version, version_folder
from analytics.artifacts.method_comparison import write_comparison
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.training.propose import propose_parameters
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Job, Queue
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import parts
from tests.unit.components.hotspots.test_methods import COMPARISON

pytestmark = pytest.mark.timeout(900)  # three models are trained first
KMEANS = "zones_kmeans"
LIST = {"zones", "zones_note", "zones_files"}
MAP_A = {"map", "legend", "caption", "forecast", "map_versions"}
MAP_B = {
    "maps", "compared", "compared_legend", "compared_caption", "compared_forecast",
    "compared_versions",
}  # fmt: skip
CONCENTRATION = {"concentration", "concentration_words", "concentration_numbers"}
THEFTS = "type=THEFT&date=last365d"
SQUARE = "40.01000,-39.01000;40.01000,-38.99000;39.99000,-38.99000;39.99000,-39.01000"


@pytest.fixture(scope="module")
def services(trained_city: Settings, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The trained city, which tests only read."""
    home = shutil.copytree(trained_city.home, tmp_path_factory.mktemp("read") / "home")
    return Services(Settings(home=Path(home), user="analyst"))


@pytest.fixture
def changing(trained_city: Settings, tmp_path: Path) -> Services:
    """The trained city, this test's own to change."""
    shutil.copytree(trained_city.home, tmp_path / "home")
    return Services(Settings(home=tmp_path / "home", user="analyst"))


@pytest.fixture
def untrained(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


def ask(services: Services, chosen: str = "", path: str = "/hotspots", **gesture: Any) -> Any:
    page = page_at(path)
    assert page
    pinned = services.pin()
    assert pinned
    state = SelectionState(text=chosen, snapshot=pinned.id)
    return respond_to(services, page, {"n": 1, **gesture}, state)


def opened(services: Services, text: str = "", path: str = "/hotspots", **page: str) -> Any:
    return ask(services, path=path, action="open", text=text, page=page)


def act(services: Services, act_name: str, chosen: str = "", **values: str) -> Any:
    page = {"h_model": KMEANS}
    return ask(services, chosen, action="act", name=act_name, values=values, page=page)


def jobs(services: Services) -> list[Job]:
    with closing(State(services.settings)) as state:
        return Queue(state).latest()


def words(children: Any) -> str:
    if isinstance(children, list | tuple):
        return " ".join(filter(None, map(words, children)))
    if isinstance(children, Component):
        return words(getattr(children, "children", None))
    return "" if children is None else str(children)


def app_client(settings: Settings) -> FlaskClient:
    from app import create_app

    return create_app(settings).server.test_client()


def listed(shown: Any) -> list[Component]:
    """The lines of the list."""
    return [part for part in parts(shown["zones"]) if getattr(part, "className", "") == "zone"]


def facts(line: Component) -> tuple[str, int, str]:
    """What chooses a zone, its incidents, and its name."""
    (button,) = (one for one in parts(line) if getattr(one, "className", "") == "zone-choice")
    marks = button.to_plotly_json()["props"]
    (name,) = (one for one in parts(button) if getattr(one, "className", "") == "zone-name")
    return str(marks.get("data-key")), int(marks["data-incidents"]), words(name)


def handle(line: Component) -> str:
    """What a form of this line says it is about."""
    (field,) = (one for one in parts(line) if getattr(one, "name", "") == "zone")
    return str(field.value)


def count(services: Services, sql: str) -> Any:
    pinned = services.pin()
    assert pinned
    return pinned.reader.frame(sql).row(0)


def test_the_list_counts_as_sql_does_on_the_labels(services: Services) -> None:
    shown = opened(services, THEFTS, h_model=KMEANS, h_top="50")
    (last,) = count(services, "SELECT max(operational_day) FROM incidents")
    since = last - timedelta(days=364)
    lines = [facts(line) for line in listed(shown)]
    assert len(lines) == 9
    for key, incidents, _ in lines:
        label = key.removeprefix("kmeans@1:")
        assert count(
            services,
            "SELECT count(*) FROM incidents JOIN labels USING (point_id) WHERE type = 'THEFT' "
            f"AND model = '{KMEANS}' AND label = '{label}' AND operational_day >= DATE '{since}'",
        ) == (incidents,)
    text = words(listed(shown)[0])
    for said in ("district", "days of harm", "Expected in 7 days", "in 28 days"):
        assert said in text
    assert "expected counts are of the selection" in words(shown["zones_note"])


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("counts", "Incidents in each of"),
        ("kde", "bandwidth of 1,640 ft"),
        ("risk", "Density over that of all incidents"),
        ("getis_ord", "false discovery rate 5% and 1%"),
        ("moran", "permutations"),
        ("emerging", "Mann-Kendall"),
        ("forecast", "7 days from"),
        ("zones", "zones by"),
    ],
)
def test_each_method_is_drawn_with_how_it_was_made(
    services: Services, method: str, said: str
) -> None:
    shown = opened(services, h_a=method, h_b="off")
    state = shown["map"]
    assert said in words(shown["caption"])
    assert len(state["classes"]) == len(state["values"]) > 5
    assert max(state["classes"]) < len(state["colors"])
    assert any(place >= 0 for place in state["classes"])
    assert words(shown["legend"])
    assert shown["maps"] == "hotspot-maps single"
    assert shown["compared"] is None


def test_counts_on_the_map_are_those_of_sql_without_default_addresses(services: Services) -> None:
    shown = opened(services, "type=BURGLARY", h_a="counts", h_size="500")
    (incidents,) = count(
        services,
        "SELECT count(*) FROM incidents WHERE type = 'BURGLARY' AND point_id IS NOT NULL AND "
        "default_address IS NOT TRUE",
    )
    assert sum(shown["map"]["values"]) == incidents
    assert shown["map"]["url"].endswith("cells-500.geojson")


def test_an_earlier_period_beside_this_one(services: Services) -> None:
    page = {"h_a": "counts", "h_b": "counts", "h_bs": "before"}
    shown = opened(services, "date=last28d", **page)
    (last,) = count(services, "SELECT max(operational_day) FROM incidents")
    for name, first in (
        ("map", last - timedelta(days=27)),
        ("compared", last - timedelta(days=55)),
    ):
        (incidents,) = count(
            services,
            "SELECT count(*) FROM incidents WHERE point_id IS NOT NULL AND default_address IS NOT "
            f"TRUE AND operational_day BETWEEN DATE '{first}' AND "
            f"DATE '{first + timedelta(days=27)}'",
        )
        assert sum(shown[name]["values"]) == incidents


def test_each_map_has_its_own_target_whatever_is_selected(services: Services) -> None:
    page = {"h_a": "counts", "h_at": "robbery", "h_b": "counts", "h_bt": "burglary"}
    shown = opened(services, "type=THEFT", **page)
    for name, kind in (("map", "ROBBERY"), ("compared", "BURGLARY")):
        (incidents,) = count(
            services,
            f"SELECT count(*) FROM incidents WHERE type = '{kind}' AND point_id IS NOT NULL AND "
            "default_address IS NOT TRUE",
        )
        assert sum(shown[name]["values"]) == incidents
    assert "type=ROBBERY" not in words(shown["sentence"])
    hrefs = [one.href for one in parts(shown["zones_files"]) if hasattr(one, "href")]
    assert any("robbery" in one for one in hrefs)
    assert any("burglary" in one for one in hrefs)


def test_a_map_shows_any_model_and_version(changing: Services) -> None:
    newer = add_version(changing.settings.home, KMEANS, 2)
    page = {"h_a": KMEANS, "h_av": f"{KMEANS}:2", "h_b": "zones_dbscan", "h_bv": f"{KMEANS}:2"}
    shown = opened(changing, THEFTS, **page)
    other, used = shown["map"], shown["compared"]
    assert "not in use" in shown["caption"]
    assert other["dimension"] == ""
    assert sum(other["values"]) == newer["incidents"].sum()
    assert [one["properties"]["rank"] for one in other["marks"]["features"]] == list(range(1, 10))
    assert used["dimension"] == "zone"
    assert "not in use" not in shown["compared_caption"]
    versions = [one.value for one in parts(shown["map_versions"]) if type(one).__name__ == "Option"]
    assert versions == ["", f"{KMEANS}:2", f"{KMEANS}:1"]
    lacking = opened(changing, h_a=KMEANS, h_at="robbery")
    assert "train them" in lacking["caption"]


def add_version(home: Path, name: str, version: int) -> pl.DataFrame:
    """A version like the first, which is not in use; returns its zones."""
    folder = version_folder(home, name, version)
    shutil.copytree(version_folder(home, name, 1), folder)
    set_version(folder, version)
    path = home / "models" / "index.json"
    index = json.loads(path.read_text())
    first = next(row for row in index["versions"] if row["name"] == name)
    index["versions"].insert(0, {**first, "version": version, "champion": False})
    path.write_text(json.dumps(index))
    return pl.read_parquet(folder / "zones.parquet")


def test_too_early_a_comparison_is_said_where_it_would_be_drawn(services: Services) -> None:
    (first,) = count(services, "SELECT min(operational_day) FROM incidents")
    shown = opened(services, f"date={first}..{first + timedelta(days=13)}", h_b="kde", h_bs="year")
    assert "choose a period that begins later" in shown["compared_caption"]
    assert shown["map"]["values"]


def test_a_click_on_a_zone_is_a_clause_and_the_other_zones_stay(services: Services) -> None:
    before = [facts(line) for line in listed(opened(services, h_model=KMEANS))]
    key, incidents, name = before[2]
    gesture = {"dimension": "zone", "keys": [key], "page": {"h_model": KMEANS}}
    shown = ask(services, action="toggle", **gesture)
    assert shown["state"]["text"] == f"zone={key}"
    assert [facts(line) for line in listed(shown)] == before
    assert name in words(shown["chips"])
    assert shown["map"]["selected"] == [key]
    assert "whole area" in words(shown["zones_note"])
    explore = opened(services, f"zone={key}", path="/explore")
    assert f"{incidents:,}" in words(explore["headline"])


def test_the_listed_zones_have_their_ranks_on_the_map_and_alone_are_exported(
    services: Services,
) -> None:
    shown = opened(services, THEFTS, h_model=KMEANS, h_top="5", h_rank="harm")
    lines = [facts(line) for line in listed(shown)]
    marks = [one["properties"] for one in shown["map"]["marks"]["features"]]
    assert [one["rank"] for one in marks] == [1, 2, 3, 4, 5]
    assert [one["id"] for one in marks] == [key for key, *_ in lines]
    (csv_file, *_) = [one.href for one in parts(shown["zones_files"]) if hasattr(one, "href")]
    with app_client(services.settings) as client:
        rows = client.get(f"{csv_file}&plain=1").text.splitlines()[1:]
        assert len(rows) == len(lines)
        assert all(key in row for (key, *_), row in zip(lines, rows, strict=True))


@pytest.mark.parametrize(
    ("changes", "outputs"),
    [
        ({"h_a": "kde"}, MAP_A | {"zones_files"}),
        ({"h_bs": "year"}, MAP_B | {"zones_files"}),
        ({"h_a": "forecast", "h_ah": "20-23"}, MAP_A | {"zones_files"}),
        ({"h_bu": "hotspot_forecast"}, MAP_B | {"zones_files"}),
        ({"h_at": "robbery"}, MAP_A | {"zones_files"}),
        ({"h_bv": f"{KMEANS}:1"}, MAP_B | {"zones_files"}),
        ({"h_bw": "1000"}, MAP_A | MAP_B | {"zones_files"}),
        ({"theme": "dark"}, MAP_A | MAP_B | CONCENTRATION),
        ({"h_rank": "harm"}, MAP_A | LIST | {"changes"}),
        ({"h_model": "zones_dbscan"}, MAP_A | LIST | {"changes"}),
        ({"h_rank": "harm", "h_a": "kde"}, MAP_A | LIST | {"changes"}),
        ({"h_top": "50"}, MAP_A | LIST | {"changes"}),
        ({"h_fit": "zones_dbscan"}, {"train"}),
        ({"h_of": "selected"}, {"train"}),
        ({"narrow": "1"}, set()),
    ],
)
def test_an_option_redraws_what_it_is_about_alone(
    services: Services, changes: dict[str, str], outputs: set[str]
) -> None:
    before = {"h_model": KMEANS, "h_a": "zones", "h_b": "counts"}
    assert redrawn(services, "/hotspots", changes, THEFTS, **before) == outputs | {"work"}


@pytest.mark.parametrize("shown", [{"h_a": "kde", "h_b": "counts"}, {"h_a": "kde", "h_b": "zones"}])
def test_the_rank_redraws_only_maps_that_show_zones(
    services: Services, shown: dict[str, str]
) -> None:
    maps = MAP_B if shown["h_b"] == "zones" else set()
    came = redrawn(services, "/hotspots", {"h_rank": "harm"}, h_model=KMEANS, **shown)
    assert came == maps | LIST | {"changes", "work"}


def test_polls_and_forms_redraw_what_they_are_about_alone(changing: Services) -> None:
    def sent(shown: dict[str, Any]) -> set[str]:
        return set(shown) & page_outputs("/hotspots")

    came = sent(ask(changing, action="page", changed=["poll"]))
    assert came == {"work", "zones_note", "methods_compared"}
    assert sent(ask(changing, action="dismiss", keys=["x"])) == {"work"}
    came = sent(act(changing, "train", model=KMEANS))
    assert came == {"work", "train", "zones_note", "methods_compared"}
    assert sent(ask(changing, action="page", changed=["poll"])) == {"work"}
    added = {"name": "Festival ground", "polygon": SQUARE, "reason": "every June"}
    came = sent(act(changing, "add-zone", **added))
    assert came == MAP_A | {"zones", "zones_note", "changes", "work"}


def test_a_rename_has_a_reason_and_is_what_chips_and_sentence_say(changing: Services) -> None:
    line = listed(opened(changing, h_model=KMEANS))[0]
    key, _, name = facts(line)
    edit = {"zone": handle(line), "name": "The old market", "do": "rename"}
    refused = act(changing, "edit", **edit, reason=" ")
    assert "Give a reason" in words(refused["notice"])
    assert facts(listed(refused)[0])[2] == name
    shown = act(changing, "edit", f"zone={key}", **edit, reason="officers call it so")
    assert facts(listed(shown)[0])[2] == "The old market renamed"
    assert "The old market" in words(shown["chips"])
    assert "The old market" in words(shown["sentence"])
    assert "officers call it so (analyst" in words(shown["changes"])
    elsewhere = opened(changing, f"zone={key}", path="/explore")
    assert "The old market" in words(elsewhere["chips"])
    with closing(State(changing.settings)) as state:
        (entry,) = Audit(state, changing.settings).latest(1)
    assert entry.event == "zone.rename"
    assert entry.reason == "officers call it so"


def test_a_note_about_a_zone_is_in_the_list_with_its_author(changing: Services) -> None:
    lines = listed(opened(changing, h_model=KMEANS))
    note = {"about": "zone", "key": handle(lines[1]), "note": "Ask the <i>licensing</i> desk"}
    written = act(changing, "write-note", **note)
    assert "map" not in written
    shown = [words(one) for one in listed(written)]
    assert "Ask the <i>licensing</i> desk (analyst, " in shown[1]
    assert "licensing" not in shown[0]


def test_a_zone_left_out_can_be_taken_back(changing: Services) -> None:
    before = listed(opened(changing, h_model=KMEANS))
    gone = {"zone": handle(before[1]), "do": "suppress", "name": "x", "reason": "closed"}
    shown = act(changing, "edit", **gone)
    assert [facts(one)[0] for one in listed(shown)] == [
        facts(one)[0] for one in (before[0], *before[2:])
    ]
    assert "(left out)" in " ".join(opened(changing, h_model=KMEANS, h_a="zones")["map"]["names"]
                                    .values())  # fmt: skip
    (undo,) = (one for one in parts(shown["changes"]) if getattr(one, "name", "") == "edit")
    assert len(listed(act(changing, "undo-edit", edit=undo.value))) == len(before)


def test_a_form_of_another_version_changes_nothing(services: Services) -> None:
    stale = {"zone": "kmeans@7:0", "do": "suppress", "name": "x", "reason": "closed"}
    shown = act(services, "edit", **stale)
    assert "no longer in the list" in words(shown["notice"])
    assert len(listed(shown)) == 9


def test_a_drawn_area_becomes_a_zone_of_the_list_and_the_map(changing: Services) -> None:
    text = f"polygon={SQUARE}"
    asked = opened(changing, text, h_model=KMEANS)
    assert "Add the drawn area as a zone" in words(asked["changes"])
    added = {"name": "Festival ground", "polygon": SQUARE, "reason": "every June"}
    shown = act(changing, "add-zone", text, **added)
    (line,) = (one for one in listed(shown) if "Festival ground" in words(one))
    assert "added" in words(line)
    features = opened(changing, h_model=KMEANS, h_a="zones")["map"]["shapes"]["features"]
    assert "Festival ground" in {one["properties"]["name"] for one in features}
    assert "Undo" in words(shown["changes"])


def test_parameters_start_from_proposals_and_can_be_overridden(changing: Services) -> None:
    form = words(opened(changing, h_fit="zones_dbscan")["train"])
    assert "knee of the k-distance curve" in form
    assert "Proposals are from version 1" in form
    assert "Values tried Share of incidents Distance with min_samples" in form
    shown = act(changing, "train", model="zones_dbscan", **{"set-eps_m": "400"})
    assert "You can leave this page" in words(shown["notice"])
    assert list(jobs(changing)[0].command) == ["train", "zones_dbscan", "--set=eps_m=122",
                                         "--promote-first"]  # fmt: skip
    assert any("data-poll" in one.to_plotly_json()["props"] for one in parts(shown["work"]))
    refused = act(changing, "train", model=KMEANS, **{"set-k": "many"})
    assert "from 1 to 500" in words(refused["notice"])
    refused = act(changing, "train", model="zones_dbscan", **{"set-eps_m": "9000"})
    assert "a number of feet from 3 to 6562" in words(refused["notice"])
    selected = {"model": KMEANS, "incidents": "selected"}
    act(changing, "train", "type=THEFT", **selected)
    assert "--selection=type=THEFT" in jobs(changing)[0].command


def test_values_are_proposed_by_a_job_and_then_shown(changing: Services) -> None:
    page = {"h_fit": KMEANS, "h_of": "selected"}
    before = opened(changing, "type=THEFT", **page)["train"]
    assert "Propose values first" in words(before)
    form = {"propose": KMEANS, "incidents": "selected"}
    act(changing, "train", "type=THEFT", **form)
    command = list(jobs(changing)[0].command)
    assert command == ["train", KMEANS, "--selection=type=THEFT", "--propose"]
    (found,) = propose_parameters([KMEANS], changing.settings, selection="type=THEFT").values()
    after = opened(changing, "type=THEFT", **page)["train"]
    assert "Propose values first" not in words(after)
    assert "near the knee of the inertia" in words(after)
    (field,) = (one for one in parts(after) if getattr(one, "name", "") == "set-k")
    assert field.value == f"{found.rows[0]['value']:g}"
    with pytest.raises(InputError, match="No parameter"):
        propose_parameters(["zones_foot"], changing.settings)


def test_methods_are_compared_by_a_job_and_shown_with_what_they_were_made_from(
    changing: Services,
) -> None:
    missing = opened(changing)
    assert "not been compared" in words(missing["methods_compared"])
    asked = act(changing, "compare", target="all")
    assert list(jobs(changing)[0].command) == ["evaluate", "methods"]
    assert "in progress" in words(asked["methods_compared"])
    act(changing, "cancel", job=str(jobs(changing)[0].id))
    pinned = changing.pin()
    assert pinned
    for snapshot, current in ((pinned.id, True), ("20200101T000000000-00000000", False)):
        write_comparison(changing.settings.home, replace(COMPARISON, snapshot=snapshot))
        shown = opened(changing)["methods_compared"]
        assert ("data has changed since" in words(shown)) is not current
        assert snapshot in words(shown)
        offered = [one.value for one in parts(shown) if getattr(one, "name", "") == "target"]
        assert offered == ([] if current else ["all"])
    buttons = [one.to_plotly_json()["props"].get("data-options", "") for one in parts(shown)]
    assert "h_a=zones_kmeans&h_av=" in buttons
    refused = act(changing, "compare", target="jaywalking")
    assert "Target not found" in words(refused["notice"])


def test_without_models_the_page_offers_to_train_and_still_draws(untrained: Services) -> None:
    shown = opened(untrained)
    assert "No zones yet: train them." in words(shown["zones"])
    assert shown["map"]["layer"] == "cells"
    asked = act(untrained, "train-first")
    assert "Training in progress" in words(asked["zones"])
    assert jobs(untrained)[0].command[:2] == ("train", "zones_dbscan")
    canceled = act(untrained, "cancel", job=str(jobs(untrained)[0].id))
    assert "Canceled" in words(canceled["notice"])


def test_nothing_matches_is_said_and_offers_the_way_out(services: Services) -> None:
    shown = opened(services, "type=THEFT&hour=3&date=1990-01-01", h_model=KMEANS)
    assert "No incidents match" in words(shown["notice"])
    assert {facts(line)[1] for line in listed(shown)} == {0}


@pytest.mark.parametrize(
    "page",
    [
        {"h_a": "nonsense", "h_b": "<b>", "h_model": "x", "h_top": "9" * 30, "h_rank": "?"},
        {"h_size": "-1", "h_bw": "1e9", "h_half": "x", "h_vs": "'; --", "h_band": "0"},
    ],
)
def test_a_nonsense_address_falls_back(services: Services, page: dict[str, str]) -> None:
    shown = opened(services, **page)
    assert shown["map"]["classes"]
    assert listed(shown)


def _layout(services: Services) -> Callable[[], Any]:
    pinned = services.pin()
    page = page_at("/hotspots")
    assert page
    assert pinned
    return lambda: page.layout(services, pinned)


def test_the_layout_offers_what_there_is(services: Services, untrained: Services) -> None:
    trained, empty = words(_layout(services)()), words(_layout(untrained)())
    assert "Hot-spot forecast" in trained
    assert "Hot-spot forecast" not in empty
    assert "none yet" in empty
