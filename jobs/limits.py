"""How long a job may run and how much memory it may use; above either it is stopped.

What counts is memory of its own (anonymous and shared), of its process and all that it started.
A limit of the address space would count the files that DuckDB and the scan map, which are larger.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analytics.settings import Settings, bytes_of

FAR_ABOVE = 1.5
"""Times the memory limit from which on a job is killed at once, not politely."""
_OWN = ("RssAnon:", "RssShmem:")


@dataclass
class Limits:
    """Limits of one job, counted from when this was made."""

    timeout_s: float
    memory_bytes: int
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.job_timeout_s, bytes_of(settings.job_memory_limit))

    def exceeded(self, memory_bytes: int) -> str:
        """Why a job must stop, in words; empty while it may go on."""
        if memory_bytes > self.memory_bytes:
            return (
                f"Stopped: it used {memory_bytes / 1e9:.1f} GB of memory, more than the "
                f"{self.memory_bytes / 1e9:.1f} GB of PATROLIQ_JOB_MEMORY_LIMIT. Choose fewer "
                "incidents or smaller parameters, or raise the limit."
            )
        if time.monotonic() - self.started > self.timeout_s:
            return (
                f"Stopped: it ran for more than the {self.timeout_s:,.0f} seconds of "
                "PATROLIQ_JOB_TIMEOUT_S. Choose fewer incidents or smaller parameters, or raise "
                "the limit."
            )
        return ""

    def is_far_above(self, memory_bytes: int) -> bool:
        return memory_bytes > FAR_ABOVE * self.memory_bytes


def memory_of_session(session: int) -> int:
    """Bytes of memory of their own that all processes of a session hold."""
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
