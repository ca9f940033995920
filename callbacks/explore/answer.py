"""The Explore page's answer to a gesture: its outputs by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from dash import html
from dash.development.base_component import Component

from analytics.crossfilter.block_list import BLOCKS, block_list
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.incidents_page import PageDays, page
from analytics.crossfilter.relative_dates import period_start
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY
from analytics.crossfilter.views import View, view
from analytics.formats import day_time
from analytics.incidents.model import AREA_LEVELS
from analytics.services import Pinned, Services
from callbacks.explore.map import map_answer, map_view, places_view
from callbacks.explore.map_blocks import blocks_answer
from callbacks.explore.map_notes import notes_switch, written_features
from callbacks.explore.map_points import points_answer
from callbacks.explore.options import ExploreOptions
from callbacks.explore.record import record_answer
from callbacks.explore.redraws import PARTS, REDRAWS
from callbacks.frame.chosen import chosen_keys, hours_selected
from callbacks.frame.framing import city_corners, frame_of
from callbacks.frame.headline import days_in_period, headline_numbers
from callbacks.frame.interventions import intervention_marks
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.timing import timed
from components.explore.days import bins, days_figure, days_patch
from components.explore.ids import ExploreIds
from components.explore.incident_table import (
    PAGE_ROWS,
    incident_list,
    page_range,
    row_count,
    table_columns,
)
from components.explore.layout import explore
from components.frame.blocks import block_table
from components.frame.figures.bars import bar_list
from components.frame.figures.hours import hours_figure, hours_note, hours_patch
from components.frame.headline import headline
from components.frame.lacking import lacking_words
from components.frame.tables import bins_table, hours_table, months_table

Frames = Mapping[str, pl.DataFrame]
DISCOVERED = frozenset({"BURGLARY", "MOTOR VEHICLE THEFT", "THEFT"})
"""Often noticed only later: where a source gives one time, it may be the time of discovery."""
CARDS = {
    "map": ExploreIds.MAP_CARD,
    "hour_weekday": ExploreIds.HOURS_CARD,
    "offenses": ExploreIds.OFFENSES_CARD,
    "areas": ExploreIds.AREAS_CARD,
    "day": ExploreIds.DAYS_CARD,
}
"""Card by the role of the view that it draws."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    settings = services.settings
    return explore(
        pinned.snapshot.manifest,
        settings,
        period_start=period_start(settings),
        bounds=city_corners(pinned),
        named=pinned.area_names.keys(),
        marks=intervention_marks(services),
    )


def answer(question: Question) -> dict[str, Any]:
    """Outputs of the parts that the gesture redraws."""
    given = ExploreOptions.of(question.raw, question.manifest)
    options = given.moved_to(frame_of(question.pinned, question.selection, given.framed))
    outputs = answer_parts(question, options, question.parts(REDRAWS))
    views = views_of(question, options, PARTS)
    captions = {card: views.get(role, BLOCKS).owns for role, card in CARDS.items()}
    if "rows" in outputs:
        outputs["nothing_matches"] = outputs["rows"] == []
    return outputs | {"captions": captions}


def answer_parts(
    question: Question, options: ExploreOptions, parts: frozenset[str]
) -> dict[str, Any]:
    """Outputs of some parts; their views are counted in one scan."""
    wanted = views_of(question, options, parts)
    with timed("engine"):
        frames = question.pinned.crossfilter.counts(
            EVERYTHING, question.selection, list(wanted.values())
        )
    found = {role: frames[shown.name] for role, shown in wanted.items()}
    empty = {
        CARDS[role]: not found[role]["incidents"].sum()
        for role in ("hour_weekday", "day")
        if role in found
    }
    return draw(parts, ANSWERS, question, options, found) | {"empty": empty}


def views_of(question: Question, options: ExploreOptions, parts: frozenset[str]) -> dict[str, View]:
    """Views that the parts need, by their role."""
    attributes = question.pinned.attributes
    wanted: dict[str, View] = {}
    if parts & {"headline", "days", "table"}:
        wanted["day"] = view("day")
    if "hours" in parts:
        wanted |= {name: view(name) for name in ("hour_weekday", "hour", "weekday")}
    if "offenses" in parts:
        wanted["offenses"] = view(options.offenses, attributes)
    if "areas" in parts and options.areas != "block":
        wanted["areas"] = view(options.areas)
    if "map" in parts:
        wanted["map"] = map_view(options)
        if options.shows_points:
            wanted["places"] = places_view(options)
    return wanted


def _headline(question: Question, _options: ExploreOptions, found: Frames) -> dict[str, Any]:
    numbers = headline_numbers(found["day"], question.selection, question.manifest)
    if numbers.harm_days:
        # As the scope, the selection's own filter on type applies here too.
        types = question.pinned.crossfilter.counts(Scope(question.selection), EMPTY, [view("type")])
        ordered = types["type"].sort("harm", descending=True)
        everything = question.pinned.crossfilter.counts(EVERYTHING, EMPTY, [view("total")])["total"]
        numbers = replace(
            numbers,
            harm_types=tuple(ordered.select("type", "harm").iter_rows()),
            harm_of_all=int(everything["harm"].sum()) / int(everything["incidents"].sum()),
            residents=_residents(question),
        )
    return {"headline": headline(numbers)}


def _residents(question: Question) -> int | None:
    """Residents of the city, if they are known and the selection is not of a part of it."""
    if any(question.selection.get(name) for name in (*AREA_LEVELS, *PLACE)):
        return None
    known = [outline.residents for outline in question.manifest.outlines.values()]
    return max((residents for residents in known if residents), default=None)


