"""What an option of a page redraws, and that nothing else would have changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import Patch
from plotly.utils import PlotlyJSONEncoder

from analytics.services import Services
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PageWiring, page_at
from callbacks.frame.selection import respond_to


def page_outputs(path: str) -> frozenset[str]:
    """All outputs of the page at an address."""
    page = page_at(path)
    assert page
    return frozenset(page.outputs)


def redrawn(
    services: Services, path: str, changes: Mapping[str, str], text: str = "", **before: str
) -> set[str]:
    """Outputs of the page that come when its options change, the selection being `text`.

    The page must then look as if it was opened with these options: what was left alone is as it
    would have been drawn.
    """
    page = page_at(path)
    assert page
    opened = _opened(services, page, text, before)
    after = {**before, **changes}
    gesture = {"action": "page", "changed": list(changes), "page": after}
    came = _answered(services, page, gesture, opened["state"])
    expected = _opened(services, page, text, after)
    shown = opened | came
    for name in page.outputs:
        if not isinstance(shown.get(name), Patch):
            assert _plain(shown.get(name)) == _plain(expected.get(name)), name
    return set(came) & set(page.outputs)


def _opened(
    services: Services, page: PageWiring, text: str, options: Mapping[str, str]
) -> dict[str, Any]:
    return _answered(services, page, {"action": "open", "text": text, "page": options}, None)


def _answered(
    services: Services, page: PageWiring, gesture: Mapping[str, Any], state: Any
) -> dict[str, Any]:
    """The answer, and the second one that it makes the Overview ask for."""
    first = respond_to(services, page, {"n": 1, **gesture}, SelectionState.of(state))
    if first.get("later") in (None, []):
        return first
    second = {"n": 2, "action": "page", "changed": ["later"], "page": gesture["page"]}
    return first | respond_to(services, page, second, SelectionState.of(first["state"]))


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=PlotlyJSONEncoder))
