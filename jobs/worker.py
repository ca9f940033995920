"""The worker: takes one job after the other and runs each as a process of its own."""

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

from analytics.audit import Audit
from analytics.errors import InputError
from analytics.redaction import Redaction
from analytics.settings import Settings
from analytics.state import State
from analytics.state_file import StateError
from jobs.commands import check
from jobs.limits import Limits, memory_of_session
from jobs.queue import LEASE_S, Job, Queue, Standing

PROGRAM = (sys.executable, "-m", "analytics.cli.child")  # by name: commands import jobs
POLL_S = 1.0  # how often an idle worker looks
GRACE_S = 10.0  # between the polite and the other way of stopping a job
RENEWALS = 6  # at least, in the length of a lease
SHOWN_EVERY_S = 1.0  # how often progress is stored
LOOK_S = 0.25
MOST_RESULT = 1_000_000  # bytes of a command's result that are kept
MOST_ERROR = 4_000  # characters of what it said on standard error
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # before the state database is tried again
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass
class _Running:
    """A job's process while it runs."""

    job: Job
    process: subprocess.Popen[bytes]
    progress: int  # the pipe's reading end
    output: IO[bytes]
    errors: IO[bytes]
    limits: Limits
    over: str = ""  # which limit it exceeded, in words
    share: float = 0.0
    message: str = ""
    rest: bytes = b""
    telling: bool = True  # the pipe is still open
    signaled: float | None = None

    def has_ended(self, wait_s: float) -> bool:
        """Wait a little for progress or for the end; whether it has ended."""
        if self.telling and select.select([self.progress], [], [], wait_s)[0]:
            self._read_progress()
            return self.process.poll() is not None
        try:
            self.process.wait(0 if self.telling else wait_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read_progress(self) -> None:
        """Take in what the job has told; a line that cannot be read is dropped."""
        chunk = os.read(self.progress, 65536)
        self.telling = bool(chunk)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if not lines:
            return
        try:
            message, share = json.loads(lines[-1])
            self.message, self.share = str(message), min(max(float(share), 0.0), 1.0)
        except (ValueError, TypeError):
            log.warning("job %s told progress that cannot be read", self.job.id)

    def check_limits(self) -> None:
        """Stop it where it takes too long or too much memory."""
        memory = memory_of_session(self.process.pid)
        self.over = self.over or self.limits.exceeded(memory)
        if self.limits.is_far_above(memory):
            self.kill()

    def stop(self) -> None:
        """Politely at first; after `GRACE_S` the whole process group is killed."""
        now = time.monotonic()
        if self.signaled is None:
            self.signaled = now
            self.process.terminate()
        elif now - self.signaled > GRACE_S:
            self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Worker:
    """Runs jobs until it is told to stop."""

    def __init__(
        self,
        settings: Settings,
        lease_s: float = LEASE_S,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._settings = settings
        self._state = State(settings)
        self._queue = Queue(self._state)
        self._lease_s = lease_s
        self._program = program
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish no further job; the one that runs goes back to the queue."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> int:
        """Take jobs until stopped, or with `once` until none waits. Returns how many it ran."""
        done = 0
        while not self._stopping.is_set():
            job = self._patiently(lambda: self._queue.take(self.name, self._lease_s))
            if job is not None:
                self._run(job)
                done += 1
            elif once:
                break
            else:
                self._stopping.wait(POLL_S)
        self._state.close()
        return done

    def _wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer | None:
        """What the queue answers, however long its database is held, full or away.

        None where the worker is told to stop meanwhile: the lease ends by itself.
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
        try:
            check(job.command)
        except InputError as error:  # queued by another version, or past the queue
            refusal = str(error)
            self._patiently(lambda: self._queue.finish(job, "failed", error=refusal))
            return
        log.info("job %s starts, attempt %s: %s", job.id, job.attempts, " ".join(job.command))
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            running = self._start(job, output, errors)
            try:
                standing = self._attend(running)
            finally:
                running.kill()
                running.process.wait()
                os.close(running.progress)
            self._finish(running, standing)

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

    def _attend(self, running: _Running) -> Standing:
        """Watch a job until its process has ended, renewing the lease."""
        standing: Standing = "held"
        interval = min(self._lease_s / RENEWALS, SHOWN_EVERY_S)
        renewed = 0.0
        while not running.has_ended(LOOK_S):
            if time.monotonic() - renewed >= interval:
                renewed = time.monotonic()
                running.check_limits()
                found = self._renew(running)
                standing = standing if found == "held" else found
            if standing == "lost":
                running.kill()
            elif standing == "cancel" or running.over or self._stopping.is_set():
                running.stop()
        return standing

    def _renew(self, running: _Running) -> Standing:
        """Where the database does not answer the job goes on: nobody else can take it either."""
        try:
            return self._queue.renew(running.job, running.share, running.message, self._lease_s)
        except StateError as error:
            log.warning("the lease of job %s was not renewed: %s", running.job.id, error)
            return "held"

    def _finish(self, running: _Running, standing: Standing) -> None:
        job, exit_code = running.job, running.process.returncode
        if standing == "lost":
            log.warning("job %s was taken by another worker", job.id)
        else:
            if standing == "cancel" and exit_code != 0:  # by itself: it is on record once
                self._patiently(lambda: self._log_cancel(job))
            self._patiently(lambda: self._record_end(running, standing))
        log.info("job %s ended with %s", job.id, exit_code)

    def _record_end(self, running: _Running, standing: Standing) -> None:
        job, exit_code = running.job, running.process.returncode
        if exit_code == 0:
            self._queue.finish(job, "done", exit_code=0, result=_result(running.output))
        elif standing == "cancel":
            self._queue.finish(job, "canceled", exit_code=exit_code)
        elif running.over:
            self._queue.finish(job, "failed", exit_code=exit_code, error=running.over)
        elif self._stopping.is_set():
            self._queue.release(job)
        else:
            said = Redaction.of(self._settings).of_text(_tail(running.errors))
            error = said or f"It ended with {exit_code} and said nothing."
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
