"""Backups of a home folder while it is in use: whole at each time, unchanged files stored once.

A backup is a folder named by its time, with a copy of each file of the home folder. Files that did
not change since the backup before are hard links to it. Databases are copied by SQLite. What is
older is copied first: what the anchor of the audit log notes is in the copied log, and what the
copied databases name is in the folders that are copied after them. What waits in the inbox is
copied before the pointers: what is loaded in between is in both, and a loaded request is
recognized. Another process may publish or remove snapshots meanwhile; those that vanish are not
served any more.

Between whole backups, a copy of the state alone is cheap: the state database is copied, and all
else is links to the backup before. It is restored like any other, but its state is newer than its
other files: a snapshot, layer or version of a model that was made in between and that a plan,
briefing, alert or decision of the state names is not there.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from analytics.errors import BusyError, DamagedError, InputError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.packed_loads import rows_stay
from analytics.stored import read_object

CONTENT, FILES = "backup.json", "home"
UNFINISHED = ".unfinished"
TIME = "%Y%m%dT%H%M%SZ"
ANCHOR = ("audit.anchor", "audit.forwarded")
STATE = "state.db"
DATABASES = (STATE, "mlflow.db")
ACCOUNTS = "accounts"
"""The mark that people must sign in, made with the first account."""
POINTERS = ("current", "calls/current")
INBOX = "inbox"
"""What was acknowledged to other systems and is in no snapshot yet."""
KEYS = ("audit.key", "secret.key")
"""Kept apart from backups, since they open what is sealed in these."""
LEFT_OUT = frozenset(
    {
        "staging",
        "cache",
        "scoped",
        "as_it_was",
        "temporary",
        "lock",
        "sync.lock",
        "push.lock",
        "audit.lock",
        *KEYS,
    }
)
"""What can be made again, what only running processes need, and keys."""
REMEDY = "Restore another backup."


@dataclass(frozen=True)
class StoredFile:
    """A file of a backup: size in bytes, time of its last change in ns, SHA-256."""

    size: int
    changed: int
    digest: str


@dataclass(frozen=True)
class Backup:
    """A finished backup.

    Attributes
    ----------
    made : ISO 8601 in UTC; when it began
    files : by path below the home folder
    state_only : all but the state is that of the backup before
    """

    folder: Path = field(repr=False)
    made: str
    version: str
    files: Mapping[str, StoredFile] = field(repr=False)
    state_only: bool = False

    @property
    def bytes(self) -> int:
        return sum(one.size for one in self.files.values())


def make_backup(
    home: Path,
    folder: Path,
    version: str,
    now: datetime | None = None,
    *,
    state_only: bool = False,
) -> Backup:
    """Add a backup of a home folder to a folder of backups.

    Raises
    ------
    InputError
        The home folder has no data, the folder is inside it, or has a backup of this second or a
        later one; or the state alone is to be added to no backup.
    BusyError
        Another backup is being made there.
    """
    home, folder = home.resolve(), folder.resolve()
    if not any((home / name).exists() for name in (*POINTERS, *DATABASES)):
        raise InputError(f"{home} has nothing to back up.")
    if folder == home or home in folder.parents:
        raise InputError(f"{folder} is inside the home folder; choose a folder outside of it.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(folder):
        made = (now or datetime.now(UTC)).astimezone(UTC)
        return _add(home, folder, version, made, state_only=state_only)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """The operating system frees the lock if the process dies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BusyError(f"Another backup is being made in {folder}; wait for it.") from error
    finally:
        os.close(descriptor)


def _add(home: Path, folder: Path, version: str, made: datetime, *, state_only: bool) -> Backup:
    place = folder / made.strftime(TIME)
    if place.exists():
        raise InputError(f"{place} exists already.")
    before = next(reversed(list_backups(folder)), None)
    if before is not None and datetime.fromisoformat(before.made) > made:
        raise InputError(
            f"{before.folder} was made at {before.made[:16]} UTC, which is later than now: the "
            "newest backup could not be told. Correct the clock, or move that backup to another "
            "folder."
        )
    if state_only and before is None:
        raise InputError(f"{folder} has no backup yet that the state could be added to.")
    unfinished = folder / f"{place.name}{UNFINISHED}"
    for left in folder.glob(f"*{UNFINISHED}"):  # of a backup that was stopped
        shutil.rmtree(left)
    (unfinished / FILES).mkdir(parents=True, mode=0o700)
    if before is not None and state_only:
        files = dict(_copied_state(home, unfinished / FILES, before))
    else:
        with ExitStack() as stack:
            for name in POINTERS:
                stack.enter_context(rows_stay((home / name).with_name("raw")))
            files = dict(_copied(home, unfinished / FILES, before))
    began = made.isoformat()
    content = {
        "made": began, "version": version, "state_only": state_only, "files": _plain(files),
    }  # fmt: skip
    (unfinished / CONTENT).write_text(json.dumps(content), encoding="utf-8")
    unfinished.rename(place)
    return Backup(place, began, version, files, state_only)


def list_backups(folder: Path) -> list[Backup]:
    """The finished backups of a folder, oldest first.

    Raises
    ------
    DamagedError
        The list of files of one of them cannot be read.
    """
    return [_read(path.parent) for path in sorted(folder.glob(f"*/{CONTENT}")) if _is_done(path)]


def find_backup(folder: Path, at: datetime | None = None) -> Backup:
    """The newest backup that was begun at a time or before, by default the newest.

    Raises
    ------
    InputError
        There is none.
    """
    known = list_backups(folder)
    if at is not None:
        known = [one for one in known if datetime.fromisoformat(one.made) <= at]
    if not known:
        when = f" of {at:%Y-%m-%d %H:%M} UTC or before" if at else ""
        raise InputError(f"{folder} has no backup{when}.")
    return known[-1]


