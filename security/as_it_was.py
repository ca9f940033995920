"""A kept snapshot that is open as it was: one gate for all that would change something.

A page carries which snapshot it was made from, and its scripts send that with every request: an
answer is always of the same snapshot as the page.
"""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, render_template, request

from analytics.access.needs import Open
from analytics.access.reader import reader_now
from analytics.access.roles import Permission
from analytics.access.stored_results import seen_results
from analytics.errors import PastGoneError, PatrolIQError, UnchangeableError
from security.gate import need_of_request
from security.past_cookie import COOKIE, drop_cookie
from security.same_origin import HARMLESS

if TYPE_CHECKING:
    from analytics.past.past_home import PastHome
    from analytics.services import Services

ADDRESS = "/as-it-was"
HEADER = "X-PatrolIQ-As-It-Was"
CALLBACKS = "/_dash-update-component"
STAYS = frozenset({ADDRESS, f"{ADDRESS}/return", "/sign-in", "/sign-out", "/lock", "/unlock"})
"""Addresses that change nothing but the session: all other changes are refused."""
OTHER_PAGE = (
    "This page shows other data than is open in this browser now, because another tab opened a "
    "kept snapshot as it was, or returned to today. Load the page again."
)


def register(server: Flask, services: Services) -> None:
    """Refuse changes, and requests of pages of another snapshot. Register it after the gate."""

    @server.before_request
    def check() -> Any:
        reader, need = reader_now(), need_of_request(server)
        if reader is None or need is Open.ANYONE or request.path in STAYS:
            return None
        if _page() != reader.past:
            return _refuse_page("other page", OTHER_PAGE)
        if not reader.past:
            return None
        if isinstance(need, Permission) and not reader.may(need):
            raise UnchangeableError  # also without accounts, where the gate asks for nothing
        if request.method not in HARMLESS and request.path != CALLBACKS:
            raise UnchangeableError
        try:
            return services.past and None
        except PastGoneError as error:
            return _say_gone(services.for_readers(error))


def register_marks(server: Flask, services: Services) -> None:
    """Mark answers of a kept snapshot. Register it last: what comes earlier sees them marked."""

    @server.after_request
    def mark(response: Response) -> Response:
        reader = reader_now()
        if reader is None or need_of_request(server) is Open.ANYONE:
            return response
        if not reader.past:
            if request.cookies.get(COOKIE) and request.method in HARMLESS:
                drop_cookie(response)  # of an earlier session, or of rights that are gone
            return response
        response.headers[HEADER] = reader.past
        response.headers["Cache-Control"] = "no-store"
        try:
            home = services.past
        except PastGoneError:
            return response
        if home is None:
            return response
        day = _last_day(services, home)
        disposition = response.headers.get("Content-Disposition", "")
        if disposition.startswith("attachment"):
            named = re.sub(r'filename="?([^";]+)"?', rf'filename="as-it-was-{day}-\1"', disposition)
            response.headers["Content-Disposition"] = named
        elif response.mimetype == "text/html" and not response.direct_passthrough:
            gone = [one for one in home.facts.gone if seen_results().has(one.partition(" ")[0])]
            banner = render_template("past_banner.html", home=home, data_day=day, gone=gone)
            response.set_data(_marked(response.get_data(as_text=True), reader.past, banner))
        return response


def _last_day(services: Services, home: PastHome) -> date:
    """Last day of the data that the reader sees, or the day on which it was made."""
    try:
        pinned = services.pin()
    except PatrolIQError:
        pinned = None
    last = None if pinned is None else pinned.snapshot.manifest.last_day
    return last or date.fromisoformat(home.manifest.created[:10])


def _page() -> str:
    """The snapshot of the page that asks; a page's own address names the browser's."""
    reader = reader_now()
    named = request.headers.get(HEADER)
    if named is None:
        is_callback = request.path == CALLBACKS
        return "" if is_callback or reader is None else reader.past
    return named


def _refuse_page(reason: str, message: str) -> Response:
    """What the scripts of a page tell its reader."""
    response: Response = jsonify(reason=reason, message=message)
    response.status_code = HTTPStatus.CONFLICT
    response.headers[HEADER] = ""
    return response


def _say_gone(message: str) -> Any:
    if request.path == CALLBACKS or request.headers.get(HEADER) is not None:
        return _refuse_page("gone", message)
    return render_template("past_refused.html", trouble=message, gone=True), HTTPStatus.GONE


def _marked(html: str, past: str, banner: str) -> str:
    """A document with the banner before its content, and its snapshot on its element."""
    html = re.sub(r"<html\b", f'<html data-as-it-was="{past}"', html, count=1)
    return re.sub(r"(<body[^>]*>)", lambda body: body[1] + banner, html, count=1)
