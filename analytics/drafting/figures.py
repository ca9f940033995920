"""The numbers of a briefing, each computed once, and the sources that they cite."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analytics.briefing.cited_text import NumberSource
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.drafting.request import (
    BriefingRequest,
    CountedDays,
    counted_days,
    level_of,
)
from analytics.formats import country_of, date_range
from analytics.hotspot_answers import HotSpots
from analytics.incidents.manifest import Manifest
from analytics.overview.anomalies import Anomalies, anomalies
from analytics.overview.changes import ChangeTable, changes_of
from analytics.overview.daily import Daily, daily
from analytics.overview.daily_rows import citywide, daily_rows
from analytics.overview.expectations import Expectations
from analytics.overview.expected_tables import (
    TableSeasons,
    daily_seasons,
    expected_tables,
    total_table,
)
from analytics.overview.harm import Harm, harm
from analytics.overview.hours import hours_in
from analytics.overview.reporting import Reporting
from analytics.series.compared_incidents import WIDEST_HOURS
from analytics.services import Pinned, Services
from analytics.statistics.expected_counts import CountedRows, ExpectedCounts, expected_counts
from analytics.statistics.season_model import SeasonModel
from analytics.statistics.two_periods import NotComparable, Period
from analytics.temporal.weekly_hours import WeeklyHours, weekly_hours

WEEK_DAYS = 7
CHART_WEEKS = 26
HOMICIDE = "HOMICIDE"
CHANGE, OVERVIEW = "docs/change.md", "docs/overview.md"


@dataclass(frozen=True, eq=False)
class ExpectedWeek:
    """A week of the chart: its last day, its incidents and what was expected of them."""

    last: date
    incidents: int
    expected: float | None
    low: int | None
    high: int | None


class BriefingFigures:
    """What the cards of one briefing count.

    Attributes
    ----------
    selection : of the request, with the values of the data and without dates
    level : of the areas; empty where the source has none
    """

    def __init__(
        self,
        services: Services,
        pinned: Pinned,
        request: BriefingRequest,
        selection: Selection,
        days: CountedDays | None = None,
    ) -> None:
        """`days` are those of the request unless given."""
        self.services, self.pinned, self.request = services, pinned, request
        self.selection = selection.without({"date"})
        self.manifest: Manifest = pinned.snapshot.manifest
        self.days = counted_days(request, self.manifest) if days is None else days
        self.level = level_of(request, self.selection, self.manifest)

    @cached_property
    def incidents_words(self) -> str:
        """The selection in words."""
        return sentence(self.selection, self.manifest, self.pinned.area_names, dated=False)

    def source(self, what: str, period: Period, method: str = CHANGE) -> NumberSource:
        """Where a number comes from: what was counted of which incidents and days, and how."""
        text = f' ("{self.selection.text}")' if self.selection else ""
        return NumberSource(
            f"{what}, {date_range(*period)}: {self.incidents_words}{text}; snapshot "
            f"{self.pinned.id}; method: {method}"
        )

    def lacks(self, dimension: str) -> bool:
        """Whether the source has nothing for a dimension."""
        return dimension in self.manifest.views_off

    def label(self, dimension: str, key: str) -> str:
        """A value as tables name it; areas with a number only by their level."""
        label = self.pinned.vocabulary.label(dimension, key)
        if label == key and dimension == self.level:
            return f"{self.pinned.vocabulary.labels.get(dimension, dimension)} {key}"
        return label

    @cached_property
    def country(self) -> str:
        return country_of(self.manifest.source.timezone)

    @cached_property
    def daily(self) -> Daily:
        """Counts by day until the last day of the periods."""
        return self._daily(self.selection)

    def _daily(self, selection: Selection) -> Daily:
        level = self.level or "district"
        return daily(self.pinned.reader, EVERYTHING, selection, level, self.days.covered)

    @cached_property
    def seasons(self) -> TableSeasons:
        wide = citywide(self.selection)
        tables = self.daily if wide == self.selection else self._daily(wide)
        return daily_seasons(tables, self.days.covered[0], self.country)

    def expected(self, reported: Reporting) -> Expectations | NotComparable:
        """What was expected of a period's tables, computed once."""
        if reported.period not in self._expected:
            self._expected[reported.period] = expected_tables(self.daily, self.seasons, reported)
        return self._expected[reported.period]

    @cached_property
    def _expected(self) -> dict[Period, Expectations | NotComparable]:
        return {}

    def incidents(self, period: Period) -> int:
        return sum(self.daily.total.incidents(period).values())

    @cached_property
    def harm(self) -> Harm:
        main = self.days.main
        by_type = self.daily.types.harm_days(main.period)
        return harm(self.daily.harm, by_type, main.period, main.before, HOMICIDE)

    @cached_property
    def anomalies(self) -> Anomalies | None:
        """Of the last seven days; None where the source gives months only."""
        if self.manifest.months_only:
            return None
        return anomalies(
            self.pinned.reader,
            EVERYTHING,
            self.selection,
            self.level or "district",
            first=self.days.covered[0],
            last=self.days.last,
            country=self.country,
        )

    @cached_property
    def changes(self) -> ChangeTable:
        """The table of `patroliq changes` for the main period, by type and area.

        Raises
        ------
        InputError
            There is too little history.
        """
        level, days = self.level, self.days
        rows = daily_rows(
            self.pinned.reader, EVERYTHING, self.selection, level or "district", days.covered
        )
        return changes_of(
            rows, days.main.days, by_type=True, by_area=bool(level), country=self.country
        )

    @cached_property
    def weeks(self) -> list[ExpectedWeek]:
        """The last weeks until the last day, each with what was expected of it then."""
        total = total_table(self.daily).counts.sum(axis=0, keepdims=True)
        wide = citywide(self.selection)
        city = total
        if wide != self.selection:
            city = total_table(self._daily(wide)).counts.sum(axis=0, keepdims=True)
        seasons = SeasonModel(city, self.days.covered[0], self.country)
        rows = CountedRows.of(total, np.zeros(1, np.int64))
        ends = range(total.shape[1], 0, -WEEK_DAYS)
        starts = [end - WEEK_DAYS for end in ends][:CHART_WEEKS]
        return [
            self._week(start, expected_counts(rows, seasons, start, WEEK_DAYS))
            for start in reversed(starts)
            if start >= 0
        ]

    def _week(self, start: int, found: ExpectedCounts) -> ExpectedWeek:
        last = self.days.covered[0] + timedelta(days=start + WEEK_DAYS - 1)
        if found.missing(0):
            return ExpectedWeek(last, int(found.counts[0]), None, None, None)
        low, high = int(found.low[0]), int(found.high[0])
        return ExpectedWeek(last, int(found.counts[0]), float(found.expected[0]), low, high)

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """Incidents a day in each hour of the main period."""
        return hours_in(self.counted_hours, self.days.main.period)

    @cached_property
    def usual_hours(self) -> npt.NDArray[np.float64] | None:
        """Incidents a day in each hour of the year before; None if the data starts too late."""
        start = self.days.main.period[0]
        first = max(self.days.covered[0], start - timedelta(days=364))
        last = start - timedelta(days=1)
        if (last - first).days < 27:
            return None
        return hours_in(self.counted_hours, (first, last))

    @cached_property
    def counted_hours(self) -> WeeklyHours:
        """Incidents by week and hour, without filters on hour and weekday."""
        return weekly_hours(self.pinned.reader, EVERYTHING, self.selection)

    @cached_property
    def exact_hours(self) -> WeeklyHours:
        """As `counted_hours`, without rounded times and those that may span over hours."""
        return weekly_hours(self.pinned.reader, EVERYTHING, self.selection, WIDEST_HOURS)

    @cached_property
    def hot_spots(self) -> HotSpots:
        return HotSpots(self.services, self.pinned, self.selection)

    @property
    def of_main(self) -> Selection:
        """The selection in the main period."""
        return self.days.main.of(self.selection)
