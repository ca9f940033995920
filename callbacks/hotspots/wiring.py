"""What the browser does on the Hot spots page without asking the server."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from components.hotspots.ids import HotspotIds


def register(app: Dash) -> None:
    """Let the browser draw both maps."""
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
