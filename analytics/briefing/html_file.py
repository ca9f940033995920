"""A briefing as one HTML file that needs nothing else: style and pictures are in it."""

from __future__ import annotations

from html import escape

from analytics.briefing.area_picture import area_picture
from analytics.briefing.bar_picture import bar_picture
from analytics.briefing.colors import COLORS, MARKS
from analytics.briefing.document import (
    BriefingDocument,
    Card,
    ChartCard,
    MarkedText,
    TableCard,
    TextCard,
    marked_paragraphs,
)
from analytics.briefing.picture import svg

WIDE, CHART_HIGH, MAP_HIGH = 640.0, 170.0, 380.0
STYLE = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; padding: 20px 16px; max-width: 52rem; background: {COLORS["surface"]};
  color: {COLORS["text"]}; font: 15px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }}
h1 {{ font-size: 1.6rem; margin: 0 0 .3rem; line-height: 1.2; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.05rem; margin: 1.4rem 0 .4rem; overflow-wrap: anywhere; }}
p {{ margin: .3rem 0; overflow-wrap: anywhere; }}
.quiet {{ color: {COLORS["text-muted"]}; font-size: .85rem; }}
.warning {{ background: {COLORS["warn-soft"]}; color: {COLORS["warn"]}; font-weight: 600;
  padding: .3rem .6rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; min-width: 60%; font-size: .87rem;
  font-variant-numeric: tabular-nums; }}
th, td {{ padding: .2rem .45rem; text-align: right; vertical-align: top;
  border-bottom: 1px solid {COLORS["border"]}; }}
th.text, td.text {{ text-align: left; }}
tbody th {{ font-weight: 400; min-width: 7rem; overflow-wrap: anywhere; }}
tr.more th, tr.less th {{ font-weight: 600; }}
tr.more td.text {{ color: {COLORS["more"]}; }}
tr.less td.text {{ color: {COLORS["less"]}; }}
thead th {{ color: {COLORS["text-muted"]}; font-weight: 400; vertical-align: bottom; }}
mark {{ background: {COLORS["warn-soft"]}; color: inherit; }}
sup {{ font-size: .65em; line-height: 0; color: {COLORS["text-muted"]}; }}
svg {{ width: 100%; height: auto; }}
ol {{ padding-left: 1.4rem; }}
li {{ overflow-wrap: anywhere; }}
@page {{ margin: 14mm; }}
@media print {{ body {{ padding: 0; max-width: none; font-size: 10pt; }}
  section {{ break-inside: avoid-page; }} section.long {{ break-inside: auto; }}
  tr {{ break-inside: avoid; }} thead {{ display: table-header-group; }} }}
"""


def html_file(document: BriefingDocument) -> str:
    """The page."""
    audience = f"<p>For {escape(document.audience)}</p>" if document.audience else ""
    facts = "".join(f'<p class="quiet">{escape(one)}</p>' for one in document.facts)
    warnings = "".join(f'<p class="warning">{escape(one)}</p>' for one in document.warnings)
    cards = "".join(_section(document, one) for one in document.cards)
    by_hand = (
        "<p><mark>Marked</mark>: written by hand; no source answers for it.</p>"
        if document.by_hand
        else ""
    )
    sources = "".join(f"<li>{escape(one)}</li>" for one in document.sources)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="author" content="{escape(document.author)}">'
        f"<title>{escape(document.title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(document.title)}</h1>{audience}{facts}{warnings}{cards}"
        f'<section class="long"><h2>Sources</h2>{by_hand}<ol class="quiet">{sources}</ol>'
        f'</section></main><footer class="quiet">Snapshot {escape(document.snapshot)}</footer>'
        "</body></html>\n"
    )


def card_html(document: BriefingDocument, card: Card) -> str:
    """What a card shows below its title."""
    if isinstance(card, TextCard):
        return "".join(
            f"<p>{''.join(_marked(one) for one in parts)}</p>"
            for parts in marked_paragraphs(document, card)
        )
    note = f'<p class="quiet">{escape(card.note.text)}</p>' if card.note.text else ""
    if isinstance(card, TableCard):
        return _table(card) + note
    if isinstance(card, ChartCard):
        return svg(bar_picture(card.chart, WIDE, CHART_HIGH), card.alt) + note
    return svg(area_picture(card.map, WIDE, MAP_HIGH), card.alt) + note


def source_marks(document: BriefingDocument, card: Card) -> str:
    """The numbers of a card's sources, behind its title; a text has them behind its words."""
    if isinstance(card, TextCard):
        return ""
    return f"<sup>{','.join(str(one) for one in document.numbers(card))}</sup>"


def _section(document: BriefingDocument, card: Card) -> str:
    long = ' class="long"' if isinstance(card, TableCard) else ""
    title = f"{escape(card.title)} {source_marks(document, card)}".strip()
    return f"<section{long}><h2>{title}</h2>{card_html(document, card)}</section>"


def _marked(part: MarkedText) -> str:
    text = escape(part.text)
    if part.by_hand:
        return f"<mark>{text}</mark>"
    return f"{text}<sup>{part.number}</sup>" if part.number else text


def _table(card: TableCard) -> str:
    words = {0, *card.texts}
    head = "".join(
        f'<th scope="col"{_class(at in words)}>{escape(text)}</th>'
        for at, text in enumerate(card.columns)
    )
    rows = []
    for row, cells in enumerate(card.rows):
        mark = card.mark(row)
        first, *rest = cells
        said = f'<th scope="row" class="text">{escape(first)}</th>'
        for column, text in enumerate(rest, 1):
            sign = f"{MARKS[mark]} " if mark and column in words else ""
            said += f"<td{_class(column in words)}>{sign}{escape(text)}</td>"
        rows.append(f'<tr class="{mark}">{said}</tr>' if mark else f"<tr>{said}</tr>")
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _class(is_text: bool) -> str:
    return ' class="text"' if is_text else ""
