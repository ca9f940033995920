"""Ids of the Calls page."""

from __future__ import annotations

from enum import StrEnum, unique

from dash import Output

SELECTION = "c_sel"
"""Option of the page that holds the filters of calls."""


@unique
class CallsIds(StrEnum):
    ABOUT = "calls-about"
    MISSING = "calls-missing"
    CARDS = "calls-cards"
    FILTERS = "calls-filters"
    WEEK = "calls-week"
    WEEK_CARD = "calls-week-card"
    WEEK_NOTE = "calls-week-note"
    BARS = "calls-bars"
    BARS_CARD = "calls-bars-card"
    BARS_BY = "calls-bars-by"
    WAITS = "calls-waits"
    WAITS_CARD = "calls-waits-card"
    WAITS_NOTE = "calls-waits-note"
    WAITS_NUMBERS = "calls-waits-numbers"
    WORKLOAD = "calls-workload"
    WORKLOAD_CARD = "calls-workload-card"
    WORKLOAD_BY = "calls-workload-by"
    WORKLOAD_NOTE = "calls-workload-note"
    STAFFING = "calls-staffing"
    STAFFING_CARD = "calls-staffing-card"
    STAFFING_NOTE = "calls-staffing-note"
    ASSUMPTIONS = "calls-assumptions"


OUTPUTS = {
    "about": Output(CallsIds.ABOUT, "children"),
    "missing": Output(CallsIds.MISSING, "children"),
    "cards_hidden": Output(CallsIds.CARDS, "hidden"),
    "filters": Output(CallsIds.FILTERS, "children"),
    "week": Output(CallsIds.WEEK, "children"),
    "week_note": Output(CallsIds.WEEK_NOTE, "children"),
    "bars": Output(CallsIds.BARS, "children"),
    "bars_by": Output(CallsIds.BARS_BY, "children"),
    "waits": Output(CallsIds.WAITS, "children"),
    "waits_note": Output(CallsIds.WAITS_NOTE, "children"),
    "waits_numbers": Output(CallsIds.WAITS_NUMBERS, "children"),
    "workload": Output(CallsIds.WORKLOAD, "children"),
    "workload_by": Output(CallsIds.WORKLOAD_BY, "children"),
    "workload_note": Output(CallsIds.WORKLOAD_NOTE, "children"),
    "staffing": Output(CallsIds.STAFFING, "children"),
    "staffing_note": Output(CallsIds.STAFFING_NOTE, "children"),
    "assumptions": Output(CallsIds.ASSUMPTIONS, "children"),
}
"""What the page's answers change, by name."""
