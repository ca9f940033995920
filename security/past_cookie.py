"""The cookie that says which kept snapshot a browser has open as it was.

It is signed for one session, so that it ends with it, and readable by our scripts: a page tells by
it that another tab opened or closed a snapshot. What it opens is checked with every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request
from flask_login import current_user

from analytics.access import accounts
from analytics.access.reader import Reader
from analytics.access.roles import Permission
from analytics.access.secret_key import cookie_key
from analytics.settings import Settings

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

COOKIE = "patroliq-as-it-was"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""An id of a snapshot, which pages and headers repeat."""


def reader_of_page(reader: Reader, settings: Settings) -> Reader:
    """The reader, with the kept snapshot that the cookie of the request names."""
    snapshot_id, _, tag = request.cookies.get(COOKIE, "").partition("~")
    if not _ID.fullmatch(snapshot_id) or not reader.may(Permission.AS_IT_WAS):
        return reader
    if not hmac.compare_digest(tag.encode(), _tag(snapshot_id, settings).encode()):
        return reader
    return replace(reader, past=snapshot_id)


def set_cookie(response: Response, snapshot_id: str, settings: Settings) -> None:
    """Open a kept snapshot in this browser, until it is closed or the session ends."""
    response.set_cookie(
        COOKIE,
        f"{snapshot_id}~{_tag(snapshot_id, settings)}",
        secure=accounts.are_kept(settings),
        samesite="Lax",
    )


def drop_cookie(response: Response) -> None:
    """Return this browser to what is served now."""
    response.delete_cookie(COOKIE, samesite="Lax")


def _tag(snapshot_id: str, settings: Settings) -> str:
    """The signature of a snapshot for the session; the session's token changes, its start not."""
    if not accounts.are_kept(settings):
        return "open"
    session = current_user.session
    text = f"as it was\n{snapshot_id}\n{session.person}\n{session.started!r}"
    return hmac.new(cookie_key(settings.home).encode(), text.encode(), hashlib.sha256).hexdigest()
