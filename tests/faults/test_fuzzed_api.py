"""Thousands of made-up requests to the API: answers are as described, none is a server error."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from schemathesis import GenerationMode

from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from app import create_app
from tests.integration.api_town import build_api_town
from tests.integration.fuzzed_api import fuzz, operations
from tests.integration.program import new_token

EXAMPLES = 1_000


@pytest.mark.faults
@pytest.mark.parametrize("scope", ["", "district=001", "type=THEFT"])
def test_thousands_of_requests_are_answered_as_described(tmp_path: Path, scope: str) -> None:
    settings = build_api_town(tmp_path / "home", requests_per_minute=1_000_000)
    token = new_token(settings, role=Role.ANALYST, rules=ScopeRules(scope))
    statuses: Counter[int] = Counter()
    for operation in operations(create_app(settings).server):
        for mode in GenerationMode:
            statuses += fuzz(operation, token, EXAMPLES, mode)
    assert statuses[200] > EXAMPLES
    assert statuses[400] > EXAMPLES
    assert not [status for status in statuses if status in (500, 429)]
