"""Roles and the permissions that they give; whatever no role gives is denied."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """One thing that a page, route, form, job or command lets a person do."""

    PAGES = "pages"  # read the pages of analysis
    SEARCH = "search"  # find things and ask in plain phrases
    RECORDS = "records"  # open single incidents, with their raw row
    EXPORT = "export"  # take incidents or figures away in a file
    PHONE = "phone"  # read a unit's plan on the phone page, and send visits
    PLANS = "plans"  # make and change patrol plans and their briefings
    BRIEFINGS = "briefings"  # make, edit and schedule briefings
    ALERTS = "alerts"  # make watch lists, and say what is done about alerts
    ZONES = "zones"  # name, add or suppress zones
    SHARE = "share"  # share views, record interventions, write notes
    TRAIN = "train"  # train, check and compare models
    PROMOTE = "promote"  # promote models and roll them back
    CANCEL = "cancel"  # cancel jobs of other people
    DATA = "data"  # load, fetch, undo and retract data
    AUDIT = "audit"  # read the audit log
    AS_IT_WAS = "as-it-was"  # open kept snapshots, read-only
    PEOPLE = "people"  # add people, give roles and scopes, end sessions


class Role(StrEnum):
    """What a person is at the agency."""

    OFFICER = "officer"
    VIEWER = "viewer"
    ANALYST = "analyst"
    APPROVER = "approver"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMIN = "admin"


_READS = frozenset({Permission.PAGES, Permission.SEARCH})
_TAKES = _READS | {Permission.RECORDS, Permission.EXPORT}
_WORKS = _TAKES | {
    Permission.ALERTS,
    Permission.BRIEFINGS,
    Permission.SHARE,
    Permission.AS_IT_WAS,
}
GRANTS = {
    Role.OFFICER: frozenset({Permission.PHONE}),
    Role.VIEWER: _READS,
    Role.ANALYST: _WORKS | {Permission.PHONE, Permission.PLANS, Permission.ZONES, Permission.TRAIN},
    Role.APPROVER: _WORKS | {Permission.PROMOTE, Permission.CANCEL},
    Role.STEWARD: _WORKS | {Permission.DATA, Permission.CANCEL},
    Role.AUDITOR: frozenset({Permission.AUDIT, Permission.AS_IT_WAS}),
    Role.ADMIN: frozenset({Permission.PEOPLE}),
}
"""Permissions by role. A person with several roles has those of each."""
SEES_SENSITIVE = frozenset({Role.ANALYST, Role.APPROVER, Role.STEWARD})
"""Roles for which sensitive offenses are not hidden by default."""


IN_THE_PAST = _TAKES | {Permission.AS_IT_WAS}
"""Permissions that stay while a kept snapshot is open: none of them changes anything."""


def granted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Permissions of a person with these roles."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def granted_in_the_past(roles: Iterable[Role]) -> frozenset[Permission]:
    """Permissions while a kept snapshot is open; whoever may open it may read its pages."""
    given = granted(roles)
    return (given | _READS) & IN_THE_PAST if Permission.AS_IT_WAS in given else frozenset()
