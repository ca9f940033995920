"""What the browser does on the Patrol page without asking the server."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from components.patrol.ids import PatrolIds


def register(app: Dash) -> None:
    """Let the browser draw the map."""
    app.clientside_callback(
        ClientsideFunction("patroliq", "paintPatrol"),
        Output(PatrolIds.MAP_CARD, "title"),
        Input(PatrolIds.MAP_STATE, "data"),
        prevent_initial_call=True,
    )
