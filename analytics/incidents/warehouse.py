"""The warehouse: immutable snapshots in a folder, one of them current.

<home>/current              text file: id of the snapshot being served
<home>/snapshots/<id>/      incidents.duckdb, outlines/<level>.geojson, manifest.json
<home>/staging/             snapshots being built; whatever is here is not served
<home>/raw/<batch>/         rows as they were read, and the source used (see packed_loads)
<home>/raw/<batch>/unpublished  a mark that exists until a snapshot cites the batch
<home>/calls/                a warehouse of calls for service, laid out like this one
<home>/outlines/            outlines added by the agency, used by later snapshots
<home>/state.db             audit log, jobs, edits, stored selections (analytics.state)
"""

from __future__ import annotations

import builtins
import fcntl
import itertools
import logging
import os
import re
import secrets
import shutil
import time
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from analytics.errors import BusyError, DamagedError, InputError, IntegrityError
from analytics.incidents.checksums import MANIFEST, changed, checksums
from analytics.incidents.clone import clone
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import MERGEABLE_SCHEMAS, SCHEMA_VERSION
from analytics.incidents.packed_loads import RawRows
from analytics.publisher import require_own
from analytics.retention_rules import KEEP_LAST
from analytics.retention_rules import SNAPSHOT_DAYS as KEEP_DAYS
from analytics.stored import damaged, replace_text, sync_folder

UNPUBLISHED = "unpublished"
LONGEST_ID = 100
LOOK_S = 0.1
REMEDY_POINTER = (
    "Serve the newest intact snapshot with `patroliq doctor --repair`, or choose one with "
    "`patroliq snapshots list` and `patroliq snapshots rollback ID`."
)
REMEDY_MERGEABLE = (
    "Ingest a file of this source, new or known: stored incidents are kept, and all else is "
    "derived again."
)
REMEDY_SYNTHETIC = "Build the demo city again with `patroliq demo`."
REMEDY_SCHEMA = "Use the version of PatrolIQ that wrote it, or ingest its files with --replace."
REMEDY_SNAPSHOT = (
    "Restore its folder from a backup, or serve another snapshot with `patroliq doctor --repair`."
)
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_ID - 1}}}")
_LOG = logging.getLogger(__name__)


def database_name(kind: str) -> str:
    """File name of the database of a snapshot of incidents or calls."""
    return f"{kind}.duckdb"


DATABASE = database_name("incidents")


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot; immutable, so the same id means the same bytes."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def database(self) -> Path:
        return self.path / database_name(self.manifest.source.kind)

    def hold(self, owner: object) -> Callable[[], object]:
        """Keep the snapshot from being pruned while `owner` lives, or until the result is called.

        A snapshot that is gone already cannot be held.
        """
        try:
            handle = os.open(self.path / MANIFEST, os.O_RDONLY)
        except OSError:
            return lambda: None
        fcntl.flock(handle, fcntl.LOCK_SH)
        return weakref.finalize(owner, os.close, handle)

    def changed(self, below: str = "") -> list[str]:
        """Names of files that do not match their checksum, in one folder if given."""
        return changed(self.path, self.manifest.checksums, below)

    def outline(self, level: str) -> Path | None:
        """GeoJSON of an area level's outlines, if there are any."""
        path = self.path / "outlines" / f"{level}.geojson"
        return path if path.exists() else None


