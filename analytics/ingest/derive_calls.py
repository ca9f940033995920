"""Derive from merged calls: parts of time, how long each step took, and when units were busy."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import duckdb

from analytics.incidents.manifest import Lack
from analytics.ingest.coded_texts import code_texts
from analytics.ingest.coverage import coverage, detected_precision
from analytics.ingest.derive import (
    Derived,
    column_totals,
    day_start_s,
    shift_by_hour,
    stated_precision,
)
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS
from analytics.sources.source import Source
from sql import load

LONGEST_S = 24 * 3600
"""Longer ones are taken as records that nobody closed."""
_NOT_COUNTED = ("id", "received", "updated", "lat", "lon")
COUNTED = {
    **{name: name for name in CALLS.columns if name not in _NOT_COUNTED},
    "hour": "hour",
    "place": "lat",
}

# Measure of waiting → its first and last time.
WAITS = {
    "queue": ("received", "dispatched"),
    "travel": ("dispatched", "on_scene"),
    "response": ("received", "on_scene"),
}
UNCODED = ("id", "case_number", "block")
"""Texts with nearly as many values as calls."""
TIMES = ("received", "dispatched", "on_scene", "cleared")
SENT = ("dispatched", "on_scene", "received")
"""When a unit was sent: the first of these, the last only if the call is on view."""


def derive_calls(
    connection: duckdb.DuckDBPyConnection, source: Source, settings: Settings
) -> Derived:
    """Create tables `calls` and `unit_time` from table `merged`.

    For each measure, `calls` has its seconds and its state: `measured`; `open`, if the step had not
    ended when the call was last heard of, with the seconds until then; or why it has none: a time
    without an hour begins and ends no measure. Without a time of its last change, a call was last
    heard of when the newest one was received: other times may be typing errors years ahead.
    """
    precision, detected = stated_precision(connection, source)
    has_hours = precision == "minute" and "hour" not in source.missing
    hourless = _hourless(connection, source)
    known = connection.execute(load("derive/any_cleared")).fetchall()[0][0]
    times = {"day_start_s": day_start_s(settings), "shifts": shift_by_hour(settings.shifts)}
    connection.execute(
        load(
            "derive/calls",
            base=",\n    ".join(CALLS.columns),
            attributes="".join(f'"{one.column}",\n    ' for one in source.attributes),
            measures=",\n    ".join(
                [*(_wait(name, hourless) for name in WAITS), _unit_time(hourless)]
            ),
        ),
        {
            **times,
            "has_hours": has_hours,
            "has_cleared": known,
            "dispatch_filled": source.dispatch_filled,
            "longest_s": LONGEST_S,
        },
    )
    code_texts(connection, CALLS.name, UNCODED)
    connection.execute(load("derive/unit_time"), times)
    code_texts(connection, "unit_time", UNCODED)
    totals = column_totals(connection, COUNTED, CALLS.name)
    unknown = {name: totals[name] for name in COUNTED}
    return Derived(
        incidents=totals["incidents"],
        first=totals["first"],
        last=totals["last"],
        unknown={name: count for name, count in unknown.items() if count},
        without_harm=(),
        views_off=_views_off(source, unknown, totals["incidents"], precision),
        tables={},
        precision=precision,
        precision_detected=detected,
        coverage=coverage(connection, CALLS.name),
    )


def _hourless(connection: duckdb.DuckDBPyConnection, source: Source) -> Set[str]:
    """Times that have a day only: as the source states of all, or all values are at midnight."""
    if source.precision != "minute" or "hour" in source.missing:
        return frozenset(TIMES)
    coarse = (name for name in TIMES if detected_precision(connection, name) != "minute")
    return frozenset(coarse)


def _wait(name: str, hourless: Set[str]) -> str:
    """SQL of one measure of waiting; `hourless` are the times without an hour."""
    start, end = WAITS[name]
    filled = " WHEN nobody_came THEN 'nobody came'" if end == "dispatched" else ""
    return _measure(
        name,
        start,
        end,
        f"WHEN nobody_waits IS NOT NULL THEN nobody_waits WHEN {start} IS NULL THEN 'no {start}' "
        f"WHEN {start in hourless} THEN 'no hour' "
        f"WHEN {end} IS NULL AND is_open THEN {_open(start)}{filled} "
        f"WHEN {end} IS NULL THEN 'no {end}' WHEN {end in hourless} THEN 'no hour'",
    )


def _unit_time(hourless: Set[str]) -> str:
    """SQL of the time on the call, which begins with the first of `SENT` that it has."""
    arms = " ".join(f"WHEN {name} IS NOT NULL THEN {name in hourless}" for name in SENT)
    return _measure(
        "unit",
        "sent",
        "cleared",
        "WHEN not_ours IS NOT NULL THEN not_ours WHEN sent IS NULL THEN 'no dispatched' "
        f"WHEN CASE {arms} END THEN 'no hour' "
        f"WHEN is_open THEN {_open('sent')} WHEN nobody_came AND NOT coalesce(on_view, false) "
        "THEN 'nobody came' WHEN cleared IS NULL THEN 'no cleared' "
        f"WHEN {'cleared' in hourless} THEN 'no hour' "
        "WHEN cleared < on_scene THEN 'negative'",
    )


def _open(start: str) -> str:
    """SQL of the state of a step that has not ended; nobody closed those open for too long."""
    return f"CASE WHEN epoch(last_known - {start}) > $longest_s THEN 'too long' ELSE 'open' END"


def _measure(name: str, start: str, end: str, reasons: str) -> str:
    """SQL of `<name>_state` and `<name>_s`; the arms of `reasons` go first."""
    state = (
        f"CASE {reasons} WHEN {end} < {start} THEN 'negative' "
        f"WHEN epoch({end} - {start}) > $longest_s THEN 'too long' ELSE 'measured' END"
    )
    return (
        f"{state} AS {name}_state,\n    CASE {name}_state "
        f"WHEN 'measured' THEN epoch({end} - {start}) "
        f"WHEN 'open' THEN greatest(0, epoch(last_known - {start})) END::INTEGER AS {name}_s"
    )


def _views_off(
    source: Source, unknown: dict[str, int], calls: int, precision: str
) -> dict[str, str]:
    """Why the source lacks a dimension: a `Lack`, or the source's own sentence."""
    off: dict[str, Any] = {
        name: Lack.NO_VALUES for name in COUNTED if calls and unknown[name] == calls
    }
    if precision != "minute":
        off["hour"] = Lack.DAY_ONLY if precision == "day" else Lack.MONTH_ONLY
    return {**off, **source.missing}
