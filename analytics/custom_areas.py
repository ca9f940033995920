"""Custom areas that people keep: their own, and those that others share with their roles.

The shape of an area never changes: another shape is another area, so that an address always means
the same. An area that is ended is no longer offered; selections that name it still count.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa

from analytics.access.reader import current_reader, reader_now
from analytics.access.roles import Role
from analytics.access.sharing import roles_of, roles_text
from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.crossfilter.custom_area import CustomArea, Ring
from analytics.custom_area_file import NamedShape
from analytics.errors import InputError
from analytics.lru_cache import LruCache
from analytics.one_line import reason_of, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import custom_areas as table

LONGEST_NAME = 80
MOST_OF_ONE = 500
ADDED, CHANGED, ENDED = "custom_area.added", "custom_area.changed", "custom_area.ended"
_SHAPES = LruCache(64)
_LISTED = [column for column in table.columns if column is not table.c.shape]


@dataclass(frozen=True)
class KeptArea:
    """A custom area without its shape.

    Attributes
    ----------
    source : file that it was read from; empty if it was drawn
    roles : those that it is shared with
    created, ended : ISO 8601 in UTC; `ended` is empty while it is offered
    """

    id: str
    name: str
    source: str
    person: str
    roles: frozenset[Role]
    created: str
    ended: str


class CustomAreaStore:
    """The custom areas of a state database, as the current reader may use and change them.

    Who sees only some of the city's areas has her own alone: a shape that others share could tell
    of a place outside. A command, which the operating system guards, has all.
    """

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._settings = settings

    @property
    def _person(self) -> str:
        return person(self._settings)

    def own(self) -> list[KeptArea]:
        """Those of the reader, by name; ended ones too."""
        return self._rows(table.c.person == self._person)

    def shared(self) -> list[KeptArea]:
        """Those that others share with a role of the reader, by name, while they are offered."""
        others = sa.and_(table.c.person != self._person, table.c.ended == "")
        return [area for area in self._rows(others) if self._is_usable(area)]

    def offered(self) -> list[KeptArea]:
        """Those that the reader may choose, by name."""
        return sorted(
            (*(area for area in self.own() if not area.ended), *self.shared()),
            key=lambda area: (area.name.casefold(), area.id),
        )

    def find(self, ids: Collection[str]) -> dict[str, CustomArea]:
        """Areas by id: of the given ids those that the reader may use, ended ones too."""
        rows = [area for area in self._rows(table.c.id.in_(ids)) if self._is_usable(area)]
        shapes = {area.id: _SHAPES.get(area.id) for area in rows}
        lacking = [key for key, polygons in shapes.items() if polygons is None]
        if lacking:
            stored = sa.select(table.c.id, table.c.shape).where(table.c.id.in_(lacking))
            with self._state.engine.connect() as connection:
                for key, packed in connection.execute(stored):
                    shapes[key] = _unpacked(packed)
                    _SHAPES.put(key, shapes[key])
        return {
            area.id: CustomArea(area.id, area.name, shapes[area.id], bool(area.ended))
            for area in rows
            if shapes[area.id] is not None
        }

    def add(
        self, shapes: Sequence[NamedShape], roles: Iterable[Role] = (), source: str = ""
    ) -> list[KeptArea]:
        """Keep shapes as areas of the reader: all of them, or none.

        Raises
        ------
        InputError
            A name is taken, given twice or too long, or the reader has too many areas.
        NotAllowedError
            The reader may not share.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        shared = roles_text(roles, current_reader())
        rows = [
            {
                "id": secrets.token_hex(5),
                "name": _name(shape.name),
                "shape": _packed(shape),
                "source": source,
                "person": self._person,
                "roles": shared,
                "created": now,
                "ended": "",
            }
            for shape in shapes
        ]
        with self._state.exclusive(LOCK) as connection:
            taken = self._names(connection)
            for row in rows:
                _require_free(str(row["name"]), taken)
                taken.add(str(row["name"]))
            if len(taken) > MOST_OF_ONE:
                raise InputError(f"You would have more than {MOST_OF_ONE} areas; end some first.")
            connection.execute(sa.insert(table), rows)
            for row in rows:
                details = {"id": row["id"], "roles": shared, "source": source}
                self._audit.add(connection, ADDED, str(row["name"]), details=details)
        return self._rows(table.c.id.in_([row["id"] for row in rows]))

    def change(self, area: str, name: str, roles: Iterable[Role]) -> KeptArea:
        """Rename an area of the reader's and share it with other roles.

        Raises
        ------
        InputError
            As `add`, or there is no such area of the reader's.
        NotAllowedError
            The reader may not share.
        """
        line, shared = _name(name), roles_text(roles, current_reader())
        found = self._own(area)
        with self._state.exclusive(LOCK) as connection:
            if line != found.name:
                _require_free(line, self._names(connection))
            values = {"name": line, "roles": shared}
            connection.execute(sa.update(table).where(table.c.id == area).values(values))
            details = {"id": area, "before": found.name, "roles": shared}
            self._audit.add(connection, CHANGED, line, details=details)
        return self._own(area)

    def end(self, area: str, reason: str) -> KeptArea:
        """Offer an area of the reader's no longer.

        Raises
        ------
        InputError
            There is no such area of the reader's, it has ended, or no reason is given.
        """
        words, found = reason_of(reason), self._own(area)
        if found.ended:
            raise InputError(f"The area {found.name!r} has ended already.")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.update(table).where(table.c.id == area).values(ended=now))
            self._audit.add(connection, ENDED, found.name, reason=words, details={"id": area})
        return self._own(area)

    def _own(self, area: str) -> KeptArea:
        found = self._rows(sa.and_(table.c.id == area, table.c.person == self._person))
        if not found:
            raise InputError("There is no such custom area of yours.")
        return found[0]

    def _names(self, connection: sa.Connection) -> set[str]:
        """Names of the reader's areas that are offered."""
        own = sa.and_(table.c.person == self._person, table.c.ended == "")
        return set(connection.scalars(sa.select(table.c.name).where(own)))

    def _is_usable(self, area: KeptArea) -> bool:
        reader = reader_now()
        if reader is None or area.person == self._person:
            return True
        return bool(area.roles & reader.roles) and not reader.sees_a_part

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[KeptArea]:
        rows = sa.select(*_LISTED).where(condition).order_by(table.c.name, table.c.id)
        with self._state.engine.connect() as connection:
            return [_kept(row) for row in connection.execute(rows).mappings()]


def _name(text: str) -> str:
    line = visible_line(text)
    if not line or len(line) > LONGEST_NAME:
        raise InputError(f"A custom area needs a name of at most {LONGEST_NAME} characters.")
    return line


def _require_free(name: str, taken: Collection[str]) -> None:
    if name in taken:
        raise InputError(f"The name {name!r} is given to two areas of yours.")


def _kept(row: sa.RowMapping) -> KeptArea:
    roles = roles_of(row["roles"])
    return KeptArea(
        row["id"], row["name"], row["source"], row["person"], roles, row["created"], row["ended"]
    )


def _packed(shape: NamedShape) -> bytes:
    parts = [[ring.tolist() for ring in polygon] for polygon in shape.polygons]
    return zlib.compress(json.dumps(parts, separators=(",", ":")).encode())


def _unpacked(packed: bytes) -> tuple[tuple[Ring, ...], ...]:
    parts = json.loads(zlib.decompress(packed))
    return tuple(tuple(np.array(ring, dtype=np.float64) for ring in polygon) for polygon in parts)
