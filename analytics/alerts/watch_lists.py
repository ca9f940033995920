"""Watch lists in the state database, those of people and the bundled ones.

A list is checked until it has ended or expired, and not while it is muted. Private ones, with what
they fire, are shown to their owner only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa

from analytics.access.reader import reader_now
from analytics.acting import person
from analytics.alerts.watch_rules import Direction, RuleKind, WatchRule
from analytics.audit import LOCK, Audit, canonical
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.one_line import visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import watch_lists as table

LONGEST_NAME = 80
MOST_OF_ONE = 50
"""Lists of one person that have not ended."""
HIGHEST = 2**31 - 1
ADDED, ENDED, MUTED, EXPIRES = (
    "watch_list.added", "watch_list.ended", "watch_list.muted", "watch_list.expires",
)  # fmt: skip


@unique
class Standing(StrEnum):
    """Whether a list is checked."""

    ACTIVE = "active"
    MUTED = "muted"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True)
class WatchList:
    """One watch list.

    Attributes
    ----------
    owner : empty for a bundled one
    shared : whether everybody sees it, who may see pages
    bundled : name of a bundled one
    selection : text of the selection; empty for all incidents
    expires, muted_until : the last day on which it is checked, and before which it is not
    ended : ISO 8601 in UTC
    """

    id: int
    name: str
    owner: str
    shared: bool
    bundled: str
    rule: WatchRule
    selection: str
    created: str
    expires: date | None = None
    muted_until: date | None = None
    ended: str | None = None

    def standing(self, today: date) -> Standing:
        """Whether it is checked on a day."""
        if self.ended is not None:
            return Standing.ENDED
        if self.expires is not None and today > self.expires:
            return Standing.EXPIRED
        muted = self.muted_until is not None and today < self.muted_until
        return Standing.MUTED if muted else Standing.ACTIVE

    def as_json(self) -> dict[str, Any]:
        """As `patroliq alerts watch list` prints it."""
        return {
            "id": self.id,
            "name": self.name,
            "owner": self.owner,
            "shared": self.shared,
            "bundled": self.bundled,
            "rule": str(self.rule.kind),
            "parameters": self.rule.parameters,
            "selection": self.selection,
            "created": self.created,
            "expires": self.expires and self.expires.isoformat(),
            "muted_until": self.muted_until and self.muted_until.isoformat(),
            "ended": self.ended,
        }


BUNDLED: Mapping[str, tuple[str, WatchRule]] = {
    "anomalies": (
        "Anomalies of last week",
        WatchRule(RuleKind.CHANGE, table=True, direction=Direction.BOTH),
    ),
    "burglary_chains": (
        "Near-repeat chains of burglary",
        WatchRule(RuleKind.NEAR_REPEAT_CHAIN, target="burglary"),
    ),
    "gun_chains": (
        "Near-repeat chains of gun violence",
        WatchRule(RuleKind.NEAR_REPEAT_CHAIN, target="gun_violence"),
    ),
    "hot_spots": ("Emerging hot spots", WatchRule(RuleKind.HOT_SPOT)),
    "new_hot_spots": ("New hot spots", WatchRule(RuleKind.NEW_HOT_SPOT)),
    "stale_feed": ("Stale feed", WatchRule(RuleKind.STALE_FEED)),
}
"""Name and rule of the lists that every installation has from its first check on."""


def visible_to_reader() -> sa.ColumnElement[bool]:
    """Condition on lists that the current reader sees: shared and own ones, a command all."""
    reader = reader_now()
    if reader is None or not reader.is_person:
        return sa.true()
    return sa.or_(table.c.shared, table.c.owner == reader.name)


class WatchLists:
    """Reads, adds and changes watch lists; each change makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def all(self) -> list[WatchList]:
        """Lists that the current reader sees, bundled ones first."""
        order = table.c.bundled.is_(None), table.c.id
        statement = sa.select(table).where(visible_to_reader()).order_by(*order)
        with self._state.engine.connect() as connection:
            return [list_of(row) for row in connection.execute(statement).mappings()]

    def get(self, list_id: int) -> WatchList:
        """A list by its id.

        Raises
        ------
        InputError
            There is none, or the current reader does not see it.
        """
        with self._state.engine.connect() as connection:
            return _visible(connection, list_id)

    def add_bundled(self) -> None:
        """Add the bundled lists that are missing, such as before the first check."""
        with self._state.exclusive(LOCK) as connection:
            known = set(connection.execute(sa.select(table.c.bundled)).scalars())
            for bundled, (name, rule) in BUNDLED.items():
                if bundled not in known:
                    values = _values(name, "", rule, "", shared=True)
                    connection.execute(sa.insert(table).values(**values, bundled=bundled))

    def add(
        self,
        name: str,
        rule: WatchRule,
        selection: str = "",
        *,
        shared: bool = False,
        expires: date | None = None,
    ) -> WatchList:
        """Add a list of the current person.

        Parameters
        ----------
        selection
            Canonical text, without dates: the rule gives the days.

        Raises
        ------
        InputError
            The name or the selection is not valid, or the person has too many lists.
        """
        title = _title(name)
        _require_selection(rule, selection)
        values = _values(title, self._person, rule, selection, shared=shared)
        values["expires"] = _iso(expires)
        with self._state.exclusive(LOCK) as connection:
            own = table.c.owner == self._person, table.c.ended.is_(None)
            count = connection.execute(sa.select(sa.func.count()).where(*own)).scalar() or 0
            if count >= MOST_OF_ONE:
                raise InputError(f"You have {MOST_OF_ONE} watch lists, the most that may; end one.")
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            list_id = int(key[0])  # type: ignore[index]
            details = {name: values[name] for name in ("rule", "parameters", "selection", "shared")}
            self._audit.add(connection, ADDED, f"{list_id} {title}", details=details)
            return _visible(connection, list_id)

    def end(self, list_id: int) -> WatchList:
        """End a list; its alerts stay."""
        return self._change(list_id, ENDED, ended=_now())

    def mute(self, list_id: int, until: date | None) -> WatchList:
        """Check a list again from a day on; None for at once."""
        return self._change(list_id, MUTED, muted_until=_iso(until))

    def expire(self, list_id: int, expires: date | None) -> WatchList:
        """Check a list until a day, that day included; None without end."""
        return self._change(list_id, EXPIRES, expires=_iso(expires))

    def _change(self, list_id: int, event: str, **values: str | None) -> WatchList:
        with self._state.exclusive(LOCK) as connection:
            before = _visible(connection, list_id)
            reader = reader_now()
            if before.owner and reader is not None and reader.is_person:
                _require_owner(before, reader.name)
            if before.ended is not None:
                raise InputError(f"Watch list {list_id} has ended.")
            where = table.c.id == list_id
            connection.execute(sa.update(table).where(where).values(values))
            self._audit.add(connection, event, f"{list_id} {before.name}", details=values)
            return _visible(connection, list_id)


