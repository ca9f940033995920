"""The panel of dates: fields for the first and last day, and periods to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import date_range
from analytics.statistics.two_periods import Period
from components.frame.attributes import aria, choice
from components.frame.ids import DateIds, SelectionIds

DATES = "Dates"


@dataclass(frozen=True)
class DateOffer:
    """A period to choose: its text in a selection, its name and its days; none without days."""

    text: str
    name: str
    days: Period | None
    chosen: bool = False
    lack: str = ""  # why it has no days


@dataclass(frozen=True)
class DateOffers:
    """What the panel shows: the chosen days, open or none at all, and groups of offers."""

    first: date | None
    last: date | None
    groups: Sequence[tuple[str, Sequence[DateOffer]]]


def dates_menu() -> html.Details:
    """The button that opens the panel; `dates_panel` fills its body."""
    return html.Details(
        [
            html.Summary(DATES, className="button"),
            html.Div(id=SelectionIds.DATES, className="dates-panel"),
        ],
        className="dates",
    )


def dates_panel(offers: DateOffers) -> list[Component]:
    """From and to, then the periods with their days."""
    return [
        html.Div(
            [
                _field("From", DateIds.FIRST, offers.first),
                _field("To", DateIds.LAST, offers.last),
            ],
            className="date-fields",
        ),
        *(_group(title, group) for title, group in offers.groups),
    ]


def _field(label: str, id: str, day: date | None) -> html.Label:
    kind: Any = "date"  # Dash lists fewer types than its field takes
    value = day.isoformat() if day else ""
    field = dcc.Input(id=id, type=kind, value=value, className="written")
    return html.Label([html.Span(label), field])


def _group(title: str, offers: Sequence[DateOffer]) -> html.Section:
    return html.Section([html.H3(title), *map(_offer, offers)], **aria(label=title))


def _offer(offer: DateOffer) -> html.Button:
    said = date_range(*offer.days) if offer.days else offer.lack
    return html.Button(
        [html.Span(offer.name), html.Span(said, className="quiet")],
        type="button",
        className="segment",
        disabled=offer.days is None,
        **choice("date", offer.text, chosen=offer.chosen, mode="only"),
    )
