"""Requests in a minute and downloads at once, per person; each worker counts for itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Flask, Response, abort, g, request
from flask_limiter import Limiter, RateLimitExceeded

from analytics.settings import Settings
from security.client import client_address, client_key, is_health_check

DOWNLOADS = "/export/"
SIGN_INS = "60 per minute"
"""Sign-ins from one address, right or wrong: each takes 64 MB for a moment."""
SOON_S = 10
"""When to ask for a download again; how long those that run take is not known."""


def register(server: Flask, settings: Settings) -> None:
    """Answer 429 to a person who asks too much, with the time to wait in `Retry-After`."""
    limiter = Limiter(
        client_key,
        app=server,
        application_limits=[f"{settings.requests_per_minute} per minute"],
        storage_uri="memory://",
    )
    limiter.request_filter(is_health_check)

    limited: Any = limiter.limit(SIGN_INS, key_func=client_address)  # typed for async views too
    for name in ("sign_in", "unlock"):
        server.view_functions[name] = limited(server.view_functions[name])

    @server.errorhandler(RateLimitExceeded)
    def too_many(_error: RateLimitExceeded) -> Response:
        window = limiter.current_limit
        seconds = max(round(window.reset_at - time.time()), 1) if window else SOON_S
        return wait(
            seconds,
            f"Too many requests in a minute. Try again in {seconds} s.",
        )

    downloads = Downloads(settings.downloads_at_once, max(settings.threads - 1, 1))

    @server.before_request
    def begin_download() -> None:
        if request.path.startswith(DOWNLOADS):
            g.download = Download(client_key())
            refusal = downloads.begin(g.download)
            if refusal:
                abort(wait(SOON_S, refusal))

    @server.after_request
    def end_download_with_its_last_byte(response: Response) -> Response:
        download = g.pop("download", None)
        if download and response.is_streamed:
            response.response = _until_last(response.iter_encoded(), downloads, download)
            response.call_on_close(lambda: downloads.end(download))  # it may not begin
        elif download:
            downloads.end(download)
        return response


def _until_last(
    parts: Iterable[bytes], downloads: Downloads, download: Download
) -> Iterator[bytes]:
    try:
        yield from parts
    finally:
        downloads.end(download)


@dataclass(frozen=True, eq=False)
class Download:
    """A file that a person asked for."""

    key: str


class Downloads:
    """Files that are being written, by person.

    Parameters
    ----------
    each, all_together
        How many may be at once: of one person, and in this worker, so that a thread is left.
    """

    def __init__(self, each: int, all_together: int) -> None:
        self._each = each
        self._all_together = all_together
        self._running: set[Download] = set()
        self._lock = Lock()

    def begin(self, download: Download) -> str:
        """Count another one; if there are too many, say so instead."""
        with self._lock:
            if sum(one.key == download.key for one in self._running) >= self._each:
                return (
                    f"{self._each} of your downloads are still running. "
                    "Wait until one has finished, then try again."
                )
            if len(self._running) >= self._all_together:
                return "Too many downloads are running. Try again in a moment."
            self._running.add(download)
            return ""

    def end(self, download: Download) -> None:
        """Count one less, if it was counted."""
        with self._lock:
            self._running.discard(download)


def wait(seconds: int, message: str) -> Response:
    """The answer to somebody who must wait, with how long."""
    return Response(
        f"{message}\n",
        429,
        {"Retry-After": str(seconds), "Cache-Control": "no-store"},
        content_type="text/plain; charset=utf-8",
    )
