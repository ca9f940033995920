"""What a risk is over: all incidents, residents, or incidents of another crime type."""

from __future__ import annotations

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.selection import Selection

ALL = "all"
RESIDENTS = "residents"
TYPE = "type:"
"""Before a crime type whose name alone would mean something else here."""
OFFENSES = ("group", "type", "description")


def against_type(name: str) -> str:
    """How a crime type is written; the plain name but for a type called `all` or `residents`."""
    return TYPE + name if name in (ALL, RESIDENTS) or name.startswith(TYPE) else name


def against_of(selection: Selection, against: str) -> Selection:
    """What incidents a risk is over: the same time and area, of all or of another crime."""
    base = selection.without(OFFENSES)
    return base if against == ALL else base.replace("type", Words((type_of(against),)))


def type_of(against: str) -> str:
    """The crime type that `against_type` wrote."""
    return against.removeprefix(TYPE)
