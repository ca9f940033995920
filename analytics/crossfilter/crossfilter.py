"""The interface of the cross-filter; all implementations give the same answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import polars as pl

from analytics.crossfilter.clauses import require_found
from analytics.crossfilter.nights import DayClock, Nights
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View

MEASURES = ("incidents", "arrests", "harm")


class CrossFilter(ABC):
    """Counts the incidents of a selection in several views at once.

    `clock` says when operational days and shifts of the snapshot begin.
    """

    def __init__(self, clock: DayClock) -> None:
        self.clock = clock

    def counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """Count incidents; returns frames by the view's name.

        An incident counts in a view if and only if it passes the scope and every clause of the
        selection that the view does not own.

        Returns
        -------
        dict
            For each view a frame of its bins and `incidents`, `arrests` and `harm` (days; offenses
            without a weight add 0) as Int64. It has only bins with incidents, sorted by the bins,
            missing ones last. Bins are keys as in a selection's text, with `unknown` for a missing
            category; hour and weekday are Int64 with null for unknown, day is a Date, month
            YYYY-MM. A `points` view has at most `POINT_CAP` places, sampled at random; the view
            `places` of the same bounds has one row with the number of all places.

        Raises
        ------
        InputError
            A clause or view is on a dimension that the snapshot does not have, or a custom area was
            not looked up for the reader.
        UnavailableError
            It took too long.
        """
        for _, clause in (*scope.selection.items, *selection.items):
            require_found(clause)
        nights = Nights.of(scope, selection, self.clock)
        counted = self._counts(nights.scope, nights.selection, nights.views(views))
        return nights.frames(counted, views)

    @abstractmethod
    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """Count like `counts`, with nights already expanded to hours of the week."""
