"""The selection: one frozen value with one canonical text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from analytics.crossfilter.clauses import Choice, Clause, Near, Period
from analytics.crossfilter.dimensions import position
from analytics.crossfilter.parse import (
    MAX_TEXT,
    check_name,
    read_keys,
    read_parts,
    read_text,
    shown,
)
from analytics.crossfilter.relative_dates import DataDays
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest

Mode = Literal["toggle", "only", "add"]


@dataclass(frozen=True)
class Selection:
    """A clause for each dimension: any of its values (OR), and all clauses (AND).

    `text` is the canonical form: the query of the address, the cache key, the audit entry.
    Two selections are equal if and only if their texts are.
    """

    items: tuple[tuple[str, Clause], ...] = ()
    text: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        items = tuple(sorted(self.items, key=lambda item: position(item[0])))
        text = "&".join(f"{name}={clause.text}" for name, clause in items)
        if len(text) > MAX_TEXT:
            raise InputError(
                f"This selection has {len(text):,} characters, more than {MAX_TEXT:,}; "
                "choose fewer values."
            )
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "text", text)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.items)

    @classmethod
    def parse(cls, text: str, attributes: Collection[str] | None = None) -> Selection:
        """Parse a selection; see docs/selection.md for the grammar.

        Parameters
        ----------
        attributes
            Names of the further attributes; None accepts any well-formed name.

        Raises
        ------
        InputError
            A part is not valid; the message names it and what is allowed there.
        """
        return cls(tuple(read_text(text, attributes).items()))

    @classmethod
    def parse_leniently(
        cls, text: str, attributes: Collection[str] | None = None
    ) -> tuple[Selection, list[str]]:
        """Parse the valid filters; returns a message for each one that was left out.

        For pages, which show the messages. A file needs `parse`: it must not contain more than was
        requested.
        """
        clauses, unreadable = read_parts(text, attributes)
        messages = [
            f"The filter {shown(part)} was left out: {why}" for part, why in unreadable.items()
        ]
        return cls(tuple(clauses.items())), messages

    @property
    def clauses(self) -> Mapping[str, Clause]:
        """Clause by dimension, in canonical order."""
        return MappingProxyType(dict(self.items))

    def get(self, name: str) -> Clause | None:
        return self.clauses.get(name)

    def without(self, names: Iterable[str]) -> Selection:
        """This selection without the clauses of some dimensions."""
        dropped = set(names)
        return Selection(tuple(item for item in self.items if item[0] not in dropped))

    def replace(self, name: str, clause: Clause | None) -> Selection:
        """This selection with another clause for one dimension; None removes it."""
        rest = self.without({check_name(name)}).items
        return Selection(rest if clause is None else (*rest, (name, clause)))

    def toggle(self, name: str, keys: Sequence[Any], mode: Mode = "toggle") -> Selection:
        """Apply a gesture on a view.

        Parameters
        ----------
        keys
            Bins of the view; None means unknown. Several days make one period.
        mode
            `toggle` removes chosen keys and adds others; `only` chooses just these keys, and
            clears a single one that is already chosen; `add` keeps the chosen ones. A clause of
            one value (period, polygon, place) is replaced; `add` extends a period.

        Raises
        ------
        InputError
            A key is not valid for the dimension.
        """
        if not keys:
            return self
        chosen = read_keys(check_name(name), keys)
        return self.replace(name, _merge(self.get(name), chosen, mode))

    def period(self, manifest: Manifest) -> tuple[date, date] | None:
        """First and last day, with relative and open dates resolved; None for an empty snapshot."""
        first, last, complete = manifest.first_day, manifest.last_day, manifest.last_complete_day
        if first is None or last is None or complete is None:
            return None
        clause = self.get("date")
        days = DataDays(first, last, complete)
        return clause.days(days) if isinstance(clause, Period) else (first, last)


EMPTY = Selection()


def _merge(current: Clause | None, chosen: Clause, mode: Mode) -> Clause | None:
    if current is None:
        return chosen
    if mode == "only":
        return None if current == chosen and _is_single(chosen) else chosen
    if isinstance(current, Choice) and isinstance(chosen, Choice):
        return current.toggled(chosen) if mode == "toggle" else current.added(chosen)
    if mode == "add" and isinstance(current, Period) and isinstance(chosen, Period):
        return current.hull(chosen)
    return None if current == chosen and mode == "toggle" else chosen


def _is_single(clause: Clause) -> bool:
    if isinstance(clause, Choice):
        return len(clause.keys) == 1
    return isinstance(clause, Near) or (isinstance(clause, Period) and clause.is_single_bin)
