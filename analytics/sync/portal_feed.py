"""An open-data portal as a feed: what was updated since the watermark, less an overlap of days.

A portal may publish an update late, so some days are fetched again. If exactly the same rows come
as in the run before, they are not loaded again.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from analytics.errors import InputError
from analytics.fetch.all_ids import all_ids
from analytics.fetch.pages import Fetched, fetched_pages
from analytics.fetch.portal import Portal
from analytics.fetch.web import Patience
from analytics.fetch.window import FetchWindow
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.sources.other_systems import FromPortal
from analytics.sources.source import Source
from analytics.sync.deadline import within
from analytics.sync.feed import Feed, FeedReport, Taken
from analytics.sync.feed_sources import served_snapshot
from analytics.sync.feed_state import FeedState

PATIENCE = Patience(attempts=3, longest_wait_s=20.0, timeout_s=30.0)


class PortalFeed(Feed):
    """The portal that a source names.

    Its pages stay on disk until they are published; another fetch of it is refused until `close`.
    """

    def __init__(
        self,
        source: Source,
        asked: FromPortal,
        settings: Settings,
        notes: FeedState,
        patience: Patience = PATIENCE,
    ) -> None:
        self.name = f"{source.kind.name} portal {asked.portal}"
        self._source = source
        self._asked = asked
        self._settings = settings
        self._notes = notes
        self._patience = patience
        self._held = ExitStack()

    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:  # noqa: ARG002
        portal = self._portal()
        note = self._notes.of_served(self.name, self._served())
        since = self._asked.start
        if note.watermark:
            last = min(date.fromisoformat(note.watermark[:10]), datetime.now(UTC).date())
            since = max(since, last - timedelta(days=self._asked.overlap_days))
        window = FetchWindow(since, None)

        def fetch() -> Fetched:
            return self._held.enter_context(
                fetched_pages(
                    portal, self._source.name, window, self._settings, patience=self._patience
                )
            )

        fetched = within(self._asked.timeout_s, self.name, fetch)
        report.rows, report.files = fetched.rows, fetched.pages
        read = _digest(fetched.paths)
        if not fetched.rows or read == note.read:
            fetched.remove()
            return []
        newest = max(fetched.newest, note.watermark or "")

        def published(_report: object) -> None:
            self._notes.published(self.name, newest or None, read, self._served())
            fetched.remove()

        return [Taken(self.name, tuple(fetched.paths), published, fetched.rows)]

    def close(self) -> None:
        self._held.close()

    def ids(self) -> set[str] | None:
        if not self._asked.reconcile:
            return None
        portal = self._portal()
        return within(
            self._asked.timeout_s,
            self.name,
            lambda: all_ids(portal, self._settings.fetch_token, self._patience),
        )

    def _served(self) -> Snapshot | None:
        return served_snapshot(self._source.kind, self._settings)

    def _portal(self) -> Portal:
        """The portal.

        Raises
        ------
        InputError
            It is of another source.
        """
        name = self._asked.portal
        if name.endswith(".toml") and self._source.path is not None:
            name = str(self._source.path.parent / name)
        portal = Portal.load(name)
        of = Source.load(portal.source, self._source.kind, self._settings.home).name
        if of != self._source.name:
            raise InputError(
                f"Portal {self._asked.portal} is of source {of!r}, not of "
                f"{self._source.name!r}, whose [sync] names it."
            )
        return portal


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with gzip.open(path) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
