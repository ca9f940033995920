"""The CompStat table: counts of a week, four weeks and a year by kind and area, each tested.

The city is read once. What is expected, and the verdicts, are those of `patroliq changes` with its
totals: every row of a column is tested together (docs/change.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

import numpy as np
import polars as pl

from analytics.compstat.columns import ColumnPeriods, columns_on
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest, month_end
from analytics.incidents.model import UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.overview.changes import ComparedRows, CountVerdict, JudgedRows
from analytics.overview.daily_rows import EVERY, DailyRows, Kinds, citywide, counted_days, rows_of
from analytics.overview.harm_changes import ComparedHarm, harm_rows_of, require_harm
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import SeasonBasis, reach_days
from analytics.statistics.tiers import Tier
from analytics.statistics.two_periods import MIN_BASE, Period

WEEK, WEEKS, MONTHS = 7, 52, 24
"""Steps of a row's course: 52 weeks, or 24 months where dates give only months."""


@unique
class SummedMeasure(StrEnum):
    """What a table sums."""

    INCIDENTS = "incidents"
    HARM = "harm"


@unique
class Untested(StrEnum):
    """Why a column has no verdicts."""

    TOO_SHORT = "too_little_history"
    BY_MONTHS = "by_months"
    NOT_COVERED = "period_not_covered"
    NO_INCIDENTS = "no_incidents"


@dataclass(frozen=True)
class CompStatCell:
    """One row in one group of columns.

    Attributes
    ----------
    verdict : the count, and what was expected of it
    before, last_year, earlier : None where the data begins later
    least_base : what a percent change needs to stand on: `MIN_BASE` incidents, or their usual harm
    """

    verdict: CountVerdict
    before: int | None
    last_year: int | None
    earlier: tuple[int | None, ...]
    least_base: float = MIN_BASE

    @property
    def count(self) -> int:
        return self.verdict.count

    @property
    def change_before(self) -> float | None:
        """(now − before) / before; None where there was less than `least_base` before."""
        return _change(self.count, self.before, self.least_base)

    @property
    def change_last_year(self) -> float | None:
        return _change(self.count, self.last_year, self.least_base)

    @property
    def change_expected(self) -> float | None:
        return _change(self.count, self.verdict.expected, self.least_base)


@dataclass(frozen=True)
class CompStatRow:
    """A kind in an area; `EVERY` stands for all kinds, or for the whole city.

    Attributes
    ----------
    cells : by group of columns
    course : incidents of each of the last weeks, or months, oldest first
    arrests, arrest_known : of the year to date; None where the source has no arrests
    """

    kind: str
    area: str
    cells: tuple[CompStatCell, ...]
    course: tuple[int, ...]
    arrests: int | None
    arrest_known: int | None

    @property
    def arrest_share(self) -> float | None:
        """Of the incidents of the year to date for which it is known."""
        if self.arrests is None or not self.arrest_known:
            return None
        return self.arrests / self.arrest_known


@dataclass(frozen=True)
class CompStatColumn:
    """A group of columns.

    Attributes
    ----------
    tested : rows tested together
    untested : why there are no verdicts; None where there are
    without_area : incidents that are in no area and so in the citywide rows only
    """

    periods: ColumnPeriods
    tested: int
    season: SeasonBasis
    untested: Untested | None
    without_area: int


@dataclass(frozen=True)
class CompStatTable:
    """Rows of the city first, then of each area; within them all kinds first, then by count.

    Attributes
    ----------
    as_of : last day of every column
    course_from : first day of each step of the rows' course
    """

    as_of: date
    columns: tuple[CompStatColumn, ...]
    rows: tuple[CompStatRow, ...]
    course_from: tuple[date, ...]


@dataclass(frozen=True)
class CompStatChoice:
    """What a table is of.

    Attributes
    ----------
    selection : its filter on the date is left out
    kinds : `type`, `group`, or selections by name
    level : of the areas, or `shift`; empty for the city alone
    as_of : last day
    measure : incidents, or their harm in days of sentence
    """

    selection: Selection
    kinds: Kinds
    level: str
    as_of: date
    measure: SummedMeasure = SummedMeasure.INCIDENTS


