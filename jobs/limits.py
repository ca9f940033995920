"""Time and memory limits of a job.

Memory is the anonymous and shared memory of its process and all processes it started. A limit on
the address space would include the files that DuckDB and the scan map, which are larger.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path

from analytics.errors import PatrolIQError
from analytics.settings import Settings, bytes_of

FAR_ABOVE = 1.5
"""Multiple of the memory limit above which a job is killed at once, without a warning signal."""
_OWN = ("RssAnon:", "RssShmem:")


@unique
class Limit(StrEnum):
    """Limits of a job, by the setting that raises each."""

    MEMORY = "PATROLIQ_JOB_MEMORY_LIMIT"
    TIME = "PATROLIQ_JOB_TIMEOUT_S"


class LimitExceededError(PatrolIQError):
    """A job exceeded a limit: `used` and `allowed` are bytes or seconds."""

    def __init__(self, limit: Limit, used: float, allowed: float) -> None:
        if limit is Limit.MEMORY:
            reason = f"used {used / 1e9:.1f} GB of memory, more than the {allowed / 1e9:.1f} GB"
        else:
            reason = f"ran for more than the {allowed:,.0f} seconds"
        super().__init__(
            f"The job was stopped because it {reason} of {limit}. Select fewer incidents or "
            "smaller parameters, or raise the limit."
        )
        self.limit, self.used, self.allowed = limit, used, allowed


@dataclass
class Limits:
    """Limits of one job; its time runs from the creation of this object."""

    timeout_s: float
    memory_bytes: int
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.job_timeout_s, bytes_of(settings.job_memory_limit))

    def exceeded(self, memory_bytes: int) -> LimitExceededError | None:
        """The limit that a job has exceeded; None while it may continue."""
        if memory_bytes > self.memory_bytes:
            return LimitExceededError(Limit.MEMORY, memory_bytes, self.memory_bytes)
        seconds = time.monotonic() - self.started
        if seconds > self.timeout_s:
            return LimitExceededError(Limit.TIME, seconds, self.timeout_s)
        return None

    def is_far_above(self, memory_bytes: int) -> bool:
        return memory_bytes > FAR_ABOVE * self.memory_bytes


def memory_of_session(session: int) -> int:
    """Bytes of anonymous and shared memory of all processes of a session."""
    return sum(_own_memory(process) for process in _processes() if _session(process) == session)


def _processes() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _session(process: int) -> int:
    try:
        return os.getsid(process)
    except OSError:  # it has ended
        return -1


def _own_memory(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(_OWN))
