"""Alerts in the state database: what fired, its evidence, and what people did about it.

A check is stored in one transaction, so a check that is killed leaves nothing behind, and the same
check again changes nothing. What fires again while its alert continues only brings its evidence up
to date:

- an open alert continues while less than one whole period without it lies between;
- a closed one keeps quiet until a period that begins after its own, a chain until it has grown by
  as many incidents as make a chain.

Rows of a table that are to watch fire in batches, a period apart: each check brings some by chance,
and would bring others the day after.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa

from analytics.acting import person
from analytics.alerts.finding import (
    AlertFinding,
    ListFindings,
    Subject,
    begins_batch,
    goes_on,
    rank_of,
)
from analytics.alerts.watch_lists import HIGHEST, WatchList, list_of, visible_to_reader
from analytics.alerts.watch_rules import FEWEST_LINKED
from analytics.audit import LOCK, Audit, canonical
from analytics.errors import InputError
from analytics.one_line import LONGEST_REASON, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import alert_checks, alert_events, alerts, watch_lists
from analytics.statistics.tiers import Tier

CHECKED, CHANGED = "alerts.checked", "alert.changed"
Deliver = Callable[[sa.Connection, int, Mapping[str, Any]], None]
"""Has a digest delivered: given the number of the check, and the content of the digest."""
NEW_KEEPS = timedelta(days=30)
"""For so long after its last check, an alert that nobody took up keeps the data that it cites."""
NOBODY = ""
"""Person of the event that a check makes."""


@unique
class AlertState(StrEnum):
    """What is done about an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_WORK = "in_work"
    CLOSED = "closed"


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes
    ----------
    occurrence : 1 for the first time that it fired, 2 for the second …
    created, updated : ISO 8601 in UTC; updated is of the last check in which it fired
    snapshot : the data of that check
    rank : the most urgent lowest
    digest : day on which people were told, ISO 8601; None if more urgent ones filled the day
    """

    id: int
    watch_list: WatchList
    key: str
    occurrence: int
    state: AlertState
    created: str
    updated: str
    snapshot: str
    first: date
    last: date
    count: int
    expected: float | None
    low: int | None
    high: int | None
    p: float | None
    q: float | None
    tier: Tier | None
    rank: float
    subject: Subject
    selection: str
    evidence: Mapping[str, Any] = field(repr=False)
    digest: str | None = None

    @property
    def members(self) -> frozenset[str]:
        """Ids of the incidents of a chain."""
        return frozenset(one["id"] for one in self.evidence.get("incidents", ()))

    def as_json(self) -> dict[str, Any]:
        """As `patroliq alerts show` prints it."""
        plain = (
            "id", "key", "occurrence", "state", "created", "updated", "snapshot", "count",
            "expected", "low", "high", "p", "q", "tier", "rank", "selection", "evidence", "digest",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "watch_list": self.watch_list.id,
            "watch_list_name": self.watch_list.name,
            "rule": str(self.watch_list.rule.kind),
            "subject": self.subject.as_json(),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


@dataclass(frozen=True)
class AlertEvent:
    """One step of an alert: who did what when; nobody for the check that made it."""

    alert: int
    at: str
    person: str
    state: AlertState
    note: str


@dataclass(frozen=True)
class AlertCheck:
    """One check of all lists.

    Attributes
    ----------
    lists : by id of the list, what was tested, and how many alerts chance alone brings
    fired, updated : new alerts, and open ones whose evidence was brought up to date
    """

    id: int
    at: str
    snapshot: str
    last_day: str | None
    lists: Mapping[int, Mapping[str, Any]]
    fired: int
    updated: int


class StoredAlerts:
    """Reads alerts, stores checks, and keeps what people do."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)
        self._a_day = settings.alerts_a_day

    def listed(
        self, states: Iterable[AlertState] = (), watch_list: int | None = None, most: int = 200
    ) -> list[Alert]:
        """Alerts that the current reader sees: new ones first, then by time and rank."""
        conditions = [visible_to_reader()]
        if wanted := [str(one) for one in states]:
            conditions.append(alerts.c.state.in_(wanted))
        if watch_list is not None:
            conditions.append(alerts.c.watch_list == min(watch_list, HIGHEST))
        statement = (
            _JOINED.where(*conditions)
            .order_by(alerts.c.state != "new", alerts.c.created.desc(), alerts.c.rank, alerts.c.id)
            .limit(most)
        )
        with self._state.engine.connect() as connection:
            return [_alert(row) for row in connection.execute(statement).mappings()]

    def get(self, alert_id: int) -> Alert:
        """An alert by its id.

        Raises
        ------
        InputError
            There is none, or the current reader does not see it.
        """
        with self._state.engine.connect() as connection:
            return _visible(connection, alert_id)

    def events(self, alert_id: int) -> list[AlertEvent]:
        """What was done about an alert, oldest first."""
        columns = [alert_events.c[name] for name in AlertEvent.__dataclass_fields__]
        statement = (
            sa.select(*columns)
            .where(alert_events.c.alert == min(alert_id, HIGHEST))
            .order_by(alert_events.c.id)
        )
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        return [AlertEvent(**{**row, "state": AlertState(row["state"])}) for row in rows]

    def newest(self, most: int) -> list[Alert]:
        """Those that fired last, whatever their state."""
        statement = _JOINED.where(visible_to_reader())
        statement = statement.order_by(alerts.c.created.desc(), alerts.c.id.desc()).limit(most)
        with self._state.engine.connect() as connection:
            return [_alert(row) for row in connection.execute(statement).mappings()]

    def number_new(self) -> int:
        """How many new alerts the current reader sees."""
        statement = (
            sa.select(sa.func.count())
            .select_from(alerts.join(watch_lists))
            .where(alerts.c.state == AlertState.NEW, visible_to_reader())
        )
        with self._state.engine.connect() as connection:
            return int(connection.execute(statement).scalar() or 0)

    def last_check(self) -> AlertCheck | None:
        """The newest check; None before the first."""
        statement = sa.select(alert_checks).order_by(alert_checks.c.id.desc()).limit(1)
        with self._state.engine.connect() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        lists = {int(key): value for key, value in json.loads(row["lists"]).items()}
        return AlertCheck(**{**row, "lists": lists})

    def set_state(
        self, alert_id: int, state: AlertState, note: str = "", *, seen: AlertState | None = None
    ) -> Alert:
        """Say what is done about an alert.

        Parameters
        ----------
        seen
            The state that the person saw; refused if another person has changed it since.

        Raises
        ------
        InputError
            There is no such alert, the state cannot follow, or the note is too long.
        """
        said = visible_line(note)
        if len(said) > LONGEST_REASON:
            raise InputError(f"A note has at most {LONGEST_REASON} characters.")
        with self._state.exclusive(LOCK) as connection:
            before = _visible(connection, alert_id)
            if seen is not None and seen is not before.state:
                raise InputError(
                    f"Alert {alert_id} is {before.state} by now; somebody changed it meanwhile."
                )
            if state is before.state and not said:
                raise InputError(f"Alert {alert_id} is {state} already.")
            if state is AlertState.NEW and before.state is not state:
                raise InputError("An alert does not become new again; set it in work.")
            where = alerts.c.id == before.id
            connection.execute(sa.update(alerts).where(where).values(state=str(state)))
            _add_event(connection, AlertEvent(before.id, _now(), self._person, state, said))
            details = {"from": before.state, "to": state}
            self._audit.add(connection, CHANGED, str(before.id), reason=said, details=details)
        return replace(before, state=state)

    def store(
        self,
        found: Mapping[WatchList, ListFindings],
        *,
        snapshot: str,
        last_day: date | None,
        now: datetime,
        deliver: Deliver | None = None,
    ) -> AlertCheck:
        """Store a check: new alerts, newer evidence of those that continue, and the day's digest.

        Nothing is stored twice: the same findings of the same data change nothing but the times.
        People are told of alerts of shared lists only.

        Parameters
        ----------
        deliver
            Has the digest delivered, in the same transaction.
        """
        at = now.isoformat(timespec="seconds")
        check = {"at": at, "snapshot": snapshot, "last_day": last_day and last_day.isoformat()}
        with self._state.exclusive(LOCK) as connection:
            made: list[tuple[float, int]] = []
            fired = updated = 0
            batches = _batches(connection)
            for watch_list, one in found.items():
                admits = _admits(batches.get(watch_list.id), one, last_day)
                if admits:
                    batches[watch_list.id] = last_day
                stored = {"updated": at, "snapshot": snapshot}
                new, brought = _store_list(connection, watch_list, one, stored, admits=admits)
                fired, updated = fired + len(new), updated + brought
                made += new if watch_list.shared else []
            told = self._fill_digest(connection, made, now.date())
            kept = self._add_check(connection, check, found, batches, (fired, updated))
            if deliver is not None:
                by_chance = sum(one.by_chance for list_, one in found.items() if list_.shared)
                left = len(made) - len(told)
                content = {"alerts": told, "left": left, "by_chance": by_chance}
                deliver(connection, kept.id, content)
            return kept

    def _fill_digest(
        self, connection: sa.Connection, made: Sequence[tuple[float, int]], day: date
    ) -> list[int]:
        """Give the most urgent new alerts to the digest of a day, as many as it still takes."""
        today = alerts.c.digest == day.isoformat()
        taken = connection.execute(sa.select(sa.func.count()).where(today)).scalar() or 0
        chosen = [alert for _, alert in sorted(made)[: max(self._a_day - taken, 0)]]
        if chosen:
            where = alerts.c.id.in_(chosen)
            connection.execute(sa.update(alerts).where(where).values(digest=day.isoformat()))
        return chosen

    def _add_check(
        self,
        connection: sa.Connection,
        check: dict[str, Any],
        found: Mapping[WatchList, ListFindings],
        batches: Mapping[int, date | None],
        counts: tuple[int, int],
    ) -> AlertCheck:
        lists = {
            watch_list.id: {
                "tested": one.tested,
                "by_chance": one.by_chance,
                "found": len(one.findings),
                "trouble": one.trouble and str(one.trouble),
                "why": one.why,
                "batch": day.isoformat() if (day := batches.get(watch_list.id)) else None,
            }
            for watch_list, one in found.items()
        }
        values = {**check, "fired": counts[0], "updated": counts[1], "lists": canonical(lists)}
        key = connection.execute(sa.insert(alert_checks).values(values)).inserted_primary_key
        details = {"fired": counts[0], "updated": counts[1], "lists": len(lists)}
        self._audit.add(connection, CHECKED, str(check["snapshot"]), details=details)
        return AlertCheck(id=int(key[0]), **{**values, "lists": lists})  # type: ignore[index]


