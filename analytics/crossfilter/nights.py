"""Nights: an hour range that passes midnight belongs to the day on which it begins.

`hour=22-02&weekday=5` is the night from Friday to Saturday: Friday from 22:00 and Saturday until
03:00. This is the one place that says so. Every engine asks it before it counts, so that it sees
weekdays and hours as pairs, and so that the bars of `weekday` count the nights a click chooses.
Where the operational day starts after such hours, they are of the evening's day already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

import polars as pl

from analytics.crossfilter.clauses import Clause, Hours, HourWeekdays, Weekdays, runs
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View
from analytics.incidents.manifest import Manifest

_OWN = ("weekday", "hour_weekday")
BY_HOUR = View("hour_weekday:nights", ("weekday", "hour"), frozenset(_OWN))
"""What `weekday` is counted by where nights are chosen; its rows become nights afterwards."""


def day_start_hour(manifest: Manifest) -> int:
    """Hour of the clock at which operational days start; of 06:30 it is 6."""
    return time.fromisoformat(manifest.settings.get("day_start", "00:00")).hour


def after_midnight(hours: Clause | None, start_hour: int) -> frozenset[int]:
    """Chosen hours whose operational day is the one after that of the range they belong to."""
    if not isinstance(hours, Hours):
        return frozenset()
    return frozenset(
        hour
        for first, last in runs(hours.known)
        if first > last
        for hour in range(last + 1)
        if (hour - start_hour) % 24 < (first - start_hour) % 24
    )


def of_evenings(selection: Selection, start_hour: int) -> Selection:
    """The same incidents, with the weekdays of nights written out as hours of the week."""
    weekdays = selection.get("weekday")
    late = after_midnight(selection.get("hour"), start_hour)
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
    """A question as engines count it."""

    scope: Scope
    selection: Selection
    late: frozenset[int]

    @classmethod
    def of(cls, scope: Scope, selection: Selection, start_hour: int) -> Nights:
        hours = selection.get("hour") or scope.selection.get("hour")
        return cls(
            Scope(of_evenings(scope.selection, start_hour)),
            of_evenings(selection, start_hour),
            after_midnight(hours, start_hour),
        )

    def views(self, views: Sequence[View]) -> list[View]:
        """What is to be counted for these views."""
        if not self.late:
            return list(views)
        return [BY_HOUR if each.name == "weekday" else each for each in views]

    def frames(
        self, counted: Mapping[str, pl.DataFrame], views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """The frames of the views that were asked for."""
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
