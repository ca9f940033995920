"""What the web workers count for `/metrics`, together: requests, gestures, exports, sign-ins.

Workers of one server share a folder of mapped files, one set for each slot; a worker takes the
first free slot and counts on where the one before it stopped, so that files never add up. Labels
are routes, pages and other names of the program: none holds an id, a person or a selection.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable with the shared folder, set by gunicorn.conf.py and read by prometheus_client."""
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SLOT = "worker-"


class Slots:
    """The slots of the workers of one server.

    Parameters
    ----------
    folder
        Shared by the workers; None for a process that serves alone.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: IO[str] | None = None  # locked while this process lives

    def claim(self) -> int:
        """Take the first slot that no running worker has; returns its number."""
        if self._folder is None:
            return 0
        for number in count():
            slot = (self._folder / f"{SLOT}{number}").open("a+", encoding="ascii")
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                slot.close()
                continue
            slot.truncate(0)
            slot.write(str(os.getpid()))
            slot.flush()
            self._held = slot
            return number
        raise AssertionError("numbers do not end")

    def running(self) -> Iterator[tuple[str, int]]:
        """Slot and process id of each running worker."""
        if self._folder is None:
            yield "0", os.getpid()
            return
        for path in sorted(self._folder.glob(f"{SLOT}*")):
            with path.open(encoding="ascii") as slot:
                try:
                    fcntl.flock(slot, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield path.name.removeprefix(SLOT), int(slot.read() or "0")


class WorkerMemory:
    """Memory of the running workers, read when it is asked for."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    def collect(self) -> Iterator[Metric]:
        """Resident memory in bytes by slot, mapped files of the snapshot included."""
        family = GaugeMetricFamily(
            "patroliq_worker_memory_bytes",
            "Resident memory of a web worker, with mapped files.",
            labels=["worker"],
        )
        page = os.sysconf("SC_PAGE_SIZE")
        with suppress(OSError):
            for slot, pid in self._slots.running():
                with suppress(OSError):  # it ended meanwhile
                    resident = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
                    family.add_metric([slot], resident * page)
        yield family


class RequestCounters:
    """The counters of this worker, and the sums of all workers."""

    def __init__(self, folder: Path | None) -> None:
        slots = Slots(folder)
        self._folder = folder
        self._own = CollectorRegistry() if folder is None else None
        self._memory = WorkerMemory(slots)
        if folder is not None:
            slot = slots.claim()
            values.ValueClass = values.MultiProcessValue(lambda: slot)
        self.requests = Counter(
            "patroliq_requests",
            "Requests that were answered.",
            ["route", "status"],
            registry=self._own,
        )
        self.request_seconds = Histogram(
            "patroliq_request_seconds",
            "Seconds until the answer to a request began.",
            ["route"],
            buckets=SECONDS,
            registry=self._own,
        )
        self.callback_seconds = Histogram(
            "patroliq_callback_seconds",
            "Seconds of gestures on a page.",
            ["page"],
            buckets=SECONDS,
            registry=self._own,
        )
        self.exported_rows = Counter(
            "patroliq_exported_rows", "Rows of files that were taken away.", registry=self._own
        )
        self.sign_in_failures = Counter(
            "patroliq_sign_in_failures",
            "Refused sign-ins, and refusals to unlock.",
            ["event"],
            registry=self._own,
        )

    def registry(self) -> CollectorRegistry:
        """What all workers counted, to be written once."""
        found = CollectorRegistry()
        if self._own is not None:
            found.register(self._own)
        else:
            MultiProcessCollector(found, str(self._folder))
        found.register(self._memory)
        return found