_JOINED = sa.select(
    *alerts.c, *(column.label(f"list_{column.name}") for column in watch_lists.c)
).select_from(alerts.join(watch_lists))


def cited_by_alerts(settings: Settings) -> set[str]:
    """Ids of the snapshots that the evidence of open alerts cites, which must be kept.

    Of alerts that nobody took up, those of the last `NEW_KEEPS` alone: a feed of every few minutes
    would otherwise fill the disk with what nobody looks at.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    since = (datetime.now(UTC) - NEW_KEEPS).isoformat(timespec="seconds")
    taken = alerts.c.state.in_([str(AlertState.ACKNOWLEDGED), str(AlertState.IN_WORK)])
    fresh = sa.and_(alerts.c.state == str(AlertState.NEW), alerts.c.updated >= since)
    cited = sa.select(alerts.c.snapshot).where(sa.or_(taken, fresh)).distinct()
    with closing(State(settings)) as state, state.engine.connect() as connection:
        return set(connection.execute(cited).scalars())


def _alert(row: sa.RowMapping) -> Alert:
    own = {column.name: row[column.name] for column in alerts.c}
    listed = {column.name: row[f"list_{column.name}"] for column in watch_lists.c}
    return Alert(
        **{
            **own,
            "watch_list": list_of(listed),
            "state": AlertState(own["state"]),
            "tier": Tier(own["tier"]) if own["tier"] else None,
            "subject": Subject(**json.loads(own["subject"])),
            "evidence": json.loads(own["evidence"]),
            "first": date.fromisoformat(own["first"]),
            "last": date.fromisoformat(own["last"]),
        }
    )


def not_found(alert_id: int) -> str:
    """What is said of an alert that is none, or not the reader's."""
    return f"Alert {alert_id} not found."


