"""The briefing of a plan: its text with a source behind each number, and the form that edits it."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from analytics.briefing.edited_text import TextSpan
from analytics.briefing_answers import ShownBriefing, made_words, saved_words
from analytics.patrol.stored_briefings import LONGEST_TEXT
from components.frame.marks import data
from components.patrol.ids import PatrolIds

SAVE = "save-briefing"
BY_HAND = "Written by hand: no source answers for this number"
CARDS = {
    "about": PatrolIds.ABOUT,
    "stops": PatrolIds.STOPS_CARD,
    "figures": PatrolIds.FIGURES_CARD,
    "curve": PatrolIds.CURVE_CARD,
    "excluded": PatrolIds.LEFT_OUT_CARD,
    "changes": PatrolIds.CHANGES_CARD,
}
"""Card that shows a number, by the part that its source names."""


def briefing(shown: ShownBriefing, typed: str | None = None) -> list[Component]:
    """The text, its standing, and the form; `typed` is a text that could not be saved."""
    return [
        html.P(standing_words(shown), className="quiet"),
        html.Div(_paragraphs(shown.spans), className="briefing-text"),
        html.Details(
            [html.Summary("Edit the text"), _form(shown, typed)],
            open=typed is not None,
            className="briefing-edit",
        ),
        *_earlier(shown),
    ]


def _earlier(shown: ShownBriefing) -> list[Component]:
    if not shown.earlier:
        return []
    rows = [html.Li([html.P(saved_words(one)), html.Pre(one.text)]) for one in shown.earlier]
    details = [html.Summary("Earlier texts"), html.Ol(rows, role="list")]
    return [html.Details(details, className="briefing-earlier")]


def standing_words(shown: ShownBriefing) -> str:
    """Who wrote the text, and how many of its numbers were written by hand."""
    words = made_words(shown)
    if shown.saved is None:
        return words
    by_hand = len(shown.by_hand)
    if not by_hand:
        return f"{words} Each number stands as in the draft; other words may differ."
    count = "1 number was" if by_hand == 1 else f"{by_hand} numbers were"
    return f"{words} {count} written by hand: no source answers for what is marked."


def _paragraphs(spans: list[TextSpan]) -> list[Component]:
    """Paragraphs of marked spans; lines within one stay lines."""
    paragraphs: list[list[Component | str]] = [[]]
    for span in spans:
        if span.source or span.by_hand:
            paragraphs[-1].append(_number(span))
            continue
        first, *further = span.text.split("\n\n")
        paragraphs[-1].append(first)
        paragraphs += [[one] for one in further]
    return [html.P(one) for one in paragraphs if any(one)]


def _number(span: TextSpan) -> Component:
    source = span.source
    if source is None:
        return html.Mark(span.text, title=BY_HAND, className="by-hand")
    if source.address:
        return html.A(span.text, href=source.address, title=source.label, className="cited")
    if source.shown_in not in CARDS:
        return html.Span(span.text, title=source.label, className="cited")
    return html.Button(
        span.text,
        type="button",
        title=source.label,
        className="cited",
        **data(shows=CARDS[source.shown_in].value),
    )


def _form(shown: ShownBriefing, typed: str | None) -> html.Form:
    version, after = shown.version, shown.saved.id if shown.saved else None
    named = f"{version.plan}-{version.version}"
    hidden = {
        "plan": str(version.plan),
        "version": str(version.version),
        "after": "" if after is None else str(after),
        "draft": shown.draft.digest,
    }
    field = f"briefing-text-{named}-{after or 0}"
    return html.Form(
        [
            *(dcc.Input(type="hidden", name=name, value=value) for name, value in hidden.items()),
            html.Label("Text", htmlFor=field),
            dcc.Textarea(
                id=field,
                name="text",
                value=shown.text if typed is None else typed,
                maxLength=LONGEST_TEXT,
                rows=14,
                className="written",
            ),
            html.Div(
                [
                    html.Button("Save", type="submit", className="button"),
                    html.Button(
                        "Draft again from the numbers",
                        type="submit",
                        name="again",
                        value="yes",
                        className="button",
                    ),
                ],
                className="buttons",
            ),
        ],
        key=f"{named}-{after}",
        **data(act=SAVE),
    )
