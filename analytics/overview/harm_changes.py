"""What changed in harm: days of sentence of a period by type and area, against what was expected.

The rule is that of counts (`docs/change.md`), on harm over a unit: the mean weight of the kind's
incidents, each counted by its weight, which is Σw² / Σw citywide over the two years before. A sum
of weights divided by it varies as a count does: its variance is its mean where incidents are
independent. Rare heavy offenses are in the unit even where a row had none.

References
----------
Bohm & Zech (2014), Statistics of weighted Poisson events and its applications, NIM A 748: the
equivalent number of events (Σw)² / Σw² and the scaled Poisson distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.overview.changes import JudgedRows, rows_by, same_rows, standing, too_short
from analytics.overview.daily_rows import (
    EVERY,
    DailyRows,
    citywide,
    counted_days,
    rows_of,
)
from analytics.statistics.arrays import Floats
from analytics.statistics.expected_counts import (
    MEMORY_WEEKS,
    WEEK,
    CountedRows,
    SeasonBasis,
    forecast,
)
from analytics.statistics.level import LEVEL
from analytics.statistics.negative_binomial import mid_p, real_interval
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.tiers import ALONE, Tier, tiers_of
from analytics.statistics.two_periods import Period

HOMICIDE = "HOMICIDE"
"""The type without which harm is given too: a few of them are most of it."""


@dataclass(frozen=True)
class HarmChange:
    """Harm of a period beside what was expected of it, in days of sentence.

    Attributes
    ----------
    type, area : empty for all
    expected, low, high, p, q : None where nothing is expected
    largest, largest_days : the type that contributes most, and its days; empty without harm
    without_homicide : harm of all other types
    """

    type: str
    area: str
    harm: int
    expected: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    tier: Tier
    largest: str
    largest_days: int
    without_homicide: int


@dataclass(frozen=True)
class HarmChangeTable:
    """The rows of a period, those that stand out first, by p."""

    rows: tuple[HarmChange, ...]
    first: date
    last: date
    tested: int


@dataclass(frozen=True, eq=False)
class JudgedHarm:
    """Harm of a window by row and what was expected, days of sentence; NaN where nothing was."""

    harm: Floats
    expected: Floats
    low: Floats
    high: Floats
    p: Floats
    is_known: bool
    season: SeasonBasis


@dataclass(frozen=True, eq=False)
class HarmRows:
    """Harm by day of each type, each area, and each type in each area.

    Attributes
    ----------
    rows : counts are days of sentence
    squares : shape (kinds, days), citywide sums of squared weights
    by_type : day, type, area, harm
    country : ISO code of the country whose holidays the season knows
    """

    rows: DailyRows
    squares: Floats
    by_type: pl.DataFrame
    country: str

    def units(self, start: int) -> Floats:
        """Days of one unit by kind, from the weeks before a column; 1 without harm."""
        past = slice(max(start - MEMORY_WEEKS * WEEK, 0), start)
        harm = self.rows.citywide[:, past].sum(axis=1).astype(np.float64)
        squares = self.squares[:, past].sum(axis=1)
        return np.divide(squares, harm, out=np.ones_like(harm), where=harm > 0)

    def judged(self, start: int, days: int, wanted: Sequence[int]) -> JudgedHarm:
        """Expect and test the harm of a window of some rows."""
        rows, units = self.rows, self.units(start)
        kind = rows.kind[wanted]
        own = units[kind]
        sums = np.zeros((len(kind), rows.days + 1))
        np.cumsum(rows.counts[wanted], axis=1, out=sums[:, 1:])
        counted = CountedRows(sums / own[:, None], kind)
        seasons = SeasonModel(rows.citywide / units[:, None], rows.first, self.country)
        found = forecast(counted, seasons, start, days)
        harm = np.asarray(counted.between(start, start + days), dtype=np.float64)
        low, high = real_interval(found.mean, found.variance, LEVEL) * own
        p = mid_p(harm, found.mean, found.variance)
        return JudgedHarm(harm * own, found.mean * own, low, high, p, found.is_known, found.season)


class ComparedHarm:
    """Rows of harm that are tested together, whatever the period; see `ComparedRows`."""

    def __init__(self, harm: HarmRows) -> None:
        self._harm = harm
        self._same = same_rows(harm.rows.counts)
        self._own = np.unique(self._same)

    def judged(self, start: int, days: int) -> JudgedRows:
        """The verdicts on the days from column `start` on, in days of sentence."""
        found = self._harm.judged(start, days, self._own.tolist())
        made = tiers_of(found.p, found.harm > found.expected, np.full(len(self._own), ALONE))
        at = np.searchsorted(self._own, self._same)
        return JudgedRows(
            found.harm[at].round().astype(np.int64),
            found.expected[at],
            found.low[at],
            found.high[at],
            found.p[at],
            made.q[at],
            tuple(made.tiers[one] for one in at),
            made.tested,
            found.is_known,
            found.season,
        )


def harm_rows(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    area: str,
    span: Period,
) -> HarmRows:
    """Sum the harm of every day of a span; filters as in `daily_rows`.

    Raises
    ------
    InputError
        The data has no harm weights, or no such level.
    """
    require_harm(reader.snapshot.manifest)
    frame = counted_days(reader, scope, selection, area, span)
    wide, everywhere = citywide(selection), frame
    if wide != selection:
        everywhere = counted_days(reader, scope, wide, None, span)
    country = country_of(reader.snapshot.manifest.source.timezone)
    return harm_rows_of(frame, everywhere, span, country)


def require_harm(manifest: Manifest) -> None:
    """Raise an InputError unless the data has harm weights."""
    if "harm" in manifest.views_off:
        raise InputError("This source has no harm weights.")


def harm_rows_of(
    frame: pl.DataFrame, everywhere: pl.DataFrame, span: Period, country: str
) -> HarmRows:
    """Harm from the frames of `counted_days`: of the rows, and of the whole city by kind."""
    rows = rows_of(frame, span, "harm")
    if everywhere is not frame:
        rows = rows.following(rows_of(everywhere, span, "harm"))
    squares = rows_of(everywhere, span, "squares").citywide.astype(np.float64)
    return HarmRows(rows, squares, frame.select("day", "type", "area", "harm"), country)


def harm_changes_of(table: HarmRows, days: int, *, by_type: bool, by_area: bool) -> HarmChangeTable:
    """Compare the harm of the last days with what was expected of them; as `changes_of`.

    Raises
    ------
    InputError
        There is too little history for such a period.
    """
    rows, start = table.rows, table.rows.days - days
    last = rows.first + timedelta(days=rows.days - 1)
    first = last - timedelta(days=days - 1)
    wanted = rows_by(rows, by_type=by_type, by_area=by_area, totals=False)
    found = table.judged(start, days, wanted) if start > 0 and wanted else None
    if found is None or not found.is_known:
        raise too_short(rows, days)
    made = tiers_of(found.p, found.harm > found.expected, np.full(len(wanted), ALONE))
    shares = _by_type(table.by_type, (first, last))
    out = []
    for at, row in enumerate(wanted):
        own = _of(shares, rows.names[row])
        largest = max(own, key=lambda name: (own[name], name), default="")
        expected, low, high, p, q = (
            None if np.isnan(value[at]) else float(value[at])
            for value in (found.expected, found.low, found.high, found.p, made.q)
        )
        without = sum(days for name, days in own.items() if name != HOMICIDE)
        out.append(
            HarmChange(
                *rows.names[row],
                sum(own.values()),
                expected,
                low,
                high,
                p,
                q,
                made.tiers[at],
                largest,
                own.get(largest, 0),
                without,
            )
        )
    out.sort(key=lambda row: standing(row.tier, row.p, row.type, row.area))
    return HarmChangeTable(tuple(out), first, last, made.tested)


Shares = Mapping[tuple[str, str], int]


def _by_type(frame: pl.DataFrame, period: Period) -> Shares:
    """Harm of a period by type and area."""
    days = frame.filter(pl.col("day").is_between(*period), pl.col("harm") > 0)
    summed = days.group_by("type", "area").agg(pl.sum("harm"))
    return {(kind, area): harm for kind, area, harm in summed.iter_rows()}


def _of(shares: Shares, name: tuple[str, str]) -> dict[str, int]:
    """Harm of a row by type."""
    found: dict[str, int] = {}
    for (kind, area), harm in shares.items():
        if name[0] in (EVERY, kind) and name[1] in (EVERY, area):
            found[kind] = found.get(kind, 0) + harm
    return found
