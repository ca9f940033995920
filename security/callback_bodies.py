"""Requests for callbacks: a body that no page of this app sends is answered 400, without a trace.

Dash would fail on most of them and log a trace for each. Who may ask a callback is what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from flask import Flask, abort, request

from analytics.access.needs import need_of
from security.gate import require

ADDRESS = "/_dash-update-component"
NOT_OURS = "The request is not one that a page of this app sends."
Place = tuple[str, str]
"""Id and property of a component."""
Callbacks = Mapping[str, Mapping[str, Any]]
"""Dash's callbacks by output, such as `..a.data@1f...b.title..`, each with `inputs` and `state`."""


def register(server: Flask, callbacks: Callbacks) -> None:
    """Refuse bodies that ask none of the callbacks."""

    @server.before_request
    def refuse_other_bodies() -> None:
        if request.path != ADDRESS:
            return
        body = _body()
        if not asks_one(body, callbacks):
            abort(400, NOT_OURS)
        require(need_of(callbacks[body["output"]].get("callback")))


def asks_one(body: object, callbacks: Callbacks) -> TypeGuard[dict[str, Any]]:
    """Whether a body asks one of the callbacks, with the places that it takes and gives."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    callback = callbacks.get(body["output"])
    if callback is None:
        return False
    inputs = _places(callback["inputs"])
    changed = body.get("changedPropIds")
    return (
        _places(body.get("outputs")) == _outputs(body["output"])
        and _places(body.get("inputs")) == inputs
        and _places(body.get("state") or []) == _places(callback["state"])
        and isinstance(changed, list)
        and all(one in [f"{id}.{name}" for id, name in inputs or ()] for one in changed)
    )


def _body() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # nested deeper than any page's
        return None


def _outputs(name: str) -> list[Place]:
    found = []
    for place in name.strip(".").split("..."):
        id, _, property = place.partition("@")[0].rpartition(".")
        found.append((id, property))
    return found


def _places(entries: object) -> list[Place] | None:
    """Places of entries as Dash writes them; None if they are not."""
    listed = [entries] if isinstance(entries, dict) else entries
    if not isinstance(listed, list):
        return None
    found = []
    for one in listed:
        id, property = (one.get("id"), one.get("property")) if isinstance(one, dict) else (0, 0)
        if not (isinstance(id, str) and isinstance(property, str)):
            return None
        found.append((str(id), property.partition("@")[0]))
    return found
