"""Errors of the API: `{"error": {"code", "message"}}`, whatever refused the request."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask, Response, request

from api.v1.api_route import BASE

CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "snapshot_gone",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
    507: "storage_full",
}
"""Code of an error by its status."""
FALLBACK = "request_failed"
PREFIX = "/api/"
SOON_S = 5
"""When to ask again for what is being prepared or loaded."""


def register(server: Flask) -> None:
    """Turn what the gate, the limits and the routes answer to a refused request into JSON."""

    @server.after_request
    def as_json(response: Response) -> Response:
        status = response.status_code
        if status < 400 or not request.path.startswith(PREFIX):
            return response
        response.set_data(
            json.dumps(
                {"error": {"code": CODES.get(status, FALLBACK), "message": _message(response)}},
                ensure_ascii=False,
            )
        )
        response.content_type = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.headers.pop("Content-Disposition", None)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers.setdefault("Retry-After", str(SOON_S))
        if status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = f'Bearer realm="{BASE}"'
        return response


def _message(response: Response) -> str:
    """What the answer says to people: its text, or what the status means."""
    if response.mimetype == "text/plain":
        return response.get_data(as_text=True).strip()
    if response.is_json:
        told = response.get_json(silent=True)
        if isinstance(told, dict) and isinstance(told.get("message"), str):
            return str(told["message"])
    return HTTPStatus(response.status_code).description or HTTPStatus(response.status_code).phrase
