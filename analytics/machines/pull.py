"""Pull what another machine serves: each file is verified beside its place, the pointer moves last.

A pull that is killed at any moment leaves the snapshot before served, and the next one goes on.
What is pulled replaces whole folders or single files, each in one step.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import (
    DamagedError,
    InputError,
    IntegrityError,
    PatrolIQError,
    UnavailableError,
)
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.machines.assembly import Assembly
from analytics.machines.home_files import BlockDigests, stored_files
from analytics.machines.push_list import (
    SNAPSHOTS,
    STORED,
    Push,
    differing_formats,
    latest_id,
    read_push,
    unit_of,
)
from analytics.machines.storage import Storage
from analytics.publisher import Pulled, note_look, note_pulled, read_pulled
from analytics.retraction.artifacts import remove_caches
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS
from analytics.stored import sync_folder

KEPT_FREE_BYTES = 100_000_000
Advance = Callable[[str, float], None]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PullReport:
    """What a pull did. `is_new` is false where this machine had everything already."""

    address: str
    push: str
    snapshot: str
    publisher: str
    pushed: str
    is_new: bool
    files: int
    bytes: int
    written_files: int
    read_blocks: int
    read_bytes: int
    seconds: float


class Puller:
    """Pulls from one storage to one home folder."""

    def __init__(self, settings: Settings, address: str, every_s: float | None = None) -> None:
        """`every_s`: how often somebody will call `pull`, which `/ready` compares with.

        Raises
        ------
        InputError
            The address is not valid.
        """
        self._settings = settings
        self._home = settings.home
        self._storage = Storage(address)
        self._every_s = every_s
        self._warehouse = Warehouse(settings.home)
        self._digests = BlockDigests()

    def pull(
        self, *, verifies: bool = False, force: bool = False, advance: Advance = lambda *_: None
    ) -> PullReport:
        """Serve what was pushed last.

        Parameters
        ----------
        verifies : bool
            Compare every file of this machine with its checksum even if nothing newer was pushed.
        force : bool
            Also where this machine has published by itself; it does not from then on.

        Raises
        ------
        InputError
            This machine publishes.
        IntegrityError
            What was pushed is damaged, or of another version of PatrolIQ.
        BusyError
            Another process writes to the home folder.
        UnavailableError
            The storage does not answer, or has nothing yet.
        """
        began = time.monotonic()
        with self._warehouse.lock(pulls=True):
            before = self._before(force=force)
            newest = latest_id(self._storage)
            if newest is None:
                raise UnavailableError(
                    f"{self._storage.address} has nothing yet: run `patroliq snapshots push` on "
                    "the machine that publishes."
                )
            if newest[0] == before.push and before.every_s == self._every_s and not verifies:
                note_look(self._home)
                return self._unchanged(before, began)
            push, list_bytes = read_push(self._storage, *newest)
            self._require_readable(push)
            run = _Run(
                self._settings, self._storage, self._digests, self._every_s, push, before, advance
            )
            return run.done(began, list_bytes)

    def _before(self, *, force: bool) -> Pulled:
        """What was pulled before; from now on, nothing else writes to this home folder."""
        try:
            before = read_pulled(self._home)
        except DamagedError:
            before = Pulled(self._storage.address)
        if before is None:
            if not force and any(self._warehouse.snapshots_folder.glob("*")):
                raise InputError(
                    f"{self._home} has snapshots of its own: this machine publishes. Pull into "
                    "another home folder. With --force, this one shows what "
                    f"{self._storage.address} has, and does not publish any more."
                )
            before = Pulled(self._storage.address)
        if before.address != self._storage.address:
            before = Pulled(self._storage.address, retracted=before.retracted)
        if not before.push:
            note_pulled(self._home, before)
        return before

    def _unchanged(self, before: Pulled, began: float) -> PullReport:
        seconds = round(time.monotonic() - began, 3)
        return PullReport(
            before.address, before.push, before.snapshot, before.publisher, before.pushed,
            False, 0, 0, 0, 0, 0, seconds,
        )  # fmt: skip

    def _require_readable(self, push: Push) -> None:
        """Refuse what this version cannot read; what is served stays."""
        wrong = differing_formats(push)
        if not wrong:
            return
        words = ", ".join(
            f"{kind} of version {found} where this program reads {known}"
            for kind, (found, known) in wrong.items()
        )
        raise IntegrityError(
            f"{self._storage.address} has data of PatrolIQ {push.code_version} that this version "
            f"cannot read: {words}. Install the version of {push.publisher} here, then pull again. "
            "What is served stays."
        )


@dataclass
class _Run:
    """One pull of a push, by a process that holds the lock of the warehouse."""

    settings: Settings
    storage: Storage
    digests: BlockDigests
    every_s: float | None
    push: Push
    before: Pulled
    advance: Advance

    def __post_init__(self) -> None:
        self._home = self.settings.home
        self._warehouse, self._calls = Warehouse(self._home), Warehouse(self._home / CALLS.home)
        self._assembly = Assembly(self.storage)
        self._written = 0

    def done(self, began: float, list_bytes: int) -> PullReport:
        """Write what differs, point to it, and remove what is left of before."""
        push = self.push
        units = self._differing_units()
        with self._warehouse.staging() as folder:
            self._require_room(units)
            self._stage(units, folder)
            self._place(units, folder)
        self._point()
        pulled = Pulled(
            address=self.before.address,
            publisher=push.publisher,
            push=push.id,
            snapshot=push.snapshot,
            pushed=push.pushed,
            pulled=datetime.now(UTC).isoformat(timespec="seconds"),
            retracted=push.retracted,
            every_s=self.every_s,
        )
        self._remove_others()
        note_pulled(self._home, pulled)
        return PullReport(
            pulled.address, push.id, push.snapshot, push.publisher, push.pushed,
            push.id != self.before.push, len(push.files), push.size, self._written,
            self._assembly.read_blocks, self._assembly.read_bytes + list_bytes,
            round(time.monotonic() - began, 3),
        )  # fmt: skip

    def _differing_units(self) -> dict[str, list[str]]:
        """Folders and files to be replaced → names of their files; snapshots come last."""
        units: dict[str, list[str]] = {}
        for name in self.push.files:
            units.setdefault(unit_of(name), []).append(name)
        order = sorted(units, key=lambda unit: (_is_pointer(unit), SNAPSHOTS in unit, unit))
        return {unit: units[unit] for unit in order if not self._has(unit, units[unit])}

    def _has(self, unit: str, names: list[str]) -> bool:
        """Whether this machine has a folder or file just so."""
        place = self._home / unit
        if place.is_symlink():
            return False
        if place.is_dir():
            there = {
                path.relative_to(self._home).as_posix()
                for path in place.rglob("*")
                if path.is_symlink() or not path.is_dir()
            }
            if there != {*names} or any((self._home / name).is_symlink() for name in names):
                return False
        for name in names:
            path, wanted = self._home / name, self.push.files[name]
            try:
                if path.stat().st_size != wanted.size:
                    return False
                if self.digests.of(path).digest != wanted.digest:
                    return False
            except OSError:
                return False
        return True

    def _require_room(self, units: dict[str, list[str]]) -> None:
        needed = sum(self.push.files[name].size for names in units.values() for name in names)
        free = shutil.disk_usage(self._home).free
        if needed + KEPT_FREE_BYTES > free:
            raise PatrolIQError(
                f"What {self.before.address} has needs {needed / 1e6:,.0f} MB, and the disk of "
                f"{self._home} has {free / 1e6:,.0f} MB free. Make room, then pull again."
            )

    def _stage(self, units: dict[str, list[str]], folder: Path) -> None:
        names = [name for files in units.values() for name in files]
        total, done = max(sum(self.push.files[name].size for name in names), 1), 0
        for name in names:
            self.advance(f"Pulling {name}", 0.95 * done / total)
            file = self.push.files[name]
            self._assembly.write(name, file, folder / name, self._near(name))
            self._written += 1
            done += file.size

    def _near(self, name: str) -> Iterator[Path]:
        """Files here that may share blocks with one: itself, or that of the served snapshot."""
        yield self._home / name
        for warehouse in (self._warehouse, self._calls):
            folder = warehouse.snapshots_folder
            if folder in (self._home / name).parents:
                with suppress(PatrolIQError):
                    served = warehouse.current_id()
                    if served:
                        inner = (self._home / name).relative_to(folder).parts[1:]
                        yield folder.joinpath(served, *inner)

    def _place(self, units: dict[str, list[str]], folder: Path) -> None:
        for unit in units:
            source, target = folder / unit, self._home / unit
            if source.is_dir():
                _sync_below(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir() and not target.is_symlink():
                target.rename(folder / f"before-{secrets.token_hex(4)}")
            elif source.is_dir():
                target.unlink(missing_ok=True)
            source.rename(target)
            sync_folder(target.parent)

    def _point(self) -> None:
        """Serve the calls and then the incidents that were pulled."""
        if self.push.calls:
            self._calls.point_to(self.push.calls)
        self._warehouse.point_to(self.push.snapshot)
        self.advance("Done", 1.0)

    def _remove_others(self) -> None:
        """Remove what the publisher does not have any more, and old snapshots by the rules.

        After a retraction on the publisher, no earlier snapshot stays, nor what was made of one.
        """
        push, home = self.push, self._home
        for name in [*stored_files(home)]:
            if name not in push.files:
                (home / name).unlink(missing_ok=True)
                _remove_empty((home / name).parent, home)
        if push.retracted != self.before.retracted:
            remove_caches(home)
            _keep_only(self._warehouse, push.snapshot)
            _keep_only(self._calls, push.calls)
            return
        if not push.calls:
            _keep_only(self._calls, "")
        try:
            keep_days, cited = self.settings.days_kept("snapshots"), kept_snapshots(self.settings)
            if cited is not None:
                self._warehouse.prune(cited, keep_days)
            if push.calls:
                self._calls.prune((), keep_days)
        except (OSError, PatrolIQError) as error:
            _LOG.warning("not every old snapshot could be removed: %s", error)


def _keep_only(warehouse: Warehouse, snapshot_id: str) -> None:
    """Remove all snapshots but one; without one, the pointer first."""
    if not snapshot_id:
        warehouse.pointer.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        for folder in warehouse.snapshots_folder.iterdir():
            if folder.name != snapshot_id:
                warehouse.remove(folder.name)


def _is_pointer(unit: str) -> bool:
    """Whether a unit says which of others is read, so that it must not be there before these."""
    folder, *rest = unit.split("/")
    return folder in STORED and len(rest) <= 2 and unit.endswith(".json")


def _sync_below(folder: Path) -> None:
    for root, _, _ in os.walk(folder):
        sync_folder(Path(root))


def _remove_empty(folder: Path, home: Path) -> None:
    """Remove a folder and those above it, up to the home folder, as far as they are empty."""
    while folder != home:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
