"""What each request saw and took, recorded in one place when it is answered.

Pages and routes only note what they show (`analytics.access_notes`). A file to save is an export
whatever route it comes from. What takes data away is recorded before the answer leaves, and is
refused if it cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, request, session

from analytics.access.programs import IN_ADDRESS
from analytics.access.reader import reader_now
from analytics.access_log import REFUSED, AccessLog
from analytics.access_notes import NewEntry, Origin, begin_request, current_origin, note_entry
from analytics.errors import PatrolIQError
from analytics.redaction import without_tokens
from security import request_id
from security.client import client_address

EXPORTED, PRINTED, READ = "file.exported", "plan.printed", "api.read"
PAST_OPENED, PAST_CLOSED = "as_it_was.opened", "as_it_was.closed"
TAKES = frozenset({EXPORTED, PRINTED, READ, PAST_OPENED, PAST_CLOSED})
"""Events that are recorded before the answer leaves, besides those of sign-in."""
FAILED, ACCESS = "request.failed", "access."
LONGEST_NAME = 80
NOBODY = "nobody"
"""Named where accounts are kept and nobody signed in."""
NOT_RECORDED = frozenset({404, 405})
"""Addresses that do not exist."""
OF_HEADERS = ("Snapshot", "Selection", "Incidents", "Rows")
UNRECORDED = "The audit log cannot be written, and nothing leaves unrecorded. Try again later.\n"


def register(server: Flask, log: AccessLog) -> None:
    """Record each request. Register it early: what is registered first sees the final answer."""

    @server.before_request
    def begin() -> None:
        begin_request(_origin())

    @server.after_request
    def record(response: Response) -> Response:
        origin = current_origin() or _origin()
        reader = reader_now()
        person = NOBODY if reader is None else reader.name
        where = {"as_it_was": reader.past} if reader is not None and reader.past else {}

        def known(entry: NewEntry) -> NewEntry:
            return replace(
                entry,
                person=entry.person or person,
                address=origin.address,
                details={**entry.details, **where, "request": origin.request},
            )

        entries = [known(entry) for entry in _entries(response, origin)]
        if any(_is_recorded_first(entry) for entry in entries):
            try:
                log.record(*entries)
            except PatrolIQError:
                response.close()
                log.record_soon(known(_failed()))  # so that /ready says so until it is recorded
                if session and any(entry.event.startswith(ACCESS) for entry in entries):
                    session.clear()  # nobody signs in unrecorded
                return refusal()
        elif entries:
            log.record_soon(*entries)
        return response

    def refusal() -> Response:
        """A refusal like any other: what sees answers before they are recorded sees it too."""
        response = Response(UNRECORDED, 503, content_type="text/plain; charset=utf-8")
        earlier = takewhile(lambda step: step != record, reversed(server.after_request_funcs[None]))
        for step in earlier:
            response = server.ensure_sync(step)(response)
        return response

    @server.teardown_request
    def end(_error: BaseException | None) -> None:
        begin_request(None)


def note_access(
    event: str, subject: str, *, outcome: str, details: Mapping[str, Any] | None = None
) -> None:
    """Note an event of sign-in, about the person whose name was given."""
    name = subject[:LONGEST_NAME]
    note_entry(
        NewEntry(f"{ACCESS}{event}", name, details=details or {}, person=name, outcome=outcome)
    )


def _origin() -> Origin:
    return Origin(client_address(), request_id.current())


def _is_recorded_first(entry: NewEntry) -> bool:
    return entry.event in TAKES or entry.event.startswith(ACCESS)


def _entries(response: Response, origin: Origin) -> Iterator[NewEntry]:
    status = response.status_code
    if status < 400:
        yield from origin.notes
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            yield NewEntry(EXPORTED, request.path, details=_exported(response), outcome="done")
    elif refused := [one for one in origin.notes if one.outcome == "refused"]:
        yield from refused
    elif status not in NOT_RECORDED:
        event = REFUSED if status < 500 else FAILED
        subject, details = _asked()
        yield NewEntry(event, subject, details=details, outcome=str(status))


def _failed() -> NewEntry:
    """Of a request that was refused because it could not be recorded."""
    subject, details = _asked()
    return NewEntry(FAILED, subject, details=details, outcome="503")


def _asked() -> tuple[str, dict[str, str]]:
    """Subject and details of a request that was not answered.

    Of somebody who did not sign in only the route: such refusals are equal, so that many become one
    entry and cannot fill the disk.
    """
    if reader_now() is None:
        rule = "another address" if request.url_rule is None else request.url_rule.rule
        return f"{request.method} {rule}", {}
    return f"{request.method} {request.path}", _query()


def _query() -> dict[str, str]:
    """The query as it was sent, but without a token, however it is written."""
    parts = request.query_string.decode("utf-8", "replace").split("&")
    kept = [part for part in parts if unquote(part).partition("=")[0] != IN_ADDRESS]
    text = "&".join(_without_escaped_tokens(part) for part in kept)
    return {"query": text} if text else {}


def _without_escaped_tokens(part: str) -> str:
    plain = unquote(part)
    hidden = without_tokens(plain)
    return part if hidden == plain else hidden


def _exported(response: Response) -> dict[str, str]:
    """What left: the query, and what the route says about the file."""
    headers = response.headers
    about = {name.lower(): headers.get(f"X-PatrolIQ-{name}", "") for name in OF_HEADERS}
    file = headers["Content-Disposition"].partition('filename="')[2].rstrip('"')
    return {**_query(), "file": file, **{name: text for name, text in about.items() if text}}
