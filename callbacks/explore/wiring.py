"""Callbacks of the Explore page that run in the browser alone."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from components.explore.ids import ExploreIds


def register(app: Dash) -> None:
    """Let the browser draw the map."""
    app.clientside_callback(
        ClientsideFunction("patroliq", "paint"),
        Output(ExploreIds.MAP_CARD, "title"),
        Input(ExploreIds.MAP_STATE, "data"),
        prevent_initial_call=True,
    )
