"""Who promoted, rolled back or was refused, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.formats import moment


@dataclass(frozen=True)
class Decision:
    """A line of the audit log."""

    happened: datetime
    person: str
    what: str
    reason: str
    refused: tuple[str, ...] = field(default=())


def decisions(found: Sequence[Decision]) -> Component:
    """Who decided what, newest first."""
    if not found:
        return html.P("No decisions yet.", className="quiet")
    return html.Ol([_decision(one) for one in found], className="decision-list")


def _decision(one: Decision) -> html.Li:
    return html.Li(
        [
            html.Div([html.Strong(one.what), html.Span(f"{moment(one.happened)}, {one.person}")]),
            html.P(f"“{one.reason}”") if one.reason else None,
            *(html.P(words, className="refusal") for words in one.refused),
        ]
    )
