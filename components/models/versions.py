"""Versions of a model: what each showed, what its gates said, and the way to decide on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.formats import moment, percent
from components.frame.attributes import aria
from components.frame.intervals import Estimate, interval_rows, scale_of
from components.frame.marks import data
from components.frame.metrics import metric_text, metric_words

REASON_CHARACTERS = 500
SHOWN_VERSIONS = 6


@dataclass(frozen=True)
class GateFact:
    """One thing asked of a version, and what it showed. `words` are the gate's where it refuses."""

    metric: str
    at: str  # value, low or high
    least: float | None
    most: float | None
    value: float | None
    low: float | None
    high: float | None
    words: str

    @property
    def bound(self) -> float:
        return self.least if self.least is not None else float(self.most or 0)


@dataclass(frozen=True)
class VersionFact:
    """One version of a model."""

    name: str
    number: int
    champion: bool
    created: datetime
    person: str
    snapshot: str
    selection: str
    parameters: str
    gates: tuple[GateFact, ...] = ()
    asked: tuple[str, ...] = ()  # promotions that were refused, in words
    note: str = ""  # why it is made as it is, and what the data said of its selection
    explained: bool = False  # the Explain page has it

    @property
    def refused(self) -> list[str]:
        return [gate.words for gate in self.gates if gate.words]


def version_list(versions: Sequence[VersionFact], before: int | None) -> list[Component]:
    """The champion, then the newest; older ones folded.

    `before` is the champion a rollback would return to, if there is one.
    """
    if not versions:
        return [html.P("No versions yet. Train the model to see one here.", className="quiet")]
    ordered = sorted(versions, key=lambda one: (not one.champion, -one.number))
    shown, older = ordered[:SHOWN_VERSIONS], ordered[SHOWN_VERSIONS:]
    found: list[Component] = [
        html.Ul([_version(one, before) for one in shown], className="version-list")
    ]
    if older:
        rest = html.Ul([_version(one, before) for one in older], className="version-list")
        found.append(
            html.Details([html.Summary(f"{len(older)} older versions"), rest], className="older")
        )
    return found


def _version(version: VersionFact, before: int | None) -> html.Li:
    parts: list[Component | None] = [
        html.Div(
            [
                html.Strong(f"Version {version.number}"),
                html.Span("Champion", className="champion-mark") if version.champion else None,
                html.Span("Failed its promotion checks", className="refused-mark")
                if version.refused
                else None,
                _explain(version) if version.explained else None,
            ],
            className="version-head",
        ),
        html.P(
            [
                f"{moment(version.created)}, {version.person}; ",
                version.selection,
                f"; {version.parameters}" if version.parameters else "",
                "; snapshot ",
                html.Code(version.snapshot),
            ],
            className="version-facts",
        ),
        html.P(version.note, className="version-facts") if version.note else None,
        html.Div([_gate(gate, version) for gate in version.gates]),
        *(html.P(words, className="refusal") for words in version.refused),
        *(html.P(words, className="refusal asked") for words in version.asked),
        _decide(version, before),
    ]
    return html.Li(parts, className="version champion" if version.champion else "version")


def _explain(version: VersionFact) -> html.A:
    return html.A(
        "Explain",
        href=f"/explain#model={version.name}&version={version.name}:{version.number}",
        className="button small",
        **data(goto=""),
        **aria(label=f"Explain version {version.number}"),
    )


def _gate(gate: GateFact, version: VersionFact) -> Component:
    words = metric_words(gate.metric, version.name)
    asked = "at least" if gate.least is not None else "at most"
    end = {"value": "", "low": " (low end)", "high": " (high end)"}[gate.at]
    bound = percent(gate.bound, 0) if words.unit == "share" else f"{gate.bound:g}"
    row = Estimate(
        words.label,
        gate.value,
        gate.low,
        gate.high,
        metric_text(gate.metric, version.name, gate.value, gate.low, gate.high),
        "wrong" if gate.words else "",
        f"{asked} {bound}{end}",
    )
    return interval_rows(
        [row],
        scale_of([row], low=min(gate.bound, 0.0), high=gate.bound * 1.1),
        label=f"{words.label} of version {version.number}",
        reference=gate.bound,
    )


def _decide(version: VersionFact, before: int | None) -> Component | None:
    if version.champion:
        if before is None:
            return None
        act, verb, to = "rollback", f"Roll back to version {before}", version.name
    else:
        act, verb = "promote", f"Promote version {version.number}"
        to = f"{version.name} {version.number}"
    field = f"reason-{act}-{version.name}-{version.number}"
    return html.Details(
        [
            html.Summary(f"{verb}…"),
            html.Form(
                [
                    html.Label("Reason, for the audit log", htmlFor=field),
                    html.Textarea(
                        id=field,
                        name="reason",
                        rows=2,
                        required=True,
                        maxLength=REASON_CHARACTERS,
                        className="written",
                    ),
                    html.Button(verb, type="submit", name="subject", value=to, className="button"),
                ],
                **data(act=act),
            ),
        ],
        className="decide",
        key=field,
    )
