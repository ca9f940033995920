"""Locking a session after a while without use, and going on where it was."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, jsonify, request, session
from flask_login import current_user

from analytics.access.needs import Open, needs
from security.access_trail import note_access
from security.identity import Identity, method_of


def register(server: Flask, identity: Identity) -> None:
    """Add the routes that the page's script asks."""

    @server.post("/lock")
    @needs(Open.ANYONE)
    def lock() -> Any:
        """Lock the session until the password is given."""
        if current_user.is_authenticated:
            identity.sessions.lock(current_user.token)
            identity.forget(current_user.token)
            note_access("lock", current_user.person.name, outcome="done")
        return "", HTTPStatus.NO_CONTENT

    @server.post("/unlock")
    @needs(Open.ANYONE)
    def unlock() -> Any:
        """Continue a locked session, or begin another where it ended, for the page that is open."""
        from analytics.access.people import CodeNeededError, SignInError  # noqa: PLC0415

        given = request.get_json(silent=True)
        fields = given if isinstance(given, dict) else {}
        name, password, code = (str(fields.get(one, "")) for one in ("name", "password", "code"))
        present = current_user if current_user.is_authenticated else None
        name = present.person.name if present else name
        try:
            person = identity.people.check(name, password, code)
            renewed = identity.sessions.unlock(present.token) if present else None
            if renewed is None:
                identity.enter(person, method_of(person))
        except CodeNeededError as error:
            note_access("code-needed", name, outcome="refused")
            return jsonify(reason="code", message=str(error)), 401
        except SignInError as error:
            note_access("unlock", name, outcome="refused", details={"reason": str(error)})
            return jsonify(reason="refused", message=str(error)), 401
        if renewed is not None:
            identity.forget(session["_user_id"])
            session["_user_id"] = renewed
            note_access("unlock", person.name, outcome="done")
        return "", HTTPStatus.NO_CONTENT
