"""List of the versions of a model, with promotion checks and forms to promote or roll back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of, target_of
from analytics.artifacts.gates import Verdict
from analytics.artifacts.metric import Metric
from analytics.formats import moment
from components.frame.attributes import aria
from components.frame.badges import badge
from components.frame.intervals import Estimate, interval_rows, scale_of
from components.frame.marks import data
from components.frame.metrics import bound_text, metric_text, metric_words, refusal_words
from components.frame.parameters import brief_parameter

REASON_CHARACTERS = 500
SHOWN_VERSIONS = 6


@dataclass(frozen=True)
class GateResult:
    """A promotion check of a version; `metric` is None if it was not measured."""

    verdict: Verdict
    metric: Metric | None

    @property
    def bound(self) -> float:
        """The threshold."""
        least, most = self.verdict.least, self.verdict.most
        return least if least is not None else float(most or 0)

    def text(self, model: str) -> str:
        """The metric with its interval."""
        metric = self.metric
        ends = (metric.value, metric.low, metric.high) if metric else (None, None, None)
        return metric_text(self.verdict.metric, model, *ends)


@dataclass(frozen=True)
class RefusedRequest:
    """A promotion that somebody requested and a check refused."""

    person: str
    requested: datetime
    reason: str


@dataclass(frozen=True)
class VersionSummary:
    """One version of a model."""

    name: str
    number: int
    champion: bool
    created: datetime
    person: str
    snapshot: str
    selection: str
    parameters: Mapping[str, str]  # those that differ from the defaults, and the first
    gates: tuple[GateResult, ...] = ()
    key_metric: str = ""  # in words, with its interval
    refused_request: RefusedRequest | None = None
    note: str = ""  # why its forecaster was chosen, remarks on its selection
    explained: bool = False  # the Explain page has it

    @property
    def refusals(self) -> list[str]:
        """Why it failed promotion checks."""
        return [
            refusal_words(gate.verdict, self.name) for gate in self.gates if not gate.verdict.passed
        ]


def version_list(versions: Sequence[VersionSummary], before: int | None) -> list[Component]:
    """The champion, then the newest versions; older ones are folded.

    `before` is the champion to which a rollback returns, if there is one.
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


def _version(version: VersionSummary, before: int | None) -> html.Li:
    parts: list[Component | None] = [
        html.Div(
            [
                html.Strong(f"Version {version.number}"),
                badge("Champion", "selected") if version.champion else None,
                badge("Failed its promotion checks") if version.refusals else None,
                _explain(version) if version.explained else None,
            ],
            className="version-head",
        ),
        html.P(
            [
                f"{moment(version.created)}, {version.person}; ",
                version.selection,
                f"; {_parameters(version)}" if version.parameters else "",
                "; snapshot ",
                html.Code(version.snapshot),
            ],
            className="version-details",
        ),
        html.P(version.note, className="version-details") if version.note else None,
        html.Div([_gate(gate, version) for gate in version.gates]),
        *(html.P(words, className="refusal") for words in version.refusals),
        _request(version.refused_request) if version.refused_request else None,
        _decide(version, before),
    ]
    return html.Li(parts, className="version champion" if version.champion else "version")


def _parameters(version: VersionSummary) -> str:
    return ", ".join(brief_parameter(key, value) for key, value in version.parameters.items())


def _request(request: RefusedRequest) -> html.P:
    return html.P(
        f"{request.person} requested its promotion on {moment(request.requested)} "
        f"(“{request.reason}”). It was refused.",
        className="refusal",
    )


def _explain(version: VersionSummary) -> html.A:
    return html.A(
        "Explain",
        href=f"/explain#model={model_of(version.name)}&target={target_of(version.name)}"
        f"&version={version.name}:{version.number}",
        className="button small",
        **data(goto=""),
        **aria(label=f"Explain version {version.number}"),
    )


def _gate(gate: GateResult, version: VersionSummary) -> Component:
    verdict, metric = gate.verdict, gate.metric
    label = metric_words(verdict.metric, version.name).label
    side = "at least" if verdict.least is not None else "at most"
    end = {"value": "", "low": " (low end)", "high": " (high end)"}[verdict.at]
    bound = bound_text(gate.bound, verdict.metric, version.name)
    row = Estimate(
        label,
        metric.value if metric else None,
        metric.low if metric else None,
        metric.high if metric else None,
        gate.text(version.name),
        "" if verdict.passed else "wrong",
        f"{side} {bound}{end}",
    )
    return interval_rows(
        [row],
        scale_of([row], low=min(gate.bound, 0.0), high=gate.bound * 1.1),
        label=f"{label} of version {version.number}",
        reference=gate.bound,
    )


def _decide(version: VersionSummary, before: int | None) -> Component | None:
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
