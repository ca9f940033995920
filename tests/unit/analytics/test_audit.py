"""The audit log: it only grows, and what was tampered with is named."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from analytics.audit import Audit
from analytics.errors import IntegrityError
from analytics.settings import Settings
from analytics.state import State


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def audit(state: State, settings: Settings) -> Audit:
    audit = Audit(state, replace(settings, user="analyst"))
    for number in range(5):
        audit.record("model.promoted", f"zones_kmeans {number}", reason="Äußerst gut", details={})
    return audit


def tamper(settings: Settings, statement: str) -> None:
    """Change the file as somebody with the file could: without the triggers."""
    with sqlite3.connect(settings.home / "state.db") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute(statement)
    connection.close()


def test_an_entry_says_who_what_when_and_why(audit: Audit) -> None:
    entry = audit.record("snapshot.published", "20261121", details={"incidents": 3})
    assert (entry.person, entry.event, entry.subject) == (
        "analyst",
        "snapshot.published",
        "20261121",
    )
    assert entry.login
    assert entry.happened.endswith("+00:00")
    assert list(audit.entries())[-1] == entry


def test_a_hash_can_be_computed_from_the_export_and_the_key(
    audit: Audit, settings: Settings
) -> None:
    previous, key = "0" * 64, bytes.fromhex((settings.home / "audit.key").read_text())
    for entry in audit.entries():
        body = {
            name: getattr(entry, name)
            for name in (
                *("sequence", "happened", "person", "login", "event", "subject", "reason"),
                *("details", "outcome", "address", "key"),
            )
        }
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        expected = hmac.new(key, (previous + text).encode("utf-8"), hashlib.sha256).hexdigest()
        assert (entry.previous, entry.hash) == (previous, expected)
        previous = expected
    assert audit.verify().head == previous


def test_an_empty_log_is_whole(state: State, settings: Settings) -> None:
    assert Audit(state, settings).verify().entries == 0


@pytest.mark.parametrize("statement", ["UPDATE audit SET reason = ''", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_remove_entries(
    audit: Audit, state: State, statement: str
) -> None:
    with state.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="append"):
        connection.execute(sa.text(statement))
    assert audit.verify().entries == 5


@pytest.mark.parametrize(
    ("statement", "sequence", "fault"),
    [
        ("UPDATE audit SET reason = 'x' WHERE sequence = 3", 3, "content was changed"),
        ("UPDATE audit SET details = '{' WHERE sequence = 2", 2, "content was changed"),
        ("DELETE FROM audit WHERE sequence = 3", 4, "entry 3 is missing"),
        ("DELETE FROM audit WHERE sequence = 1", 2, "entry 1 is missing"),
        ("UPDATE audit SET hash = lower(hex(randomblob(32))) WHERE sequence = 3", 3, "content"),
        ("UPDATE audit SET previous = lower(hex(randomblob(32))) WHERE sequence = 4", 4, "follow"),
    ],
)
def test_the_first_broken_entry_is_named(
    audit: Audit, settings: Settings, statement: str, sequence: int, fault: str
) -> None:
    tamper(settings, statement)
    with pytest.raises(IntegrityError, match=f"at entry {sequence} .*{fault}"):
        audit.verify()


def test_a_cut_tail_is_found_by_a_hash_noted_earlier(audit: Audit, settings: Settings) -> None:
    head = audit.verify().head
    assert audit.verify(expect=head).entries == 5
    tamper(settings, "DELETE FROM audit WHERE sequence = 5")
    with pytest.raises(IntegrityError, match="cut off"):
        audit.verify(expect=head)


def test_processes_that_write_at_once_make_one_chain(settings: Settings) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from analytics.audit import record; from analytics.settings import Settings\n"
        "for n in range(20): record(Settings(home=Path(sys.argv[1])), 'event', str(n))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(settings.home)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    state = State(settings)
    assert Audit(state, settings).verify().entries == 60
    state.close()


def test_more_entries_than_one_read_are_all_there(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.audit.CHUNK", 2)
    assert [entry.sequence for entry in audit.entries()] == [1, 2, 3, 4, 5]
    assert [entry.sequence for entry in audit.latest(2)] == [5, 4]


def test_the_command_line_exits_with_4_and_names_the_entry(
    audit: Audit, settings: Settings
) -> None:
    program = [sys.executable, "-m", "analytics.cli", "audit"]
    environment = {"PATROLIQ_HOME": str(settings.home), "PATH": ""}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *arguments, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    exported = run("export").stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in exported] == [1, 2, 3, 4, 5]
    tamper(settings, "UPDATE audit SET person = 'nobody' WHERE sequence = 2")
    done = run("verify")
    assert done.returncode == 4
    assert "entry 2" in done.stderr
