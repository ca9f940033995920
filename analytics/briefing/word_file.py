"""A briefing as a Word document: headings, paragraphs and tables to edit, pictures for print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from analytics.briefing.area_picture import area_picture
from analytics.briefing.bar_picture import bar_picture
from analytics.briefing.colors import COLORS, MARKS
from analytics.briefing.column_widths import column_widths
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
from analytics.briefing.pdf_file import PAPERS, Paper
from analytics.briefing.picture import Picture, png
from analytics.briefing.steady_zip import LONGEST, steady_zip

FONT = "Arial"
MARGIN_MM = 16
CHART_HIGH, MAP_HIGH = 130.0, 225.0
CELL_SIZE, ROOMY = 8.0, 1.12
"""Size of words in a table, and what Word's fonts may need more than ours."""
POINT = 12_700
"""Units of a document (EMU) in a point."""


def word_file(document: BriefingDocument, paper: Paper = "letter") -> bytes:
    """The file; the same document gives the same bytes."""
    made = docx.Document()
    room = _page(made, paper)
    _styles(made)
    _about(made, document)
    made.add_heading(document.title, level=0)
    if document.audience:
        made.add_paragraph(f"For {document.audience}")
    for line in document.facts:
        _quiet(made.add_paragraph(), line)
    for line in document.warnings:
        run = made.add_paragraph().add_run(line)
        run.bold, run.font.color.rgb = True, _rgb("warn")
    for card in document.cards:
        _card(made, document, card, room)
    made.add_heading("Sources", level=1)
    if document.by_hand:
        _quiet(made.add_paragraph(), "Highlighted: written by hand; no source answers for it.")
    for at, label in enumerate(document.sources, 1):
        _quiet(made.add_paragraph(), f"{at}. {label}")
    out = BytesIO()
    made.save(out)
    return steady_zip(out.getvalue())


def _page(made: Any, paper: Paper) -> float:
    """Set up the page; returns the width of its text in points."""
    width, height = PAPERS[paper]
    section = made.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Pt(width), Pt(height)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN_MM))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _quiet(foot, "Page ")
    _field(foot, "PAGE")
    _quiet(foot, " of ")
    _field(foot, "NUMPAGES")
    return float(width - 2 * Mm(MARGIN_MM) / POINT)


def _field(paragraph: Any, name: str) -> None:
    """A number that Word counts itself."""
    run = paragraph.add_run()
    run.font.size, run.font.color.rgb = Pt(8), _rgb("text-muted")
    for kind in ("begin", None, "end"):
        if kind is None:
            inner = OxmlElement("w:instrText")
            inner.text = name
        else:
            inner = OxmlElement("w:fldChar")
            inner.set(qn("w:fldCharType"), kind)
        run._r.append(inner)


def _styles(made: Any) -> None:
    for name, size, color in (
        ("Normal", 10, "text"),
        ("Title", 20, "text"),
        ("Heading 1", 12, "text"),
    ):
        style = made.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = _rgb(color)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(script), None)
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), FONT)
    made.styles["Normal"].paragraph_format.space_after = Pt(4)
    heading = made.styles["Heading 1"].paragraph_format
    heading.space_before, heading.space_after, heading.keep_with_next = Pt(10), Pt(3), True


def _about(made: Any, document: BriefingDocument) -> None:
    about = made.core_properties
    about.title, about.author = document.title[:LONGEST], document.author[:LONGEST]
    about.last_modified_by, about.comments = document.author[:LONGEST], ""
    about.subject = f"Snapshot {document.snapshot}"
    about.created = about.modified = datetime.fromisoformat(document.dated)


def _card(made: Any, document: BriefingDocument, card: Card, room: float) -> None:
    heading = made.add_heading(card.title, level=1)
    if isinstance(card, TextCard):
        for parts in marked_paragraphs(document, card):
            _marked(made.add_paragraph(), parts)
        return
    _raised(heading, ",".join(str(one) for one in document.numbers(card)))
    if isinstance(card, TableCard):
        _table(made, card, room)
    elif isinstance(card, ChartCard):
        _picture(made, bar_picture(card.chart, room, CHART_HIGH), card.alt)
    elif isinstance(card, MapCard):
        _picture(made, area_picture(card.map, room, MAP_HIGH), card.alt)
    if card.note.text:
        _quiet(made.add_paragraph(), card.note.text)


def _marked(paragraph: Any, parts: Iterable[MarkedText]) -> None:
    for part in parts:
        run = paragraph.add_run(part.text)
        if part.by_hand:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), COLORS["warn-soft"][1:])
            run._r.get_or_add_rPr().append(shade)
        elif part.number:
            _raised(paragraph, str(part.number))


def _raised(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.superscript, run.bold = True, False
    run.font.color.rgb = _rgb("text-muted")


def _table(made: Any, card: TableCard, room: float) -> None:
    table = made.add_table(rows=1, cols=len(card.columns))
    table.style = made.styles["Table Grid"]
    table.autofit = False
    widths = column_widths(card, room, ROOMY * CELL_SIZE)
    words = {0, *card.texts}
    _row(table.rows[0], card.columns, words, "")
    for cell in table.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for at, cells in enumerate(card.rows):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        _row(row, cells, words, card.mark(at))
    for row in table.rows:
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Pt(wide)
    for row in table.rows[:2]:  # no heading alone at the end of a page
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    _lines_only(table)
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _lines_only(table: Any) -> None:
    """Thin lines between rows, none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        shown = side in {"bottom", "insideH"}
        line.set(qn("w:val"), "single" if shown else "nil")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:color"), COLORS["border"][1:])
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _row(row: Any, cells: Iterable[str], words: set[int], mark: str) -> None:
    for at, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        if at not in words:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        stands_out = bool(mark) and at in words
        sign = f"{MARKS[mark]} " if stands_out and at else ""
        run = paragraph.add_run(f"{sign}{text}")
        run.font.size = Pt(CELL_SIZE)
        if stands_out:
            run.bold = at == 0
            run.font.color.rgb = _rgb("text" if at == 0 else mark)


def _picture(made: Any, picture: Picture, alt: str) -> None:
    shape = made.add_picture(BytesIO(png(picture)), width=Pt(picture.width))
    shape._inline.docPr.set("descr", alt)


def _quiet(paragraph: Any, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8), _rgb("text-muted")
    paragraph.paragraph_format.space_after = Pt(1)


def _rgb(name: str) -> RGBColor:
    return RGBColor.from_string(COLORS[name][1:].upper())
