"""Choose the scoped snapshot that answers a reader, and keep the last ones open."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from analytics.access.restriction import Restriction
from analytics.errors import UnavailableError
from analytics.incidents.warehouse import Snapshot
from analytics.scoped.kept import KEPT_OF_ONE, Base, ScopedSnapshots
from analytics.scoped.resolve import resolve
from analytics.settings import PREFIX, Settings

MOST_OPEN = 32
"""Scoped snapshots that a worker keeps open: some 9 MB each."""
MADE_HERE = 50_000
"""Incidents of the largest snapshot of which a request makes a scoped one itself: some 2 s, and 10
to 20 ms for each zone in use, which is counted again."""
MOST_MAKING = 2
"""Processes of a worker that make one while an earlier one answers; the others take their turn."""
LONGEST_WAIT_S = 5.0
"""A request waits so long for another process to make a scoped snapshot."""
MODULE = "analytics.cli.scoped"
_LOG = logging.getLogger(__name__)
Opened = TypeVar("Opened")


class ScopedServing(Generic[Opened]):
    """Opens scoped snapshots with a function of the services."""

    def __init__(self, settings: Settings, open_snapshot: Callable[[Snapshot], Opened]) -> None:
        self._settings = settings
        self._snapshots = ScopedSnapshots(settings)
        self._open_snapshot = open_snapshot
        self._lock = threading.Lock()
        self._opened: dict[str, Opened] = {}  # the least recently used first
        self._making: dict[str, subprocess.Popen[bytes]] = {}

    def open(self, base: Callable[[], Base], served: Snapshot, restriction: Restriction) -> Opened:
        """What a reader may see of the served snapshot, or of the one before while it is made.

        Raises
        ------
        OutsideScopeError
            That is nothing.
        UnavailableError
            It is not ready yet.
        """
        name = self._snapshots.name(served.id, restriction)
        opened = self._used(name)
        if opened is not None:
            return opened
        found = self._snapshots.find(name)
        if found is not None:
            if not found.changed():
                return self._keep(found)
            _LOG.warning("scoped snapshot %s is damaged and is made again", name)
            self._snapshots.forget(name)
        if served.manifest.incidents <= MADE_HERE:
            return self._keep(self._snapshots.make(base(), restriction))
        return self._made_elsewhere(base, name, served, restriction)

    def forget(self, name: str) -> None:
        """Drop a damaged one, so that it is made again."""
        with self._lock:
            self._opened.pop(name, None)
        self._snapshots.forget(name)

    def _used(self, name: str) -> Opened | None:
        with self._lock:
            opened = self._opened.pop(name, None)
            if opened is not None:
                self._opened[name] = opened
            return opened

    def _keep(self, snapshot: Snapshot) -> Opened:
        opened = self._open_snapshot(snapshot)
        with self._lock:
            opened = self._opened.setdefault(snapshot.id, opened)
            digest = snapshot.id.rpartition(".")[2]
            same = sorted(name for name in self._opened if name.endswith(f".{digest}"))
            for name in same[:-KEPT_OF_ONE]:  # requests that read one hold it themselves
                if name != snapshot.id:
                    del self._opened[name]
            while len(self._opened) > MOST_OPEN:
                del self._opened[next(iter(self._opened))]
            return opened

    def _made_elsewhere(
        self, base: Callable[[], Base], name: str, served: Snapshot, restriction: Restriction
    ) -> Opened:
        resolved = base()
        resolve(restriction, resolved.reader, resolved.vocabulary, resolved.targets)
        earlier = self._snapshots.find_earlier(name)
        if earlier is not None and not earlier.changed():
            if not self._snapshots.follows_soon(earlier, served.manifest) and self._has_room():
                self._start(name, served, restriction)
            return self._used(earlier.id) or self._keep(earlier)
        process = self._start(name, served, restriction)
        try:
            process.wait(LONGEST_WAIT_S)
        except subprocess.TimeoutExpired:
            raise UnavailableError(
                "What you may see of this data is being prepared; try again in a minute."
            ) from None
        found = self._snapshots.find(name)
        if found is None:
            raise UnavailableError(
                "What you may see of this data could not be prepared; the server's log says why."
            )
        return self._keep(found)

    def _has_room(self) -> bool:
        with self._lock:
            return sum(one.poll() is None for one in self._making.values()) < MOST_MAKING

    def _start(
        self, name: str, served: Snapshot, restriction: Restriction
    ) -> subprocess.Popen[bytes]:
        """The process that makes it, started if none is running."""
        with self._lock:
            running = self._making.get(name)
            if running is not None and running.poll() is None:
                return running
            self._making = {key: one for key, one in self._making.items() if one.poll() is None}
            process = subprocess.Popen(  # noqa: S603 - our own module, input by a pipe
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                env={**os.environ, **_environment(self._settings)},
            )
            if process.stdin is not None:
                with process.stdin as pipe:
                    values = {"snapshot": served.id, **restriction.as_json()}
                    pipe.write(json.dumps(values).encode())
            self._making[name] = process
            return process


def _environment(settings: Settings) -> dict[str, str]:
    found = {
        f"{PREFIX}HOME": str(settings.home),
        f"{PREFIX}SMALL_COUNTS": str(settings.small_counts),
    }
    return found | ({f"{PREFIX}TABLES": str(settings.tables)} if settings.tables else {})
