"""Clients that are slow, or never end, do not keep the app from answering others."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from bench.site_server import SiteServer
from tests.integration.small_snapshot import publish_small

THREADS = 8
"""Of two workers."""
SLOW = {
    "no byte": b"",
    "part of the request line": b"GET /hea",
    "part of the headers": b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
    "part of the body": b"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
    "a body that waits for leave": b"POST /_dash-update-component HTTP/1.1\r\n"
    b"Host: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n",
    "an answer that is not closed": b"GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
    "a refusal that is not closed": b"nonsense\r\n\r\n",
}
LARGE = b"""GET /_dash-component-suites/plotly/package_data/plotly.min.js HTTP/1.1\r
Host: 127.0.0.1\r\n\r\n"""
"""A file of 5 MB, more than the buffers of a connection hold."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    home = tmp_path_factory.mktemp("slow") / "home"
    publish_small(home)
    with SiteServer(home, PATROLIQ_CLIENT_TIMEOUT_S="600").running() as site:
        yield site


@pytest.mark.parametrize("begun", SLOW.values(), ids=SLOW)
def test_forty_slow_clients_do_not_stop_the_app(site: SiteServer, begun: bytes) -> None:
    with ExitStack() as clients:
        for _ in range(5 * THREADS):
            client = clients.enter_context(_connection(site))
            client.sendall(begun)
        for _ in range(2 * THREADS):
            assert httpx.get(site.url + "/health", timeout=60).status_code == 200


def test_a_request_that_arrives_byte_by_byte_is_answered(site: SiteServer) -> None:
    with _connection(site) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n":
            client.sendall(bytes([byte]))
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_two_requests_at_once_get_two_answers(site: SiteServer) -> None:
    ask = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with _connection(site) as client:
        client.sendall(ask + b"\r\n" + ask + b"Connection: close\r\n\r\n")
        assert _all_of(client).count(b"HTTP/1.1 200") == 2


def test_a_body_that_waits_for_leave_gets_it(site: SiteServer) -> None:
    with _connection(site) as client:
        client.sendall(SLOW["a body that waits for leave"])
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(b" " * 500)
        assert b"HTTP/1.1 400" in client.recv(1000)


def test_a_request_that_is_not_http_gets_a_sentence(site: SiteServer) -> None:
    with _connection(site) as client:
        client.sendall(b"GET / NOTHING/1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = _all_of(client)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"text/plain" in answer
    assert b"NOTHING" not in answer


def test_a_request_that_does_not_arrive_in_time_is_refused(site: SiteServer) -> None:
    with (
        SiteServer(site.home, PATROLIQ_CLIENT_TIMEOUT_S="1").running() as hasty,
        _connection(hasty) as begun,
        _connection(hasty) as silent,
    ):
        begun.sendall(SLOW["part of the headers"])
        assert _all_of(begun).startswith(b"HTTP/1.1 408")
        assert _all_of(silent) == b""


def test_a_client_that_does_not_take_its_answer_frees_its_thread(site: SiteServer) -> None:
    with (
        SiteServer(site.home, PATROLIQ_CLIENT_TIMEOUT_S="1", PATROLIQ_WORKERS="1").running() as one,
        ExitStack() as clients,
    ):
        for _ in range(THREADS):
            clients.enter_context(_connection(one)).sendall(LARGE)
        assert httpx.get(one.url + "/health", timeout=60).status_code == 200


def _connection(site: SiteServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=60)


def _all_of(client: socket.socket) -> bytes:
    received = b""
    while data := client.recv(4096):
        received += data
    return received
