"""Which requests may change something: those of our own pages, and of programs."""

from __future__ import annotations

import pytest
from flask import Flask

from security.same_origin import is_own, register


@pytest.mark.parametrize(
    ("site", "origin", "own"),
    [
        (None, None, True),
        ("same-origin", "https://patrol.example", True),
        ("none", None, True),
        ("same-origin", "https://name.of.the.proxy", True),
        ("same-site", "https://patrol.example", False),
        ("cross-site", None, False),
        (None, "https://patrol.example:8443", True),
        (None, "https://evil.example", False),
        (None, "null", False),
        (None, "https://[", False),
    ],
)
def test_a_request_is_judged_by_what_the_browser_says(
    site: str | None, origin: str | None, own: bool
) -> None:
    assert is_own(site, origin, "patrol.example") is own


def test_only_requests_that_change_something_are_refused() -> None:
    server = Flask("test")
    register(server)
    server.add_url_rule("/", view_func=lambda: "done", methods=["GET", "POST"])
    foreign = {"Sec-Fetch-Site": "cross-site"}
    client = server.test_client()
    assert client.get("/", headers=foreign).status_code == 200
    assert client.post("/", headers=foreign).status_code == 403
    assert client.post("/").status_code == 200
