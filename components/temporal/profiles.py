"""Temporal profiles: a map, a week each, a list that filters; or how to get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import number, percent
from analytics.temporal.profile_names import meaning_of
from components.frame.attributes import choice
from components.frame.card import graph_config
from components.frame.jobs import JobFact, work_list
from components.frame.theme import Theme
from components.temporal.ids import TemporalIds
from components.temporal.profile_figures import (
    profile_color,
    profile_weeks_figure,
    profiles_map_figure,
)

MOST_TYPES = 5


@dataclass(frozen=True)
class TemporalProfile:
    """One profile; `incidents` are the chosen ones at its places, `types` those nearest to it."""

    number: int
    key: str
    name: str
    cells: int
    jaccard: float
    incidents: int
    total: int
    types: tuple[str, ...]
    chosen: bool


def profiles_list(profiles: Sequence[TemporalProfile], facts: str) -> list[Component]:
    """Names that choose, with their figures; `facts` is what the version is and showed."""
    return [
        html.Ul([_line(one) for one in profiles], className="profile-list", role="list"),
        html.P(facts, className="figure-note"),
    ]


def profiles_figures(
    names: Mapping[str, str], hours: pl.DataFrame, geojson: Mapping[str, Any], theme: Theme
) -> list[Component]:
    """Map and weeks of all profiles.

    Parameters
    ----------
    names
        By number.
    hours
        label, weekday, hour, share, city_share.
    """
    rows = -(-len(names) // 2)
    return [
        dcc.Graph(
            id=TemporalIds.PROFILES_MAP,
            figure=profiles_map_figure(geojson, names, theme),
            config=graph_config(),
            responsive=True,
            className="graph profile-map",
        ),
        dcc.Graph(
            id=TemporalIds.PROFILES_WEEKS,
            figure=profile_weeks_figure(hours, list(names.values()), theme),
            config=graph_config(),
            responsive=True,
            className="graph profile-weeks",
            style={"height": f"{170 * rows}px"},
        ),
    ]


def no_profiles(
    refused: Sequence[str], act: str, *, jobs: Sequence[JobFact], nobody: bool
) -> html.Div:
    """There is no champion: why, and the button that asks for one.

    Parameters
    ----------
    refused
        What the gates said to the last version; empty where there is none.
    act
        What the button does.
    jobs
        Those under way; the page asks again while there is any.
    nobody
        Whether no worker takes the work.
    """
    why: list[Component] = (
        [
            html.P("The last version was refused:"),
            html.Ul([html.Li(one) for one in refused], className="sentences"),
        ]
        if refused
        else [
            html.P(
                "Temporal profiles are not trained for this data yet. Training takes about half a "
                "minute."
            )
        ]
    )
    asks: dict[str, Any] = {"data-act": act}
    ask = html.Form(
        html.Button("Train now", type="submit", className="button", disabled=bool(jobs)),
        **asks,
    )
    return html.Div(
        [*why, ask, work_list(jobs, nobody=nobody) if jobs else None], className="empty-state"
    )


def _line(one: TemporalProfile) -> html.Li:
    part = percent(one.incidents / one.total) if one.total else percent(None)
    types = ", ".join(one.types[:MOST_TYPES])
    more = f" and {len(one.types) - MOST_TYPES} more" if len(one.types) > MOST_TYPES else ""
    meaning = meaning_of(one.name)
    return html.Li(
        [
            html.Button(
                [
                    html.Span(
                        className="swatch", style={"backgroundColor": profile_color(one.number)}
                    ),
                    one.name,
                ],
                type="button",
                className="sentence-button profile-name",
                **choice("temporal_profile", one.key, chosen=one.chosen),
            ),
            html.Span(
                f"{number(one.incidents)} incidents, {part}; {number(one.cells)} cells; "
                f"bootstrap Jaccard {number(one.jaccard, 2)}",
                className="profile-figures",
            ),
            html.Span(f"{meaning[:1].upper()}{meaning[1:]}.", className="quiet")
            if meaning
            else None,
            html.Span(f"Types with a similar profile: {types}{more}.", className="quiet")
            if types
            else None,
        ]
    )
