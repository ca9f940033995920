"""The CompStat table that the page, its files and the command ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from analytics.artifacts.catalog import ALL
from analytics.compstat.document import CompStatNames
from analytics.compstat.table import (
    CompStatChoice,
    CompStatRow,
    CompStatTable,
    SummedMeasure,
    compstat_table,
    day_of_table,
)
from analytics.compstat.thresholds import FILE, PercentColors, read_percent_colors
from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.clauses import Period as DateClause
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.reference import find_table
from analytics.lru_cache import LruCache
from analytics.overview.daily_rows import DIVISIONS, EVERY, GROUP, SHIFT, TYPE, Kinds
from analytics.services import Pinned
from analytics.settings import Settings
from analytics.statistics.two_periods import Period

TARGET = "target"
CITY = "city"
"""In place of a level: the city alone."""
CACHED = 8
"""Tables kept for each snapshot; one of 3,000 rows has some 6 MB."""


@dataclass(frozen=True)
class CompStatRequest:
    """What is requested, as texts; empty ones are by default.

    Attributes
    ----------
    kinds : `group`, `type` or `target`
    level : of the areas, `shift`, or `city` for none
    as_of : ISO date
    measure : `incidents` or `harm`
    """

    selection: Selection
    kinds: str = ""
    level: str = ""
    as_of: str = ""
    measure: str = ""


class CompStatAnswer:
    """A table of what the current reader may see.

    Raises
    ------
    InputError
        The data lacks what is requested.
    """

    def __init__(self, pinned: Pinned, settings: Settings, request: CompStatRequest) -> None:
        self.pinned = pinned
        self.selection = request.selection.without({"date"})
        self.settings = settings
        measure = SummedMeasure(_one_of("measure", request.measure, self.measures))
        self.names = CompStatNames(self._kinds(request.kinds), self._level(request.level), measure)
        self.day = day_of_table(pinned.snapshot.manifest, _day(request.as_of))

    @property
    def kinds(self) -> tuple[str, ...]:
        """What rows can be of; the first is the default."""
        off = self.pinned.snapshot.manifest.views_off
        found = [name for name in (GROUP, TYPE) if name not in off]
        return (*found, TARGET) if len(self.pinned.targets.offered) > 1 else tuple(found)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of areas, and shifts, that the data has, and `city`; the first is the default."""
        off = self.pinned.snapshot.manifest.views_off
        return (*(name for name in DIVISIONS if name not in off), CITY)

    @property
    def measures(self) -> tuple[SummedMeasure, ...]:
        """What the data can be summed by; the first is the default."""
        off = self.pinned.snapshot.manifest.views_off
        return tuple(SummedMeasure) if "harm" not in off else (SummedMeasure.INCIDENTS,)

    @cached_property
    def table(self) -> CompStatTable:
        """Computed once for each snapshot, selection and choice."""
        tables = self.pinned.get_or_compute("compstat", lambda: LruCache(CACHED))
        names = self.names
        key = (self.selection.text, names, self.day, self._targets_text)
        choice = CompStatChoice(
            self.selection, self._kinds_counted, names.level, self.day, names.measure
        )
        manifest = self.pinned.snapshot.manifest
        found: CompStatTable = tables.get_or_compute(
            key, lambda: compstat_table(self.pinned.reader, EVERYTHING, manifest, choice)
        )
        return found

    @cached_property
    def colors(self) -> PercentColors | None:
        """The agency's percentages; None where colors follow the verdicts."""
        return read_percent_colors(find_table(FILE, self.settings.own_tables))

    def kind_label(self, kind: str) -> str:
        if kind == EVERY:
            return "All"
        if self.names.kinds == TARGET:
            return self.pinned.targets.offered[kind].title
        return self.pinned.vocabulary.label(self.names.kinds, kind)

    def area_label(self, area: str) -> str:
        if area == EVERY:
            return "All selected" if self.selection else "City"
        label = self.pinned.vocabulary.label(self.names.level, area)
        named = DIMENSIONS[self.names.level].label
        return f"{named} {label}" if label == area and self.names.level != SHIFT else label

    def incidents_of(self, row: CompStatRow) -> Selection | None:
        """The incidents of a row on all days; None where no selection says so."""
        whole = row.area == EVERY
        chosen = self.selection if whole else _only(self.selection, self.names.level, row.area)
        if row.kind == EVERY or chosen is None:
            return chosen
        if self.names.kinds != TARGET:
            return _only(chosen, self.names.kinds, row.kind)
        try:
            return self.pinned.targets.offered[row.kind].part(chosen)
        except InputError:  # the selection has a filter on the same dimension
            return None

    @property
    def _kinds_counted(self) -> Kinds:
        if self.names.kinds != TARGET:
            return self.names.kinds
        offered = self.pinned.targets.offered
        return {name: one.selection for name, one in offered.items() if name != ALL}

    @property
    def _targets_text(self) -> str:
        """What the targets are, which an agency may change."""
        counted = self._kinds_counted
        if isinstance(counted, str):
            return ""
        return "&".join(f"{name}:{one.text}" for name, one in counted.items())

    def _kinds(self, requested: str) -> str:
        if not self.kinds:
            raise InputError("This source has no types of incidents.")
        return _one_of("rows", requested, self.kinds)

    def _level(self, requested: str) -> str:
        found = _one_of("level", requested, self.levels)
        return "" if found == CITY else found


def on_days(selection: Selection, period: Period) -> Selection:
    """The incidents of a period."""
    return selection.replace("date", DateClause(*period))


def _only(selection: Selection, dimension: str, key: str) -> Selection | None:
    """One value of a dimension; None where the selection's filter on it is not a list with it."""
    clause = selection.get(dimension)
    if clause is not None and not (isinstance(clause, Choice) and key in clause.keys):
        return None
    return selection.without({dimension}).toggle(dimension, [key], "only")


def _one_of(name: str, requested: str, known: tuple[str, ...]) -> str:
    if requested and requested not in known:
        raise InputError(
            f"{name}={requested[:40]} is not valid here; choose one of {', '.join(known)}."
        )
    return requested or known[0]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"as_of={text[:40]} is not a day such as 2018-09-11.") from error
