"""The Overview's first answer: what one scan gives. The rest follows when the page asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.crossfilter.block_list import SORTS, block_list
from analytics.crossfilter.codes import BLOCK
from analytics.formats import hour_name, number, short_date
from analytics.overview.daily import Table
from analytics.overview.daily_rows import LEVELS
from analytics.services import Pinned, Services
from analytics.statistics.two_periods import NotComparable, Period
from analytics.temporal.series import Step, series
from analytics.temporal.weekly_hours import OWNED
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.interventions import intervention_marks
from callbacks.frame.no_matches import all_empty
from callbacks.frame.options import one_of
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from callbacks.frame.timing import timed
from callbacks.overview.measures import OverviewMeasures, ordered
from callbacks.overview.redraws import FIRST, REDRAWS
from callbacks.overview.sources import data_lines, model_lines
from components.frame.blocks import block_table
from components.frame.lacking import lacking_words
from components.frame.peaks import no_peaks, peak_sentence, peaks_span
from components.frame.tables import table
from components.frame.variables import VARIABLES
from components.overview.cards import (
    CountRow,
    brief,
    count_table,
    note,
    paragraphs,
    waiting,
)
from components.overview.figures import Shaded, hours_figure, weeks_figure
from components.overview.headline import headline
from components.overview.ids import OverviewIds
from components.overview.layout import area_levels, overview
from components.overview.sentences import (
    chance_note,
    described_sentence,
    expected_sentence,
    harm_sentence,
    outstanding_sentence,
    then_words,
    total_sentence,
)

MOST_AREAS = 12
MOST_TYPES = 10
SHOWN_WEEKS = 109
MOST_WEEKS = 320


def layout(_services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    return overview(area_levels(pinned.snapshot.manifest.views_off, (*LEVELS, BLOCK)))


OF_PERIOD = (
    OverviewIds.BRIEF_CARD,
    OverviewIds.MAP_CARD,
    OverviewIds.GROUPS_CARD,
    OverviewIds.AREAS_CARD,
    OverviewIds.TYPES_CARD,
    OverviewIds.HOURS_CARD,
    OverviewIds.ZONES_CARD,
    OverviewIds.UNUSUAL_CARD,
    OverviewIds.REPEATS_CARD,
)
"""Cards that show nothing if no incident is counted."""


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws."""
    measures, parts = OverviewMeasures(question), question.parts(REDRAWS)
    first, later = parts & FIRST, parts - FIRST
    captions: dict[str, Any] = {OverviewIds.WEEKS_CARD: ("date",)}
    if measures.reporting is None:
        nothing = brief([("No day of the data is chosen.", "Explore", "/explore")])
        outputs: dict[str, Any] = {"brief": nothing} if first else {}
    else:
        with timed("overview"):
            outputs = draw(first, ANSWERS, measures)
        none, all_days = not measures.incidents, measures.total_table.incidents(measures.covered)
        outputs["nothing_matches"] = none
        outputs["empty"] = all_empty(OF_PERIOD, none) | {
            OverviewIds.WEEKS_CARD: not sum(all_days.values())
        }
        captions[OverviewIds.MAP_CARD] = measures.reporting.of(question.selection)
        captions[OverviewIds.HOURS_CARD] = measures.reporting.of(question.selection).without(OWNED)
    return outputs | draw(later, ANSWERS, measures) | {"captions": captions}


def _headline(measures: OverviewMeasures) -> dict[str, Any]:
    assert measures.reporting is not None  # noqa: S101 - checked before
    harm = measures.harm if measures.has_harm else None
    return {"headline": headline(measures.incidents, measures.reporting, measures.total, harm)}


def _brief(measures: OverviewMeasures) -> dict[str, Any]:
    assert measures.reporting is not None  # noqa: S101
    before, here = then_words(measures.reporting), measures.explore()
    total = measures.total
    said = [
        (total_sentence(measures.incidents, measures.reporting), "Explore", here),
        (expected_sentence(total, measures.reporting), "Temporal", "/temporal"),
        (described_sentence(total, measures.reporting), "Temporal", "/temporal#other=year"),
    ]
    one = "offense group"
    labels = measures.labels("group", measures.daily.groups.keys)
    groups = outstanding_sentence(measures.table("groups"), labels, one, f"{one}s")
    said.append((groups, "Explore", here))
    if measures.has_areas:
        words = VARIABLES[measures.level]
        labels = measures.labels(measures.level, measures.daily.areas.keys)
        areas = outstanding_sentence(measures.table("areas"), labels, words.one, words.many)
        said.append((areas, "Explore", here))
    if measures.has_harm:
        said.append((harm_sentence(measures.harm, before), "Explore", f"{here}#measure=harm"))
    return {"brief": brief(said)}


