"""Requests that change something are answered only to our own pages.

A foreign page can make a browser send a form or a text to us. Browsers say where a request comes
from in `Sec-Fetch-Site` (over HTTPS, and on the machine itself), else in `Origin`; programs that
are no browsers send neither.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
MESSAGE = "This request comes from another site."


def register(server: Flask) -> None:
    """Refuse requests of other sites that change something."""

    @server.before_request
    def refuse_other_sites() -> None:
        if request.method in HARMLESS:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if not is_own(site, origin, request.headers.get("Host", "")):
            abort(403, MESSAGE)


def is_own(site: str | None, origin: str | None, host: str) -> bool:
    """Whether a request's headers are those of our own page, or of no browser."""
    if site is not None:
        return site in OWN
    if origin is None:
        return True
    try:
        return urlsplit(origin).hostname == urlsplit(f"//{host}").hostname is not None
    except ValueError:
        return False
