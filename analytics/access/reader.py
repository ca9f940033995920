"""Who reads: the person whose request is being answered, and what that person may do and see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from analytics.access.programs import OF_PEOPLE, ProgramPermission
from analytics.access.roles import Permission, Role, granted, granted_in_the_past
from analytics.acting import act_as
from analytics.errors import NotAllowedError, NotSignedInError, TokenLacksError


class Precision(StrEnum):
    """How exactly the places of incidents are shown, from the most exact."""

    EXACT = "exact"
    BLOCK = "block"
    BEAT = "beat"
    HIDDEN = "hidden"  # the incidents are in nothing that is shown


@dataclass(frozen=True)
class ScopeRules:
    """What a person may see.

    Attributes
    ----------
    selection
        Canonical text of a selection that every incident must match, such as `district=001,002`;
        empty for all.
    precision
        By the text of a selection of incidents, such as `type=HOMICIDE`, how exactly they are
        shown; of several rules that an incident matches, the coarsest applies.
    """

    selection: str = ""
    precision: tuple[tuple[str, Precision], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.selection or self.precision)


@dataclass(frozen=True)
class Reader:
    """A person, or whoever uses the machine where no accounts are kept.

    Attributes
    ----------
    is_person
        Whether somebody signed in; without accounts it is the operating-system user.
    past
        Id of the kept snapshot that is open as it was; empty for what is served now.
    program
        What a program's token allows, which is all it may do; None for people. The role only tells
        what it sees.
    """

    name: str
    roles: frozenset[Role]
    rules: ScopeRules = field(default_factory=ScopeRules)
    is_person: bool = True
    past: str = ""
    program: frozenset[ProgramPermission] | None = None

    @property
    def sees_a_part(self) -> bool:
        """Whether the rules leave out areas or kinds, beyond making some incidents coarse."""
        return bool(self.rules.selection)

    def may(self, permission: Permission | ProgramPermission) -> bool:
        """Whether a permission is given: by the token, or by a role, which is to read in the past.

        What a program may only read, a person may who has the like by a role.
        """
        if self.program is not None:
            return permission in self.program
        if isinstance(permission, ProgramPermission):
            return permission in OF_PEOPLE and self.may(OF_PEOPLE[permission])
        given = granted_in_the_past if self.past else granted
        return permission in given(self.roles)

    def require(self, permission: Permission | ProgramPermission) -> None:
        """Check a permission.

        Raises
        ------
        NotAllowedError
            No role gives it, or not the token.
        """
        if self.program is not None and not self.may(permission):
            raise TokenLacksError(permission)
        if not self.may(permission):
            raise NotAllowedError(permission)


def open_access(name: str) -> Reader:
    """The reader where no accounts are kept: whoever is on this machine may do everything."""
    return Reader(name, frozenset(Role), is_person=False)


_READING: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """Answer for a reader, in this thread, until the context ends."""
    before = _READING.get()
    begin_reading(reader)
    try:
        yield
    finally:
        begin_reading(before)


def begin_reading(reader: Reader | None) -> None:
    """Answer for a reader in this thread from now on; None for nobody."""
    _READING.set(reader)
    act_as(reader.name if reader is not None and reader.is_person else "")


def reader_now() -> Reader | None:
    """The reader of this thread, if any."""
    return _READING.get()


def current_reader() -> Reader:
    """The reader whose request is being answered in this thread.

    Raises
    ------
    NotSignedInError
        There is none: a thread of its own must be told, so that nothing is shown by accident.
    """
    reader = _READING.get()
    if reader is None:
        raise NotSignedInError
    return reader
