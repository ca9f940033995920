"""The frame around every page: rail, top bar, selection, notices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dash import dcc, html
from dash.development.base_component import Component

from analytics.access.reader import Reader
from analytics.access.roles import Permission
from analytics.alerts.load_rhythm import Overdue
from analytics.formats import short_date
from analytics.incidents.manifest import Manifest
from components.frame.ask import ask_button, ask_dialog
from components.frame.attributes import action, aria
from components.frame.badges import badge
from components.frame.ids import AskIds, SelectionIds, ShellIds
from components.frame.marks import data
from components.frame.selection_bar import selection_bar
from components.frame.states import trouble


@dataclass(frozen=True)
class Page:
    """An entry of the rail; `key` also names its icon, a mask in assets/icons."""

    path: str
    name: str
    key: str


OVERVIEW = Page("/", "Overview", "overview")
EXPLORE = Page("/explore", "Explore", "explore")
HOTSPOTS = Page("/hotspots", "Hot spots", "hotspots")
MODELS = Page("/models", "Models", "models")
EXPLAIN = Page("/explain", "Explain", "explain")
TEMPORAL = Page("/temporal", "Temporal", "temporal")
PATTERNS = Page("/patterns", "Patterns", "patterns")
FORECAST = Page("/forecast", "Forecast", "forecast")
CALLS = Page("/calls", "Calls", "calls")
PATROL = Page("/patrol", "Patrol", "patrol")
RESPONSIBLE_USE = Page("/responsible-use", "Responsible use", "responsible_use")
PAGES: tuple[Page, ...] = (
    OVERVIEW,
    EXPLORE,
    HOTSPOTS,
    FORECAST,
    PATROL,
    CALLS,
    MODELS,
    EXPLAIN,
    TEMPORAL,
    PATTERNS,
    RESPONSIBLE_USE,
)
ALERTS = Page("/alerts", "Alerts", "alerts")
COMPSTAT = Page("/compstat", "CompStat", "compstat")
BRIEFINGS = Page("/briefings", "Briefings", "briefings")
DATA = Page("/data", "Data", "data")
DOCUMENTS: tuple[Page, ...] = (ALERTS, COMPSTAT, BRIEFINGS, DATA)
"""Pages beside the app's, which the server renders whole."""
NARROWED = frozenset({COMPSTAT})
"""Those that the selection narrows: their links carry it."""


def gesture_store(page: Page) -> str:
    """Id of a page's gesture store, which only assets/frame/bus.js writes.

    Each page has its own, so that only the callback of the open page answers.
    """
    return f"gesture-{page.key}"


def shell(
    manifest: Manifest | None,
    page: Sequence[Component],
    *,
    damage: str = "",
    late: Overdue | None = None,
    failing: Sequence[str] = (),
    pages: Sequence[Page] = PAGES,
    reader: Reader | None = None,
    alerts: int = 0,
) -> html.Div:
    """The frame with a page in it, before its first answer.

    Parameters
    ----------
    manifest
        Manifest of the snapshot shown; None for an empty warehouse.
    damage
        A sentence that says how the data is damaged, if it is.
    late
        Since when new incidents are missing, if they are.
    failing
        Feeds that failed at their last run.
    reader
        Who reads, as the top bar says.
    alerts
        New alerts, which the rail counts.
    """
    return html.Div(
        [
            dcc.Store(id=SelectionIds.STATE),
            dcc.Store(id=ShellIds.PATH),
            dcc.Store(id=AskIds.QUESTION),
            ask_dialog(),
            html.A("Skip to the page", href="#content", className="skip"),
            _rail(pages, alerts),
            html.Div(
                [
                    _top_bar(manifest, reader),
                    selection_bar() if manifest else None,
                    html.Div(
                        banners(damage, late, failing), id=ShellIds.DAMAGE, className="notices"
                    ),
                    _newer_data(),
                    html.Div(id=ShellIds.LEFT_OUT, className="notices"),
                    html.Div(id=ShellIds.NOTICE, className="notices"),
                    html.Div(id=ShellIds.LOST, className="notices"),
                    html.Div(page, id=ShellIds.PAGE, className="page"),
                ],
                className="stage",
            ),
        ],
        className="shell",
        **data(briefings="may" if reader and reader.may(Permission.BRIEFINGS) else "no"),
    )


