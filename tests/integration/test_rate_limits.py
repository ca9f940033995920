"""A person who asks too much is told to wait; others, and health checks, are answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.state import State
from security.rate_limits import Download, Downloads

EXPORT = "/export/incidents.csv"


@pytest.fixture
def server(settings: Settings, small: Snapshot) -> Flask:
    from app import create_app

    return create_app(replace(settings, requests_per_minute=3)).server


def answer(server: Flask, path: str, address: str = "10.0.0.1", person: str = "") -> int:
    """Status of an answer to an address, or to a person whom a proxy at that address names."""
    headers = {"X-Remote-User": person} if person else {}
    where = {"REMOTE_ADDR": address}
    with server.test_client().get(path, headers=headers, environ_base=where) as given:
        return given.status_code


def test_a_fourth_request_in_a_minute_is_told_when_to_come_back(server: Flask) -> None:
    client: FlaskClient = server.test_client()
    answers = [client.get("/layers/current.json") for _ in range(4)]
    assert [one.status_code for one in answers[:3]] == [answers[0].status_code] * 3 != [429] * 3
    last = answers[3]
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 61
    assert last.headers["Retry-After"] in last.text
    assert last.headers["Content-Type"].startswith("text/plain")


def test_addresses_are_counted_apart(server: Flask) -> None:
    assert [answer(server, EXPORT) for _ in range(4)] == [200, 200, 200, 429]
    assert answer(server, EXPORT, "10.0.0.2") == 200


def test_people_are_counted_wherever_they_are(settings: Settings, small: Snapshot) -> None:
    from app import create_app

    state = State(settings)
    for name in ("ann", "bob"):
        People(state, settings).add(name, [Role.ANALYST])
    state.close()
    named = {"proxy_header": "X-Remote-User", "proxy_addresses": ("10.0.0.0/8",)}
    server = create_app(replace(settings, requests_per_minute=3, **named)).server
    places = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert [answer(server, EXPORT, place, "ann") for place in places] == [200, 200, 200, 429]
    assert answer(server, EXPORT, "10.0.0.4", "bob") == 200


def test_health_checks_of_the_machine_itself_are_not_counted(server: Flask) -> None:
    assert {answer(server, "/health", "127.0.0.1") for _ in range(9)} == {200}
    assert [answer(server, "/health") for _ in range(4)] == [200, 200, 200, 429]


def test_a_third_download_waits_until_one_of_the_first_two_ends(
    settings: Settings, small: Snapshot
) -> None:
    from app import create_app

    client = create_app(settings).server.test_client()
    first, _second = client.get(EXPORT), client.get(EXPORT)
    third = client.get(EXPORT)
    assert (third.status_code, third.headers["Retry-After"]) == (429, "10")
    first.close()
    assert client.get(EXPORT).status_code == 200


def test_a_download_that_fails_does_not_count_on(settings: Settings, small: Snapshot) -> None:
    from app import create_app

    client = create_app(settings).server.test_client()
    for _ in range(5):
        with client.get(f"{EXPORT}?type=%FF&x=y") as refused:
            assert refused.status_code == 400


def test_downloads_of_all_leave_a_thread() -> None:
    downloads = Downloads(2, 3)
    asked = [Download(key) for key in "aabb"]
    assert [bool(downloads.begin(one)) for one in asked] == [False, False, False, True]
    downloads.end(asked[0])
    assert not downloads.begin(asked[3])
