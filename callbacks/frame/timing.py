"""Timing of the parts of an answer, for the request's log line and its Server-Timing header."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, has_request_context


@contextmanager
def timed(part: str) -> Iterator[None]:
    """Add the milliseconds spent inside to this request's `part`.

    They are kept in Flask's `g`: Dash runs a callback in a copy of the context, so what is bound
    to the log's context there is lost.
    """
    started = time.perf_counter()
    try:
        yield
    finally:
        if has_request_context():
            timings = g.setdefault("timings", {})
            timings[part] = timings.get(part, 0.0) + (time.perf_counter() - started) * 1000
