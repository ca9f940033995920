"""The calls of a gesture: whose they are, what is selected, and what a click would select."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from analytics.calls.answers import Calls
from analytics.crossfilter.clauses import Choice, HourWeekdays
from analytics.crossfilter.selection import Selection
from analytics.errors import PatrolIQError
from callbacks.calls.options import CallsOptions
from callbacks.frame.question import Question
from components.calls.filters import PeriodOffer

PERIODS = {"Last 28 days": 28, "Last 12 months": 365}


class CallsMeasures:
    """What one gesture asks about calls.

    Attributes
    ----------
    trouble
        Why the calls cannot be read, if they cannot.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.trouble = ""
        self.calls: Calls | None = None
        try:
            self.calls = question.services.pin_calls()
        except PatrolIQError as error:
            self.trouble = question.services.for_readers(error)

    @cached_property
    def options(self) -> CallsOptions:
        assert self.calls is not None  # noqa: S101 - parts are only answered with calls
        return CallsOptions.of(self.question.raw, self.calls)

    @property
    def selection(self) -> Selection:
        return self.options.selection

    def toggled(self, dimension: str, key: str) -> Selection:
        """The selection after a click: only this value, or none if it was the only one."""
        return self.selection.toggle(dimension, [key], "only")

    def chosen(self, dimension: str) -> frozenset[str]:
        """Keys of the chosen values of a dimension."""
        clause = self.selection.get(dimension)
        if isinstance(clause, HourWeekdays):
            return frozenset(f"{day}-{hour}" for day, hour in clause.keys)
        return frozenset(map(str, clause.keys)) if isinstance(clause, Choice) else frozenset()

    def periods(self) -> list[PeriodOffer]:
        """All days, and the newest ones where there are more."""
        rest = self.selection.without({"date"})
        offers = [PeriodOffer("All days", "", rest)]
        days = self.calls.days() if self.calls else None
        if days is None:
            return offers
        for label, count in PERIODS.items():
            first = days.last - timedelta(days=count - 1)
            if first > days.first:
                text = f"{first.isoformat()}..{days.last.isoformat()}"
                joined = "&".join(filter(None, (rest.text, f"date={text}")))
                offers.append(PeriodOffer(label, text, Selection.parse(joined)))
        return offers
