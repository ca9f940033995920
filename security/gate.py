"""The gate: who asks, whether that person signed in, and whether the route allows it.

Each route and callback names what it needs (`analytics.access.needs`); one that names nothing is
denied. Without accounts everybody on this machine passes, and only programs with a token write by
the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, g, jsonify, redirect, request
from flask_login import current_user

from analytics.access import accounts
from analytics.access.needs import Need, Open, need_of
from analytics.access.programs import OF_PEOPLE, ProgramPermission
from analytics.access.reader import Reader, begin_reading, current_reader, open_access, reader_now
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.acting import person as operating_person
from analytics.errors import NotAllowedError, NotSignedInError, TokenNeededError, UnchangeableError
from analytics.settings import Settings
from security.bearer import Bearer
from security.identity import TOKENS, SignedIn
from security.past_cookie import reader_of_page
from security.same_origin import HARMLESS
from security.sign_in import ADDRESS

ACCOUNT = "/account"
DASH_PAGE = Permission.PAGES
OF_LIBRARIES: Mapping[str, Need] = {
    "/": DASH_PAGE,
    "/<path:path>": DASH_PAGE,
    "/_dash-layout": DASH_PAGE,
    "/_dash-dependencies": DASH_PAGE,
    "/_reload-hash": DASH_PAGE,
    "/_dash-update-component": Open.SIGNED_IN,  # each callback names what it needs
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Open.ANYONE,
    "/assets/<path:filename>": Open.ANYONE,
    "/_favicon.ico": Open.ANYONE,
}
"""What the routes of libraries need, by rule."""
HOMES = (
    (Permission.PAGES, "/", "Overview"),
    (Permission.PAGES, "/alerts", "Alerts"),
    (Permission.PAGES, "/series", "Series"),
    (Permission.PAGES, "/compstat", "CompStat"),
    (Permission.PAGES, "/briefings", "Briefings"),
    (Permission.PAGES, "/interventions", "Interventions"),
    (Permission.PAGES, "/notes", "Notes"),
    (Permission.PAGES, "/views", "Views"),
    (Permission.PAGES, "/custom-areas", "Custom areas"),
    (Permission.PHONE, "/go", "Phone page"),
    (Permission.AUDIT, "/audit", "Audit log"),
    (Permission.PEOPLE, "/people", "People"),
    (Permission.DATA, "/data", "Data"),
    (Permission.AS_IT_WAS, "/as-it-was", "As it was"),
)
"""Permission, address and title of what a person may open, in the order of where one lands."""
STATE_HEADER = "X-PatrolIQ-Session"
UNFINISHED = frozenset({ACCOUNT, "/sign-out"})
"""Paths for a person who must first choose a password or set up codes."""


def register(server: Flask, settings: Settings, bearer: Bearer) -> None:
    """Let through only requests of people, and of programs with a token, who may make them."""

    @server.before_request
    def check() -> Any:
        g.read_before = reader_now()
        need = need_of_request(server)
        if isinstance(need, ProgramPermission):
            begin_reading(None)
            program = bearer.reader(need)
            if program is not None:
                begin_reading(program)
                return None if program.may(need) else _refuse(program, need)
            if need not in OF_PEOPLE or not _may_be_a_person(settings):
                raise TokenNeededError
        if not accounts.are_kept(settings):
            begin_reading(reader_of_page(open_access(operating_person(settings)), settings))
            if _is_of_accounts(need):
                abort(HTTPStatus.NOT_FOUND)
            return None if need is not None else abort(HTTPStatus.FORBIDDEN)
        begin_reading(None)
        return _check(server, settings, need)

    @server.teardown_request
    def forget(_error: BaseException | None) -> None:
        if "read_before" in g:  # else the request was refused before the gate
            begin_reading(g.read_before)


def require(need: Need | None) -> None:
    """Check what a part of a request needs, such as the callback that it names.

    Raises
    ------
    NotAllowedError
        The reader lacks the permission, or nothing is named.
    """
    if need is None:
        raise NotAllowedError("none named")
    if not isinstance(need, Open):
        current_reader().require(need)


def links_of_reader() -> dict[str, str]:
    """What the current reader may open, by address, for the head of documents."""
    return homes_of(current_reader())


def opens_past() -> bool:
    """Whether the current reader may open a kept snapshot as it was, and has none open."""
    reader = current_reader()
    return reader.may(Permission.AS_IT_WAS) and not reader.past


def homes_of(reader: Reader) -> dict[str, str]:
    """What a reader may open, by address; the first is where the reader lands."""
    return {path: title for permission, path, title in HOMES if reader.may(permission)}


def need_of_request(server: Flask) -> Need | None:
    """What the request needs; None if its route names nothing."""
    rule = request.url_rule
    if rule is None:  # an unknown address or method, which nothing answers
        return Open.ANYONE
    named = need_of(server.view_functions[rule.endpoint])
    return OF_LIBRARIES.get(rule.rule) if named is None else named


def _may_be_a_person(settings: Settings) -> bool:
    """Whether a request without a token is of somebody at a browser, or needs no account."""
    user = current_user._get_current_object() if accounts.are_kept(settings) else None
    return user is None or (isinstance(user, SignedIn) and not user.session.locked)


def _is_of_accounts(need: Need | None) -> bool:
    """Whether a request signs in or out, or shows one's account: without accounts there is none."""
    if request.url_rule is None or request.url_rule.rule in OF_LIBRARIES:
        return False
    changes = request.method not in HARMLESS
    return need is Open.SIGNED_IN or (need is Open.ANYONE and changes)


def _check(server: Flask, settings: Settings, need: Need | None) -> Any:
    signed_in = current_user if isinstance(current_user._get_current_object(), SignedIn) else None
    is_locked = signed_in is not None and signed_in.session.locked
    if need is not Open.ANYONE and (signed_in is None or is_locked):
        return _ask_to_sign_in("locked" if is_locked else "signed-out")
    if request.method not in HARMLESS:
        server.extensions[TOKENS].protect()
    if signed_in is None or is_locked:
        return None
    reader = reader_of_page(signed_in.reader, settings)
    begin_reading(reader)
    if need is Open.ANYONE:
        return None
    if _is_unfinished(signed_in, settings) and request.path not in UNFINISHED:
        return _ask(ACCOUNT, "unfinished")
    if need is Open.SIGNED_IN or (need is not None and reader.may(need)):
        return None
    return _refuse(reader, need)


def _is_unfinished(signed_in: SignedIn, settings: Settings) -> bool:
    person = signed_in.person
    lacks_codes = settings.second_factor == "required" and person.has_password
    return person.must_change or (
        lacks_codes and not person.has_codes and signed_in.session.method == "password"
    )


def _refuse(reader: Reader, need: Permission | ProgramPermission | None) -> Any:
    home = next(iter(homes_of(reader)), None)
    if reader.past:
        raise UnchangeableError
    if need is Permission.PAGES and request.path == "/" and home not in (None, "/"):
        return redirect(str(home))
    note("access.refused", request.path, "refused", needs=need or "none named")
    return require(need)


def _ask_to_sign_in(why: str) -> Any:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return _ask(f"{ADDRESS}?next={quote(wanted)}", why)


def _ask(address: str, why: str) -> Any:
    """Send a person to a page; a script gets a status and the reason."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect(address)
    response: Response = jsonify(reason=why, message=str(NotSignedInError()))
    response.status_code = HTTPStatus.UNAUTHORIZED
    response.headers[STATE_HEADER] = why
    return response
