"""A card: title with unit, figure, and a small menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import date_patterns, language_tag
from components.frame.attributes import action, aria
from components.frame.glossary import TERMS, terms_in
from components.frame.marks import drawn

Children = Component | str | Sequence[Component | str] | None

EXPORTS = {
    "export-png": "Save as PNG",
    "export-svg": "Save as SVG",
    "export-csv": "Save as CSV",
    "export-page": "Save this page as CSV",
    "export-list": "Save the list as CSV",
    "export-all": "Save all fields as CSV",
    "export-parquet": "Save all fields as Parquet",
    "export-geoparquet": "Save all fields as GeoParquet",
    "export-geojson": "Save as GeoJSON",
}
IMAGES = ("export-png", "export-svg")
"""Exports of a card whose body is a figure."""


BLANK = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
    },
}
"""A figure of nothing: Plotly would draw axes from -1 to 6."""


@dataclass(frozen=True)
class Menu:
    """Entries of a card's menu.

    `exports` are keys of EXPORTS, and `counted` has ids for the number of rows of some of them;
    `numbers` is the id of the hidden table of the same numbers, empty where the card has none;
    `about` answers "What is this?"; `briefing` names the card of a briefing that shows the same.
    """

    exports: tuple[str, ...] = ()
    numbers: str = ""
    about: str = ""
    counted: Mapping[str, str] = field(default_factory=dict)
    briefing: str = ""


def card(
    title: str,
    body: Children,
    *,
    id: str,
    label: str = "",
    unit: str = "",
    controls: Children = None,
    menu: Menu | None = None,
    off: str = "",
    class_name: str = "",
) -> html.Section:
    """One cell of the page's grid.

    Parameters
    ----------
    title, unit
        What is shown and in which unit.
    label
        Name for screen readers where the title alone would not be unique.
    controls
        At most two small controls beside the title.
    off
        Why the source has no data for this card. The body stays, hidden, so that it can be updated.
    """
    menu = menu or Menu()
    heading = f"{id}-title"
    head: list[Component] = [
        html.H2([title, html.Span(unit, className="unit") if unit else None], id=heading),
        html.Div(controls, className="card-controls", hidden=bool(off)),
    ]
    if menu.exports or menu.numbers or menu.about or menu.briefing:
        head.append(_menu(id, menu, terms_in(f"{title}. {unit}. {menu.about}")))
    return html.Section(
        [
            html.Header(head, className="card-head"),
            html.P(off, className="card-off") if off else None,
            html.Div(body, className="card-body", hidden=bool(off)),
            html.Div(id=menu.numbers, className="card-numbers", hidden=True)
            if menu.numbers
            else None,
        ],
        id=id,
        className=f"card {class_name}".strip(),
        **(aria(label=label) if label else aria(labelledby=heading)),
    )


def graph(
    id: str,
    figure: go.Figure | None = None,
    class_name: str = "",
    **attributes: Any,
) -> dcc.Graph:
    """A chart of a card; without a figure it stays blank, without axes, until its first answer."""
    return dcc.Graph(
        id=id,
        figure=BLANK if figure is None else figure,
        config=graph_config(),
        responsive=True,
        className=f"graph {class_name}".strip(),
        **attributes,
    )


def graph_config() -> Any:
    """How Plotly behaves in every card: downloads are in the card's menu, dates by locale."""
    config = {"displayModeBar": False, "responsive": True, "doubleClick": False}
    dates = date_patterns()
    if not dates:
        return config
    return {**config, "locale": language_tag(), "locales": {language_tag(): {"format": dates}}}


def _menu(card_id: str, menu: Menu, terms: Sequence[str]) -> html.Details:
    entries: list[Component] = []
    if menu.numbers:
        entries.append(_entry("Table of the same numbers", "show-table", card_id, menu.numbers))
    entries += [_entry(_export(name, menu), name, card_id) for name in menu.exports]
    if menu.briefing:
        entries.append(
            html.A(
                "Add to a briefing",
                href=f"/briefings/add?_card={menu.briefing}",
                className="menu-entry to-briefing",
                **action("add-to-briefing"),
            )
        )
    if menu.about:
        entries.append(
            html.Details(
                [html.Summary("What is this?"), html.P(menu.about), *_glossary(terms)],
                className="menu-about",
            )
        )
    return html.Details(
        [
            html.Summary("⋯", title="More", **aria(label="More about this card")),
            html.Div(entries, className="menu-entries"),
        ],
        className="menu",
    )


def _glossary(terms: Sequence[str]) -> list[Component]:
    return [html.P([html.B(term), f": {TERMS[term]}"]) for term in terms]


def _export(name: str, menu: Menu) -> Children:
    if name not in menu.counted:
        return EXPORTS[name]
    return [EXPORTS[name], " ", html.Span(id=menu.counted[name], className="quiet", **drawn())]


def _entry(text: Children, name: str, card_id: str, numbers: str = "") -> html.Button:
    controls = aria(controls=numbers, expanded="false") if numbers else {}
    return html.Button(
        text,
        type="button",
        className="menu-entry",
        **action(name, card=card_id),
        **controls,
    )
