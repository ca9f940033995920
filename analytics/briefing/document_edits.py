"""Changes of a briefing: order of cards, cards that come and go, title, audience and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analytics.briefing.cited_text import CitedText
from analytics.briefing.document import BriefingDocument, Card, TextCard
from analytics.errors import InputError
from analytics.one_line import one_line, visible_line

MOST_CARDS = 40
LONGEST_TEXT = 6_000
LONGEST_TITLE = 200
NOTE = "note"
"""Name of cards with a text that a person wrote."""


def moved(document: BriefingDocument, at: int, by: int) -> BriefingDocument:
    """The document with one card moved; at the end it stays where it is."""
    cards = list(document.cards)
    card = cards.pop(_place(document, at))
    cards.insert(min(max(at + by, 0), len(cards)), card)
    return replace(document, cards=tuple(cards))


def without_card(document: BriefingDocument, at: int) -> BriefingDocument:
    """The document without a card."""
    place = _place(document, at)
    return replace(document, cards=(*document.cards[:place], *document.cards[place + 1 :]))


def with_card(document: BriefingDocument, card: Card) -> BriefingDocument:
    """The document with another card at its end.

    Raises
    ------
    InputError
        It has `MOST_CARDS`.
    """
    if len(document.cards) >= MOST_CARDS:
        raise InputError(f"A briefing has at most {MOST_CARDS} cards.")
    return replace(document, cards=(*document.cards, card))


def note_card(text: str = "") -> TextCard:
    """A card for a text that a person writes."""
    return TextCard(NOTE, "Note", CitedText("", ()), text)


def retitled(document: BriefingDocument, title: str, audience: str) -> BriefingDocument:
    """The document with another title and audience.

    Raises
    ------
    InputError
        A text is too long, or has characters that are not shown.
    """
    lines = [visible_line(text) for text in (title, audience)]
    if any(len(line) > LONGEST_TITLE for line in lines):
        raise InputError(f"Title and audience have at most {LONGEST_TITLE} characters.")
    return replace(document, title=lines[0] or document.title, audience=lines[1])


def rewritten(document: BriefingDocument, texts: Mapping[int, str]) -> BriefingDocument:
    """The document with other texts by place of their cards; what is as drafted counts as such.

    Raises
    ------
    InputError
        A text is too long.
    """
    cards = list(document.cards)
    for at, text in texts.items():
        card = cards[_place(document, at)]
        if not isinstance(card, TextCard):
            continue
        tidied = _tidied(text)
        if len(tidied) > LONGEST_TEXT:
            raise InputError(f"A text has at most {LONGEST_TEXT:,} characters.")
        drafted = card.name != NOTE and tidied == _tidied(card.text.text)
        cards[at] = replace(card, edited=None if drafted else tidied)
    return replace(document, cards=tuple(cards))


def _tidied(text: str) -> str:
    return "\n".join(one_line(line) for line in text.splitlines()).strip()


def _place(document: BriefingDocument, at: int) -> int:
    if not 0 <= at < len(document.cards):
        raise InputError("The briefing has no such card any more.")
    return at
