"""Backups of a home folder while it is in use: whole at each time, unchanged files stored once.

A backup is a folder named by its time, with a copy of each file of the home folder. Files that did
not change since the backup before are hard links to it. Databases are copied by SQLite. What is
older is copied first: what the anchor of the audit log notes is in the copied log, and what the
copied databases name is in the folders that are copied after them. Another process may publish or
remove snapshots meanwhile; those that vanish are not served any more.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import DamagedError, InputError
from analytics.incidents.checksums import sha256_of
from analytics.stored import read_object

CONTENT, FILES = "backup.json", "home"
UNFINISHED = ".unfinished"
TIME = "%Y%m%dT%H%M%SZ"
ANCHOR = ("audit.anchor", "audit.forwarded")
DATABASES = ("state.db", "mlflow.db")
POINTERS = ("current", "calls/current")
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
    """

    folder: Path = field(repr=False)
    made: str
    version: str
    files: Mapping[str, StoredFile] = field(repr=False)

    @property
    def bytes(self) -> int:
        return sum(one.size for one in self.files.values())


def make_backup(home: Path, folder: Path, version: str, now: datetime | None = None) -> Backup:
    """Add a backup of a home folder to a folder of backups.

    Raises
    ------
    InputError
        The home folder has no data, the folder is inside it, or has a backup of this second.
    """
    home, folder = home.resolve(), folder.resolve()
    if not any((home / name).exists() for name in (*POINTERS, *DATABASES)):
        raise InputError(f"{home} has nothing to back up.")
    if folder == home or home in folder.parents:
        raise InputError(f"{folder} is inside the home folder; choose a folder outside of it.")
    made = (now or datetime.now(UTC)).astimezone(UTC)
    place = folder / made.strftime(TIME)
    if place.exists():
        raise InputError(f"{place} exists already.")
    before = next(reversed(list_backups(folder)), None)
    unfinished = folder / f"{place.name}{UNFINISHED}"
    for left in folder.glob(f"*{UNFINISHED}"):  # of a backup that was stopped
        shutil.rmtree(left)
    (unfinished / FILES).mkdir(parents=True, mode=0o700)
    files = dict(_copied(home, unfinished / FILES, before))
    began = made.isoformat()
    content = {"made": began, "version": version, "files": _plain(files)}
    (unfinished / CONTENT).write_text(json.dumps(content), encoding="utf-8")
    unfinished.rename(place)
    return Backup(place, began, version, files)


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


def remove_older(folder: Path, keep: int) -> list[Backup]:
    """Remove all but the newest backups; returns those removed."""
    old = list_backups(folder)[:-keep]
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
            yield name, _copy_database(home / name, target / name)
    for name in [*POINTERS, *_others(home)]:
        try:
            yield name, _copy(home, name, target, before)
        except FileNotFoundError:  # removed meanwhile, or no calls were loaded
            (target / name).unlink(missing_ok=True)


def _others(home: Path) -> Iterator[str]:
    """Files besides those that are copied first."""
    databases = (f"{name}{end}" for name in DATABASES for end in ("", "-wal", "-shm"))
    done = {*ANCHOR, *POINTERS, *databases}
    for root, folders, names in os.walk(home):
        parent = Path(root).relative_to(home)
        left_out = LEFT_OUT if not parent.parts else frozenset()
        folders[:] = sorted({*folders} - left_out)
        for name in sorted({*names} - left_out):
            path = (parent / name).as_posix()
            if path not in done and not (home / path).is_symlink():
                yield path


def _copy(home: Path, name: str, target: Path, before: Backup | None) -> StoredFile:
    source, copy = home / name, target / name
    about = source.stat()
    copy.parent.mkdir(parents=True, exist_ok=True)
    known = before.files.get(name) if before else None
    if before and known and (known.size, known.changed) == (about.st_size, about.st_mtime_ns):
        try:
            os.link(before.folder / FILES / name, copy)
        except OSError:  # a file system without links
            shutil.copy2(source, copy)
        return known
    shutil.copy2(source, copy)
    return StoredFile(copy.stat().st_size, about.st_mtime_ns, sha256_of(copy))


def _copy_database(source: Path, copy: Path) -> StoredFile:
    """A database as of one moment, also while others write to it."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(copy)) as written,
    ):
        original.backup(written)
        written.execute("PRAGMA journal_mode = DELETE")
    about = copy.stat()
    return StoredFile(about.st_size, about.st_mtime_ns, sha256_of(copy))


def _is_done(path: Path) -> bool:
    return not path.parent.name.endswith(UNFINISHED)


def _read(folder: Path) -> Backup:
    found = read_object(folder / CONTENT, REMEDY)
    try:
        files = {str(name): StoredFile(**one) for name, one in found["files"].items()}
        return Backup(folder, str(found["made"]), str(found["version"]), files)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder / CONTENT} is damaged ({error}). {REMEDY}") from error


def _plain(files: Mapping[str, StoredFile]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in files.items()}
