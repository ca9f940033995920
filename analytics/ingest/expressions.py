"""SQL expressions that turn text columns into the fields of a record.

Every value of a source is bound; the expressions hold only column positions and field names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.ingest.local_time import LocalTime
from analytics.sources.mapping import CALENDARS, DATE_PARTS, DateColumns, Flag
from analytics.sources.source import Source

ANY_WORD = "*"
SPACES = " \t\r\n\u00a0"
RANGE = r"^([-+]?[\d.]+)\s*(?:-|–|to|\.\.)\s*([-+]?[\d.]+)$"  # 41.85-41.86, -87.65 to -87.64
# Parts before, of and after the year. ROC dates begin with it: 112/3/4, 112年3月4日, 1120304.
YEARS = {
    "roc": r"^()(?:民國|中華民國)?\s*(\d{2,3})((?:[-/.年]|\d{4}(?:\D|$)).*)$",
    "buddhist": r"^(.*?)\b(2[45]\d\d|26\d\d)\b(.*)$",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Expressions:
    """Builds expressions for one file; `values` are their bound values."""

    def __init__(self, source: Source, positions: Mapping[str, int]) -> None:
        self.source = source
        self.positions = positions
        self.values: dict[str, Any] = {}

    def bind(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def trimmed(self, field: str) -> str:
        """The field's text without surrounding spaces; null if the file lacks it.

        Trimming every text takes eight times as long as first checking for spaces.
        """
        if field not in self.positions:
            return "CAST(NULL AS VARCHAR)"
        text = f"CAST(c{self.positions[field]} AS VARCHAR)"
        ends = " OR ".join(f"suffix({text}, '{space}')" for space in SPACES)
        starts = f"{text} < '!' OR prefix({text}, '\u00a0')"
        trimmed = f"nullif(trim({text}, '{SPACES}'), '')"
        return f"CASE WHEN {starts} OR {ends} THEN {trimmed} ELSE {text} END"

    def cleaned(self, field: str) -> str:
        """The field's text; null also for the words that mean unknown."""
        text = self.trimmed(field)
        name = field.partition(" ")[0]
        empty = (*self.source.empty.get("all", ()), *self.source.empty.get(name, ()))
        if not empty or field not in self.positions:
            return text
        words = self.bind([word.strip().lower() for word in empty])
        return f"CASE WHEN list_contains({words}, lower({text})) THEN NULL ELSE {text} END"

    def text(self, field: str) -> str:
        """The field's text: null for empty words, with retired labels replaced and keys padded."""
        if self.source.join and field in self.source.join.columns:
            code = self.text(self.source.join.field)
            return f"(SELECT codes.{field} FROM codes WHERE codes.key = upper({code}))"
        expression = self.cleaned(field)
        if field not in self.positions:
            return expression
        width = self.source.padding.get(field)
        if width:
            expression = self._padded(expression, int(width))
        crosswalk, patterns = self.source.values.get(field), self.source.patterns.get(field)
        if patterns:
            expression = self._by_patterns(expression, patterns)
        return self._relabeled(expression, crosswalk) if crosswalk else expression

    def _by_patterns(self, text: str, patterns: Mapping[str, str]) -> str:
        """The label of the first pattern that is found in the text; else the text."""
        cases = []
        for pattern, label in patterns.items():
            bound, value = self.bind(pattern), self.bind(label)
            if "\\" in label:
                found = f"regexp_extract({text}, {bound}, 0, 'i')"
                value = f"regexp_replace({found}, {bound}, {value}, 'i')"
            cases.append(f"WHEN regexp_matches({text}, {bound}, 'i') THEN {value}")
        return f"CASE {' '.join(cases)} ELSE {text} END"

    def _padded(self, text: str, width: int) -> str:
        plain = rf"regexp_replace({text}, '^(\d+)\.0+$', '\1')"
        digits = rf"regexp_replace({plain}, '^0+(\d{{{width},}})$', '\1')"
        longer = f"CASE WHEN length({digits}) < {width} THEN lpad({digits}, {width}, '0') "
        return f"CASE WHEN length({text}) = {width} THEN {text} ELSE {longer} ELSE {digits} END END"

    def _relabeled(self, text: str, crosswalk: Mapping[str, str]) -> str:
        cases = " ".join(
            f"WHEN {self.bind(old.strip().upper())} THEN {self.bind(new)}"
            for old, new in crosswalk.items()
        )
        return f"CASE upper({text}) {cases} ELSE {text} END"

    def number(self, field: str) -> str:
        separators = ", \u00a0\u202f'" if self.source.decimal == "." else ". \u00a0\u202f'"
        text = self.cleaned(field)
        plain = f"translate({text}, {self.bind(separators)}, '')"
        if self.source.decimal == ",":
            number = f"TRY_CAST(replace({plain}, ',', '.') AS DOUBLE)"
        else:
            number = f"coalesce(TRY_CAST({text} AS DOUBLE), TRY_CAST({plain} AS DOUBLE))"
        return f"CASE WHEN isfinite({number}) THEN {number} END"

    def middle(self, field: str) -> str:
        """A number, or the middle of a range of numbers."""
        text, pattern = self.cleaned(field), self.bind(RANGE)
        if self.source.decimal == ",":
            text = f"replace({text}, ',', '.')"
        ends = (
            f"TRY_CAST(nullif(regexp_extract({text}, {pattern}, {group}), '') AS DOUBLE)"
            for group in (1, 2)
        )
        return f"coalesce({self.number(field)}, ({' + '.join(ends)}) / 2)"

    def flag(self, field: str, flag: Flag) -> str:
        text = f"coalesce(lower({self.trimmed(field)}), '')"
        arms = []
        for words, value in ((flag.true, "true"), (flag.false, "false")):
            listed = [word for word in words if word != ANY_WORD]
            if listed:
                arms.append(f"WHEN list_contains({self.bind(listed)}, {text}) THEN {value}")
        arms.append(f"WHEN {self.cleaned(field)} IS NULL THEN NULL")
        for words, value in ((flag.true, "true"), (flag.false, "false")):
            if ANY_WORD in words:
                arms.append(f"WHEN true THEN {value}")
        return f"CASE {' '.join(arms)} END"

    def columns_of(self, field: str) -> list[str]:
        """The time's columns that the file has, by the names of their positions."""
        date = self.source.dates[field]
        others = ["time"] if date.time else [part for part in DATE_PARTS if part in date.parts]
        names = [field, *(f"{field} {other}" for other in others)]
        return [name for name in names if name in self.positions]

    def moment(self, field: str, date: DateColumns) -> str:
        """A TIMESTAMP in local time; null if no format fits the text."""
        local = LocalTime(self.source.timezone, self.bind, ignore_zone=date.ignore_zone)
        day = self.cleaned(field)
        if date.parts:
            parts = [self._part(f"{field} {part}") for part in DATE_PARTS[1:]]
            year = f"{whole(day)} + {CALENDARS[date.calendar]}"
            return local.of_parts(year, *parts, utc=date.utc)
        day = in_gregorian(day, date.calendar)
        if not date.time:
            return local.moment(day, date.formats, utc=date.utc)
        clock = self.cleaned(f"{field} time")
        return local.day_and_clock(day, clock, date.formats, date.time_formats, utc=date.utc)

    def _part(self, field: str) -> str:
        """A part of a time: null if unreadable; where it is unknown, its smallest value."""
        default = "1" if field.endswith(("month", "day")) else "0"
        if field not in self.positions:
            return default
        text = self.cleaned(field)
        if field.endswith("month"):
            months = self.bind(list(MONTHS))
            name = f"nullif(list_position({months}, left(lower({text}), 3)), 0)"
            return f"coalesce({whole(text)}, {name})"
        if field.endswith("day"):
            return whole(text)
        return f"CASE WHEN {text} IS NULL THEN 0 ELSE {whole(text)} END"


def in_gregorian(text: str, calendar: str) -> str:
    """A date's text with its year in the Gregorian calendar; unchanged if it has no such year."""
    if calendar == "gregorian":
        return text
    pattern = YEARS[calendar]
    before, year, after = (f"regexp_extract({text}, '{pattern}', {group})" for group in (1, 2, 3))
    moved = f"CAST(CAST({year} AS INTEGER) + {CALENDARS[calendar]} AS VARCHAR)"
    return (
        f"CASE WHEN regexp_matches({text}, '{pattern}') "
        f"THEN concat({before}, {moved}, {after}) ELSE {text} END"
    )


def whole(text: str) -> str:
    """The whole number of a text such as 7, 07 or 7.0; null for any other."""
    digits = rf"nullif(regexp_extract({text}, '^(\d+)(?:\.0+)?$', 1), '')"
    return f"TRY_CAST({digits} AS INTEGER)"
