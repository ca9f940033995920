"""Accounts, passwords, one-time codes and sessions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from analytics.access import accounts
from analytics.access.one_time_codes import new_secret, picture_of, step_of
from analytics.access.passwords import hash_password, is_password, new_password
from analytics.access.people import CodeNeededError, People, SignInError
from analytics.access.reader import Precision, ScopeRules
from analytics.access.roles import Role
from analytics.access.secret_key import FILE, cookie_key, seal, unseal
from analytics.access.sessions import Sessions
from analytics.audit import Audit
from analytics.errors import InputError, IntegrityError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import people as table

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of an account that the test makes
OTHER = "violet-harbor-anvil-teapot"


class Clock:
    """A clock that a test sets."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("analytics.access.passwords._HASHER", cheap)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    opened = State(settings)
    yield opened
    opened.close()


@pytest.fixture
def people(state: State, settings: Settings, clock: Clock) -> People:
    found = People(state, settings, clock)
    found.add("Chief", [Role.ADMIN], PASSWORD)
    return found


@pytest.fixture
def sessions(state: State, settings: Settings, clock: Clock) -> Sessions:
    return Sessions(state, settings, clock)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "has 5 characters"),
        ("a" * 300, "too long"),
        ("passwordpassword", "easy to guess"),
        ("qwertyuiopasdfgh", "easy to guess"),
        ("kim jones 1999 kim jones", "easy to guess"),
    ],
)
def test_passwords_are_refused_by_length_or_because_they_are_guessed(
    password: str, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        hash_password(password, "Kim Jones")


def test_a_password_is_stored_as_argon2id_and_compared_whole() -> None:
    stored = hash_password(PASSWORD, "Kim")
    assert stored.startswith("$argon2id$")
    assert is_password(stored, PASSWORD)
    assert not is_password(stored, PASSWORD[:-1])
    longest = "".join(f"{number} walnut " for number in range(60))[:256]
    assert not is_password(hash_password(longest, "Kim"), longest + "x")
    assert not is_password("", "")
    assert len({new_password() for _ in range(50)}) == 50
    hash_password(new_password(), "Kim")


def test_the_first_account_closes_the_installation_for_good(
    settings: Settings, people: People
) -> None:
    assert accounts.are_kept(settings)
    (settings.home / "state.db").unlink()
    assert accounts.are_kept(settings)


def test_a_database_with_accounts_that_comes_without_the_mark_closes_the_installation(
    settings: Settings, state: State, people: People
) -> None:
    mark = settings.home / accounts.MARK
    mark.unlink()
    accounts.notice(settings)
    assert mark.exists()
    empty = settings.home / "empty"
    accounts.notice(Settings(home=empty))
    State(Settings(home=empty)).store("type=THEFT")
    accounts.notice(Settings(home=empty))
    assert not accounts.are_kept(Settings(home=empty))


def test_the_mark_is_there_before_the_first_account(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_home: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(accounts, "keep", killed)
    found = People(state, settings)
    with pytest.raises(KeyboardInterrupt):
        found.add("Chief", [Role.ADMIN], PASSWORD)
    assert found.all() == []


def test_without_accounts_nobody_signs_in_unless_a_setting_says_so(settings: Settings) -> None:
    assert not accounts.are_kept(settings)
    assert accounts.are_kept(Settings(home=settings.home, sign_in="required"))
    assert accounts.are_kept(Settings(home=settings.home, proxy_header="X-Remote-User"))


def test_names_are_compared_without_case_and_must_be_plain(people: People) -> None:
    people.add("Kim Jones", [Role.ANALYST], PASSWORD)
    assert people.check("kim JONES", PASSWORD).name == "Kim Jones"
    with pytest.raises(InputError, match="already"):
        people.add("KIM jones", [Role.VIEWER], PASSWORD)
    for name in ("", "two\nlines", "\u202eeman", " spaced ", "x" * 81):
        with pytest.raises(InputError):
            people.add(name, [Role.VIEWER], PASSWORD)
    with pytest.raises(InputError, match="at least one role"):
        people.add("Lee", [], PASSWORD)


def test_five_failures_lock_a_name_out_for_fifteen_minutes_even_one_that_nobody_has(
    people: People, clock: Clock
) -> None:
    for name in ("chief", "nobody"):
        for _ in range(5):
            with pytest.raises(SignInError, match="not right"):
                people.check(name, "wrong")
        with pytest.raises(SignInError, match="Try again in 15 minutes"):
            people.check(name, PASSWORD)
    clock.now += 15 * 60 + 1
    assert people.check("chief", PASSWORD).name == "Chief"


def test_what_a_provider_says_is_compared_without_case_in_ascii_alone(
    people: People,
) -> None:
    for name in ("kim@example.gov", "stra\u00dfe@example.gov"):
        people.add(name, [Role.VIEWER])
    assert people.signed_in("Kim@Example.gov").name == "kim@example.gov"
    assert people.signed_in("stra\u00dfe@example.gov").name == "stra\u00dfe@example.gov"
    for name in ("\u212aim@example.gov", "strasse@example.gov"):
        with pytest.raises(SignInError, match="not right"):
            people.signed_in(name)


def test_guesses_made_at_the_same_time_are_limited_too(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_there = threading.Barrier(5)

    def slow(_stored: str, _password: str) -> bool:
        all_there.wait(timeout=30)  # none has failed before five have begun
        return False

    monkeypatch.setattr("analytics.access.people.is_password", slow)

    def guess(_number: int) -> str:
        with pytest.raises(SignInError) as error:
            people.check("Chief", "wrong")
        return str(error.value)

    with ThreadPoolExecutor(9) as pool:
        said = [*pool.map(guess, range(9))]
    assert sum("Too many" in one for one in said) == 4


def test_a_prompt_for_a_code_is_no_failure_and_a_wrong_code_is_one(
    people: People, clock: Clock
) -> None:
    secret = new_secret()
    people.set_up_codes("Chief", secret, pyotp.TOTP(secret).at(clock.now))
    for _ in range(6):
        with pytest.raises(CodeNeededError):
            people.check("Chief", PASSWORD)
    for _ in range(5):
        with pytest.raises(SignInError, match="code is not right"):
            people.check("Chief", PASSWORD, "000000")
    with pytest.raises(SignInError, match="Too many"):
        people.check("Chief", PASSWORD)


@pytest.mark.parametrize("name", ["\ud800", "\x00", "\u00df" * 80, "x" * 100_000])
def test_whatever_name_is_entered_is_refused_and_locked_out(people: People, name: str) -> None:
    for _ in range(5):
        with pytest.raises(SignInError, match="not right"):
            people.check(name, "\ud800")
    with pytest.raises(SignInError, match="Too many"):
        people.check(name, PASSWORD)


def test_a_lock_out_without_an_end_is_lifted_by_an_administrator(
    state: State, settings: Settings, people: People, clock: Clock
) -> None:
    strict = People(state, replace(settings, lockout_minutes=0), clock)
    for _ in range(5):
        with pytest.raises(SignInError, match="not right"):
            strict.check("Chief", "wrong")
    clock.now += 365 * 86_400
    with pytest.raises(SignInError, match="Ask an administrator"):
        strict.check("Chief", PASSWORD)
    strict.enable("Chief")
    assert strict.check("Chief", PASSWORD).name == "Chief"


def test_a_right_password_forgets_failures(people: People) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(SignInError):
                people.check("Chief", "wrong")
        people.check("Chief", PASSWORD)


def test_a_code_is_needed_once_set_up_and_is_taken_once(people: People, clock: Clock) -> None:
    secret = new_secret()
    totp = pyotp.TOTP(secret)
    with pytest.raises(SignInError):
        people.set_up_codes("Chief", secret, "000000")
    people.set_up_codes("Chief", secret, totp.at(clock.now))
    clock.now += 60
    with pytest.raises(CodeNeededError):
        people.check("Chief", PASSWORD)
    code = totp.at(clock.now)
    assert people.check("Chief", PASSWORD, f"{code[:3]} {code[3:]}").has_codes
    with pytest.raises(SignInError, match="used before"):
        people.check("Chief", PASSWORD, code)
    clock.now += 300
    with pytest.raises(SignInError):
        people.check("Chief", PASSWORD, code)
    assert "<svg" in picture_of(secret, "Chief")


def test_codes_of_the_steps_beside_the_present_one_are_taken() -> None:
    secret, now = new_secret(), 1_700_000_000.0
    totp = pyotp.TOTP(secret)
    present = int(now // 30)
    for step in (-1, 0, 1):
        assert step_of(secret, totp.at((present + step) * 30), 0, now) == present + step
    assert step_of(secret, totp.at((present + 2) * 30), 0, now) is None
    assert step_of(secret, totp.at(present * 30), present, now) is None


def test_secrets_of_codes_are_sealed_with_a_key_beside_the_database(
    people: People, settings: Settings, clock: Clock
) -> None:
    secret = new_secret()
    people.set_up_codes("Chief", secret, pyotp.TOTP(secret).at(clock.now))
    written = (settings.home / "state.db").read_bytes()
    written += (settings.home / "state.db-wal").read_bytes()
    assert secret.encode() not in written
    sealed = seal(settings.home, "text")
    assert unseal(settings.home, sealed) == "text"
    assert (settings.home / FILE).stat().st_mode & 0o777 == 0o600
    before = cookie_key(settings.home)
    (settings.home / FILE).unlink()
    with pytest.raises(IntegrityError, match="backup"):
        unseal(settings.home, sealed)
    assert cookie_key(settings.home) != before
    (settings.home / FILE).write_text("not a key")
    with pytest.raises(IntegrityError, match="not a secret key"):
        cookie_key(settings.home)


def test_a_reset_password_ends_sessions_and_codes(
    people: People, sessions: Sessions, clock: Clock
) -> None:
    secret = new_secret()
    people.set_up_codes("Chief", secret, pyotp.TOTP(secret).at(clock.now))
    token = sessions.open(people.named("Chief").id, "password")
    people.reset("chief", OTHER)
    assert sessions.find(token) is None
    person = people.check("Chief", OTHER)
    assert person.must_change
    assert not person.has_codes
    people.choose_password("Chief", OTHER, PASSWORD)
    assert not people.check("Chief", PASSWORD).must_change


def test_somebody_must_be_left_to_manage_people(people: People) -> None:
    for change in (
        lambda: people.disable("Chief"),
        lambda: people.give("Chief", [Role.VIEWER]),
    ):
        with pytest.raises(InputError, match="Nobody would be left"):
            change()
    people.add("Lee", [Role.ADMIN], OTHER)
    people.disable("Chief")
    with pytest.raises(SignInError):
        people.check("Chief", PASSWORD)
    people.enable("Chief")
    assert people.check("Chief", PASSWORD).name == "Chief"


def test_a_scope_is_the_persons_own_else_that_of_the_role(people: People) -> None:
    kim = people.add("Kim", [Role.VIEWER], PASSWORD)
    of_role = ScopeRules("district=001", (("type=HOMICIDE", Precision.BEAT),))
    people.limit_role(Role.VIEWER, of_role)
    assert people.reader_of(kim).rules == of_role
    people.limit("Kim", ScopeRules("district=002,001"))
    own = people.reader_of(people.named("kim")).rules
    assert own == ScopeRules("district=001,002")
    with pytest.raises(InputError):
        people.limit("Kim", ScopeRules("no such thing"))
    people.limit_role(Role.VIEWER, ScopeRules())
    assert people.role_rules() == {}


def test_two_roles_with_different_scopes_need_a_scope_of_the_persons_own(people: People) -> None:
    kim = people.add("Kim", [Role.VIEWER, Role.ANALYST], PASSWORD)
    people.limit_role(Role.VIEWER, ScopeRules("district=001"))
    people.limit_role(Role.ANALYST, ScopeRules("district=002"))
    with pytest.raises(SignInError, match="your own"):
        people.reader_of(kim)


def test_every_change_is_in_the_log_without_its_secrets(
    people: People, state: State, settings: Settings
) -> None:
    people.add("Kim", [Role.VIEWER], PASSWORD, by="Chief")
    people.reset("Kim", OTHER, by="Chief")
    people.disable("Kim", by="Chief")
    entries = [*Audit(state, settings).entries()]
    assert [one.event for one in entries] == [
        "person.added",
        "person.added",
        "person.reset",
        "person.disabled",
    ]
    assert {one.person for one in entries[1:]} == {"Chief"}
    assert "argon2" not in str(entries)


def test_a_session_is_locked_when_idle_ends_for_good_and_is_found_by_its_token_alone(
    people: People, sessions: Sessions, settings: Settings, clock: Clock
) -> None:
    person = people.named("Chief").id
    token = sessions.open(person, "password", "127.0.0.1", "Browser\n" + "x" * 500)
    found = sessions.find(token)
    assert found is not None
    assert not found.locked
    assert token not in (found.id, *map(str, sessions.of(person)))
    assert len(found.browser) <= 200
    clock.now += 29 * 60
    sessions.use(found)
    clock.now += 29 * 60
    found = sessions.find(token)
    assert found is not None
    assert not found.locked
    clock.now += 2 * 60
    found = sessions.find(token)
    assert found is not None
    assert found.locked
    renewed = sessions.unlock(token)
    assert renewed is not None
    assert sessions.find(token) is None
    found = sessions.find(renewed)
    assert found is not None
    assert not found.locked
    clock.now += 12 * 3600
    assert sessions.find(renewed) is None
    assert sessions.unlock(renewed) is None


def test_sessions_are_listed_and_ended(people: People, sessions: Sessions) -> None:
    person = people.named("Chief").id
    first, second, third = (sessions.open(person, "password") for _ in range(3))
    sessions.end(first)
    assert len(sessions.of(person)) == 2
    sessions.lock(second)
    locked = sessions.find(second)
    assert locked is not None
    assert locked.locked
    sessions.end_by_id(locked.id)
    assert [sessions.find(one) is None for one in (first, second, third)] == [True, True, False]
    people.end_sessions("Chief")
    assert sessions.of(person) == []


def test_a_hash_of_earlier_parameters_is_renewed_at_sign_in(
    people: People, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stored() -> str:
        with state.engine.connect() as connection:
            return str(connection.execute(sa.select(table.c.password)).scalar_one())

    before = stored()
    people.check("Chief", PASSWORD)
    assert stored() == before
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr("analytics.access.passwords._HASHER", stronger)
    people.check("Chief", PASSWORD)
    assert "t=2" in stored()
    people.check("Chief", PASSWORD)
