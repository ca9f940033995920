"""Measures of the Temporal page's cards, each computed once per question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.clauses import Period as DateClause
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import PatrolIQError
from analytics.formats import country_of, short_date
from analytics.overview.control_chart import ControlChart, by_day, control_chart
from analytics.overview.daily_rows import citywide
from analytics.statistics.two_periods import (
    Comparison,
    Incomparable,
    NotComparable,
    Period,
    compare,
    last_year,
    previous_period,
)
from analytics.temporal.aoristic import Aoristic, aoristic
from analytics.temporal.change_points import ChangePoints, change_points
from analytics.temporal.deviation import Deviation, deviation, remainder
from analytics.temporal.peaks import WeeklyPeak, peaks
from analytics.temporal.series import CYCLE, Decomposition, IncidentSeries, Step, decompose, series
from analytics.temporal.weekly_hours import OWNED, WeeklyHours
from callbacks.frame.options import one_of
from callbacks.frame.question import Question
from callbacks.frame.weeks import weeks_of
from components.frame.theme import Theme, as_theme
from components.temporal.layout import MEASURES, OTHERS, SCALES, SPREADS

Floats = npt.NDArray[np.float64]
Made = TypeVar("Made")

SAME = ("date", "heaped", "default_address")
"""Filters that also apply to the rest of the city."""


@dataclass(frozen=True)
class TemporalOptions:
    """Options of the page; unknown values become the default."""

    theme: Theme
    measure: str
    spread: str
    other: str
    scale: str
    step: Step
    kept: str

    @classmethod
    def of(cls, raw: Any) -> TemporalOptions:
        return cls(
            theme=as_theme(raw.get("theme")),
            measure=one_of(raw.get("measure"), MEASURES),
            spread=one_of(raw.get("spread"), SPREADS),
            other=one_of(raw.get("other"), OTHERS),
            scale=one_of(raw.get("scale"), SCALES),
            step="month" if raw.get("step") == "month" else "week",
            kept=str(raw.get("kept") or ""),
        )


class TemporalMeasures:
    """Results of analytics for one question, computed on demand."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.selection = question.selection
        options = TemporalOptions.of(question.raw)
        months_only = question.manifest.months_only
        self.options = replace(options, step="month") if months_only else options
        self.provisional = question.manifest.provisional_day

    @cached_property
    def covered(self) -> Period | None:
        return self.question.manifest.covered

    @cached_property
    def period(self) -> Period | None:
        """The selected days."""
        return self.selection.period(self.question.manifest)

    @cached_property
    def chosen_period(self) -> Period | None:
        """The selected days, if the selection filters by date."""
        return self.period if self.selection.get("date") else None

    @cached_property
    def days(self) -> pl.DataFrame:
        shown = view("day")
        return self.question.pinned.crossfilter.counts(EVERYTHING, self.selection, [shown])["day"]

    @cached_property
    def incidents(self) -> int:
        """Selected incidents; those without a date count if no period is selected."""
        if self.chosen_period is None:
            return int(self.days["incidents"].sum())
        inside = pl.col("day").is_between(*self.chosen_period)
        return int(self.days.filter(inside)["incidents"].sum())

    @cached_property
    def weeks(self) -> WeeklyHours:
        return self._weeks(self.selection)

    @cached_property
    def has_rest(self) -> bool:
        """Whether the selection has filters besides time, so that there is a rest of the city."""
        return self.city_selection != self.selection.without(OWNED)

    @cached_property
    def city_selection(self) -> Selection:
        return Selection(tuple(item for item in self.selection.items if item[0] in SAME))

    @cached_property
    def rest(self) -> WeeklyHours:
        """Incidents of the same days that are not selected."""
        return remainder(self._weeks(self.city_selection), self.weeks)

    @cached_property
    def deviation(self) -> Deviation | None:
        if not self.has_rest:
            return None
        return self._get_or_compute("deviation", lambda: deviation(self.weeks, self.rest))

    @cached_property
    def has_spans(self) -> bool:
        return not self.question.lacks("occurred_to")

    @cached_property
    def aoristic(self) -> Aoristic | None:
        if not self.has_spans:
            return None
        reader = self.question.pinned.reader
        return self._get_or_compute(
            "aoristic", lambda: aoristic(reader, EVERYTHING, self.selection)
        )

    @cached_property
    def hours(self) -> Floats:
        """Incidents, or aoristic weights, by weekday and hour; shape (7, 24)."""
        if self.options.spread == "aoristic" and self.aoristic is not None:
            return self.aoristic.weights
        return self.weeks.hours.reshape(7, 24).astype(np.float64)

    @cached_property
    def series(self) -> IncidentSeries | None:
        if self.covered is None:
            return None
        return series(
            self.days,
            self.covered,
            self.options.step,
            self.provisional,
            per_day=not self.question.manifest.months_only,
        )

    @property
    def series_unit(self) -> str:
        """Unit of the values of the series."""
        if self.options.step == "week":
            return "a week"
        return "a month" if self.question.manifest.months_only else "a day"

    @cached_property
    def months(self) -> IncidentSeries | None:
        if self.covered is None:
            return None
        return series(self.days, self.covered, "month", self.provisional)

    @cached_property
    def decomposition(self) -> Decomposition | None:
        found = self.series
        return self._get_or_compute("decomposition", lambda: decompose(found)) if found else None

    @cached_property
    def changes(self) -> ChangePoints | None:
        if self.series is None:
            return None
        settled, cycle = self.series.settled, CYCLE[self.options.step]
        values, incidents = settled["value"].to_numpy(), int(settled["incidents"].sum())
        return self._get_or_compute(
            "changes", lambda: change_points(values, incidents=incidents, cycle=cycle)
        )

    @cached_property
    def control_chart(self) -> ControlChart | None:
        """Whole weeks up to the last complete day; None where the source has no days."""
        manifest = self.question.manifest
        last = manifest.last_complete_day
        if self.covered is None or last is None or self.question.lacks("day"):
            return None
        first, wide = self.covered[0], citywide(self.selection)

        def compute() -> ControlChart:
            counts = self.question.pinned.crossfilter.counts
            everywhere = counts(EVERYTHING, wide, [view("day")])["day"]
            return control_chart(
                by_day(self.days, (first, last)),
                by_day(everywhere, (first, last)),
                first,
                last,
                country_of(manifest.source.timezone),
            )

        return self._get_or_compute("control", compute)

    @cached_property
    def peaks(self) -> list[WeeklyPeak]:
        return self._get_or_compute("peaks", lambda: peaks(self.weeks.complete(self.provisional)))

    @cached_property
    def other_period(self) -> Period | None:
        """The period to compare with, if the comparison is with a period."""
        if self.period is None or self.options.other not in ("before", "year"):
            return None
        before = self.options.other == "before"
        return previous_period(self.period) if before else last_year(self.period)

    @cached_property
    def kept(self) -> Selection | None:
        """The saved selection to compare with; None if there is none that can be read."""
        if not self.options.kept:
            return None
        text = self.options.kept
        try:
            if text.startswith("sel="):
                text = self.question.services.selections.fetch(text.removeprefix("sel="))
            parsed = Selection.parse(text, self.question.pinned.attributes)
        except PatrolIQError:
            return None
        return self.question.pinned.vocabulary.resolve(parsed)[0]

    @cached_property
    def other(self) -> WeeklyHours | str:
        """Weeks to compare with, or why there are none."""
        match self.options.other:
            case "none":
                return ""
            case "rest":
                return self.rest if self.has_rest else "Filter by type or place first."
            case "kept":
                return self._weeks(self.kept) if self.kept else "Save a selection, then change it."
        if self.chosen_period is None or self.other_period is None or self.covered is None:
            return "Select a period: drag over the weeks, or click a month or a day."
        if self.other_period[0] < self.covered[0]:
            start = short_date(self.covered[0])
            return f"The data starts on {start}, too late for this comparison."
        return self._weeks(self.selection.replace("date", DateClause(*self.other_period)))

    @cached_property
    def shared(self) -> int:
        """Incidents in both the selection and the saved selection."""
        if self.kept is None or self.options.other != "kept":
            return 0
        return self._weeks(self.selection, Scope(self.kept.without(OWNED))).incidents

    @cached_property
    def totals(self) -> Comparison | NotComparable | None:
        """Change of the total between two periods."""
        if self.period is None or self.other_period is None:
            return None
        if self.question.manifest.months_only:
            return NotComparable(Incomparable.MONTHS_ONLY)
        return compare(self.days, self.period, self.other_period, self.covered)

    def settled(self, weeks: WeeklyHours) -> WeeklyHours:
        """Complete weeks that are not provisional, or all weeks if there are none."""
        whole = weeks.complete(self.provisional)
        return whole if whole.weeks else weeks

    def _weeks(self, selection: Selection, scope: Scope = EVERYTHING) -> WeeklyHours:
        return weeks_of(self.question, selection, scope)

    def _get_or_compute(self, name: str, compute: Callable[[], Made]) -> Made:
        """Cached result of `compute` for this selection and step."""
        return self.question.results.get_or_compute(
            (name, self.selection.text, self.options.step), compute
        )
