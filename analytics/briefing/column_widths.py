"""Widths of the columns of a table as its texts need them."""

from __future__ import annotations

from analytics.briefing.document import TableCard
from analytics.briefing.picture import words_width

PAD, APART = 3.0, 8.0
"""Beside a text, and more before words that follow a column of numbers."""
MOST_SPARE = 26.0
"""A column is widened by so much at most: a short table does not span the page."""


def column_widths(card: TableCard, room: float, size: float) -> list[float]:
    """Widths in points, in all at most `room`: what is too wide shrinks from the widest on."""
    needs = natural_widths(card, size)
    over = sum(needs) - room
    while over > 0.01:
        widest = max(needs)
        second = max((one for one in needs if one < widest), default=0.0)
        count = needs.count(widest)
        cut = min(over / count, widest - second)
        needs = [one - cut if one == widest else one for one in needs]
        over -= cut * count
    spare = min((room - sum(needs)) / len(needs), MOST_SPARE)
    return [one + max(spare, 0.0) for one in needs]


def natural_widths(card: TableCard, size: float) -> list[float]:
    """Widths in points with which no cell breaks its text; a head may take two lines."""
    return [_need(card, column, size) for column in range(len(card.columns))]


def _need(card: TableCard, column: int, size: float) -> float:
    head = card.columns[column]
    texts = [
        max((words_width(word, size, bold=True) for word in head.split()), default=0.0),
        words_width(head, size, bold=True) / 2,
        *(words_width(f"▲ {cells[column]}", size, bold=not column) for cells in card.rows),
    ]
    return max(texts) + 2 * PAD + 2 + (APART if column in card.texts else 0.0)