def _rail(pages: Sequence[Page], alerts: int) -> html.Nav:
    links = [
        html.A(
            [
                html.Span(className=f"icon icon-{page.key}", **aria(hidden="true")),
                html.Span(page.name),
            ],
            href=page.path,
            className="rail-link",
        )
        for page in pages
    ]
    links += [
        html.A(
            [
                html.Span(className=f"icon icon-{page.key}", **aria(hidden="true")),
                _new_alerts(alerts) if page is ALERTS and alerts else None,
                html.Span(page.name),
            ],
            href=page.path,
            className="rail-link",
            **data(document="selection" if page in NARROWED else "whole"),
        )
        for page in DOCUMENTS
    ]
    theme = html.Button(
        [
            html.Span(className="icon icon-theme", **aria(hidden="true")),
            html.Span("Theme"),
        ],
        id=ShellIds.THEME,
        type="button",
        className="rail-link",
        title="Switch between light and dark",
        **action("theme"),
    )
    mark = html.Div("PatrolIQ", className="brand")
    return html.Nav(
        [mark, *links, theme], id=ShellIds.RAIL, className="rail", **aria(label="Pages")
    )


def _new_alerts(number: int) -> html.Span:
    """The badge beside the rail's entry."""
    return html.Span(str(number), className="count", **aria(label=f"{number} new:"), role="img")


def _top_bar(manifest: Manifest | None, reader: Reader | None) -> html.Header:
    return html.Header(
        [
            html.Div(dataset(manifest), id=ShellIds.DATASET, className="dataset"),
            html.Div(badges(manifest), id=ShellIds.BADGES, className="badges"),
            html.P(
                id=SelectionIds.SENTENCE,
                className="sentence",
                role="status",
                **aria(live="polite"),
            ),
            ask_button(),
            _person(reader),
        ],
        className="top-bar",
    )


def _person(reader: Reader | None) -> html.Div | None:
    """Who signed in, with the way out; a badge where nobody does."""
    if reader is None:
        return None
    if not reader.is_person:
        why = "Nobody signs in: whoever is on this machine may do everything."
        return html.Div(badge("Open access", title=why), className="person")
    return html.Div(
        [
            html.A(reader.name, href="/account", title=", ".join(sorted(reader.roles))),
            html.Button("Lock", type="button", className="button small", **data(session="lock")),
            html.Button(
                "Sign out", type="button", className="button small", **data(session="sign-out")
            ),
        ],
        className="person",
    )


def dataset(manifest: Manifest | None) -> list[Component]:
    """Name and last day of the data."""
    if manifest is None:
        return [html.Strong("No data")]
    last = manifest.last_day
    return [
        html.Strong(manifest.source.title),
        html.Span(f"to {short_date(last)}" if last else "", className="last-day"),
        html.Span(f"snapshot {manifest.id}", className="print-only"),
    ]


def badges(manifest: Manifest | None) -> list[Component]:
    """Caveats about the data, on every page."""
    if manifest is None:
        return []
    found: list[Component] = []
    if manifest.source.synthetic:
        found.append(badge("Synthetic", title="Generated by patroliq demo; not real incidents."))
    if not manifest.source.verified:
        found.append(
            badge(
                "Unverified",
                title="This source's mapping has not been verified with a real file.",
            )
        )
    if manifest.provisional_from:
        found.append(badge("Provisional", title=_provisional(manifest)))
    return found


def banners(
    damage: str, late: Overdue | None = None, failing: Sequence[str] = ()
) -> list[Component]:
    """Banners above every page: an earlier snapshot replaces a damaged one; feeds fail or stop."""
    found: list[Component] = [trouble(damage)] if damage else []
    if failing:
        found.append(
            trouble(
                f"Feeds had faults at their last run: {', '.join(failing)}. New data may be "
                "missing; patroliq doctor says why."
            )
        )
    if late is not None:
        usual = math.ceil(late.usual / timedelta(days=1))
        found.append(
            trouble(
                f"No new incidents since {short_date(late.last.date())}. They usually come within "
                f"{usual} days, so recent days may be missing: check the feed."
            )
        )
    return found


def _newer_data() -> html.Div:
    """The notice that the browser shows when newer data is served than the page shows."""
    show = html.Button("Show it", type="button", className="button", **data(newer="show"))
    said = html.Div(["New data is available. ", show], className="notice", role="status")
    return html.Div(said, id=ShellIds.NEWER, className="notices", hidden=True)


def _provisional(manifest: Manifest) -> str:
    day = manifest.provisional_day
    since = f"Days since {short_date(day)}" if day else "Recent days"
    return f"{since} are incomplete: reports are still coming in."
