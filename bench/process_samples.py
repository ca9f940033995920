"""What processes hold: private memory, threads, file descriptors; and what a folder takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

MIB = 1 << 20


def private_mib(process: int) -> float:
    """Private memory in MiB that was written, so without pages of mapped files."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"Private_Dirty:\s+(\d+) kB", text)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def threads(process: int) -> int:
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def descriptors(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def children(process: int) -> list[int]:
    """Ids of its children and theirs; none if it is gone."""
    with suppress(psutil.NoSuchProcess):
        return [one.pid for one in psutil.Process(process).children(recursive=True)]
    return []


def sum_of_private_mib(processes: Iterable[int]) -> float:
    """Together; those that ended meanwhile count nothing."""
    total = 0.0
    for one in processes:
        with suppress(OSError):
            total += private_mib(one)
    return round(total, 1)


def disk_mib(folder: Path) -> float:
    """Blocks of all files of a folder in MiB; files with several names count once."""
    found: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            about = path.lstat()
            found[about.st_dev, about.st_ino] = about.st_blocks * 512
    return round(sum(found.values()) / MIB, 1)
