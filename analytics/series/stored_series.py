"""Series in the state database: what is proposed, and what people decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from analytics.acting import person
from analytics.audit import LOCK, Audit, canonical
from analytics.errors import InputError
from analytics.one_line import LONGEST_REASON, visible_line
from analytics.series.found_series import FoundSeries
from analytics.series.run_results import Proposals, store_proposals
from analytics.series.series_rows import (
    HIGHEST,
    Act,
    CrimeSeries,
    SeriesEvent,
    SeriesState,
    add_event,
    insert_series,
    now_text,
    read_series,
    series_of,
    update_series,
)
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import series as table
from analytics.state_tables import series_events, series_runs

LONGEST_NAME = 80
MOST_MEMBERS = 500
FEWEST_KEPT = 2
"""Incidents that a series keeps when some are removed or split off."""
CHANGED, SEARCHED = "series.changed", "series.proposed"


@dataclass(frozen=True)
class SeriesRun:
    """The newest run of a kind, with its result as it was stored."""

    kind: str
    at: str
    snapshot: str
    result: Mapping[str, Any] = field(repr=False)


class StoredSeries:
    """Reads series, stores runs, and keeps what people decide; each change is in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def listed(self, states: Iterable[SeriesState] = ()) -> list[CrimeSeries]:
        """Series of some states, or of all: confirmed ones first, then the strongest."""
        chosen = [str(one) for one in states] or [str(one) for one in SeriesState]
        rows = sa.select(table).where(table.c.state.in_(chosen))
        order = sa.case(
            (table.c.state == "confirmed", 0), (table.c.state == "proposed", 1), else_=2
        )
        rows = rows.order_by(order, sa.func.coalesce(table.c.strength, 0).desc(), table.c.id.desc())
        with self._state.engine.connect() as connection:
            return [series_of(row) for row in connection.execute(rows).mappings()]

    def get(self, series: int) -> CrimeSeries:
        """A series by its number.

        Raises
        ------
        InputError
            There is none.
        """
        with self._state.engine.connect() as connection:
            return read_series(connection, series)

    def events(self, series: int) -> list[SeriesEvent]:
        """What happened to a series, oldest first."""
        columns = [series_events.c[name] for name in SeriesEvent.__dataclass_fields__]
        rows = sa.select(*columns).where(series_events.c.series == min(series, HIGHEST))
        with self._state.engine.connect() as connection:
            found = connection.execute(rows.order_by(series_events.c.id)).mappings().all()
        return [
            SeriesEvent(
                **{
                    **row,
                    "act": Act(row["act"]),
                    "incidents": tuple(map(str, json.loads(row["incidents"]))),
                }
            )
            for row in found
        ]

    def runs(self) -> dict[str, SeriesRun]:
        """The newest run of each kind."""
        newest = sa.select(sa.func.max(series_runs.c.id)).group_by(series_runs.c.kind)
        rows = sa.select(series_runs).where(series_runs.c.id.in_(newest))
        with self._state.engine.connect() as connection:
            found = connection.execute(rows.order_by(series_runs.c.id)).mappings().all()
        return {
            row["kind"]: SeriesRun(
                row["kind"], row["at"], row["snapshot"], json.loads(row["result"])
            )
            for row in found
        }

    def make(self, kind: str, members: Collection[str], note: str = "") -> CrimeSeries:
        """A confirmed series of incidents that a person links, such as those of a chain."""
        ids, said = _ids(members), _note(note)
        with self._state.exclusive(LOCK) as connection:
            made = insert_series(connection, kind, ids, SeriesState.CONFIRMED)
            self._log(connection, SeriesEvent(made, now_text(), self._person, Act.MADE, said, ids))
            return read_series(connection, made)

    def confirm(self, series: int, name: str = "", *, seen: int | None = None) -> CrimeSeries:
        """Say that the incidents belong together, and name them if a name is given."""
        given = _name(name) if name.strip() else ""
        with self._changing(series, seen) as change:
            if change.before.state is SeriesState.CONFIRMED and not given:
                raise InputError(f"Series {series} is confirmed already.")
            name = given or change.before.name
            return change.made(Act.CONFIRMED, given, state=SeriesState.CONFIRMED, name=name)

    def rename(self, series: int, name: str, *, seen: int | None = None) -> CrimeSeries:
        """Give a name."""
        given = _name(name)
        with self._changing(series, seen) as change:
            return change.made(Act.NAMED, given, name=given)

    def reject(self, series: int, reason: str = "", *, seen: int | None = None) -> CrimeSeries:
        """Say that the incidents do not belong together."""
        said = _note(reason)
        with self._changing(series, seen) as change:
            if change.before.state is SeriesState.REJECTED:
                raise InputError(f"Series {series} is rejected already.")
            return change.made(Act.REJECTED, said, state=SeriesState.REJECTED, additions=())

    def add(
        self, series: int, incidents: Collection[str], note: str = "", *, seen: int | None = None
    ) -> CrimeSeries:
        """Add incidents; the series is then confirmed, as with each change of its incidents."""
        ids, said = _ids(incidents, fewest=1), _note(note)
        with self._changing(series, seen) as change:
            new = sorted(set(ids) - change.before.members)
            if not new:
                raise InputError("These incidents are in the series already.")
            every = _ids([*change.before.members, *new])
            return change.made(Act.ADDED, said, new, members=every)

    def remove(
        self, series: int, incidents: Collection[str], note: str = "", *, seen: int | None = None
    ) -> CrimeSeries:
        """Take incidents out; no run proposes them for it again."""
        said = _note(note)
        with self._changing(series, seen) as change:
            gone, rest = change.parted(incidents)
            return change.made(Act.REMOVED, said, gone, members=rest)

    def split(
        self, series: int, incidents: Collection[str], note: str = "", *, seen: int | None = None
    ) -> CrimeSeries:
        """Make some of the incidents a series of their own, which is returned."""
        said = _note(note)
        with self._changing(series, seen) as change:
            gone, rest = change.parted(incidents)
            ids = _ids(gone)
            made = insert_series(change.connection, change.before.kind, ids, SeriesState.CONFIRMED)
            change.made(Act.SPLIT, said, gone, made, members=rest)
            event = SeriesEvent(made, now_text(), self._person, Act.SPLIT, said, ids, series)
            self._log(change.connection, event)
            return read_series(change.connection, made)

    def merge(
        self, series: int, other: int, note: str = "", *, seen: int | None = None
    ) -> CrimeSeries:
        """Add the incidents of another series, which ends."""
        said = _note(note)
        with self._changing(series, seen) as change, self._changing(other, None, change) as ended:
            if series == other:
                raise InputError("Choose another series to merge.")
            if change.before.kind != ended.before.kind:
                raise InputError("Only series of one kind are merged.")
            new = sorted(ended.before.members - change.before.members)
            every = _ids([*change.before.members, *new])
            merged = {"state": SeriesState.MERGED, "merged_into": series, "additions": ()}
            ended.made(Act.MERGED, said, (), series, **merged)
            known = change.before.known | ended.before.known
            return change.made(Act.MERGED, said, new, other, members=every, known=known)

    @contextmanager
    def _changing(
        self, series: int, seen: int | None, within: _Change | None = None
    ) -> Iterator[_Change]:
        """A change of a series, in a transaction or within another one's.

        Raises
        ------
        InputError
            The series was not found, was merged, or was changed since version `seen`.
        """
        with (
            nullcontext(within.connection) if within else self._state.exclusive(LOCK) as connection
        ):
            before = read_series(connection, series)
            if before.state is SeriesState.MERGED:
                raise InputError(f"Series {series} is part of series {before.merged_into} now.")
            if seen is not None and seen != before.version:
                raise InputError(f"Somebody changed series {series} meanwhile; look at it again.")
            yield _Change(connection, before, self._person, self._log)

    def store(
        self, kind: str, found: Sequence[FoundSeries], result: Mapping[str, Any], snapshot: str
    ) -> Proposals:
        """Store what a run found of a kind, in one transaction."""
        with self._state.exclusive(LOCK) as connection:
            values = {"kind": kind, "at": now_text(), "snapshot": snapshot}
            connection.execute(sa.insert(series_runs).values(**values, result=canonical(result)))
            counts = store_proposals(connection, kind, found)
            self._audit.add(connection, SEARCHED, kind, details=vars(counts))
        return counts

    def _log(self, connection: sa.Connection, event: SeriesEvent) -> None:
        add_event(connection, event)
        details = {"act": event.act, "incidents": len(event.incidents), "other": event.other}
        self._audit.add(connection, CHANGED, str(event.series), reason=event.note, details=details)


