"""Cards of counts: the headline, the summary, tables by group, type and area, and charts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from analytics.briefing.cited_text import Piece, Sourced, cited_text
from analytics.briefing.document import BarChart, ChartCard, TableCard, TextCard
from analytics.drafting.figures import OVERVIEW, BriefingFigures
from analytics.drafting.verdicts import (
    chance_pieces,
    compared,
    compared_days,
    expected_cells,
    expected_text,
    listed,
    mark_of,
    row_of,
    said_of,
    total_of,
)
from analytics.formats import (
    date_range,
    hour_name,
    hour_range,
    number,
    numbers,
    short_date,
    week,
    weekday_name,
)
from analytics.overview.daily import Table
from analytics.overview.expectations import CountEstimate, TableExpectation
from analytics.overview.hours import week_hours_in
from analytics.overview.reporting import Reporting
from analytics.statistics.tiers import Tier
from analytics.statistics.two_periods import NotComparable
from analytics.temporal.weekly_hours import OWNED

MOST_ROWS = 14
NAMED = 3
FEW_A_DAY = 5.0
PARTS_OF_DAY = range(0, 24, 3)
HEADS = ("Expected", "95% interval", "Days before", "Year earlier", "Verdict")
_TABLES = {"group": "groups", "type": "types"}


def summary(figures: BriefingFigures) -> TextCard:
    """What the periods had, and which groups and areas stand out."""
    paragraphs = [list(_total(figures, one)) for one in figures.days.every[:2]]
    main = [list(_outstanding(figures, *named)) for named in _named(figures)]
    return TextCard("summary", "Summary", cited_text([*paragraphs, *(one for one in main if one)]))


def _total(figures: BriefingFigures, reported: Reporting) -> Iterator[Piece]:
    source = figures.source("Counts by day", reported.period)
    found = total_of(figures.expected(reported))
    yield Sourced(_incidents(figures.incidents(reported.period)), source)
    yield " in the "
    yield Sourced(f"{number(reported.days)} days", source)
    yield " from "
    yield Sourced(date_range(*reported.period), source)
    yield from said_of(found, source)
    yield "."
    yield from compared(found, source)


def _incidents(count: int) -> str:
    return "1 incident" if count == 1 else f"{number(count)} incidents"


def _named(figures: BriefingFigures) -> list[tuple[str, str, str]]:
    found = [_kinds(figures)]
    if figures.level and figures.selection.get(figures.level) is None:
        found.append(("areas", figures.level, "area"))
    return found


def _kinds(figures: BriefingFigures) -> tuple[str, str, str]:
    """The table of groups, or of types where the source has no groups."""
    if figures.lacks("group") or len(figures.daily.groups.keys) < 2:
        return ("types", "type", "type")
    return ("groups", "group", "offense group")


def _outstanding(figures: BriefingFigures, table: str, dimension: str, one: str) -> Iterator[Piece]:
    """`To watch: Robbery 130, 98 expected (80 to 118).`"""
    reported = figures.days.main
    found = figures.expected(reported)
    if isinstance(found, NotComparable):
        return
    source = figures.source(f"Counts by {one}", reported.period)
    tested = {
        key: row.estimate
        for key, row in found.tables[table].rows.items()
        if isinstance(row.estimate, CountEstimate)
    }
    if len(tested) < 2:  # the total says it
        return
    yield f"By {one}, "
    yield Sourced(f"{number(reported.days)} days", source)
    yield ": "
    if not any(row.stands_out for row in tested.values()):
        yield "none of "
        yield Sourced(number(len(tested)), source)
        yield " tested stands out from what was expected."
        return
    for tier, lead in ((Tier.CLEAR, "significantly different"), (Tier.WATCH, "to watch")):
        rows = sorted((row.p, key, row) for key, row in tested.items() if row.tier is tier)
        if not rows:
            continue
        yield f"{lead}: "
        yield from listed(
            [
                [
                    Sourced(figures.label(dimension, key), source),
                    " ",
                    Sourced(number(row.counted), source),
                    ", ",
                    Sourced(expected_text(row.expected), source),
                    " expected (",
                    Sourced(numbers(row.low, row.high), source),
                    ")",
                ]
                for _, key, row in rows[:NAMED]
            ]
        )
        if len(rows) > NAMED:
            yield "; and "
            yield Sourced(number(len(rows) - NAMED), source)
            yield " more"
        yield ". "


def headline(figures: BriefingFigures) -> TableCard:
    """The total of each period."""
    rows, marks = [], []
    for reported in figures.days.every:
        found = total_of(figures.expected(reported))
        name = f"{date_range(*reported.period)} ({number(reported.days)} days)"
        rows.append((name, number(figures.incidents(reported.period)), *expected_cells(found)))
        marks.append(mark_of(found))
    first, last = figures.days.every[-1].period[0], figures.days.last
    source = figures.source("Counts by day", (first, last))
    columns = ("Period", "Incidents", *HEADS)
    return TableCard(
        "headline", "Incidents", columns, tuple(rows), source,
        marks=tuple(marks), texts=(len(columns) - 1,),
    )  # fmt: skip


def groups_table(figures: BriefingFigures) -> TableCard | None:
    """Incidents by offense group, or by type; None where there is one of these only."""
    name, dimension, one = _kinds(figures)
    if len(getattr(figures.daily, name).keys) < 2:
        return None
    return _table(figures, "groups", f"Incidents by {one}", (name, dimension))


def types_table(figures: BriefingFigures) -> TableCard:
    """Incidents by crime type."""
    return _table(figures, "types", "Incidents by type", ("types", "type"))


def areas_table(figures: BriefingFigures) -> TableCard | None:
    """Incidents by area; None where the source has no areas."""
    if not figures.level:
        return None
    title = f"Incidents by {figures.pinned.vocabulary.labels[figures.level].lower()}"
    return _table(figures, "areas", title, ("areas", figures.level))


def _table(
    figures: BriefingFigures, card: str, title: str, counted_by: tuple[str, str]
) -> TableCard:
    """A table by the name of the counts and its dimension."""
    name, dimension = counted_by
    table: Table = getattr(figures.daily, name)
    main, short = figures.days.main, figures.days.short
    found = figures.expected(main)
    counted = table.incidents(main.period)
    week = table.incidents(short.period) if short else {}
    stands_out = set() if isinstance(found, NotComparable) else {
        key for key, row in found.tables[name].rows.items() if row.stands_out
    }  # fmt: skip
    keys = [
        key
        for place, (key, count) in enumerate(counted.items())
        if (place < MOST_ROWS and count) or key in stands_out
    ]
    rows = []
    for key in keys:
        row = row_of(found, name, key)
        counts = [number(week[key])] if short else []
        counts.append(number(counted[key]))
        rows.append((figures.label(dimension, key), *counts, *expected_cells(row)))
    what = figures.pinned.vocabulary.labels.get(dimension, dimension)
    counts = [f"{short.days} days"] if short else []
    columns = (what, *counts, f"{main.days} days", *HEADS)
    source = figures.source(title, main.period)
    marks = tuple(mark_of(row_of(found, name, key)) for key in keys)
    left = sum(1 for key, count in counted.items() if count and key not in keys)
    note = cited_text([list(_table_note(figures, name, left, title))])
    return TableCard(
        card, title, columns, tuple(rows), source, note, marks, texts=(len(columns) - 1,)
    )


def _table_note(figures: BriefingFigures, name: str, left: int, title: str) -> Iterator[Piece]:
    reported = figures.days.main
    found, source = figures.expected(reported), figures.source(title, reported.period)
    if left:
        yield Sourced(number(left), source)
        yield f" more with incidents {'is' if left == 1 else 'are'} not listed. "
    if isinstance(found, NotComparable):
        return
    table: TableExpectation = found.tables[name]
    yield "Expected, interval and verdict are of "
    yield Sourced(date_range(*found.window), source)
    yield ". "
    yield from chance_pieces(table, found.season, source)
    yield from compared_days(found, reported, source)


def weeks_chart(figures: BriefingFigures) -> ChartCard | None:
    """Incidents of the last weeks, with what was expected of each; None for months only."""
    if figures.manifest.months_only or not figures.weeks:
        return None
    weeks = figures.weeks
    values = [float(one.incidents) for one in weeks]
    main = figures.days.main.period
    strong = tuple(at for at, one in enumerate(weeks) if one.last >= main[0])
    step = max(1, len(weeks) // 6)
    known = any(one.expected is not None for one in weeks)
    legend = ["Bars: incidents in the week until the day below"]
    if known:
        legend.append("dots and lines: expected, with its 95% interval")
    highs = [float(one.high) for one in weeks if one.high is not None]
    chart = BarChart(
        tuple(short_date(one.last) for one in weeks),
        tuple(values),
        tuple(range(len(weeks) - 1, -1, -step)),
        scale_of(max([*values, *highs])),
        tuple(one.expected for one in weeks) if known else (),
        tuple(one.low for one in weeks) if known else (),
        tuple(one.high for one in weeks) if known else (),
        strong,
        tuple(legend),
    )
    span = (weeks[0].last, weeks[-1].last)
    outside = sum(
        1 for one in weeks if one.low is not None and one.high is not None
        and not one.low <= one.incidents <= one.high
    )  # fmt: skip
    alt = (
        f"Incidents in {len(weeks)} weeks: {number(min(values))} to {number(max(values))}; "
        f"{number(values[-1])} in the last. {outside} outside the expected interval."
    )
    source = figures.source("Counts by week", span)
    return ChartCard("weeks", "Incidents by week", chart, alt, source)


def hours_chart(figures: BriefingFigures) -> ChartCard | None:
    """Incidents a day by hour; None where the source has no hours."""
    if figures.lacks("hour"):
        return None
    main = figures.days.main
    rare = float(figures.hours.sum()) < FEW_A_DAY
    unit = main.days if rare else 1  # of few incidents, those of the period say more
    now, usual = (unit * figures.hours).tolist(), figures.usual_hours
    line = tuple((unit * usual).tolist()) if usual is not None else ()
    legend = [f"Bars: incidents{'' if rare else ' a day'}, {date_range(*main.period)}"]
    if line:
        legend.append(f"line: in {'as many days of ' if rare else ''}the year before")
    busiest = max(range(24), key=lambda hour: (now[hour], -hour))
    alt = (
        f"Incidents{'' if rare else ' a day'} by hour: most from {hour_name(busiest)} with "
        f"{number(now[busiest], 0 if rare else 2)}, in all {number(sum(now), 0 if rare else 1)}."
    )
    chart = BarChart(
        tuple(hour_name(hour) for hour in range(24)),
        tuple(now),
        (0, 6, 12, 18),
        scale_of(max([*now, *line, 0.0])),
        line,
        legend=tuple(legend),
    )
    source = figures.source("Counts by hour", main.period, OVERVIEW)
    return ChartCard("hours", "Hours of the day", chart, alt, source)


def week_hours_table(figures: BriefingFigures) -> TableCard | None:
    """Incidents by weekday and three hours of the day; None where the source has no hours."""
    if figures.lacks("hour"):
        return None
    main = figures.days.main
    counts = week_hours_in(figures.counted_hours, main.period)
    parts = counts.reshape(7, len(PARTS_OF_DAY), -1).sum(axis=2)
    rows = [
        (weekday_name(day), *(number(one) for one in parts[day - 1]), number(parts[day - 1].sum()))
        for day in week()
    ]
    rows.append(("All", *(number(one) for one in parts.sum(axis=0)), number(parts.sum())))
    columns = ("Weekday", *(hour_range(first, first + 3) for first in PARTS_OF_DAY), "All")
    source = figures.source("Counts by weekday and hour", main.period, OVERVIEW)
    said: list[Piece] = []
    if any(figures.selection.get(name) is not None for name in OWNED):
        said = ["Filters on hour and weekday are not applied."]
    elif unknown := figures.incidents(main.period) - int(parts.sum()):
        said = [Sourced(number(unknown), source), " without a known hour are not in the table."]
    return TableCard(
        "week_hours", "Weekday and hour", columns, tuple(rows), source, cited_text([said])
    )


def scale_of(highest: float) -> tuple[tuple[float, str], ...]:
    """About four round values from zero to a highest one, with their texts."""
    if highest <= 0:
        return ((0.0, "0"),)
    rough = highest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough)
    decimals = max(0, -math.floor(math.log10(step)) + (1 if step / power == 2.5 else 0))
    count = math.ceil(highest / step - 1e-9)
    return tuple((at * step, number(at * step, decimals)) for at in range(count + 1))
