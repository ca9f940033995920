"""Callbacks of the Explore page that run in the browser alone."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from components.explore.ids import ExploreIds


def register(app: Dash) -> None:
    """Let the browser draw the map and open the panel of an incident."""
    app.clientside_callback(
        ClientsideFunction("patroliq", "showRecord"),
        Output(ExploreIds.RECORD_TITLE, "title"),
        Input(ExploreIds.RECORD_STATE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("patroliq", "paint"),
        Output(ExploreIds.MAP_CARD, "title"),
        Input(ExploreIds.MAP_STATE, "data"),
        prevent_initial_call=True,
    )
