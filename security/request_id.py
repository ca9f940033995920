"""An id for each request, in its response, its log lines and its error message."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("patroliq.web")


def register(server: Flask) -> None:
    """Give each request an id, log it when answered, and turn crashes into plain responses."""
    server.before_request(_begin)
    server.after_request(_finish)
    server.register_error_handler(Exception, _failed)


def current() -> str:
    """Id of the request being answered."""
    return str(g.get("request_id", "-"))


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ACCEPTED.fullmatch(given) else secrets.token_hex(8)
    g.request_started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    if "request_id" not in g:  # refused before it began, such as for a foreign host name
        return response
    response.headers[HEADER] = g.request_id
    took = _milliseconds()
    response.headers["Server-Timing"] = ", ".join(f"{name};dur={ms}" for name, ms in took.items())
    # Not the query: it shows what an analyst looks at, which belongs in the audit log.
    _log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=took.pop("total"),
        **{f"{name}_ms": ms for name, ms in took.items()},
        bytes=response.content_length,
    )
    return response


def _milliseconds() -> dict[str, float]:
    """Time taken by the measured parts of this request and by the whole."""
    parts = {**g.get("timings", {}), "total": (time.perf_counter() - g.request_started) * 1000}
    return {name: round(ms, 1) for name, ms in parts.items()}


def _failed(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return error
    _log.error("request failed", method=request.method, path=request.path, exc_info=error)
    message = f"An error occurred on the server and was logged under {current()}.\n"
    return Response(message, status=500, content_type="text/plain; charset=utf-8")
