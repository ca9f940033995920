"""Each answer says where its time went, and the benchmarks post what a browser posts."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template


@pytest.fixture
def page(client: FlaskClient) -> AnalystPage:
    return AnalystPage(template(client.get(DEPENDENCIES).json))


def timing(header: str) -> dict[str, float]:
    return {name: float(ms) for name, ms in re.findall(r"(\w+);dur=([\d.]+)", header)}


def test_an_answer_to_a_gesture_says_what_took_how_long(
    client: FlaskClient, page: AnalystPage
) -> None:
    answer = client.post(UPDATE, json=page.ask({"action": "open", "text": ""}))
    parts = timing(answer.headers["Server-Timing"])
    assert parts.keys() == {"engine", "rows", "total"}
    assert 0 < parts["engine"] < parts["total"]


def test_times_do_not_pass_from_one_request_to_the_next(
    client: FlaskClient, page: AnalystPage
) -> None:
    client.post(UPDATE, json=page.ask({"action": "open", "text": ""}))
    assert timing(client.get("/health").headers["Server-Timing"]).keys() == {"total"}


def test_the_log_line_of_a_gesture_holds_the_same_times(
    client: FlaskClient, page: AnalystPage, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.post(UPDATE, json=page.ask({"action": "open", "text": ""}))
    (line,) = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert line["engine_ms"] == timing(answer.headers["Server-Timing"])["engine"]


def test_a_page_goes_on_from_the_state_it_was_answered(
    client: FlaskClient, page: AnalystPage
) -> None:
    page.take(client.post(UPDATE, json=page.ask({"action": "open", "text": ""})).json)
    click = {"action": "only", "dimension": "arrest", "keys": ["yes"]}
    page.take(client.post(UPDATE, json=page.ask(click)).json)
    assert page.state
    assert page.state["text"] == "arrest=yes"
    page.take(client.post(UPDATE, json=page.ask({"action": "undo"})).json)
    assert page.state["text"] == ""


def test_the_icon_is_kept_by_the_browser(client: FlaskClient) -> None:
    """Chromium asks for it at every change of the address, which each gesture makes."""
    answer = client.get("/_favicon.ico?v=1", buffered=True)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
