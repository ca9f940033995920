"""A briefing as PDF: Letter or A4, fonts embedded, bookmarks, page numbers, selectable text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from analytics.briefing.area_picture import area_picture
from analytics.briefing.bar_picture import bar_picture
from analytics.briefing.colors import COLORS, MARKS
from analytics.briefing.column_widths import APART, PAD, column_widths
from analytics.briefing.document import (
    BriefingDocument,
    Card,
    ChartCard,
    MapCard,
    MarkedText,
    TableCard,
    TextCard,
    marked_paragraphs,
)
from analytics.briefing.picture import BOLD, FONT, Picture, draw, register_fonts, words_width

Paper = Literal["letter", "a4"]
PAPERS: dict[Paper, tuple[float, float]] = {"letter": LETTER, "a4": A4}
MARGIN = 40.0
FOOT = 30.0
CHART_HEIGHT, MAP_HEIGHT, HALF_HEIGHT = 118.0, 250.0, 186.0
NARROW_BARS = 24
"""A chart with at most so many bars fits half of a page's width."""
GUTTER = 14.0
CELL_SIZE = 7.6
_TEXT = HexColor(COLORS["text"])
_MUTED = HexColor(COLORS["text-muted"])


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    more.setdefault("fontName", FONT)
    more.setdefault("textColor", _TEXT)
    return ParagraphStyle(name, fontSize=size, leading=size * 1.38, splitLongWords=1, **more)


TITLE = _style("title", 17, fontName=BOLD, spaceAfter=2)
HEADING = _style("heading", 10.5, fontName=BOLD, spaceBefore=5, spaceAfter=2.5)
BODY = _style("body", 8.6, spaceAfter=3)
QUIET = _style("quiet", 7.2, textColor=_MUTED, spaceAfter=1.5)
SOURCE = _style("source", 6.5, textColor=_MUTED, spaceAfter=0.4)
WARNING = _style(
    "warning", 8.6, fontName=BOLD, textColor=HexColor(COLORS["warn"]), spaceAfter=3,
    backColor=HexColor(COLORS["warn-soft"]), borderPadding=3, spaceBefore=4,
)  # fmt: skip
CELL = _style("cell", CELL_SIZE)
NUMBER = _style("number", CELL_SIZE, alignment=TA_RIGHT)
HEAD = _style("head", 7, textColor=_MUTED)
NUMBER_HEAD = _style("number head", 7, textColor=_MUTED, alignment=TA_RIGHT)


def pdf_file(document: BriefingDocument, paper: Paper = "letter") -> bytes:
    """The file; the same document gives the same bytes."""
    register_fonts()
    made = BytesIO()
    width, height = PAPERS[paper]
    template = BaseDocTemplate(
        made,
        pagesize=(width, height),
        title=document.title,
        author=document.author,
        subject=" ".join(document.facts),
        creator="PatrolIQ",
        lang="en-US",
        invariant=1,
    )
    room = width - 2 * MARGIN
    frame = Frame(MARGIN, MARGIN + FOOT - 12, room, height - 2 * MARGIN - FOOT + 20, 0, 0, 0, 0)
    template.addPageTemplates(PageTemplate(frames=[frame]))
    story = [*_head(document), *_cards(document, room), *_sources(document)]

    class Numbered(_NumberedCanvas):
        foot = f"{document.title} · snapshot {document.snapshot}"

    template.build(story, canvasmaker=Numbered)
    return made.getvalue()


class _NumberedCanvas(Canvas):
    """Writes `Page 1 of 3` on each page once their number is known."""

    foot = ""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._write_foot(f"Page {number} of {len(self._pages)}")
            super().showPage()
        super().save()

    def _write_foot(self, numbered: str) -> None:
        width = self._pagesize[0]
        self.setFont(FONT, 6.8)
        self.setFillColor(_MUTED)
        self.drawRightString(width - MARGIN, MARGIN - 8, numbered)
        most, foot = width - 2 * MARGIN - words_width(numbered, 6.8) - 12, self.foot
        while words_width(foot, 6.8) > most:
            foot = foot[:-2] + "…"
        self.drawString(MARGIN, MARGIN - 8, foot)


