"""List of decisions: promotions, rollbacks and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_title
from analytics.artifacts.decisions import FAILED, PROMOTED, REFUSED, ROLLED_BACK
from analytics.artifacts.gates import Verdict
from analytics.formats import moment
from components.frame.metrics import refusal_words

WORDS = {
    PROMOTED: "version {} promoted",
    ROLLED_BACK: "rolled back to version {}",
    REFUSED: "version {} refused",
    FAILED: "version {} could not be promoted",
}


@dataclass(frozen=True)
class Decision:
    """An entry of the audit log about a version; `before` is the champion it replaced."""

    event: str
    model: str
    version: int
    happened: datetime
    person: str
    reason: str
    before: int | None = None
    refusals: tuple[Verdict, ...] = ()
    at_training: bool = False


def decisions(found: Sequence[Decision]) -> Component:
    """Decisions in the order given."""
    if not found:
        return html.P("No decisions yet.", className="quiet")
    return html.Ol([_decision(one) for one in found], className="decision-list")


def decision_words(one: Decision) -> str:
    """`K-means patrol zones: version 2 promoted, replacing version 1`."""
    replacing = f", replacing version {one.before}" if one.before else ""
    at_training = " at training" if one.at_training else ""
    return (
        f"{model_title(one.model)}: {WORDS[one.event].format(one.version)}{at_training}{replacing}"
    )


def _decision(one: Decision) -> html.Li:
    return html.Li(
        [
            html.Div(
                [
                    html.Strong(decision_words(one), title=f"{one.model} {one.version}"),
                    html.Span(f"{moment(one.happened)}, {one.person}"),
                ]
            ),
            html.P(f"“{one.reason}”") if one.reason else None,
            *(
                html.P(refusal_words(verdict, one.model), className="refusal")
                for verdict in one.refusals
            ),
        ]
    )
