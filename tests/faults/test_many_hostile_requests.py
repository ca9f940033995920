"""Many more hostile requests than `make test` sends, on a city with trained models."""

from __future__ import annotations

import pytest

from analytics.settings import Settings
from tests.integration.conftest import trained_city  # noqa: F401 - a fixture
from tests.integration.test_hostile_requests import attacked

EACH = 300


@pytest.mark.faults
def test_no_route_and_no_callback_fails(trained_city: Settings) -> None:  # noqa: F811
    app = attacked(trained_city)
    for rule in app.server.url_map.iter_rules():
        app.attack_route(rule, EACH)
    for callback in app.callbacks:
        app.attack_callback(callback, 3 * EACH)
