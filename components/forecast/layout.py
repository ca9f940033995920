"""Layout of the Forecast page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from analytics.formats import short_date
from components.forecast.ids import ForecastIds
from components.frame.attributes import aria
from components.frame.card import IMAGES, Menu, card, graph
from components.frame.marks import data

MEASURES = {"count": "Counts", "harm": "Harm (days)"}
STEPS = {"day": "Days", "week": "Weeks", "whole": "The whole period"}
LEVELS = {"district": "Districts", "beat": "Beats", "ward": "Wards", "area": "Areas"}
TRAIN = "train-demand"


def forecast(*, missing: bool) -> Component:
    """All cards, still empty; `missing` hides them, since there is no forecast."""
    cards = [_areas_card(), _fan_card(), _calibration_card(), _skill_card()]
    return html.Main(
        [
            html.H1("Forecast", className="visually-hidden"),
            html.Div(id=ForecastIds.CONTROLS, className="forecast-controls"),
            html.P(id=ForecastIds.ABOUT, className="forecast-about"),
            html.P(id=ForecastIds.PLAN, className="forecast-plan"),
            html.Div(id=ForecastIds.MISSING),
            html.Div(cards, id=ForecastIds.CARDS, className="forecast-cards", hidden=missing),
            _terrain_card(),
        ],
        className="forecast",
        id="content",
        tabIndex=-1,
    )


def no_forecast(of: str, refused: Sequence[str], *, target: str, waiting: bool) -> Component:
    """Why there is no forecast of a target, and the button that trains one.

    Parameters
    ----------
    of
        The target in words, such as `robbery`.
    refused
        Promotion checks that its newest version failed.
    """
    if refused:
        why: list[Component] = [
            html.P(f"The last demand forecast of {of} failed its promotion checks:"),
            html.Ul([html.Li(one) for one in refused]),
        ]
    else:
        why = [
            html.P(
                f"No demand forecast of {of} yet. Training takes a few minutes and needs half a "
                "year of incidents with areas and days."
            )
        ]
    button = html.Button(
        "Train now", type="submit", name="target", value=target, className="button",
        disabled=waiting,
    )  # fmt: skip
    return html.Div([*why, html.Form(button, **data(act=TRAIN))], className="empty-state")


def plan_links(day: date, shifts: Sequence[str], target: str, measure: str) -> list[Component]:
    """Links to the form for a plan of the same day, shift and incidents."""
    weight = "harm" if measure == "harm" else "incidents"
    links: list[Component] = []
    for shift in shifts:
        start = {"p_day": day.isoformat(), "p_shift": shift, "p_target": target, "p_weight": weight}
        links.append(html.A(shift, href=f"/patrol#{urlencode(start)}", **data(goto="")))
    return [html.Span(f"Plan patrol for {short_date(day)}:"), *links]


def _areas_card() -> Component:
    return card(
        "Expected by area",
        [
            html.Div(
                graph(ForecastIds.AREAS), className="forecast-areas-frame", tabIndex=0
            ),  # it scrolls
            html.P(id=ForecastIds.AREAS_NOTE, className="card-said"),
        ],
        id=ForecastIds.AREAS_CARD,
        menu=Menu(
            (*IMAGES, "export-csv", "export-geojson"),
            ForecastIds.AREAS_NUMBERS,
            "A row is an area, a column a day or week. Darker is more. Hover shows the intervals: "
            "the count to come is in the 80% interval in 80 of 100 forecasts. Intervals of sums "
            "over shifts or days are drawn jointly, because errors of neighboring areas and days "
            "are alike; intervals cannot be added. Click a row to filter by its area. The "
            "forecast is of reported incidents, not of calls for service: use it for directed "
            "patrol time, never for staffing.",
            briefing="forecast",
        ),
        class_name="forecast-areas-card",
    )


def _key() -> Component:
    marks = {
        "counted": "counted",
        "provisional": "counted, provisional",
        "50": "50% interval",
        "80": "80%",
        "95": "95%",
    }
    rows = [
        html.Li([html.Span(className=f"swatch swatch-{name}"), words])
        for name, words in marks.items()
    ]
    line = html.Li([html.Span("—"), "expected"])
    year = html.Li([html.Span("◇", className="key-year"), "a year earlier"])
    return html.Ul([*rows, line, year], className="forecast-key", **aria(label="Key"))


def _fan_card() -> Component:
    return card(
        "Counted and expected",
        [
            graph(ForecastIds.FAN),
            _key(),
            html.P(id=ForecastIds.FAN_NOTE, className="card-said"),
        ],
        id=ForecastIds.FAN_CARD,
        menu=Menu(
            (*IMAGES, "export-csv"),
            ForecastIds.FAN_NUMBERS,
            "Bars: counted in the last eight weeks; hatched bars are provisional. Bands: the 50%, "
            "80% and 95% prediction intervals, from dark to light, with the expected count as a "
            "line. Diamonds: the same weekdays a year earlier.",
        ),
        class_name="forecast-fan-card",
    )


def _calibration_card() -> Component:
    return card(
        "Calibration",
        [
            graph(ForecastIds.CALIBRATION),
            html.P(id=ForecastIds.CALIBRATION_NOTE, className="card-said"),
        ],
        id=ForecastIds.CALIBRATION_CARD,
        unit="observed by stated",
        menu=Menu(
            IMAGES,
            ForecastIds.CALIBRATION_NUMBERS,
            "PIT coverage of the test forecasts, each made from the days before it. On the dotted "
            "line, an interval holds as many counts as it states; below it, intervals are too "
            "narrow; above it, too wide.",
        ),
        class_name="forecast-calibration-card",
    )


def _skill_card() -> Component:
    return card(
        "Accuracy",
        html.Div(id=ForecastIds.SKILL, className="forecast-skill"),
        id=ForecastIds.SKILL_CARD,
        unit="out of time",
        menu=Menu(
            (),
            "",
            "Pinball loss saved compared with two simple forecasts: the mean of the last four same "
            "weekdays, and last week's counts. Above 0 it is better. Bias: expected over counted "
            "incidents, minus 1. Lines are 95% intervals, by bootstrap over test forecasts.",
        ),
        class_name="forecast-skill-card",
    )


def _terrain_card() -> Component:
    return card(
        "Risk terrain",
        html.Div(id=ForecastIds.TERRAIN, className="forecast-terrain"),
        id=ForecastIds.TERRAIN_CARD,
        unit="incidents near places of layers",
        menu=Menu(
            (),
            "",
            "Ratio: incidents per area near the places of a layer, over those elsewhere; 1 is no "
            "difference. Alone: the plain ratio. Beside the others: the other layers held fixed "
            "(Poisson regression). Within areas: cells of one area compared with each other. "
            "Intervals are 95%, by a bootstrap of whole areas; the radius is the one that fits "
            "best. Risk terrain modeling: Caplan, Kennedy & Miller 2011.",
        ),
        class_name="forecast-terrain-card",
    )
