"""People with an account: their roles, scope, password and one-time codes.

Names are compared without case. A failed check takes as long for a name that nobody has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from analytics.access import accounts
from analytics.access.one_time_codes import step_of
from analytics.access.passwords import hash_password, is_password, renewed_hash
from analytics.access.programs import TOKEN
from analytics.access.reader import Reader, ScopeRules
from analytics.access.roles import Permission, Role, granted
from analytics.access.secret_key import seal, unseal
from analytics.access.stored_rules import role_rules_of, rules_columns, rules_of
from analytics.audit import LOCK, Audit
from analytics.errors import InputError, PatrolIQError
from analytics.one_line import one_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import people as table
from analytics.state_tables import role_scopes, sessions, sign_in_failures

MOST_FAILURES = 5
LONGEST_NAME = 80
LONGEST_COMPARED = 3 * LONGEST_NAME
"""Without case, a character becomes three at most."""
REFUSED = "The name or the password is not right."
CODE_REFUSED = "The code is not right, or was used before. Wait for the next one."


class SignInError(PatrolIQError):
    """A sign-in is refused; the message does not say which part is wrong."""

    exit_code = 2


class CodeNeededError(SignInError):
    """The password is right, and a one-time code is needed too."""


@dataclass(frozen=True)
class Person:
    """One account. Times are seconds since 1970; `rules` are the person's own."""

    id: int
    name: str
    roles: frozenset[Role]
    rules: ScopeRules
    has_password: bool
    must_change: bool
    has_codes: bool
    disabled: bool
    created: float
    signed_in: float | None


