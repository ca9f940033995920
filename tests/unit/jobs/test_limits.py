"""What a job may use: its own memory and that of what it started, and time."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from analytics.settings import Settings, bytes_of
from jobs.limits import Limit, Limits, memory_of_session

EATER = """
import subprocess, sys
command = [sys.executable, "-c", "b = bytearray(60_000_000); input()"]
child = subprocess.Popen(command, stdin=subprocess.PIPE)
own = bytearray(60_000_000)
print("ready", flush=True)
input()
child.communicate(b"x")
"""


@pytest.mark.parametrize(
    ("text", "found"), [("4GB", 4e9), ("512MB", 512e6), ("1GiB", 2**30), ("1.5 gb", 1.5e9)]
)
def test_a_size_is_read_as_it_is_written(text: str, found: float) -> None:
    assert bytes_of(text) == found


@pytest.mark.parametrize("text", ["", "4", "GB", "4 cows", "-1GB", "infGB"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        bytes_of(text)


def test_memory_of_children_counts() -> None:
    command = [sys.executable, "-c", EATER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as eater:
        assert eater.stdout
        assert eater.stdout.readline() == b"ready\n"
        deadline = time.monotonic() + 20
        while (used := memory_of_session(eater.pid)) < 120_000_000:
            assert time.monotonic() < deadline, used
            time.sleep(0.05)
        eater.communicate(b"x")
    assert used < 400_000_000
    assert memory_of_session(eater.pid) == 0


def test_a_limit_that_is_exceeded_names_its_setting() -> None:
    limits = Limits.of(Settings(job_memory_limit="1GB", job_timeout_s=100))
    assert limits.exceeded(999_999_999) is None
    memory = limits.exceeded(1_000_000_001)
    assert memory is not None
    assert (memory.limit, memory.used, memory.allowed) == (Limit.MEMORY, 1_000_000_001, 1e9)
    assert "PATROLIQ_JOB_MEMORY_LIMIT" in str(memory)
    assert [limits.is_far_above(size) for size in (1_400_000_000, 1_600_000_000)] == [False, True]
    limits.started -= 101
    timeout = limits.exceeded(0)
    assert timeout is not None
    assert (timeout.limit, timeout.allowed) == (Limit.TIME, 100)
    assert "PATROLIQ_JOB_TIMEOUT_S" in str(timeout)
