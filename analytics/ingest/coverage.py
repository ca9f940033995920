"""Days that the data covers, so that stray dates do not spoil rates, and the precision of dates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import duckdb

from analytics.incidents.manifest import month_end
from analytics.ingest.tables import one_row
from sql import load

SPARSE = 0.1
"""Share of a typical month's incidents below which a month is sparse."""
LONGEST_GAP = 12
"""Consecutive sparse months that count as an interruption of the data."""
FEWEST_SHARE = 0.05
"""Least share of all incidents that the covered months must hold."""
FEWEST_TO_DETECT = 100
"""Incidents needed to infer the precision of dates from the dates themselves."""


@dataclass(frozen=True)
class Coverage:
    """First and last day for rates and comparisons, and the number of incidents outside."""

    first: date
    last: date
    outside: int


def coverage(connection: duckdb.DuckDBPyConnection, table: str) -> Coverage | None:
    """Days that table `incidents` or `calls` covers; None if it has no dates."""
    months = dict(connection.execute(load("derive/months", table=table)).fetchall())
    if not months:
        return None
    start, end = covered_months(months)
    span = {"first": start, "last": month_end(end)}
    return Coverage(*one_row(connection, "derive/covered_days", span, table=table))


def covered_months(incidents: Mapping[date, int]) -> tuple[date, date]:
    """First and last month of the newest stretch of data without a gap.

    A month is sparse if it has under 10% of the incidents of a typical month, which is the one
    with the median incident when months are ordered by size. Twelve sparse months in a row end a
    stretch. The newest stretch with 5% of all incidents is covered, together with an adjacent
    sparse month in which the data begins or ends. If no stretch has 5%, the incidents are rare by
    nature, and all months are covered.

    Parameters
    ----------
    incidents
        First day of each month → incidents; months without any may be missing.
    """
    sizes = sorted(incidents.values())
    sums = list(accumulate(sizes))
    typical = sizes[bisect_left(sums, sums[-1] / 2)]
    dense = sorted(month for month, count in incidents.items() if count >= SPARSE * typical)
    stretches = [[dense[0]]]
    for month in dense[1:]:
        if _number(month) - _number(stretches[-1][-1]) > LONGEST_GAP:
            stretches.append([])
        stretches[-1].append(month)
    held = [sum(incidents[month] for month in stretch) for stretch in stretches]
    enough = [at for at, count in enumerate(held) if count >= FEWEST_SHARE * sums[-1]]
    first, last = min(incidents), max(incidents)
    if not enough:
        return first, last
    start, end = stretches[enough[-1]][0], stretches[enough[-1]][-1]
    return (
        first if _number(start) - _number(first) == 1 else start,
        last if _number(last) - _number(end) == 1 else end,
    )


def _number(month: date) -> int:
    return 12 * month.year + month.month


def detected_precision(connection: duckdb.DuckDBPyConnection, moment: str) -> str:
    """`month` or `day` if all values of a time of table `merged` are so coarse, else `minute`.

    Fewer than `FEWEST_TO_DETECT` values are too few to tell.
    """
    incidents, timed, within = one_row(connection, "derive/precision", moment=moment)
    if timed or incidents < FEWEST_TO_DETECT:
        return "minute"
    return "day" if within else "month"
