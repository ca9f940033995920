"""SQL conditions over `incidents` for clauses, with bound values."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from analytics.crossfilter.clauses import Choice, Clause, HourWeekdays, Period, Span
from analytics.crossfilter.dimensions import DIMENSIONS, PLACE, Kind
from analytics.crossfilter.nights import DayClock, Nights
from analytics.crossfilter.parse import check_name
from analytics.crossfilter.places import Places
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.incidents.reader import SnapshotReader


@dataclass(frozen=True)
class Condition:
    """A condition on an incident, where null counts as false; `params` are bound by name."""

    sql: str
    params: dict[str, Any]


@dataclass
class _Values:
    """Binds values under generated names."""

    prefix: str
    params: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        name = f"{self.prefix}_{len(self.params)}"
        self.params[name] = value
        return f"${name}"

    def any_of(self, expression: str, values: Iterable[Any]) -> list[str]:
        """A list with the condition `expression IN (…)`; empty without values."""
        names = [self.bind(value) for value in values]
        return [f"{expression} IN ({', '.join(names)})"] if names else []


class Conditions:
    """Writes conditions for one snapshot."""

    def __init__(self, reader: SnapshotReader) -> None:
        self.manifest: Manifest = reader.snapshot.manifest
        self.attributes = {attribute.name: attribute for attribute in self.manifest.attributes}
        self._clock = DayClock.of(self.manifest)
        self.places = Places(reader)

    def where(self, scope: Scope, selection: Selection) -> Condition:
        """All clauses of scope and selection, joined with AND; `true` without any.

        Raises
        ------
        InputError
            A clause is on a dimension that this snapshot does not have.
        """
        expanded = Nights.of(scope, selection, self._clock)
        return self.where_expanded(expanded.scope, expanded.selection)

    def where_expanded(self, scope: Scope, selection: Selection) -> Condition:
        """Like `where`, for a selection whose nights were expanded before a view dropped hours."""
        parts = [
            self.of(name, clause, f"{prefix}_{name}")
            for prefix, part in (("scope", scope.selection), ("chosen", selection))
            for name, clause in part.items
        ]
        params = {name: value for part in parts for name, value in part.params.items()}
        return Condition(" AND ".join(part.sql for part in parts) or "true", params)

    def of(self, name: str, clause: Clause, prefix: str) -> Condition:
        """The condition of one clause; names of its parameters start with `prefix`."""
        check_name(name, self.attributes)
        values = _Values(prefix)
        return Condition(f"({self._sql(name, clause, values)})", values.params)

    def column(self, name: str) -> str:
        """The quoted column of a dimension that is stored as one."""
        if name in self.attributes:
            return f'"{ATTRIBUTE_PREFIX}{name}"'
        return f'"{DIMENSIONS[name].column}"'

    def _sql(self, name: str, clause: Clause, values: _Values) -> str:
        if name in PLACE:
            return self._place(clause, values)
        if isinstance(clause, Period):
            return self._period(clause, values)
        if isinstance(clause, Span):
            return self._span(name, clause, values)
        if isinstance(clause, HourWeekdays):
            return _hour_weekdays(clause, values)
        if not isinstance(clause, Choice):
            raise InputError(f"{name} cannot be {clause.text}.")
        if name in DIMENSIONS and DIMENSIONS[name].kind is Kind.FLAG:
            return _flag(self.column(name), clause, DIMENSIONS[name].allowed)
        known: list[Any] = list(clause.known)
        parts: list[str] = []
        if name == "group":
            parts += [_scheme(word, values) for word in known if ":" in word]
            known = [word for word in known if ":" not in word]
        elif self._is_number(name):
            known = [number_of(name, word) for word in known]
        column = self.column(name)
        parts += values.any_of(column, known)
        if clause.unknown:
            parts.append(f"{column} IS NULL")
            if not self._is_number(name) and name not in ("hour", "weekday"):
                parts.append(f"{column} = 'unknown'")
        return " OR ".join(parts)

    def _is_number(self, name: str) -> bool:
        return name in self.attributes and self.attributes[name].kind == "number"

    def _place(self, clause: Clause, values: _Values) -> str:
        mask = values.bind(self.places.mask(clause))
        unknown = isinstance(clause, Choice) and clause.unknown
        return f"get_bit({mask}::BLOB::BIT, point_id) = 1" + (
            " OR point_id IS NULL" if unknown else ""
        )

    def _period(self, clause: Period, values: _Values) -> str:
        period = Selection((("date", clause),)).period(self.manifest)
        if period is None:
            return "false"
        first, last = (values.bind(day) for day in period)
        return f"operational_day BETWEEN {first} AND {last}"

    def _span(self, name: str, clause: Span, values: _Values) -> str:
        if not self._is_number(name):
            raise InputError(f"{name} has text values, not numbers; list its values instead.")
        column = self.column(name)
        ends = []
        if clause.low is not None:
            ends.append(f"{column} >= {values.bind(clause.low)}")
        if clause.high is not None:
            ends.append(f"{column} <= {values.bind(clause.high)}")
        return " AND ".join(ends)


def conditions_of(reader: SnapshotReader) -> Conditions:
    """The conditions of a reader's snapshot, cached as long as the reader lives."""
    with _LOCK:
        if reader not in _CONDITIONS:
            _CONDITIONS[reader] = Conditions(reader)
        return _CONDITIONS[reader]


_LOCK = threading.Lock()
_CONDITIONS: weakref.WeakKeyDictionary[SnapshotReader, Conditions] = weakref.WeakKeyDictionary()


def _hour_weekdays(clause: HourWeekdays, values: _Values) -> str:
    known = [(weekday, hour) for weekday, hour in clause.keys if None not in (weekday, hour)]
    code = "weekday::INTEGER * 24 + hour"
    parts = values.any_of(code, (weekday * 24 + hour for weekday, hour in known))
    for weekday, hour in clause.keys:
        if None in (weekday, hour):
            parts.append(f"({_is('weekday', weekday, values)} AND {_is('hour', hour, values)})")
    return " OR ".join(parts)


def _is(column: str, value: int | None, values: _Values) -> str:
    return f"{column} IS NULL" if value is None else f"{column} = {values.bind(value)}"


def _flag(column: str, clause: Choice, allowed: tuple[str, ...]) -> str:
    """The condition of a flag; if `unknown` is not allowed, a missing value counts as no."""
    words = {
        "yes": f"{column} IS TRUE",
        "no": f"{column} IS FALSE" if "unknown" in allowed else f"{column} IS NOT TRUE",
        "unknown": f"{column} IS NULL",
    }
    return " OR ".join(words[key] for key in clause.keys)


def _scheme(word: str, values: _Values) -> str:
    scheme, _, line = word.partition(":")
    return (
        "offense_id IN (SELECT offense_id FROM offense_groups "
        f'WHERE scheme = {values.bind(scheme)} AND "group" = {values.bind(line)})'
    )


def number_of(name: str, word: str) -> float:
    """Read a key of a numeric attribute as a number.

    Raises
    ------
    InputError
        It is not a number.
    """
    try:
        return float(word)
    except ValueError as error:
        raise InputError(
            f"{word[:60]!r} is not a valid number for {name}. Example: {name}=18..25"
        ) from error
