"""The drop folder: which files are complete and new, by size, time and content.

Whoever may write there may replace a file or a folder by a link at any moment: nothing is opened by
its path, but below the open folder and without following links.

Files stay where they are. What became of one is noted by its content, so that it is loaded once
under whatever name, and one that cannot be loaded is not tried again until it changes.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from analytics.errors import InputError, UnavailableError
from analytics.sources.record_kinds import INCIDENTS, RecordKind
from analytics.state import State
from analytics.state_tables import dropped_files as table
from analytics.uploads.store import NOT_FOLLOWED, SETTLED_S, shown_name

Fate = Literal["seen", "loaded", "failed"]
PARTIAL = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp")
"""Endings under which programs write a file that they rename when it is complete."""


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LATEST = 2**63 - 1  # nanoseconds that a database can hold, in the year 2262


@dataclass(frozen=True)
class DroppedFile:
    """A file as it was found.

    Attributes
    ----------
    name : relative to the drop folder, in UTF-8; bytes that are not are written as `\\xe4`
    changed : nanoseconds since 1970
    inode : which file of the disk it is
    entry : its name in its folder as the system has it
    """

    name: str
    size: int
    changed: int
    inode: int
    entry: str

    def is_unchanged(self, descriptor: int) -> bool:
        """Whether the open file is this one, a regular file, and as it was found."""
        now = os.fstat(descriptor)
        is_same = (now.st_size, _changed(now), now.st_ino) == (self.size, self.changed, self.inode)
        return is_same and stat.S_ISREG(now.st_mode)


class DropFolder:
    """Files for one kind of record: those in the folder, or in its folder `calls`."""

    def __init__(
        self, state: State, folder: Path, kind: RecordKind, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = f"{kind.name} drop"
        self._state = state
        self._folder = folder
        self._below = "" if kind is INCIDENTS else kind.name
        self._clock = clock

    def new_files(self) -> list[DroppedFile]:
        """Complete files of which nothing is known, by name.

        A file is complete when it has not changed for some seconds: by its own time, or, where that
        lies in the future, by what was seen before.

        Raises
        ------
        UnavailableError
            The folder cannot be read.
        InputError
            It is a link.
        """
        with self._state.engine.connect() as connection:
            rows = connection.execute(sa.select(table)).mappings().all()
        noted = {row["name"]: row for row in rows}
        now = self._clock()
        found = []
        for file in self._files():
            note = noted.get(file.name)
            is_same = note is not None and (note["size"], note["changed"]) == (
                file.size,
                file.changed,
            )
            if note is not None and is_same and note["state"] != "seen":
                continue
            rests = now - file.changed / 1e9 >= SETTLED_S
            was_seen = note is not None and is_same and abs(now - note["seen"]) >= SETTLED_S
            if rests or was_seen:
                found.append(file)
            elif not is_same:
                self.note(file, "seen")
        return found

    def open(self, file: DroppedFile) -> int | None:
        """A descriptor of a file, which the caller closes; None if it is not as it was found.

        Raises
        ------
        OSError
            It cannot be read.
        """
        with self._opened() as folder:
            if folder is None:
                return None
            try:
                descriptor = os.open(file.entry, NOT_FOLLOWED, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOENT, errno.ENXIO):  # replaced or removed
                    return None
                raise
        if not file.is_unchanged(descriptor):
            os.close(descriptor)
            return None
        return descriptor

    def was_loaded(self, sha256: str) -> bool:
        """Whether this content was loaded, under any name."""
        same = table.c.sha256 == sha256, table.c.state == "loaded"
        with self._state.engine.connect() as connection:
            return (
                connection.execute(sa.select(table.c.id).where(*same).limit(1)).first() is not None
            )

    def note(self, file: DroppedFile, fate: Fate, sha256: str = "", message: str = "") -> None:
        """Note what became of a file, in place of an earlier note."""
        values = {
            "size": file.size,
            "changed": file.changed,
            "sha256": sha256,
            "state": fate,
            "seen": self._clock(),
            "message": message,
        }
        engine = self._state.engine
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).values(name=file.name, **values)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
        with engine.begin() as connection:
            connection.execute(statement)

    def _files(self) -> Iterator[DroppedFile]:
        try:
            with self._opened() as folder:
                if folder is None:
                    return
                with os.scandir(folder) as entries:
                    names = sorted(one.name for one in entries)
                for entry in names:
                    if entry.startswith(".") or entry.lower().endswith(PARTIAL):
                        continue
                    try:
                        about = os.stat(entry, dir_fd=folder, follow_symlinks=False)
                    except FileNotFoundError:  # removed meanwhile
                        continue
                    if stat.S_ISREG(about.st_mode):
                        yield self._found(entry, about)
        except OSError as error:
            place = f"Folder {self._below} of the drop" if self._below else "The drop"
            raise UnavailableError(
                f"{place} folder cannot be read: {error.strerror}. Let PatrolIQ's account read it."
            ) from error

    def _found(self, entry: str, about: os.stat_result) -> DroppedFile:
        plain = shown_name(entry)
        name = f"{self._below}/{plain}" if self._below else plain
        return DroppedFile(name, about.st_size, _changed(about), about.st_ino, entry)

    @contextmanager
    def _opened(self) -> Iterator[int | None]:
        """A descriptor of the folder; None if there is none."""
        descriptors: list[int] = []
        try:
            try:
                descriptors.append(os.open(self._folder, _FOLDER))
                if self._below:
                    descriptors.append(self._open_below(descriptors[0]))
            except (FileNotFoundError, NotADirectoryError):
                yield None
            else:
                yield descriptors[-1]
        finally:
            for one in descriptors:
                os.close(one)

    def _open_below(self, folder: int) -> int:
        about = os.stat(self._below, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(about.st_mode):
            raise InputError(
                f"{self._below} in the drop folder is a link, which is not followed: put a folder "
                "there."
            )
        return os.open(self._below, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)


def _changed(about: os.stat_result) -> int:
    return max(-_LATEST, min(about.st_mtime_ns, _LATEST))


def failed_files(state: State) -> list[str]:
    """Files that could not be loaded, with the reason."""
    failed = sa.select(table.c.name, table.c.message).where(table.c.state == "failed")
    with state.engine.connect() as connection:
        rows = connection.execute(failed.order_by(table.c.name)).fetchall()
    return [f"{name} in the drop folder: {message}" for name, message in rows]
