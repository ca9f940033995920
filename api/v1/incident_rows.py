"""`GET /api/v1/incidents`: the selected incidents in pages, all of the snapshot that began them."""

from __future__ import annotations

from flask import Response

from analytics.access.export_limit import most_rows
from analytics.access.reader import current_reader
from analytics.crossfilter.incidents_page import rows_after
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.text_hash import text_hash
from analytics.errors import InputError, SnapshotGoneError
from analytics.services import Pinned, Services
from api.exports import (
    export_columns,
    options_of_query,
    read_query,
    selected_incidents,
    with_area_names,
)
from api.v1.json_answers import answer_of, plain_rows
from api.v1.page_cursor import PageCursor, PageCursors

OPTIONS = ("limit", "cursor", "columns")
USUAL, MOST = 100, 1_000
"""Incidents of a page."""


def answer(services: Services) -> Response:
    """A page of incidents, in the order of storage, and the cursor of the next one."""
    asked = options_of_query(services, OPTIONS).get("cursor")
    cursors = PageCursors(services.own_settings.home, current_reader())
    cursor = None if asked is None else cursors.read(asked[-1])
    began = None if cursor is None else _began(services, cursor)
    pinned, selection, options = read_query(services, OPTIONS, began)
    if cursor is not None and cursor.selection != text_hash(selection.text):
        raise InputError("The cursor is of other filters; repeat those of its first page.")
    limit = int(options.get("limit", USUAL))
    given = cursor.given if cursor else 0
    allowed = max(most_rows(current_reader(), services.settings) - given, 0)
    names = options["columns"].split(",") if "columns" in options else export_columns(pinned)
    after, most = cursor.row if cursor else -1, min(limit, allowed)
    columns = [*dict.fromkeys(names)]
    found = rows_after(pinned.reader, EVERYTHING, selection, columns, after=after, limit=most + 1)
    shown, has_more = found.head(most), found.height > most
    cut = has_more and most == allowed
    following = None
    if has_more and not cut:
        last = int(shown["row"][-1])
        whole, key = pinned.snapshot.manifest.incidents, text_hash(selection.text)
        following = cursors.text(PageCursor(pinned.id, whole, key, last, given + shown.height))
    return answer_of(
        pinned,
        selection,
        shown.height,
        incidents=selected_incidents(pinned, selection),
        rows=plain_rows(with_area_names(pinned, shown.drop("row"))),
        next_cursor=following,
        cut_off=cut,
    )


def _began(services: Services, cursor: PageCursor) -> Pinned:
    """The snapshot of a cursor.

    Raises
    ------
    SnapshotGoneError
        It is kept no longer or was written again, or the reader sees only the newest.
    """
    pinned = services.pin()
    if pinned is None or pinned.id != cursor.snapshot:
        try:
            pinned = services.pin_earlier(cursor.snapshot)
        except InputError as error:
            raise SnapshotGoneError from error
    if pinned.snapshot.manifest.incidents != cursor.incidents:
        raise SnapshotGoneError
    return pinned
