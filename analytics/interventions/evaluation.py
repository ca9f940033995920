"""What changed with an intervention, three ways, each with what it assumes.

- *Own history*: the count of the first weeks beside the expected one, with an interval
  from how earlier forecasts of that length did (`docs/change.md`).
- *Other areas*: a synthetic area made of areas that the measure did not reach.
- *Named controls*: the weighted displacement difference, where places were named to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.interventions.records import PlaceMeasure
from analytics.interventions.synthetic_area import SyntheticGap, synthetic_gap
from analytics.overview.daily import Table, daily
from analytics.patrol.intervention import Intervention, Study, study
from analytics.statistics.arrays import Ints
from analytics.statistics.expected_counts import (
    FEWEST_WINDOWS,
    WARM_UP_WEEKS,
    CountedRows,
    NoExpectation,
    SeasonBasis,
    expected_counts,
)
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import Period

FEWEST_WEEKS, MOST_WEEKS = 4, 52
"""Weeks of a measure that are judged: at least, and the first of a longer one."""
MOST_BEFORE = 156
"""Weeks before that a synthetic area is fitted to."""
WEEK = 7


@dataclass(frozen=True)
class OwnHistory:
    """The count of the first weeks and what was expected of it, with its 95% interval."""

    weeks: int
    counted: int
    expected: float
    low: int
    high: int
    p: float
    season_known: bool


@dataclass(frozen=True)
class OtherAreas:
    """The gap to a synthetic area of a level, and the areas it is made of, heaviest first."""

    level: str
    gap: SyntheticGap
    made_of: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class InterventionEvaluation:
    """Answers of three designs; where one has none, the reason.

    Attributes
    ----------
    period : days since the start that are judged, whole weeks
    starts : first days of the weeks of `weekly`
    weekly : shape (weeks,), incidents at the places, until the end of the period
    """

    period: Period
    own: OwnHistory | NoExpectation
    others: OtherAreas | None
    named: Study | str | None
    starts: tuple[date, ...] = field(repr=False)
    weekly: Ints = field(repr=False)


def evaluate_intervention(
    reader: SnapshotReader, manifest: Manifest, measure: PlaceMeasure
) -> InterventionEvaluation:
    """Judge a measure by the incidents since its start.

    Raises
    ------
    InputError
        The data has months only, or too few complete days before or since the start.
    """
    covered, complete = manifest.covered, manifest.last_complete_day
    if manifest.months_only or covered is None or complete is None:
        raise InputError("The data has no days to compare.")
    end = min(measure.last or complete, complete)
    weeks = min(((end - measure.first).days + 1) // WEEK, MOST_WEEKS)
    before = (measure.first - covered[0]).days // WEEK
    if weeks < FEWEST_WEEKS or before < FEWEST_WEEKS:
        raise InputError(
            f"An evaluation needs {FEWEST_WEEKS} complete weeks before the start and since then; "
            f"the data has complete days from {covered[0]} to {complete}."
        )
    last = measure.first + timedelta(days=weeks * WEEK - 1)
    levels = [one for one in AREA_LEVELS if one not in manifest.views_off]
    where = Scope(measure.places) if measure.places else EVERYTHING
    days = _days(daily(reader, where, measure.incidents, AREA_LEVELS[0], covered).total, covered)
    city = daily(reader, EVERYTHING, measure.incidents, AREA_LEVELS[0], covered).total
    country = country_of(manifest.source.timezone)
    seasons = SeasonModel(_days(city, covered)[None], covered[0], country)
    start = (measure.first - covered[0]).days
    weekly = Weekly.of(days, start, before, weeks)
    others = None
    if measure.places:
        tried = (_others(reader, measure, level, weekly, covered) for level in levels)
        others = next((one for one in tried if one is not None), None)
    return InterventionEvaluation(
        (measure.first, last),
        _own(days, seasons, start, weeks),
        others,
        _named(reader, measure, weeks),
        tuple(measure.first + timedelta(days=WEEK * at) for at in range(-before, weeks)),
        weekly.counts,
    )


@dataclass(frozen=True, eq=False)
class Weekly:
    """Weeks around a start.

    Attributes
    ----------
    first : column of the first day of the first week
    after : weeks since the start
    counts : shape (weeks,), incidents at the places
    """

    first: int
    after: int
    counts: Ints = field(repr=False)

    @classmethod
    def of(cls, days: Ints, start: int, before: int, after: int) -> Weekly:
        """Of incidents by day, with so many weeks before and after the column of the start."""
        first = start - before * WEEK
        return cls(first, after, _by_week(days, first, before + after))

    def cut(self, days: Ints) -> Ints:
        """The same weeks of other rows, shape (rows, weeks)."""
        return _by_week(days, self.first, len(self.counts))


def _by_week(days: Ints, first: int, weeks: int) -> Ints:
    cut = days[..., first : first + weeks * WEEK]
    return np.asarray(cut.reshape(*cut.shape[:-1], weeks, WEEK).sum(axis=-1))


def _days(table: Table, covered: Period) -> Ints:
    """Incidents by day of a table of one row; none where it has none."""
    length = (covered[1] - covered[0]).days + 1
    return np.asarray(table.counts.sum(axis=0)) if len(table.keys) else np.zeros(length, np.int64)


def _own(days: Ints, seasons: SeasonModel, start: int, weeks: int) -> OwnHistory | NoExpectation:
    """The first weeks, as many as the days before hold `FEWEST_WINDOWS` times."""
    known = (start // WEEK - WARM_UP_WEEKS) // FEWEST_WINDOWS
    judged = max(min(weeks, known), FEWEST_WEEKS)
    rows = CountedRows.of(days[None], np.zeros(1, np.int64))
    found = expected_counts(rows, seasons, start, judged * WEEK)
    missing = found.missing(0)
    if missing:
        return missing
    return OwnHistory(
        judged,
        int(found.counts[0]),
        float(found.expected[0]),
        int(found.low[0]),
        int(found.high[0]),
        float(found.p[0]),
        found.season is SeasonBasis.FITTED,
    )


def _others(
    reader: SnapshotReader, measure: PlaceMeasure, level: str, weekly: Weekly, covered: Period
) -> OtherAreas | None:
    """The synthetic area of those of a level that the measure or displacement did not reach."""
    reached = {
        key
        for places in (measure.places, measure.displacement)
        if places
        for key in daily(reader, Scope(places), measure.incidents, level, covered).areas.keys
    }
    city = daily(reader, EVERYTHING, measure.incidents, level, covered).areas
    rows = [row for row, key in enumerate(city.keys) if key not in reached | {UNKNOWN}]
    series = weekly.cut(city.counts[rows])
    shown = min(len(weekly.counts), MOST_BEFORE + weekly.after)
    gap = synthetic_gap(
        weekly.counts[-shown:].astype(np.float64),
        series[:, -shown:].astype(np.float64),
        weekly.after,
    )
    if gap is None:
        return None
    heaviest = sorted(gap.weights.items(), key=lambda one: -one[1])
    return OtherAreas(level, gap, tuple((city.keys[rows[at]], share) for at, share in heaviest))


def _named(reader: SnapshotReader, measure: PlaceMeasure, weeks: int) -> Study | str | None:
    if not measure.control:
        return None
    groups: Mapping[str, Selection] = {
        "target": measure.places,
        "control": measure.control,
        **({"displacement": measure.displacement} if measure.displacement else {}),
    }
    try:
        return study(reader, measure.incidents, Intervention(groups, measure.first, weeks, weeks))
    except InputError as error:
        return str(error)
