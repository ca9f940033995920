"""Rows of series in the state database, and what happened to each."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa

from analytics.audit import canonical
from analytics.errors import InputError
from analytics.state_tables import series as table
from analytics.state_tables import series_events

HIGHEST = 2**31 - 1
NOBODY = ""
"""Person of what a run does."""
_LISTS = ("members", "additions", "known")


@unique
class SeriesState(StrEnum):
    """What was decided about a series."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    MERGED = "merged"
    LAPSED = "lapsed"  # a proposal that the newest run did not find again


@unique
class Act(StrEnum):
    """What happened to a series."""

    PROPOSED = "proposed"
    UPDATED = "updated"
    OFFERED = "offered"  # additions
    LAPSED = "lapsed"
    MADE = "made"  # by a person
    CONFIRMED = "confirmed"
    NAMED = "named"
    REJECTED = "rejected"
    ADDED = "added"
    REMOVED = "removed"
    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True)
class CrimeSeries:
    """One series.

    Attributes
    ----------
    kind : name of its target
    version : counts its changes
    additions : ids that the newest run proposes to add
    known : ids that it had, or was to have, at any time
    strength, false_share : of the run that proposed it; None where people made it
    created, updated : ISO 8601 in UTC; updated is of the last run that found it, or change
    """

    id: int
    kind: str
    name: str
    state: SeriesState
    version: int
    members: frozenset[str] = field(repr=False)
    additions: frozenset[str] = field(repr=False)
    known: frozenset[str] = field(repr=False)
    strength: float | None
    false_share: float | None
    created: str
    updated: str
    merged_into: int | None

    @property
    def title(self) -> str:
        return self.name or f"Series {self.id}"

    def as_json(self) -> dict[str, Any]:
        """As `patroliq series list` prints it."""
        ids = {name: sorted(getattr(self, name)) for name in ("members", "additions")}
        plain = {name: value for name, value in vars(self).items() if name != "known"}
        return {**plain, **ids, "state": str(self.state)}


@dataclass(frozen=True)
class SeriesEvent:
    """What happened; `person` is empty for a run, `other` the series that it was merged with."""

    series: int
    at: str
    person: str
    act: Act
    note: str = ""
    incidents: tuple[str, ...] = ()
    other: int | None = None


def not_found(series: int) -> str:
    """What is said of a series that is none, or not the reader's."""
    return f"Series {series} not found. `patroliq series list` shows them."


def read_series(connection: sa.Connection, series: int) -> CrimeSeries:
    named = table.c.id == min(series, HIGHEST)
    row = connection.execute(sa.select(table).where(named)).mappings().first()
    if row is None:
        raise InputError(not_found(series))
    return series_of(row)


def series_of(row: sa.RowMapping) -> CrimeSeries:
    ids = {name: frozenset(map(str, json.loads(row[name]))) for name in _LISTS}
    return CrimeSeries(**{**row, **ids, "state": SeriesState(row["state"])})


def insert_series(
    connection: sa.Connection,
    kind: str,
    members: Collection[str],
    state: SeriesState,
    **score: float,
) -> int:
    ids, at = canonical(sorted(members)), now_text()
    values = {
        "kind": kind, "name": "", "state": str(state), "version": 1, "members": ids,
        "additions": "[]", "known": ids, "created": at, "updated": at, **score,
    }  # fmt: skip
    key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def update_series(connection: sa.Connection, before: CrimeSeries, **values: Any) -> None:
    plain = {
        name: canonical(sorted(value)) if name in _LISTS else value
        for name, value in values.items()
    }
    if "state" in plain:
        plain["state"] = str(plain["state"])
    own = sa.update(table).where(table.c.id == before.id)
    connection.execute(own.values(**plain, version=before.version + 1, updated=now_text()))


def add_event(connection: sa.Connection, event: SeriesEvent) -> None:
    values = {**vars(event), "act": str(event.act), "incidents": canonical(list(event.incidents))}
    connection.execute(sa.insert(series_events).values(values))


def now_text() -> str:
    """The present, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
