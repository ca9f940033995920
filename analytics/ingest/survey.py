"""Survey an unknown file: the values of its columns, and the formats of its dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import duckdb

from analytics.ingest.column_meanings import is_english, means, plain, value_words
from analytics.ingest.expressions import Expressions
from analytics.ingest.local_time import LocalTime
from analytics.ingest.tables import InputTable
from analytics.sources.date_formats import (
    DATE_FORMATS,
    EXCEL,
    HOURS,
    MILITARY,
    MONTHS,
    TIME_FORMATS,
    UNIX,
    UNIX_MS,
    day_first,
    shape,
    shape_of_format,
)
from analytics.sources.mapping import WORLD, Bounds
from analytics.sources.source import Source
from sql import load

SAMPLE_ROWS = 5_000
TRIED_VALUES = 200  # distinct texts whose shapes are compared, sampled again for each choice
MOST_FORMATS = 6
READABLE_SHARE = 0.9
SHOWN_VALUES = 3
NEARLY_ALL = 0.9  # share of distinct values from which repeats are counted in the whole file
HALF = 0.5
ISO_FORMAT = "%Y-%m-%d %H:%M:%S"
MOST_FLAG_WORDS = 4

_DATE_LIKE = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d|\d{4}-\d\d$"
    r"|(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])([ T]?\d{4,6}|[ T]\d{1,2}:\d\d.*)?$"
    r"|\d{1,2}[ -][A-Za-z]{3}|([A-Za-z]{3,9},? )?[A-Za-z]{3,9} \d|\d{4}年"
)
_CLOCK_LIKE = re.compile(r"\d{1,2}[:時h]\d\d")
_DIGITS = re.compile(r"\d{1,4}(\.0+)?$")
_TIMELY = ("date", "time", "datetime", "occur", "report", "update")
_NUMBERED = ("id", "number", "case", "code")
_SERIAL_RANGES = {
    UNIX_MS: (1.5e11, 4.1e12),
    UNIX: (1.5e8, 4.1e9),
    EXCEL: (25_569, 73_050),
}
"""Smallest and largest numbers: 1970 (later for those since 1970) to 2099."""
_DOTTED_CLOCK = re.compile(r"[012]?\d\.[0-5]\d$")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d")  # day first, wherever dates are written so
_COMMA_DECIMAL, _POINT_DECIMAL = re.compile(r"-?\d+,\d+$"), re.compile(r"-?\d+\.\d+$")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+$")


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
    """A column of the file: its name, and the texts of a sample of rows spread over the file.

    `filled` counts the rows of the whole file that have a value, and `repeated` how many of them
    repeat another row's; both are None where values plainly repeat. `dates` and `times` are
    readings of the whole column, if it looks like dates or times.
    """

    name: str
    cells: Sequence[str | None]
    decimal: str = "."
    filled: int | None = None
    repeated: int | None = None
    dates: Reading | None = None
    times: Reading | None = None

    @cached_property
    def values(self) -> list[str]:
        """The texts without empty ones."""
        return [cell for cell in self.cells if cell is not None]

    @cached_property
    def distinct(self) -> Counter[str]:
        return Counter(self.values)

    @cached_property
    def numbers(self) -> list[float]:
        """Values as numbers; empty if fewer than nine tenths are numbers."""
        found = [number for value in self.values if (number := self.number(value)) is not None]
        return found if len(found) >= READABLE_SHARE * len(self.values) else []

    @property
    def is_date(self) -> bool:
        return self.dates is not None and self.dates.usable

    @property
    def is_time(self) -> bool:
        return self.times is not None and self.times.usable

    @property
    def has_clock(self) -> bool:
        """Whether its dates have times of day."""
        return self.dates is not None and self.dates.has_clock

    @property
    def only_months(self) -> bool:
        return self.dates is not None and self.dates.formats == (MONTHS,)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(value.lower() for value in self.distinct)

    @property
    def flag(self) -> bool:
        known = value_words("true") | value_words("false")
        few = 0 < len(self.words) <= MOST_FLAG_WORDS
        return few and all(plain(word) in known for word in self.words)

    def share(self, looks: re.Pattern[str], *, anywhere: bool = False) -> float:
        """Share of values that start with a pattern, or hold it `anywhere`."""
        test = looks.search if anywhere else looks.match
        found = sum(rows for value, rows in self.distinct.items() if test(value))
        return found / max(1, len(self.values))

    def number(self, value: str) -> float | None:
        """A text as a number; None if it is not one."""
        plain = value.replace(".", "").replace(",", ".") if self.decimal == "," else value
        try:
            return float(plain.replace(",", ""))
        except ValueError:
            return None


class Survey:
    """Reads whole columns of one file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: InputTable) -> None:
        self.connection = connection
        self.table = table
        anything = Source(name="unknown", title="", timezone="UTC", unit_of_count="")
        positions = {f"c{at}": at for at in range(len(table.columns))}
        self.expressions = Expressions(anything, positions)

    def columns(self, *, day_first: bool | None = None) -> list[SurveyedColumn]:
        """Every column, except those of lists or records.

        If all dates of a column fit both orders of day and month, `day_first` decides, or else the
        order of the other columns, or else the language of the names.
        """
        names, nested = self.table.columns, self.table.nested
        readable = [at for at, name in enumerate(names) if name not in nested]
        if not readable:
            return []
        step = max(1, self.table.rows // SAMPLE_ROWS)
        texts = ", ".join(self._text(at) for at in readable)
        rows = self._fetch("survey_sample", {"step": step}, texts=texts)
        sampled = [
            SurveyedColumn(names[at], cells)
            for at, cells in zip(readable, zip(*rows, strict=True), strict=True)
        ]
        decimal = decimal_mark(sampled)
        day_usual = not is_english(names)
        columns = [
            self._column(at, replace(column, decimal=decimal), prefer_day=day_usual)
            for at, column in zip(readable, sampled, strict=True)
        ]
        if day_first is None:
            orders = {c.dates.day_first for c in columns if c.dates and not c.dates.either_order}
            orders.discard(None)
            if len(orders) != 1 or orders == {day_usual}:
                return columns
        prefer_day = not day_usual if day_first is None else day_first
        return [
            self._ordered(at, column, prefer_day=prefer_day, certain=day_first is not None)
            for at, column in zip(readable, columns, strict=True)
        ]

    def _ordered(
        self, at: int, column: SurveyedColumn, *, prefer_day: bool, certain: bool
    ) -> SurveyedColumn:
        """The column with its dates in an order of day and month, if they fit both."""
        if column.dates is None or not column.dates.either_order:
            return column
        dates = self._dates(at, prefer_day=prefer_day)
        return replace(column, dates=replace(dates, either_order=not certain))

    def bounds(
        self, lat: SurveyedColumn, lon: SurveyedColumn, box: Bounds = WORLD
    ) -> Bounds | None:
        """Bounds of the places in a box, without the outermost hundredth on each side."""
        source = replace(self.expressions.source, decimal=lat.decimal)
        own = Expressions(source, self.expressions.positions)
        names = {key: own.number(f"c{self.table.columns.index(column.name)}") for key, column in
                 (("lat", lat), ("lon", lon))}  # fmt: skip
        edges = dict(zip(("west", "south", "east", "north"), box, strict=True))
        ((x, y),) = self._fetch("survey_places", {**edges, **own.values}, **names)
        return (x[0], y[0], x[1], y[1]) if x and y else None

    def moments(self, columns: Sequence[SurveyedColumn]) -> dict[str, list[datetime | None]]:
        """The times of date columns in the sampled rows, as written, whatever their zones."""
        if not columns:
            return {}
        own = Expressions(self.expressions.source, self.expressions.positions)
        local = LocalTime("UTC", own.bind, ignore_zone=True)
        readings = [
            local.moment(self._text(self.table.columns.index(c.name)), c.dates.formats)
            for c in columns
            if c.dates is not None
        ]
        step = max(1, self.table.rows // SAMPLE_ROWS)
        values = {"step": step, **own.values}
        rows = self._fetch("survey_sample", values, texts=", ".join(readings))
        names = [column.name for column in columns]
        return {
            name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)
        }

    def _column(self, at: int, column: SurveyedColumn, *, prefer_day: bool) -> SurveyedColumn:
        dates = times = filled = repeated = None
        clock_named = means(column.name, "time") or means(column.name, "hour")
        if column.share(_DATE_LIKE) >= HALF:
            dotted = column.share(_DOTTED) >= HALF
            dates = self._dates(at, prefer_day=prefer_day or dotted)
        elif (serial := _serial_dates(column)) is not None:
            dates = self._of_serials(at, serial)
        elif clock_named and _parts_of_day(column):
            times = self._of_serials(at, EXCEL, clock=True)
        elif column.share(_CLOCK_LIKE) >= HALF or (
            clock_named and max(column.share(_DIGITS), column.share(_DOTTED_CLOCK)) >= HALF
        ):
            times = self._times(at)
        if len(column.distinct) >= NEARLY_ALL * len(column.values) > 0:
            ((filled, distinct),) = self._fetch("survey_distinct", {}, text=self._text(at))
            repeated = filled - distinct
        return replace(column, filled=filled, repeated=repeated, dates=dates, times=times)

    def _dates(self, at: int, *, prefer_day: bool) -> Reading:
        self._collect(at)
        formats, either = self._orders(DATE_FORMATS, prefer_day=prefer_day)
        chosen = self._choose(formats, _by_formats)
        reading = self._reading(
            chosen, lambda local: local.moment("value", chosen), either_order=either
        )
        # Other ISO 8601 is read whatever the formats, such as seconds with seven decimals.
        iso = not chosen and reading.unread_rows < reading.rows
        return replace(reading, formats=(ISO_FORMAT,)) if iso else reading

    def _times(self, at: int) -> Reading | None:
        self._collect(at)
        ((hours,),) = self.connection.execute(load("incidents/survey_digits")).fetchall()
        digits = HOURS if (hours or 0) >= READABLE_SHARE else MILITARY
        chosen = self._choose(
            (digits, *TIME_FORMATS), lambda local, names: local.clock("written", names)
        )
        if not chosen:
            return None
        day = "TIMESTAMP '2000-01-01'"
        return self._reading(chosen, lambda local: f"{day} + {local.clock('written', chosen)}")

    def _of_serials(self, at: int, form: str, *, clock: bool = False) -> Reading:
        """Numbers for times: since 1970 in UTC, or days and parts of a day as spreadsheets do."""
        self._collect(at)
        day = "TIMESTAMP '2000-01-01'"
        reading = self._reading(
            (form,),
            lambda local: (
                f"{day} + {local.clock('written', (form,))}"
                if clock
                else local.moment("value", (form,))
            ),
        )
        return reading if form == EXCEL else replace(reading, zones=(("+00:00", reading.rows),))

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


def decimal_mark(columns: Sequence[SurveyedColumn]) -> str:
    """The mark before decimals: a comma only if some numbers cannot be of thousands."""
    commas = points = 0
    for column in columns:
        commas += sum(
            bool(_COMMA_DECIMAL.match(value)) and not _THOUSANDS.match(value)
            for value in column.distinct
        )
        points += sum(bool(_POINT_DECIMAL.match(value)) for value in column.distinct)
    return "," if commas > points else "."


def _serial_dates(column: SurveyedColumn) -> str | None:
    """The format of a column of numbers that stand for times, by its name and their size."""
    numbers = sorted(column.numbers)
    timely = any(means(column.name, meaning) for meaning in _TIMELY)
    if not numbers or not timely or any(means(column.name, meaning) for meaning in _NUMBERED):
        return None
    low, high = numbers[len(numbers) // 20], numbers[-1 - len(numbers) // 20]
    return next((form for form, (a, b) in _SERIAL_RANGES.items() if a <= low and high <= b), None)


def _parts_of_day(column: SurveyedColumn) -> bool:
    numbers = column.numbers
    return bool(numbers) and min(numbers) >= 0 and 0 < max(numbers) < 1
