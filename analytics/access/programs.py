"""What a program may do with a token: each route of the API names one of these permissions."""

from __future__ import annotations

from enum import StrEnum

from analytics.access.roles import Permission
from analytics.errors import PatrolIQError

TOKEN = "token:"  # noqa: S105 - what the name of a token as a reader begins with


class ProgramPermission(StrEnum):
    """One thing that a token lets a program do."""

    READ_INCIDENTS = "read-incidents"
    READ_AGGREGATES = "read-aggregates"
    READ_ZONES = "read-zones"
    READ_FORECASTS = "read-forecasts"
    READ_PLANS = "read-plans"
    READ_ALERTS = "read-alerts"
    FEED_PLANS = "feed-plans"  # the only one that a token in an address may have
    WRITE_INCIDENTS = "write-incidents"
    WRITE_CALLS = "write-calls"


FEEDS = frozenset({ProgramPermission.FEED_PLANS})
"""For programs that cannot send a header, such as calendars."""
IN_ADDRESS = "token"
"""Name of the part of a feed's address that is its token."""
WRITES = frozenset({ProgramPermission.WRITE_INCIDENTS, ProgramPermission.WRITE_CALLS})
"""What a scope cannot limit: records come with any place, and deletions with none."""
OF_PEOPLE = {
    ProgramPermission.READ_INCIDENTS: Permission.EXPORT,
    ProgramPermission.READ_AGGREGATES: Permission.EXPORT,
    ProgramPermission.READ_ZONES: Permission.EXPORT,
    ProgramPermission.READ_FORECASTS: Permission.EXPORT,
    ProgramPermission.READ_PLANS: Permission.EXPORT,
    ProgramPermission.READ_ALERTS: Permission.PAGES,
    ProgramPermission.FEED_PLANS: Permission.EXPORT,
}
"""What lets a person who signed in do the same; what is missing needs a token."""


class TokenRefusedError(PatrolIQError):
    """A token is not accepted.

    Attributes
    ----------
    name
        Of the token; empty for one that nobody has.
    reason
        `unknown`, `revoked` or `expired`.
    """

    exit_code = 2

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The token is not accepted ({reason}). Ask an administrator for one.")
        self.name = name
        self.reason = reason
