"""The worker: takes jobs from the queue and runs each in its own process."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.stop import stop_when_event_set
from tenacity.wait import wait_exponential

from analytics.access.people import People
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.redaction import Redaction
from analytics.settings import Settings
from analytics.state import State
from analytics.state_file import StateError
from jobs.alert_checks import AlertChecks
from jobs.commands import check, permission_of
from jobs.compactions import Compactions
from jobs.limits import LimitExceededError, Limits, memory_of_session
from jobs.queue import LEASE_S, Job, Lane, LeaseState, Queue
from jobs.retention_runs import RetentionRuns
from jobs.schedules import Schedules
from jobs.series_proposals import SeriesProposals
from jobs.syncs import Syncs

PROGRAM = (sys.executable, "-m", "analytics.cli.child")  # by name, as commands import jobs
POLL_S = 1.0  # between looks of an idle worker
LIVE_POLL_S = 0.25  # of one in the lane of live data, which asks the queue as seldom as others
GRACE_S = 10.0  # from SIGTERM to SIGKILL
RENEWALS = 6  # at least, per lease
SHOWN_EVERY_S = 1.0  # at most, between stored progress
LOOK_S = 0.25
MOST_RESULT = 1_000_000  # bytes of a command's result that are kept
MOST_ERROR = 4_000  # characters of its standard error that are kept
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # between tries of the state database
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass
class _Running:
    """A job's running process."""

    job: Job
    process: subprocess.Popen[bytes]
    progress: int  # reading end of the pipe
    output: IO[bytes]
    errors: IO[bytes]
    limits: Limits
    exceeded: LimitExceededError | None = None
    share: float = 0.0
    message: str = ""
    rest: bytes = b""
    pipe_open: bool = True
    signaled: float | None = None

    def has_ended(self, wait_s: float) -> bool:
        """Wait for progress or the end; returns whether the process has ended."""
        if self.pipe_open and select.select([self.progress], [], [], wait_s)[0]:
            self._read_progress()
            return self.process.poll() is not None
        try:
            self.process.wait(0 if self.pipe_open else wait_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read_progress(self) -> None:
        """Read progress from the pipe; invalid lines are dropped."""
        chunk = os.read(self.progress, 65536)
        self.pipe_open = bool(chunk)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if not lines:
            return
        try:
            message, share = json.loads(lines[-1])
            self.message, self.share = str(message), min(max(float(share), 0.0), 1.0)
        except (ValueError, TypeError):
            log.warning("job %s sent progress that cannot be read", self.job.id)

    def check_limits(self) -> None:
        """Note an exceeded limit; kill the job if it is far above its memory limit."""
        memory = memory_of_session(self.process.pid)
        self.exceeded = self.exceeded or self.limits.exceeded(memory)
        if self.limits.is_far_above(memory):
            self.kill()

    def stop(self) -> None:
        """Terminate it; after `GRACE_S` kill the whole process group."""
        now = time.monotonic()
        if self.signaled is None:
            self.signaled = now
            self.process.terminate()
        elif now - self.signaled > GRACE_S:
            self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


SELDOM = (AlertChecks, SeriesProposals, RetentionRuns, Compactions)
DUE = {Lane.EVERY: (Syncs, *SELDOM), Lane.LIVE: (Syncs,), Lane.REST: SELDOM}
"""What a worker of a lane looks for, in this order."""


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
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Take no further job; the running one returns to the queue."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> int:
        """Run jobs until stopped, or with `once` until none waits; returns their number."""
        done, taken = 0, -POLL_S
        while not self._stopping.is_set():
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
        self._state.close()
        return done

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
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            running = self._start(job, output, errors)
            try:
                lease = self._attend(running)
            finally:
                running.kill()
                running.process.wait()
                os.close(running.progress)
            self._finish(running, lease)

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

    def _start(self, job: Job, output: IO[bytes], errors: IO[bytes]) -> _Running:
        reading, writing = os.pipe()
        own = [*self._program, str(os.getpid()), str(writing)]
        environment = {**os.environ, "PATROLIQ_HOME": str(self._settings.home.absolute())}
        if job.person:
            environment["PATROLIQ_USER"] = job.person
        try:
            process = subprocess.Popen(  # noqa: S603 - from the allow-list, without a shell
                [*own, *job.command, "--json"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                pass_fds=[writing],
                env=environment,
                start_new_session=True,
            )
        finally:
            os.close(writing)
        return _Running(job, process, reading, output, errors, Limits.of(self._settings))

    def _attend(self, running: _Running) -> LeaseState:
        """Watch a job and renew its lease until its process has ended."""
        lease: LeaseState = "held"
        interval = min(self._lease_s / RENEWALS, SHOWN_EVERY_S)
        renewed = 0.0
        while not running.has_ended(LOOK_S):
            if time.monotonic() - renewed >= interval:
                renewed = time.monotonic()
                running.check_limits()
                found = self._renew(running)
                lease = lease if found == "held" else found
            if lease == "lost":
                running.kill()
            elif lease == "cancel" or running.exceeded or self._stopping.is_set():
                running.stop()
        return lease

    def _renew(self, running: _Running) -> LeaseState:
        """Renew the lease. Without the database the job continues, as no one else can take it."""
        try:
            return self._queue.renew(running.job, running.share, running.message, self._lease_s)
        except StateError as error:
            log.warning("the lease of job %s was not renewed: %s", running.job.id, error)
            return "held"

    def _finish(self, running: _Running, lease: LeaseState) -> None:
        job, exit_code = running.job, running.process.returncode
        if lease == "lost":
            log.warning("job %s was taken by another worker", job.id)
        else:
            if lease == "cancel" and exit_code != 0:  # recorded once, apart from the result
                self._patiently(lambda: self._log_cancel(job))
            self._patiently(lambda: self._record_end(running, lease))
        log.info("job %s ended with %s", job.id, exit_code)

    def _record_end(self, running: _Running, lease: LeaseState) -> None:
        job, exit_code = running.job, running.process.returncode
        if exit_code == 0:
            self._queue.finish(job, "done", exit_code=0, result=_result(running.output))
        elif lease == "cancel":
            self._queue.finish(job, "canceled", exit_code=exit_code)
        elif running.exceeded:
            self._queue.finish(job, "failed", exit_code=exit_code, error=str(running.exceeded))
        elif self._stopping.is_set():
            self._queue.release(job)
        else:
            text = Redaction.of(self._settings).of_text(_tail(running.errors))
            error = text or f"The command exited with code {exit_code} and no message."
            self._queue.finish(job, "failed", exit_code=exit_code, error=error)

    def _log_cancel(self, job: Job) -> None:
        details = {"command": list(job.command)}
        audit = Audit(self._state, self._settings)
        audit.record("job.canceled", str(job.id), details=details, person=job.person)


def _log_wait(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("the queue does not answer, waiting %.1f s: %s", state.upcoming_sleep, error)


def _result(output: IO[bytes]) -> object:
    size = output.seek(0, os.SEEK_END)
    if size > MOST_RESULT:
        return {"cut": f"The result has {size:,} bytes; at most {MOST_RESULT:,} are kept."}
    output.seek(0)
    try:
        parsed: object = json.loads(output.read())
    except ValueError:
        return None
    return parsed


def _tail(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(size - 4 * MOST_ERROR, 0))
    return errors.read().decode("utf-8", "replace").strip()[-MOST_ERROR:]
