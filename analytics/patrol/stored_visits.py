"""Visits of officers to places, in the state database: from their phones, or from a file.

A visit is stored once, by an id that is made before it is sent: sent again, it is known. Visits are
never changed or deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from analytics.audit import LOCK, Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import refused_visits, visits

LONGEST_NOTE = 500
LONGEST_NAME = 80
LONGEST_VISIT = timedelta(hours=12)
LONGEST_ID = 64
BATCH = 10_000
"""Visits that are stored in one transaction: a fraction of a second."""
Columns = dict[str, Any]
"""A row to store, by column."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""Another clock may be so much ahead of the server's."""


class NotAVisitError(InputError):
    """A value that no visit can have; `field` is that of `OfficerVisit`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class FutureVisitError(NotAVisitError):
    """A visit that is not valid yet: the clock that recorded it is fast."""


class VisitSource(StrEnum):
    """Where a visit was recorded."""

    PHONE = "phone"
    IMPORT = "import"


@dataclass(frozen=True)
class OfficerVisit:
    """One visit.

    Attributes
    ----------
    plan, version : of the plan on the phone; None for imported visits
    unit : number of the plan's unit, or a call sign of the file
    lat, lon : WGS 84 degrees; on a phone those of the planned place, as its position is not read
    person : who says to have been there; nobody verifies it

    Raises
    ------
    NotAVisitError
        Something of it is not valid; the message says what.
    """

    id: str
    plan: int | None
    version: int | None
    unit: str
    place: str
    lat: float
    lon: float
    started: datetime
    ended: datetime
    note: str
    person: str
    source: VisitSource

    def __post_init__(self) -> None:
        for field, reason in self._problems():
            raise NotAVisitError(field, reason)

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.ended - self.started).total_seconds() / 60

    def _problems(self) -> Iterator[tuple[str, str]]:
        if not self.id or len(self.id) > LONGEST_ID:
            yield "id", f"An id has 1 to {LONGEST_ID} characters."
        if not self.unit:
            yield "unit", "A visit has a unit."
        for name in ("unit", "place", "person"):
            if len(getattr(self, name)) > LONGEST_NAME:
                yield name, f"{name} has at most {LONGEST_NAME} characters."
        if len(self.note) > LONGEST_NOTE:
            yield "note", f"A note has at most {LONGEST_NOTE} characters."
        for name, most in (("lat", 90), ("lon", 180)):
            if not -most <= getattr(self, name) <= most:
                yield name, f"{self.lat:g}, {self.lon:g} is not in degrees."
        if self.started.tzinfo is None or self.ended.tzinfo is None:
            yield "started", "A time has no offset from UTC."
        elif not timedelta() <= self.ended - self.started <= LONGEST_VISIT:
            hours = LONGEST_VISIT // timedelta(hours=1)
            yield "ended", f"A visit ends after its start, and takes at most {hours} hours."

    def refuse_future(self, now: datetime) -> None:
        """Raise FutureVisitError if it ends over `CLOCKS_DIFFER` after `now`."""
        if self.ended > now + CLOCKS_DIFFER:
            raise FutureVisitError("ended", "The visit is in the future; check the clock.")


@dataclass(frozen=True)
class RefusedVisit:
    """A row of a file that was refused as a visit, and why."""

    file: str
    line: int
    column: str
    reason: str
    row: dict[str, str]


class StoredVisits:
    """Reads and adds visits; each addition also makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)

    def add(
        self, found: Sequence[OfficerVisit], refused: Sequence[RefusedVisit] = (), origin: str = ""
    ) -> int:
        """Store visits and refused rows, each once; returns how many visits were not known before.

        Each `BATCH` is a transaction with its own entry in the audit log, so that a large file
        keeps no other writer waiting. The log has the service's own user: nobody verifies who a
        phone says it is, which is among the details.

        Parameters
        ----------
        origin : a name for the audit log, such as that of the file

        Raises
        ------
        InputError
            A phone's visit has the id of another one; nothing of its batch is stored.
        """
        starts = range(0, max(len(found), len(refused)), BATCH)
        parts = ((found[at : at + BATCH], refused[at : at + BATCH]) for at in starts)
        return sum(self._add_batch(*part, origin) for part in parts)

    def _add_batch(
        self, found: Sequence[OfficerVisit], refused: Sequence[RefusedVisit], origin: str
    ) -> int:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        sent, faulty = [_columns(one) for one in found], [_refused_columns(one) for one in refused]
        said = sorted({one.person for one in found if one.source is VisitSource.PHONE})
        with self._state.exclusive(LOCK) as connection:
            new, rows = _unknown_visits(connection, sent), _unknown_refused(connection, faulty)
            for table, added in ((visits, new), (refused_visits, rows)):
                if added:
                    values = [{**one, "recorded": now} for one in added]
                    connection.execute(sa.insert(table), values)
            if new or rows:
                details: dict[str, int | list[str]] = {
                    "new": len(new),
                    "known": len(found) - len(new),
                    "refused": len(rows),
                    **({"said_to_be": said} if said else {}),
                }
                self._audit.add(connection, "visits.recorded", origin, details=details)
        return len(new)

    def of_plan(self, plan: int) -> list[OfficerVisit]:
        """Visits that phones recorded for any version of a plan, oldest first."""
        return self._read(visits.c.plan == plan)

    def imported(self, start: datetime, end: datetime) -> list[OfficerVisit]:
        """Imported visits that started in [start, end), oldest first."""
        first, last = (_text(one) for one in (start, end))
        return self._read(
            sa.and_(
                visits.c.source == VisitSource.IMPORT.value,
                visits.c.started >= first,
                visits.c.started < last,
            )
        )

    def refused(self, number: int = 100) -> list[RefusedVisit]:
        """The newest refused rows, newest first."""
        statement = sa.select(refused_visits).order_by(refused_visits.c.id.desc()).limit(number)
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        names = ("file", "line", "column", "reason")
        return [
            RefusedVisit(**{name: row[name] for name in names}, row=json.loads(row["row"]))
            for row in rows
        ]

    def _read(self, where: sa.ColumnElement[bool]) -> list[OfficerVisit]:
        statement = sa.select(visits).where(where).order_by(visits.c.started, visits.c.id)
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        return [
            OfficerVisit(
                **{name: row[name] for name in ("id", "plan", "version", "unit", "place")},
                **{name: row[name] for name in ("lat", "lon", "note", "person")},
                started=datetime.fromisoformat(row["started"]),
                ended=datetime.fromisoformat(row["ended"]),
                source=VisitSource(row["source"]),
            )
            for row in rows
        ]


