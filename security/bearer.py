"""Programs and their tokens: `Authorization: Bearer …`, or an address for feeds alone.

A wrong token is recorded like a failed sign-in. After too many of one address, unknown ones of it
are not looked up for a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cachetools import LRUCache, TTLCache
from flask import abort, request

from analytics.access.programs import FEEDS, IN_ADDRESS, ProgramPermission, TokenRefusedError
from analytics.access.reader import Reader
from analytics.errors import InputError
from analytics.redaction import ACCESS_TOKEN
from security.access_trail import note_access
from security.client import client_address
from security.rate_limits import wait

if TYPE_CHECKING:
    from analytics.access.program_tokens import ProgramTokens

SCHEME = "bearer"
MOST_FAILURES, FAILURES_WITHIN_S = 60, 60.0
MOST_KNOWN = 1_024
KNOWN_S = 2.0
UNKNOWN = "unknown token"
NOT_IN_ADDRESSES = (
    "A token is not part of an address, which others may read: send it in the header "
    "`Authorization: Bearer …`, and revoke this one."
)


class Bearer:
    """Who sent a token. A worker asks the database every other second, as for sessions."""

    def __init__(self, tokens: Callable[[], ProgramTokens]) -> None:
        self._tokens = tokens
        self._known: TTLCache[bytes, Reader] = TTLCache(MOST_KNOWN, KNOWN_S)
        self._ever_known: LRUCache[bytes, bool] = LRUCache(MOST_KNOWN)
        self._failures: TTLCache[str, list[int]] = TTLCache(MOST_KNOWN, FAILURES_WITHIN_S)
        self._lock = threading.Lock()

    def reader(self, need: ProgramPermission) -> Reader | None:
        """Whose token the request has; None if it has none.

        Raises
        ------
        TokenRefusedError
            It is not accepted.
        InputError
            It is in an address that is not a feed's, or is not that of a feed.
        """
        text, in_address = _given(need)
        if text is None:
            return None
        key = sha256(text.encode("utf-8", "replace")).digest()
        with self._lock:
            known, was_known = self._known.get(key), key in self._ever_known
        if known is None:
            known = self._look_up(text, was_known)
            with self._lock:
                self._known[key] = known
                self._ever_known[key] = True
        if in_address and not (known.program or frozenset()) <= FEEDS:
            raise InputError(NOT_IN_ADDRESSES)
        return known

    def _look_up(self, text: str, was_known: bool) -> Reader:
        failures = self._failures_of(client_address())
        if failures[0] >= MOST_FAILURES and not was_known:
            abort(wait(int(FAILURES_WITHIN_S), "Too many wrong tokens. Try again in a minute."))
        try:
            return self._tokens().reader(text)
        except TokenRefusedError as error:
            failures[0] += 1
            note_access(
                "token", error.name or UNKNOWN, outcome="refused", details={"reason": error.reason}
            )
            raise

    def _failures_of(self, address: str) -> list[int]:
        with self._lock:
            if address not in self._failures:
                self._failures[address] = [0]
            return self._failures[address]


def _given(need: ProgramPermission) -> tuple[str | None, bool]:
    """The token of the request, whatever it reads like, and whether its address has it."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if need in FEEDS and IN_ADDRESS in request.args:
        return request.args[IN_ADDRESS], True
    if ACCESS_TOKEN.search(unquote(request.query_string.decode("ascii", "replace"))):
        raise InputError(NOT_IN_ADDRESSES)
    return text.strip() if scheme.casefold() == SCHEME else None, False
