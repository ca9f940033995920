"""Push what this machine serves to a storage: blocks first, then their list, the pointer last.

A push that is killed leaves the one before as the newest; its blocks are used or removed by the
next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import secrets
import socket
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from analytics.errors import BusyError, DamagedError, InputError, PatrolIQError
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.warehouse import Snapshot, Warehouse, damage
from analytics.machines.home_files import BlockDigests, needed_files
from analytics.machines.push_list import (
    BLOCK_BYTES,
    BLOCKS,
    FORMATS,
    LATEST,
    LISTS,
    SNAPSHOTS,
    Push,
    PushedFile,
    block_name,
    latest_id,
    latest_text,
    list_name,
    push_id,
    push_time,
    pushed_ids,
    read_push,
)
from analytics.machines.storage import Storage
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS

LOCK = "push.lock"
AT_ONCE = 32
"""Blocks that are sent together, and held in memory."""
BEING_PULLED = timedelta(hours=1)
"""A push stays so long after the next one, for machines that pull it."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PushReport:
    """What a push did. `is_new` is false where the storage had everything already."""

    address: str
    push: str
    snapshot: str
    is_new: bool
    files: int
    bytes: int
    sent_blocks: int
    sent_bytes: int
    removed_pushes: int


class Pusher:
    """Pushes one home folder to one storage; what it read once, it knows at the next push."""

    def __init__(self, settings: Settings, address: str, keep: int = 5) -> None:
        """`keep`: pushes that stay in the storage, besides those that may be pulled at present.

        Raises
        ------
        InputError
            The address is not valid.
        """
        self._settings = settings
        self._storage = Storage(address)
        self._keep = keep
        self._digests = BlockDigests()
        self._lists: dict[str, Push] = {}
        self._last: Push | None = None

    def push(self, *, force: bool = False) -> PushReport:
        """Push what is served now; nothing is sent where the storage has it.

        With `force` also to a storage with a newer snapshot of another machine.

        Raises
        ------
        NotPublisherError
            This machine pulls its snapshots.
        InputError
            Nothing is served, or another machine pushes to the storage.
        BusyError
            Another push runs, a retraction is not finished, or files changed meanwhile.
        IntegrityError
            What is served is damaged, or of another schema version.
        UnavailableError
            The storage does not answer.
        """
        require_publisher(self._settings, "push snapshots")
        with _one_at_a_time(self._settings.home):
            try:
                return self._push(force=force)
            except FileNotFoundError as error:
                raise BusyError(f"{error.filename} was removed meanwhile. Push again.") from error

    def _push(self, *, force: bool) -> PushReport:
        now, home = datetime.now(UTC), self._settings.home
        served = Warehouse(home).current()
        if served is None:
            raise InputError(f"{home} has no snapshot to push; first run `patroliq ingest`.")
        calls = Warehouse(home / CALLS.home).current()
        release = served.hold(self)
        try:
            push = self._read_home(now, served, calls)
            if self._last is not None and push.serves_same(self._last):
                return self._report(self._last)
            return self._send(push, force=force)
        finally:
            release()

    def _read_home(self, now: datetime, served: Snapshot, calls: Snapshot | None) -> Push:
        home = self._settings.home
        listed = RetractedIds(home)
        retracted = _digest(listed)  # before the look: one that begins is pending, then lists ids
        if listed.is_pending:
            raise BusyError("A retraction is not finished; finish it with `patroliq retract`.")
        names = list(needed_files(home, served, calls))
        files = {name: self._digests.of(home / name) for name in names}
        self._digests.keep_only({home / name for name in names})
        _require_intact(served, SNAPSHOTS, files)
        if calls is not None:
            _require_intact(calls, f"{CALLS.home}/{SNAPSHOTS}", files)
        return Push(
            id=push_id(now, retracted, secrets.token_hex(4)),
            pushed=now.isoformat(timespec="seconds"),
            publisher=socket.gethostname(),
            code_version=version("patroliq"),
            formats=FORMATS,
            snapshot=served.id,
            calls=calls.id if calls else "",
            retracted=retracted,
            files=files,
        )

    def _send(self, push: Push, *, force: bool) -> PushReport:
        before = self._newest()
        if before is not None and not force:
            self._require_own(before)
        there = self._storage.names(BLOCKS)
        missing = {one for one in push.all_blocks if block_name(one) not in there}
        if before is not None and push.serves_same(before) and not missing:
            self._tidy(before, there)
            return self._report(before)
        sent = self._send_blocks(push, missing)
        self._storage.write_all({list_name(push.id): push.packed()})
        listed = RetractedIds(self._settings.home)
        if _digest(listed) != push.retracted or listed.is_pending:
            raise BusyError("A retraction has begun meanwhile. Push again when it is finished.")
        self._storage.write_all({LATEST: latest_text(push)})
        self._lists[push.id] = push
        removed = self._tidy(push, there)
        return self._report(push, is_new=True, blocks=len(missing), sent=sent, removed=removed)

    def _report(
        self, push: Push, *, is_new: bool = False, blocks: int = 0, sent: int = 0, removed: int = 0
    ) -> PushReport:
        address, files = self._storage.address, len(push.files)
        return PushReport(
            address, push.id, push.snapshot, is_new, files, push.size, blocks, sent, removed
        )

    def _tidy(self, newest: Push, there: set[str]) -> int:
        """Remove old pushes; where that fails, the next look of this process tries again."""
        try:
            removed = self._remove_old(newest, there)
        except PatrolIQError as error:
            _LOG.warning("not every old push could be removed: %s", error)
            return 0
        self._last = newest
        return removed

    def _newest(self) -> Push | None:
        """The newest push of the storage; None if there is none, or a damaged one."""
        try:
            newest = latest_id(self._storage)
            return None if newest is None else self._list(*newest)
        except DamagedError as error:
            _LOG.warning("%s", error)
            return None

    def _require_own(self, before: Push) -> None:
        """Refuse a storage whose newest snapshot is later than ours and was never here."""
        warehouse = Warehouse(self._settings.home)
        own = warehouse.current_id() or ""
        if before.snapshot > own and not (warehouse.snapshots_folder / before.snapshot).exists():
            raise InputError(
                f"{self._storage.address} has snapshot {before.snapshot} of {before.publisher}, "
                f"which is newer than {own} of this machine and was never here. If this machine is "
                "the one that publishes from now on, push with --force."
            )

    def _send_blocks(self, push: Push, missing: set[str]) -> int:
        """Send blocks; returns their bytes as stored."""
        sent, left = 0, set(missing)
        places = [
            (name, at, block)
            for name, file in push.files.items()
            for at, block in enumerate(file.blocks)
            if block in missing
        ]
        for start in range(0, len(places), AT_ONCE):
            packed = {}
            for name, at, block in places[start : start + AT_ONCE]:
                if block in left:
                    left.remove(block)
                    path = self._settings.home / name
                    packed[block_name(block)] = zlib.compress(_block(path, at, block), 1)
            self._storage.write_all(packed)
            sent += sum(map(len, packed.values()))
        return sent

    def _list(self, id: str, digest: str = "") -> Push:
        """A push of the storage, whose list is read once."""
        if id not in self._lists:
            self._lists[id] = read_push(self._storage, id, digest)[0]
        return self._lists[id]

    def _remove_old(self, newest: Push, there: set[str]) -> int:
        """Remove pushes that nobody needs, and blocks of no other one; returns their number.

        All earlier ones go at once after a retraction: they hold what was retracted.
        """
        ids = pushed_ids(self._storage)
        old = set(_replaced(ids, self._keep, push_time(newest.id)))
        old |= {one for one in ids if one.split("-")[1] != newest.retracted[:8]}
        old.discard(newest.id)
        left = self._storage.names(LISTS) - {list_name(id) for id in ids}  # by killed pushes
        kept = set().union(
            *(self._list(id).all_blocks for id in ids if id not in old), newest.all_blocks
        )
        self._storage.remove(sorted({*map(list_name, old), *left}))
        self._storage.remove(sorted(there - {block_name(one) for one in kept}))
        self._lists = {id: one for id, one in self._lists.items() if id not in old}
        return len(old)


