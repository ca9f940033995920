"""Tokens of programs: what they allow, when they are accepted, and that none is stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from analytics.access.people import People
from analytics.access.program_tokens import MOST_DAYS, ProgramTokens
from analytics.access.programs import (
    FEEDS,
    OF_PEOPLE,
    WRITES,
    ProgramPermission,
    TokenRefusedError,
)
from analytics.access.reader import Precision, Reader, ScopeRules, open_access
from analytics.access.roles import Permission, Role
from analytics.audit import Audit
from analytics.errors import InputError, NotAllowedError
from analytics.redaction import ACCESS_TOKEN
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import metadata

DAY_S = 86_400
READ = ProgramPermission.READ_INCIDENTS


class Clock:
    """A clock that a test sets."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    opened = State(settings)
    yield opened
    opened.close()


@pytest.fixture
def tokens(state: State, settings: Settings, clock: Clock) -> ProgramTokens:
    return ProgramTokens(state, settings, clock)


def refusal(tokens: ProgramTokens, text: str) -> tuple[str, str]:
    with pytest.raises(TokenRefusedError) as refused:
        tokens.reader(text)
    return refused.value.name, refused.value.reason


def test_a_program_may_do_what_its_token_allows_and_nothing_a_role_gives(
    tokens: ProgramTokens,
) -> None:
    _, text = tokens.create("Dispatch", [READ], role=Role.STEWARD)
    reader = tokens.reader(text)
    assert [one for one in ProgramPermission if reader.may(one)] == [READ]
    assert not any(reader.may(one) for one in Permission)
    with pytest.raises(NotAllowedError, match="write-calls"):
        reader.require(ProgramPermission.WRITE_CALLS)


def test_people_read_what_their_role_lets_them_export_and_never_write_by_the_api() -> None:
    analyst, viewer = (Reader("Kim", frozenset({role})) for role in (Role.ANALYST, Role.VIEWER))
    assert {one for one in ProgramPermission if analyst.may(one)} == {*OF_PEOPLE}
    assert [one for one in ProgramPermission if viewer.may(one)] == [ProgramPermission.READ_ALERTS]
    writes = {ProgramPermission.WRITE_INCIDENTS, ProgramPermission.WRITE_CALLS}
    assert not any(open_access("kim").may(one) for one in writes)


def test_a_program_sees_its_own_scope_else_that_of_its_role(
    tokens: ProgramTokens, state: State, settings: Settings
) -> None:
    of_role, own = ScopeRules("district=001"), ScopeRules("district=002")
    People(state, settings).limit_role(Role.ANALYST, of_role)
    _, text = tokens.create("a", [READ], role=Role.ANALYST)
    assert tokens.reader(text).rules == of_role
    _, text = tokens.create("b", [READ], role=Role.ANALYST, rules=own)
    assert tokens.reader(text).rules == own
    _, text = tokens.create("c", [READ])
    assert tokens.reader(text) == Reader(
        "token:c", frozenset({Role.VIEWER}), program=frozenset({READ})
    )


@pytest.mark.parametrize(
    "rules", [ScopeRules("district=001"), ScopeRules(precision=(("type=THEFT", Precision.BEAT),))]
)
@pytest.mark.parametrize("write", sorted(WRITES))
def test_a_token_that_writes_has_no_scope_which_would_not_limit_it(
    tokens: ProgramTokens, rules: ScopeRules, write: ProgramPermission
) -> None:
    with pytest.raises(InputError, match="not what it writes"):
        tokens.create("RMS", [READ, write], rules=rules)
    assert tokens.all() == []


def test_a_token_with_a_scope_that_an_earlier_version_let_write_only_reads(
    tokens: ProgramTokens, state: State
) -> None:
    _, text = tokens.create("RMS", [READ], rules=ScopeRules("district=001"))
    with state.engine.begin() as connection:
        stored = f"{READ},{ProgramPermission.WRITE_INCIDENTS}"
        connection.execute(sa.update(metadata.tables["tokens"]).values(permissions=stored))
    assert tokens.reader(text).program == {READ}
    assert tokens.named("RMS").permissions == {READ}


