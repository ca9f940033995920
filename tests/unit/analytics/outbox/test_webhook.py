"""The webhook: signed as RFC 2104 says, to the set address only."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from analytics.errors import InputError, UnavailableError
from analytics.outbox.webhook import SIGNATURE, post_signed, sign
from analytics.settings import Settings

SECRET = "walnut"  # noqa: S105 - of the test


class Receiver(HTTPServer):
    """Keeps what it gets."""

    status = 204
    received: list[tuple[str, dict[str, str], bytes]]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(("127.0.0.1", 0), Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def of(receiver: Receiver) -> Settings:
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    return Settings(webhook_url=url, webhook_secret=SECRET)


def test_the_receiver_can_verify_what_it_gets(receiver: Receiver) -> None:
    content: dict[str, Any] = {"event": "alerts", "alerts": [{"headline": "Robo en la señal"}]}
    post_signed(of(receiver), content)
    ((path, headers, body),) = receiver.received
    assert path == "/hook"
    assert json.loads(body) == content
    other = HMAC(SECRET.encode(), hashes.SHA256())  # a second library
    other.update(body)
    assert headers[SIGNATURE] == "sha256=" + other.finalize().hex()


def test_the_signature_is_that_of_a_published_case() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={expected}"


@pytest.mark.parametrize("status", [302, 400, 500])
def test_another_status_is_a_failure_and_no_redirect_is_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    with pytest.raises(UnavailableError, match=str(status)):
        post_signed(of(receiver), {})
    assert [path for path, _, _ in receiver.received] == ["/hook"]


def test_a_receiver_that_is_not_there_is_unavailable_and_not_named(receiver: Receiver) -> None:
    settings = Settings(webhook_url="http://127.0.0.1:9/secret-path", webhook_secret=SECRET)
    with pytest.raises(UnavailableError) as raised:
        post_signed(settings, {})
    assert "secret-path" not in str(raised.value)
    with pytest.raises(InputError):
        post_signed(Settings(webhook_url=of(receiver).webhook_url), {})


@pytest.mark.parametrize("url", ["http://hooks.example.gov/x", "ftp://x", "https://a b"])
def test_the_address_is_encrypted_unless_it_is_this_machine(url: str) -> None:
    with pytest.raises(InputError, match="PATROLIQ_WEBHOOK_URL"):
        Settings.from_environment({"PATROLIQ_WEBHOOK_URL": url})
