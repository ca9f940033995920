"""Answers of the API as JSON, each with the snapshot and the selection that it is of."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from flask import Response, request

from analytics.access_notes import note
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.services import Pinned
from security.access_trail import READ


def json_response(body: Any) -> Response:
    """A value as JSON; dates as ISO 8601."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    response = Response(text, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_of(
    pinned: Pinned, selection: Selection | None, number: int, /, **parts: Any
) -> Response:
    """An answer from a snapshot, noted for the audit log.

    Parameters
    ----------
    number
        Of rows.
    selection
        None where the answer is of none, such as plans.
    """
    about: dict[str, Any] = {
        "snapshot": pinned.id,
        "synthetic": pinned.snapshot.manifest.source.synthetic,
    }
    if selection is not None:
        about["selection"] = selection.text
    query = request.query_string.decode("utf-8", "replace") or None
    note(READ, request.path, snapshot=pinned.id, rows=number, query=query)
    return json_response(about | parts)


def not_found(message: str) -> Response:
    """The answer where there is nothing of an address's number."""
    return Response(f"{message}\n", 404, content_type="text/plain; charset=utf-8")


def plain_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON values: times as `2026-01-31T14:05:00` in local time, NaN as null."""
    times = pl.selectors.datetime()
    floats = pl.selectors.float()
    plain = frame.rename(lambda column: column.removeprefix(ATTRIBUTE_PREFIX)).with_columns(
        times.dt.strftime("%Y-%m-%dT%H:%M:%S"), floats.fill_nan(None)
    )
    return plain.to_dicts()
