"""Which counts of a CompStat table are colored: by their verdict, or by an agency's percentages.

A percentage is not a test: the table compstat.csv (docs/reference-tables.md) is for agencies whose
rules name percentages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path

from analytics.compstat.table import CompStatCell
from analytics.incidents.reference import TableRow, table_rows
from analytics.statistics.tiers import Tier

FILE = "compstat.csv"
COLUMNS = ("compared_with", "rise", "strong_rise", "fall", "strong_fall")


@unique
class ComparedWith(StrEnum):
    """What a percentage is of."""

    BEFORE = "before"
    LAST_YEAR = "last_year"
    EXPECTED = "expected"


@unique
class Shade(StrEnum):
    """The color of a count."""

    STRONG_RISE = "strong_rise"
    RISE = "rise"
    NONE = "none"
    FALL = "fall"
    STRONG_FALL = "strong_fall"


@dataclass(frozen=True)
class PercentColors:
    """An agency's percentages, above 0; None where it has no such color."""

    compared_with: ComparedWith
    rise: float | None
    strong_rise: float | None
    fall: float | None
    strong_fall: float | None

    def shade(self, cell: CompStatCell) -> Shade:
        changes = {
            ComparedWith.BEFORE: cell.change_before,
            ComparedWith.LAST_YEAR: cell.change_last_year,
            ComparedWith.EXPECTED: cell.change_expected,
        }
        change = changes[self.compared_with]
        if change is None:
            return Shade.NONE
        percent = round(100 * change, 9)
        for shade in (Shade.STRONG_RISE, Shade.RISE):
            limit = getattr(self, shade)
            if limit is not None and percent >= limit:
                return shade
        for shade in (Shade.STRONG_FALL, Shade.FALL):
            limit = getattr(self, shade)
            if limit is not None and -percent >= limit:
                return shade
        return Shade.NONE


def read_percent_colors(path: Path) -> PercentColors | None:
    """Read compstat.csv; None for a table without a row, where colors follow the verdicts.

    Raises
    ------
    InputError
        The table is not valid; the message names file, line and column.
    """
    rows = list(table_rows(path, COLUMNS))
    if len(rows) > 1:
        raise rows[1].fail("compared_with", "the table has one row; remove this one")
    for row in rows:
        compared_with = ComparedWith(row.choice("compared_with", [*ComparedWith]))
        return PercentColors(compared_with, *(_percent(row, name) for name in COLUMNS[1:]))
    return None


def shade_of(cell: CompStatCell, colors: PercentColors | None) -> Shade:
    """The color of a count; without percentages strong for clear ones, weak for those to watch."""
    if colors is not None:
        return colors.shade(cell)
    verdict = cell.verdict
    if verdict.tier not in (Tier.CLEAR, Tier.WATCH) or verdict.expected is None:
        return Shade.NONE
    more, clear = verdict.count > verdict.expected, verdict.tier is Tier.CLEAR
    if more:
        return Shade.STRONG_RISE if clear else Shade.RISE
    return Shade.STRONG_FALL if clear else Shade.FALL


def _percent(row: TableRow, column: str) -> float | None:
    text = row.cells[column].removesuffix("%").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 10_000:
        raise row.fail(column, f"{row.cells[column]!r} is not a percentage above 0")
    return value
