"""The Overview: what changed, where and when, anomalies, and the data behind it."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from analytics.formats import week, weekday_name
from analytics.overview.reporting import DAYS
from components.frame.attributes import aria
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.choices import option_select
from components.frame.marks import data
from components.frame.shell import EXPLORE, HOTSPOTS, MODELS, TEMPORAL, Page
from components.frame.variables import VARIABLES
from components.overview.ids import OverviewIds

EXPECTED_ABOUT = (
    f"Incidents of the period (if no dates are selected: the last {DAYS} days that are complete), "
    "and the expected count with its 95% interval: the row's own level of the last weeks times "
    "the citywide season. The line is the interval on a scale from half to double the expected "
    "count, the dot the count. Bold with an arrow: significant (false discovery rate of 5% over "
    "the table), or one to watch (p up to 0.01). Changes vs. the days before and a year earlier "
    "are description and are not tested. Click a name for its incidents."
)


def overview(levels: Mapping[str, str]) -> html.Main:
    """All cards, still empty.

    Parameters
    ----------
    levels
        Area levels that the source has, level → name; may be empty.
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
    "Zones of the champion model, with the incidents of the period. The trend is the last 28 days "
    "of the training data beside the expected count, tested over the zones shown. Counts of the "
    "next days come from the champion forecast, with a 95% prediction interval from its past "
    "forecasts."
)
UNUSUAL_ABOUT = (
    "Each type, each area, and each type in each area is counted in the last seven complete "
    "days of the period (or of the data, if no dates are selected) and compared with the count "
    "expected from its own last weeks and the citywide season. The first line says which days. "
    "Listed are the counts that are significant at a false discovery rate of 5% over all of them, "
    "then up to five to watch (p up to 0.01). Areas fold under a type that stands out citywide."
)
REPEATS_ABOUT = (
    "Knox test: are there more pairs of incidents close in space and time than when dates are "
    "permuted? Permuted over the whole period, seasons and changing levels of places count as near "
    "repeats; permuted within four weeks, they do not. If both tests are significant and the "
    "second ratio is large enough (the note says from where), blocks near the incidents of the "
    "last 14 days are listed by their added risk."
)
DATA_ABOUT = (
    "What is loaded, how recent it is, and what is missing. Recent days are incomplete: their "
    "counts are too low and are left out of comparisons unless you select them. Places that may be "
    "default addresses have far more incidents than others, and are institutions, as mixed as the "
    "whole city, or beyond what the counts of other places explain; incidents there are left out "
    "of hot spots once an administrator accepts the place."
)
MODELS_ABOUT = (
    "The champion of each model and its key metric with a 95% interval, then its accuracy on "
    "the weeks since, where checked, and further targets that the model has a champion for."
)


def _cards(levels: Mapping[str, str]) -> list[Component]:
    """All cards, in reading order."""
    groups = ("By offense group", OverviewIds.GROUPS, OverviewIds.GROUPS_CARD, "groups")
    types = ("By crime type", OverviewIds.TYPES, OverviewIds.TYPES_CARD, "types")
    zones = ("Hot spots", OverviewIds.ZONES, OverviewIds.ZONES_CARD, "zones")
    unusual = ("Anomalies last week", OverviewIds.UNUSUAL, OverviewIds.UNUSUAL_CARD, "unusual")
    repeats = ("Near repeats", OverviewIds.REPEATS, OverviewIds.REPEATS_CARD, "repeats")
    sources = ("Data", OverviewIds.DATA, OverviewIds.DATA_CARD, "data")
    models = ("Models in use", OverviewIds.MODELS, OverviewIds.MODELS_CARD, "models")
    return [
        _brief_card(),
        _weeks_card(),
        _map_card(),
        _card(*groups, to=EXPLORE, about=EXPECTED_ABOUT, briefing="groups"),
        _areas_card(levels),
        _card(*types, to=EXPLORE, about=EXPECTED_ABOUT, briefing="types"),
        _card(*zones, to=HOTSPOTS, about=ZONES_ABOUT, briefing="zones"),
        _hours_card(),
        _card(*unusual, to=TEMPORAL, about=UNUSUAL_ABOUT, briefing="anomalies"),
        _card(*repeats, to=HOTSPOTS, about=REPEATS_ABOUT, briefing="near_repeats"),
        _card(*sources, to=EXPLORE, about=DATA_ABOUT, more=OverviewIds.DATA_MORE),
        _card(*models, to=MODELS, about=MODELS_ABOUT),
    ]


