"""Tokens of programs on the page of admins: a table, a form that makes one, and revoking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import request

from analytics.access.programs import ProgramPermission
from analytics.access.reader import ScopeRules, current_reader
from analytics.access.roles import Role
from analytics.errors import InputError
from analytics.services import Services
from analytics.whole_number import whole_number

if TYPE_CHECKING:
    from analytics.access.program_tokens import ProgramToken

USUAL_DAYS = "365"


def all_tokens(services: Services) -> list[ProgramToken]:
    """Every token by name."""
    return services.tokens().all()


def create_token(services: Services, name: str, rules: Callable[[], ScopeRules]) -> str:
    """Make the token that the form describes; says what it is, this once.

    Raises
    ------
    InputError
        A field is not valid.
    """
    role, days = request.form.get("role", ""), whole_number(request.form.get("days", USUAL_DAYS))
    if role not in {*Role} or days is None:
        raise InputError("Choose a role, and a whole number of days.")
    chosen = request.form.getlist("allow")
    token, text = services.tokens().create(
        name,
        [one for one in ProgramPermission if one in chosen],
        role=Role(role),
        rules=rules(),
        days=days,
        by=current_reader().name,
    )
    return f"Made the token {token.name}. Shown once: {text}"


def revoke_token(services: Services, name: str) -> str:
    """Accept a token no longer."""
    services.tokens().revoke(name, by=current_reader().name)
    return f"The token {name} was revoked."
