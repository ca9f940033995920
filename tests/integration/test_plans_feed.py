"""The calendar of plans to subscribe to, by a token in its address that does nothing else."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import unquote

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from analytics.access.people import People
from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from security import bearer
from tests.integration.api_town import build_api_town
from tests.integration.program import Program, feed_token, new_token, revoke_token
from tests.integration.test_sign_in import PASSWORD, Browser

FEED = "/feeds/plans.ics"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = build_api_town(tmp_path_factory.mktemp("feed"))
    with pytest.MonkeyPatch.context() as patch, closing(State(settings)) as state:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("analytics.access.passwords._HASHER", cheap)
        People(state, settings).add("Kim", [Role.ANALYST], PASSWORD)
    return settings


@pytest.fixture
def client(town: Settings, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(bearer, "KNOWN_S", 0.0)
    return create_app(town).server.test_client()


def values(text: str, name: str) -> list[str]:
    lines = text.replace("\r\n ", "").split("\r\n")
    return [line.partition(":")[2] for line in lines if line.startswith(f"{name}:")]


def test_a_calendar_subscribes_to_all_plans_with_a_token(
    town: Settings, client: FlaskClient
) -> None:
    token = feed_token(town, "All", role=Role.ANALYST)
    answer = client.get(f"{FEED}?token={token}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    ids = values(answer.text, "UID")
    assert len(ids) == len(set(ids)) == 6  # three units with a stop each, of two plans
    assert values(answer.text, "X-PUBLISHED-TTL") == ["PT1H"]
    assert client.get(FEED, headers={"Authorization": f"Bearer {token}"}).text == answer.text
    Browser(client).sign_in("Kim")
    for plan in (1, 2):
        one = client.get(f"/export/plan.ics?plan={plan}", base_url="https://localhost").text
        assert {*values(one, "UID")} <= {*ids}
        assert {*values(one, "DTSTART")} <= {*values(answer.text, "DTSTART")}


def test_the_token_of_a_feed_does_nothing_else_and_others_open_no_feed(
    town: Settings, client: FlaskClient
) -> None:
    token = feed_token(town, "Only", role=Role.ANALYST)
    for path in ("/api/v1/plans", "/api/v1/incidents", "/export/plan.ics", "/alerts.rss"):
        assert client.get(f"{path}?token={token}").status_code in (400, 401), path
        assert Program(client, token).ask("/plans").status_code == 403
    other = new_token(town, "Reads", role=Role.ANALYST)
    answer = client.get(f"{FEED}?token={other}")
    assert answer.status_code == 400
    assert "revoke this one" in answer.text
    assert client.get(FEED, headers={"Authorization": f"Bearer {other}"}).status_code == 403


def test_a_feed_is_not_opened_without_a_token_or_with_one_that_is_not_accepted(
    town: Settings, client: FlaskClient
) -> None:
    token = feed_token(town, "Revoked", role=Role.ANALYST)
    revoke_token(town, "Revoked")
    assert client.get(FEED).status_code == 401
    for wrong in ("", "x", token):
        answer = client.get(f"{FEED}?token={wrong}")
        assert answer.status_code == 401
        assert "html" not in answer.mimetype


def test_a_feed_of_some_areas_has_their_units_and_is_recorded_without_its_token(
    town: Settings, client: FlaskClient
) -> None:
    token = feed_token(town, "Part", role=Role.ANALYST, rules=ScopeRules("district=001"))
    while (answer := client.get(f"{FEED}?token={token}")).status_code == 503:
        assert "prepar" in answer.text or "read" in answer.text
    assert answer.status_code == 200
    assert {uid.partition("-unit-")[2][0] for uid in values(answer.text, "UID")} == {"1"}
    with closing(State(town)) as state:
        entries = [*Audit(state, town).entries()]
    assert [one.person for one in entries if one.event == "api.read"][-1] == "token:Part"
    assert not [one for one in entries if token in str(one)]


def test_a_token_that_is_written_in_another_way_is_recorded_by_no_answer(
    settings: Settings,
) -> None:
    """Without data a feed answers 503, which is recorded with its query."""
    token = feed_token(settings, role=Role.ANALYST)
    with closing(State(settings)) as state:
        People(state, settings).add("Kim", [Role.ANALYST], PASSWORD)
    app = create_app(settings)
    empty = app.server.test_client()
    for query in (f"token={token}", f"a=1&t%6fken={token.replace('_', '%5F')}"):
        assert empty.get(f"{FEED}?{query}").status_code == 503
    app.services.access_log.flush()
    with closing(State(settings)) as state:
        failed = [one for one in Audit(state, settings).entries() if one.event == "request.failed"]
    assert len(failed) == 2
    assert not [one for one in failed if token in unquote(str(one)) or "token=" in str(one)]
    assert failed[1].details["query"] == "a=1"
