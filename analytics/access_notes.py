"""What a request reads and does, noted where it is known and recorded when it is answered.

The web begins each request; outside of one, such as in a command or while pages are prepared,
nothing is noted. Imports no library, as pages note what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NewEntry:
    """An entry of the audit log before it has its place in the chain.

    Attributes
    ----------
    event
        Such as `page.viewed`.
    subject
        What it happened to.
    person
        Who did it; by default who signed in, PATROLIQ_USER or the operating-system user.
    outcome
        Such as `done`, `refused` or a status; empty for acts, which are recorded before they run.
    address
        Where the request came from.
    happened
        ISO 8601 in UTC; by default now.
    """

    event: str
    subject: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    person: str = ""
    outcome: str = ""
    address: str = ""
    happened: str = ""


@dataclass
class Origin:
    """Where the work of a thread comes from: one request.

    Attributes
    ----------
    address
        Of the client.
    request
        The id in the request's answer and log line.
    notes
        What was noted so far.
    """

    address: str
    request: str
    notes: list[NewEntry] = field(default_factory=list)


_ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)


def begin_request(origin: Origin | None) -> None:
    """Work for a request in this thread from now on; None for no request."""
    _ORIGIN.set(origin)


def current_origin() -> Origin | None:
    """The request that this thread, or the copy of its context, works for."""
    return _ORIGIN.get()


def note(event: str, subject: str, outcome: str = "done", /, **details: Any) -> None:
    """Note what the current request shows or does; details that are None are left out."""
    known = {name: value for name, value in details.items() if value is not None}
    note_entry(NewEntry(event, subject, details=known, outcome=outcome))


def note_entry(entry: NewEntry) -> None:
    """Note an entry about the current request."""
    if origin := current_origin():
        origin.notes.append(entry)
