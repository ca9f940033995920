"""SQL expressions that turn text columns into the fields of the incident model.

Every value of a source is bound; the expressions hold only column positions and field names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.ingest.local_time import LocalTime
from analytics.sources.mapping import DateColumns, Flag
from analytics.sources.source import Source

ANY_WORD = "*"
SPACES = " \t\r\n\u00a0"


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

    def text(self, field: str) -> str:
        """The field's text: null for empty words, with retired labels replaced and keys padded."""
        expression = self.trimmed(field)
        if field not in self.positions:
            return expression
        empty = (*self.source.empty.get("all", ()), *self.source.empty.get(field, ()))
        if empty:
            words = self.bind([word.strip().lower() for word in empty])
            expression = (
                f"CASE WHEN list_contains({words}, lower({expression})) "
                f"THEN NULL ELSE {expression} END"
            )
        width = self.source.padding.get(field)
        if width:
            expression = self._padded(expression, int(width))
        crosswalk = self.source.values.get(field)
        return self._relabeled(expression, crosswalk) if crosswalk else expression

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
        text = self.trimmed(field)
        plain = f"translate({text}, {self.bind(separators)}, '')"
        if self.source.decimal == ",":
            number = f"TRY_CAST(replace({plain}, ',', '.') AS DOUBLE)"
        else:
            number = f"coalesce(TRY_CAST({text} AS DOUBLE), TRY_CAST({plain} AS DOUBLE))"
        return f"CASE WHEN isfinite({number}) THEN {number} END"

    def flag(self, field: str, flag: Flag) -> str:
        text = f"coalesce(lower({self.trimmed(field)}), '')"
        arms = []
        for words, value in ((flag.true, "true"), (flag.false, "false")):
            listed = [word for word in words if word != ANY_WORD]
            if listed:
                arms.append(f"WHEN list_contains({self.bind(listed)}, {text}) THEN {value}")
        arms.append(f"WHEN {text} = '' THEN NULL")
        for words, value in ((flag.true, "true"), (flag.false, "false")):
            if ANY_WORD in words:
                arms.append(f"WHEN true THEN {value}")
        return f"CASE {' '.join(arms)} END"

    def moment(self, field: str, date: DateColumns) -> str:
        """A TIMESTAMP in local time; null if no format fits the text."""
        local = LocalTime(self.source.timezone, self.bind, ignore_zone=date.ignore_zone)
        day = self.trimmed(field)
        if not date.time:
            return local.moment(day, date.formats, utc=date.utc)
        clock = self.trimmed(f"{field} time")
        return local.day_and_clock(day, clock, date.formats, date.time_formats, utc=date.utc)
