"""The Models page: what there is, what each version showed, what its gates said, who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import short_date
from components.frame.attributes import aria
from components.frame.card import IMAGES, Menu, card, graph_config
from components.frame.tables import table
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
            _card("Jobs", ModelsIds.WORK, ModelsIds.WORK_CARD, "work", WORK_ABOUT),
            _card("Train", ModelsIds.TRAIN, ModelsIds.TRAIN_CARD, "train", TRAIN_ABOUT),
            card(
                "Compare versions",
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
    "A model is a method for zones, profiles or a forecast. Each training adds a version; the "
    "champion is the version the other pages use. Nothing changes until a version is promoted."
)
VERSIONS_ABOUT = (
    "Each version with its promotion checks: the dot is the estimate, the bar its 95% interval, "
    "the line the threshold. A version that fails a check cannot become champion; a rollback "
    "returns to the previous champion, whatever the checks say today."
)
WORK_ABOUT = (
    "The worker runs training, promotions and checks one at a time. You can leave this page; "
    "queued jobs are kept."
)
TRAIN_ABOUT = (
    "Trains the model on the data shown, evaluates it on later incidents, runs the promotion "
    "checks and adds a version. The champion stays the same until a version is promoted."
)
COMPARE_ABOUT = (
    "Dots are estimates, bars their 95% intervals. The baseline is what plain counts, or the "
    "best simple forecaster, reached on the same days and the same area. Silhouette, "
    "Davies-Bouldin and Calinski-Harabasz describe zones and are not used for promotion."
)
TIME_ABOUT = (
    "PAI: how many times more incidents fell in the flagged area than its size alone would "
    "give. Circles are the test forecasts at training, diamonds the weeks since; bars are 95% "
    "intervals of single weeks. The gray line is the best baseline, chosen before these weeks."
)
DECISIONS_ABOUT = (
    "From the audit log, which cannot be changed: who promoted, rolled back or was refused, "
    "when and why. Verify it with patroliq audit verify."
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
                    config=graph_config(),
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
    """The numbers of the figure: week, PAI of the version and of the baseline."""
    return table(
        ("Week", "Version", "Simple", "Incidents"),
        [
            [_days(row["first"], row["last"]), row["own"], row["simple"], row["incidents"]]
            for row in rows
        ],
    )


def _days(first: date, last: date) -> str:
    return f"{short_date(first)} to {short_date(last)}"
