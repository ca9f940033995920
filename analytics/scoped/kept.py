"""Scoped snapshots in the home folder: made at first use, replaced with their snapshot.

<home>/scoped/<id>.<digest>/  what readers with one restriction see of snapshot <id>
<home>/scoped/<digest>.lock  held by the process that makes one of this restriction

They can be made again from the snapshot and the restriction, so nothing here needs a backup.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from analytics.access.restriction import TARGET, Restriction
from analytics.access.stored_results import ALL, NONE, SeenResults
from analytics.artifacts.targets import FILE as TARGETS
from analytics.artifacts.targets import Targets
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import UnavailableError
from analytics.incidents.checksums import MANIFEST
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.incidents.warehouse import Snapshot, is_held
from analytics.scoped.resolve import Resolved, resolve, seen_areas
from analytics.settings import Settings

FOLDER, LOCK = "scoped", ".lock"
VERSION = 5
"""Part of the digest: a program that shows less must not serve what an earlier one wrote."""
MOST_KEPT = 128
"""Scoped snapshots in the home folder; the least recently made go first."""
KEPT_OF_ONE = 2
"""Scoped snapshots of one restriction: requests may still read the one before."""
UNUSED_S = 86_400
"""Age at which one goes whose snapshot is not the newest that scoped ones are made of: those of
rules that nobody has any more are never replaced."""
REMADE_AFTER_S = 300
"""Loads of live data come faster than scoped snapshots can follow for many readers."""


@dataclass(frozen=True)
class Base:
    """A snapshot that is opened, of which scoped ones are made."""

    snapshot: Snapshot
    reader: SnapshotReader
    vocabulary: Vocabulary
    targets: Targets


class ScopedSnapshots:
    """Finds and makes the scoped snapshots of one home folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / FOLDER
        self._one_at_a_time = threading.Lock()  # of this process: each takes memory

    def name(self, snapshot_id: str, restriction: Restriction) -> str:
        """Id of the scoped snapshot."""
        return f"{snapshot_id}.{self._digest(restriction)}"

    def find(self, name: str) -> Snapshot | None:
        """A scoped snapshot, if it is there."""
        path = self._folder / name
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            manifest = Manifest.read(path / MANIFEST)
            if manifest.id == name:
                return Snapshot(path, manifest)
        return None

    def follows_soon(self, earlier: Snapshot, served: Manifest) -> bool:
        """Whether an earlier one may still answer, since only loads came between, and it is young.

        It is `REMADE_AFTER_S` behind the served snapshot at most, and what it takes to make one.
        """
        own = earlier.manifest
        if own.source.name != served.source.name or own.schema_version != served.schema_version:
            return False
        if any(own.settings.get(key) != value for key, value in served.settings.items()):
            return False
        models = served.model_versions
        if any(models.get(name) != number for name, number in own.model_versions.items()):
            return False
        return 0 <= time.time() - earlier.path.stat().st_mtime < REMADE_AFTER_S

    def find_earlier(self, name: str) -> Snapshot | None:
        """The newest one of an earlier snapshot with the same restriction."""
        snapshot_id, _, digest = name.rpartition(".")
        before = sorted(
            path.name
            for path in self._folder.glob(f"*.{digest}")
            if path.name.rpartition(".")[0] < snapshot_id  # ids sort by time
        )
        return next(filter(None, map(self.find, reversed(before))), None)

    def make(self, base: Base, restriction: Restriction) -> Snapshot:
        """The scoped snapshot, made now if it is not there; waits for another process's.

        Raises
        ------
        OutsideScopeError
            Nothing of this data may be seen.
        """
        name = self.name(base.snapshot.id, restriction)
        digest = name.rpartition(".")[2]
        with self._one_at_a_time, self._lock(digest):
            return self.find(name) or self._make(base, restriction, name)

    def _make(self, base: Base, restriction: Restriction, name: str) -> Snapshot:
        # Ingest's modules load with the first one that is made.
        from analytics.scoped.build import write_scoped  # noqa: PLC0415

        resolved = resolve(restriction, base.reader, base.vocabulary, base.targets)
        seen = self._seen(base, restriction, resolved)
        staging = self._folder / f"making-{secrets.token_hex(8)}"
        staging.mkdir()
        try:
            write_scoped(base.snapshot, resolved, seen, self._settings, folder=staging, name=name)
            if not _is_unchanged(base.snapshot):  # incidents of it were retracted meanwhile
                raise UnavailableError("The data has changed; try again.")
            shutil.rmtree(self._folder / name, ignore_errors=True)
            staging.rename(self._folder / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self._prune()
        found = self.find(name)
        if found is None:
            raise UnavailableError("What you may see could not be prepared; try again.")
        return found

    def _seen(self, base: Base, restriction: Restriction, resolved: Resolved) -> SeenResults:
        """Results of the targets of which something is shown; of whole areas, what is in these."""
        if resolved.is_limited and not restriction.is_of_areas:
            return NONE
        names = frozenset(
            name
            for name, target in base.targets.offered.items()
            if name == ALL or resolved.shows(base.reader, target.selection)
        )
        if restriction.is_of_areas:
            areas = seen_areas(restriction, resolved, base.reader, base.vocabulary)
            return SeenResults(names, names, areas, counts=False)
        return SeenResults(names, names)

    def forget(self, name: str) -> None:
        """Remove a damaged one, so that it is made again."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def remove_all(self) -> None:
        """Remove every scoped snapshot."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _digest(self, restriction: Restriction) -> str:
        parts = [str(VERSION), str(self._settings.small_counts), restriction.text]
        if f"{TARGET}=" in restriction.text:
            parts.append(find_table(TARGETS, self._settings.own_tables).read_text(encoding="utf-8"))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{name}{LOCK}").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _prune(self) -> None:
        """Remove the older ones of each restriction, and the oldest of too many, unless in use."""
        found = [path for path in self._folder.iterdir() if path.is_dir()]
        made = {path.name: path.stat().st_mtime for path in found if path.name[:1].isdigit()}
        newest = sorted(made, key=lambda name: -made[name])
        latest = max((name.rpartition(".")[0] for name in made), default="")
        kept: Counter[str] = Counter()
        for number, name in enumerate(newest):
            digest = name.rpartition(".")[2]
            kept[digest] += 1
            is_old = not name.startswith(f"{latest}.") and time.time() - made[name] > UNUSED_S
            is_one_too_many = kept[digest] > KEPT_OF_ONE or number >= MOST_KEPT or is_old
            if is_one_too_many and not is_held(self._folder / name):
                shutil.rmtree(self._folder / name, ignore_errors=True)


def _is_unchanged(snapshot: Snapshot) -> bool:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        return Manifest.read(snapshot.path / MANIFEST).checksums == snapshot.manifest.checksums
    return False
