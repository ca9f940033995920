"""Answers of the CompStat page and its files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.compstat.columns import ColumnSpan
from analytics.compstat.document import csv_head, csv_lines, document_of
from analytics.compstat.table import CompStatCell, CompStatColumn, CompStatRow, SummedMeasure
from analytics.compstat.thresholds import Shade, shade_of
from analytics.compstat_answers import (
    CITY,
    CompStatAnswer,
    CompStatRequest,
    on_days,
)
from analytics.crossfilter.clauses import Period as DateClause
from analytics.crossfilter.dimensions import DIMENSIONS, STORED
from analytics.crossfilter.provenance import Provenance
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError, OutsideScopeError, PatrolIQError, UnavailableError
from analytics.formats import DASH, date_range, number, percent, short_date, signed_percent
from analytics.formula_free import formula_free
from analytics.overview.daily_rows import EVERY
from analytics.page_address import MAX_URL_TEXT, page_address, query_of
from analytics.services import Pinned, Services
from analytics.statistics.tiers import Tier, by_chance
from analytics.statistics.two_periods import Period
from api.exports import download, read_query, selected_incidents

OPTIONS = ("rows", "level", "as_of", "measure", "selection")
MOST_ROWS = 600
"""Rows of the page; of more only areas in which something stands out, and all in the files."""
COURSE_WIDTH, COURSE_HEIGHT = 84, 20
ROWS_OF = {"group": "offense group", "type": "crime type", "target": "target"}
MEASURES = {SummedMeasure.INCIDENTS: "Incidents", SummedMeasure.HARM: "Harm, days of sentence"}
VALUES = {SummedMeasure.INCIDENTS: "Count", SummedMeasure.HARM: "Harm"}
SOME_DAYS = (date(1, 1, 2), date(1, 1, 3))
SOME_DAYS_TEXT = DateClause(*SOME_DAYS).text
STANDS_OUT = (Tier.CLEAR, Tier.WATCH)


@dataclass(frozen=True)
class ShownNumber:
    """A count that leads to its incidents; `beside` is its change in percent."""

    text: str
    address: str
    beside: str = ""


@dataclass(frozen=True)
class ShownCell:
    """A row in one group of columns; `mark` is None where the count does not stand out."""

    count: ShownNumber
    shade: Shade
    tier: Tier
    is_more: bool
    before: ShownNumber
    last_year: ShownNumber
    expected: str
    interval: str
    earlier: tuple[ShownNumber, ...]


@dataclass(frozen=True)
class ShownRow:
    """A row of the page."""

    label: str
    cells: tuple[ShownCell, ...]
    points: str
    course: str
    arrests: str


def page(services: Services) -> Any:
    """The page; a query that is not valid is said, and shows no table."""
    try:
        pinned, answer, options = _read(services)
        shown = _shown(services, pinned, answer)
    except (OutsideScopeError, UnavailableError):
        raise
    except PatrolIQError as error:
        trouble = services.for_readers(error)
        return render_template("compstat.html", shown=None, trouble=trouble), 400
    note("compstat.viewed", pinned.id, selection=answer.selection.text, **options)
    return render_template("compstat.html", shown=shown)


def csv_file(services: Services) -> Response:
    """The table, all rows."""
    pinned, answer, options = _read(services)
    lines = csv_lines(answer.table, answer.names, answer.colors)
    provenance = _provenance(pinned, answer)
    head = "" if options.get("plain") else provenance.lines()
    body = _csv([csv_head(answer.table, answer.names), *lines])
    return download([head, body], "text/csv", provenance, _file_name(answer), "csv")


def json_file(services: Services) -> Response:
    """The table as the command prints it."""
    pinned, answer, _ = _read(services)
    document = {
        "snapshot": pinned.id,
        "selection": answer.selection.text,
        **document_of(answer.table, answer.names, answer.colors),
    }
    body = json.dumps(document, ensure_ascii=False)
    provenance = _provenance(pinned, answer)
    return download([body], "application/json", provenance, _file_name(answer), "json")


def _read(services: Services) -> tuple[Pinned, CompStatAnswer, dict[str, str]]:
    """The table that the query names; a form sends its selection as one field."""
    pinned, selection, options = read_query(services, OPTIONS)
    if text := options.pop("selection", ""):
        if selection:
            raise InputError("selection= names a whole selection; leave out other filters.")
        parsed = Selection.parse(text, pinned.attributes)
        selection, _ = pinned.vocabulary.resolve_strictly(parsed)
    options.pop(STORED, None)
    requested = CompStatRequest(
        selection,
        options.get("rows", ""),
        options.get("level", ""),
        options.get("as_of", ""),
        options.get("measure", ""),
    )
    return pinned, CompStatAnswer(pinned, services.settings, requested), options


def _shown(services: Services, pinned: Pinned, answer: CompStatAnswer) -> dict[str, Any]:
    """What the template shows."""
    table, manifest = answer.table, pinned.snapshot.manifest
    rows = table.rows if len(table.rows) <= MOST_ROWS else _outstanding(table.rows)
    writer = _RowWriter(answer)
    areas = [
        (answer.area_label(area), [writer.shown(row) for row in group])
        for area, group in groupby(rows, key=lambda row: row.area)
    ]
    query = query_of(services, answer.selection)
    choice = {
        "rows": answer.names.kinds,
        "level": answer.names.level or CITY,
        "as_of": answer.day,
        "measure": answer.names.measure,
    }
    return {
        "served": manifest,
        "snapshot": pinned.id,
        "sentence": sentence(
            on_days(answer.selection, table.columns[-1].periods.now),
            manifest,
            pinned.vocabulary.names,
        ),
        "answer": answer,
        "rows_of": ROWS_OF,
        "measures": MEASURES,
        "value": VALUES[answer.names.measure],
        "levels": {name: _level_label(name) for name in answer.levels},
        "hidden": (STORED, query.removeprefix(f"{STORED}="))
        if query.startswith(f"{STORED}=")
        else ("selection", query),
        "query": "&".join(part for part in (query, urlencode(choice)) if part),
        "columns": [_column(one, answer) for one in table.columns],
        "areas": areas,
        "left": len(table.rows) - len(rows),
        "has_arrests": any(row.arrests is not None for row in table.rows),
        "width": COURSE_WIDTH,
        "height": COURSE_HEIGHT,
        "steps": len(table.course_from),
        "may_export": current_reader().may(Permission.EXPORT),
        "may_brief": current_reader().may(Permission.BRIEFINGS),
        "explore": page_address(services, "/explore", answer.selection),
        "day": short_date(answer.day),
        "first": short_date(manifest.covered[0]) if manifest.covered else "",
        "first_day": manifest.covered[0] if manifest.covered else None,
        "last_day": manifest.last_complete_day,
    }


def _outstanding(rows: Sequence[CompStatRow]) -> list[CompStatRow]:
    """The city, and areas in which a row stands out, as many as the page has room for."""
    areas = {row.area for row in rows if any(cell.verdict.tier in STANDS_OUT for cell in row.cells)}
    return [row for row in rows if row.area == EVERY or row.area in areas][:MOST_ROWS]


class _RowWriter:
    """Writes rows for the template."""

    def __init__(self, answer: CompStatAnswer) -> None:
        self._answer = answer
        self._periods = [column.periods for column in answer.table.columns]

    def shown(self, row: CompStatRow) -> ShownRow:
        selection = self._answer.incidents_of(row)
        # Written once for a row: a table has thousands of addresses.
        text = "" if selection is None else on_days(selection, SOME_DAYS).text

        def linked(count: int | None, period: Period, change: float | None = None) -> ShownNumber:
            address = ""
            if count is not None and 0 < len(text) <= MAX_URL_TEXT:
                address = f"/explore?{text.replace(SOME_DAYS_TEXT, _days_text(period))}"
            beside = "" if change is None else signed_percent(change)
            return ShownNumber(number(count), address, beside)

        return ShownRow(
            self._answer.kind_label(row.kind),
            tuple(self._cell(cell, linked, at) for at, cell in enumerate(row.cells)),
            _points(row.course),
            _course_words(row.course, self._answer),
            percent(row.arrest_share, 0),
        )

    def _cell(self, cell: CompStatCell, linked: Callable[..., ShownNumber], at: int) -> ShownCell:
        verdict, periods = cell.verdict, self._periods[at]
        known = verdict.expected is not None
        return ShownCell(
            linked(cell.count, periods.now),
            shade_of(cell, self._answer.colors),
            verdict.tier,
            verdict.expected is not None and cell.count > verdict.expected,
            linked(cell.before, periods.before, cell.change_before),
            linked(cell.last_year, periods.last_year, cell.change_last_year),
            number(verdict.expected, 1 if known and (verdict.expected or 0) < 10 else 0),
            f"{number(verdict.low)}{DASH}{number(verdict.high)}" if known else "",
            tuple(
                linked(count, period)
                for count, period in zip(cell.earlier, periods.earlier, strict=True)
            ),
        )


@lru_cache(200)
def _days_text(period: Period) -> str:
    return DateClause(*period).text


def _column(column: CompStatColumn, answer: CompStatAnswer) -> dict[str, Any]:
    periods = column.periods
    return {
        "span": periods.span,
        "title": TITLES[periods.span],
        "days": date_range(*periods.now),
        "before": date_range(*periods.before),
        "last_year": date_range(*periods.last_year),
        "earlier": [(one[0].year, date_range(*one)) for one in periods.earlier],
        "tested": column.tested,
        "by_chance": number(by_chance(column.tested), 1),
        "significant": _count_of(answer, column, Tier.CLEAR),
        "watched": _count_of(answer, column, Tier.WATCH),
        "season": column.season,
        "untested": column.untested,
        "without_area": column.without_area,
    }


TITLES = {
    ColumnSpan.LAST_7: "Last 7 days",
    ColumnSpan.LAST_28: "Last 28 days",
    ColumnSpan.LAST_MONTH: "Last month",
    ColumnSpan.YEAR: "Year to date",
}


def _count_of(answer: CompStatAnswer, column: CompStatColumn, tier: Tier) -> int:
    at = answer.table.columns.index(column)
    return sum(row.cells[at].verdict.tier is tier for row in answer.table.rows)


def _level_label(name: str) -> str:
    return "City alone" if name == CITY else DIMENSIONS[name].label


def _points(course: Sequence[int]) -> str:
    """The line of a row's course, in units of its drawing; it starts at zero."""
    most = max(course, default=0) or 1
    step = COURSE_WIDTH / max(len(course) - 1, 1)
    rise = COURSE_HEIGHT - 2
    return " ".join(
        f"{step * at:.1f},{COURSE_HEIGHT - 1 - rise * count / most:.1f}"
        for at, count in enumerate(course)
    )


def _course_words(course: Sequence[int], answer: CompStatAnswer) -> str:
    if not course:
        return "No whole week of data."
    step = "month" if answer.pinned.snapshot.manifest.months_only else "week"
    return (
        f"{len(course)} {step}s: {number(min(course))} to {number(max(course))} a {step}, "
        f"last {number(course[-1])}"
    )


def _csv(lines: Iterator[list[Any]] | list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [formula_free(cell) if isinstance(cell, str) else cell for cell in line] for line in lines
    )
    return text.getvalue()


def _provenance(pinned: Pinned, answer: CompStatAnswer) -> Provenance:
    incidents = selected_incidents(pinned, answer.selection)
    return Provenance.of(
        pinned.snapshot,
        answer.selection,
        incidents,
        rows=len(answer.table.rows),
        written=0,
        why=f"since these are counts of periods up to {answer.day}",
    )


def _file_name(answer: CompStatAnswer) -> str:
    of = "-harm" if answer.names.measure is SummedMeasure.HARM else ""
    return f"compstat{of}-{answer.names.kinds}-{answer.names.level or CITY}-{answer.day}"
