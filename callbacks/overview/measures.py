"""The numbers of the Overview, cached by snapshot and selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.formats import country_of
from analytics.overview.daily import Daily, Table, daily
from analytics.overview.daily_rows import LEVELS, citywide
from analytics.overview.expectations import Expectations, RowExpectation, TableExpectation
from analytics.overview.expected_tables import (
    TableSeasons,
    daily_seasons,
    expected_tables,
    total_table,
)
from analytics.overview.harm import Harm, harm
from analytics.overview.harm_changes import HOMICIDE
from analytics.overview.hours import hours_in, weeks_in
from analytics.overview.reporting import Period, Reporting, reporting
from analytics.page_address import page_address
from analytics.statistics.two_periods import NotComparable, Significance
from analytics.temporal.peaks import WeeklyPeak, peaks
from analytics.temporal.weekly_hours import WeeklyHours
from callbacks.frame.question import Question
from callbacks.frame.weeks import weeks_of
from components.frame.theme import Theme
from components.frame.variables import VARIABLES, value_label

Made = TypeVar("Made")


class OverviewMeasures:
    """The numbers for one question; slow ones are cached."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.selection = question.selection
        self.theme: Theme = question.theme

    @cached_property
    def reporting(self) -> Reporting | None:
        return reporting(self.selection, self.question.manifest)

    @cached_property
    def level(self) -> str:
        """The requested area level, else the first that the source has."""
        known = [level for level in LEVELS if not self.question.lacks(level)]
        requested = str(self.question.raw.get("areas") or "")
        return requested if requested in known else next(iter(known), LEVELS[0])

    @cached_property
    def has_areas(self) -> bool:
        return not self.question.lacks(self.level)

    @cached_property
    def has_harm(self) -> bool:
        return not self.question.lacks("harm")

    def get_or_compute(self, name: str, compute: Callable[[], Made]) -> Made:
        """A value cached by name, selection and area level."""
        return self.question.results.get_or_compute(
            (name, self.selection.text, self.level), compute
        )

    @cached_property
    def daily(self) -> Daily:
        return self._daily(self.selection.without({"date"}))

    def _daily(self, timeless: Selection) -> Daily:
        return self.question.results.get_or_compute(
            ("daily", timeless.text, self.level),
            lambda: daily(
                self.question.pinned.reader, EVERYTHING, timeless, self.level, self.covered
            ),
        )

    @cached_property
    def country(self) -> str:
        """ISO code of the country whose holidays the seasons know."""
        return country_of(self.question.manifest.source.timezone)

    @cached_property
    def weeks(self) -> WeeklyHours:
        """All weeks of the data; filters on date, hour and weekday are ignored."""
        return weeks_of(self.question, self.selection.without({"date"}))

    @property
    def covered(self) -> Period:
        assert self.reporting is not None  # noqa: S101 - asked only where there is a period
        return self.reporting.covered

    @property
    def period(self) -> Period:
        assert self.reporting is not None  # noqa: S101
        return self.reporting.period

    @cached_property
    def incidents(self) -> int:
        return sum(self.daily.total.incidents(self.period).values())

    @property
    def total(self) -> RowExpectation | NotComparable:
        found = self.table("total")
        return found if isinstance(found, NotComparable) else next(iter(found.rows.values()))

    @cached_property
    def total_table(self) -> Table:
        """All incidents as one row, even if there are none."""
        return total_table(self.daily)

    @cached_property
    def expectations(self) -> Expectations | NotComparable:
        """What was expected of each table's rows."""
        assert self.reporting is not None  # noqa: S101
        wide = citywide(self.selection).without({"date"})
        seasons: TableSeasons = self.question.results.get_or_compute(
            ("seasons", wide.text),
            lambda: daily_seasons(self._daily(wide), self.covered[0], self.country),
        )
        return expected_tables(self.daily, seasons, self.reporting)

    def table(self, name: str) -> TableExpectation | NotComparable:
        found = self.expectations
        return found if isinstance(found, NotComparable) else found.tables[name]

    @cached_property
    def harm(self) -> Harm:
        assert self.reporting is not None  # noqa: S101
        by_type = self.daily.types.harm_days(self.period)
        found = harm(self.daily.harm, by_type, self.period, self.reporting.before, HOMICIDE)
        if not self.reporting.months_only:
            return found
        return replace(found, change=None, low=None, high=None, verdict=Significance.BY_MONTHS)

    @cached_property
    def peaks(self) -> list[WeeklyPeak]:
        return peaks(self.peak_weeks)

    @cached_property
    def peak_weeks(self) -> WeeklyHours:
        """Complete weeks of the selected dates, or of all data."""
        assert self.reporting is not None  # noqa: S101
        return weeks_in(self.weeks, self.peak_days, self.reporting.provisional_from)

    @property
    def peak_days(self) -> Period:
        """Days in which peaks are searched: selected ones, or all, since 28 are too few."""
        assert self.reporting is not None  # noqa: S101
        return self.period if self.reporting.chosen else self.covered

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """Incidents a day in each hour of the period."""
        return hours_in(self.weeks, self.period)

    @cached_property
    def usual_hours(self) -> npt.NDArray[np.float64] | None:
        """Incidents a day in each hour of the year before; None if the data starts too late."""
        span = self.year_before
        return hours_in(self.weeks, span) if span else None

    @cached_property
    def year_before(self) -> Period | None:
        start = self.period[0]
        first = max(self.covered[0], date.fromordinal(start.toordinal() - 364))
        last = date.fromordinal(start.toordinal() - 1)
        return (first, last) if (last - first).days >= 27 else None

    def labels(self, dimension: str, keys: list[str]) -> dict[str, str]:
        """Labels of the rows of a table."""
        vocabulary = self.question.pinned.vocabulary
        found = {}
        for key in keys:
            said = value_label(dimension, vocabulary.label(dimension, key) if key else key)
            plain = said == key and dimension in VARIABLES and key.isdecimal()
            found[key] = f"{VARIABLES[dimension].label} {key}" if plain else said
        return found

    def explore(self, dimension: str = "", key: str = "") -> str:
        """Address of the Explore page with the incidents that a number counts."""
        selection = self.reporting.of(self.selection) if self.reporting else self.selection
        if dimension:
            selection = selection.without({dimension}).toggle(dimension, [key], "only")
        return self.address("/explore", selection)

    def address(self, path: str, selection: Selection) -> str:
        """Address of a page with a selection."""
        return page_address(self.question.services, path, selection)


def ordered(
    table: Table, period: Period, found: TableExpectation | NotComparable, most: int
) -> list[str]:
    """The rows with most incidents in a period, and those that stand out."""
    counted = table.incidents(period)
    rows = {} if isinstance(found, NotComparable) else found.rows
    return [
        key
        for place, (key, number) in enumerate(counted.items())
        if (place < most and number) or (key in rows and rows[key].stands_out)
    ]
