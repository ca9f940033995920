"""Parameters of a training of some incidents: from these incidents, on pages and on the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.demo.build import build_demo
from analytics.hotspots.inputs import WeightedPoints, weighted_points
from analytics.hotspots.neighborhoods import weight_within
from analytics.hotspots.proposals import densest, propose_eps, propose_min_samples
from analytics.hotspots.propose_k import propose_k
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Queue
from tests.integration.stored_models import opened, words
from tests.integration.test_overview_page import props, walk

DBSCAN, KMEANS = "zones_dbscan", "zones_kmeans"
CHOSEN = "type=BURGLARY,ROBBERY"
PAGES = [("/hotspots", "h_of"), ("/models", "of")]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A synthetic city without models."""
    settings = Settings(home=tmp_path_factory.mktemp("city") / "home", user="analyst")
    build_demo(settings, 12_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    return Services(settings)


@pytest.fixture(scope="module")
def chosen(city: Services) -> WeightedPoints:
    pinned = city.pin()
    assert pinned
    return weighted_points(pinned.reader, EVERYTHING, Selection.parse(CHOSEN))


def pair(points: WeightedPoints) -> dict[str, float]:
    """eps from the k-distance curve of the incidents, min_samples for this eps; step by step."""
    usual = densest(points.weights, weight_within(points.xy, points.weights, 100.0), 0.1)
    eps = propose_eps(points.xy, points.weights, min_samples=usual).value
    least = propose_min_samples(points.xy, points.weights, eps_m=eps).value
    return {"eps_m": eps, "min_samples": least}


def in_feet(values: dict[str, float]) -> dict[str, str]:
    """As a form shows them in the United States."""
    return {
        "eps_m": f"{round(values['eps_m'] / 0.3048)}",
        "min_samples": f"{values['min_samples']:g}",
    }


def form(services: Services, path: str, option: str, model: str, incidents: str) -> dict[str, str]:
    """Values of the form's fields by parameter."""
    page = page_at(path)
    assert page
    options = {option: incidents, "h_fit": model, "model": model}
    gesture = {"n": 1, "action": "page", "changed": [option], "page": options}
    state = SelectionState(text=CHOSEN, snapshot=services.warehouse.current_id())
    shown = respond_to(services, page, gesture, state)
    assert not {"zones", "versions", "map"} & shown.keys()
    fields = [props(one) for one in walk(shown["train"]) if isinstance(one, Component)]
    named = [one for one in fields if str(one.get("name", "")).startswith("set-")]
    return {one["name"].removeprefix("set-"): one["value"] for one in named if "value" in one}


def train(services: Services, path: str, model: str, **values: str) -> tuple[str, ...]:
    page = page_at(path)
    assert page
    sent = {"model": model, "incidents": "selected", **values}
    gesture = {"n": 1, "action": "act", "name": "train", "values": sent}
    respond_to(services, page, gesture, SelectionState.of({"text": CHOSEN}))
    with closing(State(services.settings)) as state:
        return Queue(state).latest()[0].command


@pytest.mark.parametrize(("path", "option"), PAGES)
def test_the_form_starts_from_the_incidents_it_is_for(
    city: Services, chosen: WeightedPoints, path: str, option: str
) -> None:
    found = form(city, path, option, DBSCAN, "selected")
    expected = pair(chosen)
    assert {name: found[name] for name in expected} == in_feet(expected)
    assert expected["eps_m"] != 100
    every = form(city, path, option, DBSCAN, "all")
    assert (every["eps_m"], every["min_samples"]) == ("328", "0")


def test_the_note_counts_the_incidents_of_a_target_as_those_and_not_as_selected(
    city: Services,
) -> None:
    pinned = city.pin()
    assert pinned
    robberies = Selection.parse("group=part_i:robbery")
    counted = weighted_points(pinned.reader, EVERYTHING, robberies).incidents
    shown = opened(city, "/hotspots", f"{robberies.text}&weekday=5", h_fit=DBSCAN)
    assert f"from the {counted:,} incidents with coordinates" in words(shown["train"])


@pytest.mark.parametrize(("path", "option"), PAGES)
def test_what_takes_longer_is_left_to_the_worker(city: Services, path: str, option: str) -> None:
    assert form(city, path, option, KMEANS, "selected")["k"] == ""
    assert form(city, path, option, KMEANS, "all")["k"] == "12"


@pytest.mark.parametrize("path", ["/hotspots", "/models"])
def test_only_what_was_changed_is_set(city: Services, chosen: WeightedPoints, path: str) -> None:
    shown = {f"set-{name}": value for name, value in in_feet(pair(chosen)).items()}
    command = train(city, path, DBSCAN, **shown)
    assert not [word for word in command if word.startswith("--set")]
    assert f"--selection={CHOSEN}" in command
    changed = train(city, path, DBSCAN, **{**shown, "set-eps_m": "328"})
    assert [word for word in changed if word.startswith("--set")] == [
        "--set=eps_m=100",
        f"--set=min_samples={pair(chosen)['min_samples']:g}",
    ]
    denser = train(city, path, DBSCAN, **{**shown, "set-dense_share": "0.2"})
    assert [word for word in denser if word.startswith("--set")] == ["--set=dense_share=0.2"]
    assert not [word for word in train(city, path, KMEANS, **{"set-k": ""}) if "--set" in word]
    assert "--set=k=12" in train(city, path, KMEANS, **{"set-k": "12"})


def patroliq(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analytics.cli", *arguments],
        env={**os.environ, "PATROLIQ_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )


def run_job(services: Services, *command: str) -> dict[str, Any]:
    """Queue a command, let a worker run it, and what `jobs list` tells of it."""
    home = services.settings.home
    patroliq(home, "jobs", "add", *command)
    patroliq(home, "worker", "--once")
    found: dict[str, Any] = json.loads(patroliq(home, "jobs", "list", "--json").stdout)
    return found["jobs"][0]


@pytest.mark.timeout(600)
def test_a_training_takes_proposals_says_so_and_a_refused_one_says_why(
    city: Services, chosen: WeightedPoints
) -> None:
    for job in Queue(city.state).latest():  # those that the forms requested
        Queue(city.state).cancel(job.id)
    selection, fewer = f"--selection={CHOSEN}", "--set=bootstraps=2"
    done = run_job(city, "train", KMEANS, selection, fewer)
    (version,) = done["result"]["versions"]
    assert done["status"] == "done"
    assert done["outcome"] == ("refused" if version["refused"] else "done")
    assert int(version["parameters"]["k"]) == propose_k(chosen.xy, chosen.weights).value
    origins = {name: one["from"] for name, one in version["origins"].items()}
    assert origins == {"k": "proposal", "mini_batch": "default", "weight": "default",
                       "bootstraps": "set"}  # fmt: skip
    assert version["origins"]["k"]["evidence"]["seeds"] == 4
    refused = run_job(city, "train", KMEANS, selection, fewer, "--set=k=1", "--promote-first")
    assert (refused["status"], refused["outcome"]) == ("done", "refused")
    ((one),) = refused["refused"]
    assert (one["model"], one["version"], one["standing"]) == (KMEANS, 2, "refused")
    assert any(reason["metric"] == "largest_zone_share" for reason in one["reasons"])
    assert "refused: " in patroliq(city.settings.home, "jobs", "list").stdout
    for path in ("/models", "/hotspots"):
        page = page_at(path)
        assert page
        shown = respond_to(city, page, {"n": 1, "action": "open", "text": ""}, SelectionState())
        said = words(shown["work"])
        assert "version 2 failed its promotion checks" in said
        assert "Incidents in the largest zone is 100%; at most 35% is required." in said


@pytest.mark.timeout(600)
def test_the_command_tells_which_values_it_used_and_where_they_are_from(
    city: Services, chosen: WeightedPoints
) -> None:
    home = city.settings.home
    said = patroliq(home, "train", DBSCAN, "--selection", CHOSEN, "--set", "bootstraps=2").stdout
    expected = pair(chosen)
    for name, value in expected.items():
        assert f"{name} = {value}, proposed from the selection: " in said
    assert "dense_share = 0.1, the default" in said
    assert "bootstraps = 2, as set" in said
    stored = form(Services(city.settings), "/hotspots", "h_of", DBSCAN, "selected")
    assert {name: stored[name] for name in expected} == in_feet(expected)
