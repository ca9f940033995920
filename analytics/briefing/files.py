"""Files of a briefing, by the ending of their name."""

from __future__ import annotations

import re
from enum import StrEnum, unique
from pathlib import PurePath
from typing import Any

from analytics.briefing.document import BriefingDocument
from analytics.errors import InputError
from analytics.one_line import HIDDEN, REPLACEMENT


@unique
class FileFormat(StrEnum):
    """Endings of files."""

    PDF = "pdf"
    HTML = "html"
    WORD = "docx"
    SLIDES = "pptx"


MEDIA_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.HTML: "text/html; charset=utf-8",
    FileFormat.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileFormat.SLIDES: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
PAPER_NAMES = ("letter", "a4")
_UNSHOWN = re.compile(f"(?!\n)[{HIDDEN}\ufffe\uffff]")


def format_of(name: str) -> FileFormat:
    """The format of a file's name.

    Raises
    ------
    InputError
        It has none of the known endings.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    try:
        return FileFormat(ending)
    except ValueError:
        known, file = ", ".join(f".{one}" for one in FileFormat), PurePath(name).name
        raise InputError(f"{file}: the name of the file must end in {known}.") from None


def briefing_file(document: BriefingDocument, made_as: FileFormat, paper: str = "letter") -> bytes:
    """A document in a format.

    Characters that are not shown, which could turn the direction of a text, are replaced.

    Parameters
    ----------
    paper : `letter` or `a4`; of PDF and Word
    """
    clean = BriefingDocument.from_json(_shown(document.as_json()))
    size: Any = paper
    match made_as:
        case FileFormat.PDF:
            from analytics.briefing.pdf_file import pdf_file  # noqa: PLC0415 - loads reportlab

            return pdf_file(clean, size)
        case FileFormat.HTML:
            from analytics.briefing.html_file import html_file  # noqa: PLC0415 - as above

            return html_file(clean).encode()
        case FileFormat.WORD:
            from analytics.briefing.word_file import word_file  # noqa: PLC0415 - loads python-docx

            return word_file(clean, size)
        case FileFormat.SLIDES:
            from analytics.briefing.slides_file import slides_file  # noqa: PLC0415 - python-pptx

            return slides_file(clean)


def _shown(value: Any) -> Any:
    """Plain values with their texts cleaned, character by character: citations keep their place."""
    if isinstance(value, str):
        return _UNSHOWN.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    return value
