"""The printable briefing of a plan: its text, with a list of where its numbers come from."""

from __future__ import annotations

from html import escape

from analytics.briefing.edited_text import TextSpan
from analytics.briefing_answers import ShownBriefing, made_words
from analytics.incidents.manifest import SourceInfo
from api.plan_sheet import WARNING


def briefing_page(shown: ShownBriefing, source: SourceInfo) -> str:
    """The HTML of the briefing."""
    version = shown.version
    title = f"Briefing of plan {version.plan} version {version.version}"
    labels = list(dict.fromkeys(one.source.label for one in shown.spans if one.source))
    text = "".join(_marked(span, labels) for span in shown.spans)
    paragraphs = "".join(f"<p>{one}</p>" for one in text.split("\n\n"))
    by_hand = (
        "<p><mark>Marked</mark>: written by hand; no source answers for it.</p>"
        if shown.by_hand
        else ""
    )
    sources = "".join(f"<li>{escape(label)}</li>" for label in labels)
    said = " ".join((made_words(shown), *version.notes))
    synthetic = " · SYNTHETIC DATA" if source.synthetic else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/assets/alone/sheet.css">'
        f'</head><body><main><article class="sheet briefing"><h1>{escape(title)}</h1>'
        f'<p class="warning">{escape(WARNING)}{synthetic}</p>{paragraphs}{by_hand}'
        f"<h2>Sources</h2><ol>{sources}</ol><footer>{escape(said)}</footer>"
        "</article></main></body></html>"
    )


def _marked(span: TextSpan, labels: list[str]) -> str:
    text = escape(span.text)
    if span.by_hand:
        return f"<mark>{text}</mark>"
    if span.source is None:
        return text
    return f"{text}<sup>{labels.index(span.source.label) + 1}</sup>"
