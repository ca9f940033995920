"""Every page opened once when a worker starts, so that its first visitor does not wait for it."""

from __future__ import annotations

import atexit
import threading
import time

import structlog
from flask import Flask, request_started, request_tearing_down

from analytics.access.reader import open_access, reading
from analytics.services import Services
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.redraws import LATER
from callbacks.frame.selection import respond_to

log = structlog.get_logger()

OPEN = {"action": "open", "text": ""}
ASK_LATER = {"action": "page", "changed": [LATER]}
"""An opened page asks for its parts that take longer, if it has any."""
QUIET_S = 1.0
"""A page is prepared after this long without a request: those who are there come first."""
LONGEST_WAIT_S = 30.0
LOOKS_EVERY_S = 0.1
ENDS_WITHIN_S = 10.0


class Quiet:
    """Waits until a worker has answered no request for a while."""

    def __init__(self, server: Flask, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._last = time.monotonic()
        self._open = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        request_started.connect(self._began, server)
        request_tearing_down.connect(self._answered, server)

    def _began(self, _server: Flask, **_: object) -> None:
        self._count(1)

    def _answered(self, _server: Flask, **_: object) -> None:
        self._count(-1)

    def _count(self, step: int) -> None:
        with self._lock:
            self._open = max(0, self._open + step)
            self._last = time.monotonic()

    def _since(self) -> float:
        """Seconds without a request."""
        with self._lock:
            return 0.0 if self._open else time.monotonic() - self._last

    def end(self) -> None:
        """Wait no longer: the worker stops."""
        self._ended.set()

    def wait(self) -> bool:
        """Return when it is quiet, or after `LONGEST_WAIT_S`: a busy worker is never quiet.

        Returns whether the worker goes on.
        """
        end = time.monotonic() + LONGEST_WAIT_S
        while self._since() < self._quiet_s and time.monotonic() < end:
            if self._ended.wait(LOOKS_EVERY_S):
                return False
        return not self._ended.is_set()


def prepare_pages(services: Services, quiet: Quiet) -> None:
    """Answer the opening of each page with all incidents, one after another when it is quiet.

    Only readers who see everything are served from what it leaves.

    It imports what the page needs, reads its models, and leaves its counts in the cache. A page
    that fails is logged, as for a visitor.
    """
    took = 0.0
    for page in PAGES:
        if not quiet.wait():
            return
        started = time.perf_counter()
        with reading(open_access("preparation")):
            opened = respond_to(services, page, OPEN, SelectionState())
            respond_to(services, page, ASK_LATER, SelectionState.of(opened["state"]))
        took += time.perf_counter() - started
    log.info("pages are prepared", seconds=round(took, 1))


def prepare_pages_in_background(services: Services, server: Flask) -> None:
    """`prepare_pages` in a thread, after a worker was forked; its settings are recorded too."""
    services.access_log.tell_settings()
    quiet = Quiet(server)
    thread = threading.Thread(
        target=prepare_pages, args=(services, quiet), name="patroliq-pages", daemon=True
    )
    thread.start()

    @atexit.register
    def end() -> None:
        """Let the page in progress end: Python must not end while a library computes."""
        quiet.end()
        thread.join(ENDS_WITHIN_S)
