"""Fetch a portal's incidents page by page, and ingest them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.fetch.pages import PAGE_SIZE, Advance, fetched_pages
from analytics.fetch.portal import Portal
from analytics.fetch.web import Patience
from analytics.fetch.window import FetchWindow
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.ingest.report_sentences import report_dict
from analytics.settings import Settings
from analytics.sources.source import Source


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
