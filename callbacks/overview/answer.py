"""The Overview's answer: at once what one scan gives, the rest when the page asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics.formats import hour_name, number, short_date
from analytics.overview.changes import Changes
from analytics.overview.daily import Table
from analytics.services import Pinned, Services
from analytics.statistics.change import NotComparable, Period
from analytics.temporal.series import Step, series
from analytics.temporal.weekly_hours import OWNED
from callbacks.frame.question import Question
from callbacks.frame.timing import timed
from callbacks.overview.measures import LEVELS, Facts, ordered, row_of
from callbacks.overview.sources import data_lines, model_lines
from components.frame.peaks import no_peaks, peak_sentence, peaks_span
from components.frame.tables import table
from components.frame.variables import VARIABLES
from components.overview.cards import (
    ChangeRow,
    brief,
    change_table,
    note,
    paragraphs,
    waiting,
)
from components.overview.figures import Shaded, hours_figure, weeks_figure
from components.overview.headline import headline
from components.overview.ids import OverviewIds
from components.overview.layout import area_levels, overview
from components.overview.sentences import (
    compared_sentence,
    false_alarm_note,
    harm_sentence,
    moved_sentence,
    then_words,
    total_sentence,
)

MOST_AREAS = 12
MOST_TYPES = 10
SHOWN_WEEKS = 109
MOST_WEEKS = 320
LATER = frozenset({"later"})
OPTIONS = frozenset({"areas", "later", "theme"})
"""Options that change something here; others are of the frame."""


def layout(_services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    return overview(area_levels(pinned.snapshot.manifest.views_off, LEVELS))


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes."""
    reported, drawn = Facts(question).reporting, {OverviewIds.WEEKS_CARD: ("date",)}
    if reported is None:
        return _changed(question) | {"drawn": drawn}
    hours = {OverviewIds.HOURS_CARD: reported.of(question.selection).without(OWNED)}
    return _changed(question) | {"drawn": {**drawn, **hours}}


def _changed(question: Question) -> dict[str, Any]:
    if question.changed == LATER and not question.new_data:
        outputs: dict[str, Any] = import_module("callbacks.overview.deferred").later_answer(
            question
        )
        return outputs
    of_page = question.gesture.get("action") == "page" and not question.redraw
    if of_page and not question.changed & OPTIONS:
        return {}
    facts = Facts(question)
    if facts.reporting is None:
        return {"brief": brief([("No day of the data is chosen.", "Explore", "/explore")])}
    if question.changed == {"areas"}:
        return _areas(facts) | {"later": waiting()}
    with timed("overview"):
        outputs = {
            **_headline(facts),
            **_brief(facts),
            **_weeks(facts),
            **_groups(facts),
            **_areas(facts),
            **_types(facts),
            **_hours(facts),
            "data": data_lines(facts),
            "models": model_lines(question),
            "later": waiting(),
        }
    return outputs | {"nothing_matches": facts.incidents == 0}


def _headline(facts: Facts) -> dict[str, Any]:
    assert facts.reporting is not None  # noqa: S101 - looked at before
    harm = facts.harm if facts.has_harm else None
    return {"headline": headline(facts.incidents, facts.reporting, facts.total, harm)}


def _brief(facts: Facts) -> dict[str, Any]:
    assert facts.reporting is not None  # noqa: S101
    before, year = then_words(facts.reporting), then_words(facts.reporting, year=True)
    here = facts.explore()
    said = [
        (total_sentence(facts.incidents, facts.reporting), "Explore", here),
        (compared_sentence(facts.total[0], before), "Temporal", "/temporal"),
        (compared_sentence(facts.total[1], year), "Temporal", "/temporal#other=year"),
    ]
    one = "offense group"
    labels = facts.labels("group", facts.daily.groups.keys)
    said.append((moved_sentence(facts.groups[0], labels, before, one, f"{one}s"), "Explore", here))
    if facts.has_areas:
        words = VARIABLES[facts.level]
        labels = facts.labels(facts.level, facts.daily.areas.keys)
        moved = moved_sentence(facts.areas[0], labels, before, words.one, words.many)
        said.append((moved, "Explore", here))
    if facts.has_harm:
        said.append((harm_sentence(facts.harm, before), "Explore", f"{here}#measure=harm"))
    return {"brief": brief(said)}


def _weeks(facts: Facts) -> dict[str, Any]:
    assert facts.reporting is not None  # noqa: S101
    reporting, total = facts.reporting, facts.whole
    days = total.frame()
    step: Step = "month" if reporting.months_only else "week"
    found = series(
        days, facts.covered, step, reporting.provisional_from, per_day=not reporting.months_only
    )
    weeks = found.frame
    since = min(facts.period[0], weeks["start"][-min(SHOWN_WEEKS, weeks.height)])
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
    return {
        "weeks": weeks_figure(shown, shaded, facts.theme),
        "weeks_numbers": table((f"{step.capitalize()} from", "Incidents"), rows),
    }


def _groups(facts: Facts) -> dict[str, Any]:
    rows = _table(facts, "group", facts.daily.groups, facts.groups, MOST_TYPES)
    return {"groups": [rows, note(false_alarm_note(facts.groups[0]))]}


def _types(facts: Facts) -> dict[str, Any]:
    rows = _table(facts, "type", facts.daily.types, facts.types, MOST_TYPES)
    return {"types": [rows, note(false_alarm_note(facts.types[0]))]}


def _areas(facts: Facts) -> dict[str, Any]:
    if not facts.has_areas:
        return {"areas": []}
    rows = _table(facts, facts.level, facts.daily.areas, facts.areas, MOST_AREAS)
    return {"areas": [rows, note(false_alarm_note(facts.areas[0]))]}


def _table(
    facts: Facts,
    dimension: str,
    table: Table,
    found: tuple[Changes | NotComparable, Changes | NotComparable],
    most: int,
) -> Component:
    assert facts.reporting is not None  # noqa: S101
    counted: Period = facts.period
    keys = ordered(table, counted, found[0], most)
    labels, incidents = facts.labels(dimension, keys), table.incidents(counted)
    rows = [
        ChangeRow(
            key,
            labels[key],
            facts.explore(dimension, key),
            incidents[key],
            row_of(found[0], key),
            row_of(found[1], key),
        )
        for key in keys
    ]
    then = then_words(facts.reporting), then_words(facts.reporting, year=True)
    left = sum(1 for key, count in incidents.items() if count and key not in keys)
    return change_table(rows, VARIABLES[dimension].label, then, left=left)


def _hours(facts: Facts) -> dict[str, Any]:
    if facts.question.off("hour"):
        return {"peaks": paragraphs([facts.question.manifest.views_off["hour"]])}
    before = facts.usual_hours
    usual = before.tolist() if before is not None else None
    now = facts.hours.tolist()
    head = ("Hour", "A day", "In the year before")
    rows = [
        (hour_name(hour), number(now[hour], 2), number(usual[hour] if usual else None, 2))
        for hour in range(24)
    ]
    return {
        "hours": hours_figure(now, usual, facts.theme),
        "hours_numbers": table(head, rows),
        "peaks": paragraphs(_peaks(facts)),
    }


def _peaks(facts: Facts) -> list[str]:
    assert facts.reporting is not None  # noqa: S101
    weeks = facts.peak_weeks
    if facts.peaks:
        return [peaks_span(weeks), *(peak_sentence(peak) for peak in facts.peaks)]
    every = facts.selection.without(OWNED) != facts.selection
    return [no_peaks(weeks, facts.peak_days, chosen=facts.reporting.chosen, every=every)]