class People:
    """Reads and changes accounts. Each change is an entry of the audit log in one transaction."""

    def __init__(
        self, state: State, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._settings = settings
        self._audit = Audit(state, settings)
        self._clock = clock

    def all(self) -> list[Person]:
        """Everybody, by name; disabled people too."""
        with self._state.engine.connect() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.folded)).mappings()
            return [_person(row) for row in rows]

    def named(self, name: str) -> Person:
        """The person of a name.

        Raises
        ------
        InputError
            Nobody has it.
        """
        with self._state.engine.connect() as connection:
            return _person(_row(connection, name))

    def require(self, name: str, permission: Permission) -> None:
        """Check that a person may still do what was queued; who has no account runs commands.

        Raises
        ------
        InputError
            The account is disabled, or its roles do not allow it anymore.
        """
        with self._state.engine.connect() as connection:
            row = connection.execute(_of(name)).mappings().first()
        person = None if row is None else _person(row)
        if person is None or (not person.disabled and permission in granted(person.roles)):
            return
        raise InputError(f"{person.name} may not do this anymore (permission {permission}).")

    def numbered(self, number: int) -> Person | None:
        """The person with an id, if any."""
        with self._state.engine.connect() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == number))
            found = row.mappings().first()
            return None if found is None else _person(found)

    def add(self, name: str, roles: Iterable[Role], password: str = "", *, by: str = "") -> Person:
        """Add an account. Without a password, only a provider or a proxy can sign the person in.

        Raises
        ------
        InputError
            The name is taken or not valid, no role is given, or the password is not acceptable.
        """
        name, given = valid_name(name), _valid_roles(roles)
        hashed = hash_password(password, name) if password else ""
        with self._state.exclusive(LOCK) as connection:
            if connection.execute(_of(name)).first() is not None:
                raise InputError(f"There is an account named {name!r} already.")
            connection.execute(
                sa.insert(table).values(
                    name=name,
                    folded=comparable_name(name),
                    roles=_roles_text(given),
                    selection="",
                    precision="[]",
                    password=hashed,
                    must_change=False,
                    code_secret="",
                    code_step=0,
                    disabled=False,
                    created=self._clock(),
                )
            )
            self._note(connection, "person.added", name, by, roles=_roles_text(given))
            accounts.keep(self._settings.home)  # before the commit: never an account without it
        return self.named(name)

    def give(self, name: str, roles: Iterable[Role], *, by: str = "") -> None:
        """Replace a person's roles.

        Raises
        ------
        InputError
            Nobody has the name, no role is given, or nobody would be left to manage people.
        """
        given = _valid_roles(roles)
        self._change(name, "person.roles", by, {"roles": _roles_text(given)})

    def limit(self, name: str, rules: ScopeRules, *, by: str = "") -> None:
        """Replace a person's own scope; an empty one leaves that of the role.

        Raises
        ------
        InputError
            Nobody has the name, or the selection cannot be read.
        """
        self._change(name, "person.scope", by, rules_columns(rules))

    def limit_role(self, role: Role, rules: ScopeRules, *, by: str = "") -> None:
        """Replace the scope of everybody with a role who has none of their own.

        Raises
        ------
        InputError
            The selection cannot be read.
        """
        values = rules_columns(rules)
        with self._state.exclusive(LOCK) as connection:
            connection.execute(sa.delete(role_scopes).where(role_scopes.c.role == role))
            if rules:
                connection.execute(sa.insert(role_scopes).values(role=role, **values))
            self._note(connection, "role.scope", role, by, **values)

    def role_rules(self) -> dict[Role, ScopeRules]:
        """Scopes of roles that have one."""
        with self._state.engine.connect() as connection:
            return role_rules_of(connection)

    def disable(self, name: str, *, by: str = "") -> None:
        """Disable an account and end its sessions.

        Raises
        ------
        InputError
            Nobody has the name, or nobody would be left to manage people.
        """
        self._change(name, "person.disabled", by, {"disabled": True}, ends_sessions=True)

    def enable(self, name: str, *, by: str = "") -> None:
        """Enable an account again.

        Raises
        ------
        InputError
            Nobody has the name.
        """
        self._change(name, "person.enabled", by, {"disabled": False})

    def reset(self, name: str, password: str, *, by: str = "", must_change: bool = True) -> None:
        """Replace a password, forget one-time codes and failures, and end the sessions.

        Raises
        ------
        InputError
            Nobody has the name, or the password is not acceptable.
        """
        values = {
            "password": hash_password(password, name),
            "must_change": must_change,
            "code_secret": "",
            "code_step": 0,
        }
        self._change(name, "person.reset", by, values, ends_sessions=True, secret=True)

    def end_sessions(self, name: str, *, by: str = "") -> None:
        """End every session of a person.

        Raises
        ------
        InputError
            Nobody has the name.
        """
        self._change(name, "person.sessions_ended", by, {}, ends_sessions=True)

    def require_change(self, name: str, *, by: str = "") -> None:
        """Have a person choose another password at the next sign-in.

        Raises
        ------
        InputError
            Nobody has the name.
        """
        self._change(name, "person.must_change", by, {"must_change": True})

    def choose_password(self, name: str, old: str, new: str) -> None:
        """Change one's own password, and end the other sessions.

        Raises
        ------
        SignInError
            The old one is not right, or failed too often.
        InputError
            The new one is not acceptable.
        """
        self.confirm(name, old)
        if new == old:  # whoever gave it knows it
            raise InputError("The new password is the present one; choose another.")
        values = {"password": hash_password(new, name), "must_change": False}
        self._change(name, "person.password", name, values, ends_sessions=True, secret=True)

    def set_up_codes(self, name: str, secret: str, code: str) -> None:
        """Require one-time codes of this secret from now on, and end the person's sessions.

        Raises
        ------
        InputError
            The person has codes already: only a reset forgets them.
        SignInError
            The code is not of the secret, or there is no secret.
        """
        if self.named(name).has_codes:
            raise InputError("One-time codes are set up already; an administrator resets them.")
        step = step_of(secret, code, 0, self._clock()) if secret else None
        if step is None:
            raise SignInError(CODE_REFUSED)
        values = {"code_secret": seal(self._settings.home, secret), "code_step": step}
        self._change(name, "person.codes", name, values, ends_sessions=True, secret=True)

    def check(self, name: str, password: str, code: str = "") -> Person:
        """Check a password, and a one-time code where the person has set them up.

        Raises
        ------
        CodeNeededError
            The password is right and no code was given.
        SignInError
            It is not right, or failed too often, or the account is disabled.
        """
        attempt = self._begin_attempt(name)
        row = self._with_password(name, password)
        if row["code_secret"]:
            if not code:
                self._forget_attempt(attempt)
                raise CodeNeededError("Enter the code of your authenticator app.")
            secret = unseal(self._settings.home, row["code_secret"])
            step = step_of(secret, code, row["code_step"], self._clock())
            if step is None or not self._take_step(row["id"], step):
                raise SignInError(CODE_REFUSED)
        return self.signed_in(row["name"])

    def confirm(self, name: str, password: str) -> None:
        """Check the password of somebody who is signed in.

        Raises
        ------
        SignInError
            It is not right, or failed too often.
        """
        attempt = self._begin_attempt(name)
        self._with_password(name, password)
        self._forget_attempt(attempt)

    def signed_in(self, name: str) -> Person:
        """Note that a person signed in, by whatever means.

        Raises
        ------
        SignInError
            Nobody has the name, or the account is disabled.
        """
        with self._state.exclusive(LOCK) as connection:
            row = connection.execute(_of(name)).mappings().first()
            if row is None or row["disabled"] or not _is_named(row["name"], name):
                raise SignInError(REFUSED)
            connection.execute(
                sa.update(table).where(table.c.id == row["id"]).values(signed_in=self._clock())
            )
            connection.execute(
                sa.delete(sign_in_failures).where(sign_in_failures.c.folded == row["folded"])
            )
        return _person({**row, "signed_in": self._clock()})

    def reader_of(self, person: Person) -> Reader:
        """A person as a reader: with the own scope, else that of the role.

        Raises
        ------
        SignInError
            Several roles have scopes, and the person has none of the own.
        """
        rules = person.rules
        if not rules:
            scoped = [one for role, one in self.role_rules().items() if role in person.roles]
            if len(scoped) > 1 and len({*scoped}) > 1:
                raise SignInError(
                    "Several of your roles have a scope; an administrator must give you your own."
                )
            rules = scoped[0] if scoped else rules
        return Reader(person.name, person.roles, rules)

    def _begin_attempt(self, name: str) -> int:
        """Count a failure in advance, so that guesses made at the same time are limited too.

        Raises
        ------
        SignInError
            There were too many.
        """
        compared, now = comparable_name(name), self._clock()
        within_s = self._settings.lockout_minutes * 60
        failures = sign_in_failures.c
        with self._state.exclusive(LOCK) as connection:
            if within_s:
                old = failures.at <= now - within_s
                connection.execute(sa.delete(sign_in_failures).where(old))
            newest = sa.select(failures.at).where(failures.folded == compared)
            newest = newest.order_by(failures.at.desc()).limit(MOST_FAILURES)
            last = [*connection.execute(newest).scalars()]
            if len(last) == MOST_FAILURES:
                minutes = max(1, round((last[-1] + within_s - now) / 60))
                again = f"Try again in {minutes} minutes, or ask" if within_s else "Ask"
                raise SignInError(
                    f"Too many failed sign-ins for this name. {again} an administrator."
                )
            adding = sa.insert(sign_in_failures).values(folded=compared, at=now)
            key = connection.execute(adding).inserted_primary_key
        return cast("tuple[int, ...]", key)[0]

    def _forget_attempt(self, number: int) -> None:
        with self._state.engine.begin() as connection:
            own = sign_in_failures.c.id == number
            connection.execute(sa.delete(sign_in_failures).where(own))

    def _with_password(self, name: str, password: str) -> sa.RowMapping:
        """The row of a person with this password."""
        with self._state.engine.connect() as connection:
            row = connection.execute(_of(name)).mappings().first()
        is_right = is_password("" if row is None else row["password"], password)
        if row is None or row["disabled"] or not is_right:
            raise SignInError(REFUSED)
        if renewed := renewed_hash(row["password"], password):
            with self._state.engine.begin() as connection:
                own = sa.update(table).where(table.c.id == row["id"])
                connection.execute(own.values(password=renewed))
        return row

    def _take_step(self, number: int, step: int) -> bool:
        """Take a code; False if another request has just taken it."""
        taken = sa.update(table).where(table.c.id == number, table.c.code_step < step)
        with self._state.engine.begin() as connection:
            return connection.execute(taken.values(code_step=step)).rowcount == 1

    def _change(
        self,
        name: str,
        event: str,
        by: str,
        values: Mapping[str, Any],
        *,
        ends_sessions: bool = False,
        secret: bool = False,
    ) -> None:
        with self._state.exclusive(LOCK) as connection:
            row = _row(connection, name)
            if values:
                connection.execute(sa.update(table).where(table.c.id == row["id"]).values(**values))
            if _manages(row) and not _someone_manages(connection):
                raise InputError("Nobody would be left to manage people; add an admin first.")
            if ends_sessions:
                own = sa.and_(sessions.c.person == row["id"], sessions.c.ended.is_(None))
                connection.execute(sa.update(sessions).where(own).values(ended=self._clock()))
            if "disabled" in values or "password" in values:
                mine = sign_in_failures.c.folded == row["folded"]
                connection.execute(sa.delete(sign_in_failures).where(mine))
            self._note(connection, event, row["name"], by, **({} if secret else values))

    def _note(
        self, connection: sa.Connection, event: str, subject: str, by: str, **details: Any
    ) -> None:
        self._audit.add(connection, event, subject, details=details, person=by)


