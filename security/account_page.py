"""A person's own account: password, one-time codes, sessions."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template, request, session
from flask_login import current_user

from analytics.access.needs import Open, needs
from analytics.errors import PatrolIQError
from security.access_trail import note_access
from security.gate import ACCOUNT
from security.identity import Identity

PENDING = "code-secret"
"""Where the session keeps a secret until a code of it was shown."""


def register(server: Flask, identity: Identity) -> None:
    @server.get(ACCOUNT)
    @needs(Open.SIGNED_IN)
    def account() -> Any:
        """The account of the person who signed in."""
        session.pop(PENDING, None)  # another secret each time, in case somebody saw the last one
        return _page(identity)

    @server.post(ACCOUNT)
    @needs(Open.SIGNED_IN)
    def change_account() -> Any:
        """Change the password, set up codes, or end a session."""
        action = {
            "password": _choose_password,
            "codes": _set_up_codes,
            "end": _end_session,
        }.get(request.form.get("action", ""))
        if action is None:
            return _page(identity, trouble="The form is not one of this page."), 400
        try:
            return _page(identity, said=action(identity))
        except PatrolIQError as error:
            return _page(identity, trouble=str(error)), 400


def _choose_password(identity: Identity) -> str:
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return "The two new passwords differ; nothing was changed."
    name, method = current_user.person.name, current_user.session.method
    identity.people.choose_password(name, old, new)
    identity.enter(identity.people.named(name), method)
    return "The password was changed. Your other sessions ended."


def _set_up_codes(identity: Identity) -> str:
    name, secret = current_user.person.name, session.get(PENDING, "")
    identity.people.confirm(name, request.form.get("password", ""))
    identity.people.set_up_codes(name, secret, request.form.get("code", ""))
    identity.enter(identity.people.named(name), "password and code")
    return "From now on, sign-in asks for a code of your app."


def _end_session(identity: Identity) -> str:
    own = {one.id for one in identity.sessions.of(current_user.person.id)}
    asked = request.form.get("session", "")
    if asked in own:
        identity.sessions.end_by_id(asked)
        note_access("session-ended", current_user.person.name, outcome="done")
    return "The session ended."


def _page(identity: Identity, *, said: str = "", trouble: str = "") -> str:
    from analytics.access.one_time_codes import new_secret, picture_of  # noqa: PLC0415

    person = identity.people.named(current_user.person.name)
    secret = picture = ""
    if person.has_password and not person.has_codes:
        secret = session.setdefault(PENDING, new_secret())
        picture = picture_of(secret, person.name)
    return render_template(
        "account.html",
        person=person,
        sessions=identity.sessions.of(person.id),
        present=current_user.session.id,
        required=identity.settings.second_factor == "required",
        secret=secret,
        picture=picture,
        said=said,
        trouble=trouble,
    )
