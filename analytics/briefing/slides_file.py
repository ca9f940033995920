"""A briefing as a PowerPoint file: one idea a slide, texts and tables to edit, sources in notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from analytics.briefing.area_picture import area_picture
from analytics.briefing.bar_picture import bar_picture
from analytics.briefing.colors import COLORS, MARKS
from analytics.briefing.column_widths import column_widths, natural_widths
from analytics.briefing.document import (
    BriefingDocument,
    Card,
    ChartCard,
    MarkedText,
    TableCard,
    TextCard,
    marked_paragraphs,
)
from analytics.briefing.picture import Picture, png, words_width
from analytics.briefing.steady_zip import LONGEST, steady_zip

WIDTH, HEIGHT = 960.0, 540.0
"""16:9, in points."""
MARGIN, TITLE_HIGH, TOP, FOOT = 40.0, 52.0, 88.0, 34.0
ROOM = WIDTH - 2 * MARGIN
HIGH = HEIGHT - TOP - FOOT
TITLE_SIZE, NOTE_SIZE = 26.0, 10.0
TEXT_SIZES = ((350, 22.0), (600, 18.0), (900, 15.0), (0, 11.0))
"""Most letters of a slide at each size; the last holds any."""
CELL_SIZES = (16.0, 14.0, 12.0, 10.0)
ROW_HIGH = 26.0
MOST_ROWS = 14
MOST_LETTERS = 900
"""Of text on a slide."""
PICTURE_SHRINK = 0.5
"""Pictures are laid out as on paper and enlarged, so that their words can be read."""
LONGEST_TITLE = 110
LONGEST_CELL = 60
FONT = "Arial"
_TITLE_ONLY = 5
"""The default template's layout that has a title alone."""


def slides_file(document: BriefingDocument) -> bytes:
    """The file; the same document gives the same bytes."""
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    about = deck.core_properties
    about.title, about.author = document.title[:LONGEST], document.author[:LONGEST]
    about.last_modified_by, about.subject = (
        document.author[:LONGEST],
        f"Snapshot {document.snapshot}",
    )
    about.created = about.modified = datetime.fromisoformat(document.dated)
    _first(deck, document)
    for card in document.cards:
        _slides_of(deck, document, card)
    out = BytesIO()
    deck.save(out)
    return steady_zip(out.getvalue())


def _first(deck: Any, document: BriefingDocument) -> None:
    slide = _slide(deck, document.title)
    lines = [f"For {document.audience}"] if document.audience else []
    _box(slide, TOP, [*lines, *document.facts], 18, high=HIGH - 60)
    if document.warnings:
        _box(slide, HEIGHT - 110, list(document.warnings), 16, high=60, color="warn")
    _notes(slide, document.sources, document)


def _slides_of(deck: Any, document: BriefingDocument, card: Card) -> None:
    sources = [one.label for one in card.sources]
    if isinstance(card, TextCard):
        for at, paragraphs in enumerate(_shared_out(marked_paragraphs(document, card))):
            slide = _slide(deck, _continued(card.title, at))
            _text(slide, paragraphs)
            _notes(slide, sources, document)
        return
    if isinstance(card, TableCard):
        for at in range(0, max(len(card.rows), 1), MOST_ROWS):
            slide = _slide(deck, _continued(card.title, at))
            _table(slide, card, at)
            _below(slide, card.note.text)
            _notes(slide, sources, document)
        return
    slide = _slide(deck, card.title)
    size = ROOM * PICTURE_SHRINK, (HIGH - 24) * PICTURE_SHRINK
    if isinstance(card, ChartCard):
        _picture(slide, bar_picture(card.chart, *size), card.alt)
    else:
        _picture(slide, area_picture(card.map, *size), card.alt)
    _below(slide, card.note.text)
    _notes(slide, sources, document)


def _continued(title: str, at: int) -> str:
    return f"{title} (continued)" if at else title


def _shared_out(paragraphs: list[list[MarkedText]]) -> Iterator[list[list[MarkedText]]]:
    """Paragraphs of each slide."""
    taken: list[list[MarkedText]] = []
    letters = 0
    for one in paragraphs:
        size = sum(len(part.text) for part in one)
        if taken and letters + size > MOST_LETTERS:
            yield taken
            taken, letters = [], 0
        taken.append(one)
        letters += size
    if taken:
        yield taken


