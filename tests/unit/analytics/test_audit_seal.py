"""The seal of the audit log: whoever has the database alone cannot write another log unnoticed."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics import audit as audit_module
from analytics.audit import Audit
from analytics.audit import anchor as anchor_module
from analytics.audit.chain import AuditEntry, canonical
from analytics.audit.key import AuditKeyError, AuditKeys
from analytics.errors import IntegrityError
from analytics.settings import Settings
from analytics.state import State

COLUMNS = (
    *("sequence", "happened", "person", "login", "event", "subject", "reason", "details"),
    *("previous", "hash"),
)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as state:
        yield state


@pytest.fixture
def audit(state: State, settings: Settings) -> Audit:
    audit = Audit(state, settings)
    for number in range(5):
        audit.record("event", str(number))
    return audit


def without_triggers(settings: Settings, *statements: str) -> None:
    """Change the database as somebody with the file can."""
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def write_unsigned(settings: Settings, number: int) -> None:
    """A whole log as versions before keys wrote it."""
    previous = "0" * 64
    rows = []
    for sequence in range(1, number + 1):
        body = {
            **{"sequence": sequence, "happened": "2026-01-01T00:00:00+00:00", "person": "a"},
            **{"login": "a", "event": "event", "subject": "x", "reason": "", "details": {}},
        }
        digest = hashlib.sha256((previous + canonical(body)).encode()).hexdigest()
        rows.append((*{**body, "details": "{}"}.values(), previous, digest))
        previous = digest
    without_triggers(settings, "DELETE FROM audit")
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({marks})", rows)
        connection.commit()


def test_the_key_is_outside_the_database_and_of_its_user_alone(
    audit: Audit, settings: Settings
) -> None:
    path = settings.home / "audit.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((settings.home / "audit.anchor").stat().st_mode) == 0o600
    (key,) = AuditKeys(settings).read()
    assert {entry.key for entry in audit.entries()} == {key}
    secret = path.read_text().strip()
    assert secret.encode() not in (settings.home / "state.db").read_bytes()
    assert secret not in (settings.home / "audit.anchor").read_text()


def test_a_log_of_an_earlier_version_stays_verifiable_and_is_signed_from_then_on(
    state: State, settings: Settings
) -> None:
    assert state.engine
    write_unsigned(settings, 3)
    audit = Audit(state, settings)
    assert not audit.verify().signed
    audit.record("event", "new")
    assert [entry.event for entry in audit.entries()][3:] == ["audit.keyed", "event"]
    assert audit.verify().signed


def test_a_whole_valid_log_without_a_key_is_noticed(audit: Audit, settings: Settings) -> None:
    write_unsigned(settings, 5)
    with pytest.raises(IntegrityError, match=r"Entry 5 .* was rewritten"):
        audit.verify()
    write_unsigned(settings, 9)
    audit.record("event", "after")  # signs, but must not move the anchor to the other log
    with pytest.raises(IntegrityError, match="was rewritten"):
        audit.verify()


def test_a_valid_log_without_a_key_and_without_an_anchor_is_noticed(
    audit: Audit, settings: Settings
) -> None:
    write_unsigned(settings, 5)
    (settings.home / "audit.anchor").unlink()
    with pytest.raises(IntegrityError, match=r"audit\.anchor, is missing"):
        audit.verify()
    audit.record("event", "after")
    with pytest.raises(IntegrityError, match="is missing"):
        audit.verify()


def test_a_cut_tail_is_noticed_even_after_more_entries(audit: Audit, settings: Settings) -> None:
    without_triggers(settings, "DELETE FROM audit WHERE sequence > 3")
    with pytest.raises(IntegrityError, match="ends at entry 3, but its anchor notes entry 5"):
        audit.verify()
    for number in range(4):
        audit.record("event", f"again {number}")
    with pytest.raises(IntegrityError, match=r"Entry 5 .* was rewritten"):
        audit.verify()


def test_an_unsigned_entry_after_signed_ones_breaks_the_chain(
    audit: Audit, settings: Settings
) -> None:
    last = audit.latest(1)[0]
    forged = AuditEntry(6, last.happened, "x", "x", "e", "s", "", {}, last.hash, "")
    values = {name: getattr(forged, name) for name in COLUMNS}
    row = {**values, "details": "{}", "hash": forged.digest()}
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        marks = ", ".join("?" * len(COLUMNS))
        names = ", ".join(COLUMNS)
        connection.execute(f"INSERT INTO audit ({names}) VALUES ({marks})", [*row.values()])
        connection.commit()
    with pytest.raises(IntegrityError, match=r"entry 6 .*not signed"):
        audit.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit SELECT 3, happened, person, login, event, 'x', reason, "
        "details, previous, hash, outcome, address, key FROM audit WHERE sequence = 3",
        "REPLACE INTO audit SELECT 6, happened, person, login, event, 'x', reason, details, "
        "(SELECT hash FROM audit WHERE sequence = 5), hash, outcome, address, key FROM audit "
        "WHERE sequence = 3",
        "INSERT INTO audit SELECT 7, happened, person, login, event, 'x', reason, details, "
        "(SELECT hash FROM audit WHERE sequence = 5), 'new', outcome, address, key FROM audit "
        "WHERE sequence = 3",
        "INSERT INTO audit SELECT 6, happened, person, login, event, 'x', reason, details, "
        "'other', 'new', outcome, address, key FROM audit WHERE sequence = 3",
        "UPDATE OR REPLACE audit SET sequence = 3 WHERE sequence = 4",
        "DELETE FROM audit WHERE sequence = 1",
    ],
)
def test_the_database_takes_nothing_but_the_next_entry(
    audit: Audit, settings: Settings, statement: str
) -> None:
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
        connection.rollback()
    assert audit.verify().entries == 5


def test_an_anchor_older_than_the_log_is_no_alarm(
    audit: Audit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(Audit, "anchor", lambda _self: None)  # killed between the two
        audit.record("event", "not noted")
    assert audit.verify().entries == 6
    audit.record("event", "noted")
    without_triggers(settings, "DELETE FROM audit WHERE sequence = 7")
    with pytest.raises(IntegrityError, match="notes entry 7"):
        audit.verify()


def test_a_line_cut_by_a_crash_is_passed_over(audit: Audit, settings: Settings) -> None:
    with (settings.home / "audit.anchor").open("a") as file:
        file.write("6 abc")
    assert audit.verify().entries == 5


def test_a_forged_anchor_is_noticed(audit: Audit, settings: Settings) -> None:
    last = audit.latest(1)[0]
    line = f"5 {last.hash} {last.key} {'0' * 64}\n"
    (settings.home / "audit.anchor").write_text(line)
    with pytest.raises(IntegrityError, match="not signed with its key"):
        audit.verify()


def test_a_transaction_that_is_undone_is_not_noted(audit: Audit, state: State) -> None:
    def undo() -> None:
        with state.exclusive(audit_module.LOCK) as connection:
            audit.add(connection, "event", "undone")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undo()
    assert audit.verify().entries == 5


def test_the_anchor_does_not_grow_without_end(
    audit: Audit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchor_module, "MOST_BYTES", 500)
    for number in range(20):
        audit.record("event", str(number))
    assert (settings.home / "audit.anchor").stat().st_size < 800
    assert audit.verify().entries == 25


def test_an_accepted_log_is_anchored_again_and_says_who_answers_for_it(
    audit: Audit, settings: Settings
) -> None:
    without_triggers(settings, "DELETE FROM audit WHERE sequence > 3")
    entry = audit.accept("restored a backup")
    assert "notes entry 5" in entry.details["fault"]
    assert audit.verify().entries == 4


def test_a_new_key_signs_and_the_earlier_one_still_verifies(
    audit: Audit, settings: Settings
) -> None:
    audit.rotate("somebody left")
    audit.record("event", "new")
    assert len({entry.key for entry in audit.entries()}) == 2
    assert audit.verify().entries == 7
    path = settings.home / "audit.key"
    path.write_text(path.read_text().splitlines()[1])
    with pytest.raises(IntegrityError, match=r"entry 1 .* is missing"):
        audit.verify()


def test_without_its_key_nothing_is_written(audit: Audit, settings: Settings) -> None:
    (settings.home / "audit.key").rename(settings.home / "elsewhere")
    with pytest.raises(AuditKeyError, match="signed with the key"):
        audit.record("event", "unsigned")
    (settings.home / "elsewhere").rename(settings.home / "audit.key")
    assert audit.verify().entries == 5


def test_key_and_anchor_may_be_elsewhere(settings: Settings, tmp_path: Path) -> None:
    elsewhere = replace(
        settings, audit_key=tmp_path / "keys" / "log.key", audit_anchor=tmp_path / "log.anchor"
    )
    with closing(State(elsewhere)) as state:
        Audit(state, elsewhere).record("event", "one")
        assert Audit(state, elsewhere).verify().signed
    assert (tmp_path / "keys" / "log.key").exists()
    assert (tmp_path / "log.anchor").exists()
    assert not list(settings.home.glob("audit.[ka]*"))


def _write(home: Path) -> None:
    settings = Settings(home=home)
    for number in range(15):
        audit_module.record(settings, "event", str(number))


def test_processes_that_write_at_once_never_move_the_anchor_back(settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(settings.home,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    lines = (settings.home / "audit.anchor").read_text().splitlines()
    noted = [int(line.split()[0]) for line in lines]
    assert noted == sorted(noted)
    assert noted[-1] == 45
    with closing(State(settings)) as state:
        assert Audit(state, settings).verify().entries == 45


def test_events_are_found_without_reading_the_whole_log(state: State) -> None:
    plan = "EXPLAIN QUERY PLAN SELECT * FROM audit WHERE event = 'x' ORDER BY sequence DESC LIMIT 5"
    with state.engine.connect() as connection:
        found = str(connection.execute(sa.text(plan)).all())
    assert "audit_event" in found