class _Bookmark(Flowable):
    """An entry of the outline, without a size."""

    def __init__(self, title: str, key: str) -> None:
        super().__init__()
        self.title, self.key = title, key

    def wrap(self, *_room: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self.canv.bookmarkHorizontal(self.key, 0, 14)
        self.canv.addOutlineEntry(self.title, self.key, 0, 0)


class _Drawing(Flowable):
    """A picture in the flow."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.picture = picture

    def wrap(self, *_room: float) -> tuple[float, float]:
        return self.picture.width, self.picture.height

    def draw(self) -> None:
        draw(self.canv, self.picture)


def _head(document: BriefingDocument) -> Iterator[Flowable]:
    yield Paragraph(escape(document.title), TITLE)
    if document.audience:
        yield Paragraph(f"For {escape(document.audience)}", BODY)
    for line in document.facts:
        yield Paragraph(escape(line), QUIET)
    for line in document.warnings:
        yield Paragraph(escape(line), WARNING)
    yield Spacer(0, 3)


def _cards(document: BriefingDocument, room: float) -> Iterator[Flowable]:
    at, cards = 0, document.cards
    while at < len(cards):
        pair = cards[at : at + 2]
        if len(pair) == 2 and all(_is_narrow(one) for one in pair):
            yield _side_by_side(document, pair, at, room)
            at += 2
            continue
        flow = list(_card(document, cards[at], at, room))
        if isinstance(cards[at], TableCard):
            yield CondPageBreak(80)  # a heading with some rows; long tables go on
            yield from flow
        else:
            yield KeepTogether(flow)
        at += 1


def _is_narrow(card: Card) -> bool:
    if isinstance(card, ChartCard):
        return len(card.chart.values) <= NARROW_BARS
    return isinstance(card, MapCard)


def _side_by_side(
    document: BriefingDocument, pair: Sequence[Card], at: int, room: float
) -> Flowable:
    half = (room - GUTTER) / 2
    cells = [list(_card(document, one, at + n, half)) for n, one in enumerate(pair)]
    table = Table([[cells[0], "", cells[1]]], colWidths=[half, GUTTER, half])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _card(document: BriefingDocument, card: Card, at: int, room: float) -> Iterator[Flowable]:
    yield _Bookmark(card.title, f"card-{at}")
    title = escape(card.title)
    if not isinstance(card, TextCard):
        title += _superscript(document.numbers(card))
    yield Paragraph(title, HEADING)
    if isinstance(card, TextCard):
        for parts in marked_paragraphs(document, card):
            yield Paragraph("".join(_marked(one) for one in parts), BODY)
        return
    if isinstance(card, TableCard):
        yield _table(card, room)
    elif isinstance(card, ChartCard):
        narrow = len(card.chart.values) <= NARROW_BARS and room < 400
        yield _Drawing(bar_picture(card.chart, room, HALF_HEIGHT if narrow else CHART_HEIGHT))
    else:
        yield _Drawing(area_picture(card.map, room, HALF_HEIGHT if room < 400 else MAP_HEIGHT))
    if card.note.text:
        yield Spacer(0, 2)
        yield Paragraph(escape(card.note.text), QUIET)


def _superscript(numbers: Sequence[int]) -> str:
    text = ",".join(str(one) for one in numbers)
    return f' <super size="5.5">{text}</super>' if text else ""


def _marked(part: MarkedText) -> str:
    text = escape(part.text)
    if part.by_hand:
        return f'<font backColor="{COLORS["warn-soft"]}">{text}</font>'
    return f'{text}<super size="5">{part.number}</super>' if part.number else text


def _table(card: TableCard, room: float) -> Table:
    words = {0, *card.texts}
    head = [
        Paragraph(escape(text), HEAD if at in words else NUMBER_HEAD)
        for at, text in enumerate(card.columns)
    ]
    rows = [
        [
            Paragraph(_cell(card, row, column, text), CELL if column in words else NUMBER)
            for column, text in enumerate(cells)
        ]
        for row, cells in enumerate(card.rows)
    ]
    table = Table(
        [head, *rows], colWidths=column_widths(card, room, CELL_SIZE), repeatRows=1, hAlign="LEFT"
    )
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("LEFTPADDING", (0, 0), (-1, -1), PAD),
                ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
                *[("LEFTPADDING", (at, 0), (at, -1), PAD + APART) for at in card.texts],
                ("LINEBELOW", (0, 0), (-1, 0), 0.6, HexColor(COLORS["outline"])),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, HexColor(COLORS["border"])),
            ]
        )
    )
    return table


def _cell(card: TableCard, row: int, column: int, text: str) -> str:
    mark = card.mark(row)
    if not mark or column not in {0, *card.texts}:
        return escape(text)
    if column == 0:
        return f"<b>{escape(text)}</b>"
    return f'<font color="{COLORS[mark]}">{MARKS[mark]} {escape(text)}</font>'


def _sources(document: BriefingDocument) -> Iterator[Flowable]:
    flow: list[Flowable] = [_Bookmark("Sources", "sources"), Paragraph("Sources", HEADING)]
    if document.by_hand:
        mark = f'<font backColor="{COLORS["warn-soft"]}">Marked</font>'
        flow.append(Paragraph(f"{mark}: written by hand; no source answers for it.", SOURCE))
    flow += [
        Paragraph(f"{at}. {escape(label)}", SOURCE) for at, label in enumerate(document.sources, 1)
    ]
    yield KeepTogether(flow[:4])
    yield from flow[4:]
