"""Survey an unknown file: the values of its columns, and the formats of its dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import duckdb

from analytics.ingest.expressions import Expressions
from analytics.ingest.local_time import LocalTime
from analytics.ingest.tables import InputTable
from analytics.sources.date_formats import (
    DATE_FORMATS,
    HOURS,
    MILITARY,
    MONTHS,
    TIME_FORMATS,
    day_first,
    shape,
    shape_of_format,
)
from analytics.sources.source import Source
from sql import load

SAMPLE_ROWS = 5_000
TRIED_VALUES = 200  # distinct texts whose shapes are compared, sampled again for each choice
MOST_FORMATS = 6
READABLE_SHARE = 0.9
SHOWN_VALUES = 3

TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0"})

_DATE_LIKE = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d|\d{4}-\d\d$|(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$"
    r"|\d{1,2}[ -][A-Za-z]{3}|[A-Za-z]{3,9} \d"
)
_CLOCK_NAME = re.compile(r"time|(^|_)tm(_|$)|hour|(^|_)hrs?(_|$)|hh_?mm|clock|(^|_)tod(_|$)")
_CLOCK_LIKE = re.compile(r"\d{1,2}:\d\d")
_DIGITS = re.compile(r"\d{1,4}(\.0+)?")


Read = Callable[[LocalTime, Sequence[str]], str]  # SQL that reads `written` by some formats


@dataclass(frozen=True)
class Value:
    """A text of a column, its number of rows, and its first line."""

    text: str
    rows: int
    line: int


@dataclass(frozen=True)
class Reading:
    """Formats of a column of dates or times of day, with counts over the whole file.

    `either_order`: every date can be read month first or day first. `zones` are the time zones in
    the texts, with their rows. `example` is a text that shows the order of day and month,
    `example_read` its date. `latest` is the latest time of day, `HH:MM:SS`.
    """

    formats: tuple[str, ...]
    rows: int
    unread_rows: int
    unread: tuple[Value, ...]
    has_clock: bool
    latest: str | None
    at_24: int
    example: str | None
    example_read: str | None
    either_order: bool = False
    zones: tuple[tuple[str, int], ...] = ()

    @property
    def usable(self) -> bool:
        return bool(self.formats) and self.unread_rows <= (1 - READABLE_SHARE) * self.rows

    @property
    def day_first(self) -> bool | None:
        orders = [day_first(name) for name in self.formats]
        return next((order for order in orders if order is not None), None)


@dataclass(frozen=True)
class SurveyedColumn:
    """A column of the file: its name, and its values without empty ones.

    `values` come from a sample of `rows` rows spread over the file; `dates` and `times` are
    readings of the whole column, if it looks like dates or times.
    """

    name: str
    values: Sequence[str]
    rows: int
    unique: bool = False
    dates: Reading | None = None
    times: Reading | None = None

    @cached_property
    def plain(self) -> str:
        """The name in lower case, with words joined by _."""
        words = re.sub(r"([a-z])([A-Z])", r"\1_\2", self.name)
        return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")

    @cached_property
    def distinct(self) -> Counter[str]:
        return Counter(self.values)

    @cached_property
    def numbers(self) -> list[float]:
        """Values as numbers; empty if fewer than nine tenths are numbers."""
        found = [number for value in self.values if (number := _number(value)) is not None]
        return found if len(found) >= READABLE_SHARE * len(self.values) else []

    @property
    def is_date(self) -> bool:
        return self.dates is not None and self.dates.usable

    @property
    def is_time(self) -> bool:
        return self.times is not None and self.times.usable

    @property
    def words(self) -> frozenset[str]:
        return frozenset(value.lower() for value in self.distinct)

    @property
    def flag(self) -> bool:
        return bool(self.words) and self.words <= TRUE_WORDS | FALSE_WORDS

    def share(self, looks: re.Pattern[str]) -> float:
        """Share of values that start with a pattern."""
        return sum(bool(looks.match(value)) for value in self.values) / max(1, len(self.values))


class Survey:
    """Reads whole columns of one file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        self.connection = connection
        self.table = table
        anything = Source(name="unknown", title="", timezone="UTC", unit_of_count="")
        positions = {f"c{at}": at for at in range(len(table.columns))}
        self.expressions = Expressions(anything, positions)

    def columns(self) -> list[SurveyedColumn]:
        """Every column, except those of lists or records.

        If all dates of a column fit both orders, the order of the other columns decides.
        """
        names, nested = self.table.columns, self.table.nested
        readable = [at for at, name in enumerate(names) if name not in nested]
        if not readable:
            return []
        step = max(1, self.table.rows // SAMPLE_ROWS)
        texts = ", ".join(self._text(at) for at in readable)
        rows = self._fetch("survey_sample", {"step": step}, texts=texts)
        columns = []
        for at, cells in zip(readable, zip(*rows, strict=True), strict=True):
            sampled = SurveyedColumn(
                names[at], [cell for cell in cells if cell is not None], len(rows)
            )
            columns.append(self._column(at, sampled, prefer_day=False))
        decided = {c.dates.day_first for c in columns if c.dates and not c.dates.either_order}
        if decided - {None} != {True}:
            return columns
        return [
            self._column(at, column, prefer_day=True)
            if column.dates and column.dates.either_order
            else column
            for at, column in zip(readable, columns, strict=True)
        ]

    def bounds(self, lat: str, lon: str) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the places, without the outermost hundredth on each side."""
        own = Expressions(self.expressions.source, self.expressions.positions)
        names = {key: own.number(f"c{self.table.columns.index(name)}") for key, name in
                 (("lat", lat), ("lon", lon))}  # fmt: skip
        ((x, y),) = self._fetch("survey_places", own.values, **names)
        return (x[0], y[0], x[1], y[1]) if x and y else None

    def _column(self, at: int, column: SurveyedColumn, *, prefer_day: bool) -> SurveyedColumn:
        dates = times = None
        if column.share(_DATE_LIKE) >= 0.5:
            dates = self._dates(at, prefer_day=prefer_day)
        elif column.share(_CLOCK_LIKE) >= 0.5 or (
            _CLOCK_NAME.search(column.plain) and column.share(_DIGITS) >= 0.5
        ):
            times = self._times(at)
        unique = bool(column.values) and len(column.distinct) == column.rows
        if unique:
            ((unique,),) = self._fetch("survey_distinct", {}, text=self._text(at))
        return SurveyedColumn(column.name, column.values, column.rows, unique, dates, times)

    def _dates(self, at: int, *, prefer_day: bool) -> Reading:
        self._collect(at)
        formats, either = self._orders(DATE_FORMATS, prefer_day=prefer_day)
        chosen = self._choose(formats, _by_formats)
        return self._reading(
            chosen, lambda local: local.moment("value", chosen), either_order=either
        )

    def _times(self, at: int) -> Reading:
        self._collect(at)
        ((hours,),) = self.connection.execute(load("incidents/survey_digits")).fetchall()
        digits = HOURS if (hours or 0) >= READABLE_SHARE else MILITARY
        chosen = self._choose(
            (*TIME_FORMATS, digits), lambda local, names: local.clock("written", names)
        )
        day = "TIMESTAMP '2000-01-01'"
        return self._reading(chosen, lambda local: f"{day} + {local.clock('written', chosen)}")

    def _collect(self, at: int) -> None:
        values: dict[str, Any] = {}
        local = LocalTime("UTC", _binder(values))
        statement = load(
            "incidents/survey_values",
            text=self._text(at),
            zone=local.zone("value"),
            written=local.without_zone("value"),
            line=self.table.line_sql,
            names=self.table.names_sql,
        )
        self.connection.execute(statement, {"path": str(self.table.path), **values})

    def _orders(self, formats: Sequence[str], *, prefer_day: bool) -> tuple[tuple[str, ...], bool]:
        """Formats in the right order of day and month, and whether both orders fit.

        The order that reads more rows of the whole file is right.
        """
        fit = self._of_shape(formats, "true", {})
        orders = [[name for name in fit if day_first(name) is day] for day in (False, True)]
        if not all(orders):
            return tuple(formats), False
        month, day, any_order = self._counts([*orders, fit], _by_formats)
        either = 0 < any_order == month == day
        wrong = not prefer_day if month == day else month > day
        return tuple(name for name in formats if day_first(name) is not wrong), either

    def _choose(self, formats: Sequence[str], read: Read) -> tuple[str, ...]:
        """Fewest formats that together read all readable rows, the most frequent first."""
        chosen: list[str] = []
        left = list(formats)
        while left and len(chosen) < MOST_FORMATS:
            values: dict[str, Any] = {}
            local = LocalTime("UTC", _binder(values))
            unread = f"{read(local, chosen)} IS NULL" if chosen else "true"
            fit = self._of_shape(left, unread, values)
            counts = self._counts([[name] for name in fit], read, unread, values)
            rows, best = max(
                zip(counts, fit, strict=True), key=lambda pair: pair[0], default=(0, "")
            )
            if not rows:
                break
            chosen.append(best)
            left = (
                [] if best == MONTHS else [n for n in left if n != MONTHS and not _clash(n, best)]
            )
        return tuple(chosen)

    def _of_shape(
        self, formats: Sequence[str], unread: str, values: Mapping[str, Any]
    ) -> list[str]:
        """Formats with the shape of some of the collected texts, in a sample of them."""
        statement = load("incidents/survey_texts", unread=unread)
        rows = self.connection.execute(statement, {"most": TRIED_VALUES, **values}).fetchall()
        shapes = {shape(text) for (text,) in rows}
        return [name for name in formats if shape_of_format(name) in shapes]

    def _counts(
        self,
        groups: Sequence[Sequence[str]],
        read: Read,
        unread: str = "true",
        values: Mapping[str, Any] = MappingProxyType({}),
    ) -> list[int]:
        """Rows of the collected column that each group of formats reads, among those `unread`."""
        if not groups:
            return []
        bound = dict(values)
        local = LocalTime("UTC", _binder(bound))
        counts = ", ".join(
            f"coalesce(sum(rows) FILTER ({read(local, group)} IS NOT NULL), 0)" for group in groups
        )
        statement = load("incidents/survey_formats", counts=counts, unread=unread)
        rows = self.connection.execute(statement, bound).fetchall()
        return [int(count) for count in rows[0]]

    def _reading(
        self,
        formats: tuple[str, ...],
        read: Callable[[LocalTime], str],
        *,
        either_order: bool = False,
    ) -> Reading:
        values: dict[str, Any] = {}
        moment = read(LocalTime("UTC", _binder(values), ignore_zone=True))
        summary = self.connection.execute(
            load("incidents/survey_reading", moment=moment), values
        ).fetchall()[0]
        rows, unread_rows, has_clock, latest, at_24, example, example_read = summary
        unread: list[tuple[Any, ...]] = []
        if unread_rows:
            statement = load("incidents/survey_unread", moment=moment)
            values["most"] = SHOWN_VALUES
            unread = self.connection.execute(statement, values).fetchall()
        zones = self.connection.execute(load("incidents/survey_zones")).fetchall()
        return Reading(
            formats,
            int(rows),
            int(unread_rows),
            tuple(Value(*row) for row in unread),
            has_clock,
            latest,
            int(at_24),
            example,
            example_read,
            either_order,
            tuple((zone.strip(), int(count)) for zone, count in zones),
        )

    def _text(self, at: int) -> str:
        return self.expressions.trimmed(f"c{at}")

    def _fetch(self, name: str, values: dict[str, Any], **parts: str) -> list[tuple[Any, ...]]:
        statement = load(f"incidents/{name}", names=self.table.names_sql, **parts)
        found = self.connection.execute(statement, {"path": str(self.table.path), **values})
        return found.fetchall()


def _clash(name: str, chosen: str) -> bool:
    """Whether a format equals a chosen one, or has the other order of day and month."""
    orders = {day_first(name), day_first(chosen)}
    return name == chosen or orders == {True, False}


def _by_formats(local: LocalTime, formats: Sequence[str]) -> str:
    return local.by_formats("written", formats)


def _binder(values: dict[str, Any]) -> Callable[[Any], str]:
    def bind(value: Any) -> str:
        name = f"v{len(values)}"
        values[name] = value
        return f"${name}"

    return bind


def _number(value: str) -> float | None:
    try:
        return float(value.replace(",", ""))
    except ValueError:
        return None