def list_of(row: Mapping[str, Any] | sa.RowMapping) -> WatchList:
    """The list of a row of the database."""
    values: dict[str, Any] = dict(row)
    rule = WatchRule.of(values.pop("rule"), json.loads(values.pop("parameters")))
    days = {name: values[name] for name in ("expires", "muted_until")}
    values |= {name: date.fromisoformat(day) if day else None for name, day in days.items()}
    values["bundled"] = values["bundled"] or ""
    return WatchList(**values, rule=rule)


def _visible(connection: sa.Connection, list_id: int) -> WatchList:
    named = table.c.id == min(list_id, HIGHEST)
    statement = sa.select(table).where(named, visible_to_reader())
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise InputError(
            f"Watch list {list_id} not found. `patroliq alerts watch list` shows them."
        )
    return list_of(row)


def _values(
    name: str, owner: str, rule: WatchRule, selection: str, *, shared: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "owner": owner,
        "shared": shared,
        "rule": str(rule.kind),
        "parameters": canonical(rule.parameters),
        "selection": selection,
        "created": _now(),
    }


def _title(name: str) -> str:
    title = visible_line(name)
    if not 1 <= len(title) <= LONGEST_NAME:
        raise InputError(f"A watch list needs a name of up to {LONGEST_NAME} characters.")
    return title


def _require_selection(rule: WatchRule, selection: str) -> None:
    if rule.kind is RuleKind.STALE_FEED and selection:
        raise InputError("A stale feed is of all incidents; leave the selection out.")
    if rule.target and selection:
        raise InputError("Give either a target or a selection.")
    chosen = Selection.parse(selection)
    if rule.kind is RuleKind.NEW_HOT_SPOT and not PLACE.isdisjoint(chosen.clauses):
        raise InputError(
            "New hot spots are searched in the whole city or in its areas, such as district=011. "
            "Leave out cells, zones, circles and drawn or custom areas."
        )
    if chosen.get("date") is not None:
        raise InputError(
            "Leave the filter on the date out: a watch list looks at the last complete days."
        )


def _require_owner(before: WatchList, name: str) -> None:
    if before.owner != name:
        raise InputError(f"Only {before.owner} can change this watch list.")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