def _map(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    pinned, selection = question.pinned, question.selection
    if options.shows_points:
        shown = points_answer(pinned, selection, options, found["map"], found["places"])
    elif options.map == "block":
        shown = blocks_answer(pinned, selection, options, found["map"])
    else:
        shown = map_answer(pinned, selection, options, found["map"])
    outputs: dict[str, Any] = {"map": shown.state, "legend": shown.legend, "map_note": shown.note}
    if written := written_features(question.services):
        features = [] if options.hides_notes else written
        shown.state["notes"] = {"type": "FeatureCollection", "features": features}
        switch = notes_switch(len(written), hidden=options.hides_notes)
        outputs["map_note"] = [html.Span(shown.note), switch]
    if "map" in options.numbers:
        chosen = chosen_keys(selection, shown.dimension)
        table = bins_table(shown.frame, shown.dimension, chosen, dict(shown.names))
        sampled = html.P(shown.note, className="figure-note") if options.shows_points else None
        outputs["map_numbers"] = [sampled, table] if sampled else table
    return outputs


def _hours(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    selection, theme = question.selection, options.theme
    chosen = hours_selected(selection, question.manifest)
    frames = (found["hour_weekday"], found["hour"], found["weekday"])
    outputs: dict[str, Any] = {
        "hours": hours_patch(*frames, chosen, theme),
        "hours_note": hours_note(frames[0], frames[1], chosen, discovered=_discovered(question)),
    }
    if question.redraw:
        outputs["hours"] = apply_patch(hours_figure(theme), outputs["hours"])
    if "hours" in options.numbers:
        outputs["hours_numbers"] = hours_table(frames[0], chosen)
    return outputs


def _discovered(question: Question) -> bool:
    """Whether the hours shown are mostly times of discovery."""
    types = chosen_keys(question.selection, "type")
    return "occurred_to" in question.manifest.views_off and bool(types) and types <= DISCOVERED


def _offenses(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    dimension = options.offenses.partition(":")[0]
    return {"offenses": _bars(question, found["offenses"], dimension)}


def _areas(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    dimension = options.areas
    if question.lacks(dimension):
        return {"areas": lacking_words(question.manifest, dimension)}
    if dimension == "block":
        pinned, selection = question.pinned, question.selection
        blocks = block_list(pinned.reader, pinned.crossfilter, selection, options.block_sort)
        chosen = chosen_keys(selection, "block")
        return {"areas": block_table(blocks, options.block_sort, chosen)}
    return {"areas": _bars(question, found["areas"], dimension)}


def _bars(question: Question, frame: pl.DataFrame, dimension: str) -> list[Any]:
    labels = {
        key: question.pinned.vocabulary.label(dimension, key)
        for key in frame[dimension].to_list()
        if key != "unknown"
    }
    chosen = chosen_keys(question.selection, dimension)
    return bar_list(frame, dimension, selected=chosen, labels=labels, limit=100)


def _days(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    manifest, theme = question.manifest, options.theme
    first, last = manifest.first_day, manifest.last_day
    if first is None or last is None:
        return {}
    chosen = question.selection.get("date")
    cut = bins(first, last, period_start(question.services.settings))
    patch = days_patch(
        found["day"],
        cut,
        period=question.selection.period(manifest) if chosen else None,
        provisional_from=manifest.provisional_day,
        theme=theme,
    )
    outputs: dict[str, Any] = {"days": patch}
    if question.redraw:
        marks = intervention_marks(question.services)
        whole = days_figure(theme, cut, manifest.provisional_day, marks)
        outputs["days"] = apply_patch(whole, patch)
    if "days" in options.numbers:
        outputs["days_numbers"] = months_table(
            found["day"], selected=chosen_keys(question.selection, "date")
        )
    return outputs


def _table(question: Question, options: ExploreOptions, found: Frames) -> dict[str, Any]:
    manifest = question.manifest
    days = days_in_period(found["day"], question.selection.period(manifest))
    total = int(days["incidents"].sum())
    offset = min(options.offset, max(0, total - 1) // PAGE_ROWS * PAGE_ROWS)
    fields = [
        column["field"]
        for column in table_columns(manifest)
        if options.large or not column.get("hide")
    ]
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
    formatted = _formatted(_with_names(question.pinned, rows)).to_dicts()
    return {
        "rows": formatted,
        "list": incident_list(formatted) if options.narrow else [],
        "range": page_range(offset, rows.height, total),
        "page_rows": row_count(rows.height),
        "list_rows": row_count(total),
        "previous_off": offset == 0,
        "next_off": offset + rows.height >= total,
    }


def _with_names(pinned: Pinned, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the names of areas in place of their keys, such as `Austin (25)`."""
    label = pinned.vocabulary.label
    return rows.with_columns(
        pl.col(level).replace(
            {key: label(level, key) for key in rows[level].unique() if key in names}
        )
        for level, names in pinned.area_names.items()
        if level in rows.columns
    )


def _formatted(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with times without seconds, and yes or no for flags."""
    times = pl.selectors.datetime()
    flags = pl.selectors.boolean()
    return rows.with_columns(
        times.map_elements(day_time, return_dtype=pl.String),
        pl.when(flags).then(pl.lit("yes")).when(flags.not_()).then(pl.lit("no")).name.keep(),
    )


ANSWERS: Answers = {
    "headline": _headline,
    "map": _map,
    "hours": _hours,
    "offenses": _offenses,
    "areas": _areas,
    "days": _days,
    "table": _table,
    "record": lambda question, options, _found: record_answer(question, options),
}


def apply_patch(figure: Any, patch: Any) -> dict[str, Any]:
    """Apply a patch to a whole figure on the server."""
    whole: dict[str, Any] = figure.to_plotly_json()
    for operation in patch.to_plotly_json()["operations"]:
        *path, last = operation["location"]
        target: Any = whole
        for step in path:
            target = target[step]
        target[last] = operation["params"]["value"]
    return whole
