"""Views of pages that people keep under a name: a page, its filters and its options.

A view is private, or shared with everyone who has one of some roles. Its dates may be relative, so
that it opens on the newest days. What a person opened lately is in the audit log and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import sqlalchemy as sa

from analytics.access.reader import current_reader
from analytics.access.roles import Role
from analytics.access.sharing import roles_of, roles_text
from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.audit.search import AuditSearch
from analytics.crossfilter.dimensions import STORED
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.one_line import HIDDEN, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import saved_views as table

LONGEST_NAME = 80
LONGEST_ADDRESS = 4_000
MOST_OF_ONE = 200
LOOKED_AT, MOST_RECENT = 400, 10
"""Newest views in the audit log that are looked at, and those that are told."""
VIEWED = "page.viewed"
OVERVIEW = "overview"
SAVED, CHANGED, REMOVED = "view.saved", "view.changed", "view.removed"
_PATH = re.compile(r"/[a-z-]{0,40}")


@dataclass(frozen=True)
class ViewAddress:
    """Where a view leads.

    Attributes
    ----------
    path : of the page
    selection : None where the address names a stored selection, which is kept as it is
    query : as the address has it
    options : after `#`
    """

    path: str
    selection: Selection | None
    query: str
    options: str

    @classmethod
    def parse(cls, text: str) -> ViewAddress:
        """Read an address of a page of this installation, such as `/explore?type=THEFT#areas=beat`.

        Raises
        ------
        InputError
            It is none, or its filters are not valid.
        """
        text = text.strip()
        parts = urlsplit(text)
        is_own = not parts.scheme and not parts.netloc and _PATH.fullmatch(parts.path)
        if not is_own or len(text) > LONGEST_ADDRESS or re.search(f"[{HIDDEN}\\s]", text):
            raise InputError("Give the address of a page, from its / on, as the page shows it.")
        if parts.query.startswith(f"{STORED}="):
            return cls(parts.path, None, parts.query, parts.fragment)
        selection = Selection.parse(parts.query)
        return cls(parts.path, selection, selection.text, parts.fragment)

    @property
    def text(self) -> str:
        """The address."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.path}{query}{f'#{self.options}' if self.options else ''}"

    def dated(self, dates: str) -> ViewAddress:
        """The same with other dates, such as `last28d`; `all` for no filter on the date.

        Raises
        ------
        InputError
            The dates are not valid, or the selection is a stored one.
        """
        if self.selection is None:
            raise InputError("The dates of a stored selection stay as they are.")
        clause = None if dates == "all" else Selection.parse(f"date={dates}").get("date")
        selection = self.selection.replace("date", clause)
        return ViewAddress(self.path, selection, selection.text, self.options)


@dataclass(frozen=True)
class SavedView:
    """One view; `roles` are those it is shared with, `created` is ISO 8601 in UTC."""

    id: int
    name: str
    address: ViewAddress
    person: str
    roles: frozenset[Role]
    created: str


class SavedViews:
    """The views of a state database, as the current reader may see and change them."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def own(self) -> list[SavedView]:
        """Those of the reader, by name."""
        return self._rows(table.c.person == self._person)

    def shared(self) -> list[SavedView]:
        """Those that others share with a role of the reader, by name."""
        reader = current_reader()
        others = self._rows(sa.and_(table.c.person != self._person, table.c.roles != ""))
        return [one for one in others if one.roles & reader.roles]

    def save(self, name: str, address: ViewAddress, roles: Iterable[Role] = ()) -> SavedView:
        """Keep a view of the reader's under a name.

        Raises
        ------
        InputError
            The name is taken, missing or too long, or the reader has too many views.
        NotAllowedError
            The reader may not share.
        """
        line = _name(name)
        values = {
            "name": line,
            "address": address.text,
            "person": self._person,
            "roles": roles_text(roles, current_reader()),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self._state.exclusive(LOCK) as connection:
            self._require_free(connection, line)
            own = sa.select(sa.func.count()).where(table.c.person == self._person)
            if (connection.execute(own).scalar() or 0) >= MOST_OF_ONE:
                raise InputError(f"You have {MOST_OF_ONE} views, the most that may; remove some.")
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            self._audit.add(connection, SAVED, line, details={"roles": values["roles"]})
        return self.get(int(key[0]))  # type: ignore[index]

    def change(self, view: int, name: str, roles: Iterable[Role]) -> SavedView:
        """Rename a view of the reader's and share it with other roles.

        Raises
        ------
        InputError
            As `save`, or there is no such view of the reader's.
        NotAllowedError
            The reader may not share.
        """
        line = _name(name)
        found = self._own(view)
        values = {"name": line, "roles": roles_text(roles, current_reader())}
        with self._state.exclusive(LOCK) as connection:
            if line != found.name:
                self._require_free(connection, line)
            connection.execute(sa.update(table).where(table.c.id == view).values(values))
            details = {"before": found.name, "roles": values["roles"]}
            self._audit.add(connection, CHANGED, line, details=details)
        return self.get(view)

    def remove(self, view: int) -> SavedView:
        """Remove a view of the reader's.

        Raises
        ------
        InputError
            There is no such view of the reader's.
        """
        found = self._own(view)
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.delete(table).where(table.c.id == view))
            self._audit.add(connection, REMOVED, found.name)
        return found

    def get(self, view: int) -> SavedView:
        """A view that the reader owns or is shared with.

        Raises
        ------
        InputError
            There is none.
        """
        for one in (*self.own(), *self.shared()):
            if one.id == view:
                return one
        raise InputError("There is no such view, or it is not shared with you.")

    def _own(self, view: int) -> SavedView:
        found = self.get(view)
        if found.person != self._person:
            raise InputError(f"The view {found.name!r} is {found.person}'s.")
        return found

    def _require_free(self, connection: sa.Connection, name: str) -> None:
        same = sa.select(table.c.id).where(table.c.person == self._person, table.c.name == name)
        if connection.execute(same).first() is not None:
            raise InputError(f"You have a view with the name {name!r} already.")

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[SavedView]:
        rows = sa.select(table).where(condition).order_by(table.c.name, table.c.id)
        with self._state.engine.connect() as connection:
            return [_view(row) for row in connection.execute(rows).mappings()]


def recent_views(state: State, settings: Settings) -> list[ViewAddress]:
    """The pages with filters that the reader opened last, the newest first, each once."""
    search = AuditSearch(person=person(settings), event=VIEWED)
    found: dict[str, ViewAddress] = {}
    for entry in Audit(state, settings).found(search, LOOKED_AT):
        text = entry.details.get("selection")
        if not text or entry.outcome not in ("", "done"):
            continue
        path = "/" if entry.subject == OVERVIEW else f"/{entry.subject.replace('_', '-')}"
        try:
            address = ViewAddress.parse(f"{path}?{text}")
        except InputError:  # of an earlier version
            continue
        found.setdefault(address.text, address)
        if len(found) == MOST_RECENT:
            break
    return list(found.values())


def _name(text: str) -> str:
    line = visible_line(text)
    if not line or len(line) > LONGEST_NAME:
        raise InputError(f"A view needs a name of at most {LONGEST_NAME} characters.")
    return line


def _view(row: sa.RowMapping) -> SavedView:
    roles = roles_of(row["roles"])
    address = ViewAddress.parse(row["address"])
    return SavedView(row["id"], row["name"], address, row["person"], roles, row["created"])
