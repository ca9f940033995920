"""Fetch a portal's incidents page by page, straight into an ingest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analytics.errors import UnavailableError
from analytics.fetch.portal import Portal
from analytics.fetch.socrata import Patience, Socrata
from analytics.fetch.spool import Progress, Spool
from analytics.fetch.window import START_WITHOUT_UPDATE, Cursor, Window, advance_cursor, query
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source

PAGE_SIZE = 20_000

Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class FetchReport:
    """Outcome of a fetch. `ingest` is None where the portal had nothing."""

    source: str
    url: str
    rows: int
    pages: int
    resumed_pages: int
    ingest: IngestReport | None

    def as_dict(self) -> dict[str, Any]:
        counts = self.ingest.as_dict() if self.ingest else {}
        return {
            **counts,
            "source": self.source,
            "url": self.url,
            "rows": self.rows,
            "pages": self.pages,
            "resumed_pages": self.resumed_pages,
        }


def fetch(
    portal: Portal,
    window: Window,
    settings: Settings,
    *,
    page_size: int = PAGE_SIZE,
    patience: Patience | None = None,
    advance: Advance = lambda _what, _share: None,
) -> FetchReport:
    """Fetch the incidents of a window and ingest them.

    Pages are kept in <home>/fetch/<source> until the ingest has succeeded. The same call after a
    break goes on after the last complete page.

    Raises
    ------
    InputError
        The portal refuses the query, or the rows are not of the source.
    UnavailableError
        The portal does not answer; the message says how to go on.
    BusyError
        Another fetch or ingest is running.
    """
    source = Source.load(portal.source)
    spool = Spool(settings.home, source.name)
    with spool.lock():
        kept = spool.resume(_request(portal, window))
        with Socrata(portal, settings.fetch_token, patience) as client:
            pages = _Pages(client, window, spool, page_size, advance)
            progress = pages.fetch(kept)
        report = None
        if progress.rows:
            report = ingest(
                spool.paths(progress),
                source,
                settings,
                advance=lambda what, share: advance(what, 0.5 + share / 2),
            )
        spool.remove()
    return FetchReport(source.name, portal.url, progress.rows, progress.pages, kept.pages, report)


def _request(portal: Portal, window: Window) -> dict[str, Any]:
    """What makes two calls the same: the page size may differ."""
    return {
        "address": portal.address,
        "since": window.since.isoformat(),
        "until": window.until.isoformat() if window.until else None,
        "by": window.by,
    }


@dataclass(frozen=True)
class _Pages:
    """Fetches the pages of one window to the spool."""

    client: Socrata
    window: Window
    spool: Spool
    page_size: int
    advance: Advance

    def fetch(self, progress: Progress) -> Progress:
        """Go on until a page is empty; a portal may return fewer rows than asked for."""
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
                "are kept: run the same command again and it goes on from there."
            ) from error
