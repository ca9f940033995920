"""The worker: takes jobs from the queue and runs each in its own process."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.stop import stop_when_event_set
from tenacity.wait import wait_exponential

from analytics.access.people import People
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_file import StateError
from jobs.alert_checks import AlertChecks
from jobs.commands import check, permission_of
from jobs.compactions import Compactions
from jobs.job_process import JobProcess
from jobs.queue import LEASE_S, Job, Lane, LeaseState, Queue
from jobs.retention_runs import RetentionRuns
from jobs.schedules import Schedules
from jobs.series_proposals import SeriesProposals
from jobs.syncs import Syncs

PROGRAM = (sys.executable, "-m", "analytics.cli.child")  # by name, as commands import jobs
POLL_S = 1.0  # between looks of an idle worker
LIVE_POLL_S = 0.25  # of one in the lane of live data, which asks the queue as seldom as others
RENEWALS = 6  # at least, per lease
SHOWN_EVERY_S = 1.0  # at most, between stored progress
LOOK_S = 0.25
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # between tries of the state database
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


SELDOM = (AlertChecks, SeriesProposals, RetentionRuns, Compactions)
DUE = {Lane.EVERY: (Syncs, *SELDOM), Lane.LIVE: (Syncs,), Lane.REST: SELDOM}
"""What a worker of a lane looks for, in this order."""
AHEAD = {Lane.LIVE: "sync"}
"""The command for which a worker of a lane keeps a process ready: starting one takes as long as a
small load."""


class Worker:
    """Runs jobs of a lane until stopped."""

    def __init__(
        self,
        settings: Settings,
        lease_s: float = LEASE_S,
        program: Sequence[str] = PROGRAM,
        lane: Lane = Lane.EVERY,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._lane = lane
        self._settings = settings
        self._state = State(settings)
        self._queue = Queue(self._state)
        self._schedules = Schedules(self._state)
        self._due = [one(self._state, settings) for one in DUE[lane]]
        self._lease_s = lease_s
        self._program = program
        self._ready: JobProcess | None = None
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Take no further job; the running one returns to the queue."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> int:
        """Run jobs until stopped, or with `once` until none waits; returns their number."""
        try:
            return self._run_all(once=once)
        finally:
            self._state.close()
            if self._ready is not None:
                self._ready.end()
                self._ready.close()

    def _run_all(self, *, once: bool) -> int:
        done, taken = 0, -POLL_S
        while not self._stopping.is_set():
            self._make_ready()
            if self._lane is not Lane.LIVE:
                self._patiently(self._schedules.queue_due)
            is_queued = not once and self._queue_due()
            job = None
            if self._lane is not Lane.LIVE or is_queued or time.monotonic() - taken >= POLL_S:
                taken = time.monotonic()
                job = self._patiently(
                    lambda: self._queue.take(self.name, self._lease_s, self._lane)
                )
            if job is not None:
                self._run(job)
                done += 1
            elif once:
                break
            else:
                self._stopping.wait(LIVE_POLL_S if self._lane is Lane.LIVE else POLL_S)
        return done

    def _make_ready(self) -> None:
        """Keep a process waiting for the lane's usual command."""
        ahead = AHEAD.get(self._lane)
        if ahead is None or self._ready is not None:
            return
        try:
            self._ready = JobProcess(self._settings, self._program, ahead)
        except OSError as error:
            log.warning("no process could be kept ready: %s", error)

    def _process(self) -> JobProcess:
        """The process that waits, or a new one."""
        ready, self._ready = self._ready, None
        if ready is not None and ready.runs:
            return ready
        if ready is not None:  # killed, such as for want of memory
            ready.close()
        return JobProcess(self._settings, self._program)

    def _queue_due(self) -> bool:
        """Queue what is due, before a job is taken: it may come first. Whether there was any."""
        queued = [self._patiently(one.queue_due) for one in self._due]
        return any(queued)

    def _wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer | None:
        """Ask the queue, retrying while its database is locked, full or unavailable.

        None if the worker is stopped meanwhile; the lease then expires.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(StateError),
            wait=wait_exponential(FIRST_WAIT_S, max=LONGEST_WAIT_S),
            stop=stop_when_event_set(self._stopping),
            sleep=self._wait,
            before_sleep=_log_wait,
            retry_error_callback=lambda _state: None,
        )
        return retrying(ask)

    def _run(self, job: Job) -> None:
        refusal = self._patiently(lambda: self._refusal(job))
        if refusal is None:  # stopped meanwhile
            return
        if refusal:
            self._patiently(lambda: self._queue.finish(job, "failed", error=refusal))
            return
        words = " ".join(word.partition("=")[0] for word in job.command)  # no selection, no reason
        log.info("job %s starts, attempt %s: %s", job.id, job.attempts, words)
        process = self._process()
        process.give(job.command, job.person)
        try:
            try:
                lease = self._attend(job, process)
            finally:
                process.end()
            self._finish(job, process, lease)
        finally:
            process.close()

    def _refusal(self, job: Job) -> str:
        """Why a job must not run; empty if it may."""
        try:
            check(job.command)  # another version of the program may have queued it
            if job.person:  # who may have lost a role since
                people = People(self._state, self._settings)
                people.require(job.person, permission_of(job.command))
        except InputError as error:
            return str(error)
        return ""

    def _attend(self, job: Job, process: JobProcess) -> LeaseState:
        """Watch a job and renew its lease until its process has ended."""
        lease: LeaseState = "held"
        interval = min(self._lease_s / RENEWALS, SHOWN_EVERY_S)
        renewed = 0.0
        while not process.has_ended(LOOK_S):
            if time.monotonic() - renewed >= interval:
                renewed = time.monotonic()
                process.check_limits()
                found = self._renew(job, process)
                lease = lease if found == "held" else found
            if lease == "lost":
                process.kill()
            elif lease == "cancel" or process.exceeded or self._stopping.is_set():
                process.stop()
        return lease

    def _renew(self, job: Job, process: JobProcess) -> LeaseState:
        """Renew the lease. Without the database the job continues, as no one else can take it."""
        try:
            return self._queue.renew(job, process.share, process.message, self._lease_s)
        except StateError as error:
            log.warning("the lease of job %s was not renewed: %s", job.id, error)
            return "held"

    def _finish(self, job: Job, process: JobProcess, lease: LeaseState) -> None:
        if lease == "lost":
            log.warning("job %s was taken by another worker", job.id)
        else:
            if lease == "cancel" and process.exit_code != 0:  # recorded once, apart from the result
                self._patiently(lambda: self._log_cancel(job))
            self._patiently(lambda: self._record_end(job, process, lease))
        log.info("job %s ended with %s", job.id, process.exit_code)

    def _record_end(self, job: Job, process: JobProcess, lease: LeaseState) -> None:
        exit_code = process.exit_code
        if exit_code == 0:
            self._queue.finish(job, "done", exit_code=0, result=process.result())
        elif lease == "cancel":
            self._queue.finish(job, "canceled", exit_code=exit_code)
        elif process.exceeded:
            self._queue.finish(job, "failed", exit_code=exit_code, error=str(process.exceeded))
        elif self._stopping.is_set():
            self._queue.release(job)
        else:
            error = process.error() or f"The command exited with code {exit_code} and no message."
            self._queue.finish(job, "failed", exit_code=exit_code, error=error)

    def _log_cancel(self, job: Job) -> None:
        details = {"command": list(job.command)}
        audit = Audit(self._state, self._settings)
        audit.record("job.canceled", str(job.id), details=details, person=job.person)


def _log_wait(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("the queue does not answer, waiting %.1f s: %s", state.upcoming_sleep, error)
