"""What the cards of the Forecast page show, each computed once per question."""

from __future__ import annotations

from functools import cached_property

from analytics.crossfilter.dimensions import OF_OFFENSE
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips
from analytics.demand_answers import (
    CountedPeriods,
    DemandAnswers,
    DemandForecast,
    chosen_areas,
    chosen_shifts,
)
from analytics.forecasting.demand.period_forecast import DemandMeasure, PeriodForecast
from callbacks.forecast.options import ForecastOptions
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question

MOST_AREAS = 40
"""Areas in the heat map; the table and the export have all."""


class ForecastMeasures:
    """The forecast of one question; None and empty where there is none."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.selection: Selection = question.selection
        self.options = ForecastOptions.of(question.raw)

    @cached_property
    def answers(self) -> DemandAnswers:
        offered = self.question.pinned.targets.offered
        target = offered.get(self.options.target)
        return DemandAnswers(self.question.services, self.question.pinned, self.selection, target)

    @cached_property
    def forecast(self) -> DemandForecast | None:
        return self.answers.forecast(self.options.level)

    @cached_property
    def shifts(self) -> tuple[str, ...]:
        """Shifts that are summed: the option's, else the selected ones, else all."""
        found = self.forecast
        if found is None:
            return ()
        if self.options.shift in found.shifts:
            return (self.options.shift,)
        return chosen_shifts(found, sorted(chosen_keys(self.selection, "shift")))

    @cached_property
    def selected_areas(self) -> frozenset[str]:
        """Areas of the forecast that the selection filters by."""
        found = self.forecast
        keys = chosen_keys(self.selection, found.level) if found else frozenset()
        return keys & frozenset(found.areas) if found else frozenset()

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """Areas that are summed: the selected ones, else all."""
        found = self.forecast
        return chosen_areas(found, sorted(self.selected_areas)) if found else ()

    @cached_property
    def measure(self) -> DemandMeasure:
        """The measure that is asked for, counts where the forecast has no other."""
        found = self.forecast
        asked = self.options.measure
        return asked if found and asked in found.measures else DemandMeasure.COUNT

    @property
    def by_area(self) -> PeriodForecast | None:
        found = self.forecast
        if found is None:
            return None
        return self.answers.by_area(found, self.measure, self.shifts, self.options.step)

    @property
    def total(self) -> PeriodForecast | None:
        found = self.forecast
        if found is None:
            return None
        return self.answers.total(found, self.measure, self.areas, self.shifts, self.options.step)

    @property
    def counted(self) -> CountedPeriods | None:
        found = self.forecast
        if found is None:
            return None
        return self.answers.counted(found, self.measure, self.areas, self.shifts, self.options.step)

    @property
    def not_followed(self) -> list[str]:
        """Filters of the selection that the forecast leaves out, as labels."""
        found = self.forecast
        if found is None:
            return []
        shifts = chosen_keys(self.selection, "shift") & frozenset(found.shifts)
        followed = {"shift"} if shifts and not self.options.shift else set()
        if self.selected_areas:
            followed.add(found.level)
        pinned = self.question.pinned
        of_target = dict(Selection.parse(found.bundle.selection, pinned.attributes).items)
        kinds = {*OF_OFFENSE, *of_target}
        kind = Selection(tuple(item for item in self.selection.items if item[0] in kinds))
        if pinned.is_of(found.bundle.selection, kind):
            followed |= kinds
        left = self.selection.without(followed)
        labels = chips(left, self.question.names, pinned.vocabulary.labels)
        return [
            one.label for one in labels if of_target.get(one.dimension) != left.get(one.dimension)
        ]

    def ranked(self) -> list[int]:
        """Rows of the forecast's areas, the most expected first."""
        found = self.by_area
        if found is None:
            return []
        totals = found.expected.sum(axis=1)
        return sorted(range(len(totals)), key=lambda row: (-totals[row], row))