def _columns(one: OfficerVisit) -> Columns:
    return {
        **{name: getattr(one, name) for name in ("id", "plan", "version", "unit", "place")},
        **{name: getattr(one, name) for name in ("lat", "lon", "note", "person")},
        "started": _text(one.started),
        "ended": _text(one.ended),
        "source": one.source.value,
    }


def _refused_columns(one: RefusedVisit) -> Columns:
    return {**asdict(one), "row": json.dumps(one.row, ensure_ascii=False)}


def _unknown_visits(connection: sa.Connection, sent: Sequence[Columns]) -> list[Columns]:
    """Those whose id is not stored yet, each once."""
    stored = sa.select(visits).where(visits.c.id.in_({one["id"] for one in sent}))
    known: dict[str, Columns] = {
        row["id"]: {name: row[name] for name in row if name != "recorded"}
        for row in connection.execute(stored).mappings()
    }
    unknown = []
    for one in sent:
        before = known.setdefault(one["id"], one)
        if before is one:
            unknown.append(one)
        elif one["source"] == VisitSource.PHONE and before != one:
            raise InputError("Another visit has this id.")
    return unknown


def _unknown_refused(connection: sa.Connection, rows: Sequence[Columns]) -> list[Columns]:
    """Those that no earlier import of their file has stored."""
    if not rows:
        return []
    table, names = refused_visits.c, ("file", "line", "column", "reason", "row")
    lines = [one["line"] for one in rows]
    stored = sa.select(*(table[name] for name in names)).where(
        table.file.in_({one["file"] for one in rows}), table.line.between(min(lines), max(lines))
    )
    known = set(map(tuple, connection.execute(stored)))
    return [one for one in rows if tuple(one[name] for name in names) not in known]


def _text(at: datetime) -> str:
    """ISO 8601 in UTC to the second, so that texts are in the order of times."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
