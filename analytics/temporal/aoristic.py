"""Aoristic weights: the weight 1 of an incident is spread over its time span.

References
----------
Ratcliffe (2000), Aoristic analysis: the spatial interpretation of unspecific temporal events,
International Journal of Geographical Information Science 14.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.nights import day_start_hour
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.incidents.reader import SnapshotReader
from analytics.temporal.weekly_hours import HOURS_OF_WEEK, OWNED
from sql import load

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Aoristic:
    """Weights by weekday and hour.

    Attributes
    ----------
    weights : float array of shape (7, 24)
        Monday first, hours of the clock; sums to `incidents`.
    starts : float array of shape (7, 24)
        The same incidents, each at the hour in which its span starts.
    incidents : int
    spans : int
        Incidents with an end after their start.
    over_an_hour : int
        Incidents whose span is longer than an hour.
    without_end : int
        Incidents without an end; they count at their one time.
    """

    weights: Floats = field(repr=False)
    starts: Floats = field(repr=False)
    incidents: int
    spans: int
    over_an_hour: int
    without_end: int

    @property
    def moved(self) -> float:
        """Share of the weight that is in another hour than the start."""
        return moved(self.starts, self.weights)


def aoristic(reader: SnapshotReader, scope: Scope, selection: Selection) -> Aoristic:
    """Spread each selected incident over the hours of the week in which it may have happened.

    Weights are even from `occurred_from` to `occurred_to` on the wall clock; a span of more than a
    week wraps around. Incidents without a span weigh 1 at their hour. Filters on hour and weekday
    are not applied, as in the views of these names. Weekdays are operational days.
    """
    where = conditions_of(reader).where(scope, selection.without(OWNED))
    start_hour = day_start_hour(reader.snapshot.manifest)
    found = [
        reader.frame(
            load(f"temporal/aoristic_{name}", conditions=where.sql),
            {"day_start_s": start_hour * 3600, **where.params},
        )
        for name in ("spans", "moments")
    ]
    return spread(*found, hour_shift=start_hour)


def spread(spans: pl.DataFrame, moments: pl.DataFrame, *, hour_shift: int = 0) -> Aoristic:
    """Weights from the sums of sql/temporal/aoristic_spans.sql and aoristic_moments.sql.

    Parameters
    ----------
    hour_shift : int
        Hour of the clock at which the operational day starts.

    Notes
    -----
    A span from s to t, in hours of the week, gives bin k the share (F_k(t) − F_k(s)) / (t − s),
    with F_k the time spent in k. Every bin from the first to the last gets a whole hour; the parts
    before the start and after the end are subtracted again. So sums by first and last bin suffice.
    """
    first, last = (spans[name].to_numpy() for name in ("first_hour", "last_hour"))
    whole = spans["whole"].to_numpy()
    change = np.zeros(2 * HOURS_OF_WEEK + 2)
    np.add.at(change, first, whole)
    np.add.at(change, last + 1, -whole)
    unrolled = np.cumsum(change)[: 2 * HOURS_OF_WEEK]
    np.add.at(unrolled, first, -spans["before"].to_numpy())
    np.add.at(unrolled, last, -spans["after"].to_numpy())
    weights = (
        unrolled[:HOURS_OF_WEEK]
        + unrolled[HOURS_OF_WEEK:]
        + float(spans["each_hour"].to_numpy().sum())
    )
    starts = np.zeros(HOURS_OF_WEEK)
    np.add.at(starts, first, spans["incidents"].to_numpy())
    at = moments["hour_of_week"].to_numpy()
    for hours in (weights, starts):
        np.add.at(hours, at, moments["incidents"].to_numpy())
    return Aoristic(
        weights=_on_the_clock(np.maximum(weights, 0.0), hour_shift),
        starts=_on_the_clock(starts, hour_shift),
        incidents=int(spans["incidents"].sum()) + int(moments["incidents"].sum()),
        spans=int(spans["incidents"].sum()),
        over_an_hour=int(spans["over_an_hour"].sum()),
        without_end=int(moments["without_end"].sum()),
    )


def moved(starts: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Total variation distance of two distributions of the same incidents, 0 to 1."""
    before, after = (np.asarray(values, dtype=np.float64) for values in (starts, weights))
    total = before.sum()
    return float(np.abs(after - before).sum() / 2 / total) if total else 0.0


def _on_the_clock(hours: Floats, hour_shift: int) -> Floats:
    """Shape (7, 24): shift columns from hours since the day's start to hours of the clock."""
    return np.roll(hours.reshape(7, 24), hour_shift, axis=1)