@dataclass(frozen=True)
class _Change:
    """A change in progress."""

    connection: sa.Connection
    before: CrimeSeries
    person: str
    log: Callable[[sa.Connection, SeriesEvent], None]

    def parted(self, incidents: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those of the members that are named, and the rest.

        Raises
        ------
        InputError
            None is named, one is not in the series, or too few are left.
        """
        gone = _ids(incidents, fewest=1)
        if not set(gone) <= self.before.members:
            raise InputError("Some of these incidents are not in the series.")
        return gone, _ids(self.before.members - set(gone))

    def made(
        self,
        act: Act,
        note: str = "",
        incidents: Sequence[str] = (),
        other: int | None = None,
        **values: Any,
    ) -> CrimeSeries:
        """Write the change and its event. Whoever changes the incidents confirms the series."""
        if "members" in values:
            members = frozenset(values["members"])
            additions = self.before.additions - members - set(incidents)
            values = {
                "state": SeriesState.CONFIRMED,
                **values,
                "additions": additions,
                "known": self.before.known | members | frozenset(values.get("known", ())),
            }
        update_series(self.connection, self.before, **values)
        event = SeriesEvent(
            self.before.id, now_text(), self.person, act, note, tuple(incidents), other
        )
        self.log(self.connection, event)
        return read_series(self.connection, self.before.id)


def _ids(incidents: Collection[str], fewest: int = FEWEST_KEPT) -> tuple[str, ...]:
    ids = tuple(sorted({one.strip() for one in incidents if one.strip()}))
    if len(ids) < fewest:
        raise InputError(
            "Choose at least one incident."
            if fewest == 1
            else f"A series has at least {fewest} incidents."
        )
    if len(ids) > MOST_MEMBERS:
        raise InputError(f"A series has at most {MOST_MEMBERS} incidents.")
    return ids


def _name(text: str) -> str:
    name = visible_line(text)
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"A series has a name of at most {LONGEST_NAME} characters.")
    return name


def _note(text: str) -> str:
    said = visible_line(text)
    if len(said) > LONGEST_REASON:
        raise InputError(f"A note has at most {LONGEST_REASON} characters.")
    return said
