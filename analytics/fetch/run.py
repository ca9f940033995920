"""Fetch a portal's incidents page by page, and ingest them."""

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
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.ingest.report_sentences import report_dict
from analytics.settings import Settings
from analytics.sources.source import Source

PAGE_SIZE = 20_000

Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class FetchReport:
    """Outcome of a fetch. `ingest` is None if the portal had no rows."""

    source: str
    url: str
    rows: int
    pages: int
    resumed_pages: int
    ingest: IngestReport | None

    def as_dict(self) -> dict[str, Any]:
        counts = report_dict(self.ingest) if self.ingest else {}
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
    window: FetchWindow,
    settings: Settings,
    *,
    page_size: int = PAGE_SIZE,
    confirmed: bool = False,
    patience: Patience | None = None,
    advance: Advance = lambda _what, _share: None,
) -> FetchReport:
    """Fetch the incidents of a window and ingest them.

    Pages are kept in <home>/fetch/<source> until the ingest has succeeded. After an interruption,
    the same call continues after the last complete page.

    Raises
    ------
    UnconfirmedError
        A first load is doubtful; with `confirmed`, the same call publishes it.
    InputError
        The portal refuses the query, or the rows are not of the source.
    UnavailableError
        The portal does not answer; the message says how to continue.
    BusyError
        Another fetch or ingest is running.
    """
    source = Source.load(portal.source, own=settings.home)
    with fetched_pages(
        portal,
        source.name,
        window,
        settings,
        page_size=page_size,
        patience=patience,
        advance=advance,
    ) as fetched:
        report = None
        if fetched.rows:
            report = ingest(
                fetched.paths,
                source,
                settings,
                confirmed=confirmed,
                advance=lambda what, share: advance(what, 0.5 + share / 2),
            )
        fetched.remove()
    return FetchReport(
        source.name, portal.url, fetched.rows, fetched.pages, fetched.resumed_pages, report
    )


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
    InputError, UnavailableError, BusyError
        As `fetch`.
    """
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
