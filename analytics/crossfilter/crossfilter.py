"""The contract of the cross-filter; callers cannot tell which implementation answered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import polars as pl

from analytics.crossfilter.nights import DayClock, Nights
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View

MEASURES = ("incidents", "arrests", "harm")


class CrossFilter(ABC):
    """Counts incidents of a selection in several views at once.

    `clock` tells when the operational days and shifts of the snapshot begin.
    """

    def __init__(self, clock: DayClock) -> None:
        self.clock = clock

    def counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """Frames by name of the view.

        An incident counts in a view if and only if it passes the scope and every clause of the
        selection that the view does not own.

        Returns
        -------
        dict
            Per view a frame of its bins and `incidents`, `arrests` and `harm` (days; offenses
            without a weight add 0) as Int64. Only bins with an incident, sorted by the bins,
            missing ones last. Bins are words of a selection's text: `unknown` for a missing
            category; hour and weekday are Int64 with null for unknown, day is a Date, month
            YYYY-MM. A `points` view holds at most `POINT_CAP` places, drawn at random; the
            view `places` of the same bounds is one row that says how many there are.

        Raises
        ------
        InputError
            A clause or view is about a dimension the snapshot does not have.
        UnavailableError
            It took too long.
        """
        asked = Nights.of(scope, selection, self.clock)
        counted = self._counts(asked.scope, asked.selection, asked.views(views))
        return asked.frames(counted, views)

    @abstractmethod
    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        """As `counts`, with the weekdays of nights already written out."""
