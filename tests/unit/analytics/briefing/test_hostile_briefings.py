"""Names that would be markup, formulas or turned text stay text in every format."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf
import pytest

from analytics.briefing.cited_text import NumberSource, Sourced, cited_text
from analytics.briefing.colors import COLORS
from analytics.briefing.document import (
    AreaMap,
    BarChart,
    BriefingDocument,
    ChartCard,
    MapCard,
    MapPlace,
    ShadedArea,
    TableCard,
    TextCard,
)
from analytics.briefing.files import FileFormat, briefing_file, format_of
from analytics.errors import InputError
from components.frame.theme import TOKENS
from tests.integration.briefing_texts import html_content, pdf_text, slides_content, word_content

HOSTILE = (
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    '"><img src=x onerror=1>',
    "&amp;lt; {{7*7}} %s",
    "<para><b>bold",
)
LONG = "Wxyz" * 120
TURNED = "abc\u202edcba\u2066x\x00\x0b\ufffe"
SQUARE = ((-87.7, 41.8), (-87.6, 41.8), (-87.6, 41.9), (-87.7, 41.9))


def document(name: str) -> BriefingDocument:
    source = NumberSource(f"Counts of {name}")
    cards = (
        TextCard("summary", name, cited_text([[Sourced("12", source), f" in {name}"]])),
        TextCard("note", "Note", cited_text([]), f"{name} has 13 of them"),
        TableCard("groups", name, ("Name", "7 days"), ((name, "12"), ("other", "3")), source),
        ChartCard(
            "weeks", name,
            BarChart((name, "b"), (1.0, 2.0), (0, 1), ((0.0, "0"), (2.0, "2")), legend=(name,)),
            name, source,
        ),
        MapCard(
            "map", name,
            AreaMap((ShadedArea(name, (SQUARE,), (-87.65, 41.85), 0),),
                    (MapPlace(name[:3], -87.65, 41.85),), ("1 or more",)),
            name, source,
        ),
    )  # fmt: skip
    dated = "2026-01-01T00:00:00"
    return BriefingDocument(name, name, name, dated, (name,), (name,), "s1", cards)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name: str) -> None:
    made = document(name)
    assert name in pdf_text(briefing_file(made, FileFormat.PDF))
    raw = briefing_file(made, FileFormat.HTML)
    text, rows = html_content(raw)
    assert f"12 in {name}" in text
    assert [name, "12"] in rows
    page = raw.decode()
    assert not re.search(r"<(script|img|para|b)\b", page)
    for read, kind in ((word_content, FileFormat.WORD), (slides_content, FileFormat.SLIDES)):
        text, rows = read(briefing_file(made, kind))
        assert f"12 in {name}" in text
        assert [name, "12"] in rows


def test_characters_that_are_not_shown_are_replaced() -> None:
    made = document(TURNED)
    for kind, read in (
        (FileFormat.HTML, html_content),
        (FileFormat.WORD, word_content),
        (FileFormat.SLIDES, slides_content),
    ):
        text, _ = read(briefing_file(made, kind))
        assert not set(text) & set("\u202e\u2066\x00\ufffe")
        assert "12 in abc\ufffddcba" in text
    assert pdf_text(briefing_file(made, FileFormat.PDF))


def test_long_names_break_and_are_kept_whole() -> None:
    made = document(LONG)
    printed = pdf_text(briefing_file(made, FileFormat.PDF)).replace(" ", "")
    assert LONG in printed
    pages = pypdf.PdfReader(BytesIO(briefing_file(made, FileFormat.PDF))).pages
    assert len(pages) < 8
    for kind, read in ((FileFormat.HTML, html_content), (FileFormat.WORD, word_content)):
        text, rows = read(briefing_file(made, kind))
        assert LONG in text
        assert [LONG, "12"] in rows


def test_numbers_by_hand_are_told_from_cited_ones() -> None:
    made = document("plain")
    assert made.by_hand == ["13"]
    assert "<mark>13</mark>" in briefing_file(made, FileFormat.HTML).decode()


def test_colors_are_those_of_the_light_theme() -> None:
    assert {name: TOKENS["light"][name] for name in COLORS} == COLORS


@pytest.mark.parametrize("name", ["briefing", "briefing.odt", "pdf", ".pdf"])
def test_only_known_endings_are_formats(name: str) -> None:
    with pytest.raises(InputError, match="must end in"):
        format_of(name)
    assert format_of("a.b.PDF") is FileFormat.PDF
