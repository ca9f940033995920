"""The warehouse: immutable snapshots in a folder, one of them current.

<home>/current              text file: id of the snapshot being served
<home>/snapshots/<id>/      incidents.duckdb, outlines/<level>.geojson, manifest.json
<home>/staging/             snapshots being built; whatever is here is not served
<home>/raw/<batch>/         rows as they were read, and the source they were read with
<home>/outlines/            outlines added by the agency, used by the next snapshots
<home>/state.db             users, audit, saved selections (analytics.state)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics.errors import BusyError, InputError, IntegrityError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import SCHEMA_VERSION

DATABASE = "incidents.duckdb"
MANIFEST = "manifest.json"
KEEP_LAST = 5
KEEP_DAYS = 30


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot. Immutable: two with the same id hold the same bytes."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def outline(self, level: str) -> Path | None:
        """GeoJSON of the area level's outlines, or None where there are none."""
        path = self.path / "outlines" / f"{level}.geojson"
        return path if path.exists() else None


class Warehouse:
    """Reads and publishes snapshots below one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.snapshots_folder = home / "snapshots"
        self.pointer = home / "current"
        self._cached: Snapshot | None = None

    def current_id(self) -> str | None:
        try:
            return self.pointer.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def current(self) -> Snapshot | None:
        """The snapshot being served, or None in an empty warehouse.

        Raises
        ------
        IntegrityError
            The pointer names a snapshot that is not there or cannot be read.
        """
        snapshot_id = self.current_id()
        if snapshot_id is None:
            return None
        cached = self._cached
        if cached is None or cached.id != snapshot_id:
            try:
                cached = self._cached = self.get(snapshot_id)
            except InputError as error:
                raise IntegrityError(
                    f"{self.pointer} names snapshot {snapshot_id!r}, which is not there; "
                    "choose another with `patroliq snapshots rollback`."
                ) from error
        return cached

    def get(self, snapshot_id: str) -> Snapshot:
        """A snapshot by id.

        Raises
        ------
        InputError
            There is no such snapshot.
        IntegrityError
            It was written under another schema version, or its manifest is damaged.
        """
        path = self.snapshots_folder / snapshot_id
        if Path(snapshot_id).name != snapshot_id or not (path / MANIFEST).exists():
            raise InputError(
                f"There is no snapshot {snapshot_id!r}; `patroliq snapshots list` names them."
            )
        snapshot = Snapshot(path, _manifest(path / MANIFEST))
        if snapshot.manifest.schema_version != SCHEMA_VERSION:
            raise IntegrityError(
                f"Snapshot {snapshot_id} has schema version {snapshot.manifest.schema_version}, "
                f"this program serves {SCHEMA_VERSION}; ingest again from the rows that are kept."
            )
        return snapshot

    def list(self) -> list[Manifest]:
        """Manifests of all snapshots, newest first; those that cannot be read are left out."""
        manifests = []
        for path in self.snapshots_folder.glob(f"*/{MANIFEST}"):
            with suppress(FileNotFoundError, IntegrityError):  # pruned meanwhile, or damaged
                manifests.append(_manifest(path))
        return sorted(manifests, key=lambda manifest: manifest.created, reverse=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the warehouse for writing; the operating system frees it if the process dies.

        Raises
        ------
        BusyError
            Another process holds it.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(
                    f"Another ingest is writing to {self.home}; wait for it and run this again."
                ) from error
            yield

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A fresh folder for the next snapshot; what earlier crashes left is removed.

        Call it with the lock held.
        """
        shutil.rmtree(self.home / "staging", ignore_errors=True)
        folder = self.home / "staging" / secrets.token_hex(4)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, manifest: Manifest, cited: Iterable[str] = ()) -> Snapshot:
        """Check-sum the staged folder, move it in place and point to it.

        `cited` are ids of snapshots that must be kept. Call it with the lock held.
        """
        manifest = replace(manifest, checksums=checksums(folder))
        manifest.write(folder / MANIFEST)
        _sync(folder)
        self.snapshots_folder.mkdir(parents=True, exist_ok=True)
        target = self.snapshots_folder / manifest.id
        folder.rename(target)
        _sync_folder(self.snapshots_folder)
        self._point_to(manifest.id)
        self._prune(set(cited) | {manifest.id})
        return Snapshot(target, manifest)

    def rollback(self, snapshot_id: str) -> Snapshot:
        """Serve an earlier snapshot. Call it with the lock held."""
        snapshot = self.get(snapshot_id)
        self.verify(snapshot)
        self._point_to(snapshot.id)
        return snapshot

    def verify(self, snapshot: Snapshot) -> None:
        """Compare every file with its checksum.

        Raises
        ------
        IntegrityError
            Names the files that are missing, new or changed.
        """
        found = checksums(snapshot.path)
        expected = snapshot.manifest.checksums
        wrong = sorted(
            name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
        )
        if wrong:
            raise IntegrityError(
                f"Snapshot {snapshot.id} is damaged: {', '.join(wrong)} "
                "does not match its checksum. Roll back to another, or ingest again."
            )

    def _point_to(self, snapshot_id: str) -> None:
        temporary = self.pointer.with_name(f"current.{secrets.token_hex(4)}")
        with temporary.open("w", encoding="utf-8") as handle:
            handle.write(snapshot_id + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(self.pointer)
        _sync_folder(self.home)

    def _prune(self, keep: set[str]) -> None:
        manifests = self.list()
        keep |= {manifest.id for manifest in manifests[:KEEP_LAST]}
        oldest = (datetime.now(UTC) - timedelta(days=KEEP_DAYS)).isoformat()
        days: set[str] = set()
        for manifest in manifests:
            day = manifest.created[:10]
            if manifest.created >= oldest and day not in days:
                days.add(day)
                keep.add(manifest.id)
        for manifest in manifests:
            if manifest.id not in keep:
                self._remove(manifest.id)

    def _remove(self, snapshot_id: str) -> None:
        """Out of the list in one step; a crash while deleting leaves rests in staging only."""
        rests = self.home / "staging" / f"pruned-{snapshot_id}"
        rests.parent.mkdir(exist_ok=True)
        with suppress(OSError):
            (self.snapshots_folder / snapshot_id).rename(rests)
        shutil.rmtree(rests, ignore_errors=True)


def new_snapshot_id() -> str:
    """An id that sorts by time, as 20261121T064500123-1a2b3c4d."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}-{secrets.token_hex(4)}"


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a snapshot's folder, the manifest left out."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest.read(path)
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{path} is damaged ({error}). Roll back to another snapshot, or ingest again."
        ) from error


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