def day_of_table(manifest: Manifest, requested: date | None = None) -> date:
    """The last day of a table: the requested one, by default the last complete one.

    Where dates give only months, the end of the last complete month up to it.

    Raises
    ------
    InputError
        The data has no days, or the day is not among its complete ones.
    """
    complete = manifest.last_complete_day
    if manifest.covered is None or complete is None:
        raise InputError("The data has no dates to count by.")
    day = requested or complete
    first = manifest.covered[0]
    if not first <= day <= complete:
        raise InputError(f"as_of={day}: the data has complete days from {first} to {complete}.")
    if manifest.months_only and day != month_end(day):
        day = day.replace(day=1) - timedelta(days=1)
        if day < first:
            raise InputError(f"The data has no complete month up to {requested or complete}.")
    return day


def compstat_table(
    reader: SnapshotReader, scope: Scope, manifest: Manifest, choice: CompStatChoice
) -> CompStatTable:
    """Count, compare and test every row.

    Raises
    ------
    InputError
        The data has no dates, or lacks the level.
    """
    if manifest.covered is None:
        raise InputError("The data has no dates to count by.")
    columns = columns_on(choice.as_of, months_only=manifest.months_only)
    span = max(manifest.covered[0], _first_needed(columns)), choice.as_of
    level = choice.level or None
    selection = choice.selection.without({"date"})
    frame = counted_days(reader, scope, selection, level, span, kinds=choice.kinds)
    wide, everywhere = citywide(selection), frame
    if wide != selection:
        everywhere = counted_days(reader, scope, wide, None, span, kinds=choice.kinds)
    country = country_of(manifest.source.timezone)
    if choice.measure is SummedMeasure.HARM:
        require_harm(manifest)
        harm = harm_rows_of(frame, everywhere, span, country)
        rows, judged = harm.rows, _judged(harm.rows, columns, manifest, lambda: ComparedHarm(harm))
        unit = harm.units(rows.days)[rows.kind]
    else:
        rows = rows_of(frame, span)
        unit = np.ones(len(rows.names))
        if everywhere is not frame:
            rows = rows.following(rows_of(everywhere, span))
        every = range(len(rows.names))
        judged = _judged(rows, columns, manifest, lambda: ComparedRows(rows, every, country))
    edges = _course(rows, choice.as_of, manifest)
    arrests = None if "arrest" in manifest.views_off else _arrests(frame, columns[-1].now)
    return CompStatTable(
        choice.as_of,
        tuple(
            CompStatColumn(
                periods,
                found.tested if found else 0,
                found.season if found else SeasonBasis.UNDER_TWO_YEARS,
                why,
                _without_area(frame, periods.now) if level else 0,
            )
            for periods, (found, why) in zip(columns, judged, strict=True)
        ),
        tuple(_ordered(_rows((rows, unit), columns, [one for one, _ in judged], edges, arrests))),
        tuple(rows.first + timedelta(days=int(edge)) for edge in edges[:-1]),
    )


def _first_needed(columns: Sequence[ColumnPeriods]) -> date:
    """The first day that has an effect on a table, so that a long history costs no time."""
    earliest = [one.earlier[-1][0] for one in columns if one.earlier]
    reach = [one.now[1] - timedelta(days=reach_days(one.days) - 1) for one in columns]
    return min(earliest + reach)


def _rows(
    summed: tuple[DailyRows, Floats],
    columns: Sequence[ColumnPeriods],
    judged: Sequence[JudgedRows | None],
    edges: Ints,
    arrests: Mapping[tuple[str, str], tuple[int, int]] | None,
) -> list[CompStatRow]:
    """Rows that have an incident in any of the periods; `summed` has what each counts as one."""
    rows, _ = summed
    sums = np.concatenate([np.zeros((len(rows.names), 1), np.int64), rows.counts.cumsum(1)], 1)
    made = [
        CompStatRow(
            *name,
            tuple(
                _cell(sums[at], summed, periods, found, at)
                for periods, found in zip(columns, judged, strict=True)
            ),
            tuple(np.diff(sums[at, edges]).tolist()),
            *((None, None) if arrests is None else arrests.get(name, (0, 0))),
        )
        for at, name in enumerate(rows.names)
    ]
    return [row for row in made if _has_incidents(row)]