def _visible(connection: sa.Connection, alert_id: int) -> Alert:
    named = alerts.c.id == min(alert_id, HIGHEST)
    row = connection.execute(_JOINED.where(named, visible_to_reader())).mappings().first()
    if row is None:
        raise InputError(not_found(alert_id))
    return _alert(row)


def _of_list(connection: sa.Connection, watch_list: WatchList) -> list[Alert]:
    statement = _JOINED.where(alerts.c.watch_list == watch_list.id)
    return [_alert(row) for row in connection.execute(statement).mappings()]


def _store_list(
    connection: sa.Connection,
    watch_list: WatchList,
    found: ListFindings,
    stored: dict[str, Any],
    *,
    admits: bool,
) -> tuple[list[tuple[float, int]], int]:
    """Store what a list fires on: rank and id of the new alerts, and how many were brought up."""
    known = _of_list(connection, watch_list)
    times = Counter[str]()
    for one in known:
        times[one.key] = max(times[one.key], one.occurrence)
    taken: set[int] = set()
    new: list[tuple[float, int]] = []
    updated = 0
    for finding in found.findings:
        rank = rank_of(watch_list.rule.kind, finding)
        values = _values(finding, rank) | stored
        same = [one for one in known if one.id not in taken and _is_same(one, finding)]
        last = max(same, key=lambda one: one.occurrence, default=None)
        if last is not None:
            taken.add(last.id)  # what was one chain may be two by now
            if _continues(last, finding):
                updated += _update(connection, last, values)
                continue
        if finding.once and not admits:
            continue
        key = last.key if last else finding.key
        times[key] += 1
        values |= {
            "watch_list": watch_list.id, "key": key, "occurrence": times[key],
            "state": str(AlertState.NEW), "created": stored["updated"],
        }  # fmt: skip
        new.append((rank, _insert(connection, values)))
    return new, updated


