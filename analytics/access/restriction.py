"""What a reader may not see: the person's rules and the agency's table of sensitive offenses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.access.reader import Precision, Reader, ScopeRules
from analytics.access.roles import SEES_SENSITIVE
from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reference import find_table, table_rows
from analytics.settings import Settings

FILE = "sensitive.csv"
COLUMNS = ("selection", "precision", "reason")
TARGET = "target"
"""Not a dimension: in a rule, `target=robbery` stands for the incidents of a target of models."""
ALLOWED = (*AREA_LEVELS, "type", "group", "description", "location_type", "domestic", TARGET)
"""Dimensions of rules, besides further attributes: kinds of incidents and whole areas."""

Rule = tuple[Selection, Precision]


@dataclass(frozen=True)
class Restriction:
    """What a reader may not see; false if that is nothing.

    Attributes
    ----------
    seen
        Every incident that is shown matches it.
    rules
        How exactly incidents are shown at most, by the person's rules.
    sensitive
        The same by the agency's table, which names offenses of many sources: those that the data
        lacks are ignored.
    """

    seen: Selection = EMPTY
    rules: tuple[Rule, ...] = ()
    sensitive: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.seen or self.rules or self.sensitive)

    @property
    def is_of_areas(self) -> bool:
        """Whether it only names whole areas, apart from rules that make some incidents coarse."""
        return bool(self.seen) and all(
            name in AREA_LEVELS and isinstance(clause, Choice) and clause.keys == clause.known
            for name, clause in self.seen.items
        )

    @property
    def text(self) -> str:
        """The canonical text: equal for readers who see the same."""
        rules = (("rule", self.rules), ("sensitive", self.sensitive))
        lines = {
            f"{kind} {precision} {selection.text}"
            for kind, some in rules
            for selection, precision in some
        }
        return "\n".join([f"seen {self.seen.text}", *sorted(lines)])

    def as_json(self) -> dict[str, Any]:
        """As plain values, for another process."""
        pairs = {"rules": self.rules, "sensitive": self.sensitive}
        return {"seen": self.seen.text} | {
            name: [[selection.text, precision] for selection, precision in some]
            for name, some in pairs.items()
        }

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Restriction:
        """Read `as_json` again."""
        rules, sensitive = (
            tuple((Selection.parse(text), Precision(word)) for text, word in values[name])
            for name in ("rules", "sensitive")
        )
        return cls(Selection.parse(values["seen"]), rules, sensitive)


def restriction_of(reader: Reader, settings: Settings) -> Restriction:
    """What a reader may not see.

    Raises
    ------
    InputError
        A rule or the table of sensitive offenses is not valid.
    """
    seen, rules = read_rules(reader.rules)
    if reader.roles & SEES_SENSITIVE:
        return Restriction(seen, rules)
    path = find_table(FILE, settings.own_tables)
    return Restriction(seen, rules, _sensitive(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=8)
def _sensitive(path: Path, _changed_ns: int) -> tuple[Rule, ...]:
    return _coarse(read_sensitive(path))


@lru_cache(maxsize=1024)
def read_rules(rules: ScopeRules) -> tuple[Selection, tuple[Rule, ...]]:
    """Read a person's rules.

    Raises
    ------
    InputError
        A selection is not valid, or filters on what a rule cannot, such as a time.
    """
    seen = _read(rules.selection)
    return seen, _coarse([(_read(text), precision) for text, precision in rules.precision])


def read_sensitive(path: Path) -> list[Rule]:
    """Read `selection,precision,reason`.

    Raises
    ------
    InputError
        A row is not valid; the message names file, line and column.
    """
    found = []
    for row in table_rows(path, COLUMNS):
        try:
            selection = _read(row.required("selection"))
        except InputError as error:
            raise row.fail("selection", str(error).rstrip(".")) from error
        word = row.required("precision")
        if word not in set(Precision):
            raise row.fail("precision", f"{word!r} is not one of {', '.join(Precision)}")
        row.required("reason")
        found.append((selection, Precision(word)))
    return found


def _read(text: str) -> Selection:
    selection = Selection.parse(text)
    refused = [name for name in selection.clauses if name in DIMENSIONS and name not in ALLOWED]
    if refused:
        raise InputError(
            f"A rule of what a person may see cannot filter on {', '.join(refused)}; "
            f"choose among {', '.join(ALLOWED)} and further attributes."
        )
    return selection


def _coarse(rules: list[Rule]) -> tuple[Rule, ...]:
    kept = {rule for rule in rules if rule[1] is not Precision.EXACT}
    return tuple(sorted(kept, key=lambda rule: (rule[1], rule[0].text)))
