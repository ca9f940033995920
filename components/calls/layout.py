"""Layout of the Calls page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.calls.ids import CallsIds
from components.frame.attributes import aria
from components.frame.card import Menu, card
from components.frame.choices import option_select

WAITS = {"response": "Response", "queue": "Queue", "travel": "Travel"}


def calls(about: str, *, missing: bool) -> Component:
    """All cards, still empty; `missing` hides them, since there are no calls."""
    cards = [_week_card(), _bars_card(), _waits_card(), _workload_card(), _staffing_card()]
    return html.Main(
        [
            html.H1("Calls for service", className="visually-hidden"),
            html.P(about, id=CallsIds.ABOUT, className="calls-about"),
            html.Div(no_calls() if missing else [], id=CallsIds.MISSING),
            html.Div(
                [
                    html.Div(
                        id=CallsIds.FILTERS,
                        className="calls-filters",
                        role="group",
                        **aria(label="Filters of calls"),
                    ),
                    *cards,
                ],
                id=CallsIds.CARDS,
                className="calls-cards",
                hidden=missing,
            ),
        ],
        className="calls",
        id="content",
        tabIndex=-1,
    )


def no_calls() -> Component:
    """How to load calls, and what is said without them."""
    return html.Div(
        [
            html.P("No calls for service are loaded."),
            html.P(
                [
                    "Load them with ",
                    html.Code("patroliq ingest --kind calls FILE --source NAME"),
                    "; docs/sources.md describes the layouts.",
                ]
            ),
            html.P(
                "Until then PatrolIQ plans directed patrol time from reported incidents. It says "
                "nothing about workload, response times or staffing: those come from calls, not "
                "from crimes."
            ),
        ],
        className="empty-state",
    )


def _week_card() -> Component:
    return card(
        "Calls by weekday and hour",
        [
            html.Div(id=CallsIds.WEEK),
            html.P(id=CallsIds.WEEK_NOTE, className="card-said"),
        ],
        id=CallsIds.WEEK_CARD,
        unit="received",
        menu=Menu(
            ("export-csv",),
            about="Darker is more. Calls of other agencies and duplicates are left out; on-view "
            "and canceled calls count. Click a cell to choose calls of that hour; this figure "
            "keeps showing all hours.",
        ),
        class_name="calls-week-card",
    )


def _bars_card() -> Component:
    return card(
        "Calls by category",
        html.Div(id=CallsIds.BARS, className="bars"),
        id=CallsIds.BARS_CARD,
        controls=html.Div(id=CallsIds.BARS_BY),
        menu=Menu(
            ("export-csv",),
            about="Calls by type, priority, area, disposition or another category. Click one to "
            "choose it; the list keeps showing all. Origin: calls from the public, and "
            "officer-initiated (on-view) calls.",
        ),
        class_name="calls-bars-card",
    )


def _waits_card() -> Component:
    return card(
        "Response times",
        [
            html.Div(id=CallsIds.WAITS),
            html.P(id=CallsIds.WAITS_NOTE, className="card-said"),
        ],
        id=CallsIds.WAITS_CARD,
        unit="minutes by priority",
        controls=option_select("c_wait", WAITS, "Step"),
        menu=Menu(
            ("export-csv",),
            numbers=CallsIds.WAITS_NUMBERS,
            about="Response: received to on scene. Queue: received to dispatched. Travel: "
            "dispatched to on scene. The median, and the times within which 80% and 90% of calls "
            "were served, on a logarithmic scale with 95% intervals. Calls that were still open "
            "count as longer than they were when last heard of (Kaplan-Meier), so times do not "
            "look shorter than they are. On-view calls are left out: all their times are equal, "
            "so they are not response times. Intervals take calls as independent; calls of one "
            "busy evening are not, so true intervals are somewhat wider. A priority with fewer "
            "than 20 measured calls has no times.",
        ),
        class_name="calls-waits-card",
    )


def _workload_card() -> Component:
    return card(
        "Workload by area and shift",
        [
            html.Div(id=CallsIds.WORKLOAD, className="calls-frame", tabIndex=0),
            html.P(id=CallsIds.WORKLOAD_NOTE, className="card-said"),
        ],
        id=CallsIds.WORKLOAD_CARD,
        unit="unit-hours per day",
        controls=html.Div(id=CallsIds.WORKLOAD_BY),
        menu=Menu(
            ("export-csv",),
            about="Hours from dispatch to clearing, times the units sent, in the hours in which "
            "units were busy. Only calls from the public: time on officer-initiated calls can "
            "be planned, and is stated below. In brackets: 95% intervals over days, or over whole "
            "weeks from eight weeks on. Only whole days count. Click an area or a shift to "
            "choose it.",
        ),
        class_name="calls-workload-card",
    )


def _staffing_card() -> Component:
    return card(
        "Staffing for this workload",
        [
            html.Div(id=CallsIds.ASSUMPTIONS, className="calls-assumptions"),
            html.Div(id=CallsIds.STAFFING, className="calls-frame", tabIndex=0),
            html.P(id=CallsIds.STAFFING_NOTE, className="card-said"),
        ],
        id=CallsIds.STAFFING_CARD,
        menu=Menu(
            ("export-csv",),
            about="Units on duty = unit-hours of calls / (share of time for calls × hours of the "
            "shift), rounded up. Officers = units on duty × officers in a unit × relief factor; "
            "relief factor = hours of the shift × 365 / hours an officer works in a year (Wilson "
            "& Weiss 2012, 2014). Calls that wait: Erlang C, as in PCAM (Chaiken & Dormont 1978), "
            "taking every unit that is not on a call as free and all calls as of one priority, so "
            "real waits are longer. The defaults are starting points: set the agency's own.",
        ),
        class_name="calls-staffing-card",
    )