def goto(text: str, href: str, class_name: str = "goto", label: str = "") -> html.A:
    """A link to another page that keeps the selection, unless the address has its own."""
    named = aria(label=label) if label else {}
    return html.A(text, href=href, className=class_name, **data(goto=""), **named)


def _card(
    title: str,
    body: str,
    id: str,
    area: str,
    *,
    to: Page,
    about: str,
    more: str = "",
    briefing: str = "",
) -> Component:
    """A card; `more` is the id of what the second answer adds to its body."""
    return card(
        title,
        [html.Div(id=part) for part in (body, more) if part],
        id=id,
        controls=_open(to, title),
        menu=Menu(about=about, briefing=briefing),
        class_name=f"overview-{area}",
    )


def _open(page: Page, title: str) -> Component:
    return goto(page.name, page.path, "goto card-goto", label=f"{title}: open {page.name}")


def _brief_card() -> Component:
    return card(
        "Summary",
        [
            html.Ul(id=OverviewIds.BRIEF, className="brief"),
            html.Ul(id=OverviewIds.BRIEF_MORE, className="brief"),
        ],
        id=OverviewIds.BRIEF_CARD,
        menu=Menu(
            about=(
                "Written from the numbers on this page by fixed rules. Only significant "
                "differences are called changes."
            ),
            briefing="summary",
        ),
        class_name="overview-brief",
    )


def _weeks_card() -> Component:
    return card(
        "Incidents a week",
        graph(OverviewIds.WEEKS, class_name="own-gestures"),
        id=OverviewIds.WEEKS_CARD,
        unit="shaded: this period, the days before, a year earlier; line: 4-week mean",
        controls=_open(TEMPORAL, "Incidents a week"),
        menu=Menu(
            (*IMAGES,),
            OverviewIds.WEEKS_NUMBERS,
            f"Weeks from {weekday_name(week()[0])}. Shaded: the period counted on this "
            "page, the days before it, and the same days a year earlier. Hatched bars are "
            "incomplete.",
            briefing="weeks",
        ),
        class_name="overview-weeks",
    )


def _map_card() -> Component:
    return card(
        "Where",
        [
            graph(OverviewIds.MAP, class_name="own-gestures overview-map-graph"),
            html.Div(id=OverviewIds.MAP_PLACES),
        ],
        id=OverviewIds.MAP_CARD,
        unit="incidents of the period, by area and block",
        controls=_open(HOTSPOTS, "Where"),
        menu=Menu(
            ("export-png",),
            about=(
                "Areas of the level that the list of areas shows, shaded by incidents, and the "
                "five blocks with most incidents. Click an area or a number to see its incidents "
                "on Explore."
            ),
            briefing="map",
        ),
        class_name="overview-map",
    )


def _hours_card() -> Component:
    return card(
        "Hours of the day",
        [
            html.Div(
                graph(OverviewIds.HOURS, class_name="own-gestures"), className="overview-hours-box"
            ),
            html.P(id=OverviewIds.HOURS_WORDS, className="said"),
            html.Div(id=OverviewIds.PEAKS),
        ],
        id=OverviewIds.HOURS_CARD,
        unit="incidents a day",
        controls=_open(TEMPORAL, "Hours of the day"),
        menu=Menu(
            (*IMAGES,),
            OverviewIds.HOURS_NUMBERS,
            "Bars: this period; line: the year before. Filters on hour and weekday are ignored. "
            "Peaks are searched in every other week and measured in the weeks between, so that "
            "the search does not bias their intervals.",
            briefing="hours",
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
            option_select(
                "areas",
                dict(levels) or {first: first},
                "By area",
                id=OverviewIds.AREAS_LEVEL,
            ),
            _open(EXPLORE, "By area"),
        ],
        menu=Menu(about=EXPECTED_ABOUT, briefing="areas"),
        off="" if levels else "This source has no areas.",
        class_name="overview-areas",
    )


def area_levels(off: Mapping[str, str], offered: tuple[str, ...]) -> dict[str, str]:
    """Area levels that a source has, level → name."""
    return {level: VARIABLES[level].one for level in offered if level not in off}
