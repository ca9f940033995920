"""Tables that say which codes of a column pass a clause.

Properties of a code (the type of an offense, the shift of an hour, the polygon of a point) are
looked up here, so that the scan only handles codes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import Choice, Clause, HourWeekdays, Period, Span
from analytics.crossfilter.code_files import Array, Bools, CodeFiles
from analytics.crossfilter.codes import DAY, FLAGS, HOUR_WEEKDAY, OFFENSE, POINT
from analytics.crossfilter.conditions import Conditions, number_of
from analytics.crossfilter.dimensions import DIMENSIONS, OF_OFFENSE, PLACE, Kind
from analytics.crossfilter.parse import check_name
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.model import ATTRIBUTE_PREFIX, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.lru_cache import LruCache
from sql import load

_COLUMNS = {
    **dict.fromkeys((*OF_OFFENSE, "arrest"), OFFENSE),
    **dict.fromkeys(("hour", "weekday", "hour_weekday", "shift"), HOUR_WEEKDAY),
    **dict.fromkeys(("domestic", "heaped", "default_address"), FLAGS),
    **dict.fromkeys(PLACE, POINT),
    "date": DAY,
}
MOST_CLAUSES = 32


class Lookups:
    """Tables over the codes of one snapshot."""

    def __init__(self, reader: SnapshotReader, files: CodeFiles, conditions: Conditions) -> None:
        self.manifest = reader.snapshot.manifest
        self.files = files
        self.attributes = conditions.attributes
        self._places = conditions.places
        self.labels = conditions.places.labels
        self._lock = threading.Lock()
        self._passing_codes = LruCache(MOST_CLAUSES)
        self._word_codes: dict[str, _Words] = {}
        offenses = reader.frame(load("crossfilter/codes_offenses"))
        self.offenses = offenses
        lines = reader.frame(load("crossfilter/codes_groups"))
        self._lines: dict[tuple[str, str], list[int]] = {
            (scheme, line): ids
            for scheme, line, ids in lines.group_by("scheme", "group")
            .agg(pl.col("offense_id"))
            .iter_rows()
        }

    def column(self, name: str) -> str:
        """The column of codes that determines a dimension.

        Raises
        ------
        InputError
            The snapshot has no such dimension.
        """
        check_name(name, self.attributes)
        return ATTRIBUTE_PREFIX + name if name in self.attributes else _COLUMNS.get(name, name)

    def passing(self, name: str, clause: Clause) -> Bools:
        """Which codes of the dimension's column pass; shape (codes,).

        Raises
        ------
        InputError
            The clause is not valid for this dimension.
        """
        return self._passing_codes.get_or_compute(
            (name, clause), lambda: _read_only(self._passing(name, clause))
        )

    def _passing(self, name: str, clause: Clause) -> Bools:
        column = self.column(name)
        if name in PLACE:
            return self._place(clause)
        if isinstance(clause, Period):
            return self._period(clause)
        if isinstance(clause, Span):
            return self._span(name, clause)
        if not isinstance(clause, Choice):
            raise InputError(f"{name} cannot be {clause.text}.")
        return self._choice(name, column, clause)

    def _choice(self, name: str, column: str, clause: Choice) -> Bools:
        if name in DIMENSIONS and DIMENSIONS[name].kind is Kind.FLAG:
            return self._flag(name, clause)
        if column == OFFENSE:
            return np.repeat(self._offense(name, clause), 3)
        if column == HOUR_WEEKDAY:
            return self._hour(name, clause)
        return self._value(name, column, clause)

    @cached_property
    def harm(self) -> Array:
        """Harm of one incident, by code of offense and arrest; int64."""
        return np.repeat(self.offenses["harm_days"].to_numpy(), 3).astype(np.int64)

    @cached_property
    def first_day(self) -> date:
        return date.fromisoformat(self.files.index.first_day or "1970-01-01")

    def offenses_of(self, scheme: str, line: str) -> list[int]:
        """Offenses in one group of a scheme."""
        return self._lines.get((scheme, line), [])

    def lines_of(self, scheme: str) -> list[str]:
        """Groups of a scheme."""
        return sorted(line for known, line in self._lines if known == scheme)

    def _offense(self, name: str, clause: Choice) -> Bools:
        words = [word for word in clause.known if not (name == "group" and ":" in word)]
        passing = self._words(name, self.offenses[name]).passing(words, clause.unknown)
        for word in clause.known if name == "group" else ():
            scheme, colon, line = word.partition(":")
            if colon:
                passing[self.offenses_of(scheme, line)] = True
        return passing

    def _hour(self, name: str, clause: Choice) -> Bools:
        codes = np.arange(200)
        weekdays, hours = codes // 25, codes % 25
        if isinstance(clause, HourWeekdays):
            wanted = [
                (7 if weekday is None else weekday - 1) * 25 + (24 if hour is None else hour)
                for weekday, hour in clause.keys
            ]
            return np.isin(codes, wanted)
        if name == "hour":
            return np.isin(hours, [24 if key is None else key for key in clause.keys])
        if name == "weekday":
            return np.isin(weekdays, [7 if key is None else key - 1 for key in clause.keys])
        of_hour = self._words(name, pl.Series(self.files.index.shifts, dtype=pl.String))
        return np.tile(of_hour.passing(clause.known, clause.unknown), 8)

    def _flag(self, name: str, clause: Choice) -> Bools:
        words = {"no": 0, "yes": 1, UNKNOWN: 2}
        chosen = [words[key] for key in clause.keys]
        return np.isin(flag_of_codes(name, self.files), chosen)

    def _period(self, clause: Period) -> Bools:
        codes = self.files.columns[DAY].codes
        passing = np.zeros(codes, np.bool_)
        period = Selection((("date", clause),)).period(self.manifest)
        if period is not None:
            first, last = ((day - self.first_day).days for day in period)
            passing[max(first, 0) : max(min(last + 1, codes - 1), 0)] = True
        return passing

    def _place(self, clause: Clause) -> Bools:
        points = self.files.index.points
        bits = np.frombuffer(self._places.mask(clause), np.uint8)
        inside = np.unpackbits(bits, count=points).astype(np.bool_)
        return np.append(inside, isinstance(clause, Choice) and clause.unknown)

    def _span(self, name: str, clause: Span) -> Bools:
        if not self._is_number(name):
            raise InputError(f"{name} has text values, not numbers; list its values instead.")
        values = self._numbers(name)
        passing = np.ones(len(values), np.bool_)
        if clause.low is not None:  # DuckDB treats "not a number" as the greatest number
            passing &= (values >= clause.low) | np.isnan(values)
        if clause.high is not None:
            passing &= values <= clause.high
        return np.append(passing, False)

    def _value(self, name: str, column: str, clause: Choice) -> Bools:
        if self._is_number(name):
            wanted = [number_of(name, word) for word in clause.known]
            values = self._numbers(name)
            passing = np.isin(values, wanted)
            if np.isnan(wanted).any():
                passing |= np.isnan(values)
            return np.append(passing, clause.unknown)
        words = self._words(column, self.files.values(column)["value"])
        return np.append(words.passing(clause.known, clause.unknown), clause.unknown)

    def _words(self, name: str, values: pl.Series) -> _Words:
        with self._lock:
            if name not in self._word_codes:
                self._word_codes[name] = _Words(values)
            return self._word_codes[name]

    def _numbers(self, name: str) -> Array:
        return self.files.values(ATTRIBUTE_PREFIX + name)["value"].to_numpy()

    def _is_number(self, name: str) -> bool:
        return name in self.attributes and self.attributes[name].kind == "number"


def _read_only(passing: Bools) -> Bools:
    passing.flags.writeable = False
    return passing


def flag_of_codes(name: str, files: CodeFiles) -> Array:
    """Value of a flag for each code of its column: 0 no, 1 yes, 2 unknown."""
    if name == "arrest":
        return np.arange(files.columns[OFFENSE].codes) % 3
    codes = np.arange(files.columns[FLAGS].codes)
    return {"domestic": codes // 4, "heaped": codes // 2 % 2, "default_address": codes % 2}[name]


class _Words:
    """Codes by word of a column; a dictionary is faster than a frame here."""

    def __init__(self, values: pl.Series) -> None:
        """`values` has the word of each code, or None."""
        self._count = len(values)
        self._codes: dict[str | None, list[int]] = {}
        for code, word in enumerate(values):
            self._codes.setdefault(word, []).append(code)

    def passing(self, words: Iterable[str], unknown: bool) -> Bools:
        """Codes whose word is one of `words`, and codes without a word if `unknown`."""
        passing = np.zeros(self._count, np.bool_)
        for word in (*words, UNKNOWN, None) if unknown else words:
            passing[self._codes.get(word, [])] = True
        return passing
