"""Nights: hours that pass midnight belong to the day on which their range or shift begins.

`hour=22-02&weekday=5` is the night from Friday to Saturday: Friday from 22:00 and Saturday until
03:00. So is the night shift of Fridays. This module alone defines that: it turns weekdays and hours
into pairs before an implementation counts, and afterwards makes the bars of `weekday` count the
nights that a click chooses. If the operational day starts after such hours, they already belong to
the evening's day. Hours of a scope also make nights of the selection's weekdays, unless the
selection has its own hours; hours of a selection do not change the scope.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

import polars as pl

from analytics.crossfilter.clauses import Choice, Hours, HourWeekdays, Weekdays, is_night, runs
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View
from analytics.incidents.manifest import Manifest

_OWN = ("weekday", "hour_weekday")
BY_HOUR = View("hour_weekday:nights", ("weekday", "hour"), frozenset(_OWN))
"""View counted in place of `weekday` if nights are chosen; its rows become nights afterwards."""


def day_start_hour(manifest: Manifest) -> int:
    """Hour of the clock in which operational days start, such as 6 for 06:30."""
    return time.fromisoformat(manifest.settings.get("day_start", "00:00")).hour


@dataclass(frozen=True)
class DayClock:
    """When operational days and shifts begin, in hours of the clock.

    Attributes
    ----------
    shifts : hours by name of the shift
    """

    day_start: int = 0
    shifts: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> DayClock:
        """The clock that the snapshot was derived with."""
        shifts: dict[str, list[int]] = {}
        for name, first, end in manifest.settings.get("shifts", ()):
            hours = range(first, first + ((end - first) % 24 or 24))
            shifts.setdefault(name, []).extend(hour % 24 for hour in hours)
        return cls(day_start_hour(manifest), shifts)


def after_midnight(selection: Selection, clock: DayClock) -> frozenset[int]:
    """Chosen hours whose operational day is one day after the beginning of their night.

    If shifts are chosen, they are the nights, and hours only narrow them.
    """
    shifts, hours = selection.get("shift"), selection.get("hour")
    nights: list[tuple[int, int]] = []
    if isinstance(shifts, Choice):
        spans = (span for name in shifts.keys for span in runs(clock.shifts.get(name, ())))
        nights = [(first, last) for first, last in spans if first > last]
    elif isinstance(hours, Hours):
        nights = [span for span in runs(hours.known) if is_night(*span)]
    return frozenset(
        hour
        for first, last in nights
        for hour in range(last + 1)
        if (hour - clock.day_start) % 24 < (first - clock.day_start) % 24
    )


def with_nights_expanded(selection: Selection, late: Collection[int]) -> Selection:
    """The same incidents, with weekdays of nights expanded to hours of the week."""
    weekdays = selection.get("weekday")
    if not late or not isinstance(weekdays, Weekdays):
        return selection
    pairs = tuple(
        (weekday if weekday is None or hour not in late else weekday % 7 + 1, hour)
        for weekday in weekdays.keys
        for hour in (*range(24), None)
    )
    return selection.replace("weekday", HourWeekdays(pairs))


@dataclass(frozen=True)
class Nights:
    """Scope and selection with nights expanded; `late` are the hours after midnight."""

    scope: Scope
    selection: Selection
    late: frozenset[int]

    @classmethod
    def of(cls, scope: Scope, selection: Selection, clock: DayClock) -> Nights:
        of_scope = after_midnight(scope.selection, clock)
        own = selection.get("hour") or selection.get("shift")
        late = after_midnight(selection, clock) if own else of_scope
        return cls(
            Scope(with_nights_expanded(scope.selection, of_scope)),
            with_nights_expanded(selection, late),
            late,
        )

    def views(self, views: Sequence[View]) -> list[View]:
        """The views to count in place of the requested ones."""
        if not self.late:
            return list(views)
        return [BY_HOUR if each.name == "weekday" else each for each in views]

    def frames(
        self, counted: Mapping[str, pl.DataFrame], views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """The frames of the requested views."""
        return {
            each.name: self._of_evenings(counted[BY_HOUR.name])
            if self.late and each.name == "weekday"
            else counted[each.name]
            for each in views
        }

    def _of_evenings(self, by_hour: pl.DataFrame) -> pl.DataFrame:
        evening = (pl.col("weekday") + 5) % 7 + 1
        late = pl.col("hour").is_in(sorted(self.late)).fill_null(value=False)
        weekday = pl.when(late).then(evening).otherwise(pl.col("weekday"))
        summed = by_hour.group_by(weekday.alias("weekday")).agg(pl.exclude("weekday", "hour").sum())
        return summed.sort("weekday", nulls_last=True)
