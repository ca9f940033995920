"""Answers whose content never changes at their address, packed with gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from flask import Response, request

A_YEAR_S = 31_536_000


def keep_for_a_year(response: Response) -> None:
    """Let the reader's browser, but no shared cache, keep an answer without asking again."""
    response.cache_control.private = True
    response.cache_control.max_age = A_YEAR_S
    response.cache_control.immutable = True


def immutable(tag: str, packed: Callable[[], bytes], content_type: str) -> Response:
    """Respond with content that a browser keeps for a year.

    Parameters
    ----------
    tag
        Names the content; a browser that has it gets no body.
    packed
        Makes the gzipped body.
    """
    response = Response(content_type=content_type)
    response.set_etag(tag, weak=True)
    keep_for_a_year(response)
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    if "gzip" in request.accept_encodings:
        response.content_encoding = "gzip"
        response.set_data(packed())
    else:
        response.set_data(gzip.decompress(packed()))
    return response
