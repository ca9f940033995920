"""Filters of calls: the selection of the cross-filter over the calls of a snapshot.

The text, its canonical form and the conditions are those of incidents; calls have fewer dimensions
and some of their own. A view drops the clauses on the dimensions that it owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from analytics.crossfilter.conditions import Condition, Conditions
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Attribute, Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from sql import load

SHARED = (
    *("type", "description", "hour", "weekday", "hour_weekday", "shift", "date", "block"),
    *AREA_LEVELS,
)
"""Dimensions that calls have in common with incidents."""
OWN = (
    Attribute("priority", "Priority", "category"),
    Attribute("disposition", "Disposition", "category"),
    Attribute("origin", "Origin", "category"),
)
"""Dimensions of calls alone; `origin` is `caller` or `officer` (on-view)."""


@dataclass(frozen=True)
class CallView:
    """A view of calls and the dimensions it owns: it does not apply their clauses to itself."""

    name: str
    owns: frozenset[str]


TOTAL = CallView("total", frozenset())
WEEK = CallView("week", frozenset({"hour", "weekday", "hour_weekday"}))
WAITS = CallView("waits", frozenset({"priority"}))
STAFFING = CallView("staffing", frozenset({"shift", "hour", "hour_weekday"}))
"""Staffing is of whole shifts: hours of the clock do not narrow it."""


def bars(dimension: str) -> CallView:
    """The view of one dimension's values."""
    return CallView(dimension, frozenset({dimension}))


def workload_view(level: str) -> CallView:
    """The view of unit-hours by area and shift."""
    return CallView("workload", frozenset({level, "shift"}))


def attributes_of(manifest: Manifest) -> dict[str, Attribute]:
    """Dimensions by name that incidents do not have: of calls, and of their source."""
    return {one.name: one for one in (*OWN, *manifest.attributes)}


def read_selection(text: str, manifest: Manifest) -> Selection:
    """Parse a selection of calls.

    Raises
    ------
    InputError
        A part is not valid, or calls have no such dimension.
    """
    names = attributes_of(manifest)
    selection = Selection.parse(text, names)
    for name, _ in selection.items:
        if name not in SHARED and name not in names:
            known = ", ".join((*SHARED, *names))
            raise InputError(f"Calls have no dimension {name!r}; they have {known}.")
    return selection


class CallConditions(Conditions):
    """Writes conditions over table `calls`, and over `unit_time` joined to it."""

    def __init__(self, reader: SnapshotReader) -> None:
        super().__init__(reader)
        self._own = {one.name for one in OWN}
        self.attributes = attributes_of(self.manifest)

    def column(self, name: str) -> str:
        return f'"{name}"' if name in self._own else super().column(name)


@dataclass(frozen=True, eq=False)
class CallQuestion:
    """A selection of calls, what its reader may see, and where the calls are."""

    reader: SnapshotReader
    conditions: CallConditions
    scope: Scope
    selection: Selection

    def frame(
        self,
        statement: str,
        view: CallView,
        values: Mapping[str, Any] = MappingProxyType({}),
        **identifiers: str,
    ) -> pl.DataFrame:
        """Run a statement of sql/calls under the scope and the clauses that a view applies."""
        where = self.conditions.where(self.scope, self.applied(view))
        text = load(f"calls/{statement}", conditions=where.sql, **identifiers)
        found = self.reader.frame(text, {**values, **where.params})
        coded = pl.col(pl.Categorical, pl.Enum)  # texts of few values are stored so
        return found.with_columns(coded.cast(pl.String))

    def applied(self, view: CallView) -> Selection:
        """The clauses that a view applies."""
        return self.selection.without(view.owns)

    def dropped(self, view: CallView) -> Condition:
        """The condition of the clauses that a view does not apply; `true` without any."""
        others = {name for name, _ in self.selection.items} - view.owns
        return self.conditions.where(EVERYTHING, self.selection.without(others))
