"""The drop folder as a feed: each complete file once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analytics.errors import InputError, PatrolIQError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.packed_loads import files_of
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.sync.drop_folder import DropFolder, DroppedFile
from analytics.sync.feed import Feed, FeedReport, Taken
from analytics.sync.feed_sources import served_snapshot


class DropFeed(Feed):
    """Files that other systems put into PATROLIQ_DROP."""

    def __init__(self, source: Source, settings: Settings, state: State, drop: Path) -> None:
        self.name = f"{source.kind.name} drop"
        self._source = source
        self._settings = settings
        self._folder = DropFolder(state, drop, source.kind)

    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:  # noqa: ARG002
        taken: dict[str, Taken] = {}
        served: set[str] | None = None
        for file in self._folder.new_files():
            try:
                sha256 = sha256_of(file.path)
            except OSError as error:
                report.errors.append(InputError(f"{file.name} cannot be read: {error.strerror}."))
                continue
            if not file.is_unchanged:
                self._folder.note(file, "seen")
                continue
            is_loaded = self._folder.was_loaded(sha256)
            if not is_loaded:
                served = self._served() if served is None else served
                is_loaded = sha256 in served
            if is_loaded:
                self._folder.note(file, "loaded", sha256)
            elif sha256 not in taken:
                taken[sha256] = self._taken(file, sha256, report)
        report.files = len(taken)
        return list(taken.values())

    def _taken(self, file: DroppedFile, sha256: str, report: FeedReport) -> Taken:
        def published(loaded: IngestReport) -> None:
            name = file.path.name
            read = [one for one in loaded.files if one.name.split("/")[0] == name]
            refused, rows = sum(one.refused for one in read), sum(one.read for one in read)
            report.rows += rows
            message = f"{refused:,} of {rows:,} rows were refused." if refused else ""
            if file.is_unchanged:
                self._folder.note(file, "loaded", sha256, message)

        def failed(error: PatrolIQError) -> None:
            self._folder.note(file, "failed", sha256, str(error))

        return Taken(file.name, (file.path,), published, failed=failed)

    def _served(self) -> set[str]:
        """Contents that the served snapshot was loaded from."""
        snapshot = served_snapshot(self._source.kind, self._settings)
        if snapshot is None:
            return set()
        return set(files_of(snapshot.manifest.batches, snapshot.path.parent.with_name("raw")))
