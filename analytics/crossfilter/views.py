"""Views: their bins, and the dimensions whose clauses a view does not apply to itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from analytics.crossfilter.dimensions import ATTRIBUTE_NAME, LABEL_MODEL, LABELED, PLACE
from analytics.crossfilter.parse import cell_size
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS, require_area_level
from analytics.near_name import near_name

_OFFENSES = ("group", "type", "description")
_FINER: dict[str, tuple[str, ...]] = {"district": ("beat",)}
_FIXED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # name: (bins, dimensions it owns)
    "total": ((), ()),
    "type": (("type",), ("type", "description")),
    "description": (("description",), ("description",)),
    "group": (("group",), _OFFENSES),
    "hour": (("hour",), ("hour", "hour_weekday")),
    "weekday": (("weekday",), ("weekday", "hour_weekday")),
    "hour_weekday": (("weekday", "hour"), ("hour", "weekday", "hour_weekday")),
    "shift": (("shift",), ("shift",)),
    "day": (("day",), ("date",)),
    "month": (("month",), ("date",)),
    **{level: ((level,), (level, *_FINER.get(level, ()))) for level in AREA_LEVELS},
    **{
        name: ((name,), (name,))
        for name in ("location_type", "block", "arrest", "domestic", "heaped", "default_address")
    },
}
NAMES = (
    *_FIXED,
    *("group:<scheme>", "cells:<meters>", "map:<level>", "points:<w>,<s>,<e>,<n>"),
    "places:<w>,<s>,<e>,<n>",
    *(f"{name}:<model>" for name in LABELED),
)
"""Names of the views, besides further attributes."""


@dataclass(frozen=True)
class View:
    """Incidents by `bins`. An incident counts if the view owns every clause that it fails."""

    name: str
    bins: tuple[str, ...]
    owns: frozenset[str]

    @property
    def base(self) -> str:
        return self.name.partition(":")[0]

    @property
    def argument(self) -> str:
        return self.name.partition(":")[2]

    @property
    def is_attribute(self) -> bool:
        return self.name not in _FIXED and not self.argument

    @property
    def model(self) -> str:
        """Full name of the model whose labels are the bins; empty for other views."""
        return LABELED[self.base] + self.argument if self.base in LABELED else ""


def view(name: str, attributes: Collection[str] | None = None) -> View:
    """The view of a name. Without `attributes`, any well-formed name is accepted as one.

    Raises
    ------
    InputError
        There is no such view.
    """
    if name in _FIXED:
        bins, owns = _FIXED[name]
        return View(name, bins, frozenset(owns))
    base, colon, argument = name.partition(":")
    if base in LABELED or (colon and base in _PARAMETRIC):
        return _PARAMETRIC[base](argument)
    known = attributes if attributes is not None else [name]
    if name in known and ATTRIBUTE_NAME.fullmatch(name):
        return View(name, (name,), frozenset({name}))
    near = near_name(name, [*_FIXED, *(attributes or ())])
    hint = f"did you mean {near}?" if near else f"choose from {', '.join(NAMES)}."
    raise InputError(f"View not found: {name[:60]!r}; {hint}")


def bounds(shown: View) -> tuple[float, float, float, float]:
    """West, south, east and north of a view of `points` or `places`, in degrees."""
    west, south, east, north = (float(part) for part in shown.argument.split(","))
    return west, south, east, north


def _scheme(argument: str) -> View:
    if not re.fullmatch(r"[\w .-]{1,60}", argument):
        raise InputError(f"{argument[:60]!r} is not a valid group scheme, such as group:part_i.")
    return View(f"group:{argument}", ("group",), frozenset(_OFFENSES))


def _cells(argument: str) -> View:
    return View(f"cells:{cell_size(argument)}", ("cell",), PLACE)


def _map(level: str) -> View:
    if level != "block":
        require_area_level(level)
    return View(f"map:{level}", (level,), PLACE | {level, *_FINER.get(level, ())})


def _bounded(base: str, bins: tuple[str, ...], argument: str) -> View:
    number = r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?"
    if not re.fullmatch(rf"{number}(,{number}){{3}}", argument):
        raise InputError(
            f"A view of {base} is written {base}:<west>,<south>,<east>,<north> in degrees."
        )
    return View(f"{base}:{argument}", bins, PLACE)


def _labels(dimension: str, model: str) -> View:
    if not re.fullmatch(LABEL_MODEL, model, re.ASCII):
        raise InputError(f"A view of labels names their model, such as {dimension}:kmeans.")
    return View(f"{dimension}:{model}", (dimension,), frozenset({dimension}))


_PARAMETRIC: dict[str, Callable[[str], View]] = {
    "group": _scheme,
    "cells": _cells,
    "map": _map,
    "points": partial(_bounded, "points", ("lat", "lon", "point_id")),
    "places": partial(_bounded, "places", ("places",)),
    **{name: partial(_labels, name) for name in LABELED},
}
