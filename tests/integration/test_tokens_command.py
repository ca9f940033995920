"""`patroliq tokens`: the token is printed once, and never again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import ProgramPermission
from analytics.access.reader import Precision, ScopeRules
from analytics.access.roles import Role
from analytics.cli.tokens import command
from analytics.errors import InputError
from analytics.redaction import ACCESS_TOKEN
from analytics.settings import Settings
from analytics.state import State


@pytest.fixture
def tokens(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProgramTokens]:
    monkeypatch.setenv("PATROLIQ_HOME", str(settings.home))
    state = State(settings)
    yield ProgramTokens(state, settings)
    state.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_a_token_is_created_printed_once_listed_and_revoked(tokens: ProgramTokens) -> None:
    allow = ("--allow", "read-incidents", "--allow", "read-zones")
    scope = ("--selection", "district=001", "--precision", "type=HOMICIDE:beat")
    made = run("create", "Dispatch", *allow, "--role", "analyst", *scope, "--days", "30")
    (text,) = ACCESS_TOKEN.findall(made.output)
    reader = tokens.reader(text)
    assert reader.program == {ProgramPermission.READ_INCIDENTS, ProgramPermission.READ_ZONES}
    assert reader.roles == {Role.ANALYST}
    assert reader.rules == ScopeRules("district=001", (("type=HOMICIDE", Precision.BEAT),))
    (listed,) = json.loads(run("list", "--json").output)["tokens"]
    assert listed["state"] == "valid"
    assert listed["permissions"] == ["read-incidents", "read-zones"]
    assert listed["used"].endswith(":00Z")
    for output in (run("list").output, json.dumps(listed)):
        assert "Dispatch" in output
        assert text not in output
    assert json.loads(run("revoke", "dispatch", "--json").output)["state"] == "revoked"
    assert tokens.named("Dispatch").revoked is not None


def test_json_has_the_token_and_nothing_is_allowed_by_default(tokens: ProgramTokens) -> None:
    made = json.loads(run("create", "CAD", "--allow", "write-calls", "--json").output)
    assert tokens.reader(made["token"]).name == "token:CAD"
    refused = run("create", "RMS", "--allow", "write-calls", "--selection", "district=001")
    assert isinstance(refused.exception, InputError)
    assert "not what it writes" in str(refused.exception)
    assert run("create", "RMS").exit_code == 2
    assert run("create", "RMS", "--allow", "everything").exit_code == 2
    assert isinstance(run("revoke", "RMS").exception, InputError)
