"""What analysts change in a plan: places added, moved, pinned, and left out with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from analytics.errors import InputError
from analytics.one_line import visible_line

LONGEST_NAME = 80
LatLon = tuple[float, float]


@dataclass(frozen=True)
class AddedPlace:
    """A place that is not a block of the data, in WGS 84 degrees; it is always visited."""

    place: str
    lat: float
    lon: float


@dataclass(frozen=True)
class LeftOutPlace:
    """A place at which no unit stops, nor within the radius of it, and why."""

    place: str
    lat: float
    lon: float
    reason: str


@dataclass(frozen=True)
class PlaceEdits:
    """All changes in force for a version of a plan.

    Attributes
    ----------
    pinned : names of places that must be visited
    """

    added: tuple[AddedPlace, ...] = ()
    pinned: tuple[str, ...] = ()
    left_out: tuple[LeftOutPlace, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.pinned or self.left_out)

    @property
    def demanded(self) -> frozenset[str]:
        """Names of the places that must be visited: the added and the pinned ones."""
        return frozenset(self.pinned) | {one.place for one in self.added}

    def differing(self, other: PlaceEdits) -> set[str]:
        """Names of the places that are not the same in both."""
        changed = set(self.pinned) ^ set(other.pinned)
        changed |= {one.place for one in set(self.added) ^ set(other.added)}
        return changed | {one.place for one in set(self.left_out) ^ set(other.left_out)}

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> PlaceEdits:
        """The inverse of `as_json`."""
        return cls(
            tuple(AddedPlace(**one) for one in raw["added"]),
            tuple(raw["pinned"]),
            tuple(LeftOutPlace(**one) for one in raw["left_out"]),
        )


class PlaceAction(StrEnum):
    """What is done to a place."""

    ADD = "add"
    MOVE = "move"
    PIN = "pin"
    UNPIN = "unpin"  # takes an added place back
    LEAVE_OUT = "leave-out"
    RESTORE = "restore"


@dataclass(frozen=True)
class PlaceChange:
    """One change; `at` is where a place is added or moved to."""

    action: PlaceAction
    place: str
    at: LatLon | None = None


Locate = Callable[[str], LatLon | None]
"""Where a block of the data is; None if there is no block of the name."""


def with_changes(
    edits: PlaceEdits, changes: Iterable[PlaceChange], reason: str, locate: Locate
) -> PlaceEdits:
    """The edits after some changes.

    Raises
    ------
    InputError
        A place is not known, or a change is not possible; the message says which.
    """
    for change in changes:
        edits = _DO[change.action](edits, change, reason, locate)
    return edits


def _add(edits: PlaceEdits, change: PlaceChange, _reason: str, locate: Locate) -> PlaceEdits:
    name = _new_name(edits, change.place, locate)
    return replace(edits, added=(*edits.added, AddedPlace(name, *_at(change))))


def _move(edits: PlaceEdits, change: PlaceChange, reason: str, locate: Locate) -> PlaceEdits:
    lat, lon = _at(change)
    if change.place in {one.place for one in edits.added}:
        kept = tuple(one for one in edits.added if one.place != change.place)
        return replace(edits, added=(*kept, AddedPlace(change.place, lat, lon)))
    moved = AddedPlace(_new_name(edits, f"{change.place} (moved)", locate), lat, lon)
    left = _leave_out(edits, change, f"Moved: {reason}", locate)
    return replace(left, added=(*left.added, moved))


def _pin(edits: PlaceEdits, change: PlaceChange, _reason: str, locate: Locate) -> PlaceEdits:
    _known(change.place, locate)
    if change.place in {one.place for one in edits.left_out}:
        raise InputError(f"{change.place!r} is left out; restore it first.")
    return replace(
        edits, pinned=(*(one for one in edits.pinned if one != change.place), change.place)
    )


def _unpin(edits: PlaceEdits, change: PlaceChange, _reason: str, _locate: Locate) -> PlaceEdits:
    if change.place not in edits.demanded:
        raise InputError(f"{change.place[:60]!r} is neither pinned nor added.")
    return _undemanded(edits, change.place)


def _leave_out(edits: PlaceEdits, change: PlaceChange, reason: str, locate: Locate) -> PlaceEdits:
    if change.place in {one.place for one in edits.added}:
        return _undemanded(edits, change.place)
    at = _known(change.place, locate)
    others = tuple(one for one in edits.left_out if one.place != change.place)
    left = replace(edits, left_out=(*others, LeftOutPlace(change.place, *at, reason)))
    return _undemanded(left, change.place)


def _restore(edits: PlaceEdits, change: PlaceChange, _reason: str, _locate: Locate) -> PlaceEdits:
    kept = tuple(one for one in edits.left_out if one.place != change.place)
    if len(kept) == len(edits.left_out):
        raise InputError(f"{change.place[:60]!r} is not left out.")
    return replace(edits, left_out=kept)


_DO: Mapping[PlaceAction, Callable[[PlaceEdits, PlaceChange, str, Locate], PlaceEdits]] = {
    PlaceAction.ADD: _add,
    PlaceAction.MOVE: _move,
    PlaceAction.PIN: _pin,
    PlaceAction.UNPIN: _unpin,
    PlaceAction.LEAVE_OUT: _leave_out,
    PlaceAction.RESTORE: _restore,
}


def _undemanded(edits: PlaceEdits, place: str) -> PlaceEdits:
    return replace(
        edits,
        added=tuple(one for one in edits.added if one.place != place),
        pinned=tuple(one for one in edits.pinned if one != place),
    )


def _at(change: PlaceChange) -> LatLon:
    if change.at is None:
        raise InputError(f"Say where {change.place!r} is, as latitude and longitude.")
    lat, lon = change.at
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise InputError(f"{lat:g}, {lon:g} is not a latitude and a longitude in degrees.")
    return lat, lon


def _new_name(edits: PlaceEdits, text: str, locate: Locate) -> str:
    name = visible_line(text)
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"Name the place that is added, in at most {LONGEST_NAME} characters.")
    if name in edits.demanded or locate(name) is not None:
        raise InputError(f"There is already a place {name!r}; pin that one, or use another name.")
    return name


def _known(place: str, locate: Locate) -> LatLon:
    at = locate(place)
    if at is None:
        raise InputError(f"No place {place[:60]!r} in the data; check its spelling.")
    return at
