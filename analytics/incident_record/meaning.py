"""What an incident's codes mean, by the reference tables that its snapshot was made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.errors import InputError
from analytics.incidents.default_places import read_default_places
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import Groups, OffenseReading, Tables, address_key, load_tables
from analytics.settings import Settings
from sql import load

_NAMES = {
    "groups": ("groups/", ".csv"),
    "classes": ("harm/", "_classes.csv"),
    "default_addresses": ("default_addresses/", ".csv"),
}
"""Tables of a source, and how their files are named."""


@dataclass(frozen=True)
class CodeMeaning:
    """The offense and the place of an incident, as the reference tables read them.

    Attributes
    ----------
    offense_class
        Class by which harm is weighted; None without one.
    reading
        The table's row of the code; None if the code is not in it.
    groups
        Scheme → groups of the offense.
    default_reason
        Why the location type is a default address, or is not one, or who accepted the place;
        empty if neither the table nor anybody has decided.
    changed_tables
        Tables that were edited or lost since the snapshot was made, so that words may differ.
    """

    offense_class: str | None
    reading: OffenseReading | None
    groups: Mapping[str, tuple[str, ...]]
    default_reason: str
    changed_tables: tuple[str, ...]


def meaning(reader: SnapshotReader, settings: Settings, row: Mapping[str, Any]) -> CodeMeaning:
    """Look the codes of an incident up."""
    tables, changed = _tables(reader.snapshot.manifest, settings)
    groups: dict[str, tuple[str, ...]] = {}
    for scheme, group in reader.frame(
        load("incident_record/groups"), {"offense": row["offense_id"]}
    ).iter_rows():
        groups[scheme] = (*groups.get(scheme, ()), group)
    place = tables.default_addresses.get(address_key(row["location_type"] or ""))
    accepted = _accepted(settings, row) if row["default_address"] else ""
    return CodeMeaning(
        offense_class=row["offense_class"],
        reading=tables.codes.get(row["code"]) if row["code"] else None,
        groups=groups,
        default_reason=accepted or (place.reason if place else ""),
        changed_tables=changed,
    )


def _accepted(settings: Settings, row: Mapping[str, Any]) -> str:
    """Why the incident's place was accepted as a default address; empty if it was not."""
    for place in read_default_places(settings.home):
        here = (place.lat, place.lon) == (row["lat"], row["lon"]) and place.accepted
        if here and (not place.location_types or row["location_type"] in place.location_types):
            return f"Accepted by {place.person}: {place.why}"
    return ""


def _tables(manifest: Manifest, settings: Settings) -> tuple[Tables, tuple[str, ...]]:
    """The tables as they are now, and those that differ from what the snapshot was made with."""
    used: dict[str, str] = dict(manifest.settings.get("tables", {}))
    try:
        tables = load_tables(_names(used), settings.own_tables)
    except InputError:  # a table was removed, or is being edited
        return Tables(Groups()), tuple(used)
    changed = (name for name, digest in used.items() if tables.checksums.get(name) != digest)
    return tables, tuple(changed)


def _names(files: Mapping[str, str]) -> dict[str, str]:
    """The tables as a source names them: `harm/illinois_classes.csv` → classes = "illinois"."""
    return {
        table: file.removeprefix(start).removesuffix(end)
        for table, (start, end) in _NAMES.items()
        for file in files
        if file.startswith(start) and file.endswith(end)
    }
