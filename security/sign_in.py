"""Sign-in with a password and a one-time code, and sign-out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, redirect, render_template, request, session
from flask_login import current_user, logout_user

from analytics.access import accounts
from analytics.access.needs import Open, needs
from analytics.settings import Settings
from security.access_trail import note_access
from security.identity import Identity, method_of

ADDRESS = "/sign-in"


def register(server: Flask, identity: Identity) -> None:
    """Add the form and what it sends to."""
    settings = identity.settings

    @server.get(ADDRESS)
    @needs(Open.ANYONE)
    def sign_in_form() -> Any:
        """The form of sign-in."""
        if not accounts.are_kept(settings):
            return redirect("/")
        return _form(settings)

    @server.post(ADDRESS)
    @needs(Open.ANYONE)
    def sign_in() -> Any:
        """Check name, password and code."""
        from analytics.access.people import CodeNeededError, SignInError  # noqa: PLC0415

        name, password, code = (request.form.get(one, "") for one in ("name", "password", "code"))
        try:
            person = identity.people.check(name, password, code)
            identity.enter(person, method_of(person))
        except CodeNeededError:
            note_access("code-needed", name, outcome="refused")
            return _form(settings, name=name, asks_code=True)
        except SignInError as error:
            note_access("sign-in", name, outcome="refused", details={"reason": str(error)})
            return _form(settings, name=name, trouble=str(error), asks_code=bool(code)), 401
        return redirect(own_path(request.form.get("next", "")))

    @server.post("/sign-out")
    @needs(Open.ANYONE)
    def sign_out() -> Any:
        """End the session."""
        if current_user.is_authenticated:
            note_access("sign-out", current_user.person.name, outcome="done")
            identity.sessions.end(current_user.token)
            identity.forget(current_user.token)
        logout_user()
        session.clear()
        return redirect(ADDRESS)


def own_path(address: str) -> str:
    """An address of our own to go on to; the start page for any other."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = address.isprintable() and "\\" not in address
    return address if is_own and plain and not parts.netloc and not parts.scheme else "/"


def _form(settings: Settings, *, name: str = "", trouble: str = "", asks_code: bool = False) -> str:
    if not name and current_user.is_authenticated:
        name = current_user.person.name
    return render_template(
        "sign_in.html",
        notice=settings.use_notice,
        name=name,
        trouble=trouble,
        asks_code=asks_code,
        provider=bool(settings.oidc_issuer),
        next=own_path(request.values.get("next", "")),
    )
