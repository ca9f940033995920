"""What was read of feeds, in the state database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from analytics.incidents.packed_loads import has_load
from analytics.incidents.warehouse import Snapshot
from analytics.sources.record_kinds import RecordKind
from analytics.state import State
from analytics.state_tables import feeds as table

MOST_MESSAGE = 2_000


@dataclass(frozen=True)
class FeedNote:
    """What is known of a feed. Times are seconds since 1970; None: never.

    Attributes
    ----------
    watermark : JSON value up to which its rows are published; None before the first load
    batch : id of the newest load of the snapshot that has them
    read : SHA-256 of the rows that were read last
    message : of the last run, if it failed
    """

    watermark: Any = None
    batch: str = ""
    read: str = ""
    ran: float | None = None
    succeeded: float | None = None
    message: str = ""


def reconciliation(kind: RecordKind) -> str:
    """Name under which a comparison of all ids is noted, apart from the runs of feeds."""
    return f"{kind.name}, all ids"


def confirmation(kind: RecordKind) -> str:
    """Name under which it is noted when somebody confirmed what was deleted."""
    return f"{kind.name}, confirmed"


class FeedState:
    """Notes on feeds, by their name."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock

    def get(self, name: str) -> FeedNote:
        """The note on a feed; an empty one before its first run."""
        found = sa.select(table).where(table.c.name == name)
        with self._state.engine.connect() as connection:
            row = connection.execute(found).mappings().first()
        if row is None:
            return FeedNote()
        values = dict(row)
        del values["name"]
        values["watermark"] = json.loads(values["watermark"] or "null")
        return FeedNote(**values)

    def troubles(self) -> list[str]:
        """What failed at the last run of each feed, with its name."""
        failed = sa.select(table.c.name, table.c.message).where(table.c.message != "")
        with self._state.engine.connect() as connection:
            rows = connection.execute(failed.order_by(table.c.name)).fetchall()
        return [f"{name}: {message}" for name, message in rows]

    def failing(self, within_s: float) -> tuple[str, ...]:
        """Names of feeds whose last run failed, of those that ran in the last `within_s` seconds.

        One that nothing runs any more, as its source no longer names it, is not failing.
        """
        recent = table.c.ran > self._clock() - within_s
        failed = sa.select(table.c.name).where(table.c.message != "", recent)
        with self._state.engine.connect() as connection:
            return tuple(connection.execute(failed.order_by(table.c.name)).scalars())

    def of_served(self, name: str, served: Snapshot | None) -> FeedNote:
        """The note on a feed, whose watermark counts only if its rows are in what is served.

        They are not after an earlier snapshot is served again, data was replaced, or a backup is
        restored: then the feed is read from its start.
        """
        note = self.get(name)
        if served is not None:
            raw = served.path.parent.with_name("raw")
            if has_load(served.manifest.batches, note.batch, raw):
                return note
        return replace(note, watermark=None, read="")

    def published(self, name: str, watermark: Any, read: str, served: Snapshot | None) -> None:
        """Move a feed on, after the rows up to its watermark are published."""
        batch = served.manifest.batches[-1].id if served else ""
        self._put(name, watermark=json.dumps(watermark), batch=batch, read=read)

    def ran(self, name: str, message: str = "") -> None:
        """Note a run, with the message of its failure."""
        now = self._clock()
        values = {"ran": now, "message": message[:MOST_MESSAGE]}
        self._put(name, **values, **({} if message else {"succeeded": now}))

    def _put(self, name: str, **values: Any) -> None:
        engine = self._state.engine
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        first = {"name": name, "watermark": "", "batch": "", "read": "", "message": "", **values}
        statement = insert(table).values(first)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
        with engine.begin() as connection:
            connection.execute(statement)
