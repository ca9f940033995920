"""Denominators of a risk: all incidents, residents, or incidents of another crime type."""

from __future__ import annotations

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.selection import Selection

ALL = "all"
RESIDENTS = "residents"
TYPE = "type:"
"""Prefix of a crime type whose name is that of another denominator."""
OFFENSES = ("group", "type", "description")


def against_type(name: str) -> str:
    """How a crime type is written: its name, with a prefix if that is `all` or `residents`."""
    return TYPE + name if name in (ALL, RESIDENTS) or name.startswith(TYPE) else name


def against_of(selection: Selection, against: str) -> Selection:
    """The incidents of a denominator: same time and area, all types or another one."""
    base = selection.without(OFFENSES)
    return base if against == ALL else base.replace("type", Words((type_of(against),)))


def type_of(against: str) -> str:
    """The crime type that `against_type` wrote."""
    return against.removeprefix(TYPE)
