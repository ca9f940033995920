"""`GET /api/v1/aggregates`: counts of one or more views of a selection, as Explore has them."""

from __future__ import annotations

from typing import Any

from flask import Response

from analytics.crossfilter.provenance import left_out
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View, view
from analytics.errors import InputError
from analytics.services import Pinned, Services
from api.exports import (
    options_of_query,
    read_query,
    selected_incidents,
    with_area_names,
    with_selected_counts,
)
from api.v1.json_answers import answer_of, plain_rows

OPTIONS = ("view",)
MOST_VIEWS = 12
OF_SINGLE_INCIDENTS = frozenset({"points", "places"})


def answer(services: Services) -> Response:
    """The rows of each view; `selected` counts those that pass every filter."""
    names = dict.fromkeys(options_of_query(services, OPTIONS).get("view", ["total"]))
    pinned, selection, _ = read_query(services, OPTIONS)
    shown = [_view(name, pinned) for name in names]
    views = [_counts(pinned, selection, one) for one in shown]
    return answer_of(
        pinned,
        selection,
        sum(len(one["rows"]) for one in views),
        incidents=selected_incidents(pinned, selection),
        views=views,
    )


def _view(name: str, pinned: Pinned) -> View:
    chosen = view(name, pinned.attributes)
    if chosen.base in OF_SINGLE_INCIDENTS:
        raise InputError(
            f"{chosen.base} are places of single incidents; read those, or the view cells:250."
        )
    return chosen


def _counts(pinned: Pinned, selection: Selection, chosen: View) -> dict[str, Any]:
    counts = with_area_names(pinned, with_selected_counts(pinned, selection, chosen))
    return {
        "view": chosen.name,
        "rows": plain_rows(counts),
        "note": left_out(selection, chosen, pinned.vocabulary.labels),
    }
