"""The drop folder: which files are complete and new, by size, time and content.

Files stay where they are. What became of one is noted by its content, so that it is loaded once
under whatever name, and one that cannot be loaded is not tried again until it changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from analytics.sources.record_kinds import INCIDENTS, RecordKind
from analytics.state import State
from analytics.state_tables import dropped_files as table
from analytics.uploads.store import SETTLED_S

Fate = Literal["seen", "loaded", "failed"]
PARTIAL = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp")
"""Endings under which programs write a file that they rename when it is complete."""


@dataclass(frozen=True)
class DroppedFile:
    """A file as it was found; `changed` is in nanoseconds since 1970."""

    path: Path
    name: str  # relative to the drop folder
    size: int
    changed: int

    @property
    def is_unchanged(self) -> bool:
        try:
            now = self.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.changed)


class DropFolder:
    """Files for one kind of record: those in the folder, or in its folder `calls`."""

    def __init__(
        self, state: State, folder: Path, kind: RecordKind, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._folder = folder
        self._place = folder if kind is INCIDENTS else folder / kind.name
        self._clock = clock

    def new_files(self) -> list[DroppedFile]:
        """Complete files of which nothing is known, by name.

        A file is complete when it has not changed for some seconds: by its own time, or, where that
        lies in the future, by what was seen before.
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
            paths = sorted(self._place.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        for path in paths:
            if path.name.startswith(".") or path.name.lower().endswith(PARTIAL):
                continue
            if path.is_symlink() or not path.is_file():
                continue
            try:
                about = path.stat()
            except FileNotFoundError:  # removed meanwhile
                continue
            name = str(path.relative_to(self._folder))
            yield DroppedFile(path, name, about.st_size, about.st_mtime_ns)


def failed_files(state: State) -> list[str]:
    """Files that could not be loaded, with the reason."""
    failed = sa.select(table.c.name, table.c.message).where(table.c.state == "failed")
    with state.engine.connect() as connection:
        rows = connection.execute(failed.order_by(table.c.name)).fetchall()
    return [f"{name} in the drop folder: {message}" for name, message in rows]
