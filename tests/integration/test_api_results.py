"""Zones, forecasts, plans and alerts by the API: what the pages and their files say."""

from __future__ import annotations

import csv
import io
import time
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from analytics.alerts.stored_alerts import StoredAlerts
from analytics.patrol.stored_plans import StoredPlans
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from tests.integration.api_town import WATCHED, build_api_town
from tests.integration.program import Program, new_token


@pytest.fixture(scope="module")
def client(trained_city: Settings) -> FlaskClient:
    return create_app(trained_city).server.test_client()


@pytest.fixture(scope="module")
def program(client: FlaskClient, trained_city: Settings) -> Program:
    return Program(client, new_token(trained_city, role=Role.ANALYST))


@pytest.mark.parametrize("query", ["", "type=THEFT&hour=18-02", "model=zones_kmeans&top=3"])
def test_zones_are_those_of_the_exported_file(
    client: FlaskClient, program: Program, query: str
) -> None:
    found = program.read(f"/zones?{query}")
    exported = client.get(f"/export/zones.geojson?{query}").json
    assert exported is not None
    about, features = exported["patroliq"], exported["features"]
    for name in ("snapshot", "selection", "model", "version", "trained"):
        assert found[name] == about[name]
    assert [zone["geometry"] for zone in found["zones"]] == [one["geometry"] for one in features]
    for zone, feature in zip(found["zones"], features, strict=True):
        assert {name: zone[name] for name in zone if name != "geometry"} == feature["properties"]


def test_forecasts_are_those_of_the_exported_file(client: FlaskClient, program: Program) -> None:
    found = program.read("/forecasts")
    exported = csv.DictReader(io.StringIO(client.get("/export/forecast.csv?plain=1").text))
    own = [(one["cell"], one["expected"]) for one in found["units"]]
    assert own == [(one["cell"], float(one["expected"])) for one in exported]
    assert (found["model"], found["version"]) == ("hotspot_forecast", 1)
    assert found["units"][0]["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize(
    "path",
    [
        "/zones?model=nothing", "/zones?rank=x", "/zones?top=x", "/forecasts?forecast=x",
        "/forecasts?hours=25", "/plans?limit=0", "/plans?limit=201", "/plans?other=1",
        "/alerts?state=x", "/alerts?state=new&state=all", "/plans/1?version=x",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_400_in_json(program: Program, path: str) -> None:
    answer = program.ask(path)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["code"] == "invalid_request"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_api_town(tmp_path_factory.mktemp("api_town"))


@pytest.fixture(scope="module")
def in_town(town: Settings) -> Program:
    client = create_app(town).server.test_client()
    return Program(client, new_token(town, role=Role.ANALYST))


def test_plans_are_those_that_are_stored(in_town: Program, town: Settings) -> None:
    with closing(State(town)) as state:
        stored = StoredPlans(state, town).newest()
    found = in_town.read("/plans")["plans"]
    assert [(one["plan"], one["day"], one["units"]) for one in found] == [
        (one.plan, one.day.isoformat(), one.units) for one in stored
    ]
    assert [one["plan"] for one in in_town.read("/plans?limit=1")["plans"]] == [stored[0].plan]


def test_a_plan_has_the_stops_of_its_file(in_town: Program) -> None:
    found = in_town.read("/plans/1")
    exported = in_town.client.get("/export/plan.geojson?plan=1").json
    assert exported is not None
    assert found["features"] == exported["features"]
    assert found["plan"] == exported["patroliq"]
    assert found["model"] == "hotspot_forecast_street@1"
    one = in_town.read("/plans/1?unit=2")["features"]
    assert {feature["properties"]["unit"] for feature in one} == {2}


@pytest.mark.parametrize("path", ["/plans/99", "/plans/999999999999999999999", "/plans/x"])
def test_a_plan_that_is_not_there_is_a_404_in_json(in_town: Program, path: str) -> None:
    answer = in_town.ask(path)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "not_found"


def test_alerts_are_the_shared_ones_of_the_page_without_evidence(
    in_town: Program, town: Settings
) -> None:
    with closing(State(town)) as state:
        stored = {one.id: one for one in StoredAlerts(state, town).listed()}
    found = in_town.read("/alerts")["alerts"]
    assert {*WATCHED} <= {one["watch_list_name"] for one in found}
    assert "Own" not in {one["watch_list_name"] for one in found}
    assert {one["id"] for one in found} < stored.keys()  # less the list of one person
    for one in found:
        alert = stored[one["id"]]
        assert (one["count"], one["state"], one["selection"]) == (
            alert.count, alert.state, alert.selection,
        )  # fmt: skip
        assert one["headline"] in in_town.client.get("/alerts").text.replace("&amp;", "&")
        assert "evidence" not in one
    assert in_town.read("/alerts?state=closed")["alerts"] == []
    first = found[0]["watch_list"]
    own = in_town.read(f"/alerts?state=all&list={first}")["alerts"]
    assert {one["watch_list"] for one in own} == {first}


def test_a_program_of_some_areas_gets_their_part_of_each_result(town: Settings) -> None:
    token = new_token(town, "North", role=Role.ANALYST, rules=ScopeRules("district=001"))
    program = Program(create_app(town).server.test_client(), token)
    for _ in range(200):
        if program.ask("/zones").status_code != 503:
            break
        time.sleep(0.1)
    stops = program.read("/plans/1")["features"]
    assert [stop["properties"]["unit"] for stop in stops] == [1]
    assert {one["watch_list_name"] for one in program.read("/alerts")["alerts"]} == {
        "First district"
    }
    text = program.ask("/forecasts").text + program.ask("/zones").text + str(stops)
    assert "STOP 2" not in text
    whole = Program(program.client).read("/forecasts")["units"]
    assert len(program.read("/forecasts")["units"]) < len(whole)
