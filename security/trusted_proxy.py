"""People whom a trusted proxy signed in, such as the agency's single sign-on gateway.

The header counts only from the proxy's own addresses; anybody else may write it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, request
from flask_login import current_user

from analytics.settings import Settings
from security.access_trail import note_access
from security.client import is_within
from security.identity import Identity, SignedIn
from security.sign_in import ADDRESS, own_path

METHOD = "proxy"


def register(server: Flask, identity: Identity) -> None:
    """Sign in whom the proxy names; nothing where no header is set."""
    settings = identity.settings
    if not settings.proxy_header:
        return

    @server.before_request
    def enter() -> Any:
        name = named_by_proxy(settings)
        if not name:
            return None
        user = current_user._get_current_object()
        from analytics.access.people import SignInError, comparable_name  # noqa: PLC0415

        if isinstance(user, SignedIn):
            is_same = comparable_name(user.person.name) == comparable_name(name)
            if is_same and not _leaves_lock(user):
                return None
        try:
            identity.enter(identity.people.signed_in(name), METHOD)
        except SignInError as error:
            note_access("sign-in", name, outcome="refused", details={"method": METHOD})
            return f"{error} The proxy named somebody without an account here.\n", 403
        return redirect(own_path(request.args.get("next", ""))) if _asks_for_form() else None


def _leaves_lock(user: SignedIn) -> bool:
    """Whether a person without a password, whom only the proxy knows, goes on after a lock."""
    return user.session.locked and not user.person.has_password and _asks_for_form()


def _asks_for_form() -> bool:
    return request.method == "GET" and request.path == ADDRESS


def named_by_proxy(settings: Settings) -> str:
    """The name in the header, if the request came from the proxy; else empty."""
    trusted = is_within(request.remote_addr or "", settings.proxy_addresses)
    return request.headers.get(settings.proxy_header, "") if trusted else ""