def _slide(deck: Any, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top = Pt(MARGIN), Pt(24)
    shape.width, shape.height = Pt(ROOM), Pt(TITLE_HIGH)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    text = _shortened(title, LONGEST_TITLE)
    frame.text = text
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    wide = words_width(text, TITLE_SIZE, bold=True)
    _font(paragraph.runs, TITLE_SIZE if wide < ROOM else TITLE_SIZE * 0.6, "text", bold=True)
    return slide


def _box(
    slide: Any, top: float, lines: Sequence[str], size: float, *, high: float, color: str = "text"
) -> None:
    frame = slide.shapes.add_textbox(Pt(MARGIN), Pt(top), Pt(ROOM), Pt(high)).text_frame
    frame.word_wrap = True
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.text, paragraph.space_after = line, Pt(6)
        _font(paragraph.runs, size, color)


def _text(slide: Any, paragraphs: Sequence[Sequence[MarkedText]]) -> None:
    frame = slide.shapes.add_textbox(Pt(MARGIN), Pt(TOP), Pt(ROOM), Pt(HIGH)).text_frame
    frame.word_wrap = True
    letters = sum(len(part.text) for one in paragraphs for part in one)
    size = _size(TEXT_SIZES, letters)
    for at, parts in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(8)
        for part in parts:
            run = paragraph.add_run()
            run.text = part.text
            _font([run], size, "warn" if part.by_hand else "text")


def _table(slide: Any, card: TableCard, first: int) -> None:
    rows = card.rows[first : first + MOST_ROWS]
    words, size = {0, *card.texts}, _cell_size(card, len(rows))
    high = ROW_HIGH * size / 12
    shape = slide.shapes.add_table(
        len(rows) + 1, len(card.columns), Pt(MARGIN), Pt(TOP), Pt(ROOM),
        Pt(high * (len(rows) + 1)),
    )  # fmt: skip
    table = shape.table
    for column, wide in enumerate(_widths(card, size)):
        table.columns[column].width = Emu(Pt(wide))
    for at, texts in enumerate((card.columns, *rows)):
        mark = card.mark(first + at - 1) if at else ""
        for column, text in enumerate(texts):
            sign = f"{MARKS[mark]} " if mark and column and column in words else ""
            cell = table.cell(at, column)
            cell.margin_top = cell.margin_bottom = Pt(2)
            cell.margin_left = cell.margin_right = Pt(5)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = _rgb("surface" if at else "grid")
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.text = sign + _shortened(text, LONGEST_CELL)
            paragraph.alignment = PP_ALIGN.LEFT if column in words else PP_ALIGN.RIGHT
            shade = mark if mark and column else "text"
            _font(paragraph.runs, size, shade, bold=not at or bool(mark and not column))


def _cell_size(card: TableCard, rows: int) -> float:
    """The largest at which the table fits the slide."""
    fitting = (
        size
        for size in CELL_SIZES
        if (rows + 1) * ROW_HIGH * size / 12 <= HIGH and sum(natural_widths(card, size)) <= ROOM
    )
    return next(fitting, CELL_SIZES[-1])


def _widths(card: TableCard, size: float) -> list[float]:
    needs = column_widths(card, ROOM, size)
    return [ROOM * one / sum(needs) for one in needs]


def _size(sizes: Sequence[tuple[int, float]], many: int) -> float:
    return next((size for most, size in sizes if many <= most), sizes[-1][1])


def _picture(slide: Any, picture: Picture, alt: str) -> None:
    wide, high = picture.width / PICTURE_SHRINK, picture.height / PICTURE_SHRINK
    content = BytesIO(png(picture, round(220 / PICTURE_SHRINK)))
    shape = slide.shapes.add_picture(content, Pt(MARGIN), Pt(TOP), Pt(wide), Pt(high))
    shape._element.nvPicPr.cNvPr.set("descr", alt)


def _below(slide: Any, text: str) -> None:
    if text:
        _box(slide, HEIGHT - FOOT - 14, [text], NOTE_SIZE, high=FOOT, color="text-muted")


def _notes(slide: Any, labels: Sequence[str], document: BriefingDocument) -> None:
    lines = dict.fromkeys(labels)
    said = "\n".join(lines) or "Written by hand."
    slide.notes_slide.notes_text_frame.text = f"Sources\n{said}\nSnapshot {document.snapshot}"


def _font(runs: Sequence[Any], size: float, color: str, *, bold: bool = False) -> None:
    for run in runs:
        run.font.name, run.font.size, run.font.bold = FONT, Pt(size), bold
        run.font.color.rgb = _rgb(color)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _rgb(name: str) -> RGBColor:
    return RGBColor.from_string(COLORS[name][1:].upper())
