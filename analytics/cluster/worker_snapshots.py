"""Snapshots on a worker: found by id in its own home folder, and compared with the caller's."""

from __future__ import annotations

import hashlib
import json
import shlex
import threading
from dataclasses import dataclass

from analytics.cluster.connection import SegmentError
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.code_scan import CodeScan
from analytics.crossfilter.codes import FOLDER
from analytics.errors import PatrolIQError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.lru_cache import LruCache
from analytics.settings import Settings

MOST_OPEN = 3
_LOCK = threading.Lock()
_OPEN = LruCache(MOST_OPEN)


@dataclass(frozen=True)
class SnapshotName:
    """Which snapshot is meant, and a digest of what its files must contain.

    A retraction writes a snapshot again under its id, so the id alone does not say.
    """

    id: str
    digest: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> SnapshotName:
        manifest = snapshot.manifest
        content = json.dumps([manifest.incidents, manifest.checksums], sort_keys=True)
        return cls(manifest.id, hashlib.sha256(content.encode()).hexdigest())


class OpenSnapshot:
    """A snapshot of this worker whose files match their checksums."""

    def __init__(self, snapshot: Snapshot, settings: Settings, threads: int) -> None:
        """Open the codes and the database.

        Raises
        ------
        OSError, ValueError, KeyError, TypeError, PatrolIQError
            They cannot be read.
        """
        self.codes = CodeScan(CodeFiles(snapshot), compiled.load(), threads)
        self.reader = SnapshotReader(snapshot, settings, sets_formats=False)


def open_snapshot(name: SnapshotName) -> OpenSnapshot:
    """The snapshot of this worker with a name; opened once, after its codes were verified.

    Raises
    ------
    SegmentError
        It is not here, has other content, or is damaged.
    """
    from distributed import get_worker  # noqa: PLC0415 - an extra

    settings = Settings.from_environment()
    try:
        return _opened(name, settings, get_worker().state.nthreads)
    except (PatrolIQError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        home = shlex.quote(str(settings.home.absolute()))
        raise SegmentError(
            f"Worker {get_worker().address} cannot use snapshot {name.id}: {error} Copy it there: "
            f"PATROLIQ_HOME={home} patroliq snapshots pull ADDRESS"
        ) from error


def warm_up(settings: Settings, threads: int) -> str:
    """Open the snapshot that the home folder serves; returns its id, or nothing without one.

    Raises
    ------
    PatrolIQError, OSError, ValueError, KeyError, TypeError
        It cannot be used.
    """
    compiled.load()
    snapshot = Warehouse(settings.home).current()
    if snapshot is None:
        return ""
    _opened(SnapshotName.of(snapshot), settings, threads)
    return snapshot.id


def _opened(name: SnapshotName, settings: Settings, threads: int) -> OpenSnapshot:
    key = (name, settings.home)
    with _LOCK:  # one thread verifies, others wait for it
        found: OpenSnapshot | None = _OPEN.get(key)
        if found is None:
            found = _open(name, settings, threads)
            _OPEN.put(key, found)
        return found


def _open(name: SnapshotName, settings: Settings, threads: int) -> OpenSnapshot:
    snapshot = Warehouse(settings.home).get(name.id)
    if SnapshotName.of(snapshot) != name:
        raise ValueError("it has other content here.")
    if wrong := snapshot.changed(FOLDER):
        raise ValueError(f"{', '.join(wrong)} does not match its checksum.")
    return OpenSnapshot(snapshot, settings, threads)
