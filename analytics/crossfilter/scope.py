"""The scope of a reader: clauses that no view drops."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.crossfilter.selection import EMPTY, Selection


@dataclass(frozen=True)
class Scope:
    """A selection that applies to every view, and is part of every cache key."""

    selection: Selection = EMPTY

    @property
    def text(self) -> str:
        return self.selection.text


EVERYTHING = Scope()
