"""Fetch what an address names into files that can be ingested."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from analytics.errors import InputError, UnavailableError
from analytics.fetch.addresses import PortalTable, table_at
from analytics.fetch.spool import Progress, Spool
from analytics.fetch.web import Patience, Web, checked_address
from analytics.fetch.window import Cursor

MOST_PAGES = 10_000
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
Advance = Callable[[str, float], None]


def is_address(text: str) -> bool:
    """Whether a text is an address rather than a path."""
    return _SCHEME.match(text) is not None


@contextmanager
def fetched(
    names: Sequence[str],
    home: Path,
    *,
    patience: Patience | None = None,
    advance: Advance = lambda _what, _share: None,
) -> Iterator[list[Path]]:
    """The paths among `names`, and files of what its addresses name.

    Pages of a table are kept in <home>/fetch until they are used without an error: after an
    interruption, the same call continues after the last complete page.

    Raises
    ------
    InputError
        An address is not encrypted, or its portal refuses the request.
    UnavailableError
        A portal does not answer.
    BusyError
        The same address is being fetched.
    """
    if not any(map(is_address, names)):
        yield [Path(name) for name in names]
        return
    web = Web(patience)
    try:
        with _all_of(list(names), home, web, advance) as paths:
            yield paths
    finally:
        web.close()


@contextmanager
def _all_of(names: list[str], home: Path, web: Web, advance: Advance) -> Iterator[list[Path]]:
    if not names:
        yield []
        return
    with _all_of(names[1:], home, web, advance) as others:
        if not is_address(names[0]):
            yield [Path(names[0]), *others]
            return
        url = checked_address(names[0])
        spool = Spool(home, "url-" + hashlib.sha256(url.encode()).hexdigest()[:16])
        with spool.lock():
            yield [*_files(url, spool, web, advance), *others]
            spool.remove()


def _files(url: str, spool: Spool, web: Web, advance: Advance) -> list[Path]:
    table = table_at(url)
    if table is not None:
        return spool.paths(_pages(url, table, spool, web, advance))
    advance(f"Fetching {url}", 0.0)
    spool.clear()
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    target = spool.folder / (re.sub(r"[^\w.-]+", "_", name).lstrip(".") or "file")
    web.save(url, target)
    return [target]


def _pages(url: str, table: PortalTable, spool: Spool, web: Web, advance: Advance) -> Progress:
    progress = spool.resume({"address": url})
    while progress.pages < MOST_PAGES:
        advance(f"Fetched {progress.rows:,} rows", 0.0)
        after = progress.cursor.id
        try:
            rows, last = table.page(web, after)
        except UnavailableError as error:
            raise UnavailableError(
                f"{str(error).rstrip('.')}. {progress.pages:,} pages ({progress.rows:,} rows) are "
                "kept: run the same command again to continue."
            ) from error
        if not rows:
            return progress
        if last == after:
            raise InputError(f"{url} returns the same rows again.")
        progress = spool.keep({"address": url}, progress, rows, Cursor("", last))
    raise InputError(f"{url} has more than {MOST_PAGES:,} pages; fetch it in parts.")
