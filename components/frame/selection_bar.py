"""The selection: chips, undo, redo, reset, date presets and further filters."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.frame.attributes import action, aria, choice, removal
from components.frame.dates import dates_menu
from components.frame.ids import SelectionIds
from components.frame.states import ChipLike

PRESETS = {
    "last7d": "7 days",
    "last28d": "28 days",
    "mtd": "Month to date",
    "ytd": "Year to date",
}


def selection_bar(more: Component | None = None) -> html.Details:
    """The bar under the sentence; folded into one line on a phone."""
    return html.Details(
        [
            html.Summary(
                [html.Span("Filters", className="fold-label"), html.Span(id=SelectionIds.FOLDED)]
            ),
            html.Div(
                [
                    html.Div(
                        presets_row(frozenset()),
                        id=SelectionIds.PRESETS,
                        className="presets",
                        role="group",
                        **aria(label="Period"),
                    ),
                    dates_menu(),
                    more_filters(),
                    html.Div(
                        chips_row(()),
                        id=SelectionIds.CHIPS,
                        className="chips",
                        role="group",
                        **aria(label="Chosen"),
                    ),
                    html.Div(
                        [
                            _copy_link(),
                            _save_view(),
                            _step("Undo", "undo", SelectionIds.UNDO, "Undo (Ctrl-Z)"),
                            _step("Redo", "redo", SelectionIds.REDO, "Redo (Ctrl-Shift-Z)"),
                            _step("Reset", "reset", SelectionIds.RESET, "Remove all filters"),
                        ],
                        className="steps",
                    ),
                    more,
                ],
                className="selection-body",
            ),
        ],
        className="selection-bar",
    )


def presets_row(selected: frozenset[str]) -> list[Component]:
    """Date presets; `selected` holds the chosen keys of the date filter."""
    return [
        html.Button(
            text,
            type="button",
            className="segment",
            **choice("date", key, chosen=key in selected, mode="only"),
        )
        for key, text in PRESETS.items()
    ]


def chips_row(chips: Sequence[ChipLike]) -> list[Component]:
    """One removable chip per filter."""
    if not chips:
        return [html.Span("No filters: all incidents", className="quiet")]
    return [
        html.Button(
            [html.Span(chip.label, className="chip-label"), html.Span("×", className="chip-cross")],
            type="button",
            className="chip",
            title=f"Remove {chip.label}",
            **removal(chip.dimension),
            **aria(label=f"Remove {chip.label}"),
        )
        for chip in chips
    ]


def _step(text: str, name: str, id: str, title: str) -> html.Button:
    return html.Button(
        text, id=id, type="button", className="button", disabled=True, title=title, **action(name)
    )


def _copy_link() -> html.Span:
    """A button that copies the page's address; the note beside it says whether it did."""
    return html.Span(
        [
            html.Button(
                "Copy link",
                type="button",
                className="button",
                title="Copy the address of this page with its filters",
                **action("copy-link"),
            ),
            html.Span(className="copied", role="status"),
        ],
        className="copy",
    )


def _save_view() -> html.A:
    """A link to the saved views, with the address of this page to save."""
    return html.A(
        "Save view",
        href="/views",
        className="button",
        title="Keep this page with its filters under a name, and open saved views",
        **action("save-view"),
    )


def more_filters() -> html.Details:
    """The panel of less used filters; `filter_section`s fill its body."""
    return html.Details(
        [
            html.Summary("More filters", className="button"),
            html.Div(id=SelectionIds.MORE, className="more-panel"),
        ],
        className="more",
    )


def filter_section(title: str, rows: Sequence[Component]) -> html.Section:
    """One dimension of the panel; `rows` is a `bar_list` or a text field."""
    return html.Section([html.H3(title), html.Div(rows, className="bars")], className="filter")
