"""The Calls page's answer to a gesture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from analytics.calls.answers import Calls
from analytics.calls.filters import bars
from analytics.errors import PatrolIQError
from analytics.services import Pinned, Services
from callbacks.calls.measures import CallsMeasures
from callbacks.calls.redraws import REDRAWS
from callbacks.frame.question import Question
from callbacks.frame.redraws import Answers, draw
from components.calls.filters import dimension_label, filter_row
from components.calls.ids import CallsIds
from components.calls.layout import calls, no_calls
from components.calls.sentences import (
    about_words,
    lacking_words,
    staffing_words,
    unmeasured_words,
    volume_words,
    waits_words,
    workload_words,
)
from components.calls.volume import bar_rows, week_table
from components.calls.waits import wait_rows, waits_table
from components.calls.workload import assumption_fields, staffing_table, workload_table
from components.frame.choices import choices
from components.frame.states import trouble

CAPTIONS = dict.fromkeys(
    (
        CallsIds.WEEK_CARD,
        CallsIds.BARS_CARD,
        CallsIds.WAITS_CARD,
        CallsIds.WORKLOAD_CARD,
        CallsIds.STAFFING_CARD,
    )
)
"""No card shows the selection of incidents."""


def layout(services: Services, _: Pinned) -> Component:
    """The page before its first answer; without calls it has no cards."""
    try:
        found = services.pin_calls()
    except PatrolIQError:  # the answer says why
        return calls("", missing=True)
    if found is None:
        return calls("", missing=True)
    return calls(about_words(found.manifest, found.days()), missing=False)


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws."""
    measures = CallsMeasures(question)
    frame = {"captions": CAPTIONS, "nothing_matches": False}
    parts = question.parts(REDRAWS)
    if measures.calls is None:
        said = [trouble(measures.trouble)] if measures.trouble else []
        missing = {"missing": no_calls(), "cards_hidden": True} if parts else {}
        return {**missing, **frame, "notices": said}
    said = [trouble(problem) for problem in measures.options.problems]
    return draw(parts, ANSWERS, measures, measures.calls) | frame | {"notices": said}


def _about(_: CallsMeasures, calls: Calls) -> dict[str, Any]:
    return {"about": about_words(calls.manifest, calls.days())}


def _missing(_: CallsMeasures, __: Calls) -> dict[str, Any]:
    return {"missing": [], "cards_hidden": False}


def _labels(calls: Calls) -> Mapping[str, str]:
    return {one.name: one.label for one in calls.manifest.attributes}


def _filters(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    return {"filters": filter_row(measures.selection, _labels(calls), measures.periods())}


def _week(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    dimension = "hour_weekday"
    table = week_table(
        calls.by_hour_of_week(measures.selection),
        measures.chosen(dimension),
        lambda key: measures.toggled(dimension, key),
    )
    return {"week": table, "week_note": volume_words(calls.totals(measures.selection))}


def _bars(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    by, labels = measures.options.by, _labels(calls)
    listed = {name: dimension_label(name, labels) for name in calls.listed}
    rows = bar_rows(
        calls.by_value(bars(by), measures.selection),
        by,
        measures.chosen(by),
        lambda key: measures.toggled(by, key),
    )
    return {"bars": rows, "bars_by": choices([("c_by", "By", listed, by)])}


def _waits(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    found = calls.waits(measures.options.wait, measures.selection)
    if not found.any:
        lacking = [name for name in ("dispatched", "on_scene") if name in calls.lacking_times]
        why = lacking_words(lacking, "are no response times") if lacking else ""
        note = why or unmeasured_words("response time", found.left_out)
        return {"waits": [], "waits_note": note, "waits_numbers": []}
    return {
        "waits": wait_rows(found.rows),
        "waits_note": waits_words(found.rows[0], found.left_out),
        "waits_numbers": waits_table(found),
    }


def _workload(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    work = calls.workload(measures.selection, measures.options.level)
    levels = {name: dimension_label(name, {}) for name in calls.levels}
    by = choices([("c_level", "Areas", levels, work.level)]) if len(levels) > 1 else []
    if not work.time.measured:
        note = _no_unit_time(calls, work.time.left_out)
        return {"workload": [], "workload_by": by, "workload_note": note}
    table = workload_table(
        work,
        list(calls.shift_hours),
        {name: measures.chosen(name) for name in (work.level, "shift")},
        measures.toggled,
    )
    return {"workload": table, "workload_by": by, "workload_note": workload_words(work)}


def _no_unit_time(calls: Calls, left_out: Mapping[str, int]) -> str:
    lacking = [name for name in ("dispatched", "cleared") if name in calls.lacking_times]
    if lacking:
        return lacking_words(lacking, "are no unit-hours")
    return unmeasured_words("unit time", left_out)


def _staffing(measures: CallsMeasures, calls: Calls) -> dict[str, Any]:
    found = calls.staffing(measures.options.assumptions, measures.selection)
    if found is None:
        return {
            "staffing": [],
            "staffing_note": "Without unit-hours on a whole day nothing is said about staffing; "
            "patrol plans are directed patrol time.",
        }
    return {
        "staffing": staffing_table(found),
        "staffing_note": staffing_words(few_days=found.few_days),
    }


def _assumptions(measures: CallsMeasures, _: Calls) -> dict[str, Any]:
    return {"assumptions": assumption_fields(measures.options.assumptions)}


ANSWERS: Answers = {
    "about": _about,
    "missing": _missing,
    "filters": _filters,
    "week": _week,
    "bars": _bars,
    "waits": _waits,
    "workload": _workload,
    "staffing": _staffing,
    "assumptions": _assumptions,
}
