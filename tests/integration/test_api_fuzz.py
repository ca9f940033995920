"""Whatever is sent to the API, answers are as its description says, and none is a server error."""

from __future__ import annotations

import pytest
from flask import Flask
from schemathesis import GenerationMode

from analytics.access.roles import Role
from analytics.settings import Settings
from api.v1.routes import ROUTES
from app import create_app
from tests.integration.api_town import build_api_town
from tests.integration.fuzzed_api import fuzz, operations
from tests.integration.program import new_token

EXAMPLES = 30


@pytest.fixture(scope="module")
def settings_of_town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_api_town(tmp_path_factory.mktemp("fuzzed"), requests_per_minute=1_000_000)


@pytest.fixture(scope="module")
def server(settings_of_town: Settings) -> Flask:
    found: Flask = create_app(settings_of_town).server
    return found


@pytest.fixture(scope="module")
def token(settings_of_town: Settings) -> str:
    return new_token(settings_of_town, role=Role.ANALYST)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("number", range(len(ROUTES)), ids=[route.path for route in ROUTES])
def test_answers_are_as_described(
    server: Flask, token: str, number: int, mode: GenerationMode
) -> None:
    operation = operations(server)[number]
    statuses = fuzz(operation, token, EXAMPLES, mode)
    assert statuses.total() >= EXAMPLES // 2
    if mode is GenerationMode.POSITIVE and operation.method.upper() == "GET":
        assert statuses[200] > 0
