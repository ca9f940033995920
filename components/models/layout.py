"""Layout of the Models page: models, versions, jobs, training, comparison, accuracy, decisions."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, number, short_date
from components.frame.attributes import aria
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.intervals import with_interval
from components.frame.tables import table
from components.models.accuracy import AccuracyHistory, AccuracyWeek
from components.models.ids import ModelsIds


def models(trained: int, untrained: int) -> Component:
    """All cards, still empty.

    Parameters
    ----------
    trained, untrained
        How many models have versions and how many have none, for the height of their table.
    """
    return html.Main(
        [
            html.H1("Models", className="visually-hidden"),
            _card(
                "Models",
                ModelsIds.OVERVIEW,
                ModelsIds.OVERVIEW_CARD,
                "overview",
                OVERVIEW_ABOUT,
                controls=html.Div(id=ModelsIds.TARGETS, className="choices"),
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
        style={"--trained": str(trained), "--untrained": str(untrained)},
        id="content",
        tabIndex=-1,
    )  # fmt: skip


OVERVIEW_ABOUT = (
    "A model is a method for zones, profiles or a forecast. Each training adds a version; the "
    "champion is the version that the other pages use. Nothing changes until a version is "
    "promoted. Each model has its own versions and champion for each target: all incidents, or a "
    "kind of incidents such as robbery."
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
    "Dots are estimates, bars their 95% intervals. The baseline is the result of plain counts, or "
    "of the best simple forecaster, on the same days and the same area. Silhouette, "
    "Davies-Bouldin and Calinski-Harabasz describe zones and are not used for promotion."
)
TIME_ABOUT = (
    "PAI: how many times more incidents fell in the flagged area than its share of the city would "
    "give. Circles are the test forecasts at training, diamonds the weeks since; bars are 95% "
    "intervals of single weeks. The gray line is the best baseline, chosen before these weeks."
)
DECISIONS_ABOUT = (
    "Promotions, rollbacks and refusals from the audit log, with person, time and reason. Verify "
    "the log with patroliq audit verify."
)


def _card(
    title: str, body: str, id: str, area: str, about: str, *, controls: Component | None = None
) -> Component:
    return card(
        title,
        html.Div(id=body, className="scrolls", tabIndex=0, role="group", **aria(label=title)),
        id=id,
        controls=controls,
        menu=Menu(about=about),
        class_name=f"models-{area}",
    )


def _time_card() -> Component:
    return card(
        "Accuracy over time",
        [
            html.P(id=ModelsIds.TIME_WORDS, className="card-said", role="status"),
            html.Div(
                graph(ModelsIds.TIME),
                id=ModelsIds.TIME_BOX,
                hidden=True,
            ),
        ],
        id=ModelsIds.TIME_CARD,
        unit="PAI by week",
        menu=Menu(IMAGES, ModelsIds.TIME_NUMBERS, TIME_ABOUT),
        class_name="models-time",
    )


def weeks_table(history: AccuracyHistory) -> html.Table:
    """The numbers of the figure: week, PAI of the version and of the baseline."""
    simple = {week.first: week for week in history.simple}
    return table(
        ("Week", "Version", "Baseline", "Incidents"),
        [
            [
                f"{short_date(week.first)} to {short_date(week.last)}",
                _pai(week),
                _pai(simple.get(week.first)),
                number(week.incidents),
            ]
            for week in history.own
        ],
    )


def _pai(week: AccuracyWeek | None) -> str:
    return with_interval(week.pai, week.low, week.high) if week else DASH
