"""Durable job queue. A job is leased to a worker, which renews the lease.

When a worker dies, its lease expires and another worker takes the job: no job is lost and nobody
needs to clean up. Each start counts as an attempt; a job that kills its worker every time fails.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Literal, cast

import sqlalchemy as sa

from analytics.artifacts.outcomes import Outcome, all_refused, read_outcomes
from analytics.errors import InputError
from analytics.job_leases import is_held_until, is_interrupted
from analytics.state import State
from analytics.state_tables import jobs as table
from jobs.commands import ALLOWED, check

Status = Literal["waiting", "running", "done", "failed", "canceled"]
ShownStatus = Literal[Status, "interrupted"]
LeaseState = Literal["held", "cancel", "lost"]
UNFINISHED = ("waiting", "running")
LOCK = 0x5061_6A62
MOST_OPEN = 200
MOST_OPEN_OF_ONE = 60
"""Of one person. A fresh installation queues some 20 trainings."""
MOST_ATTEMPTS = 3
LEASE_S = 30.0
SHOWN_JOBS = 100
NOBODY_AFTER_S = 15.0  # a running worker takes a waiting job much sooner


@unique
class Lane(Enum):
    """Which jobs a worker takes."""

    EVERY = "every"
    LIVE = "live"  # those that never wait for others
    REST = "rest"


@dataclass(frozen=True)
class Job:
    """One long job. Times are seconds since 1970, `share` is 0 to 1."""

    id: int
    command: tuple[str, ...]  # arguments of `patroliq`
    person: str
    status: Status
    created: float
    started: float | None
    ended: float | None
    attempts: int
    most_attempts: int
    worker: str | None
    leased_until: float | None
    cancel_asked: bool
    share: float
    message: str
    exit_code: int | None
    result: Any  # what the command printed as JSON
    error: str | None

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Outcomes of the versions it trained; empty for other commands."""
        return read_outcomes(self.result)

    def shown_status(self, now: float) -> ShownStatus:
        """Its status, or `interrupted` if its lease has expired.

        The next worker takes an interrupted job again.
        """
        lost = self.status == "running" and not is_held_until(self.leased_until or 0.0, now)
        return "interrupted" if lost else self.status

    def outcome(self, now: float) -> ShownStatus | Literal["refused"]:
        """The shown status, or `refused` if all versions it trained were refused."""
        refused = self.status == "done" and all_refused(self.outcomes)
        return "refused" if refused else self.shown_status(now)


def no_worker_runs(jobs: Sequence[Job], now: float) -> bool:
    """Whether jobs wait and no worker is running.

    Parameters
    ----------
    jobs
        The newest jobs of every kind, as a worker may be busy with another kind.
    now
        Seconds since 1970.
    """
    shown = [job.shown_status(now) for job in jobs]
    if "running" in shown or any(now - (job.ended or 0.0) < NOBODY_AFTER_S for job in jobs):
        return False
    return "interrupted" in shown or any(
        job.status == "waiting" and now - job.created > NOBODY_AFTER_S for job in jobs
    )


