"""What the browser may load, and under which names the app answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from security.headers import STRICT_CHARTS, content_policy, is_own_name, register, strict_charts


def directives(policy: str) -> dict[str, list[str]]:
    parts = (directive.split() for directive in policy.split(";"))
    return {name: sources for name, *sources in parts}


def test_only_own_scripts_and_those_with_a_known_hash_run() -> None:
    policy = directives(content_policy(["'sha256-abc='"]))
    assert policy["script-src"] == ["'self'", "'sha256-abc='"]
    assert policy["default-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]


def test_without_the_strict_charts_eval_is_let() -> None:
    assert "'unsafe-eval'" not in content_policy([], strict=True)
    assert "'unsafe-eval'" in directives(content_policy([], strict=False))["script-src"]


@pytest.mark.parametrize(
    ("tile_url", "host"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
    ],
)
def test_only_images_may_come_from_the_tile_host(tile_url: str, host: str) -> None:
    policy = directives(content_policy([], tile_url))
    assert policy["img-src"] == ["'self'", "data:", "blob:", host]
    assert sum(host in sources for sources in policy.values()) == 1


@pytest.mark.parametrize(
    "tile_url", ["", "tiles/{z}", "javascript:alert(1)", "https://a; script-src *", "https://*/"]
)
def test_a_tile_address_cannot_widen_the_policy(tile_url: str) -> None:
    assert content_policy([], tile_url) == content_policy([])


def test_the_strict_charts_is_found_where_it_was_put(tmp_path: Path) -> None:
    assert strict_charts(tmp_path) is None
    built = tmp_path / STRICT_CHARTS
    built.parent.mkdir()
    built.write_text("/* plotly */")
    assert strict_charts(tmp_path) == built


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8050", "LOCALHOST", "127.0.0.1:8050", "127.0.0.2", "[::1]:80"]
)
def test_the_app_answers_under_loopback_names(host: str) -> None:
    assert is_own_name(host, frozenset())


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "10.0.0.1", "[::1", "127.0.0.1.evil.example"],
)
def test_the_app_refuses_names_that_only_point_here(host: str) -> None:
    assert not is_own_name(host, frozenset())


def test_a_reverse_proxy_may_have_a_name() -> None:
    assert is_own_name("Crime.Example.gov:443", frozenset({"crime.example.gov"}))
    server = Flask("test")
    register(server, content_policy([]), ["Crime.example.gov"])
    server.add_url_rule("/", view_func=lambda: "here")
    client = server.test_client()
    assert client.get("/", headers={"Host": "crime.example.gov"}).status_code == 200
    refused = client.get("/", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


def test_every_answer_has_the_headers() -> None:
    server = Flask("test")
    register(server, content_policy([]))
    headers = server.test_client().get("/missing").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
