"""What every page stands in: rail, top bar, selection, notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import short_date
from analytics.incidents.manifest import Manifest
from components.frame.attributes import action, aria
from components.frame.ids import SelectionIds, ShellIds
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
PAGES: tuple[Page, ...] = (OVERVIEW, EXPLORE, HOTSPOTS, MODELS, EXPLAIN, TEMPORAL, PATTERNS)


def gesture_store(page: Page) -> str:
    """Id of the store of what the analyst just did; written by assets/frame/bus.js only.

    Each page has its own, so that only the callback of the page that stands answers.
    """
    return f"gesture-{page.key}"


def shell(
    manifest: Manifest | None, *, damage: str = "", pages: Sequence[Page] = PAGES
) -> html.Div:
    """The frame around the pages; the page itself comes once the browser has named its address.

    Parameters
    ----------
    manifest
        Of the snapshot shown; None for an empty warehouse.
    damage
        What is wrong with the data, as a sentence.
    """
    return html.Div(
        [
            dcc.Store(id=SelectionIds.STATE),
            dcc.Store(id=ShellIds.PATH),
            html.A("Skip to the page", href="#content", className="skip"),
            _rail(pages),
            html.Div(
                [
                    _top_bar(manifest),
                    selection_bar() if manifest else None,
                    html.Div(damage_banner(damage), id=ShellIds.DAMAGE, className="notices"),
                    html.Div(id=ShellIds.LEFT_OUT, className="notices"),
                    html.Div(id=ShellIds.NOTICE, className="notices"),
                    html.Div(id=ShellIds.LOST, className="notices"),
                    html.Div(id=ShellIds.PAGE, className="page"),
                ],
                className="stage",
            ),
        ],
        className="shell",
    )


def _rail(pages: Sequence[Page]) -> html.Nav:
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


def _top_bar(manifest: Manifest | None) -> html.Header:
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
        ],
        className="top-bar",
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
    """What must be known of the data on every page."""
    if manifest is None:
        return []
    found: list[Component] = []
    if manifest.source.synthetic:
        found.append(_badge("Synthetic", "Made up by patroliq demo; no real incidents."))
    if not manifest.source.verified:
        found.append(_badge("Unverified", "This source's mapping was never run on a real file."))
    if manifest.provisional_from:
        found.append(_badge("Provisional", _provisional(manifest)))
    return found


def damage_banner(damage: str) -> list[Component]:
    """What stands above every page while an earlier snapshot is shown for a damaged one."""
    return [trouble(damage)] if damage else []


def _provisional(manifest: Manifest) -> str:
    return f"Days from {manifest.provisional_from} on still fill up."


def _badge(text: str, title: str) -> html.Span:
    return html.Span(text, className="badge-word", title=title)
