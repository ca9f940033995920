"""Forged requests for callbacks get a 4xx or a notice: never a crash, never a trace in the log."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template

FORGED: tuple[Any, ...] = (
    None, -1, 1e308, True, "", "\u00b2", "\ud800", "\x00", [], [None], {}, {"a": None}, 10**30,
)  # fmt: skip
GESTURES = (
    {"action": "act", "name": "cancel", "values": {"job": "1"}},
    {"action": "set", "dimension": "date", "text": "2026"},
    {"action": "toggle", "dimension": "type", "keys": ["THEFT"]},
)
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value."""
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def forged(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at a place."""
    if not path:
        return value
    changed = copy.deepcopy(body)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda one: str(one["action"]))
def test_no_place_of_a_body_can_be_forged_into_a_crash(
    client: FlaskClient, gesture: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    page = AnalystPage(template(client.get(DEPENDENCIES).get_json(), "gesture-responsible_use"))
    answered = client.post(UPDATE, json=page.ask(gesture))
    assert answered.status_code == 200
    page.take(answered.get_json())
    body = page.ask(gesture)
    tried = [path for path in places(body) if path[:1] != ("outputs",) or path[1:2] in ((), (1,))]
    assert len(tried) > 30
    with caplog.at_level(logging.ERROR):
        for path in tried:
            for value in FORGED:
                sent = json.dumps(forged(body, path, value))
                found = client.post(UPDATE, data=sent, content_type="application/json")
                assert found.status_code in (200, 204, 400), (path, value)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "null", "1", '"x"', "\x00", '{"output": 1}', "[" * 50_000]
)
def test_a_body_that_is_none_is_answered_400(client: FlaskClient, sent: str) -> None:
    found = client.post(UPDATE, data=sent, content_type="application/json")
    assert found.status_code == 400
    assert "Traceback" not in found.get_data(as_text=True)
