"""Counts that differ from what was expected, and counts beyond a threshold."""

from __future__ import annotations

from typing import Any

from scipy.stats import poisson

from analytics.alerts.checked_data import CheckedData, days_before, within
from analytics.alerts.finding import AlertFinding, ListFindings, Subject, Trouble
from analytics.alerts.watch_rules import FOUR_WEEKS, WEEK_DAYS, Direction, WatchRule
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import InputError
from analytics.overview.anomalies import Anomalies, Anomaly, anomalies
from analytics.overview.changes import CountChange, changes_of
from analytics.overview.daily_rows import daily_rows
from analytics.statistics.level import LEVEL
from analytics.statistics.tiers import MOST_WATCHED, Tier, by_chance

ROLLING = {WEEK_DAYS: 2.0, FOUR_WEEKS: 0.55}
"""New alerts a week of a test that is made every day, over those of one test, by days of its
period: simulated without change (docs/alerts.md)."""


def change_findings(data: CheckedData, rule: WatchRule, selection: Selection) -> ListFindings:
    """Fire on counts of the last complete days that differ from what was expected.

    A table fires as the Overview lists anomalies: rows that are clear at a false discovery rate of
    5%, and the few to watch. One count fires at 5%, one-sided if the rule looks one way.
    """
    if data.last is None or data.manifest.covered is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    if rule.table:
        return _of_table(data, rule, selection)
    span = data.manifest.covered[0], data.last
    rows = daily_rows(data.reader, EVERYTHING, selection, data.level, span)
    try:
        made = changes_of(rows, rule.days, by_type=False, by_area=False, country=data.country)
    except InputError as error:
        trouble = Trouble.TOO_FEW if not rows.names else Trouble.TOO_SHORT
        return ListFindings(trouble=trouble, why=str(error))
    (row,) = made.rows
    if row.p is None:
        return ListFindings(trouble=Trouble.TOO_FEW)
    p = _p(row, rule.direction)
    if p > LEVEL:
        return ListFindings((), 1, LEVEL * ROLLING[rule.days])
    finding = AlertFinding(
        f"change {rule.days}",
        Subject(),
        made.first,
        made.last,
        row.count,
        within(selection, made.first, made.last).text,
        expected=row.expected,
        low=row.low,
        high=row.high,
        p=p,
        q=p,
        tier=Tier.CLEAR,
        evidence={"tested": 1},
    )
    return ListFindings((finding,), 1, LEVEL * ROLLING[rule.days])


def _p(row: CountChange, direction: Direction) -> float:
    """The p-value in the rule's direction; 1 where the count lies on the other side."""
    assert row.p is not None and row.expected is not None  # noqa: S101, PT018
    if direction is Direction.BOTH:
        return row.p
    more = row.count > row.expected
    return row.p / 2 if more == (direction is Direction.MORE) else 1.0


def _of_table(data: CheckedData, rule: WatchRule, selection: Selection) -> ListFindings:
    assert data.last is not None and data.manifest.covered is not None  # noqa: S101, PT018
    found = anomalies(
        data.reader,
        EVERYTHING,
        selection,
        data.level,
        first=data.manifest.covered[0],
        last=data.last,
        country=data.country,
        days=rule.days,
    )
    if not found.tested:
        return ListFindings(trouble=Trouble.TOO_SHORT)
    chosen = [one for one in found.found if _looks(one, rule.direction)]
    findings = tuple(_of_row(one, data, rule, selection, found) for one in chosen)
    a_period = table_by_chance(found.tested, rule.direction)
    return ListFindings(findings, found.tested, a_period * WEEK_DAYS / rule.days, rule.days)


def table_by_chance(tested: int, direction: Direction) -> float:
    """How many rows of a table are expected to fire in a period where nothing changed.

    Of those to watch as many as chance brings to p ≤ 1%, five at most; and, since a false discovery
    rate of 5% is held, a clear one in one table of twenty. Half of them lie on each side.
    """
    brought = poisson(by_chance(tested))
    watched = sum(float(brought.sf(number)) for number in range(MOST_WATCHED))
    return (watched + LEVEL) / (1 if direction is Direction.BOTH else 2)


def _looks(row: Anomaly, direction: Direction) -> bool:
    return direction is Direction.BOTH or row.more == (direction is Direction.MORE)


def _of_row(
    row: Anomaly, data: CheckedData, rule: WatchRule, selection: Selection, found: Anomalies
) -> AlertFinding:
    shown, first = selection, days_before(found.last, rule.days)
    for dimension, key in (("type", row.type), (data.level, row.area)):
        if key:
            shown = shown.without({dimension}).toggle(dimension, [key], "only")
    side = "more" if row.more else "fewer"
    level = data.level if row.area else ""
    evidence: dict[str, Any] = {"tested": found.tested}
    if row.folded:
        evidence["level"] = data.level
        evidence["areas"] = [_folded(one) for one in row.folded]
    return AlertFinding(
        f"change {rule.days} {side} type={row.type} {level}={row.area}",
        Subject(type=row.type, level=level, area=row.area),
        first,
        found.last,
        row.incidents,
        within(shown, first, found.last).text,
        expected=row.expected,
        low=row.low,
        high=row.high,
        p=row.p,
        q=row.q,
        tier=row.tier,
        evidence=evidence,
        once=rule.days if row.tier is Tier.WATCH else 0,
    )


def _folded(row: Anomaly) -> dict[str, Any]:
    """An area in which the same type stands out."""
    return {
        "area": row.area,
        "count": row.incidents,
        "expected": row.expected,
        "low": row.low,
        "high": row.high,
    }


def threshold_findings(data: CheckedData, rule: WatchRule, selection: Selection) -> ListFindings:
    """Fire where the last complete days had at least, or at most, so many incidents."""
    if data.last is None:
        return ListFindings(trouble=Trouble.NO_DAYS)
    first = days_before(data.last, rule.days)
    shown = within(selection, first, data.last)
    total = data.crossfilter.counts(EVERYTHING, shown, [view("total")])["total"]
    count = int(total["incidents"].sum())
    reached = (rule.at_least is not None and count >= rule.at_least) or (
        rule.at_most is not None and count <= rule.at_most
    )
    if not reached:
        return ListFindings((), 1)
    about = f"threshold {rule.days} {rule.at_least} {rule.at_most}"
    finding = AlertFinding(about, Subject(), first, data.last, count, shown.text)
    return ListFindings((finding,), 1)