def comparable_name(name: str) -> str:
    """A name without what two accounts may not differ in; a database takes it, whatever it was."""
    return one_line(name[:LONGEST_COMPARED]).casefold()[:LONGEST_COMPARED]


def _is_named(own: str, said: str) -> bool:
    """Whether a provider or proxy that says a name means this person.

    Letters beyond ASCII must be the same: without case, the Kelvin sign is a k, and an address with
    it may be somebody else's.
    """
    return own == said or (own.isascii() and said.isascii())


def _of(name: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.folded == comparable_name(name))


def _row(connection: sa.Connection, name: str) -> sa.RowMapping:
    row = connection.execute(_of(name)).mappings().first()
    if row is None:
        raise InputError(f"There is no account named {name[:LONGEST_NAME]!r}.")
    return row


def _manages(row: Mapping[Any, Any]) -> bool:
    return Role.ADMIN in row["roles"].split(",") and not row["disabled"]


def _someone_manages(connection: sa.Connection) -> bool:
    return any(_manages(row) for row in connection.execute(sa.select(table)).mappings())


def valid_name(name: str) -> str:
    """The name of an account, as it was given.

    Raises
    ------
    InputError
        It is empty, too long or not on one line, or reads as that of a token.
    """
    if name.casefold().startswith(TOKEN):
        raise InputError(f"{name[:LONGEST_NAME]!r} is not valid: {TOKEN!r} marks tokens.")
    if name != " ".join(name.split()) or not name.isprintable() or not name:
        raise InputError(f"{name[:LONGEST_NAME]!r} is not a valid name: write it on one line.")
    if len(name) > LONGEST_NAME:
        raise InputError(f"The name is too long; the limit is {LONGEST_NAME} characters.")
    return name


def _valid_roles(roles: Iterable[Role]) -> list[Role]:
    given = [role for role in Role if role in {*roles}]
    if not given:
        raise InputError(f"Give at least one role: {', '.join(Role)}.")
    return given


def _roles_text(roles: Iterable[Role]) -> str:
    return ",".join(roles)


def _person(row: Mapping[Any, Any]) -> Person:
    return Person(
        row["id"],
        row["name"],
        frozenset(Role(one) for one in row["roles"].split(",")),
        rules_of(row),
        bool(row["password"]),
        bool(row["must_change"]),
        bool(row["code_secret"]),
        bool(row["disabled"]),
        row["created"],
        row["signed_in"],
    )
