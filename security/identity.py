"""Who a browser's session belongs to, and the cookies that say so.

Flask-Login keeps the token of the session in a signed cookie; everything else is on the server. The
cookies are Secure, so sign-in works over HTTPS and on this machine, and nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache
from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from analytics.access import accounts
from analytics.access.reader import Reader
from analytics.access.secret_key import cookie_key
from analytics.access_notes import NewEntry, note_entry
from analytics.settings import Settings
from security.access_trail import note_access
from security.client import client_address

if TYPE_CHECKING:
    from analytics.access.people import People, Person
    from analytics.access.sessions import Session, Sessions

COOKIE = "__Host-patroliq"
TOKEN_COOKIE = "__Host-patroliq-token"  # noqa: S105 - the name that Dash's scripts and ours read
TOKENS = "patroliq-tokens"
MOST_KNOWN = 1_024
KNOWN_S = 2.0


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The person of a session, as Flask-Login asks for it."""

    token: str
    person: Person
    session: Session
    reader: Reader

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


class KeyedSessions(SecureCookieSessionInterface):
    """Cookies signed with the installation's key, which is read once accounts are kept."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> Any:
        """Sign with the key; without accounts there are no sessions."""
        if app.secret_key is None and accounts.are_kept(self._settings):
            app.secret_key = cookie_key(self._settings.home)
        return super().get_signing_serializer(app)


class Identity:
    """People and sessions; the database opens with the first request that needs it."""

    def __init__(
        self, settings: Settings, people: Callable[[], People], sessions: Callable[[], Sessions]
    ) -> None:
        self.settings = settings
        self._people, self._sessions = people, sessions
        self._known: TTLCache[str, SignedIn] = TTLCache(MOST_KNOWN, KNOWN_S)
        self._lock = threading.Lock()

    @property
    def people(self) -> People:
        return self._people()

    @property
    def sessions(self) -> Sessions:
        return self._sessions()

    def of_token(self, token: str) -> SignedIn | None:
        """Who has a token; None if the session ended or the account cannot be used.

        A worker asks the database every other second, so an end takes that long to arrive.
        """
        with self._lock:
            known = self._known.get(token)
        if known is None and (known := self._read(token)):
            with self._lock:
                self._known[token] = known
        return known

    def forget(self, token: str) -> None:
        """Ask the database about a token again."""
        with self._lock:
            self._known.pop(token, None)

    def _read(self, token: str) -> SignedIn | None:
        found = self.sessions.find(token)
        person = self.people.numbered(found.person) if found else None
        if found is None or person is None or person.disabled:
            return None
        from analytics.access.people import SignInError  # noqa: PLC0415 - with SQLAlchemy

        try:
            reader = self.people.reader_of(person)
        except SignInError:  # `enter` says why
            return None
        if not found.locked:
            self.sessions.use(found)
        return SignedIn(token, person, found, reader)

    def enter(self, person: Person, method: str) -> None:
        """Open a session for a person, in place of the one that the browser had.

        Raises
        ------
        SignInError
            It cannot be told what the person may see, or the account has just been disabled.
        """
        from analytics.access.people import SignInError  # noqa: PLC0415 - with SQLAlchemy

        self.people.reader_of(person)
        if token := session.get("_user_id"):
            self.sessions.end(token)
            self.forget(token)
        browser = request.headers.get("User-Agent", "")
        token = self.sessions.open(person.id, method, client_address(), browser)
        signed_in = self.of_token(token)
        session.clear()
        if signed_in is None:
            raise SignInError("The account cannot be used.")
        login_user(signed_in)
        session.permanent = True
        note_access("sign-in", person.name, outcome="done", details={"method": method})


def method_of(person: Person) -> str:
    """How a person signs in here."""
    return "password and code" if person.has_codes else "password"


def register(server: Flask, identity: Identity) -> None:
    """Set up sessions, and tokens against forged requests, which the gate checks."""
    settings = identity.settings
    server.session_interface = KeyedSessions(settings)
    server.config |= {
        "SESSION_COOKIE_NAME": COOKIE,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "WTF_CSRF_CHECK_DEFAULT": False,  # the gate checks, where people sign in
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
    }
    manager = LoginManager(server)
    manager.session_protection = None  # an address may change; sessions are listed and ended
    manager.user_loader(identity.of_token)
    server.extensions[TOKENS] = CSRFProtect(server)

    @server.after_request
    def give_token(response: Response) -> Response:
        """Give our scripts the token to send back, where somebody signed in."""
        if "_user_id" in session and (session.modified or TOKEN_COOKIE not in request.cookies):
            response.set_cookie(
                TOKEN_COOKIE, generate_csrf(), secure=True, samesite="Strict", path="/"
            )
        return response

    @server.errorhandler(CSRFError)
    def refuse_forged(error: CSRFError) -> tuple[str, int]:
        if current_user.is_authenticated:  # else there is no session to misuse
            details = {"reason": error.description}
            name = current_user.person.name
            note_entry(NewEntry("access.forged", request.path, "", details, name, "refused"))
        return f"{error.description} Reload the page and try again.\n", HTTPStatus.BAD_REQUEST
