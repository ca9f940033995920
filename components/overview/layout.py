"""The Overview: what changed, where, when, what is unusual, and what all that rests on."""

from __future__ import annotations

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from analytics.overview.reporting import DAYS
from components.frame.attributes import aria
from components.frame.card import GRAPH_CONFIG, IMAGES, Menu, card
from components.frame.marks import data
from components.frame.shell import EXPLORE, HOTSPOTS, MODELS, TEMPORAL, Page
from components.frame.variables import VARIABLES
from components.overview.ids import OverviewIds

CHANGES_ABOUT = (
    f"Incidents of the period (without a chosen date: the last {DAYS} days that are complete), "
    "and their change against the days before and the same days a year earlier. The line beside a "
    "change is its 95% interval, from half to double, the tick no change. Bold with an arrow: "
    "unlikely to be chance, at a false discovery rate of 5% over the table; grey: within the "
    "usual variation, which is measured on the row's own past. Click a name for its incidents."
)


def overview(levels: Mapping[str, str]) -> html.Main:
    """All cards, still empty.

    Parameters
    ----------
    levels
        Area levels the source has, level → word; empty where it has none.
    """
    return html.Main(
        [
            html.H1("Overview", className="visually-hidden"),
            html.Div(
                [
                    html.Dl(id=OverviewIds.HEADLINE),
                    html.Dl(id=OverviewIds.HEADLINE_MORE),
                ],
                className="headline overview-headline",
            ),
            *_cards(levels),
            html.Div(id=OverviewIds.LATER),
        ],
        className="overview-page",
        id="content",
        tabIndex=-1,
    )


ZONES_ABOUT = (
    "Zones of the champion whose labels the data carries, with the incidents of the period. The "
    "trend is that of the fit, each zone tested by itself; what is expected comes from the "
    "forecast's champion with the 95% interval its own past forecasts gave."
)
UNUSUAL_ABOUT = (
    "Each type, each area and each type in each area, counted in the last seven complete days of "
    "the period (without a chosen date: of the data) and compared with the 26 weeks before by a "
    "negative binomial with their dispersion. The first line says which days. Listed is what "
    "is unlikely to be chance at a false discovery rate of 5% over all these counts."
)
REPEATS_ABOUT = (
    "Knox's test: are there more pairs of incidents near each other in place and time than if the "
    "dates were dealt anew? Where there are, the blocks near the incidents of the last 14 days are "
    "listed by the risk these add. Places are blocks as the source has them."
)
DATA_ABOUT = (
    "What is loaded, how new it is and what it lacks. Counts of days that still fill up are too "
    "low and are compared with nothing unless you choose them."
)
MODELS_ABOUT = (
    "The champion of each model and what its first gate measured, with its 95% interval; then how "
    "it did on the weeks since, where it was checked."
)


def _cards(levels: Mapping[str, str]) -> list[Component]:
    """Every card, in the order in which it is read."""
    groups = ("By offence group", OverviewIds.GROUPS, OverviewIds.GROUPS_CARD, "groups")
    types = ("By crime type", OverviewIds.TYPES, OverviewIds.TYPES_CARD, "types")
    zones = ("Hot spots", OverviewIds.ZONES, OverviewIds.ZONES_CARD, "zones")
    unusual = ("Anomalies in a week", OverviewIds.UNUSUAL, OverviewIds.UNUSUAL_CARD, "unusual")
    repeats = ("Near repeats", OverviewIds.REPEATS, OverviewIds.REPEATS_CARD, "repeats")
    facts = ("Data", OverviewIds.DATA, OverviewIds.DATA_CARD, "data")
    models = ("Models in use", OverviewIds.MODELS, OverviewIds.MODELS_CARD, "models")
    return [
        _brief_card(),
        _weeks_card(),
        _card(*groups, to=EXPLORE, about=CHANGES_ABOUT),
        _areas_card(levels),
        _card(*types, to=EXPLORE, about=CHANGES_ABOUT),
        _card(*zones, to=HOTSPOTS, about=ZONES_ABOUT),
        _hours_card(),
        _card(*unusual, to=TEMPORAL, about=UNUSUAL_ABOUT),
        _card(*repeats, to=HOTSPOTS, about=REPEATS_ABOUT),
        _card(*facts, to=EXPLORE, about=DATA_ABOUT),
        _card(*models, to=MODELS, about=MODELS_ABOUT),
    ]


