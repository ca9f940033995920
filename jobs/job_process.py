"""The process of a job: started, given its command, watched and stopped.

It reads its command from standard input, so that it can be started before there is a job.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from analytics.redaction import Redaction
from analytics.settings import Settings
from jobs.limits import LimitExceededError, Limits, memory_of_session

GRACE_S = 10.0  # from SIGTERM to SIGKILL
MOST_RESULT = 1_000_000  # bytes of a command's result that are kept
MOST_ERROR = 4_000  # characters of its standard error that are kept
log = logging.getLogger(__name__)


class JobProcess:
    """One process for one job.

    Parameters
    ----------
    program
        Command to which the number of this process and that of its pipe are added.
    ahead : str
        The command that it is likely to be given, of which it loads the modules meanwhile.

    Attributes
    ----------
    share, message
        Its last progress: 0 to 1, and what it does.
    exceeded
        The limit that it has exceeded.
    """

    def __init__(self, settings: Settings, program: Sequence[str], ahead: str = "") -> None:
        self.share, self.message = 0.0, ""
        self.exceeded: LimitExceededError | None = None
        self._settings = settings
        self._limits = Limits.of(settings)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close
        self._rest = b""
        self._pipe_open = True
        self._signaled: float | None = None
        self._progress, writing = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program, without a shell
                [*program, str(os.getpid()), str(writing), *([ahead] if ahead else [])],
                stdin=subprocess.PIPE,
                stdout=self._output,
                stderr=self._errors,
                pass_fds=[writing],
                env={**os.environ, "PATROLIQ_HOME": str(settings.home.absolute())},
                start_new_session=True,
            )
        except OSError:  # such as for want of memory
            os.close(self._progress)
            self._output.close()
            self._errors.close()
            raise
        finally:
            os.close(writing)

    def give(self, command: Sequence[str], person: str) -> None:
        """Give it its command, from the allow-list; the time of its limits starts here."""
        self._limits = Limits.of(self._settings)
        line = json.dumps({"arguments": [*command, "--json"], "person": person})
        stdin = self._process.stdin
        with suppress(BrokenPipeError):  # it has ended; its exit code says so
            if stdin is not None:
                stdin.write(line.encode() + b"\n")
                stdin.close()

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int:
        """After it has ended."""
        return self._process.returncode

    def has_ended(self, wait_s: float) -> bool:
        """Wait for progress or the end; returns whether the process has ended."""
        if self._pipe_open and select.select([self._progress], [], [], wait_s)[0]:
            self._read_progress()
            return not self.runs
        try:
            self._process.wait(0 if self._pipe_open else wait_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read_progress(self) -> None:
        """Read progress from the pipe; invalid lines are dropped."""
        chunk = os.read(self._progress, 65536)
        self._pipe_open = bool(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if not lines:
            return
        try:
            message, share = json.loads(lines[-1])
            self.message, self.share = str(message), min(max(float(share), 0.0), 1.0)
        except (ValueError, TypeError):
            log.warning("process %s sent progress that cannot be read", self._process.pid)

    def check_limits(self) -> None:
        """Note an exceeded limit; kill it if it is far above its memory limit."""
        memory = memory_of_session(self._process.pid)
        self.exceeded = self.exceeded or self._limits.exceeded(memory)
        if self._limits.is_far_above(memory):
            self.kill()

    def stop(self) -> None:
        """Terminate it; after `GRACE_S` kill the whole process group."""
        now = time.monotonic()
        if self._signaled is None:
            self._signaled = now
            self._process.terminate()
        elif now - self._signaled > GRACE_S:
            self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill what still runs of it, and wait until it has ended."""
        self.kill()
        self._process.wait()

    def close(self) -> None:
        """Close its files, after its end."""
        stdin = self._process.stdin
        with suppress(BrokenPipeError):
            if stdin is not None:
                stdin.close()
        os.close(self._progress)
        self._output.close()
        self._errors.close()

    def result(self) -> object:
        """What the command printed as JSON; None if it is none."""
        size = self._output.seek(0, os.SEEK_END)
        if size > MOST_RESULT:
            return {"cut": f"The result has {size:,} bytes; at most {MOST_RESULT:,} are kept."}
        self._output.seek(0)
        try:
            parsed: object = json.loads(self._output.read())
        except ValueError:
            return None
        return parsed

    def error(self) -> str:
        """The end of what it said of its failure, without secrets."""
        return Redaction.of(self._settings).of_text(_tail(self._errors))


def _tail(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(size - 4 * MOST_ERROR, 0))
    return errors.read().decode("utf-8", "replace").strip()[-MOST_ERROR:]
