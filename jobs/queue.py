"""The durable queue. A job belongs to a worker for the length of a lease, which the worker renews.

A worker that dies stops renewing, and once the lease is over another takes the job: nothing is lost
and nothing waits for somebody to clean up. Each taking counts as an attempt; a job that kills its
worker every time ends as failed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import sqlalchemy as sa

from analytics.artifacts.outcomes import Outcome, all_refused, read_outcomes
from analytics.errors import InputError
from analytics.state import State
from analytics.state import jobs as table
from jobs.commands import check

Status = Literal["waiting", "running", "done", "failed", "canceled"]
Shown = Literal[Status, "interrupted"]
Standing = Literal["held", "cancel", "lost"]
UNFINISHED = ("waiting", "running")
LOCK = 0x5061_6A62
MOST_ATTEMPTS = 3
LEASE_S = 30.0
SHOWN_JOBS = 100
NOBODY_AFTER_S = 15.0  # a worker that is there takes a waiting job, and the next one, long before


@dataclass(frozen=True)
class Job:
    """One piece of long work. Times are seconds since 1970, `share` is 0 to 1."""

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
        """What became of the versions it trained; none of other work."""
        return read_outcomes(self.result)

    def shown_status(self, now: float) -> Shown:
        """Its status, or `interrupted`: its lease has ended, so nobody works on it.

        The next worker that is there takes it again.
        """
        lost = self.status == "running" and (self.leased_until or 0.0) < now
        return "interrupted" if lost else self.status

    def outcome(self, now: float) -> Shown | Literal["refused"]:
        """The status shown; `refused` where it was done and all it trained was refused."""
        refused = self.status == "done" and all_refused(self.outcomes)
        return "refused" if refused else self.shown_status(now)


def nobody_works(jobs: Sequence[Job], now: float) -> bool:
    """Whether jobs wait for a worker that is not there.

    Parameters
    ----------
    jobs
        The newest jobs of every kind: a worker that runs another kind is there.
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
    """Adds, takes and finishes jobs. Every method is one transaction."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock

    def add(
        self, command: Sequence[str], person: str = "", most_attempts: int = MOST_ATTEMPTS
    ) -> Job:
        """Queue a command; the same one that is still waiting is not queued twice.

        Raises
        ------
        InputError
            The command or an argument is not allowed.
        """
        text = json.dumps(check(command))
        with self._state.exclusive(LOCK) as connection:
            same = sa.select(table).where(table.c.command == text, table.c.status == "waiting")
            row = connection.execute(same).mappings().first()
            if row is None:
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

    def take(self, worker: str, lease_s: float = LEASE_S) -> Job | None:
        """The oldest job that waits or whose worker has died, now leased to this worker."""
        now = self._clock()
        with self._state.exclusive(LOCK) as connection:
            self._give_up(connection, now)
            free = (
                sa.select(table.c.id)
                .where(sa.or_(table.c.status == "waiting", _abandoned(now)))
                .order_by(table.c.id)
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

    def renew(self, job: Job, share: float, message: str, lease_s: float = LEASE_S) -> Standing:
        """Report progress and keep the lease.

        Returns
        -------
        `held`, `cancel` where somebody asked to stop, `lost` where the job is no longer this
        worker's: it must stop at once, another may be running it.
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
        """End a job; False where it is no longer this worker's."""
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
        """Put a job back that this worker will not finish, without counting the attempt."""
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
        """Stop a job: at once where it waits, at the worker's next look where it runs.

        Raises
        ------
        InputError
            There is no such job, or it has ended.
        """
        with self._state.exclusive(LOCK) as connection:
            job = _job(_row(connection, job_id))
            if job.is_finished:
                raise InputError(f"Job {job_id} has ended: {job.status}.")
            values: Mapping[str, Any] = {"cancel_asked": True}
            if job.status == "waiting":
                values = {"status": "canceled", "cancel_asked": True, "ended": self._clock()}
            connection.execute(sa.update(table).where(table.c.id == job_id).values(values))
            return _job(_row(connection, job_id))

    def get(self, job_id: int) -> Job:
        """A job by its number.

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
        """End what was abandoned after its last attempt, or while somebody asked to stop it."""
        canceled = sa.update(table).where(_abandoned(now), table.c.cancel_asked)
        connection.execute(canceled.values(status="canceled", ended=now, leased_until=None))
        spent = _abandoned(now), table.c.attempts >= table.c.most_attempts
        error = "Its worker died each time it was tried."
        connection.execute(
            sa.update(table)
            .where(*spent)
            .values(status="failed", ended=now, leased_until=None, error=error)
        )


def _abandoned(now: float) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.status == "running", table.c.leased_until < now)


def _held(job: Job) -> sa.ColumnElement[bool]:
    """Still this worker's: the number of the attempt tells two takings by one name apart."""
    return sa.and_(
        table.c.id == job.id,
        table.c.status == "running",
        table.c.worker == job.worker,
        table.c.attempts == job.attempts,
    )


def _row(connection: sa.Connection, job_id: int) -> sa.RowMapping:
    row = connection.execute(sa.select(table).where(table.c.id == job_id)).mappings().first()
    if row is None:
        raise InputError(f"There is no job {job_id}; `patroliq jobs list` names them.")
    return row


def _job(row: sa.RowMapping) -> Job:
    values = dict(row)
    values["command"] = tuple(json.loads(values["command"]))
    values["result"] = None if values["result"] is None else json.loads(values["result"])
    return Job(**values)
