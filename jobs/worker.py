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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from analytics.audit import Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from jobs.commands import check
from jobs.queue import LEASE_S, Job, Queue, Standing

PROGRAM = (sys.executable, "-m", "jobs.child")
POLL_S = 1.0  # how often an idle worker looks
GRACE_S = 10.0  # between the polite and the other way of stopping a job
RENEWALS = 6  # at least, in the length of a lease
SHOWN_EVERY_S = 1.0  # how often progress is stored
LOOK_S = 0.25
MOST_RESULT = 1_000_000  # bytes of a command's result that are kept
MOST_ERROR = 4_000  # characters of what it said on standard error
log = logging.getLogger(__name__)


@dataclass
class _Running:
    """A job's process while it runs."""

    job: Job
    process: subprocess.Popen[bytes]
    progress: int  # the pipe's reading end
    output: IO[bytes]
    errors: IO[bytes]
    share: float = 0.0
    message: str = ""
    rest: bytes = b""
    telling: bool = True  # the pipe is still open
    signalled: float | None = None

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

    def stop(self) -> None:
        """Politely at first; after `GRACE_S` the whole process group is killed."""
        now = time.monotonic()
        if self.signalled is None:
            self.signalled = now
            self.process.terminate()
        elif now - self.signalled > GRACE_S:
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
            job = self._queue.take(self.name, self._lease_s)
            if job is not None:
                self._run(job)
                done += 1
            elif once:
                break
            else:
                self._stopping.wait(POLL_S)
        self._state.close()
        return done

    def _run(self, job: Job) -> None:
        try:
            check(job.command)
        except InputError as error:  # queued by another version, or past the queue
            self._queue.finish(job, "failed", error=str(error))
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
        return _Running(job, process, reading, output, errors)

    def _attend(self, running: _Running) -> Standing:
        """Watch a job until its process has ended, renewing the lease."""
        standing: Standing = "held"
        interval = min(self._lease_s / RENEWALS, SHOWN_EVERY_S)
        renewed = 0.0
        while not running.has_ended(LOOK_S):
            if time.monotonic() - renewed >= interval:
                renewed = time.monotonic()
                found = self._renew(running)
                standing = standing if found == "held" else found
            if standing == "lost":
                running.kill()
            elif standing == "cancel" or self._stopping.is_set():
                running.stop()
        return standing

    def _renew(self, running: _Running) -> Standing:
        return self._queue.renew(running.job, running.share, running.message, self._lease_s)

    def _finish(self, running: _Running, standing: Standing) -> None:
        job, exit_code = running.job, running.process.returncode
        if standing == "lost":
            log.warning("job %s was taken by another worker", job.id)
        elif exit_code == 0:
            self._queue.finish(job, "done", exit_code=0, result=_result(running.output))
        elif standing == "cancel":
            self._queue.finish(job, "cancelled", exit_code=exit_code)
            self._log_cancel(job)
        elif self._stopping.is_set():
            self._queue.release(job)
        else:
            error = _tail(running.errors) or f"It ended with {exit_code} and said nothing."
            self._queue.finish(job, "failed", exit_code=exit_code, error=error)
        log.info("job %s ended with %s", job.id, exit_code)

    def _log_cancel(self, job: Job) -> None:
        details = {"command": list(job.command)}
        audit = Audit(self._state, self._settings)
        audit.record("job.cancelled", str(job.id), details=details, person=job.person)


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
