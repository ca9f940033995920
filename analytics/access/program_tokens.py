"""Tokens of programs: each says what may be done with it, and as whom it sees.

The database has only hashes. A token has 256 random bits, so that its plain hash cannot be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.access.people import LONGEST_NAME, comparable_name, valid_name
from analytics.access.programs import (
    FEEDS,
    TOKEN,
    WRITES,
    ProgramPermission,
    TokenRefusedError,
)
from analytics.access.reader import Reader, ScopeRules
from analytics.access.roles import Role
from analytics.access.stored_rules import role_rules_of, rules_columns, rules_of
from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import tokens as table

MOST_DAYS = 730
NOTED_TO_S = 3600.0
"""The last use is kept to the hour."""


@dataclass(frozen=True)
class ProgramToken:
    """What is known of a token. Times are seconds since 1970; `used` is to the hour.

    Attributes
    ----------
    role
        As whom it sees: what is sensitive to the role is coarse or hidden.
    permissions
        None that writes if it has rules of its own, whatever an earlier version stored.
    """

    id: int
    name: str
    role: Role
    permissions: frozenset[ProgramPermission]
    rules: ScopeRules
    creator: str
    created: float
    expires: float
    used: float | None
    revoked: float | None

    def refused(self, now: float) -> str:
        """Why it is not accepted: `revoked` or `expired`; empty if it is."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if now >= self.expires else ""


class ProgramTokens:
    """Makes, finds and revokes tokens. Each change is an entry of the audit log."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._settings = settings
        self._audit = Audit(state, settings)
        self._clock = clock

    def all(self) -> list[ProgramToken]:
        """Every token by name; revoked and expired ones too."""
        with self._state.engine.connect() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.folded)).mappings()
            return [_token(row) for row in rows]

    def create(
        self,
        name: str,
        permissions: Iterable[ProgramPermission],
        *,
        role: Role = Role.VIEWER,
        rules: ScopeRules | None = None,
        days: int = 365,
        by: str = "",
    ) -> tuple[ProgramToken, str]:
        """Make a token; returns it and its text, which is kept nowhere.

        Parameters
        ----------
        days
            After how many it expires, at most `MOST_DAYS`.
        by
            Who makes it; by default who acts.

        Raises
        ------
        InputError
            The name is taken or not valid, no permission is given, feeds are mixed with others,
            the scope cannot be read or is of a token that writes, or the days are out of range.
        """
        given = _valid_permissions(permissions)
        if rules and WRITES.intersection(given):
            raise InputError(
                "A scope limits what a token sees, not what it writes: leave out the selection and "
                f"the precision, or {' and '.join(sorted(WRITES))}, and make another token."
            )
        if not 1 <= days <= MOST_DAYS:
            raise InputError(f"A token lasts 1 to {MOST_DAYS} days, not {days}.")
        text, now = f"patroliq_{secrets.token_urlsafe(32)}", self._clock()
        values: dict[str, Any] = {
            "name": valid_name(name),
            "folded": comparable_name(name),
            "role": role.value,
            "permissions": ",".join(given),
            **rules_columns(rules or ScopeRules()),
            "creator": by or person(self._settings),
            "created": now,
            "expires": now + days * 86_400,
        }
        with self._state.exclusive(LOCK) as connection:
            if connection.execute(_of(name)).first() is not None:
                raise InputError(f"There is, or was, a token named {name!r}; choose another name.")
            connection.execute(sa.insert(table).values(hash=token_hash(text), **values))
            told = {one: values[one] for one in ("role", "permissions", "selection", "precision")}
            self._audit.add(
                connection, "token.created", name, details={**told, "days": days}, person=by
            )
        return self.named(name), text

    def revoke(self, name: str, *, by: str = "") -> ProgramToken:
        """Accept a token no longer; workers notice within seconds.

        Raises
        ------
        InputError
            There is none of this name, or it was revoked before.
        """
        if self.named(name).revoked is not None:
            raise InputError(f"The token {name[:LONGEST_NAME]!r} was revoked before.")
        with self._state.exclusive(LOCK) as connection:
            own = sa.update(table).where(table.c.folded == comparable_name(name))
            connection.execute(own.values(revoked=self._clock()))
            self._audit.add(connection, "token.revoked", name, person=by)
        return self.named(name)

    def named(self, name: str) -> ProgramToken:
        """The token of a name.

        Raises
        ------
        InputError
            There is none.
        """
        with self._state.engine.connect() as connection:
            row = connection.execute(_of(name)).mappings().first()
        if row is None:
            raise InputError(f"There is no token named {name[:LONGEST_NAME]!r}.")
        return _token(row)

    def reader(self, text: str) -> Reader:
        """The reader that a token stands for: what it may do, and sees.

        Raises
        ------
        TokenRefusedError
            Nobody has this token, or it was revoked or has expired.
        """
        hashed, now = token_hash(text), self._clock()
        with self._state.engine.connect() as connection:
            found = connection.execute(sa.select(table).where(table.c.hash == hashed))
            row = found.mappings().first()
            of_roles = role_rules_of(connection)
        if row is None or not hmac.compare_digest(row["hash"], hashed):
            raise TokenRefusedError("", "unknown")
        token = _token(row)
        if reason := token.refused(now):
            raise TokenRefusedError(token.name, reason)
        self._note_use(token, now)
        rules = token.rules or of_roles.get(token.role, ScopeRules())
        return Reader(
            f"{TOKEN}{token.name}", frozenset({token.role}), rules, program=token.permissions
        )

    def _note_use(self, token: ProgramToken, now: float) -> None:
        hour = now - now % NOTED_TO_S
        if token.used != hour:
            with self._state.engine.begin() as connection:
                own = sa.update(table).where(table.c.id == token.id)
                connection.execute(own.values(used=hour))


def token_hash(text: str) -> str:
    """What the database has of a token: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _valid_permissions(permissions: Iterable[ProgramPermission]) -> list[ProgramPermission]:
    chosen = {*permissions}
    given = [one for one in ProgramPermission if one in chosen]
    if not given:
        raise InputError(f"Allow at least one of {', '.join(ProgramPermission)}.")
    if chosen & FEEDS and chosen - FEEDS:
        raise InputError(
            "The token of a feed is part of an address, which others may read; allow it nothing "
            "else, and make another token."
        )
    return given


def _of(name: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.folded == comparable_name(name))


def _token(row: Mapping[Any, Any]) -> ProgramToken:
    permissions = frozenset(ProgramPermission(one) for one in row["permissions"].split(","))
    rules = rules_of(row)
    return ProgramToken(
        row["id"],
        row["name"],
        Role(row["role"]),
        permissions - WRITES if rules else permissions,
        rules,
        row["creator"],
        row["created"],
        row["expires"],
        row["used"],
        row["revoked"],
    )
