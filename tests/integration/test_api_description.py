"""The description of the API is of the routes that there are, and of their answers."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from analytics.access.needs import need_of
from analytics.access.programs import ProgramPermission
from analytics.settings import Settings
from api.v1.api_route import BASE
from api.v1.json_errors import CODES
from api.v1.routes import ROUTES
from app import create_app
from tests import ROOT
from tests.integration.program import Program


def test_the_description_has_every_route_and_no_other(client: FlaskClient) -> None:
    described = Program(client).read("/openapi.json")
    server = client.application
    there = set()
    for rule in server.url_map.iter_rules():
        if rule.rule.startswith(BASE) and rule.endpoint != "api_description":
            assert isinstance(need_of(server.view_functions[rule.endpoint]), ProgramPermission)
            path = re.sub(r"<int:(\w+)>", r"{\1}", rule.rule)
            there |= {(path, method) for method in rule.methods or ()}
    there -= {(path, method) for path, method in there if method in {"HEAD", "OPTIONS"}}
    told = {
        (path, method.upper()) for path, methods in described["paths"].items() for method in methods
    }
    assert told == there
    assert len(told) == len(ROUTES)


def test_every_parameter_of_a_path_and_every_error_is_described(client: FlaskClient) -> None:
    described = Program(client).read("/openapi.json")
    for path, methods in described["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == {*re.findall(r"{(\w+)}", path)}
            assert {*map(str, CODES)} <= operation["responses"].keys()
            assert any("token" in one for one in operation["security"])


def test_before_any_data_the_answer_says_when_to_ask_again(settings: Settings) -> None:
    program = Program(create_app(settings).server.test_client())
    for route in ROUTES:
        if route.method == "GET":
            answer = program.ask(route.path.replace("{plan}", "1"))
            assert answer.status_code == 503, route.path
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json is not None
            assert answer.json["error"]["code"] == "unavailable"


@pytest.mark.parametrize("path", ["/none", "/incidents/1", "/../v2/incidents", "/incidents/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_what_is_no_address_is_an_error_in_json(
    client: FlaskClient, path: str, method: str
) -> None:
    answer = Program(client).ask(path, method, headers={"Accept": "text/html"})
    assert answer.status_code in (404, 405)
    assert answer.json is not None
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("permission", ProgramPermission)
def test_every_permission_is_documented(permission: ProgramPermission) -> None:
    assert f"| `{permission}` |" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    named = [f"`{route.method} {BASE}{route.path}`" for route in ROUTES]
    assert [one for one in named if one not in text] == []
