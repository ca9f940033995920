"""No request, however hostile, fails: no 500, no trace in the answer or the log."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from tests.integration.hostile import Attacked
from tests.integration.test_sign_in import PASSWORD, Browser, cheap_hashes  # noqa: F401 - fixture

EACH = 6
"""Requests for each route and, threefold, each callback; `make faults` sends many more."""


def attacked(settings: Settings) -> Attacked:
    """The app on a home folder, without the limit of requests."""
    snapshot = Warehouse(settings.home).current_id()
    assert snapshot
    return Attacked(client_of(settings), snapshot)


def client_of(settings: Settings) -> FlaskClient:
    return create_app(replace(settings, requests_per_minute=10**9)).server.test_client()


@pytest.fixture(scope="module")
def app(city_of_8000: Path) -> Attacked:
    return attacked(Settings(home=city_of_8000))


def test_no_route_fails(app: Attacked) -> None:
    rules = list(app.server.url_map.iter_rules())
    assert len(rules) * EACH >= 200
    for rule in rules:
        app.attack_route(rule, EACH)


def test_no_route_fails_for_somebody_who_signed_in(
    settings: Settings,
    small: Snapshot,
    cheap_hashes: None,  # noqa: F811
) -> None:
    with closing(State(settings)) as state:
        People(state, settings).add("Chief", list(Role), PASSWORD)
    browser = Browser(client_of(settings))
    app = Attacked(browser.client, small.id, browser.headers)
    for rule in app.server.url_map.iter_rules():
        browser.sign_in("Chief")  # again, as an attack may have signed out
        app.attack_route(rule, EACH)


def test_no_callback_fails(app: Attacked) -> None:
    assert len(app.callbacks) > 10
    for callback in app.callbacks:
        app.attack_callback(callback, 3 * EACH)
