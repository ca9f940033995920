"""What stands out: the anomalies of the week, and the changes of the main period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from analytics.briefing.cited_text import NumberSource, Piece, Sourced, cited_text
from analytics.briefing.document import TextCard
from analytics.drafting.figures import BriefingFigures
from analytics.drafting.verdicts import chance_of, expected_text, listed, tier_text, unknown_season
from analytics.errors import InputError
from analytics.formats import date_range, number, numbers
from analytics.overview.anomalies import Anomalies, Anomaly
from analytics.overview.changes import CountChange
from analytics.statistics.expected_counts import SeasonBasis
from analytics.statistics.tiers import Tier

MOST_LISTED = 6
NAMED_AREAS = 3


def anomalies_card(figures: BriefingFigures) -> TextCard:
    """Counts of the last seven days that differ from what was expected, as on the Overview."""
    found = figures.anomalies
    if found is None:
        said = cited_text([["The source gives months only, so weeks cannot be tested."]])
        return TextCard("anomalies", "What stands out", said)
    week = (found.last - timedelta(days=6), found.last)
    source = figures.source("Anomalies by type and area", week)
    paragraphs = [list(_counted(found, source))]
    for tier in (Tier.CLEAR, Tier.WATCH):
        rows = found.of_tier(tier)
        paragraphs += [list(_anomaly(figures, one, source)) for one in rows[:MOST_LISTED]]
        paragraphs += _more(len(rows) - MOST_LISTED, source)
    return TextCard("anomalies", "What stands out in the week", cited_text(paragraphs))


def _counted(found: Anomalies, source: NumberSource) -> Iterator[Piece]:
    week = (found.last - timedelta(days=6), found.last)
    yield Sourced(date_range(*week), source)
    if not found.tested:
        yield ": nothing was tested; there is too little earlier data."
        return
    yield ": of "
    yield Sourced(number(found.tested), source)
    yield " counts by type and area, "
    yield from _tiers(found.count(Tier.CLEAR), found.count(Tier.WATCH), found.tested, source)
    if found.season is not SeasonBasis.FITTED:
        yield from unknown_season(source)


def _tiers(clear: int, watch: int, tested: int, source: NumberSource) -> Iterator[Piece]:
    """How many differ and are to watch, and how many chance alone brings."""
    yield Sourced(number(clear) if clear else "none", source)
    yield f" {'differs' if clear == 1 else 'differ'} significantly from what was expected, and "
    yield Sourced(number(watch) if watch else "none", source)
    yield f" {'is' if watch == 1 else 'are'} to watch. "
    yield from chance_of(tested, source)


def _anomaly(figures: BriefingFigures, one: Anomaly, source: NumberSource) -> Iterator[Piece]:
    yield from _row(figures, one.type, one.area, source)
    yield from _beside(one.incidents, one.expected, one.low, one.high, source)
    yield f"{tier_text(one.tier, more=one.more)}."
    if one.folded:
        areas = [figures.label(figures.level, row.area) for row in one.folded]
        yield " Also by itself in "
        yield from listed([[Sourced(area, source)] for area in areas[:NAMED_AREAS]], ", ")
        if len(areas) > NAMED_AREAS:
            yield " and "
            yield Sourced(number(len(areas) - NAMED_AREAS), source)
            yield " more"
        yield "."


def changes_card(figures: BriefingFigures) -> TextCard:
    """Counts by type and area of the main period, as `patroliq changes` tests them."""
    main = figures.days.main
    title = f"What stands out in {number(main.days)} days"
    source = figures.source("Changes by type and area", main.period)
    try:
        if main.months_only:
            raise InputError("The source gives months only, so nothing is expected.")
        table = figures.changes
    except InputError as error:
        return TextCard("changes", title, cited_text([_whole(str(error), source)]))
    rows = [row for row in table.rows if row.tier in (Tier.CLEAR, Tier.WATCH)]
    head: list[Piece] = [
        Sourced(date_range(*main.period), source), ": of ", Sourced(number(table.tested), source),
        " counts by type and area, ",
        *_tiers(_tier(rows, Tier.CLEAR), _tier(rows, Tier.WATCH), table.tested, source),
    ]  # fmt: skip
    paragraphs: list[list[Piece]] = [head]
    paragraphs += [list(_change(figures, row, source)) for row in rows[:MOST_LISTED]]
    paragraphs += _more(len(rows) - MOST_LISTED, source)
    return TextCard("changes", title, cited_text(paragraphs))


def _more(rows: int, source: NumberSource) -> list[list[Piece]]:
    """A paragraph about rows that are not listed, if there are any."""
    return [[Sourced(number(rows), source), " more are not listed."]] if rows > 0 else []


def _whole(text: str, source: NumberSource) -> list[Piece]:
    """A sentence whose numbers are all of one source."""
    return [Sourced(text, source)]


def _tier(rows: Sequence[CountChange], tier: Tier) -> int:
    return sum(row.tier is tier for row in rows)


def _change(figures: BriefingFigures, row: CountChange, source: NumberSource) -> Iterator[Piece]:
    assert row.expected is not None  # noqa: S101 - a row that stands out was tested
    yield from _row(figures, row.type, row.area, source)
    yield from _beside(row.count, row.expected, row.low, row.high, source)
    yield f"{tier_text(row.tier, more=row.count > row.expected)}."


def _row(figures: BriefingFigures, kind: str, area: str, source: NumberSource) -> Iterator[Piece]:
    if kind:
        yield Sourced(figures.label("type", kind), source)
    if kind and area:
        yield " in "
    if area:
        yield Sourced(figures.label(figures.level, area), source)
    yield ": "


def _beside(
    count: int, expected: float, low: int | None, high: int | None, source: NumberSource
) -> Iterator[Piece]:
    yield Sourced(number(count), source)
    yield ", "
    yield Sourced(expected_text(expected), source)
    yield " expected ("
    yield Sourced(numbers(low, high), source)
    yield "): "
