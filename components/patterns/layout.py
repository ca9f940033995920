"""Layout of the Patterns page: embedding, its quality, offense profiles, principal components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.formats import number, percent
from components.frame.attributes import aria, choice
from components.frame.card import Menu, card, graph
from components.frame.choices import Select, choices
from components.frame.marks import data
from components.frame.tables import table
from components.patterns.figures import Category
from components.patterns.ids import PatternsIds
from components.patterns.sentences import (
    ABOUT_MAP,
    READING,
    OffenseProfile,
    QualityMetric,
    end_words,
    features_words,
)


def patterns(selects: Sequence[Select], offers: Mapping[str, Component]) -> Component:
    """The page before its first answer.

    Parameters
    ----------
    selects
        The page's options as they are without any in the address.
    offers
        Output that says so → what offers to train a model that there is no version of.
    """
    return html.Main(
        [
            html.H1("Patterns", className="visually-hidden"),
            html.Div(choices(selects), id=PatternsIds.CHOICES, className="patterns-choices"),
            _map_card(offers.get("missing")),
            card(
                "Quality of this embedding",
                html.Div(id=PatternsIds.QUALITY, className="scrolls"),
                id=PatternsIds.QUALITY_CARD,
                class_name="patterns-quality",
            ),
            card(
                "Offense profiles",
                html.Div(
                    offers.get("offense_profile"),
                    id=PatternsIds.OFFENSE_PROFILE,
                    className="scrolls",
                    tabIndex=0,
                    role="group",
                    **aria(label="Offense profiles"),
                ),
                id=PatternsIds.OFFENSE_PROFILE_CARD,
                unit="of similar incidents: what, location type and time",
                class_name="patterns-offense-profiles",
            ),
            _scree_card(offers.get("axes")),
            card(
                "How to read distances",
                html.Div([html.P(words) for words in READING], className="scrolls reading"),
                id=PatternsIds.READING,
                class_name="patterns-reading",
            ),
        ],
        className="patterns",
        id="content",
        tabIndex=-1,
    )


def _map_card(offer: Component | None) -> Component:
    return card(
        "Similar incidents are close together",
        [
            html.Div(offer, id=PatternsIds.MISSING, className="patterns-missing"),
            html.Div(
                graph(PatternsIds.MAP),
                id=PatternsIds.MAP_BOX,
                className="patterns-map-box own-gestures",
                hidden=offer is not None,
                role="img",
                **aria(label="Embedding of incidents"),
            ),
            html.Div(id=PatternsIds.LEGEND, className="patterns-legend"),
            html.P(id=PatternsIds.MAP_TITLE, className="card-said", role="status"),
        ],
        id=PatternsIds.MAP_CARD,
        menu=Menu(("export-png",), PatternsIds.MAP_NUMBERS, ABOUT_MAP),
        class_name="patterns-map",
    )


def _scree_card(offer: Component | None) -> Component:
    return card(
        "PCA of incidents",
        [
            html.Div(
                graph(PatternsIds.SCREE),
                id=PatternsIds.SCREE_BOX,
                className="patterns-scree-box",
                hidden=offer is not None,
                role="img",
                **aria(label="Explained variance by component, compared with permuted data"),
            ),
            html.Div(offer, id=PatternsIds.AXES),
        ],
        id=PatternsIds.SCREE_CARD,
        unit="share of variance by principal component",
        menu=Menu(
            ("export-png", "export-svg"),
            PatternsIds.SCREE_NUMBERS,
            "Bars: variance explained by each component. Dotted line: the 95th percentile of "
            "permuted data, in which features are unrelated. Only components above it are "
            "retained.",
        ),
        class_name="patterns-scree",
    )


def legend(categories: Sequence[Category]) -> html.Ul:
    """Colors of the map and their values, with the selected incidents of the sample."""
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(className="swatch", style={"background": one.color}),
                    html.Span(one.label),
                    html.Span(number(one.chosen), className="quiet"),
                ]
            )
            for one in categories
            if one.shown
        ],
        **aria(label="Colors"),
    )


def categories_table(categories: Sequence[Category]) -> html.Table:
    """Shown incidents by color, and how many of them are selected."""
    rows = [[one.label, number(one.chosen), number(one.shown)] for one in categories if one.shown]
    return table(("Color", "Selected", "Shown"), rows)


def missing(title: str, refused: Sequence[str], *, waiting: bool, model: str) -> Component:
    """Why there is no version of this model yet, and the button that trains one."""
    why = (
        [
            html.P("The last version failed its promotion checks:"),
            html.Ul([html.Li(one) for one in refused]),
        ]
        if refused
        else [html.P(f"{title}: not trained for this data yet. Training takes a few minutes.")]
    )
    ask = html.Form(
        html.Button(
            "Train now",
            type="submit",
            name="model",
            value=model,
            className="button",
            disabled=waiting,
        ),
        **data(act="train"),
    )
    return html.Div([*why, ask], className="empty-state")


def quality_list(qualities: Sequence[QualityMetric], parameters: str) -> list[Component]:
    """Quality metrics of the version, each with its meaning."""
    rows = [
        html.Div(
            [
                html.Dt(one.name),
                html.Dd([html.Strong(one.value), html.Span(one.meaning, className="quiet")]),
            ],
            className="quality-row",
        )
        for one in qualities
    ]
    return [html.Dl(rows, className="quality"), html.P(parameters, className="card-said")]


def offense_profile_list(
    offense_profiles: Sequence[OffenseProfile], dimension: str, note: str
) -> list[Component]:
    """Offense profiles by size; a click filters by one."""
    most = max((one.incidents for one in offense_profiles), default=0) or 1
    rows = [
        html.Li(
            html.Button(
                [
                    html.Span(
                        [
                            html.Span(one.name, className="offense-profile-name"),
                            html.Span(number(one.incidents), className="offense-profile-count"),
                            html.Span(percent(one.share), className="quiet"),
                        ],
                        className="offense-profile-head",
                    ),
                    html.Span(
                        html.Span(style={"width": f"{100 * one.incidents / most:.1f}%"}),
                        className="offense-profile-bar",
                    ),
                    html.Span(one.words, className="quiet"),
                ],
                type="button",
                className="offense-profile",
                **choice(dimension, one.name, chosen=one.chosen),
            )
        )
        for one in offense_profiles
    ]
    return [html.Ol(rows, className="offense-profiles"), html.P(note, className="card-said")]


def axes_list(axes: Sequence[Mapping[str, Any]]) -> html.Ol:
    """Components: the values at both ends, their features, and whether they are retained."""
    return html.Ol(
        [
            html.Li(
                [
                    html.Strong(f"Component {row['component']}, {percent(row['share'])}"),
                    html.Span(
                        "" if row["share"] > row["noise"] else " – no more than permuted data",
                        className="quiet",
                    ),
                    html.Div(f"From {end_words(row['low'])}"),
                    html.Div(f"to {end_words(row['high'])}"),
                    html.Div(f"Features: {features_words(row)}", className="quiet"),
                ]
            )
            for row in axes
        ],
        className="axes",
    )


def scree_table(explained: Sequence[float], noise: Sequence[float]) -> html.Table:
    """Explained variance by component, and that of permuted data."""
    rows = [
        [str(index), percent(one), percent(other)]
        for index, (one, other) in enumerate(zip(explained, noise, strict=True), start=1)
    ]
    return table(("Component", "Explains", "Permuted data"), rows)