class Queue:
    """Adds, leases and finishes jobs. Each method is one transaction."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock

    def add(
        self, command: Sequence[str], person: str = "", most_attempts: int = MOST_ATTEMPTS
    ) -> Job:
        """Queue a command, unless the same person's same command is waiting already.

        Raises
        ------
        InputError
            The command or an argument is not allowed, or too many jobs are open.
        """
        with self._state.exclusive(LOCK) as connection:
            return self.insert(connection, command, person, most_attempts)

    def insert(
        self,
        connection: sa.Connection,
        command: Sequence[str],
        person: str = "",
        most_attempts: int = MOST_ATTEMPTS,
    ) -> Job:
        """Queue a command as `add`, within a transaction that holds `LOCK`.

        Raises
        ------
        InputError
            As `add`.
        """
        text = json.dumps(check(command))
        own = table.c.command == text, table.c.person == person
        same = sa.select(table).where(*own, table.c.status == "waiting")
        row = connection.execute(same).mappings().first()
        if row is None:
            _require_room(connection, person)
            values = {
                "command": text,
                "person": person,
                "status": "waiting",
                "created": self._clock(),
                "attempts": 0,
                "most_attempts": most_attempts,
                "cancel_asked": False,
                "share": 0.0,
                "message": "",
            }
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            row = _row(connection, cast("tuple[int, ...]", key)[0])
        return _job(row)

    def take(self, worker: str, lease_s: float = LEASE_S, lane: Lane = Lane.EVERY) -> Job | None:
        """Lease a waiting or abandoned job of a lane to a worker; None if there is none.

        Urgent commands come first, so that alerts do not wait for trainings; then the oldest.
        """
        now = self._clock()
        with self._state.exclusive(LOCK) as connection:
            self._give_up(connection, now)
            free = (
                sa.select(table.c.id)
                .where(sa.or_(table.c.status == "waiting", is_interrupted(now)), _is_in(lane))
                .order_by(~_is_urgent(), table.c.id)
                .limit(1)
            )
            key = connection.execute(free).scalar()
            if key is None:
                return None
            values = {
                "status": "running",
                "worker": worker,
                "attempts": table.c.attempts + 1,
                "leased_until": now + lease_s,
                "started": now,
                "share": 0.0,
                "message": "",
            }
            connection.execute(sa.update(table).where(table.c.id == key).values(values))
            return _job(_row(connection, key))

    def renew(self, job: Job, share: float, message: str, lease_s: float = LEASE_S) -> LeaseState:
        """Store progress and renew the lease.

        Returns
        -------
        LeaseState
            `held`; `cancel` if cancellation was requested; `lost` if another worker may have the
            job, so that this one must stop at once.
        """
        values = {"share": share, "message": message, "leased_until": self._clock() + lease_s}
        with self._state.exclusive(LOCK) as connection:
            done = connection.execute(sa.update(table).where(_held(job)).values(values))
            if done.rowcount == 0:
                return "lost"
            asked = sa.select(table.c.cancel_asked).where(table.c.id == job.id)
            return "cancel" if connection.execute(asked).scalar() else "held"

    def finish(
        self,
        job: Job,
        status: Status,
        *,
        exit_code: int | None = None,
        result: Any = None,
        error: str | None = None,
    ) -> bool:
        """End a job; False if its lease was lost."""
        values: dict[str, Any] = {
            "status": status,
            "exit_code": exit_code,
            "result": None if result is None else json.dumps(result),
            "error": error,
            "ended": self._clock(),
            "leased_until": None,
        }
        if status == "done":
            values["share"] = 1.0
        with self._state.exclusive(LOCK) as connection:
            done = connection.execute(sa.update(table).where(_held(job)).values(values))
        return done.rowcount == 1

    def release(self, job: Job) -> bool:
        """Return an unfinished job to the queue, without counting the attempt."""
        values = {
            "status": "waiting",
            "attempts": table.c.attempts - 1,
            "leased_until": None,
            "worker": None,
        }
        with self._state.exclusive(LOCK) as connection:
            done = connection.execute(sa.update(table).where(_held(job)).values(values))
        return done.rowcount == 1

    def cancel(self, job_id: int) -> Job:
        """Cancel a job: at once if it waits, at the worker's next check if it runs.

        Raises
        ------
        InputError
            There is no such job, or it has ended.
        """
        with self._state.exclusive(LOCK) as connection:
            job = _job(_row(connection, job_id))
            if job.is_finished:
                raise InputError(f"Job {job_id} has already ended ({job.status}).")
            values: Mapping[str, Any] = {"cancel_asked": True}
            if job.status == "waiting":
                values = {"status": "canceled", "cancel_asked": True, "ended": self._clock()}
            connection.execute(sa.update(table).where(table.c.id == job_id).values(values))
            return _job(_row(connection, job_id))

    def get(self, job_id: int) -> Job:
        """A job by its id.

        Raises
        ------
        InputError
            There is no such job.
        """
        with self._state.engine.connect() as connection:
            return _job(_row(connection, job_id))

    def latest(self, number: int = SHOWN_JOBS) -> list[Job]:
        """The newest jobs, newest first."""
        statement = sa.select(table).order_by(table.c.id.desc()).limit(number)
        with self._state.engine.connect() as connection:
            return [_job(row) for row in connection.execute(statement).mappings()]

    def _give_up(self, connection: sa.Connection, now: float) -> None:
        """End abandoned jobs after their last attempt, or whose cancellation was requested."""
        canceled = sa.update(table).where(is_interrupted(now), table.c.cancel_asked)
        connection.execute(canceled.values(status="canceled", ended=now, leased_until=None))
        spent = is_interrupted(now), table.c.attempts >= table.c.most_attempts
        error = "The worker died each time it ran this job."
        connection.execute(
            sa.update(table)
            .where(*spent)
            .values(status="failed", ended=now, leased_until=None, error=error)
        )


def _require_room(connection: sa.Connection, person: str) -> None:
    """Refuse another job of a person where too many are open."""
    is_open = table.c.status.in_(UNFINISHED)
    count = sa.select(sa.func.count()).where(is_open)
    if (connection.execute(count).scalar() or 0) >= MOST_OPEN:
        raise InputError(
            f"{MOST_OPEN} jobs are waiting or running, the most that may. Wait until some have "
            "ended, or cancel some."
        )
    if (connection.execute(count.where(table.c.person == person)).scalar() or 0) < MOST_OPEN_OF_ONE:
        return
    raise InputError(
        f"{MOST_OPEN_OF_ONE} of your jobs are waiting or running, the most that may. Wait until "
        "some have ended, or cancel some."
    )


def _is_urgent() -> sa.ColumnElement[bool]:
    return _is_one_of(words for words, one in ALLOWED.items() if one.is_urgent)


def _is_in(lane: Lane) -> sa.ColumnElement[bool]:
    if lane is Lane.EVERY:
        return sa.true()
    is_live = _is_one_of(words for words, one in ALLOWED.items() if one.is_live)
    return is_live if lane is Lane.LIVE else ~is_live


def _is_one_of(commands: Iterable[tuple[str, ...]]) -> sa.ColumnElement[bool]:
    starts = [json.dumps(words)[:-1] for words in commands]
    return sa.or_(*(table.c.command.startswith(start, autoescape=True) for start in starts))


def _held(job: Job) -> sa.ColumnElement[bool]:
    """Whether the lease is still held; attempts tell two leases of one worker apart."""
    return sa.and_(
        table.c.id == job.id,
        table.c.status == "running",
        table.c.worker == job.worker,
        table.c.attempts == job.attempts,
    )


def _row(connection: sa.Connection, job_id: int) -> sa.RowMapping:
    row = connection.execute(sa.select(table).where(table.c.id == job_id)).mappings().first()
    if row is None:
        raise InputError(f"Job {job_id} not found. `patroliq jobs list` shows the jobs.")
    return row


def _job(row: sa.RowMapping) -> Job:
    values = dict(row)
    values["command"] = tuple(json.loads(values["command"]))
    values["result"] = None if values["result"] is None else json.loads(values["result"])
    return Job(**values)
