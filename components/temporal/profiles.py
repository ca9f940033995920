"""Card of temporal profiles: list, map and weeks, or why there are none yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.formats import hour_range, number, percent
from analytics.temporal.profile_names import WEEKEND, WORKDAYS, ProfileKind, kind_of_profile
from components.frame.attributes import choice
from components.frame.card import graph
from components.frame.jobs import JobSummary, job_list
from components.frame.peaks import weekday_words
from components.frame.theme import Theme
from components.temporal.ids import TemporalIds
from components.temporal.profile_figures import (
    profile_color,
    profile_weeks_figure,
    profiles_map_figure,
)

MOST_TYPES = 5
MEANINGS = {
    ProfileKind.NIGHT_TIME_ECONOMY: "{weekend} {hours} are clearly above the city.",
    ProfileKind.NIGHTS: "{hours} is clearly above the city on all days.",
    ProfileKind.EVENINGS: "{hours} is clearly above the city.",
    ProfileKind.COMMUTER: (
        "Weekday mornings and late afternoons are above the city, the hours between are not."
    ),
    ProfileKind.WEEKDAY_DAYTIME: (
        "{workdays} {hours} are clearly above the city, weekends are not."
    ),
    ProfileKind.DAYTIME: "{hours} is clearly above the city, weekends included.",
    ProfileKind.WEEKEND: "{weekend} are clearly above the city.",
    ProfileKind.LATER: "Like the city, with somewhat more at night.",
    ProfileKind.EARLIER: "Like the city, with somewhat less at night.",
    ProfileKind.LIKE_THE_CITY: "No hours are clearly above or below the city.",
}
HOURS = {
    ProfileKind.NIGHT_TIME_ECONOMY: (0, 4),
    ProfileKind.NIGHTS: (22, 5),
    ProfileKind.EVENINGS: (18, 22),
    ProfileKind.WEEKDAY_DAYTIME: (9, 17),
    ProfileKind.DAYTIME: (9, 18),
}


def meaning(kind: ProfileKind) -> str:
    """What a kind of profile stands for: `10 PM–5 AM is clearly above the city on all days.`"""
    return MEANINGS[kind].format(
        hours=hour_range(*HOURS[kind]) if kind in HOURS else "",
        workdays=weekday_words(WORKDAYS),
        weekend=weekday_words(WEEKEND),
    )


@dataclass(frozen=True)
class TemporalProfile:
    """One profile: selected incidents at its places, and the crime types nearest to it."""

    number: int
    key: str
    name: str
    cells: int
    jaccard: float
    incidents: int
    total: int
    types: tuple[str, ...]
    chosen: bool


def profiles_list(profiles: Sequence[TemporalProfile], note: str) -> list[Component]:
    """Profiles as filter buttons with their numbers, and a note about the version."""
    return [
        html.Ul([_line(one) for one in profiles], className="profile-list", role="list"),
        html.P(note, className="figure-note"),
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
        graph(TemporalIds.PROFILES_MAP, profiles_map_figure(geojson, names, theme), "profile-map"),
        graph(
            TemporalIds.PROFILES_WEEKS,
            profile_weeks_figure(hours, list(names.values()), theme),
            "profile-weeks",
            style={"height": f"{170 * rows}px"},
        ),
    ]


def no_profiles(
    refused: Sequence[str], act: str, *, jobs: Sequence[JobSummary], no_worker: bool
) -> html.Div:
    """Why there is no champion, and the button that trains one.

    Parameters
    ----------
    refused
        Why the last version failed its promotion checks; empty if there is none.
    act
        Name of the button's action.
    jobs
        Open trainings; the page polls while there are any.
    no_worker
        Whether jobs wait and no worker is running.
    """
    why: list[Component] = (
        [
            html.P("The last version failed its promotion checks:"),
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
        [*why, ask, job_list(jobs, no_worker=no_worker) if jobs else None], className="empty-state"
    )


def _line(one: TemporalProfile) -> html.Li:
    part = percent(one.incidents / one.total) if one.total else percent(None)
    types = ", ".join(one.types[:MOST_TYPES])
    more = f" and {len(one.types) - MOST_TYPES} more" if len(one.types) > MOST_TYPES else ""
    kind = kind_of_profile(one.name)
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
            html.Span(meaning(kind), className="quiet") if kind else None,
            html.Span(f"Types with a similar profile: {types}{more}.", className="quiet")
            if types
            else None,
        ]
    )
