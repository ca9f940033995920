"""Suppressible demand: the incidents that visible patrol can affect, and what is left out and why.

The agency's table `suppressible.csv` (docs/patrol.md) says which incidents patrol cannot affect.
Incidents that officers find themselves are left out unless requested: a plan made from them sends
officers to where they already were.

References
----------
Lum & Isaac (2016), To predict and serve? Significance 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.conditions import Condition, conditions_of
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import table_rows
from sql import load

FILE = "suppressible.csv"
COLUMNS = ("selection", "reason")
FOUND_BY_OFFICERS = "Found by officers: they say where officers were, not where they are needed"
HOUR_MIN = 60


@dataclass(frozen=True)
class Exclusion:
    """Incidents that patrol cannot affect, and why."""

    selection: Selection
    reason: str


@dataclass(frozen=True)
class LeftOutDemand:
    """How many incidents of the target a reason leaves out; one may have several reasons."""

    reason: str
    incidents: int


@dataclass(frozen=True)
class ShiftTimes:
    """One shift: its name, first hour and length in minutes."""

    name: str
    first_hour: int
    minutes: int

    @classmethod
    def of(cls, clock: DayClock, name: str) -> ShiftTimes:
        """The agency's shift of a name, in any case.

        Raises
        ------
        InputError
            There is no such shift, or its hours do not follow each other.
        """
        known = {shift.casefold(): shift for shift in clock.shifts}
        found = known.get(name.casefold())
        if found is None:
            raise InputError(f"No shift {name[:40]!r}; choose one of {', '.join(clock.shifts)}.")
        hours = list(clock.shifts[found])
        if any((later - hour) % 24 != 1 for hour, later in pairwise(hours)):
            raise InputError(f"The hours of shift {found} do not follow each other.")
        return cls(found, hours[0], HOUR_MIN * len(hours))

    @property
    def hours(self) -> frozenset[int]:
        """Hours of the clock."""
        return frozenset((self.first_hour + hour) % 24 for hour in range(self.minutes // HOUR_MIN))

    def clock(self, minute: int) -> str:
        """Time of a minute of the shift, such as 22:15."""
        hour, rest = divmod(self.first_hour * HOUR_MIN + minute, HOUR_MIN)
        return f"{hour % 24:02d}:{rest:02d}"


@dataclass(frozen=True, eq=False)
class Demand:
    """Incidents of the demand, by time.

    Attributes
    ----------
    frame : pl.DataFrame
        x_m, y_m (local meters), block, area, day (on which the shift begins, or would), minute (of
        the shift; null outside it) and harm (days).
    shift, level : shift and level of the areas
    first, end : days that the data covers, from first until before end
    left_out : by reason
    """

    frame: pl.DataFrame = field(repr=False)
    shift: ShiftTimes
    level: str
    first: date
    end: date
    left_out: tuple[LeftOutDemand, ...]

    def in_shift(self, first: date, end: date) -> pl.DataFrame:
        """Incidents in the shifts that begin in [first, end)."""
        return self.frame.filter(
            pl.col("minute").is_not_null() & (pl.col("day") >= first) & (pl.col("day") < end)
        )


def read_exclusions(path: Path, vocabulary: Vocabulary) -> tuple[Exclusion, ...]:
    """Read `selection,reason`; values and dimensions that the data lacks are left out.

    Raises
    ------
    InputError
        A row is not valid; the message names file, line and column.
    """
    found = []
    for row in table_rows(path, COLUMNS):
        try:
            selection = Selection.parse(row.required("selection"))
        except InputError as error:
            raise row.fail("selection", str(error).rstrip(".")) from error
        if not selection.items:
            raise row.fail("selection", "is empty, which would leave out every incident")
        reason = row.required("reason")
        met = _met(selection, vocabulary)
        if met is not None:
            found.append(Exclusion(met, reason))
    return tuple(found)


def _met(selection: Selection, vocabulary: Vocabulary) -> Selection | None:
    """The selection with the values that the data has; None where a filter has none."""
    for name, clause in selection.items:
        if name not in vocabulary.labels:
            return None
        if isinstance(clause, Words) and name in vocabulary.words:
            known = set(vocabulary.values(name))
            kept = tuple(key for key in clause.keys if key in known)
            if not kept:
                return None
            selection = selection.replace(name, Words(kept))
    return selection


def read_demand(
    reader: SnapshotReader,
    exclusions: Sequence[Exclusion],
    shift: ShiftTimes,
    *,
    target: Selection = EMPTY,
    level: str = "district",
    proactive: bool = False,
    scope: Scope = EVERYTHING,
) -> Demand:
    """Read the demand of a target on all days.

    Parameters
    ----------
    proactive : also incidents that officers find themselves

    Raises
    ------
    InputError
        The level does not exist, the source has no hours, or nothing is left.
    """
    if level not in AREA_LEVELS:
        raise InputError(
            f"There is no level {level[:30]!r}; choose one of {', '.join(AREA_LEVELS)}."
        )
    manifest = reader.snapshot.manifest
    if manifest.covered is None:
        raise InputError("The snapshot has no incidents.")
    base = incidents_where(reader, scope, target.without({"date", "hour", "shift"}))
    reasons = [_excluded(reader, one, number) for number, one in enumerate(exclusions)]
    if not proactive:
        reasons.append((Condition("proactive IS TRUE", {}), FOUND_BY_OFFICERS))
    counted = [LeftOutDemand(reason, _count(reader, base, out)) for out, reason in reasons]
    kept = [base.sql, *(f"({out.sql}) IS NOT TRUE" for out, _ in reasons)]
    params = {
        name: value
        for part in (base, *(out for out, _ in reasons))
        for name, value in part.params.items()
    }
    found = reader.frame(
        load("patrol/demand", level=level, conditions=" AND ".join(f"({one})" for one in kept)),
        params,
    )
    if found.is_empty():
        raise InputError("No incident with a place and an hour is left that patrol can affect.")
    first, last = manifest.covered
    shifted = pl.col("at") - pl.duration(hours=shift.first_hour)
    minute = shifted.dt.hour().cast(pl.Int32) * HOUR_MIN + shifted.dt.minute()
    frame = found.with_columns(
        shifted.dt.date().alias("day"),
        pl.when(minute < shift.minutes).then(minute).alias("minute"),
    ).drop("at")
    return Demand(frame, shift, level, first, last + timedelta(days=1), tuple(counted))


def _excluded(reader: SnapshotReader, one: Exclusion, number: int) -> tuple[Condition, str]:
    conditions = conditions_of(reader)
    parts = [
        conditions.of(name, clause, f"out{number}_{name}") for name, clause in one.selection.items
    ]
    params = {name: value for part in parts for name, value in part.params.items()}
    return Condition(" AND ".join(part.sql for part in parts), params), one.reason


def _count(reader: SnapshotReader, base: Condition, out: Condition) -> int:
    where = f"({base.sql}) AND ({out.sql})"
    found = reader.frame(load("patrol/count", conditions=where), {**base.params, **out.params})
    return int(found.item())
