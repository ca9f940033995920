"""Commands that are queued by the clock: each due time once, whatever dies meanwhile.

One transaction queues the job and moves the schedule on, so a killed worker neither forgets a due
time nor queues it twice. Of due times that passed while no worker ran, the latest is made up for.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from analytics.errors import InputError
from analytics.state import State
from analytics.state_tables import schedules as table
from jobs.commands import check
from jobs.queue import LOCK, Job, Queue
from jobs.rhythm import Rhythm

MOST_NAME = 80
CLOCKS_APART = timedelta(hours=1)
"""By which the clocks of two workers may differ; more than that, a clock was set back."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schedule:
    """A command and when it is due.

    Attributes
    ----------
    command : arguments of `patroliq`; `--due=` with the due time is added to each job
    rhythm : local times of `timezone`
    person : who made it, and whose permission its jobs need
    next_due : in UTC
    """

    id: int
    name: str
    command: tuple[str, ...]
    rhythm: Rhythm
    person: str
    next_due: datetime


class Schedules:
    """The schedules of a state database. Each method is one transaction."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock
        self._queue = Queue(state, clock)
        self._refused: set[int] = set()

    def add(self, name: str, command: Sequence[str], rhythm: Rhythm, person: str = "") -> Schedule:
        """Have a command queued from now on.

        Raises
        ------
        InputError
            The name is taken, empty or long, or the command cannot be queued with a due time.
        """
        if not name.strip() or len(name) > MOST_NAME:
            raise InputError(f"A schedule needs a name of at most {MOST_NAME} characters.")
        now = self._now()
        arguments = check(_of_due(command, now))[:-1]
        values = {
            "name": name.strip(),
            "command": json.dumps(arguments),
            "rhythm": rhythm.text,
            "timezone": rhythm.timezone,
            "person": person,
            "next_due": rhythm.next_after(now).timestamp(),
            "created": now.timestamp(),
        }
        with self._state.exclusive(LOCK) as connection:
            same = sa.select(table.c.id).where(table.c.name == values["name"])
            if connection.execute(same).first() is not None:
                raise InputError(f"There is a schedule with the name {name.strip()!r} already.")
            connection.execute(sa.insert(table).values(values))
            row = connection.execute(
                sa.select(table).where(table.c.name == values["name"])
            ).mappings()
            return _schedule(row.one())

    def remove(self, schedule: int) -> Schedule:
        """Queue nothing of it any more; jobs that were queued stay.

        Raises
        ------
        InputError
            There is no such schedule.
        """
        with self._state.exclusive(LOCK) as connection:
            found = self._find(connection, schedule)
            connection.execute(sa.delete(table).where(table.c.id == schedule))
        return found

    def get(self, schedule: int) -> Schedule:
        """A schedule by its id.

        Raises
        ------
        InputError
            There is no such schedule.
        """
        with self._state.engine.connect() as connection:
            return self._find(connection, schedule)

    def all(self) -> list[Schedule]:
        """All schedules, by the time when they are due next."""
        rows = sa.select(table).order_by(table.c.next_due, table.c.id)
        with self._state.engine.connect() as connection:
            return [_schedule(row) for row in connection.execute(rows).mappings()]

    def queue_due(self) -> list[Job]:
        """Queue what is due; returns the new jobs.

        A job that cannot be queued, because too many are open, is tried again at the next call.
        """
        now = self._now()
        self._return_to(now)
        due = sa.select(table.c.id).where(table.c.next_due <= now.timestamp())
        with self._state.engine.connect() as connection:
            ids = list(connection.execute(due).scalars())
        made = []
        for one in ids:
            try:
                job = self._queue_one(one, now)
            except InputError as error:
                if one not in self._refused:  # once, not at every look
                    log.warning("schedule %s could not be queued: %s", one, error)
                self._refused.add(one)
            else:
                self._refused.discard(one)
                made += [job] if job else []
        return made

    def _return_to(self, now: datetime) -> None:
        """Bring back due times that were set while the clock was ahead of now.

        What was queued then may be queued again; a briefing is still delivered once for each.
        """
        later = sa.select(table).where(table.c.next_due > now.timestamp())
        with self._state.engine.connect() as connection:
            found = [_schedule(row) for row in connection.execute(later).mappings()]
        for one in found:
            due = one.rhythm.next_after(now + CLOCKS_APART)
            if due < one.next_due:
                own = table.c.id == one.id, table.c.next_due == one.next_due.timestamp()
                with self._state.exclusive(LOCK) as connection:
                    connection.execute(
                        sa.update(table).where(*own).values(next_due=due.timestamp())
                    )

    def _queue_one(self, schedule: int, now: datetime) -> Job | None:
        """Queue the latest due time of a schedule and move it on; None if another worker did."""
        with self._state.exclusive(LOCK) as connection:
            rows = sa.select(table).where(table.c.id == schedule)
            row = connection.execute(rows).mappings().first()
            if row is None or row["next_due"] > now.timestamp():
                return None
            found = _schedule(row)
            due = found.rhythm.latest(found.next_due, now)
            job = self._queue.insert(connection, _of_due(found.command, due), found.person)
            following = found.rhythm.next_after(now).timestamp()
            moved = sa.update(table).where(table.c.id == schedule).values(next_due=following)
            connection.execute(moved)
            return job

    def _find(self, connection: sa.Connection, schedule: int) -> Schedule:
        rows = sa.select(table).where(table.c.id == schedule)
        row = connection.execute(rows).mappings().first()
        if row is None:
            raise InputError(f"Schedule {schedule} not found.")
        return _schedule(row)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _of_due(command: Sequence[str], due: datetime) -> tuple[str, ...]:
    return (*command, f"--due={due:%Y-%m-%dT%H:%MZ}")


def _schedule(row: sa.RowMapping) -> Schedule:
    return Schedule(
        row["id"],
        row["name"],
        tuple(json.loads(row["command"])),
        Rhythm.parse(row["rhythm"], row["timezone"]),
        row["person"],
        datetime.fromtimestamp(row["next_due"], UTC),
    )
