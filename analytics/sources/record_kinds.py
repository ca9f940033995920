"""Kinds of record that a source's files hold, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.incidents.model import BASE_COLUMNS

CALL_COLUMNS: dict[str, str] = {
    "id": "VARCHAR",
    "case_number": "VARCHAR",
    "received": "TIMESTAMP",
    "entered": "TIMESTAMP",
    "dispatched": "TIMESTAMP",
    "en_route": "TIMESTAMP",
    "on_scene": "TIMESTAMP",
    "cleared": "TIMESTAMP",
    "type": "VARCHAR",
    "description": "VARCHAR",
    "priority": "VARCHAR",
    "disposition": "VARCHAR",
    "block": "VARCHAR",
    "beat": "VARCHAR",
    "district": "VARCHAR",
    "ward": "VARCHAR",
    "area": "VARCHAR",
    "units": "DOUBLE",  # sent to the call; null is taken as one
    "on_view": "BOOLEAN",  # an officer came upon it; nobody waited for a unit
    "canceled": "BOOLEAN",
    "duplicate": "BOOLEAN",  # of another call
    "other_agency": "BOOLEAN",  # another agency's call in the same file
    "lat": "DOUBLE",
    "lon": "DOUBLE",
    "updated": "TIMESTAMP",
}


DEMO = "demo"
"""Name of the demo city's sources, of every kind."""
CALL_DIMENSIONS = frozenset({"origin"})
"""Derived dimensions of calls that incidents do not have."""


@dataclass(frozen=True, eq=False)
class RecordKind:
    """What one row of a source's files is.

    Attributes
    ----------
    name
        In commands; also the table that holds the records, and its database.
    columns
        Fields that a source may map, as stored before derivation → DuckDB type.
    moment
        The time that every row needs.
    home
        Folder of its warehouse within the agency's; empty is the agency's own.
    """

    name: str
    columns: Mapping[str, str]
    moment: str
    home: str = ""

    def _of_type(self, kind: str) -> tuple[str, ...]:
        return tuple(name for name, found in self.columns.items() if found == kind)

    @property
    def texts(self) -> tuple[str, ...]:
        return self._of_type("VARCHAR")

    @property
    def dates(self) -> tuple[str, ...]:
        return self._of_type("TIMESTAMP")

    @property
    def flags(self) -> tuple[str, ...]:
        return self._of_type("BOOLEAN")

    @property
    def numbers(self) -> tuple[str, ...]:
        """Fields of numbers, without coordinates."""
        return tuple(name for name in self._of_type("DOUBLE") if name not in ("lat", "lon"))

    @property
    def required(self) -> tuple[str, ...]:
        return ("id", self.moment)


INCIDENTS = RecordKind("incidents", BASE_COLUMNS, "occurred_from")
CALLS = RecordKind("calls", CALL_COLUMNS, "received", home="calls")
RECORD_KINDS = {kind.name: kind for kind in (INCIDENTS, CALLS)}