def _digest(listed: RetractedIds) -> str:
    """What was retracted, in short."""
    return hashlib.sha256("\n".join(listed.hashes).encode()).hexdigest()


def _replaced(ids: list[str], keep: int, now: datetime) -> Iterator[str]:
    """Pushes besides the newest that were replaced so long ago that nobody pulls them."""
    ended = {id: push_time(after) for id, after in pairwise(ids)}
    for id in ids[:-keep]:
        if id in ended and now - ended[id] > BEING_PULLED:
            yield id


def _require_intact(snapshot: Snapshot, folder: str, files: Mapping[str, PushedFile]) -> None:
    """Compare what was read of a snapshot with its checksums."""
    known = snapshot.manifest.checksums
    found = {name: files.get(f"{folder}/{snapshot.id}/{name}") for name in known}
    wrong = [name for name, one in found.items() if one is None or one.digest != known[name]]
    if wrong:
        raise DamagedError(damage(snapshot.id, sorted(wrong)))


def _block(path: Path, at: int, digest: str) -> bytes:
    """A block of a file as it was when the file was read."""
    with path.open("rb") as file:
        file.seek(at * BLOCK_BYTES)
        content = file.read(BLOCK_BYTES)
    if hashlib.sha256(content).hexdigest() != digest:
        raise BusyError(f"{path} was changed meanwhile. Push again.")
    return content


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """The operating system frees the lock if the process dies."""
    if not home.is_dir():
        raise InputError(f"{home} has no snapshot to push; first run `patroliq ingest`.")
    try:
        handle = (home / LOCK).open("w")
    except OSError as error:
        raise PatrolIQError(f"{home / LOCK} cannot be written ({error.strerror}).") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"Another push from {home} is running; wait for it.") from error
        yield
