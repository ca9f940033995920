"""Series in words: what is shown of each, of its incidents, of the next one, and of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from analytics.formats import (
    area_text,
    date_range,
    hour_name,
    hour_range,
    number,
    numbers,
    percent,
    percents,
    weekday_date,
    weekday_name,
)
from analytics.overview.daily_rows import LEVELS
from analytics.series.next_incident import HALF, MOST, NextArea, next_times
from analytics.series.series_circle import SeriesCircle
from analytics.series.series_rows import Act, CrimeSeries, SeriesState
from analytics.series.stored_series import SeriesRun
from analytics.series.why_linked import WhyLinked
from analytics.services import Pinned
from analytics.statistics.arrays import Ints

STATES = {
    SeriesState.PROPOSED: "Proposed",
    SeriesState.CONFIRMED: "Confirmed",
    SeriesState.REJECTED: "Rejected",
    SeriesState.MERGED: "Merged",
    SeriesState.LAPSED: "Not found again",
}
RUN_TROUBLES = {
    "no_days": "The data lacks days.",
    "no_places": "The data lacks places.",
    "no_kinds": "The data has none of the kinds in which series are sought.",
    "too_few": "Too few incidents to search.",
    "no_links": "Nothing: pairs of incidents are not closer in time than with dates permuted.",
}
MADE, FOUND = "made", "found"
"""What became of a chain of which a series was to be made."""
FOUND_STATES = {
    SeriesState.PROPOSED: "It is proposed: confirm it if its incidents belong together.",
    SeriesState.CONFIRMED: "It is confirmed.",
    SeriesState.REJECTED: (
        "It was rejected: the history says by whom. Confirm it if that was wrong, or split off the "
        "incidents that belong together."
    ),
    SeriesState.LAPSED: (
        "The newest run did not find it again: confirm it if its incidents belong together."
    ),
}
MOST_NAMED = 4
LEAST_SHARE = 0.05
"""A smaller one is not told apart from it by so few permutations."""
ACTS = {
    Act.PROPOSED: "Proposed",
    Act.UPDATED: "Found again with other incidents",
    Act.OFFERED: "Incidents proposed to be added",
    Act.LAPSED: "Not found again",
    Act.MADE: "Made",
    Act.CONFIRMED: "Confirmed",
    Act.NAMED: "Named",
    Act.REJECTED: "Rejected",
    Act.ADDED: "Incidents added",
    Act.REMOVED: "Incidents removed",
    Act.MERGED: "Merged",
    Act.SPLIT: "Split",
}


@dataclass(frozen=True)
class ShownSeries:
    """A series in words; `days` is empty where no incident is in the data."""

    series: CrimeSeries
    state: str
    kind: str
    days: str
    places: str
    chance: str


@dataclass(frozen=True)
class NextWords:
    """Where and when the next one is likely, in words."""

    half: str
    most: str
    hours: str
    days: str
    weekdays: str


def shown_series(
    pinned: Pinned, one: CrimeSeries, incidents: pl.DataFrame, run: SeriesRun | None
) -> ShownSeries:
    """A series with the days and areas of its incidents, by day."""
    chance = ""
    if one.false_share is not None:
        few = one.false_share < LEAST_SHARE
        chance = f"under {percent(LEAST_SHARE, 0)}" if few else percent(one.false_share, 0)
    return ShownSeries(
        one,
        STATES[one.state],
        run.result["title"]
        if run
        else one.kind.replace("_", " ").capitalize() or "Linked incidents",
        date_range(incidents["day"][0], incidents["day"][-1]) if incidents.height else "",
        _places(pinned, incidents),
        chance,
    )


def pattern_words(shown: ShownSeries, around: SeriesCircle, *, is_counted: bool) -> str:
    """What a bulletin of a series says before its counts, which may have none of its days."""
    size = len(shown.series.members)
    places = f", {shown.places}" if shown.places else ""
    said = f"{shown.series.title}: {number(size)} incidents, {shown.days}{places}. "
    said += f"The counts below are of all incidents{_of_kind(around)} in a circle around "
    if around.of_series < size:
        said += f"the densest part of the series, with {number(around.of_series)} of its incidents,"
    else:
        said += "them"
    if not is_counted:
        return f"{said} on the days before, since none of these days is complete yet."
    return f"{said} on the complete ones of these days, whether in the series or not."


def explore_words(found: CrimeSeries, around: SeriesCircle) -> str:
    """How the incidents on Explore differ from those of a series; empty where they do not."""
    size = len(found.members)
    if around.incidents == around.of_series == size:
        return ""
    return (
        f"Explore shows all {number(around.incidents)} incidents{_of_kind(around)} in a circle "
        f"around the series on its days: {number(around.of_series)} of them are among the "
        f"{number(size)} of the series."
    )


def _of_kind(around: SeriesCircle) -> str:
    return " of the kind" if around.selection.without({"near", "date"}) else ""


def found_words(found: CrimeSeries, chain: str) -> str:
    """What became of the chain of which a series was to be made; empty for other words."""
    if chain == MADE:
        return "A series was made of the chain's incidents, and confirmed."
    if chain == FOUND and found.state in FOUND_STATES:
        return f"This series has the chain's incidents already. {FOUND_STATES[found.state]}"
    return ""


def _places(pinned: Pinned, incidents: pl.DataFrame) -> str:
    """The areas of incidents, of the first level that the data has."""
    level = next((one for one in LEVELS if one not in pinned.snapshot.manifest.views_off), None)
    if level is None or not incidents.height:
        return ""
    keys = incidents[level].drop_nulls().unique().sort().to_list()
    named = ", ".join(pinned.vocabulary.label(level, key) for key in keys[:MOST_NAMED])
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return f"{pinned.vocabulary.labels[level]} {named}{more}" if keys else ""


def incident_rows(
    pinned: Pinned, members: pl.DataFrame, why: WhyLinked | None = None
) -> list[dict[str, Any]]:
    """Incidents by day, with the chance that each is linked to another one."""
    label = pinned.vocabulary.label
    return [
        {
            "id": row["id"],
            "day": weekday_date(row["day"]),
            "hour": "" if row["hour"] is None else hour_name(row["hour"]),
            "type": label("type", row["type"]),
            "how": row["description"] or "",
            "where": " · ".join(filter(None, (row["location_type"], row["block"]))),
            "chance": percent(why.chance[row["id"]], 0) if why and row["id"] in why.chance else "",
        }
        for row in members.iter_rows(named=True)
    ]


def days_of(members: pl.DataFrame) -> Ints:
    """Days of incidents as whole numbers."""
    return members["day"].to_physical().cast(pl.Int64).to_numpy()


def next_words(members: pl.DataFrame, area: NextArea, last: date) -> NextWords:
    """When and where the next one is likely, with data up to a last day."""
    hour = members["hour"].cast(pl.Int64).fill_null(-1).to_numpy()
    times = next_times(days_of(members), hour, members["weekday"].cast(pl.Int64).to_numpy())
    hours = "too few incidents have a known hour"
    if times.hours is not None:
        hours = (
            f"{hour_range(*times.hours)} ({number(times.in_hours)} of {number(times.known_hours)} "
            "incidents with a known hour)"
        )
    most = max(times.weekdays)
    named = [weekday_name(at) for at, one in enumerate(times.weekdays, 1) if one == most]
    return NextWords(
        area_text(area.km2(HALF)),
        area_text(area.km2(MOST)),
        hours,
        _days(members["day"][-1], times.gaps, last),
        f"most on {' and '.join(named)}" if most > 1 and len(named) < 3 else "",
    )


def _days(newest: date, gaps: tuple[float, float], last: date) -> str:
    low, high = (round(one) for one in gaps)
    between = "on the same day" if not high else f"{numbers(low, high)} days apart"
    told = f"the middle half of them are {between}"
    first, end = newest + timedelta(days=low), newest + timedelta(days=high)
    if end <= last:
        return f"{told}; that time has passed without a further one"
    return f"{told}, so {date_range(first, end)}"


def run_words(run: SeriesRun) -> dict[str, str]:
    """What the newest run of a kind found."""
    result = run.result
    fitted = result["model"]
    at = run.at[:16].replace("T", " ")
    if not run.kind:
        said = RUN_TROUBLES[result["trouble"]]
        return {"kind": "All kinds", "searched": "", "found": said, "model": "", "at": at}
    period = date_range(date.fromisoformat(result["first"]), date.fromisoformat(result["last"]))
    said = RUN_TROUBLES.get(result["trouble"] or "") or (
        f"{number(result['found'])} stand out, {number(result['by_chance'], 1)} by chance alone"
    )
    if result.get("left_out"):
        said += f"; {number(result['left_out'])} incidents in groups too large to search"
    return {
        "kind": result["title"],
        "searched": f"{number(result['incidents'])} incidents, {period}",
        "found": said,
        "model": "" if fitted is None else _model(result),
        "at": at,
    }


def _model(result: Mapping[str, Any]) -> str:
    """What the model was fitted on, and how well it tells pairs of offenders left out."""
    if not result["model"]["supervised"]:
        solved = result.get("solved")
        return f"{number(solved)} solved offenders: too few" if solved else "No solved cases"
    held_out = result["held_out"]
    words = f"Fitted on solved cases of {number(held_out['offenders'])} offenders"
    if held_out["auc"] is None:
        return words
    return (
        f"{words}; of offenders left out, AUC {number(held_out['auc'], 2)}, and "
        f"{percent(held_out['top_share'], 0)} of the likeliest pairs are linked"
    )


def tested_words(run: SeriesRun | None) -> str:
    """How often an incident came where earlier series of the kind said, beside what else would."""
    areas = run.result.get("areas") if run else None
    if not areas or not areas["areas"]:
        return ""
    hit = areas["hits"][MOST]
    said = (
        f"Tested on {number(areas['areas'])} earlier candidates of the kind: in "
        f"{percent(hit['value'], 0)} (95% interval {percents(hit['low'], hit['high'], 0)}) an "
        f"incident of the kind, by anybody, came into the area within {areas['days']} days. "
        f"In the kind's densest places nearby of the same size one came in "
        f"{percent(areas['densest'][MOST], 0)}, and at the area's usual rate it would be "
        f"{percent(areas['usual'][MOST], 0)}."
    )
    if areas["in_hours"] is not None:
        said += (
            f" Of those incidents {percent(areas['in_hours'], 0)} came in the predicted hours, "
            f"which are {percent(areas['hours_share'], 0)} of the day."
        )
    return said
