"""Notes that people write about an incident, a place, a zone or a plan.

A note is never changed; who wrote it may withdraw it with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique

import sqlalchemy as sa

from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.one_line import reason_of, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import notes as table

LONGEST_TEXT = 1_000
LONGEST_KEY = 200
MOST_SHOWN = 200
WRITTEN, WITHDRAWN = "note.written", "note.withdrawn"


@unique
class NoteAbout(StrEnum):
    """What a note is about."""

    INCIDENT = "incident"
    PLACE = "place"
    ZONE = "zone"
    PLAN = "plan"


_FILTERS = {NoteAbout.PLACE: "near", NoteAbout.ZONE: "zone"}
"""The filter whose value a key is."""


@dataclass(frozen=True)
class NoteSubject:
    """What a note is about.

    Attributes
    ----------
    key : id of the incident, `lat,lon,meters` of the place, value of the filter on zones such as
        `kmeans@7:12`, or number of the plan
    """

    kind: NoteAbout
    key: str

    @classmethod
    def parse(cls, kind: str, key: str) -> NoteSubject:
        """Read a kind and a key.

        Raises
        ------
        InputError
            They do not name anything.
        """
        line = visible_line(key)
        if kind not in set(NoteAbout) or not line or len(line) > LONGEST_KEY:
            raise InputError("Say which incident, place, zone or plan the note is about.")
        known = NoteAbout(kind)
        if known in _FILTERS:
            line = _value_of(_FILTERS[known], line)
        elif known is NoteAbout.PLAN and not re.fullmatch("[1-9][0-9]{0,8}", line, re.ASCII):
            raise InputError("A plan has a number.")
        return cls(known, line)


@dataclass(frozen=True)
class WrittenNote:
    """A note; `at` is ISO 8601 in UTC."""

    id: int
    subject: NoteSubject
    text: str
    person: str
    at: str


class Notes:
    """Reads and adds notes; each change makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def newest(self, *, own: bool = False) -> list[WrittenNote]:
        """The newest notes; with `own`, those of the reader alone."""
        return self._rows(table.c.person == self._person if own else sa.true(), MOST_SHOWN)

    def about(
        self, kind: NoteAbout, keys: Collection[str], *, own: bool = False
    ) -> list[WrittenNote]:
        """Notes about some things of a kind, of each the newest `MOST_SHOWN`, newest first."""
        rank = sa.func.row_number().over(partition_by=table.c.key, order_by=table.c.id.desc())
        same = sa.select(table.c.id, rank.label("rank")).where(
            table.c.kind == kind.value, table.c.key.in_(keys), table.c.withdrawn == ""
        )
        if own:
            same = same.where(table.c.person == self._person)
        ranked = same.subquery()
        newest = sa.select(ranked.c.id).where(ranked.c.rank <= MOST_SHOWN)
        return self._rows(table.c.id.in_(newest))

    def write(self, subject: NoteSubject, text: str) -> WrittenNote:
        """Add a note.

        Raises
        ------
        InputError
            The text is missing or too long, or has characters that are not shown.
        """
        words = visible_line(text)
        if not words or len(words) > LONGEST_TEXT:
            raise InputError(f"A note has 1 to {LONGEST_TEXT:,} characters.")
        values = {
            "kind": subject.kind.value,
            "key": subject.key,
            "text": words,
            "person": self._person,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "withdrawn": "",
        }
        with self._state.exclusive(LOCK) as connection:
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            details = {"characters": len(words)}
            self._audit.add(connection, WRITTEN, _named(subject), details=details)
        number = int(key[0])  # type: ignore[index]
        return WrittenNote(number, subject, words, self._person, values["at"])

    def withdraw(self, note: int, reason: str) -> WrittenNote:
        """Take a note of the reader's out of all lists.

        Raises
        ------
        InputError
            There is no such note of the reader's, or no reason.
        """
        words = reason_of(reason)
        found = self._rows(sa.and_(table.c.id == note, table.c.person == self._person))
        if not found:
            raise InputError("No such note of yours was found.")
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.update(table).where(table.c.id == note).values(withdrawn=words))
            self._audit.add(connection, WITHDRAWN, _named(found[0].subject), reason=words)
        return found[0]

    def _rows(
        self, condition: sa.ColumnElement[bool], most: int | None = None
    ) -> list[WrittenNote]:
        rows = (
            sa.select(table)
            .where(condition, table.c.withdrawn == "")
            .order_by(table.c.id.desc())
            .limit(most)
        )
        with self._state.engine.connect() as connection:
            return [
                WrittenNote(
                    row["id"],
                    NoteSubject(NoteAbout(row["kind"]), row["key"]),
                    row["text"],
                    row["person"],
                    row["at"],
                )
                for row in connection.execute(rows).mappings()
            ]


def _value_of(name: str, text: str) -> str:
    chosen = Selection.parse(f"{name}={text}")
    if [one for one, _ in chosen.items] != [name]:
        raise InputError("A note is about one place or zone.")
    return chosen.text.removeprefix(f"{name}=")


def _named(subject: NoteSubject) -> str:
    return f"{subject.kind} {subject.key}"
