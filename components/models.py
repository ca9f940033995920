"""The Models page: what there is, what each version showed, what its gates said, who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.attributes import aria
from components.card import Menu, card
from components.explore import GRAPH_CONFIG, IMAGES
from components.figures.accuracy import accuracy_figure
from components.intervals import (
    Estimate,
    interval_rows,
    percent_with_interval,
    scale_of,
    with_interval,
)
from components.marks import data, options
from components.metric_words import metric_words
from components.models_ids import ModelsIds
from components.variables import short_date

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
    note: str = ""  # why it is made as it is

    @property
    def refused(self) -> list[str]:
        return [gate.words for gate in self.gates if gate.words]


@dataclass(frozen=True)
class ModelFact:
    """One model: its champion, how many versions, how it has done since."""

    name: str
    title: str
    champion: VersionFact | None
    versions: int
    before: int | None  # the champion a rollback would return to
    since: str = ""
    main: str = ""  # its first gate's metric in words


@dataclass(frozen=True)
class Decision:
    """A line of the audit log."""

    happened: datetime
    person: str
    what: str
    reason: str
    refused: tuple[str, ...] = field(default=())


def models() -> Component:
    """Overview, versions, work, comparison, accuracy over time, decisions, all still empty."""
    return html.Main(
        [
            html.H1("Models", className="visually-hidden"),
            _card(
                "Models", ModelsIds.OVERVIEW, ModelsIds.OVERVIEW_CARD, "overview", OVERVIEW_ABOUT
            ),
            card(
                "Versions",
                html.Div(id=ModelsIds.VERSIONS, className="scrolls"),
                id=ModelsIds.VERSIONS_CARD,
                controls=html.Div(id=ModelsIds.VERSIONS_NOTE, className="card-note"),
                menu=Menu(about=VERSIONS_ABOUT),
                class_name="models-versions",
            ),
            _card("Work", ModelsIds.WORK, ModelsIds.WORK_CARD, "work", WORK_ABOUT),
            _card("Train", ModelsIds.TRAIN, ModelsIds.TRAIN_CARD, "train", TRAIN_ABOUT),
            card(
                "Side by side",
                html.Div(id=ModelsIds.COMPARE, className="scrolls"),
                id=ModelsIds.COMPARE_CARD,
                controls=html.Div(id=ModelsIds.COMPARE_CHOICES, className="choices"),
                menu=Menu(about=COMPARE_ABOUT),
                class_name="models-compare",
            ),
            _time_card(),
            _card(
                "Decisions", ModelsIds.DECISIONS, ModelsIds.DECISIONS_CARD, "decisions",
                DECISIONS_ABOUT,
            ),
        ],
        className="models",
        id="content",
        tabIndex=-1,
    )  # fmt: skip


OVERVIEW_ABOUT = (
    "A model is a way to make zones or a forecast. Each time it is trained a version is added; the "
    "champion is the version the other pages use. Nothing changes until a version is promoted."
)
VERSIONS_ABOUT = (
    "Each version with what its gates read: the dot is the estimate, the bar its 95 % interval, "
    "the line what is asked for. What a gate refuses cannot become champion; a rollback returns to "
    "the champion before, whatever the gates say today."
)
WORK_ABOUT = (
    "Training, promotions and checks are done by the worker, one after the other. You can leave "
    "this page; what was asked for is not lost."
)
TRAIN_ABOUT = (
    "Fits the model on the data shown, measures it on later incidents, asks the gates, and adds a "
    "version. The champion stays what it is until a version is promoted."
)
COMPARE_ABOUT = (
    "Dots are estimates, bars their 95 % intervals. The baseline beside a version is what plain "
    "counts, or the best simple forecaster, got on the same days and the same area. Silhouette, "
    "Davies-Bouldin and Calinski-Harabasz describe zones and decide nothing."
)
TIME_ABOUT = (
    "PAI is how many times more incidents were caught than the flagged area alone would. Circles "
    "are forecasts it was judged by at training, diamonds weeks since; bars are 95 % intervals of "
    "single weeks. The grey line is the best simple way, chosen before these weeks."
)
DECISIONS_ABOUT = (
    "From the audit log, which cannot be changed: who promoted, rolled back or was refused, when "
    "and why. patroliq audit verify checks the whole of it."
)


def _card(title: str, body: str, id: str, area: str, about: str) -> Component:
    return card(
        title,
        html.Div(id=body, className="scrolls", tabIndex=0, role="group", **aria(label=title)),
        id=id,
        menu=Menu(about=about),
        class_name=f"models-{area}",
    )


def _time_card() -> Component:
    return card(
        "Accuracy over time",
        [
            html.P(id=ModelsIds.TIME_WORDS, className="card-said", role="status"),
            html.Div(
                dcc.Graph(
                    id=ModelsIds.TIME,
                    figure=accuracy_figure([], [], "light"),
                    config=GRAPH_CONFIG,
                    responsive=True,
                    className="graph",
                ),
                id=ModelsIds.TIME_BOX,
                hidden=True,
            ),
        ],
        id=ModelsIds.TIME_CARD,
        unit="PAI by week",
        menu=Menu(IMAGES, ModelsIds.TIME_NUMBERS, TIME_ABOUT),
        class_name="models-time",
    )


def overview(models: Sequence[ModelFact], chosen: str) -> html.Table:
    """A line per model; its name shows it below."""
    head = ("Model", "Champion", "What its gates read first", "The weeks since", "Versions")
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody([_overview_line(model, model.name == chosen) for model in models]),
        ],
        className="overview",
    )


def _overview_line(model: ModelFact, chosen: bool) -> html.Tr:
    champion = model.champion
    name = html.Button(
        model.title,
        type="button",
        className="model-name",
        title=model.name,
        **aria(pressed="true" if chosen else "false"),
        **options(model=model.name, one="", other=""),
    )
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(
                f"Version {champion.number}, {short_date(champion.created.date())}, "
                f"{champion.person}"
                if champion
                else html.Span("None yet", className="quiet")
            ),
            html.Td(model.main if champion else ""),
            html.Td(model.since, className="since"),
            html.Td(str(model.versions)),
        ],
        className="is-chosen" if chosen else "",
    )


def version_list(versions: Sequence[VersionFact], model: ModelFact) -> list[Component]:
    """The champion, then the newest; older ones folded."""
    if not versions:
        return [html.P("No version yet. Train it, and it is listed here.", className="quiet")]
    ordered = sorted(versions, key=lambda one: (not one.champion, -one.number))
    shown, older = ordered[:SHOWN_VERSIONS], ordered[SHOWN_VERSIONS:]
    found: list[Component] = [
        html.Ul([_version(one, model) for one in shown], className="version-list")
    ]
    if older:
        rest = html.Ul([_version(one, model) for one in older], className="version-list")
        found.append(
            html.Details([html.Summary(f"{len(older)} older versions"), rest], className="older")
        )
    return found


def _version(version: VersionFact, model: ModelFact) -> html.Li:
    parts: list[Component | None] = [
        html.Div(
            [
                html.Strong(f"Version {version.number}"),
                html.Span("Champion", className="champion-mark") if version.champion else None,
                html.Span("Refused by its gates", className="refused-mark")
                if version.refused
                else None,
                html.A(
                    "Explain",
                    href=f"/explain#model={version.name}&version={version.name}:{version.number}",
                    className="button small",
                    **data(goto=""),
                    **aria(label=f"Explain version {version.number}"),
                ),
            ],
            className="version-head",
        ),
        html.P(
            [
                f"{when(version.created)}, {version.person}; ",
                version.selection or "all incidents",
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
        _decide(version, model),
    ]
    return html.Li(parts, className="version champion" if version.champion else "version")


def _gate(gate: GateFact, version: VersionFact) -> Component:
    words = metric_words(gate.metric)
    asked = "at least" if gate.least is not None else "at most"
    end = {"value": "", "low": " (low end)", "high": " (high end)"}[gate.at]
    bound = f"{100 * gate.bound:g} %" if words.unit == "share" else f"{gate.bound:g}"
    row = Estimate(
        words.label,
        gate.value,
        gate.low,
        gate.high,
        shown(gate.metric, gate.value, gate.low, gate.high),
        "wrong" if gate.words else "",
        f"{asked} {bound}{end}",
    )
    return interval_rows(
        [row],
        scale_of([row], low=min(gate.bound, 0.0), high=gate.bound * 1.1),
        label=f"{words.label} of version {version.number}",
        reference=gate.bound,
    )


def _decide(version: VersionFact, model: ModelFact) -> Component | None:
    if version.champion:
        if model.before is None:
            return None
        act, verb, to = "rollback", f"Roll back to version {model.before}", version.name
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


def shown(name: str, value: float | None, low: float | None, high: float | None) -> str:
    """A metric with its interval in its unit."""
    if metric_words(name).unit == "share":
        return percent_with_interval(value, low, high)
    large = value is not None and (abs(value) >= 1_000 or (value == int(value) and low is None))
    return with_interval(value, low, high, 0 if large else 2)


def decisions(found: Sequence[Decision]) -> Component:
    """Who decided what, newest first."""
    if not found:
        return html.P("Nothing was promoted or refused yet.", className="quiet")
    return html.Ol([_decision(one) for one in found], className="decision-list")


def _decision(one: Decision) -> html.Li:
    return html.Li(
        [
            html.Div([html.Strong(one.what), html.Span(f"{when(one.happened)}, {one.person}")]),
            html.P(f"“{one.reason}”") if one.reason else None,
            *(html.P(words, className="refusal") for words in one.refused),
        ]
    )


def when(moment: datetime) -> str:
    """`21 Nov 2026, 14:58 UTC`."""
    return f"{short_date(moment.date())}, {moment:%H:%M} UTC"


def weeks_table(rows: Sequence[Mapping[str, Any]]) -> html.Table:
    """The numbers of the figure: week, PAI of the version and of the simple way."""
    head = ("Week", "Version", "Simple", "Incidents")
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text, scope="col") for text in head])),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th(_days(row["first"], row["last"]), scope="row"),
                            html.Td(row["own"]),
                            html.Td(row["simple"]),
                            html.Td(row["incidents"]),
                        ]
                    )
                    for row in rows
                ]
            ),
        ],
        className="numbers",
    )


def _days(first: date, last: date) -> str:
    return f"{short_date(first)} to {short_date(last)}"
