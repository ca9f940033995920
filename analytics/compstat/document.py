"""The CompStat table as JSON and CSV give it: every number that the page shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics.compstat.table import (
    CompStatCell,
    CompStatColumn,
    CompStatRow,
    CompStatTable,
    SummedMeasure,
)
from analytics.compstat.thresholds import PercentColors, shade_of
from analytics.overview.daily_rows import EVERY
from analytics.statistics.tiers import by_chance
from analytics.statistics.two_periods import Period

NUMBERS = (
    "before", "change_before", "last_year", "change_last_year", "expected", "low", "high",
    "p", "q", "tier", "color",
)  # fmt: skip
EARLIER = ("two_years_before", "three_years_before")


@dataclass(frozen=True)
class CompStatNames:
    """What rows are of, and how they are called.

    Attributes
    ----------
    kinds : `type`, `group` or `target`
    level : of the areas, or `shift`; empty for the city alone
    """

    kinds: str
    level: str
    measure: SummedMeasure = SummedMeasure.INCIDENTS

    @property
    def value(self) -> str:
        """Name of the number of a period: `count`, or `harm_days`."""
        return "count" if self.measure is SummedMeasure.INCIDENTS else "harm_days"


def document_of(
    table: CompStatTable, names: CompStatNames, colors: PercentColors | None
) -> dict[str, Any]:
    """The table; a kind or an area is None where all are counted."""
    return {
        "as_of": str(table.as_of),
        "rows_of": names.kinds,
        "level": names.level or None,
        "measure": str(names.measure),
        "colors": "verdict" if colors is None else f"percent of {colors.compared_with}",
        "columns": [_column(one) for one in table.columns],
        "course_from": [str(day) for day in table.course_from],
        "rows": [_row(row, table, names, colors) for row in table.rows],
    }


def csv_head(table: CompStatTable, names: CompStatNames) -> list[str]:
    """Names of the columns of `csv_lines`."""
    head = [names.kinds, *([names.level] if names.level else [])]
    for column in table.columns:
        span = column.periods.span
        head += [f"{span}_{name}" for name in (names.value, *NUMBERS)]
        head += [f"{span}_{name}" for name in EARLIER[: len(column.periods.earlier)]]
    return [*head, "arrests", "arrest_known", *(f"from_{day}" for day in table.course_from)]


def csv_lines(
    table: CompStatTable, names: CompStatNames, colors: PercentColors | None
) -> Iterator[list[Any]]:
    """A line for each row; a kind or an area is `all` where all are counted."""
    for row in table.rows:
        line: list[Any] = [row.kind or "all", *([row.area or "all"] if names.level else [])]
        for cell in row.cells:
            values = _cell(cell, names, colors)
            line += [values[name] for name in (names.value, *NUMBERS)] + list(cell.earlier)
        yield [*line, row.arrests, row.arrest_known, *row.course]


def _column(column: CompStatColumn) -> dict[str, Any]:
    periods = column.periods
    return {
        "span": str(periods.span),
        "now": _days(periods.now),
        "before": _days(periods.before),
        "last_year": _days(periods.last_year),
        "earlier": [_days(one) for one in periods.earlier],
        "tested": column.tested,
        "watch_by_chance": round(by_chance(column.tested), 2),
        "season": str(column.season),
        "untested": column.untested and str(column.untested),
        "without_area": column.without_area,
    }


def _row(
    row: CompStatRow, table: CompStatTable, names: CompStatNames, colors: PercentColors | None
) -> dict[str, Any]:
    area = {names.level: None if row.area == EVERY else row.area} if names.level else {}
    cells = {
        str(column.periods.span): _cell(cell, names, colors) | {"earlier": list(cell.earlier)}
        for column, cell in zip(table.columns, row.cells, strict=True)
    }
    return {
        names.kinds: None if row.kind == EVERY else row.kind,
        **area,
        **cells,
        "arrests": row.arrests,
        "arrest_known": row.arrest_known,
        "course": list(row.course),
    }


def _cell(cell: CompStatCell, names: CompStatNames, colors: PercentColors | None) -> dict[str, Any]:
    verdict = cell.verdict
    return {
        names.value: verdict.count,
        "before": cell.before,
        "change_before": _rounded(cell.change_before, 4),
        "last_year": cell.last_year,
        "change_last_year": _rounded(cell.change_last_year, 4),
        "expected": _rounded(verdict.expected, 2),
        "low": verdict.low,
        "high": verdict.high,
        "p": verdict.p,
        "q": verdict.q,
        "tier": str(verdict.tier),
        "color": str(shade_of(cell, colors)),
    }


def _days(period: Period) -> dict[str, str]:
    return {"from": str(period[0]), "to": str(period[1])}


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
