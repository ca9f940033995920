"""The agency's decisions on places proposed as default addresses, in `<home>/default_places.json`.

Incidents at an accepted place are flagged at the next ingest, all of them or those of some location
types; a declined place is not proposed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from analytics.incidents.warehouse import Warehouse
from analytics.stored import read_object, replace_text

FILE = "default_places.json"
REMEDY = "Restore it from a backup, or remove it and decide again; the audit log has the decisions."
ACCEPTED, DECLINED, REMOVED = (
    f"default_address.{done}" for done in ("accepted", "declined", "removed")
)
OnRecord = Callable[[str, str, dict[str, Any]], AbstractContextManager[None]]
"""Writes an event, its subject and details to the audit log while the change is made."""


@dataclass(frozen=True)
class DefaultPlace:
    """One decision. `location_types` limits it to incidents of these; empty means all."""

    lat: float
    lon: float
    accepted: bool
    why: str
    person: str
    at: str
    location_types: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.lat},{self.lon}"


def read_default_places(home: Path) -> tuple[DefaultPlace, ...]:
    """All decisions, by place.

    Raises
    ------
    DamagedError
        The file cannot be read.
    """
    path = home / FILE
    if not path.exists():
        return ()
    document = read_object(path, REMEDY)
    return tuple(
        DefaultPlace(**{**place, "location_types": tuple(place["location_types"])})
        for place in document["places"]
    )


def digest(home: Path) -> str:
    """SHA-256 of the accepted places, on which a snapshot depends; empty without any."""
    accepted = [asdict(place) for place in read_default_places(home) if place.accepted]
    text = json.dumps(accepted, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest() if accepted else ""


def decide(home: Path, place: DefaultPlace, on_record: OnRecord) -> None:
    """Store a decision, in place of an earlier one on the same place."""
    event = ACCEPTED if place.accepted else DECLINED
    with Warehouse(home).lock():
        others = [one for one in read_default_places(home) if one.text != place.text]
        with on_record(event, place.text, asdict(place)):
            write_default_places(home, [*others, place])


def withdraw(home: Path, lat: float, lon: float, why: str, on_record: OnRecord) -> DefaultPlace:
    """Remove the decision on a place.

    Raises
    ------
    InputError
        There is none.
    """
    with Warehouse(home).lock():
        places = read_default_places(home)
        gone = next((one for one in places if (one.lat, one.lon) == (lat, lon)), None)
        if gone is None:
            raise InputError(f"No decision on {lat},{lon}; see `patroliq addresses list`.")
        with on_record(REMOVED, gone.text, {"why": why, "was": asdict(gone)}):
            write_default_places(home, [one for one in places if one is not gone])
    return gone


def write_default_places(home: Path, places: Iterable[DefaultPlace]) -> None:
    """Store these decisions as all there are."""
    ordered = sorted(places, key=lambda place: (place.lat, place.lon))
    document = {"places": [asdict(place) for place in ordered]}
    replace_text(home / FILE, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
