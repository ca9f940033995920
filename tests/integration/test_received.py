"""Records by the API: on disk before they are acknowledged, of programs that may write alone."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import ProgramPermission
from analytics.audit import Audit
from analytics.state import State
from analytics.sync.run import sync
from api.v1.received import RECEIVED
from security.body_limit import MOST_BYTES
from tests.integration.fed_town import FedTown, deletion, lines_of, record


@pytest.fixture
def town(tmp_path: Path) -> FedTown:
    return FedTown(tmp_path).begin()


@pytest.fixture
def client(town: FedTown) -> FlaskClient:
    from app import create_app

    return create_app(town.settings).server.test_client()


def token(town: FedTown, permission: ProgramPermission) -> dict[str, str]:
    state = State(town.settings)
    _, text = ProgramTokens(state, town.settings).create(permission.value, [permission])
    state.close()
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def writer(town: FedTown) -> dict[str, str]:
    return token(town, ProgramPermission.WRITE_INCIDENTS)


def test_what_is_acknowledged_is_on_disk_and_then_served(
    town: FedTown, client: FlaskClient, writer: dict[str, str]
) -> None:
    body = lines_of(record("a"), record("b")) + "[1]\r\n\n" + lines_of(deletion("first"))
    answer = client.post("/api/v1/incidents", data=body, headers=writer)
    assert answer.status_code == 202
    said = answer.get_json()
    assert (said["accepted"], said["quarantined"]) == (3, 1)
    assert [one["line"] for one in said["reasons"]] == [3]
    assert [one.received for one in town.inbox.waiting()] == [said["received"]]
    again = client.post("/api/v1/incidents", data=body, headers=writer).get_json()
    assert (again["received"], again["repeated"]) == (said["received"], 3)
    sync(town.settings)
    assert set(town.served()) == {"a", "b"}
    assert recorded(town) == {said["received"]}


def recorded(town: FedTown) -> set[str]:
    """Requests in the audit log, which gets them a moment later."""
    state = State(town.settings)
    deadline = time.monotonic() + 20
    found: set[str] = set()
    while not found and time.monotonic() < deadline:
        time.sleep(0.1)
        found = {one.subject for one in Audit(state, town.settings).latest(10, RECEIVED)}
    state.close()
    return found


@pytest.mark.parametrize("headers", ["none", "wrong", "reads", "calls"])
def test_only_a_token_that_allows_it_may_write(
    town: FedTown, client: FlaskClient, headers: str
) -> None:
    given = {
        "none": lambda: {},
        "wrong": lambda: {"Authorization": "Bearer patroliq_" + "x" * 43},
        "reads": lambda: token(town, ProgramPermission.READ_INCIDENTS),
        "calls": lambda: token(town, ProgramPermission.WRITE_CALLS),
    }[headers]()
    answer = client.post("/api/v1/incidents", data=lines_of(record("a")), headers=given)
    assert answer.status_code in (401, 403)
    assert not town.inbox.waiting()


def test_calls_are_refused_while_no_source_of_calls_is_served(
    town: FedTown, client: FlaskClient
) -> None:
    headers = token(town, ProgramPermission.WRITE_CALLS)
    answer = client.post("/api/v1/calls", data=lines_of(record("a")), headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(("body", "status"), [("", 400), ("x" * (MOST_BYTES + 1), 413)])
def test_an_empty_or_too_large_request_is_refused(
    town: FedTown, client: FlaskClient, writer: dict[str, str], body: str, status: int
) -> None:
    answer = client.post("/api/v1/incidents", data=body, headers=writer)
    assert answer.status_code == status
    assert not town.inbox.waiting()


def test_a_full_disk_is_said_and_nothing_is_acknowledged(
    town: FedTown, client: FlaskClient, writer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.inbox.inbox.KEPT_FREE_BYTES", 1 << 60)
    body = json.dumps(record("a"))
    assert client.post("/api/v1/incidents", data=body, headers=writer).status_code == 507
    assert not town.inbox.waiting()
