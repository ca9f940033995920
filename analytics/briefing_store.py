"""Briefings in the state database: each version whole, with the snapshot that it cites.

A version is never changed; saving adds one and an entry in the audit log. Snapshots that versions
cite are kept. What a schedule delivered is kept too, the newest ones and those that people changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from analytics.acting import person
from analytics.audit import LOCK, Audit, canonical
from analytics.briefing.document import BriefingDocument
from analytics.briefing_delivery import DONE
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import briefing_deliveries, briefing_documents, briefing_versions

MADE, CHANGED, SHARED, REMOVED = (
    "briefing.made", "briefing.changed", "briefing.shared", "briefing.removed",
)  # fmt: skip
MOST_BYTES = 2_000_000
MOST_SHOWN = 200
KEPT_OF_SCHEDULE = 12
"""Delivered briefings of a schedule that stay although nobody changed them."""
BEGUN_KEEPS = timedelta(days=30)
"""How long the data of a delivery is kept that was begun and never done."""


@dataclass(frozen=True)
class BriefingVersion:
    """A briefing as it was at one time.

    Attributes
    ----------
    owner : who made the briefing
    schedule : name of the schedule that delivered it, if one did
    change : what was done to the version before
    request : what it was requested for, as plain values
    snapshot : id of the whole snapshot that it cites
    """

    briefing: int
    version: int
    owner: str
    schedule: str
    shared: bool
    at: str
    person: str
    change: str
    snapshot: str
    request: Mapping[str, Any] = field(repr=False)
    document: BriefingDocument = field(repr=False)


@dataclass(frozen=True)
class BriefingChange:
    """A version without its content."""

    version: int
    at: str
    person: str
    change: str
    snapshot: str


class BriefingStore:
    """The briefings of a state database, as one person sees them.

    Parameters
    ----------
    scope
        What the person may see, in short; empty for all incidents. Who is limited sees the
        briefings that this person made under the same scope.
    """

    def __init__(self, state: State, settings: Settings, scope: str = "") -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)
        self._scope = scope

    def all(self) -> list[BriefingVersion]:
        """The newest version of each that the person sees, the newest first."""
        return self._newest(self._seen())

    def shared(self) -> list[BriefingVersion]:
        """Those that others share, of all incidents: to be drafted again for a limited reader."""
        return self._newest(self._of_everyone())

    def read(self, briefing: int, version: int | None = None) -> BriefingVersion:
        """A version, by default the newest.

        Raises
        ------
        InputError
            There is none that the person sees.
        """
        with self._state.engine.connect() as connection:
            return self._read(connection, briefing, version, self._seen())

    def read_shared(self, briefing: int) -> BriefingVersion:
        """The newest version of one that is shared, of all incidents; raises like `read`."""
        with self._state.engine.connect() as connection:
            return self._read(connection, briefing, None, self._of_everyone())

    def changes(self, briefing: int) -> list[BriefingChange]:
        """All versions of one, the newest first."""
        table = briefing_versions
        names = ("version", "at", "person", "change", "snapshot")
        rows = (
            sa.select(*(table.c[name] for name in names))
            .where(table.c.briefing == briefing)
            .order_by(table.c.version.desc())
            .limit(MOST_SHOWN)
        )
        with self._state.engine.connect() as connection:
            return [BriefingChange(**row) for row in connection.execute(rows).mappings()]

    def add(
        self, document: BriefingDocument, request: Mapping[str, Any], snapshot: str
    ) -> BriefingVersion:
        """Keep a new briefing, which nobody else sees until it is shared."""
        values = {"person": self._person, "scope": self._scope, "shared": False}
        with self._state.exclusive(LOCK) as connection:
            made = connection.execute(sa.insert(briefing_documents).values(values))
            briefing = int(made.inserted_primary_key[0])  # type: ignore[index]
            content = _Content("Made", document, request, snapshot)
            self._insert(connection, briefing, 1, content)
            self._audit.add(connection, MADE, _subject(briefing, 1), details={"snapshot": snapshot})
            return self._read(connection, briefing, None, self._seen())

    def save(
        self,
        before: BriefingVersion,
        document: BriefingDocument,
        change: str,
        *,
        request: Mapping[str, Any] | None = None,
        snapshot: str = "",
    ) -> BriefingVersion:
        """Keep a next version.

        Parameters
        ----------
        request, snapshot : where they are not those of the version before

        Raises
        ------
        InputError
            Somebody saved a version meanwhile, or the document is too large.
        """
        content = _Content(
            change, document, before.request if request is None else request,
            snapshot or before.snapshot,
        )  # fmt: skip
        with self._state.exclusive(LOCK) as connection:
            newest = self._read(connection, before.briefing, None, self._seen())
            if newest.version != before.version:
                raise InputError(
                    f"{newest.person} saved this briefing meanwhile ({newest.change.lower()}). "
                    "Look at that version and change it again."
                )
            version = before.version + 1
            self._insert(connection, before.briefing, version, content)
            details = {"change": change, "numbers_by_hand": len(document.by_hand)}
            subject = _subject(before.briefing, version)
            self._audit.add(connection, CHANGED, subject, details=details)
            return self._read(connection, before.briefing, None, self._seen())

    def share(self, briefing: int, shared: bool) -> None:
        """Let others read and change a briefing, or not.

        Raises
        ------
        InputError
            It is not the person's own, or the person is limited to some incidents.
        """
        if self._scope:
            raise InputError("What you may not see all of cannot be shared.")
        with self._state.exclusive(LOCK) as connection:
            self._require_own(connection, briefing)
            own = briefing_documents.c.id == briefing
            connection.execute(sa.update(briefing_documents).where(own).values(shared=shared))
            details = {"shared": shared}
            self._audit.add(connection, SHARED, _subject(briefing), details=details)

    def remove(self, briefing: int) -> None:
        """Remove a briefing with all versions, so that its snapshots need not be kept.

        Raises
        ------
        InputError
            It is not the person's own.
        """
        with self._state.exclusive(LOCK) as connection:
            self._require_own(connection, briefing)
            of_it = briefing_versions.c.briefing == briefing
            connection.execute(sa.delete(briefing_versions).where(of_it))
            connection.execute(
                sa.delete(briefing_documents).where(briefing_documents.c.id == briefing)
            )
            self._audit.add(connection, REMOVED, _subject(briefing))

    def keep_delivered(
        self,
        connection: sa.Connection,
        schedule: str,
        document: BriefingDocument,
        request: Mapping[str, Any],
        snapshot: str,
    ) -> None:
        """Keep what a schedule delivers, in the transaction that records it.

        Older ones of the schedule that nobody changed are removed. One that is too large is not
        kept, since its file goes out all the same.
        """
        if len(canonical(document.as_json())) > MOST_BYTES:
            return
        values = {"person": self._person, "scope": "", "shared": False, "schedule": schedule}
        made = connection.execute(sa.insert(briefing_documents).values(values))
        briefing = int(made.inserted_primary_key[0])  # type: ignore[index]
        self._insert(connection, briefing, 1, _Content("Delivered", document, request, snapshot))
        documents, versions = briefing_documents, briefing_versions
        changed = sa.select(versions.c.briefing).where(versions.c.version > 1)
        old = (
            sa.select(documents.c.id)
            .where(documents.c.schedule == schedule, documents.c.id.not_in(changed))
            .order_by(documents.c.id.desc())
            .offset(KEPT_OF_SCHEDULE)
        )
        gone = connection.execute(old).scalars().all()
        connection.execute(sa.delete(versions).where(versions.c.briefing.in_(gone)))
        connection.execute(sa.delete(documents).where(documents.c.id.in_(gone)))

    def _insert(
        self, connection: sa.Connection, briefing: int, version: int, content: _Content
    ) -> None:
        text = canonical(content.document.as_json())
        if len(text) > MOST_BYTES:
            raise InputError("The briefing is too large; remove cards.")
        values = {
            "briefing": briefing,
            "version": version,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "person": self._person,
            "change": content.change,
            "snapshot": content.snapshot,
            "request": canonical(dict(content.request)),
            "document": text,
        }
        connection.execute(sa.insert(briefing_versions).values(values))

    def _seen(self) -> sa.ColumnElement[bool]:
        table = briefing_documents
        own = sa.and_(table.c.person == self._person, table.c.scope == self._scope)
        return own if self._scope else sa.or_(own, self._of_everyone(), table.c.schedule != "")

    def _of_everyone(self) -> sa.ColumnElement[bool]:
        table = briefing_documents
        return sa.and_(table.c.shared, table.c.scope == "")

    def _newest(self, seen: sa.ColumnElement[bool]) -> list[BriefingVersion]:
        last = (
            sa.select(sa.func.max(briefing_versions.c.id))
            .group_by(briefing_versions.c.briefing)
            .scalar_subquery()
        )
        rows = (
            _rows().where(seen, briefing_versions.c.id.in_(last))
            .order_by(briefing_versions.c.id.desc())
            .limit(MOST_SHOWN)
        )  # fmt: skip
        with self._state.engine.connect() as connection:
            return [_version(row) for row in connection.execute(rows).mappings()]

    def _read(
        self,
        connection: sa.Connection,
        briefing: int,
        version: int | None,
        seen: sa.ColumnElement[bool],
    ) -> BriefingVersion:
        rows = _rows().where(seen, briefing_documents.c.id == briefing)
        if version is not None:
            rows = rows.where(briefing_versions.c.version == version)
        newest = rows.order_by(briefing_versions.c.version.desc()).limit(1)
        row = connection.execute(newest).mappings().first()
        if row is None:
            of = "" if version is None else f" version {version}"
            raise InputError(f"Briefing {briefing}{of} not found.")
        return _version(row)

    def _require_own(self, connection: sa.Connection, briefing: int) -> None:
        found = self._read(connection, briefing, None, self._seen())
        if found.owner != self._person:
            raise InputError(f"Briefing {briefing} is {found.owner}'s, who alone can do this.")


@dataclass(frozen=True)
class _Content:
    """What a version has."""

    change: str
    document: BriefingDocument
    request: Mapping[str, Any]
    snapshot: str


def cited_by_briefings(settings: Settings) -> set[str]:
    """Ids of the snapshots that versions of briefings and begun deliveries cite: must be kept.

    Of deliveries, those that were begun in the last `BEGUN_KEEPS`.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    since = (datetime.now(UTC) - BEGUN_KEEPS).isoformat(timespec="seconds")
    table = briefing_deliveries
    cited = sa.union(
        sa.select(briefing_versions.c.snapshot),
        sa.select(table.c.snapshot).where(table.c.state != DONE, table.c.at >= since),
    )
    with closing(State(settings)) as state, state.engine.connect() as connection:
        return set(connection.execute(cited).scalars())


def _rows() -> sa.Select[Any]:
    table, of = briefing_versions, briefing_documents
    names = ("briefing", "version", "at", "person", "change", "snapshot", "request", "document")
    columns = [table.c[name] for name in names]
    owner = of.c.person.label("owner")
    return sa.select(*columns, owner, of.c.schedule, of.c.shared).join_from(table, of)


def _version(row: sa.RowMapping) -> BriefingVersion:
    values = dict(row)
    values["request"] = json.loads(values["request"])
    values["document"] = BriefingDocument.from_json(json.loads(values["document"]))
    return BriefingVersion(**values)


def _subject(briefing: int, version: int | None = None) -> str:
    return f"briefing {briefing}" + (f" version {version}" if version else "")
