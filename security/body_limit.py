"""A limit on request bodies, so that a sender cannot fill the memory."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

MOST_BYTES = 1_000_000
"""The largest body that pages send, a long history of drawn areas, is some 200 KB."""
MESSAGE = f"The request is too large; the limit is {MOST_BYTES / 1e6:g} MB."


def register(server: Flask) -> None:
    """Answer 413 to a larger body: at once if its length is given, else while reading it."""
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    server.register_error_handler(RequestEntityTooLarge, _too_large)

    @server.before_request
    def refuse_large_bodies() -> None:
        length = request.content_length
        if length is None and "Transfer-Encoding" in request.headers:
            length = len(request.get_data())  # werkzeug silently cuts it at the limit
            too_large = length >= MOST_BYTES
        else:
            too_large = (length or 0) > MOST_BYTES
        if too_large:
            raise RequestEntityTooLarge


def _too_large(_error: RequestEntityTooLarge) -> tuple[str, int, dict[str, str]]:
    return f"{MESSAGE}\n", 413, {"Content-Type": "text/plain; charset=utf-8"}
