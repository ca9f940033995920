"""All answers about the calls of one snapshot, each computed once for a selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from analytics.calls import days as call_days
from analytics.calls.filters import (
    STAFFING,
    TOTAL,
    WEEK,
    CallConditions,
    CallQuestion,
    CallView,
    read_selection,
    workload_view,
)
from analytics.calls.staffing import Assumptions, Staffing, staffing
from analytics.calls.volume import CallTotals, by_hour_of_week, by_value, hours, totals
from analytics.calls.waits import Wait, Waits, waits
from analytics.calls.workload import Workload, workload
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.lru_cache import LruCache
from sql import load

CACHED = 256
LEVELS = ("district", "beat", "area", "ward")
"""Area levels by preference."""
TIMES = ("dispatched", "on_scene", "cleared")
Answer = TypeVar("Answer")


class Calls:
    """Answers from one snapshot of calls."""

    def __init__(self, reader: SnapshotReader, manifest: Manifest | None = None) -> None:
        """`manifest` replaces that of the snapshot where the reader sees only some calls."""
        self.reader = reader
        self.manifest = manifest or reader.snapshot.manifest
        self.conditions = CallConditions(reader)
        self._cache = LruCache(CACHED)

    @property
    def id(self) -> str:
        return self.reader.snapshot.id

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Area levels that the calls have, the preferred one first."""
        return tuple(level for level in LEVELS if level not in self.manifest.views_off)

    @cached_property
    def level(self) -> str:
        """The area level of figures where none is chosen."""
        return self.levels[0] if self.levels else LEVELS[0]

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Dimensions whose values can be listed, that the calls have."""
        off = self.manifest.views_off
        origin = () if "on_view" in off else ("origin",)
        named = ("type", "priority", *self.levels, "disposition")
        own = (one.name for one in self.manifest.attributes if one.kind == "category")
        found = (*(name for name in named if name not in off), *origin, *own)
        return found or ("type",)

    @property
    def shift_hours(self) -> Mapping[str, int]:
        """Length of each shift by name."""
        return {name: len(hours) for name, hours in DayClock.of(self.manifest).shifts.items()}

    @property
    def lacking_times(self) -> tuple[str, ...]:
        """Which of the times that measures need no call has."""
        return tuple(name for name in TIMES if name in self.manifest.views_off)

    def selection(self, text: str) -> Selection:
        """Parse a selection; raises an InputError that names what is not valid."""
        return read_selection(text, self.manifest)

    def days(self) -> call_days.CallDays | None:
        """Days that the calls cover."""
        return self._once("days", lambda: call_days.covered(self.reader.frame(load("calls/days"))))

    def totals(self, selection: Selection = EMPTY, scope: Scope = EVERYTHING) -> CallTotals:
        """Calls of a selection, parts of them, and what is left out."""
        return self._once(
            ("totals", scope.text, selection.text),
            lambda: totals(self._hours(TOTAL, selection, scope)),
        )

    def by_hour_of_week(
        self, selection: Selection = EMPTY, scope: Scope = EVERYTHING
    ) -> pl.DataFrame:
        """Calls by weekday and hour."""
        return self._once(
            ("week", scope.text, selection.text),
            lambda: by_hour_of_week(self._hours(WEEK, selection, scope)),
        )

    def _hours(self, view: CallView, selection: Selection, scope: Scope) -> pl.DataFrame:
        """Hours of a view; views that apply the same filters share them."""
        question = self._asked(scope, selection)
        key = ("hours", scope.text, question.applied(view).text)
        return self._once(key, lambda: hours(question, view, self.level))

    def by_value(
        self, view: CallView, selection: Selection = EMPTY, scope: Scope = EVERYTHING
    ) -> pl.DataFrame:
        """Calls by the values of one dimension."""
        return self._once(
            (view.name, scope.text, selection.text),
            lambda: by_value(self._asked(scope, selection), view),
        )

    def waits(self, wait: Wait, selection: Selection = EMPTY, scope: Scope = EVERYTHING) -> Waits:
        """One step that callers wait for, by priority."""
        return self._once(
            (wait, scope.text, selection.text),
            lambda: waits(self._asked(scope, selection), wait),
        )

    def workload(
        self, selection: Selection = EMPTY, level: str = "", scope: Scope = EVERYTHING
    ) -> Workload:
        """Unit-hours by area and shift.

        Raises
        ------
        InputError
            The calls have no such area level.
        """
        chosen = self._known(level)
        return self._once(
            ("workload", chosen, scope.text, selection.text),
            lambda: workload(
                self._asked(scope, selection), chosen, self.days(), workload_view(chosen)
            ),
        )

    def staffing(
        self,
        assumptions: Assumptions,
        selection: Selection = EMPTY,
        level: str = "",
        scope: Scope = EVERYTHING,
    ) -> Staffing | None:
        """Staffing for the workload of a selection; None where no unit time is measured.

        Filters on hours of the clock do not narrow it: shifts are staffed as a whole.
        """
        chosen = self._known(level)

        def compute() -> Staffing | None:
            of_areas = workload_view(chosen)
            if selection.without(of_areas.owns) == selection.without(STAFFING.owns):
                work = self.workload(selection, chosen, scope)
            else:
                work = workload(self._asked(scope, selection), chosen, self.days(), STAFFING)
            return staffing(work, assumptions, self.shift_hours)

        return self._once(("staffing", chosen, assumptions, scope.text, selection.text), compute)

    def _known(self, level: str) -> str:
        chosen = level or self.level
        if chosen not in (*self.levels, self.level):
            known = ", ".join(self.levels) or "none"
            raise InputError(f"Calls have no area level {chosen!r}; they have {known}.")
        return chosen

    def _asked(self, scope: Scope, selection: Selection) -> CallQuestion:
        return CallQuestion(self.reader, self.conditions, scope, selection)

    def _once(self, key: Any, compute: Callable[[], Answer]) -> Answer:
        found: Answer = self._cache.get_or_compute(key, compute)
        return found
