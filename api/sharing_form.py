"""The part of a form that says with which roles something is shared."""

from __future__ import annotations

from flask import request

from analytics.access.reader import current_reader
from analytics.access.roles import Permission, Role
from analytics.errors import InputError

SHARES = (Role.ANALYST, Role.APPROVER, Role.STEWARD, Role.VIEWER)


def offered_roles() -> tuple[Role, ...]:
    """Roles that the reader may share with; none if the reader may not share."""
    return SHARES if current_reader().may(Permission.SHARE) else ()


def chosen_roles() -> list[Role]:
    """Roles that the form names.

    Raises
    ------
    InputError
        One is not offered.
    """
    chosen = request.form.getlist("roles")
    if not set(chosen) <= set(SHARES):
        raise InputError("Nothing is shared with such a role.")
    return [Role(one) for one in chosen]
