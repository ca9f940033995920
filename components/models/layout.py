"""The Models page: what there is, what each version showed, what its gates said, who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import short_date
from components.frame.attributes import aria
from components.frame.card import GRAPH_CONFIG, IMAGES, Menu, card
from components.models.accuracy import accuracy_figure
from components.models.ids import ModelsIds


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
    "Each version with what its gates read: the dot is the estimate, the bar its 95% interval, "
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
    "Dots are estimates, bars their 95% intervals. The baseline beside a version is what plain "
    "counts, or the best simple forecaster, got on the same days and the same area. Silhouette, "
    "Davies-Bouldin and Calinski-Harabasz describe zones and decide nothing."
)
TIME_ABOUT = (
    "PAI is how many times more incidents were caught than the flagged area alone would. Circles "
    "are forecasts it was judged by at training, diamonds weeks since; bars are 95% intervals of "
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