def test_unknown_revoked_and_expired_tokens_are_refused(
    tokens: ProgramTokens, clock: Clock
) -> None:
    _, text = tokens.create("Dispatch", [READ], days=2)
    clock.now += 2 * DAY_S - 1
    assert tokens.reader(text).name == "token:Dispatch"
    clock.now += 1
    assert refusal(tokens, text) == ("Dispatch", "expired")
    _, text = tokens.create("CAD", [READ])
    tokens.revoke("cad")
    assert refusal(tokens, text) == ("CAD", "revoked")
    assert refusal(tokens, text[:-1]) == ("", "unknown")
    assert refusal(tokens, "") == ("", "unknown")
    with pytest.raises(InputError, match="revoked before"):
        tokens.revoke("CAD")


def test_the_last_use_is_kept_to_the_hour(tokens: ProgramTokens, clock: Clock) -> None:
    token, text = tokens.create("Dispatch", [READ])
    assert token.used is None
    clock.now = 1_700_000_000.0 // 3600 * 3600 + 125
    tokens.reader(text)
    clock.now += 3000
    tokens.reader(text)
    assert tokens.named("Dispatch").used == 1_700_000_000.0 // 3600 * 3600


def test_only_the_hash_is_stored_and_the_audit_log_has_neither(
    tokens: ProgramTokens, state: State, settings: Settings
) -> None:
    _, text = tokens.create("Dispatch", [READ], rules=ScopeRules("district=001"), by="Kim")
    tokens.revoke("Dispatch", by="Lee")
    assert ACCESS_TOKEN.fullmatch(text)
    hashed = hashlib.sha256(text.encode()).hexdigest()
    with state.engine.connect() as connection:
        stored = {
            one.name: str(connection.execute(sa.select(one)).all())
            for one in metadata.sorted_tables
        }
    assert not [name for name, rows in stored.items() if text in rows]
    assert [name for name, rows in stored.items() if hashed in rows] == ["tokens"]
    entries = [*Audit(state, settings).entries()]
    assert [(one.event, one.subject, one.person) for one in entries] == [
        ("token.created", "Dispatch", "Kim"),
        ("token.revoked", "Dispatch", "Lee"),
    ]
    assert entries[0].details["selection"] == "district=001"


def test_two_tokens_differ_and_have_256_bits(tokens: ProgramTokens) -> None:
    made = {tokens.create(f"t{number}", [READ])[1] for number in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"patroliq_[\w-]{43}", one) for one in made)  # 43 of 64 signs: 258 bits


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1])
def test_a_token_without_end_is_refused(tokens: ProgramTokens, days: int) -> None:
    with pytest.raises(InputError, match=str(MOST_DAYS)):
        tokens.create("Dispatch", [READ], days=days)


def test_names_permissions_and_scopes_that_cannot_be_are_refused(tokens: ProgramTokens) -> None:
    tokens.create("Dispatch", [READ])
    tokens.revoke("Dispatch")
    with pytest.raises(InputError, match="choose another name"):
        tokens.create("DISPATCH", [READ])
    with pytest.raises(InputError, match="read-incidents"):
        tokens.create("a", [])
    with pytest.raises(InputError, match="nothing else"):
        tokens.create("a", [READ, *FEEDS])
    with pytest.raises(InputError, match="cannot filter on hour"):
        tokens.create("a", [READ], rules=ScopeRules("hour=1"))
    for name in ("", "two\nlines", "token:a", "x" * 81):
        with pytest.raises(InputError, match=r"valid|too long"):
            tokens.create(name, [READ])
    assert [one.name for one in tokens.all()] == ["Dispatch"]


def test_no_person_has_the_name_of_a_token(state: State, settings: Settings) -> None:
    with pytest.raises(InputError, match="marks tokens"):
        People(state, settings).add("Token:Dispatch", [Role.VIEWER])
