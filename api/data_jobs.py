"""The Data page's one seam to the worker: queue a step, and say how far it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.access.reader import current_reader
from analytics.access_notes import note
from analytics.acting import person
from analytics.errors import InputError
from analytics.services import Services
from jobs.commands import permission_of
from jobs.queue import Queue, no_worker_runs

NO_WORKER = "No worker runs: start one with `patroliq worker`."


@dataclass(frozen=True)
class JobState:
    """How far a job is.

    Attributes
    ----------
    state
        waiting, running, done or failed; empty for no job.
    message
        What it does, or why it failed.
    """

    state: str = ""
    message: str = ""
    share: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "running"}


def queue_job(services: Services, command: Sequence[str]) -> int:
    """Queue a `patroliq` command for the worker; returns the job's number.

    Raises
    ------
    InputError
        The command or an argument is not allowed, or too many jobs are open.
    NotAllowedError
        The reader may not queue it.
    """
    current_reader().require(permission_of(command))
    job = Queue(services.state).add(command, person(services.settings))
    note("job.queued", str(job.id), command=list(job.command))
    return job.id


def job_state(services: Services, number: int) -> JobState:
    """How far a job is."""
    queue = Queue(services.state)
    try:
        job = queue.get(number)
    except InputError:
        return JobState("failed", "The job is not known any more. Start it again.")
    if not job.is_finished:
        alone = no_worker_runs(queue.latest(), time.time())
        state = "running" if job.started else "waiting"
        return JobState(state, NO_WORKER if alone else job.message, job.share)
    if job.status == "done":
        return JobState("done")
    if job.status == "canceled":
        return JobState("failed", "Canceled.")
    error = job.error or "The step failed without a message."
    return JobState("failed", services.for_readers(error))
