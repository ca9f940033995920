"""Which streets are major: by a class of the file, or by how far a street runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError

MAJOR_SHARE = 0.2
"""Share of the network's length that is major where the file has no classes.

A map of the whole city then shows its long streets and does not turn gray.
"""
SHOWN = 12


class StreetRank(IntEnum):
    """When a street is drawn: with the whole city, or only from near."""

    HIGHWAY = 1
    MAJOR = 2
    LOCAL = 3


_RANKS: dict[str, StreetRank] = {
    # OpenStreetMap, key highway
    **dict.fromkeys(("motorway", "trunk", "motorway link", "trunk link"), StreetRank.HIGHWAY),
    **dict.fromkeys(
        ("primary", "secondary", "tertiary", "primary link", "secondary link", "tertiary link"),
        StreetRank.MAJOR,
    ),
    **dict.fromkeys(
        ("residential", "unclassified", "living street", "service", "road", "track", "footway"),
        StreetRank.LOCAL,
    ),
    **dict.fromkeys(("path", "cycleway", "steps", "pedestrian", "busway"), StreetRank.LOCAL),
    # Census TIGER/Line, MTFCC
    "s1100": StreetRank.HIGHWAY,
    "s1200": StreetRank.MAJOR,
    **{f"s{code}": StreetRank.LOCAL for code in (1400, 1500, 1630, 1640, 1710, 1720, 1730, 1740)},
    **{f"s{code}": StreetRank.LOCAL for code in (1750, 1780, 1810, 1820, 1830)},
    # Words of functional classes
    **dict.fromkeys(
        ("interstate", "freeway", "expressway", "highway", "tollway", "interstate highway"),
        StreetRank.HIGHWAY,
    ),
    **dict.fromkeys(
        ("arterial", "major arterial", "minor arterial", "principal arterial", "major"),
        StreetRank.MAJOR,
    ),
    **dict.fromkeys(("collector", "major collector", "minor collector"), StreetRank.MAJOR),
    **dict.fromkeys(
        ("local", "local street", "minor", "alley", "ramp", "private", "driveway", "other"),
        StreetRank.LOCAL,
    ),
}
CLASS_NAMES = ("highway", "mtfcc", "fclass", "class", "road_class", "roadclass", "functional_class")
"""Fields of classes by common names, in lower case."""


def ranks_of_classes(
    classes: Sequence[str], major: Collection[str] = ()
) -> Mapping[str, StreetRank]:
    """Rank of each class that occurs.

    Parameters
    ----------
    major
        Classes that the operator names as major; all others are then local, except known highways.

    Raises
    ------
    InputError
        A class is not known, or a named one does not occur.
    """
    found = sorted(set(classes))
    missing = sorted(set(major) - set(found))
    if missing:
        raise InputError(
            f"No street has the class {', '.join(missing)}; the classes are {_some(found)}."
        )
    if major:
        return {one: _of_named(one, major) for one in found}
    unknown = [one for one in found if one and _form(one) not in _RANKS]
    if unknown:
        raise InputError(
            f"The classes {_some(unknown)} are not known; name the major ones with --major, "
            f"such as --major {','.join(found[:2])}."
        )
    return {one: _RANKS.get(_form(one), StreetRank.LOCAL) for one in found}


def are_known(classes: Sequence[str]) -> bool:
    """Whether every class is known, and more than one of them occurs."""
    found = {one for one in classes if one}
    return len(found) > 1 and all(_form(one) in _RANKS for one in found)


def ranks_by_length(names: Sequence[str], lengths_m: npt.NDArray[np.float64]) -> list[StreetRank]:
    """The longest streets are major, up to `MAJOR_SHARE` of the network; unnamed ones are local."""
    totals: dict[str, float] = {}
    for name, length in zip(names, lengths_m.tolist(), strict=True):
        if name:
            totals[name] = totals.get(name, 0.0) + length
    room = MAJOR_SHARE * float(lengths_m.sum())
    major = set()
    for name, length in sorted(totals.items(), key=lambda each: (-each[1], each[0])):
        if length > room:
            break
        room -= length
        major.add(name)
    return [StreetRank.MAJOR if name in major else StreetRank.LOCAL for name in names]


def _of_named(one: str, major: Collection[str]) -> StreetRank:
    if _RANKS.get(_form(one)) is StreetRank.HIGHWAY:
        return StreetRank.HIGHWAY
    return StreetRank.MAJOR if one in major else StreetRank.LOCAL


def _form(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.casefold().strip()))


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(value or "(empty)" for value in values[:SHOWN]) + more
