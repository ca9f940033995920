"""Bodies of requests for callbacks: only those that a page sends are answered."""

from __future__ import annotations

from typing import Any

import pytest

from security.callback_bodies import asks_one

NAME = "..selection.data@1f2e...title.children@1f2e.."
CALLBACKS = {
    NAME: {
        "inputs": [{"id": "gesture", "property": "data"}],
        "state": [{"id": "selection", "property": "data"}],
    },
    "page.children": {"inputs": [{"id": "path", "property": "data"}], "state": []},
}
BODY: dict[str, Any] = {
    "output": NAME,
    "outputs": [
        {"id": "selection", "property": "data@1f2e"},
        {"id": "title", "property": "children"},
    ],
    "inputs": [{"id": "gesture", "property": "data", "value": {"n": 1}}],
    "state": [{"id": "selection", "property": "data", "value": None}],
    "changedPropIds": ["gesture.data"],
}


def test_the_bodies_of_pages_are_answered() -> None:
    assert asks_one(BODY, CALLBACKS)
    single = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "path", "property": "data", "value": "/"}],
        "changedPropIds": [],
    }
    assert asks_one(single, CALLBACKS)


@pytest.mark.parametrize(
    "change",
    [
        {"output": "other.children"},
        {"output": ["x"]},
        {"outputs": []},
        {"outputs": [{"id": {"type": "x"}, "property": "data"}, BODY["outputs"][1]]},
        {"inputs": None},
        {"inputs": [{"id": "gesture"}]},
        {"inputs": [[{"id": "gesture", "property": "data"}]]},
        {"state": []},
        {"state": "x"},
        {"changedPropIds": "gesture.data"},
        {"changedPropIds": [["gesture.data"]]},
        {"changedPropIds": ["other.data"]},
    ],
)
def test_any_other_body_is_refused(change: dict[str, Any]) -> None:
    assert not asks_one({**BODY, **change}, CALLBACKS)
    assert not asks_one([BODY], CALLBACKS)
    assert not asks_one(None, CALLBACKS)
