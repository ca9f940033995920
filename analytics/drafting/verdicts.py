"""Counts beside what was expected of them, as cells and pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.briefing.cited_text import NumberSource, Piece, Sourced
from analytics.formats import DASH, date_range, number, numbers, percent, signed_percent
from analytics.overview.expectations import (
    CountEstimate,
    Expectations,
    RowExpectation,
    TableExpectation,
)
from analytics.overview.reporting import Reporting
from analytics.statistics.expected_counts import NoExpectation, SeasonBasis
from analytics.statistics.tiers import WATCH_P, Tier, by_chance
from analytics.statistics.two_periods import Incomparable, NotComparable, relative_change

TIERS = {Tier.CLEAR: "significant", Tier.WATCH: "watch"}
MISSING = {
    NoExpectation.TOO_SHORT: "too little history",
    NoExpectation.TOO_FEW: "too few before",
}
INCOMPARABLE = {
    Incomparable.MONTHS_ONLY: "the source gives months only",
    Incomparable.INCOMPLETE: "its days are incomplete",
}
Expected = RowExpectation | NotComparable


def expected_text(value: float) -> str:
    """`5.2`, `104`."""
    return number(value, 0 if value >= 100 else 1)


def row_of(found: Expectations | NotComparable, table: str, key: str) -> Expected:
    """A row of a table, or why there is none."""
    if isinstance(found, NotComparable):
        return found
    return found.tables[table].rows[key]


def total_of(found: Expectations | NotComparable) -> Expected:
    """The one row of the total."""
    if isinstance(found, NotComparable):
        return found
    return next(iter(found.tables["total"].rows.values()))


def why_not(found: Expected) -> str:
    """Why nothing is expected, in a few words; empty where something is."""
    if isinstance(found, NotComparable):
        return INCOMPARABLE.get(found.reason, "too little history")
    return MISSING[found.estimate] if isinstance(found.estimate, NoExpectation) else ""


def verdict_text(found: Expected) -> str:
    """`more, significant`; `as expected`; `not tested: too few before`."""
    if why := why_not(found):
        return f"not tested: {why}"
    assert isinstance(found, RowExpectation)  # noqa: S101 - else there is a reason
    assert isinstance(found.estimate, CountEstimate)  # noqa: S101
    return tier_text(found.estimate.tier, more=found.estimate.more)


def tier_text(tier: Tier, *, more: bool) -> str:
    """`more, significant`; `as expected`."""
    if tier not in TIERS:
        return "as expected"
    return f"{'more' if more else 'fewer'}, {TIERS[tier]}"


def mark_of(found: Expected) -> str:
    """`more` or `less` for a row that stands out, else empty."""
    if isinstance(found, NotComparable) or not found.stands_out:
        return ""
    assert isinstance(found.estimate, CountEstimate)  # noqa: S101 - else it does not stand out
    return "more" if found.estimate.more else "less"


def expected_cells(found: Expected) -> tuple[str, str, str, str, str]:
    """Expected, its interval, the days before, a year earlier, and the verdict."""
    if isinstance(found, NotComparable):
        return (DASH, DASH, DASH, DASH, verdict_text(found))
    estimate = found.estimate
    expected, interval = DASH, DASH
    if isinstance(estimate, CountEstimate):
        expected, interval = expected_text(estimate.expected), numbers(estimate.low, estimate.high)
    before, year = (_then(found.now, count) for count in (found.before, found.year))
    return expected, interval, before, year, verdict_text(found)


def _then(now: int, then: int | None) -> str:
    """`1,234 (+18%)`."""
    if then is None:
        return DASH
    change = relative_change(now, then)
    return number(then) if change is None else f"{number(then)} ({signed_percent(change)})"


def said_of(found: Expected, source: NumberSource) -> Iterator[Piece]:
    """What follows a count: what was expected, and what the test says."""
    if why := why_not(found):
        yield f"; nothing was expected of it ({why})"
        return
    assert isinstance(found, RowExpectation)  # noqa: S101 - else there is a reason
    estimate = found.estimate
    assert isinstance(estimate, CountEstimate)  # noqa: S101
    if estimate.counted != found.now:
        yield ", of which "
        yield Sourced(number(estimate.counted), source)
        yield " on complete days"
    yield "; "
    yield Sourced(expected_text(estimate.expected), source)
    yield " expected ("
    yield Sourced(numbers(estimate.low, estimate.high), source)
    yield "): "
    if estimate.stands_out:
        yield Sourced(percent(abs(estimate.excess) / estimate.expected, 0), source)
        yield f" {'more' if estimate.more else 'fewer'} than expected, {TIERS[estimate.tier]}"
    else:
        yield "as expected"


def compared(found: Expected, source: NumberSource) -> Iterator[Piece]:
    """A sentence on the days before and a year earlier, which have no verdict."""
    if isinstance(found, NotComparable):
        return
    said = [
        (then, words)
        for then, words in (
            (found.before, "in the days before"),
            (found.year, "in the same days a year earlier"),
        )
        if then is not None
    ]
    if not said:
        return
    yield " There were "
    for at, (then, words) in enumerate(said):
        if at:
            yield " and "
        yield Sourced(number(then), source)
        yield f" {words}"
        change = relative_change(found.now, then)
        if change is not None:
            yield " ("
            yield Sourced(signed_percent(change), source)
            yield ")"
    yield "."


def chance_pieces(
    found: TableExpectation, season: SeasonBasis, source: NumberSource
) -> Iterator[Piece]:
    """How many rows chance alone brings to p ≤ 0.01, and whether the season is known."""
    if found.tested:
        yield from chance_of(found.tested, source)
    if season is not SeasonBasis.FITTED:
        yield from unknown_season(source)


def chance_of(tested: int, source: NumberSource) -> Iterator[Piece]:
    """`Chance alone brings about 4 of 424 tested to p ≤ 0.01.`"""
    rows = by_chance(tested)
    about = number(rows, 0 if rows >= 2 else 1) if rows >= 0.1 else "under 0.1"
    yield "Chance alone brings about "
    yield Sourced(about, source)
    yield " of "
    yield Sourced(number(tested), source)
    yield " tested to p ≤ "
    yield Sourced(number(WATCH_P, 2), source)
    yield ". "


def unknown_season(source: NumberSource) -> Iterator[Piece]:
    """That the season is not known."""
    yield "The data has under "
    yield Sourced("two years", source)
    yield ", so the season is not known. "


def compared_days(
    found: Expectations, reported: Reporting, source: NumberSource
) -> Iterator[Piece]:
    """Which days were compared, where they are not all of the period."""
    if found.window != reported.period:
        yield "Only complete days are compared with what was expected: "
        yield Sourced(date_range(*found.window), source)
        yield ". "


def listed(entries: Sequence[Sequence[Piece]], between: str = "; ") -> Iterator[Piece]:
    """Entries one after the other."""
    for at, entry in enumerate(entries):
        if at:
            yield between
        yield from entry