def _judged(
    rows: DailyRows,
    columns: Sequence[ColumnPeriods],
    manifest: Manifest,
    compare: Callable[[], ComparedRows | ComparedHarm],
) -> list[tuple[JudgedRows | None, Untested | None]]:
    """The verdicts of each column, or why there are none."""
    if manifest.months_only:
        return [(None, Untested.BY_MONTHS)] * len(columns)
    if not rows.names:
        return [(None, Untested.NO_INCIDENTS)] * len(columns)
    compared = compare()
    found: list[tuple[JudgedRows | None, Untested | None]] = []
    for periods in columns:
        start = rows.column(periods.now[0])
        if start < 0:
            found.append((None, Untested.NOT_COVERED))
            continue
        made = compared.judged(start, periods.days)
        found.append((made, None) if made.is_known else (None, Untested.TOO_SHORT))
    return found


def _cell(
    sums: Ints,
    summed: tuple[DailyRows, Floats],
    periods: ColumnPeriods,
    found: JudgedRows | None,
    at: int,
) -> CompStatCell:
    rows, unit = summed
    begin = max(rows.column(periods.now[0]), 0)
    now = int(sums[rows.column(periods.now[1]) + 1] - sums[begin])
    nothing = CountVerdict(now, None, None, None, None, None, Tier.NOT_TESTED)
    return CompStatCell(
        found.verdict(at) if found else nothing,
        _between(sums, rows, periods.before),
        _between(sums, rows, periods.last_year),
        tuple(_between(sums, rows, one) for one in periods.earlier),
        MIN_BASE * float(unit[at]),
    )


def _between(sums: Ints, rows: DailyRows, period: Period) -> int | None:
    """Incidents of a period; None where it begins before the data."""
    start = rows.column(period[0])
    return int(sums[rows.column(period[1]) + 1] - sums[start]) if start >= 0 else None


def _course(rows: DailyRows, as_of: date, manifest: Manifest) -> Ints:
    """Columns at which the steps of a row's course begin, and where the last one ends."""
    stop = rows.column(as_of) + 1
    if not manifest.months_only:
        return stop - WEEK * np.arange(min(WEEKS, stop // WEEK), -1, -1)
    edges, month = [stop], as_of.replace(day=1)
    while rows.column(month) >= 0 and len(edges) <= MONTHS:
        edges.append(rows.column(month))
        month = (month - timedelta(days=1)).replace(day=1)
    return np.array(edges[::-1], dtype=np.int64)


def _arrests(frame: pl.DataFrame, period: Period) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Arrests, and incidents for which it is known, by kind and area and of all of each."""
    days = frame.filter(pl.col("day").is_between(*period))
    parts = [["type", "area"], ["type"]]
    if not (frame["type"] == EVERY).any():
        parts += [["area"], []]
    found = {}
    for keys in parts:
        summed = days.group_by(keys or pl.lit(0)).agg(pl.sum("arrests"), pl.sum("arrest_known"))
        for row in summed.iter_rows(named=True):
            name = row.get("type", EVERY), row.get("area", EVERY)
            found[name] = row["arrests"], row["arrest_known"]
    return found


def _without_area(frame: pl.DataFrame, period: Period) -> int:
    lost = frame.filter(pl.col("day").is_between(*period), pl.col("area") == UNKNOWN)
    if (frame["type"] == EVERY).any():
        lost = lost.filter(pl.col("type") == EVERY)
    return int(lost["incidents"].sum())


def _has_incidents(row: CompStatRow) -> bool:
    cells = [(one.count, one.before, one.last_year, *one.earlier) for one in row.cells]
    return any(any(cell) for cell in cells) or (row.kind, row.area) == (EVERY, EVERY)


def _ordered(rows: list[CompStatRow]) -> list[CompStatRow]:
    """The city first, then areas by name; all kinds first, then those with most this year."""
    citywide_counts = {row.kind: row.cells[-1].count for row in rows if row.area == EVERY}
    return sorted(
        rows,
        key=lambda row: (
            row.area, row.kind != EVERY, -citywide_counts.get(row.kind, 0), row.kind,
        ),
    )  # fmt: skip


def _change(now: int, before: float | None, least: float) -> float | None:
    return (now - before) / before if before is not None and before >= least else None
