"""Commands inside sentences: what stands between backticks is shown as code."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def with_commands(text: str) -> str | list[str | Component]:
    """Children that show a text; the text itself where it names no command."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or len(parts) == 1:  # none, or one without its pair
        return text
    shown = [html.Code(part) if at % 2 else part for at, part in enumerate(parts)]
    return [part for part in shown if part != ""]
