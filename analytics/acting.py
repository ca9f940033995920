"""Who acts: the person whose request is being answered, or who runs a command."""

from __future__ import annotations

import getpass
from contextvars import ContextVar

from analytics.settings import Settings

_ACTING: ContextVar[str] = ContextVar("acting", default="")


def act_as(name: str) -> None:
    """Name this person in entries of this thread from now on; an empty name for nobody."""
    _ACTING.set(name)


def person(settings: Settings) -> str:
    """The person to name in the log: who signed in, PATROLIQ_USER, or the operating-system user."""
    return _ACTING.get() or settings.user or login()


def login() -> str:
    """The operating-system user, whatever a setting claims."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in /etc/passwd
        return "unknown"
