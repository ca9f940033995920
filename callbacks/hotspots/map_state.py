"""What the maps of the Hot spots page have in common, whatever they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dash.development.base_component import Component

from analytics.crossfilter.map_cells import cell_keys
from analytics.formats import language_tag
from analytics.services import Pinned
from callbacks.frame.framing import framing
from callbacks.frame.question import Question
from callbacks.frame.selection_shapes import drawn_shapes
from components.frame.theme import color


@dataclass(frozen=True)
class MapContent:
    """Of one map: its state for assets/frame/map.js, legend, caption, choices of a forecast."""

    state: dict[str, Any] | None
    legend: list[Any] = field(default_factory=list)
    caption: str = ""
    forecast: list[Component] = field(default_factory=list)


def base_state(question: Question, layer: str, classes: Sequence[int]) -> dict[str, Any]:
    """The state of a map that shows a layer, without values."""
    theme = question.theme
    outlined = question.pinned.snapshot.outline("district") is not None
    return {
        "layer": layer,
        "classes": list(classes),
        "values": [],
        "selected": [],
        "locale": language_tag(),
        "percent": False,
        "unit": "",
        "colors": [],
        "decimals": 1,
        "selectedColor": color(theme, "selected"),
        "outlineColor": color(theme, "outline"),
        "markColor": color(theme, "mark"),
        "outlinesUrl": f"/geometry/{question.pinned.id}/outlines-district.geojson"
        if outlined
        else None,
        "shapes": drawn_shapes(question.selection, question.manifest.crs_local),
        **framing(question.pinned, question.selection),
    }


def map_cell_keys(pinned: Pinned, size_m: int) -> list[str]:
    """Keys of the cells on the map, in the order of their geometry."""
    return pinned.get_or_compute(f"cells:{size_m}", lambda: cell_keys(pinned.reader, size_m))
