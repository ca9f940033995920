"""Choice of the snapshot that a web worker serves: the current one, or the last intact one.

A thread compares the files of the current snapshot with their checksums: when it is first served,
when a file changes (checked every `LOOK_EVERY_S`), and every `HASH_EVERY_S`, because a failing
disk changes no time stamp. Until the first comparison, only the database answers, whose blocks
have checksums that DuckDB verifies, and not the codes. If a file is damaged, the newest earlier
intact snapshot of the same source is served in its place; a later one, from which somebody rolled
back, only if no earlier one is intact.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from analytics.crossfilter.codes import FOLDER as CODES
from analytics.errors import DamagedError, IntegrityError, PatrolIQError
from analytics.incidents.intact import is_later, newest_intact
from analytics.incidents.warehouse import Snapshot, Warehouse, damage

LOOK_EVERY_S = 10.0
HASH_EVERY_S = 3600.0
_LOG = logging.getLogger(__name__)

Signature = frozenset[tuple[str, int, int, int]]


@dataclass(frozen=True)
class Served:
    """The snapshot to serve; `warning` says what is wrong if it is not the current one."""

    snapshot: Snapshot
    warning: str = ""


@dataclass(frozen=True)
class _Fault:
    """Damage of a snapshot; `codes_only` if its database is intact."""

    message: str
    codes_only: bool = False


@dataclass(frozen=True)
class _Substitute:
    """The snapshot served in place of a damaged one; `good` is None if no other is intact."""

    damaged: str
    good: Snapshot | None


@dataclass(frozen=True)
class _Checked:
    signature: Signature
    when: float  # seconds of the monotonic clock

    def is_due(self, signature: Signature) -> bool:
        return signature != self.signature or time.monotonic() - self.when > HASH_EVERY_S


class SnapshotGuard:
    """One for each web worker; its thread ends with it."""

    def __init__(self, warehouse: Warehouse, on_damage: Callable[[str], None]) -> None:
        """`on_damage` is called with the id of a snapshot found to be damaged."""
        self._warehouse = warehouse
        self._on_damage = on_damage
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._checked: dict[str, _Checked] = {}
        self._faults: dict[str, _Fault] = {}
        self._intact_codes: set[str] = set()
        self._substitute: _Substitute | None = None  # requests read it while it is replaced

    def served(self) -> Served | None:
        """The snapshot to serve now; None in an empty warehouse.

        Raises
        ------
        IntegrityError
            The pointer cannot be read, or the snapshot is damaged and no other one is intact.
        """
        snapshot_id = self._warehouse.current_id()
        if snapshot_id is None:
            return None
        if snapshot_id not in self._checked:
            self._start()
        fault = self._faults.get(snapshot_id)
        if fault is None:
            try:
                current = self._warehouse.current()
            except DamagedError as error:
                fault = _Fault(str(error))
                self.report(snapshot_id, fault.message)
            else:
                return None if current is None else Served(current)
        return self._in_place_of(snapshot_id, fault)

    def _in_place_of(self, snapshot_id: str, fault: _Fault) -> Served:
        substitute = self._substitute
        if substitute is None or substitute.damaged != snapshot_id:
            raise DamagedError(
                f"{fault.message} Other snapshots are being checked; try again in a moment."
            )
        good = substitute.good
        if good is not None:
            which = "later" if is_later(good.id, snapshot_id) else "earlier"
            shown = f"Shown meanwhile: the {which} snapshot {good.id}."
            return Served(good, f"{fault.message} {shown}")
        if fault.codes_only:
            current = self._warehouse.get(snapshot_id)
            return Served(current, f"{fault.message} Its database answers meanwhile, more slowly.")
        raise DamagedError(f"{fault.message} No other snapshot is intact.")

    def report(self, snapshot_id: str, message: str) -> None:
        """Report a damaged snapshot; its files are checked, and a substitute is looked for."""
        self._checked.pop(snapshot_id, None)
        self._condemn(snapshot_id, _Fault(message))
        self._start()

    def has_intact_codes(self, snapshot_id: str) -> bool:
        """Whether the codes of a snapshot match their checksums."""
        return snapshot_id in self._intact_codes

    def check(self) -> None:
        """Check the current snapshot; if it is damaged, find a substitute."""
        try:
            snapshot_id = self._warehouse.current_id()
        except IntegrityError:
            return
        if snapshot_id is None:
            return
        with self._lock:
            self._check(snapshot_id)
            if snapshot_id not in self._faults:
                self._substitute = None
            elif not self._has_substitute(snapshot_id):
                good = newest_intact(self._warehouse, snapshot_id)
                self._intact_codes |= {good.id} if good else set()
                self._substitute = _Substitute(snapshot_id, good)

    def _check(self, snapshot_id: str) -> None:
        signature = self._signature(snapshot_id)
        last = self._checked.get(snapshot_id)
        if last is not None and not last.is_due(signature):
            return
        fault = self._fault(snapshot_id)
        if fault is not None:
            self._condemn(snapshot_id, fault)
        elif self._faults.pop(snapshot_id, None) is not None:
            _LOG.warning("snapshot %s is intact again", snapshot_id)
        self._checked[snapshot_id] = _Checked(signature, time.monotonic())

    def _fault(self, snapshot_id: str) -> _Fault | None:
        try:
            snapshot = self._warehouse.get(snapshot_id)
        except DamagedError as error:
            return _Fault(str(error))
        except PatrolIQError:  # another schema version, or pruned: not damaged
            return None
        if not snapshot.manifest.checksums:  # not published by PatrolIQ: nothing to compare
            self._intact_codes.add(snapshot_id)
            return None
        wrong = snapshot.changed(CODES)
        if not wrong:
            self._intact_codes.add(snapshot_id)
        others = [name for name in snapshot.changed() if name not in wrong]
        if wrong or others:
            return _Fault(damage(snapshot_id, [*wrong, *others]), codes_only=not others)
        return None

    def _has_substitute(self, snapshot_id: str) -> bool:
        """Whether the last search's result is still valid."""
        substitute = self._substitute
        if substitute is None or substitute.damaged != snapshot_id:
            return False
        good = substitute.good
        if good is None:
            return True
        signature = self._signature(good.id)
        last = self._checked.get(good.id)
        if last is None or last.is_due(signature):
            wrong = good.changed()
            if wrong:
                self._condemn(good.id, _Fault(damage(good.id, wrong)))
                return False
            self._checked[good.id] = _Checked(signature, time.monotonic())
        return True

    def _condemn(self, snapshot_id: str, fault: _Fault) -> None:
        if self._faults.get(snapshot_id) != fault:
            _LOG.error("%s", fault.message)
        self._faults[snapshot_id] = fault
        self._intact_codes.discard(snapshot_id)
        self._on_damage(snapshot_id)

    def _signature(self, snapshot_id: str) -> Signature:
        """Name, size, time of change and inode of every file."""
        found = set()
        for path in (self._warehouse.snapshots_folder / snapshot_id).rglob("*"):
            try:
                about = path.stat()
            except OSError:
                continue
            found.add((str(path), about.st_size, about.st_mtime_ns, about.st_ino))
        return frozenset(found)

    def _start(self) -> None:
        """Check now; the thread starts at first use, because it would not survive a fork."""
        self._wake.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=_watch,
                    args=(weakref.ref(self), self._wake),
                    name="patroliq-guard",
                    daemon=True,
                )
                self._thread.start()


def _watch(reference: weakref.ref[SnapshotGuard], wake: threading.Event) -> None:
    while True:
        wake.wait(LOOK_EVERY_S)
        wake.clear()
        guard = reference()
        if guard is None:
            return
        try:
            guard.check()
        except Exception:  # a worker without its guard would answer from damaged files
            _LOG.exception("the snapshot could not be checked; trying again")
        del guard