def restore_backup(backup: Backup, home: Path) -> None:
    """Copy a backup to a home folder that is empty or does not exist yet; whole or not at all.

    Raises
    ------
    InputError
        The home folder is not empty.
    DamagedError
        A file of the backup is missing or changed.
    """
    home = home.resolve()
    if home.exists() and any(home.iterdir()):
        raise InputError(f"{home} is not empty. Move it away first: a restore replaces nothing.")
    unfinished = home.with_name(f"{home.name}{UNFINISHED}")
    if unfinished.exists():  # of a restore that was stopped
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True, mode=0o700)
    for name, known in backup.files.items():
        source, target = backup.folder / FILES / name, unfinished / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(source, target)
        except FileNotFoundError:
            raise DamagedError(f"{source} is missing. {REMEDY}") from None
        if sha256_of(target) != known.digest:
            raise DamagedError(f"{source} has changed since it was written. {REMEDY}")
    if home.exists():
        home.rmdir()
    unfinished.rename(home)


def remove_older(folder: Path, keep: int, *, state_only: bool = False) -> list[Backup]:
    """Remove all but the newest backups of a kind; returns those removed.

    Copies of the state alone go with the whole backups before them.
    """
    known = list_backups(folder)
    kept = [one for one in known if one.state_only == state_only][-keep:]
    old = [
        one
        for one in known
        if one.made < kept[0].made and (one.state_only or not state_only)
    ] if kept else []  # fmt: skip
    for one in old:
        shutil.rmtree(one.folder)
    return old


def copy_keys(source: Path, target: Path, names: Sequence[str] = KEYS) -> list[str]:
    """Copy the keys that exist to a folder that only the user can enter; returns their names."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = [name for name in names if (source / name).is_file()]
    for name in found:
        shutil.copy2(source / name, target / name)
        (target / name).chmod(0o600)
    return found


def _copied(home: Path, target: Path, before: Backup | None) -> Iterator[tuple[str, StoredFile]]:
    for name in ANCHOR:
        if (home / name).is_file():
            yield name, _copy(home, name, target, None)
    for name in DATABASES:
        if (home / name).is_file():
            yield name, _copy_database(home, name, target, before)
    # Each listed when the ones before are copied.
    for name in chain(_below(home, INBOX), POINTERS, _others(home)):
        try:
            yield name, _copy(home, name, target, before)
        except FileNotFoundError:  # removed meanwhile, or no calls were loaded
            (target / name).unlink(missing_ok=True)


def _copied_state(home: Path, target: Path, before: Backup) -> Iterator[tuple[str, StoredFile]]:
    """The state of now, and links to all else of the backup before."""
    for name in (*ANCHOR, ACCOUNTS):
        if (home / name).is_file():
            yield name, _copy(home, name, target, None)
    if (home / STATE).is_file():
        yield STATE, _copy_database(home, STATE, target, before)
    of_state = {*ANCHOR, ACCOUNTS, STATE}
    for name, known in before.files.items():
        if name not in of_state:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            _link(before, name, target / name)
            yield name, known


def _others(home: Path) -> Iterator[str]:
    """Files besides those that are copied first."""
    databases = (f"{name}{end}" for name in DATABASES for end in ("", "-wal", "-shm"))
    done = {*ANCHOR, *POINTERS, *databases}
    yield from (name for name in _below(home, left_out=LEFT_OUT | {INBOX}) if name not in done)


def _below(home: Path, folder: str = "", left_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """Files of a folder of the home folder, besides what is left out at its top."""
    top = home / folder
    for root, folders, names in os.walk(top):
        hidden = left_out if Path(root) == top else frozenset()
        folders[:] = sorted({*folders} - hidden)
        for name in sorted({*names} - hidden):
            path = Path(root) / name
            if not path.is_symlink():
                yield path.relative_to(home).as_posix()


def _copy(home: Path, name: str, target: Path, before: Backup | None) -> StoredFile:
    source, copy = home / name, target / name
    about = source.stat()
    copy.parent.mkdir(parents=True, exist_ok=True)
    known = before.files.get(name) if before else None
    if before and known and (known.size, known.changed) == (about.st_size, about.st_mtime_ns):
        _link(before, name, copy)
        return known
    shutil.copy2(source, copy)
    return StoredFile(copy.stat().st_size, about.st_mtime_ns, sha256_of(copy))


def _link(before: Backup, name: str, copy: Path) -> None:
    stored = before.folder / FILES / name
    try:
        os.link(stored, copy)
    except OSError:  # a file system without links
        shutil.copy2(stored, copy)


def _copy_database(home: Path, name: str, target: Path, before: Backup | None) -> StoredFile:
    """A database as of one moment, also while others write to it."""
    source, copy = home / name, target / name
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(copy)) as written,
    ):
        original.backup(written)
        written.execute("PRAGMA journal_mode = DELETE")
    about, digest = copy.stat(), sha256_of(copy)
    known = before.files.get(name) if before else None
    if before and known and known.digest == digest:
        copy.unlink()
        _link(before, name, copy)
        return known
    return StoredFile(about.st_size, about.st_mtime_ns, digest)


def _is_done(path: Path) -> bool:
    return not path.parent.name.endswith(UNFINISHED)


def _read(folder: Path) -> Backup:
    found = read_object(folder / CONTENT, REMEDY)
    try:
        files = {str(name): StoredFile(**one) for name, one in found["files"].items()}
        state_only = bool(found.get("state_only"))  # not in backups of earlier versions
        return Backup(folder, str(found["made"]), str(found["version"]), files, state_only)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder / CONTENT} is damaged ({error}). {REMEDY}") from error


def _plain(files: Mapping[str, StoredFile]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in files.items()}
