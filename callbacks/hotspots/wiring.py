"""The Hot spots page's wiring. What answers is loaded with its first question: it is heavy."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component

from analytics.services import Pinned, Services
from callbacks.frame.question import Question
from components.hotspots.ids import HotspotIds

OUTPUTS = {
    "maps": Output(HotspotIds.MAPS, "className"),
    "map": Output(HotspotIds.MAP_STATE, "data"),
    "legend": Output(HotspotIds.MAP_LEGEND, "children"),
    "caption": Output(HotspotIds.MAP_CAPTION, "children"),
    "compared": Output(HotspotIds.COMPARED_STATE, "data"),
    "compared_legend": Output(HotspotIds.COMPARED_LEGEND, "children"),
    "compared_caption": Output(HotspotIds.COMPARED_CAPTION, "children"),
    "methods": Output(HotspotIds.METHOD, "children"),
    "compared_methods": Output(HotspotIds.COMPARED_METHOD, "children"),
    "models": Output(HotspotIds.MODEL, "children"),
    "against": Output(HotspotIds.AGAINST, "children"),
    "zones": Output(HotspotIds.ZONES, "children"),
    "zones_note": Output(HotspotIds.ZONES_NOTE, "children"),
    "zones_files": Output(HotspotIds.ZONES_FILES, "children"),
    "changes": Output(HotspotIds.CHANGES, "children"),
    "train": Output(HotspotIds.TRAIN, "children"),
    "work": Output(HotspotIds.WORK, "children"),
}


def register(app: Dash) -> None:
    """The browser draws both maps."""
    for function, card, state in (
        ("paintHotspots", HotspotIds.MAP_CARD, HotspotIds.MAP_STATE),
        ("paintCompared", HotspotIds.COMPARED_CARD, HotspotIds.COMPARED_STATE),
    ):
        app.clientside_callback(
            ClientsideFunction("patroliq", function),
            Output(card, "title"),
            Input(state, "data"),
            prevent_initial_call=True,
        )


def hotspots_layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    layout: Component = _view().layout(services, pinned)
    return layout


def hotspots_answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes."""
    outputs: dict[str, Any] = _view().answer(question)
    return outputs


def _view() -> Any:
    return import_module("callbacks.hotspots.answer")