def goto(text: str, href: str, class_name: str = "goto", label: str = "") -> html.A:
    """A link to another page that keeps the selection, unless its address names one."""
    named = aria(label=label) if label else {}
    return html.A(text, href=href, className=class_name, **data(goto=""), **named)


def _card(title: str, body: str, id: str, area: str, *, to: Page, about: str) -> Component:
    return card(
        title,
        html.Div(id=body),
        id=id,
        controls=_open(to, title),
        menu=Menu(about=about),
        class_name=f"overview-{area}",
    )


def _open(page: Page, title: str) -> Component:
    return goto(page.name, page.path, "goto card-goto", label=f"{title}: open {page.name}")


def _brief_card() -> Component:
    return card(
        "In short",
        [
            html.Ul(id=OverviewIds.BRIEF, className="brief"),
            html.Ul(id=OverviewIds.BRIEF_MORE, className="brief"),
        ],
        id=OverviewIds.BRIEF_CARD,
        menu=Menu(
            about="Made from the numbers of this page by fixed rules. What is not unlikely to be "
            "chance is not called a change."
        ),
        class_name="overview-brief",
    )


def _weeks_card() -> Component:
    return card(
        "Incidents a week",
        _graph(OverviewIds.WEEKS),
        id=OverviewIds.WEEKS_CARD,
        unit="shaded: counted, the days before, a year earlier; line: average of four weeks",
        controls=_open(TEMPORAL, "Incidents a week"),
        menu=Menu(
            (*IMAGES,),
            OverviewIds.WEEKS_NUMBERS,
            "Weeks from Monday. Shaded: the period counted on this page, the days before it, and "
            "the same days a year earlier. Hatched bars still fill up.",
        ),
        class_name="overview-weeks",
    )


def _hours_card() -> Component:
    return card(
        "Hours of the day",
        [
            html.Div(_graph(OverviewIds.HOURS), className="overview-hours-box"),
            html.P(id=OverviewIds.HOURS_WORDS, className="said"),
            html.Div(id=OverviewIds.PEAKS),
        ],
        id=OverviewIds.HOURS_CARD,
        unit="incidents a day",
        controls=_open(TEMPORAL, "Hours of the day"),
        menu=Menu(
            (*IMAGES,),
            OverviewIds.HOURS_NUMBERS,
            "Bars: the period; line: the year before it. Clauses on hour and weekday are left out. "
            "Peaks are searched in every other week and measured in the weeks between, so that "
            "their intervals know of the search.",
        ),
        class_name="overview-hours",
    )


def _areas_card(levels: Mapping[str, str]) -> Component:
    first = next(iter(levels), "district")
    return card(
        "By",
        html.Div(id=OverviewIds.AREAS),
        id=OverviewIds.AREAS_CARD,
        label="By area",
        controls=[
            _level_select(dict(levels) or {first: first}),
            _open(EXPLORE, "By area"),
        ],
        menu=Menu(about=CHANGES_ABOUT),
        off="" if levels else "The source names no areas.",
        class_name="overview-areas",
    )


def _level_select(levels: Mapping[str, str]) -> html.Label:
    return html.Label(
        [
            html.Span("By area", className="visually-hidden"),
            html.Select(
                [html.Option(text, value=key) for key, text in levels.items()],
                id=OverviewIds.AREAS_LEVEL,
                className="form-select small-select",
                **data(option="areas"),
            ),
        ]
    )


def area_levels(off: Mapping[str, str], offered: tuple[str, ...]) -> dict[str, str]:
    """Area levels a source has, level → word."""
    return {level: VARIABLES[level].one for level in offered if level not in off}


def _graph(id: str) -> Component:
    return dcc.Graph(
        id=id,
        figure={"data": [], "layout": {}},
        config=GRAPH_CONFIG,
        responsive=True,
        className="graph own-gestures",
    )
