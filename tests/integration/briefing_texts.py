"""What a person reads in the files of a briefing, as other libraries open them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import docx
import pptx
import pypdf

Rows = list[list[str]]


def pdf_text(content: bytes) -> str:
    """The text of all pages, with single spaces."""
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.rows: Rows = []
        self.raised = self.in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.in_cell = True
        self.raised = self.raised or tag in {"sup", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in {"td", "th"}
        self.raised = self.raised and tag not in {"sup", "style"}

    def handle_data(self, data: str) -> None:
        if self.raised:
            return
        self.texts.append(data)
        if self.in_cell:
            self.rows[-1][-1] += data


def html_content(content: bytes) -> tuple[str, Rows]:
    """The text without marks of sources, and the rows of all tables."""
    found = _Html()
    found.feed(content.decode())
    return "".join(found.texts), [[_plain(cell) for cell in row] for row in found.rows]


def word_content(content: bytes) -> tuple[str, Rows]:
    """As `html_content`, of a Word document."""
    found = docx.Document(BytesIO(content))
    text = "\n".join(
        "".join(run.text for run in paragraph.runs if not run.font.superscript)
        for paragraph in found.paragraphs
    )
    rows = [
        [_plain(cell.text) for cell in row.cells] for table in found.tables for row in table.rows
    ]
    return text, rows


def slides_content(content: bytes) -> tuple[str, Rows]:
    """As `html_content`, of a PowerPoint file."""
    texts, rows = [], []
    for slide in pptx.Presentation(BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                texts.append(shape.text_frame.text)
            if shape.has_table:
                rows += [[_plain(cell.text) for cell in row.cells] for row in shape.table.rows]
    return "\n".join(texts), rows


def _plain(cell: str) -> str:
    return re.sub(r"^[▲▼] ", "", cell.strip())
