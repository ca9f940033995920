"""The address that limits are kept for and the audit log has."""

from __future__ import annotations

import pytest
from flask import Flask

from security.client import TRUSTED, client_address, is_health_check


@pytest.mark.parametrize(
    ("sender", "told", "found"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", "203.0.113.9"),
        ("", "", "-"),
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.2.2.3", "203.0.113.9", "10.2.2.3"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
    ],
)
def test_only_a_proxy_of_this_machine_or_a_trusted_one_names_another_sender(
    sender: str, told: str, found: str
) -> None:
    server = Flask("test")
    server.config[TRUSTED] = ("10.1.0.0/16",)
    headers = {"X-Forwarded-For": told} if told else {}
    where = {"REMOTE_ADDR": sender}
    with server.test_request_context("/health", headers=headers, environ_base=where):
        assert client_address() == found
        assert is_health_check() is (found == "127.0.0.1")
