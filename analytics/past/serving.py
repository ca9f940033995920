"""Keep the last kept snapshots open that people look at as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from analytics.errors import InputError, IntegrityError, PastGoneError
from analytics.incidents.checksums import MANIFEST
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.past.past_home import PastHome

MOST_OPEN = 2
"""Kept snapshots that a worker has open, besides the one served."""
Opened = TypeVar("Opened")
_Signature = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Entry(Generic[Opened]):
    signature: _Signature
    opened: Opened


class PastServing(Generic[Opened]):
    """Opens homes as they were with a function of the services."""

    def __init__(
        self,
        settings: Settings,
        open_home: Callable[[PastHome], Opened],
        close: Callable[[Opened], None],
    ) -> None:
        self._settings = settings
        self._open_home, self._close = open_home, close
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry[Opened]] = {}  # the least recently used first

    def open(self, snapshot_id: str) -> Opened:
        """What answers from a kept snapshot as it was.

        It is opened again once its files changed, as after a retraction.

        Raises
        ------
        PastGoneError
            It cannot be shown: it is not kept anymore, has another schema version, or is served.
        """
        with self._lock:
            entry = self._entries.pop(snapshot_id, None)
            if entry is None or entry.signature != self._signature(snapshot_id):
                if entry is not None:
                    self._close(entry.opened)
                entry = self._opened(snapshot_id)
            self._entries[snapshot_id] = entry
            while len(self._entries) > MOST_OPEN:
                self._close(self._entries.pop(next(iter(self._entries))).opened)
            return entry.opened

    def _opened(self, snapshot_id: str) -> _Entry[Opened]:
        from analytics.past.past_home import open_past  # noqa: PLC0415 - with SQLAlchemy

        try:
            home = open_past(self._settings, snapshot_id)
        except (InputError, IntegrityError) as error:
            raise PastGoneError(f"This cannot be shown as it was. {error}") from error
        return _Entry(self._signature(snapshot_id), self._open_home(home))

    def _signature(self, snapshot_id: str) -> _Signature:
        """Inode and time of the files that are replaced with the snapshot, or the home."""
        from analytics.past.past_home import FACTS, FOLDER  # noqa: PLC0415 - as above

        home = self._settings.home
        files = (home / "snapshots" / snapshot_id / MANIFEST, home / FOLDER / snapshot_id / FACTS)
        return tuple(map(_state, files))


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns
