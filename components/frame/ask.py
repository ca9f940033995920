"""The box that finds things and reads phrases, on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from analytics.ask.tokens import LONGEST_PHRASE
from components.frame.attributes import action, aria
from components.frame.ids import AskIds
from components.frame.states import ChipLike

LABEL = "Find or ask"
HINT = 'Find a place or ask, such as "robberies on friday nights in district 11"'


@dataclass(frozen=True)
class AskOption:
    """Something to choose: a selection to apply, or a page to open.

    Attributes
    ----------
    narrowed : the present selection with this one's filters
    address : of a page; replaces the selection
    """

    label: str
    detail: str
    selection: str = ""
    narrowed: str = ""
    address: str = ""


@dataclass(frozen=True)
class AskReading:
    """How a phrase was read."""

    chips: Sequence[ChipLike]
    not_understood: Sequence[str]
    respelled: Sequence[tuple[str, str]]


def ask_button() -> html.Button:
    """Opens the box, also without a keyboard."""
    return html.Button(
        [
            html.Span(className="icon", **aria(hidden="true")),
            html.Span("Ask"),
            html.Kbd("Ctrl K"),
        ],
        id=AskIds.OPEN,
        type="button",
        className="button ask-open",
        title="Find a place or an incident, or ask in words (Ctrl-K or /)",
    )


def ask_dialog() -> html.Dialog:
    """The box, closed."""
    field = dcc.Input(
        id=AskIds.PHRASE,
        type="text",
        placeholder=HINT,
        maxLength=LONGEST_PHRASE,
        autoComplete="off",
        spellCheck="false",
    )
    close = html.Button("Close", id=AskIds.CLOSE, type="button", className="button")
    keys: list[str | Component] = [
        *(html.Kbd("Enter"), " applies · ", html.Kbd("Shift"), " ", html.Kbd("Enter")),
        *(" adds to the present filters · ", html.Kbd("Esc"), " closes"),
    ]
    label: dict[str, Any] = {"data-label": LABEL, **aria(label=LABEL)}
    return html.Dialog(
        html.Div(
            [
                html.Div([html.Div(field), close], className="ask-head"),
                html.Div(id=AskIds.ANSWER, className="ask-answer"),
                html.P(keys, className="ask-foot"),
            ],
            className="ask-body",
        ),
        id=AskIds.BOX,
        className="ask",
        **label,
    )


def ask_answer(
    phrase: str, reading: AskReading | None, options: Sequence[AskOption], *, again: bool = False
) -> html.Div:
    """The reading and the options; `again` if more will be found soon."""
    marks: dict[str, Any] = {"data-phrase": phrase} | ({"data-again": "1"} if again else {})
    parts: list[Component] = [] if reading is None else [_reading(reading)]
    if options:
        rows = [_option(at, option) for at, option in enumerate(options)]
        listed = html.Div(rows, className="ask-options", role="listbox", **aria(label="Found"))
        parts.append(listed)
    elif phrase.strip() and not again:
        parts.append(html.P("Nothing found.", className="ask-reading quiet"))
    return html.Div(parts, **marks)


def ask_trouble(phrase: str, message: str) -> html.Div:
    """Why there is no answer."""
    marks: dict[str, Any] = {"data-phrase": phrase}
    return html.Div(html.P(message, className="ask-reading ask-lack", role="alert"), **marks)


def _reading(reading: AskReading) -> html.Div:
    lines: list[Component] = []
    if reading.chips:
        chips = [html.Span(chip.label, className="chip") for chip in reading.chips]
        lines.append(html.Div(chips, className="ask-chips"))
    if reading.not_understood:
        text = f"Not understood: {'; '.join(reading.not_understood)}"
        lines.append(html.P(text, className="ask-lack"))
    lines += [
        html.P(f"Read “{typed}” as “{read}”.", className="quiet")
        for typed, read in reading.respelled
    ]
    return html.Div(lines, className="ask-reading", role="status")


def _option(at: int, option: AskOption) -> Component:
    content = [html.Span(option.label), html.Span(option.detail, className="quiet")]
    shared: dict[str, Any] = {
        "id": f"{AskIds.OPTION}-{at}",
        "className": "ask-option",
        "role": "option",
        "tabIndex": -1,
        **aria(selected="true" if at == 0 else "false"),
    }
    if option.address:
        shared["data-goto"] = "1"
        return html.A(content, href=option.address, **shared)
    shared |= action("apply", text=option.selection)
    if option.narrowed:
        shared["data-narrowed"] = option.narrowed
    return html.Button(content, type="button", **shared)
