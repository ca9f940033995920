"""Fetch the pages of a portal's incidents to disk, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import UnavailableError
from analytics.fetch.portal import Portal
from analytics.fetch.socrata import Socrata
from analytics.fetch.spool import Progress, Spool
from analytics.fetch.web import Patience
from analytics.fetch.window import START_WITHOUT_UPDATE, Cursor, FetchWindow, advance_cursor, query
from analytics.publisher import require_publisher
from analytics.settings import Settings

PAGE_SIZE = 20_000
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class Fetched:
    """Pages on disk, until `remove`. `newest` is the newest update in them, empty without one."""

    paths: list[Path]
    rows: int
    pages: int
    resumed_pages: int
    newest: str
    remove: Callable[[], None]


@contextmanager
def fetched_pages(
    portal: Portal,
    source: str,
    window: FetchWindow,
    settings: Settings,
    *,
    page_size: int = PAGE_SIZE,
    patience: Patience | None = None,
    advance: Advance = lambda _what, _share: None,
) -> Iterator[Fetched]:
    """Fetch the incidents of a window to disk; another fetch of the source is refused meanwhile.

    Raises
    ------
    InputError, UnavailableError, BusyError, NotPublisherError
        As `fetch`.
    """
    require_publisher(settings, "fetch incidents")
    spool = Spool(settings.home, source)
    with spool.lock():
        kept = spool.resume(_request(portal, window))
        with Socrata(portal, settings.fetch_token, patience) as client:
            pages = _Pages(client, window, spool, page_size, advance)
            progress = pages.fetch(kept)
        yield Fetched(
            spool.paths(progress),
            progress.rows,
            progress.pages,
            kept.pages,
            progress.newest,
            spool.remove,
        )


def _request(portal: Portal, window: FetchWindow) -> dict[str, Any]:
    """The parameters that a resumed call must share; the page size may differ."""
    return {
        "address": portal.address,
        "since": window.since.isoformat(),
        "until": window.until.isoformat() if window.until else None,
        "by": window.by,
    }


@dataclass(frozen=True)
class _Pages:
    """Fetches the pages of one window into the spool."""

    client: Socrata
    window: FetchWindow
    spool: Spool
    page_size: int
    advance: Advance

    def fetch(self, progress: Progress) -> Progress:
        """Fetch until a page is empty, since a portal may return fewer rows than requested."""
        request = _request(self.client.portal, self.window)
        while True:
            self.advance(f"Fetched {progress.rows:,} incidents", 0.0)
            rows, cursor = self._page(progress)
            if rows:
                progress = self.spool.keep(request, progress, rows, cursor)
            elif progress.cursor.updated is None:
                return progress
            else:
                progress = self.spool.keep(request, progress, [], START_WITHOUT_UPDATE)

    def _page(self, progress: Progress) -> tuple[list[dict[str, Any]], Cursor]:
        portal = self.client.portal
        try:
            rows = self.client.rows(query(portal, self.window, progress.cursor, self.page_size))
            return rows, advance_cursor(portal, progress.cursor, rows)
        except UnavailableError as error:
            raise UnavailableError(
                f"{str(error).rstrip('.')}. {progress.pages:,} pages ({progress.rows:,} incidents) "
                "are kept: run the same command again to continue."
            ) from error
