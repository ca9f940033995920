"""The drop folder as a feed: each complete file once.

A file is opened once, and stays open until it is loaded: what is hashed is what is loaded, whatever
its name leads to by then.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from analytics.errors import InputError, PatrolIQError
from analytics.incidents.packed_loads import files_of
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.sync.drop_folder import DropFolder, DroppedFile
from analytics.sync.feed import Feed, FeedReport, Taken
from analytics.sync.feed_sources import served_snapshot

MOST_FILES = 400
"""Files of one run, after which the others wait for the next: a process usually has 1,024 open."""
LONGEST_NAME = 60
"""Characters of a name that would be too long for a file, from its end."""
_MOST_BYTES = 255


class DropFeed(Feed):
    """Files that other systems put into PATROLIQ_DROP."""

    def __init__(self, source: Source, settings: Settings, state: State, drop: Path) -> None:
        self._source = source
        self._settings = settings
        self._folder = DropFolder(state, drop, source.kind)
        self.name = self._folder.name
        self._open: list[int] = []

    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:
        taken: dict[str, Taken] = {}
        served: set[str] | None = None
        for file in self._folder.new_files():
            if len(taken) == MOST_FILES:
                break
            try:
                descriptor = self._opened(file)
                sha256 = "" if descriptor is None else _sha256(descriptor)
            except OSError as error:
                report.errors.append(InputError(f"{file.name} cannot be read: {error.strerror}."))
                continue
            if descriptor is None or not file.is_unchanged(descriptor):
                self._folder.note(file, "seen")
                continue
            is_loaded = self._folder.was_loaded(sha256)
            if not is_loaded:
                served = self._served() if served is None else served
                is_loaded = sha256 in served
            if is_loaded:
                self._folder.note(file, "loaded", sha256)
            elif sha256 not in taken:
                path = _path(file, descriptor, folder / f"dropped-{len(taken)}")
                taken[sha256] = self._taken(file, descriptor, path, sha256, report)
                continue
            self._close(descriptor)
        report.files = len(taken)
        return list(taken.values())

    def close(self) -> None:
        while self._open:
            self._close(self._open[-1])

    def _opened(self, file: DroppedFile) -> int | None:
        """A descriptor of a file, closed with the feed at the latest; None if it was replaced."""
        descriptor = self._folder.open(file)
        if descriptor is not None:
            self._open.append(descriptor)
        return descriptor

    def _close(self, descriptor: int) -> None:
        self._open.remove(descriptor)
        os.close(descriptor)

    def _taken(
        self, file: DroppedFile, descriptor: int, path: Path, sha256: str, report: FeedReport
    ) -> Taken:
        def published(loaded: IngestReport) -> None:
            read = [one for one in loaded.files if one.name.split("/")[0] == path.name]
            refused, rows = sum(one.refused for one in read), sum(one.read for one in read)
            report.rows += rows
            message = f"{refused:,} of {rows:,} rows were refused." if refused else ""
            if file.is_unchanged(descriptor):
                self._folder.note(file, "loaded", sha256, message)

        def failed(error: PatrolIQError) -> None:
            self._folder.note(file, "failed", sha256, str(error))

        return Taken(file.name, (path,), published, failed=failed)

    def _served(self) -> set[str]:
        """Contents that the served snapshot was loaded from."""
        snapshot = served_snapshot(self._source.kind, self._settings)
        if snapshot is None:
            return set()
        return set(files_of(snapshot.manifest.batches, snapshot.path.parent.with_name("raw")))


def _sha256(descriptor: int) -> str:
    with open(descriptor, "rb", closefd=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _path(file: DroppedFile, descriptor: int, folder: Path) -> Path:
    """A path of an open file with its name, in a folder of its own; nothing is copied."""
    name = file.name.rpartition("/")[2]
    if len(name.encode()) > _MOST_BYTES:
        name = name[-LONGEST_NAME:]
    folder.mkdir()
    path = folder / name
    path.symlink_to(f"/proc/{os.getpid()}/fd/{descriptor}")
    return path
