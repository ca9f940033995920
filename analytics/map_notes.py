"""Notes that people draw on the map: a point, a line or an area, and a text.

A map note is private or shared by role. It is never changed; who drew it may withdraw it with a
reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from analytics.access.reader import current_reader
from analytics.access.roles import Role
from analytics.access.sharing import roles_of, roles_text
from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.crossfilter.clauses import DECIMALS, MAX_VERTICES, check_place, number
from analytics.errors import InputError
from analytics.one_line import reason_of, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import map_notes as table

LONGEST_TEXT = 200
MOST_SHOWN = 100
DRAWN, WITHDRAWN = "map_note.drawn", "map_note.withdrawn"


@unique
class MapNoteKind(StrEnum):
    """What a map note is drawn as."""

    POINT = "point"
    LINE = "line"
    AREA = "area"


_LEAST = {MapNoteKind.POINT: 1, MapNoteKind.LINE: 2, MapNoteKind.AREA: 3}
"""Fewest corners."""


@dataclass(frozen=True)
class MapNoteShape:
    """Where a map note is; corners are (lat, lon) in WGS84 degrees, five decimals."""

    kind: MapNoteKind
    corners: tuple[tuple[float, float], ...]

    @classmethod
    def parse(cls, kind: str, text: str) -> MapNoteShape:
        """Read a kind and `lat,lon;lat,lon`.

        Raises
        ------
        InputError
            They are not a point, a line or an area of up to 64 corners.
        """
        if kind not in set(MapNoteKind):
            raise InputError("A map note is a point, a line or an area.")
        known = MapNoteKind(kind)
        corners = tuple(corner for corner, _repeats in groupby(map(_corner, text.split(";"))))
        if known is MapNoteKind.AREA and corners[0] == corners[-1]:
            corners = corners[:-1]
        most = 1 if known is MapNoteKind.POINT else MAX_VERTICES
        if len(set(corners)) < _LEAST[known] or len(corners) > most:
            raise InputError(f"A map note has {_LEAST[known]} to {most} corners as {known}.")
        return cls(known, corners)

    @property
    def text(self) -> str:
        return ";".join(f"{number(lat)},{number(lon)}" for lat, lon in self.corners)

    @property
    def geometry(self) -> dict[str, Any]:
        """As GeoJSON."""
        ring = [[lon, lat] for lat, lon in self.corners]
        if self.kind is MapNoteKind.POINT:
            return {"type": "Point", "coordinates": ring[0]}
        if self.kind is MapNoteKind.LINE:
            return {"type": "LineString", "coordinates": ring}
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


@dataclass(frozen=True)
class MapNote:
    """A map note; `at` is ISO 8601 in UTC, `roles` are those it is shared with."""

    id: int
    shape: MapNoteShape
    text: str
    person: str
    roles: frozenset[Role]
    at: str


class MapNotes:
    """Map notes as the current reader sees and draws them; each change is in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def shown(self) -> list[MapNote]:
        """The newest `MOST_SHOWN` of the reader's own and those shared with a role of hers.

        Who sees only some of the city's areas sees her own alone: others may tell of a place
        outside.
        """
        reader = current_reader()
        is_own = table.c.person == self._person
        if reader.sees_a_part:
            return self._rows(is_own)
        listed = "," + table.c.roles + ","
        shared = [listed.contains(f",{role},") for role in reader.roles]
        return self._rows(sa.or_(is_own, *shared))

    def draw(self, shape: MapNoteShape, text: str, roles: Iterable[Role] = ()) -> int:
        """Keep a map note of the reader; returns its number.

        Raises
        ------
        InputError
            The text is missing or too long, or has characters that are not shown.
        NotAllowedError
            The reader may not share.
        """
        words = visible_line(text)
        if not words or len(words) > LONGEST_TEXT:
            raise InputError(f"A map note has 1 to {LONGEST_TEXT} characters.")
        values = {
            "kind": shape.kind.value,
            "corners": shape.text,
            "text": words,
            "person": self._person,
            "roles": roles_text(roles, current_reader()),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "withdrawn": "",
        }
        with self._state.exclusive(LOCK) as connection:
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            details = {"characters": len(words), "roles": values["roles"]}
            self._audit.add(connection, DRAWN, f"{shape.kind} {key[0]}", details=details)  # type: ignore[index]
        return int(key[0])  # type: ignore[index]

    def withdraw(self, note: int, reason: str) -> None:
        """Take a map note of the reader's off all maps and lists.

        Raises
        ------
        InputError
            There is no such map note of the reader's, or no reason.
        """
        words = reason_of(reason)
        found = self._rows(sa.and_(table.c.id == note, table.c.person == self._person))
        if not found:
            raise InputError("No such map note of yours was found.")
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.update(table).where(table.c.id == note).values(withdrawn=words))
            subject = f"{found[0].shape.kind} {note}"
            self._audit.add(connection, WITHDRAWN, subject, reason=words)

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[MapNote]:
        rows = (
            sa.select(table)
            .where(condition, table.c.withdrawn == "")
            .order_by(table.c.id.desc())
            .limit(MOST_SHOWN)
        )
        found = []
        with self._state.engine.connect() as connection:
            for row in connection.execute(rows).mappings():
                with suppress(InputError):  # its place was of a retracted incident
                    shape = MapNoteShape.parse(row["kind"], row["corners"])
                    roles = roles_of(row["roles"])
                    found.append(
                        MapNote(row["id"], shape, row["text"], row["person"], roles, row["at"])
                    )
        return found


def _corner(text: str) -> tuple[float, float]:
    parts = text.split(",")
    try:
        lat, lon = (round(float(part), DECIMALS) + 0.0 for part in parts)
    except ValueError as error:
        raise InputError("Write corners as lat,lon;lat,lon.") from error
    check_place(lat, lon)
    return lat, lon
