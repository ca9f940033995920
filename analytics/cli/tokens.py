"""`patroliq tokens`: tokens with which programs ask the API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.access.programs import ProgramPermission
from analytics.access.roles import Role
from analytics.cli.output import emit, json_option
from analytics.cli.scope_options import precision_option, rules_given, selection_option

if TYPE_CHECKING:
    from analytics.access.program_tokens import ProgramToken, ProgramTokens


@click.group("tokens")
def command() -> None:
    """Create, list or revoke tokens of programs."""


@contextmanager
def _opened() -> Iterator[ProgramTokens]:
    from analytics.access.program_tokens import ProgramTokens
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield ProgramTokens(state, settings)


@command.command("create")
@click.argument("name")
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    required=True,
    type=click.Choice([one.value for one in ProgramPermission]),
    help="What the program may do; may be repeated.",
)
@click.option(
    "--role",
    default=Role.VIEWER.value,
    show_default=True,
    type=click.Choice([role.value for role in Role]),
    help="As whom the program sees: with the role's scope, and what is sensitive to it hidden.",
)
@selection_option
@precision_option
@click.option("--days", default=365, show_default=True, help="After how many days it expires.")
@json_option
def create(  # noqa: PLR0917 - click passes them by name
    name: str,
    allowed: tuple[str, ...],
    role: str,
    selection: str,
    precisions: tuple[str, ...],
    days: int,
    as_json: bool,
) -> None:
    """Create a token for the program NAME, and print it this once."""
    with _opened() as tokens:
        token, text = tokens.create(
            name,
            [ProgramPermission(one) for one in allowed],
            role=Role(role),
            rules=rules_given(selection, precisions),
            days=days,
        )
    emit(
        {**_fields(token), "token": text},
        as_json,
        lambda: [text, f"Keep it now: it is shown only once. {_line(token)}"],
    )


@command.command("list")
@json_option
def list_tokens(as_json: bool) -> None:
    """List tokens with what they allow; the tokens themselves are kept nowhere."""
    with _opened() as tokens:
        found = tokens.all()
    emit(
        {"tokens": [_fields(one) for one in found]},
        as_json,
        lambda: [_line(one) for one in found] or ["No tokens."],
    )


@command.command("revoke")
@click.argument("name")
@json_option
def revoke(name: str, as_json: bool) -> None:
    """Accept the token NAME no longer, within seconds."""
    with _opened() as tokens:
        token = tokens.revoke(name)
    emit(_fields(token), as_json, lambda: [f"Revoked the token {name}."])


def _line(token: ProgramToken) -> str:
    fields = _fields(token)
    scope = f", scope {fields['scope']}" if fields["scope"] else ""
    used = f"last used {fields['used']}" if fields["used"] else "not used yet"
    return (
        f"{token.name}: {', '.join(fields['permissions']) or 'nothing'}, as {token.role}{scope}; "
        f"{fields['state']}, expires {fields['expires']}, {used}."
    )


def _fields(token: ProgramToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "permissions": sorted(token.permissions),
        "role": token.role.value,
        "scope": token.rules.selection,
        "precision": {text: str(how) for text, how in token.rules.precision},
        "creator": token.creator,
        "created": _time(token.created),
        "expires": _time(token.expires),
        "used": _time(token.used),
        "revoked": _time(token.revoked),
        "state": token.refused(time.time()) or "valid",
    }


def _time(seconds: float | None) -> str:
    """A time in UTC to the minute, as 2026-12-01T14:05Z; empty for never."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%MZ}"
