"""Notes that people wrote about something, and a form for another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from analytics.formats import moment
from components.frame.attributes import aria
from components.frame.marks import data

WRITE = "write-note"
LONGEST = 1_000
MOST = 200
"""Of one thing; older ones are not read."""


@dataclass(frozen=True)
class ShownNote:
    """A note; `at` is ISO 8601 in UTC."""

    text: str
    person: str
    at: str


def note_list(notes: Sequence[ShownNote]) -> html.Ul:
    """Notes with author and time."""
    items = [
        html.Li(f"{one.text} ({one.person}, {moment(datetime.fromisoformat(one.at))})")
        for one in notes
    ]
    if len(notes) >= MOST:
        items.append(html.Li(f"The newest {MOST} are shown.", className="quiet"))
    return html.Ul(items, className="note-list")


def note_form(kind: str, key: str, about: str) -> Component:
    """A form, folded away, that writes a note about something; `about` names it aloud."""
    id = f"note-{kind}-{key}"
    return html.Details(
        [
            html.Summary("Write a note", **aria(label=f"Write a note about {about}")),
            html.Form(
                [
                    html.Label("Note", htmlFor=id),
                    html.Textarea(
                        id=id, name="note", rows=2, maxLength=LONGEST, required=True,
                        className="written",
                    ),
                    dcc.Input(type="hidden", name="about", value=kind),
                    dcc.Input(type="hidden", name="key", value=key),
                    html.Button("Write", type="submit", className="button small"),
                ],
                **data(act=WRITE),
            ),
        ],
        className="note-write",
    )  # fmt: skip
