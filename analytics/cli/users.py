"""`patroliq users`: accounts of people, their roles and scopes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from analytics.access.roles import Role
from analytics.cli.output import emit, json_option, warn
from analytics.cli.scope_options import precision_option, rules_given, selection_option
from analytics.errors import InputError

if TYPE_CHECKING:
    from analytics.access.people import People, Person
    from analytics.access.sessions import Sessions

role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="What the person may do; may be repeated.",
)
stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group("users")
def command() -> None:
    """Add, list, disable or reset accounts; from the first one on, people must sign in."""


@contextmanager
def _opened() -> Iterator[tuple[People, Sessions]]:
    from analytics.access.people import People
    from analytics.access.sessions import Sessions
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    state = State(settings)
    try:
        yield People(state, settings), Sessions(state, settings)
    finally:
        state.close()


def _password(from_stdin: bool) -> str:
    """The password from standard input, or typed twice.

    Raises
    ------
    InputError
        There is no terminal to type at.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("There is no terminal to type a password at; use --password-stdin.")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@command.command("add")
@click.argument("name")
@role_option
@stdin_option
@click.option(
    "--no-password",
    is_flag=True,
    help="The person signs in with the agency's provider or proxy only.",
)
@json_option
def add(
    name: str, roles: tuple[str, ...], password_stdin: bool, no_password: bool, as_json: bool
) -> None:
    """Add an account for NAME."""
    if password_stdin and no_password:
        raise InputError("--password-stdin and --no-password exclude each other.")
    password = "" if no_password else _password(password_stdin)
    if not (password or no_password):
        raise InputError("The password is empty; use --no-password for a provider's account.")
    with _opened() as (people, _):
        is_first = not people.all()
        person = people.add(name, [Role(one) for one in roles], password)
        if password and not is_first:  # who adds the first account most likely adds the own one
            people.require_change(name)
            person = people.named(name)
    if is_first and Role.ADMIN not in person.roles:
        warn("Nobody can manage people on the page yet; add an admin with --role admin.")
    emit(_fields(person), as_json, lambda: [f"Added {person.name}: {_roles(person)}."])


@command.command("list")
@json_option
def list_people(as_json: bool) -> None:
    """List accounts with roles, scopes and open sessions."""
    with _opened() as (people, sessions):
        found = [
            {**_fields(person), "sessions": len(sessions.of(person.id))} for person in people.all()
        ]
        scopes = {str(role): asdict(rules) for role, rules in people.role_rules().items()}

    def lines() -> list[str]:
        out = []
        for one in found:
            marks = [mark for mark in ("disabled", "must change password") if one[_FIELD[mark]]]
            scope = f"  scope {one['scope']}" if one["scope"] else ""
            said = f"  ({', '.join(marks)})" if marks else ""
            roles = ", ".join(one["roles"])
            out.append(f"{one['name']}: {roles}{scope}  {one['sessions']} sessions{said}")
        return out or ["No accounts: whoever is on this machine may do everything."]

    emit({"people": found, "role_scopes": scopes}, as_json, lines)


@command.command("disable")
@click.argument("name")
@json_option
def disable(name: str, as_json: bool) -> None:
    """Disable an account and end its sessions."""
    with _opened() as (people, _):
        people.disable(name)
    emit({"disabled": name}, as_json, lambda: [f"Disabled {name}; all sessions ended."])


@command.command("enable")
@click.argument("name")
@json_option
def enable(name: str, as_json: bool) -> None:
    """Enable a disabled account."""
    with _opened() as (people, _):
        people.enable(name)
    emit({"enabled": name}, as_json, lambda: [f"Enabled {name}."])


@command.command("reset")
@click.argument("name")
@stdin_option
@json_option
def reset(name: str, password_stdin: bool, as_json: bool) -> None:
    """Give a new password, which the person must change; codes and sessions end."""
    password = _password(password_stdin)
    with _opened() as (people, _):
        people.reset(name, password)
    emit({"reset": name}, as_json, lambda: [f"Reset {name}; the password must be changed."])


@command.command("give")
@click.argument("name")
@role_option
@json_option
def give(name: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Replace the roles of NAME."""
    with _opened() as (people, _):
        people.give(name, [Role(one) for one in roles])
        person = people.named(name)
    emit(_fields(person), as_json, lambda: [f"{person.name}: {_roles(person)}."])


@command.command("scope")
@click.argument("name", required=False)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="The scope of everybody with this role.",
)
@selection_option
@precision_option
@json_option
def scope(
    name: str | None, role: str | None, selection: str, precisions: tuple[str, ...], as_json: bool
) -> None:
    """Limit what NAME, or everybody with a role, may see; without options, lift the limits."""
    if (name is None) == (role is None):
        raise InputError("Name either a person or a --role.")
    rules = rules_given(selection, precisions)
    with _opened() as (people, _):
        if role is not None:
            people.limit_role(Role(role), rules)
        else:
            people.limit(str(name), rules)
    of = name or role
    emit({"of": of, **asdict(rules)}, as_json, lambda: [f"Scope of {of}: {selection or 'all'}."])


_FIELD = {"disabled": "disabled", "must change password": "must_change"}


def _fields(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "roles": sorted(person.roles),
        "scope": person.rules.selection,
        "precision": {text: str(how) for text, how in person.rules.precision},
        "password": person.has_password,
        "codes": person.has_codes,
        "must_change": person.must_change,
        "disabled": person.disabled,
    }


def _roles(person: Person) -> str:
    return ", ".join(sorted(person.roles))