def _weeks(measures: OverviewMeasures) -> dict[str, Any]:
    assert measures.reporting is not None  # noqa: S101
    reporting, total = measures.reporting, measures.total_table
    days = total.frame()
    step: Step = "month" if reporting.months_only else "week"
    found = series(
        days, measures.covered, step, reporting.provisional_from, per_day=not reporting.months_only
    )
    weeks = found.frame
    since = min(measures.period[0], weeks["start"][-min(SHOWN_WEEKS, weeks.height)])
    shown = weeks.filter(pl.col("end") >= since).tail(MOST_WEEKS)
    begin = shown["start"][0]
    shaded = [
        Shaded((max(period[0], begin), period[1]), label, counted=label == "counted")
        for period, label in (
            (reporting.period, "counted"),
            (reporting.before, ""),
            (reporting.last_year, "a year earlier"),
        )
        if period[1] >= begin
    ]
    rows = [(short_date(row["start"]), number(row["incidents"])) for row in shown.to_dicts()]
    marks = intervention_marks(measures.question.services)
    return {
        "weeks": weeks_figure(shown, shaded, measures.theme, marks),
        "weeks_numbers": table((f"{step.capitalize()} from", "Incidents"), rows),
    }


def _groups(measures: OverviewMeasures) -> dict[str, Any]:
    return {"groups": _table(measures, "groups", "group", measures.daily.groups, MOST_TYPES)}


def _types(measures: OverviewMeasures) -> dict[str, Any]:
    return {"types": _table(measures, "types", "type", measures.daily.types, MOST_TYPES)}


def _areas(measures: OverviewMeasures) -> dict[str, Any]:
    question, reporting = measures.question, measures.reporting
    if question.raw.get("areas") == BLOCK and not question.lacks(BLOCK) and reporting:
        sort = one_of(question.raw.get("block_sort"), SORTS)
        pinned, selection = question.pinned, reporting.of(measures.selection)
        found = block_list(pinned.reader, pinned.crossfilter, selection, sort)
        return {"areas": block_table(found, sort, chosen_keys(selection, BLOCK), MOST_AREAS)}
    if not measures.has_areas:
        return {"areas": []}
    return {"areas": _table(measures, "areas", measures.level, measures.daily.areas, MOST_AREAS)}


def _table(
    measures: OverviewMeasures, name: str, dimension: str, table: Table, most: int
) -> list[Component | None]:
    counted: Period = measures.period
    found = measures.table(name)
    keys = ordered(table, counted, found, most)
    labels, incidents = measures.labels(dimension, keys), table.incidents(counted)
    rows = [
        CountRow(
            key,
            labels[key],
            measures.explore(dimension, key),
            incidents[key],
            found if isinstance(found, NotComparable) else found.rows[key],
        )
        for key in keys
    ]
    left = sum(1 for key, count in incidents.items() if count and key not in keys)
    shown = count_table(rows, VARIABLES[dimension].label, left=left)
    return [shown, note(chance_note(measures.expectations, name, measures.period))]


def _hours(measures: OverviewMeasures) -> dict[str, Any]:
    if measures.question.lacks("hour"):
        return {"peaks": paragraphs([lacking_words(measures.question.manifest, "hour")])}
    before = measures.usual_hours
    usual = before.tolist() if before is not None else None
    now = measures.hours.tolist()
    head = ("Hour", "A day", "In the year before")
    rows = [
        (hour_name(hour), number(now[hour], 2), number(usual[hour] if usual else None, 2))
        for hour in range(24)
    ]
    return {
        "hours": hours_figure(now, usual, measures.theme),
        "hours_numbers": table(head, rows),
        "peaks": paragraphs(_peaks(measures)),
    }


def _peaks(measures: OverviewMeasures) -> list[str]:
    assert measures.reporting is not None  # noqa: S101
    weeks = measures.peak_weeks
    if measures.peaks:
        return [peaks_span(weeks), *(peak_sentence(peak) for peak in measures.peaks)]
    every = measures.selection.without(OWNED) != measures.selection
    return [no_peaks(weeks, measures.peak_days, chosen=measures.reporting.chosen, every=every)]


def _data(measures: OverviewMeasures) -> dict[str, Any]:
    return {"data": data_lines(measures)}


def _models(measures: OverviewMeasures) -> dict[str, Any]:
    return {"models": model_lines(measures.question)}


def _map(measures: OverviewMeasures) -> dict[str, Any]:
    """The map of the second answer in other colors."""
    if measures.reporting is None or not measures.incidents:
        return {}
    return {"map": import_module("callbacks.overview.map").map_answer(measures)["map"]}


def _mark(_measures: OverviewMeasures) -> dict[str, Any]:
    return {"later": waiting()}


def _deferred(measures: OverviewMeasures) -> dict[str, Any]:
    """The parts that take longer; their module loads with the first of them."""
    found: dict[str, Any] = import_module("callbacks.overview.deferred").deferred_answer(measures)
    return found


ANSWERS: Answers = {
    "headline": _headline,
    "brief": _brief,
    "weeks": _weeks,
    "groups": _groups,
    "areas": _areas,
    "types": _types,
    "hours": _hours,
    "data": _data,
    "models": _models,
    "map": _map,
    "mark": _mark,
    "deferred": _deferred,
}
