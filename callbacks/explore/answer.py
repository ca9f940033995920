"""The Explore page's answer to a selection: one dictionary of outputs, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.extent import extent
from analytics.crossfilter.incidents_page import PageDays, page
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY
from analytics.crossfilter.views import View, view
from analytics.formats import day_time
from analytics.services import Pinned, Services
from callbacks.explore.map import map_answer, map_view, places_view
from callbacks.explore.map_points import points_answer
from callbacks.frame.chosen import hours_selected, words
from callbacks.frame.headline import days_in_period, headline_facts
from callbacks.frame.question import Question
from callbacks.frame.timing import timed
from components.explore.days import days_figure, days_patch
from components.explore.ids import ExploreIds
from components.explore.incident_table import PAGE_ROWS, incident_list, page_range, table_columns
from components.explore.layout import explore
from components.frame.figures.bars import bar_list
from components.frame.figures.hours import hours_figure, hours_note, hours_patch
from components.frame.headline import headline
from components.frame.tables import bins_table, hours_table, months_table

# Found out later: where the source has no span, its one time is often that of discovery.
DISCOVERED = frozenset({"BURGLARY", "MOTOR VEHICLE THEFT", "THEFT"})
PARTS = frozenset({"headline", "map", "hours", "offenses", "areas", "days", "table"})
# What an option changes; anything else a gesture does changes every part.
PART_OF_OPTION = {
    "offenses": {"offenses"},
    "areas": {"areas"},
    "map": {"map"},
    "measure": {"map"},
    "size": {"map"},
    "bounds": {"map"},
    "narrow": {"table"},
    "sort": {"table"},
    "desc": {"table"},
    "offset": {"table"},
    "numbers": {"map", "hours", "days"},
    "theme": {"map", "hours", "days"},
}
CARDS = {
    "map": ExploreIds.MAP_CARD,
    "hour_weekday": ExploreIds.HOURS_CARD,
    "offenses": ExploreIds.OFFENSES_CARD,
    "areas": ExploreIds.AREAS_CARD,
    "day": ExploreIds.DAYS_CARD,
}
"""The card that draws a view, by the role the view plays."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    return explore(pinned.snapshot.manifest, services.settings, bounds=extent(pinned.reader))


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture changes."""
    outputs = answer_parts(question, question.parts(PARTS, PART_OF_OPTION))
    views = views_of(question, PARTS)
    drawn = {card: views[role].owns for role, card in CARDS.items()}
    return outputs | {"nothing_matches": outputs.get("rows") == [], "drawn": drawn}


def answer_parts(question: Question, parts: frozenset[str]) -> dict[str, Any]:
    """Outputs by name for the parts asked for."""
    wanted = views_of(question, parts)
    with timed("engine"):
        frames = question.pinned.crossfilter.counts(
            EVERYTHING, question.selection, list(wanted.values())
        )
    found = {role: frames[shown.name] for role, shown in wanted.items()}
    outputs: dict[str, Any] = {}
    for part in PARTS & parts:
        outputs |= _ANSWERS[part](question, found)
    return outputs


def views_of(question: Question, parts: frozenset[str]) -> dict[str, View]:
    """The views the parts need, by the role they play."""
    options, attributes = question.options, question.pinned.attributes
    wanted: dict[str, View] = {}
    if parts & {"headline", "days", "table"}:
        wanted["day"] = view("day")
    if "hours" in parts:
        wanted |= {name: view(name) for name in ("hour_weekday", "hour", "weekday")}
    if "offenses" in parts:
        wanted["offenses"] = view(options.offenses, attributes)
    if "areas" in parts:
        wanted["areas"] = view(options.areas)
    if "map" in parts:
        wanted["map"] = map_view(options)
        if options.shows_points:
            wanted["places"] = places_view(options)
    return wanted


def _headline(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    facts = headline_facts(found["day"], question.selection, question.manifest)
    if facts.harm_days:
        # Every clause applies here, also those the view would own: hence the scope.
        types = question.pinned.crossfilter.counts(Scope(question.selection), EMPTY, [view("type")])
        ordered = types["type"].sort("harm", descending=True)
        facts = replace(facts, harm_types=tuple(ordered.select("type", "harm").iter_rows()))
    return {"headline": headline(facts)}


def _map(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    pinned, selection, options = question.pinned, question.selection, question.options
    if options.shows_points:
        shown = points_answer(pinned, selection, options, found["map"], found["places"])
    else:
        shown = map_answer(pinned, selection, options, found["map"])
    outputs: dict[str, Any] = {"map": shown.state, "legend": shown.legend, "map_note": shown.note}
    if "map" in options.numbers:
        chosen = words(selection, shown.dimension)
        table = bins_table(shown.frame, shown.dimension, chosen, dict(shown.names))
        sampled = html.P(shown.note, className="figure-note") if options.shows_points else None
        outputs["map_numbers"] = [sampled, table] if sampled else table
    return outputs


def _hours(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    selection, theme = question.selection, question.options.theme
    chosen = hours_selected(selection, question.manifest)
    frames = (found["hour_weekday"], found["hour"], found["weekday"])
    outputs: dict[str, Any] = {
        "hours": hours_patch(*frames, chosen, theme),
        "hours_note": hours_note(frames[0], frames[1], chosen, discovered=_discovered(question)),
    }
    if question.redraw:
        outputs["hours"] = patched(hours_figure(theme), outputs["hours"])
    if "hours" in question.options.numbers:
        outputs["hours_numbers"] = hours_table(frames[0], chosen)
    return outputs


def _discovered(question: Question) -> bool:
    """Whether the hours shown are mostly those at which people found out."""
    types = words(question.selection, "type")
    return "occurred_to" in question.manifest.views_off and bool(types) and types <= DISCOVERED


def _offenses(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    dimension = question.options.offenses.partition(":")[0]
    return {"offenses": _bars(question, found["offenses"], dimension)}


def _areas(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    dimension = question.options.areas
    if question.off(dimension):
        return {"areas": question.manifest.views_off[dimension]}
    return {"areas": _bars(question, found["areas"], dimension)}


def _bars(question: Question, frame: pl.DataFrame, dimension: str) -> list[Any]:
    labels = {
        key: question.pinned.vocabulary.label(dimension, key)
        for key in frame[dimension].to_list()
        if key != "unknown"
    }
    chosen = words(question.selection, dimension)
    return bar_list(frame, dimension, selected=chosen, labels=labels, limit=100)


def _days(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    manifest, theme = question.manifest, question.options.theme
    first, last = manifest.first_day, manifest.last_day
    if first is None or last is None:
        return {}
    chosen = question.selection.get("date")
    patch = days_patch(
        found["day"],
        first=first,
        last=last,
        period=question.selection.period(manifest) if chosen else None,
        provisional_from=manifest.provisional_day,
        theme=theme,
    )
    outputs: dict[str, Any] = {"days": patch}
    if question.redraw:
        whole = days_figure(theme, first, last, manifest.provisional_day)
        outputs["days"] = patched(whole, patch)
    if "days" in question.options.numbers:
        outputs["days_numbers"] = months_table(
            found["day"], selected=words(question.selection, "date")
        )
    return outputs


def _table(question: Question, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    options, manifest = question.options, question.manifest
    days = days_in_period(found["day"], question.selection.period(manifest))
    total = int(days["incidents"].sum())
    offset = min(options.offset, max(0, total - 1) // PAGE_ROWS * PAGE_ROWS)
    fields = [column["field"] for column in table_columns(manifest)]
    with timed("rows"):
        rows = page(
            question.pinned.reader,
            EVERYTHING,
            question.selection,
            sort=options.sort if options.sort in fields else "occurred_from",
            descending=options.descending,
            offset=offset,
            limit=PAGE_ROWS,
            columns=fields,
            days=PageDays.of(days, offset=offset, limit=PAGE_ROWS, descending=options.descending),
        )
    legible = _legible(rows).to_dicts()
    return {
        "rows": legible,
        "list": incident_list(legible) if options.narrow else [],
        "range": page_range(offset, rows.height, total),
        "previous_off": offset == 0,
        "next_off": offset + rows.height >= total,
    }


def _legible(rows: pl.DataFrame) -> pl.DataFrame:
    """Times without seconds, yes and no for flags."""
    times = pl.selectors.datetime()
    flags = pl.selectors.boolean()
    return rows.with_columns(
        times.map_elements(day_time, return_dtype=pl.String),
        pl.when(flags).then(pl.lit("yes")).when(flags.not_()).then(pl.lit("no")).name.keep(),
    )


_ANSWERS = {
    "headline": _headline,
    "map": _map,
    "hours": _hours,
    "offenses": _offenses,
    "areas": _areas,
    "days": _days,
    "table": _table,
}


def patched(figure: Any, patch: Any) -> dict[str, Any]:
    """A whole figure with a patch applied on the server."""
    whole: dict[str, Any] = figure.to_plotly_json()
    for operation in patch.to_plotly_json()["operations"]:
        *path, last = operation["location"]
        target: Any = whole
        for step in path:
            target = target[step]
        target[last] = operation["params"]["value"]
    return whole