def _batches(connection: sa.Connection) -> dict[int, date | None]:
    """Last day of the data of each list's newest batch."""
    newest = sa.select(alert_checks.c.lists).order_by(alert_checks.c.id.desc()).limit(1)
    lists = json.loads(connection.execute(newest).scalar() or "{}")
    days = {int(key): one.get("batch") for key, one in lists.items()}
    return {key: date.fromisoformat(day) for key, day in days.items() if day}


def _admits(batch: date | None, found: ListFindings, last_day: date | None) -> bool:
    """Whether a check may bring those to watch."""
    if not found.once or last_day is None:
        return False
    return begins_batch(None if batch is None else (last_day - batch).days, found.once)


def _is_same(alert: Alert, finding: AlertFinding) -> bool:
    if alert.key == finding.key or alert.members & finding.members:
        return True
    return not set(alert.evidence.get("cells", ())).isdisjoint(finding.evidence.get("cells", ()))


def _continues(alert: Alert, finding: AlertFinding) -> bool:
    """Whether a finding is what an alert already says; see the module."""
    if finding.members:
        news = finding.members - alert.members
        return alert.state is not AlertState.CLOSED or len(news) < FEWEST_LINKED
    if alert.state is AlertState.CLOSED:
        return finding.first <= alert.last
    return goes_on(alert.last, finding.first, finding.last)


def _values(finding: AlertFinding, rank: float) -> dict[str, Any]:
    plain = ("count", "expected", "low", "high", "p", "q", "selection")
    return {
        **{name: getattr(finding, name) for name in plain},
        "first": finding.first.isoformat(),
        "last": finding.last.isoformat(),
        "tier": str(finding.tier) if finding.tier else "",
        "rank": rank,
        "subject": canonical(finding.subject.as_json()),
        "evidence": canonical(finding.evidence),
    }


def _update(connection: sa.Connection, alert: Alert, values: Mapping[str, Any]) -> bool:
    """Bring the evidence of an open alert up to date; returns whether it changed."""
    if alert.state is AlertState.CLOSED:
        return False
    where = alerts.c.id == alert.id
    connection.execute(sa.update(alerts).where(where).values(values))
    return (alert.count, alert.first, alert.last) != (
        values["count"],
        date.fromisoformat(values["first"]),
        date.fromisoformat(values["last"]),
    )


def _insert(connection: sa.Connection, values: Mapping[str, Any]) -> int:
    key = connection.execute(sa.insert(alerts).values(values)).inserted_primary_key
    alert = int(key[0])  # type: ignore[index]
    _add_event(connection, AlertEvent(alert, values["created"], NOBODY, AlertState.NEW, ""))
    return alert


def _add_event(connection: sa.Connection, event: AlertEvent) -> None:
    values = {**vars(event), "state": str(event.state)}
    connection.execute(sa.insert(alert_events).values(values))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