class Warehouse:
    """Reads and publishes snapshots in one folder.

    Attributes
    ----------
    patience_s : float
        Seconds that `lock` waits for another process. The process of a job waits longer.
    """

    patience_s = 0.0

    def __init__(self, home: Path) -> None:
        self.home = home
        self.snapshots_folder = home / "snapshots"
        self.pointer = home / "current"
        self._cached: Snapshot | None = None

    def current_id(self) -> str | None:
        """Id of the snapshot being served; None in an empty warehouse.

        Raises
        ------
        DamagedError
            There are snapshots, but the pointer is missing or not valid.
        """
        fault = "does not name a snapshot"
        try:
            with self.pointer.open("rb") as handle:
                text = handle.read(2 * LONGEST_ID).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            text, fault = "", "is missing"
        except OSError as error:
            text, fault = "", f"cannot be read ({error.strerror})"
        if _ID.fullmatch(text):
            return text
        if not self._folders():
            return None
        raise DamagedError(f"{self.pointer} {fault}, but there are snapshots. {REMEDY_POINTER}")

    def current(self) -> Snapshot | None:
        """The snapshot being served; None in an empty warehouse.

        Raises
        ------
        IntegrityError
            The pointer, or the snapshot that it names, is missing or cannot be read.
        """
        snapshot_id = self.current_id()
        if snapshot_id is None:
            return None
        cached = self._cached
        if cached is None or cached.id != snapshot_id:
            try:
                cached = self._cached = self.get(snapshot_id)
            except InputError as error:
                raise DamagedError(
                    f"{self.pointer} names snapshot {snapshot_id!r}, which is missing. "
                    f"{REMEDY_POINTER}"
                ) from error
        return cached

    def mergeable(self) -> Snapshot | None:
        """The current snapshot for an ingest, which may be of an earlier schema.

        Raises
        ------
        IntegrityError
            It cannot be read, or its schema is not one of `MERGEABLE_SCHEMAS`.
        """
        snapshot_id = self.current_id()
        if snapshot_id is not None and (path := self.snapshots_folder / snapshot_id).is_dir():
            manifest = _manifest(path)
            if manifest.schema_version in MERGEABLE_SCHEMAS:
                return Snapshot(path, manifest)
        return self.current()

    def get(self, snapshot_id: str) -> Snapshot:
        """Open a snapshot by id.

        Raises
        ------
        InputError
            The snapshot does not exist.
        IntegrityError
            It has another schema version, or its manifest is damaged.
        """
        path = self.snapshots_folder / snapshot_id
        if not _ID.fullmatch(snapshot_id) or not path.is_dir():
            raise InputError(
                f"Snapshot not found: {snapshot_id[:LONGEST_ID]!r}; see `patroliq snapshots list`."
            )
        snapshot = Snapshot(path, _manifest(path))
        schema = snapshot.manifest.schema_version
        if schema != SCHEMA_VERSION:
            remedy = REMEDY_MERGEABLE if schema in MERGEABLE_SCHEMAS else REMEDY_SCHEMA
            if snapshot.manifest.source.synthetic:
                remedy = REMEDY_SYNTHETIC
            raise IntegrityError(
                f"Snapshot {snapshot_id} has schema version {schema}, but this program needs "
                f"{SCHEMA_VERSION}. {remedy}"
            )
        return snapshot

    def list(self) -> builtins.list[Manifest]:
        """Manifests of all snapshots, newest first, without unreadable ones."""
        return self._read()[0]

    def unreadable(self) -> dict[str, str]:
        """Snapshots with an unreadable manifest: id → error message."""
        return self._read()[1]

    def _read(self) -> tuple[builtins.list[Manifest], dict[str, str]]:
        manifests, faults = [], {}
        for folder in self._folders():
            try:
                manifests.append(_manifest(folder))
            except DamagedError as error:
                if folder.exists():  # not pruned meanwhile
                    faults[folder.name] = str(error)
        return sorted(manifests, key=lambda manifest: manifest.created, reverse=True), faults

    def _folders(self) -> builtins.list[Path]:
        """Folders of snapshots, readable or not."""
        try:
            found = sorted(self.snapshots_folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            remedy = "Restore it from a backup."
            raise damaged(self.snapshots_folder, error, remedy) from error
        return [path for path in found if path.is_dir() and _ID.fullmatch(path.name)]

    @contextmanager
    def lock(self, *, pulls: bool = False) -> Iterator[None]:
        """Lock the warehouse for writing; the operating system frees it if the process dies.

        `pulls`: to write what another machine publishes.

        Raises
        ------
        BusyError
            Another process holds the lock.
        NotPublisherError
            The home folder was pulled from another machine, which alone writes.
        """
        if not pulls:
            require_own(self.home, "write data")
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as handle:
            until = time.monotonic() + self.patience_s
            while not _locks(handle):
                if time.monotonic() >= until:
                    raise BusyError(
                        f"Another process is writing to {self.home}; wait for it and run this "
                        "again."
                    )
                time.sleep(LOOK_S)
            yield

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A new folder for the next snapshot; removes what earlier crashes left.

        Hold the lock.
        """
        shutil.rmtree(self.home / "staging", ignore_errors=True)
        folder = self.home / "staging" / secrets.token_hex(4)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(
        self,
        folder: Path,
        manifest: Manifest,
        cited: Iterable[str] | None = (),
        keep_days: int | None = None,
    ) -> Snapshot:
        """Add checksums to the staged folder, move it in place and point to it. Hold the lock.

        `cited` are ids of snapshots that must be kept; if it is None, nothing is removed. Others
        are kept for `keep_days`, by default as the rules say. Failures to remove old snapshots are
        only logged, since the new one is already served.
        """
        manifest = replace(manifest, checksums=checksums(folder))
        manifest.write(folder / MANIFEST)
        sync_files(folder)
        self.snapshots_folder.mkdir(parents=True, exist_ok=True)
        target = self.snapshots_folder / manifest.id
        folder.rename(target)
        sync_folder(self.snapshots_folder)
        self.point_to(manifest.id)
        if cited is not None:
            try:
                self.prune(set(cited) | {manifest.id}, keep_days)
            except (OSError, DamagedError) as error:
                _LOG.warning("not every old snapshot could be removed: %s", error)
        return Snapshot(target, manifest)

    def verify(self, snapshot: Snapshot) -> None:
        """Compare every file with its checksum.

        Raises
        ------
        DamagedError
            Names the files that are missing, new or changed.
        """
        wrong = snapshot.changed()
        if wrong:
            raise DamagedError(damage(snapshot.id, wrong))

    def copy(self, snapshot: Snapshot, folder: Path, except_for: Collection[str] = ()) -> None:
        """Copy a snapshot's files to a staged folder, without the manifest and `except_for`.

        Raises
        ------
        DamagedError
            A file does not match its checksum; its copy would get a new, matching one.
        """
        self.verify(snapshot)
        for name in snapshot.manifest.checksums:
            if name not in except_for:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                clone(snapshot.path / name, target)

    def point_to(self, snapshot_id: str) -> None:
        """Serve a snapshot from now on, in one step. Hold the lock."""
        replace_text(self.pointer, snapshot_id + "\n")

    def prunable(
        self, cited: Collection[str], keep_days: int | None = None
    ) -> tuple[builtins.list[Path], builtins.list[Path]]:
        """Folders of snapshots that need not be kept, and of raw rows that only these cite.

        None while a manifest cannot be read.

        Raises
        ------
        DamagedError
            The pointer cannot be read.
        """
        manifests, faults = self._read()
        if faults:
            _LOG.warning("no old snapshot was removed: %s", " ".join(faults.values()))
            return [], []
        keep = {*cited, self.current_id()} | newest(manifests)
        keep |= newest_of_days(manifests, keep_days)
        keep |= {one.id for one in manifests if is_held(self.snapshots_folder / one.id)}
        kept = _batches(manifest for manifest in manifests if manifest.id in keep)
        gone = [manifest for manifest in manifests if manifest.id not in keep]
        folders = [self.snapshots_folder / manifest.id for manifest in gone]
        return folders, self._rows_of_only(_batches(gone), kept)

    def prune(self, cited: Collection[str], keep_days: int | None = None) -> None:
        """Remove what is `prunable`. Hold the lock."""
        for folder in itertools.chain(*self.prunable(cited, keep_days)):
            self.remove_folder(folder)

    def remove_orphans(self) -> None:
        """Remove raw rows of an ingest that died before its snapshot was published.

        Nothing is removed while a manifest is unreadable. Hold the lock.
        """
        manifests, faults = self._read()
        if faults:
            return
        cited = _batches(manifests)
        if not self._are_kept(cited):
            return
        for mark in self.raw.glob(f"*/{UNPUBLISHED}"):
            if mark.parent.name in cited:
                mark.unlink(missing_ok=True)
            else:
                self.remove_folder(mark.parent)

    def _rows_of_only(self, gone: set[str], kept: set[str]) -> builtins.list[Path]:
        """Folders of raw rows of `gone` batches that have none of `kept` ones."""
        if not gone - kept or not self._are_kept(kept):
            return []
        rows = RawRows(self.raw)
        needed = {rows.folder(batch) for batch in kept}
        found = {rows.folder(batch) for batch in gone - kept}
        return sorted(folder for folder in found - needed if folder is not None)

    def _are_kept(self, batches: Iterable[str]) -> bool:
        """Whether the raw rows of all batches exist, as far as can be read.

        If not, a manifest may have a damaged byte in the name of one that does.
        """
        rows = RawRows(self.raw)
        try:
            return all(rows.folder(batch) is not None for batch in batches)
        except DamagedError as error:
            _LOG.warning("no raw rows were removed: %s", error)
            return False

    @property
    def raw(self) -> Path:
        """Folder of raw rows, with one folder for each batch."""
        return self.home / "raw"

    def remove(self, snapshot_id: str) -> None:
        """Remove a snapshot that is not served. Hold the lock."""
        self.remove_folder(self.snapshots_folder / snapshot_id)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder in one step; a crash while deleting leaves remains only in staging.

        Hold the lock.
        """
        rests = self.home / "staging" / f"pruned-{folder.name}-{secrets.token_hex(4)}"
        rests.parent.mkdir(exist_ok=True)
        with suppress(OSError):
            folder.rename(rests)
        shutil.rmtree(rests, ignore_errors=True)


def _locks(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(folder: Path) -> bool:
    """Whether a process works on a snapshot: many small loads may outlive one training."""
    with suppress(OSError), (folder / MANIFEST).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def newest(manifests: Sequence[Manifest]) -> set[str]:
    """Ids of the snapshots that are kept as the last ones; `manifests` are the newest first."""
    return {manifest.id for manifest in manifests[:KEEP_LAST]}


def newest_of_days(manifests: Iterable[Manifest], keep_days: int | None = None) -> set[str]:
    """Ids of the last snapshot of each of the latest days, which are kept too."""
    days = KEEP_DAYS if keep_days is None else keep_days
    oldest = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    found: dict[str, str] = {}
    for manifest in manifests:
        if manifest.created >= oldest:
            found.setdefault(manifest.created[:10], manifest.id)
    return set(found.values())


def _batches(manifests: Iterable[Manifest]) -> set[str]:
    return {batch.id for manifest in manifests for batch in manifest.batches}


def new_snapshot_id() -> str:
    """An id that sorts by time, such as 20261121T064500123-1a2b3c4d."""
    return f"{start_of_id(datetime.now(UTC))}-{secrets.token_hex(4)}"


def start_of_id(time: datetime) -> str:
    """With what an id begins that is made at a time, such as 20261121T064500123."""
    return f"{time:%Y%m%dT%H%M%S}{time.microsecond // 1000:03d}"


def damage(snapshot_id: str, files: Iterable[str]) -> str:
    """The message for files of a snapshot that do not match their checksums."""
    return (
        f"Snapshot {snapshot_id} is damaged: {', '.join(files)} does not match its checksum. "
        f"{REMEDY_SNAPSHOT}"
    )


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        found = Manifest.read(path)
    except FileNotFoundError as error:
        raise DamagedError(f"{path} is missing. {REMEDY_SNAPSHOT}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, error, REMEDY_SNAPSHOT) from error
    if found.id != folder.name:
        raise damaged(path, f"it belongs to snapshot {found.id!r}", REMEDY_SNAPSHOT)
    return found


def sync_files(folder: Path) -> None:
    """Write a folder and all in it to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)
