"""`patroliq users`: accounts from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.cli.users import command
from analytics.errors import InputError
from analytics.settings import Settings
from analytics.state import State

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of accounts that the test makes


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("analytics.access.passwords._HASHER", hasher)
    monkeypatch.setenv("PATROLIQ_HOME", str(settings.home))


@pytest.fixture
def people(settings: Settings) -> Iterator[People]:
    state = State(settings)
    yield People(state, settings)
    state.close()


def run(*arguments: str, typed: str = f"{PASSWORD}\n") -> Result:
    return CliRunner().invoke(command, arguments, input=typed)


def told(*arguments: str, typed: str = f"{PASSWORD}\n") -> dict[str, object]:
    done = run(*arguments, "--json", typed=typed)
    assert done.exception is None, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_accounts_are_added_listed_disabled_reset_and_given_roles(people: People) -> None:
    assert "whoever is on this machine" in run("list").stdout
    first = run("add", "Kim", "--role", "viewer", "--password-stdin")
    assert "add an admin" in first.stderr
    told("add", "Chief", "--role", "admin", "--role", "auditor", "--password-stdin")
    told("add", "pat@example.gov", "--role", "analyst", "--no-password")
    told("give", "Kim", "--role", "steward")
    told("disable", "Kim")
    listed = {one["name"]: one for one in told("list")["people"]}  # type: ignore[attr-defined]
    assert listed["Chief"]["roles"] == ["admin", "auditor"]
    assert listed["Kim"]["disabled"]
    assert listed["Kim"]["roles"] == ["steward"]
    assert not listed["pat@example.gov"]["password"]
    told("enable", "Kim")
    told("reset", "Kim", "--password-stdin", typed="violet-harbor-anvil-teapot\n")
    assert people.check("Kim", "violet-harbor-anvil-teapot").must_change
    assert "must change password" in run("list").stdout
    assert PASSWORD not in run("list").output


def test_scopes_of_people_and_of_roles_are_set_and_lifted(people: People) -> None:
    told("add", "Kim", "--role", "viewer", "--password-stdin")
    told("scope", "Kim", "--selection", "district=002,001", "--precision", "type=HOMICIDE:beat")
    assert people.named("Kim").rules.selection == "district=001,002"
    assert people.named("Kim").rules.precision == (("type=HOMICIDE", "beat"),)
    told("scope", "--role", "viewer", "--selection", "district=003")
    assert people.role_rules()[Role.VIEWER].selection == "district=003"
    assert "district=001,002" in run("list").stdout
    told("scope", "Kim")
    assert not people.named("Kim").rules


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "Kim", "--password-stdin"), "at least one role"),
        (("add", "Kim", "--role", "viewer"), "no terminal"),
        (("add", "Kim", "--role", "viewer", "--password-stdin", "--no-password"), "exclude"),
        (("disable", "Nobody"), "no account named"),
        (("scope",), "either a person or a --role"),
        (("scope", "Kim", "--precision", "type=A:near"), "not valid"),
        (("reset", "Nobody", "--password-stdin"), "no account named"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)


def test_an_empty_or_weak_password_is_refused() -> None:
    for typed, said in (("\n", "empty"), ("short\n", "at least 15"), ("a" * 20 + "\n", "easy")):
        done = run("add", "Kim", "--role", "viewer", "--password-stdin", typed=typed)
        assert isinstance(done.exception, InputError)
        assert said in str(done.exception)
