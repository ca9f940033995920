"""The card of the CompStat table: kinds of the whole selection, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefing.cited_text import NumberSource, Piece, Sourced, cited_text
from analytics.briefing.document import TableCard
from analytics.compstat.columns import ColumnSpan
from analytics.compstat.table import (
    CompStatCell,
    CompStatChoice,
    CompStatColumn,
    CompStatRow,
    compstat_table,
    day_of_table,
)
from analytics.crossfilter.scope import EVERYTHING
from analytics.drafting.figures import CHANGE, BriefingFigures
from analytics.drafting.verdicts import chance_of, expected_text, tier_text
from analytics.formats import DASH, date_range, number, signed_percent
from analytics.overview.daily_rows import EVERY, GROUP, TYPE
from analytics.statistics.tiers import Tier

MOST_ROWS = 20
SPANS = {
    ColumnSpan.LAST_7: "7 days",
    ColumnSpan.LAST_28: "28 days",
    ColumnSpan.LAST_MONTH: "Last month",
    ColumnSpan.YEAR: "Year to date",
}


def compstat_card(figures: BriefingFigures) -> TableCard | None:
    """Counts of the last 7 and 28 days and the year to date; None where the source has no kinds.

    The verdict is that of the 28 days, or of the last month where dates give only months.
    """
    kinds = next((one for one in (GROUP, TYPE) if not figures.lacks(one)), None)
    if kinds is None:
        return None
    day = day_of_table(figures.manifest, figures.days.last)
    choice = CompStatChoice(figures.selection, kinds, "", day)
    table = compstat_table(figures.pinned.reader, EVERYTHING, figures.manifest, choice)
    shown, tested = table.rows[:MOST_ROWS], table.columns[-2]
    first, last = table.columns[-1].periods.now[0], day
    source = figures.source("CompStat table", (first, last), "docs/compstat.md")
    return TableCard(
        "compstat",
        "CompStat",
        _columns(figures, kinds, table.columns),
        tuple(_row(figures, kinds, row) for row in shown),
        source,
        cited_text([list(_note(figures, tested, len(table.rows) - len(shown), source))]),
        tuple(_mark(row.cells[-2]) for row in shown),
        texts=(2 * len(table.columns) + 2,),
    )


def _columns(
    figures: BriefingFigures, kinds: str, columns: tuple[CompStatColumn, ...]
) -> tuple[str, ...]:
    counted = [SPANS[one.periods.span] for one in columns]
    verdict = f"Verdict, {counted[-2].lower()}"
    return (
        figures.pinned.vocabulary.labels.get(kinds, kinds),
        *(head for name in counted for head in (name, "Expected")),
        "Last year",
        verdict,
    )


def _row(figures: BriefingFigures, kinds: str, row: CompStatRow) -> tuple[str, ...]:
    label = "All" if row.kind == EVERY else figures.label(kinds, row.kind)
    cells = [text for cell in row.cells for text in (number(cell.count), _expected(cell))]
    year, tested = row.cells[-1], row.cells[-2]
    before = DASH if year.last_year is None else number(year.last_year)
    if year.change_last_year is not None:
        before += f" ({signed_percent(year.change_last_year)})"
    return (label, *cells, before, _verdict(tested))


def _expected(cell: CompStatCell) -> str:
    expected = cell.verdict.expected
    return DASH if expected is None else expected_text(expected)


def _verdict(cell: CompStatCell) -> str:
    if cell.verdict.tier is Tier.NOT_TESTED:
        return "not tested"
    return tier_text(cell.verdict.tier, more=_is_more(cell))


def _mark(cell: CompStatCell) -> str:
    if cell.verdict.tier not in (Tier.CLEAR, Tier.WATCH):
        return ""
    return "more" if _is_more(cell) else "less"


def _is_more(cell: CompStatCell) -> bool:
    return cell.verdict.expected is not None and cell.count > cell.verdict.expected


def _note(
    figures: BriefingFigures, tested: CompStatColumn, left: int, source: NumberSource
) -> Iterator[Piece]:
    period = tested.periods.now
    yield "The verdict is of "
    yield Sourced(date_range(*period), source)
    yield ". "
    if tested.untested is None:
        yield from chance_of(tested.tested, figures.source("CompStat verdicts", period, CHANGE))
    if left:
        yield Sourced(number(left), source)
        yield " kinds with fewer incidents are not listed."
