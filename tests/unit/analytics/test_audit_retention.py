"""Old entries leave the log for a file, and nothing else can leave it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.access_notes import NewEntry
from analytics.audit import LOCK, Audit
from analytics.audit.retention import prune
from analytics.errors import InputError, IntegrityError
from analytics.settings import Settings
from analytics.state import State

BEFORE = date(2025, 1, 1)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        days = ("2024-03-01", "2024-12-31", "2025-01-01", "2025-02-01")
        with state.exclusive(LOCK) as connection:
            audit.append(
                connection,
                [NewEntry("event", day, happened=f"{day}T23:00:00.000000+00:00") for day in days],
            )
        audit.anchor()
        audit.record("event", "today")
        yield state


def test_entries_before_a_day_move_to_a_file_and_the_chain_goes_on(
    state: State, settings: Settings, tmp_path: Path
) -> None:
    audit = Audit(state, settings)
    before = [*audit.entries()]
    done = prune(state, settings, BEFORE, tmp_path / "old.jsonl")
    text = (tmp_path / "old.jsonl").read_bytes()
    assert [json.loads(line) for line in text.splitlines()] == [asdict(one) for one in before[:2]]
    assert done.sha256 == hashlib.sha256(text).hexdigest()
    assert stat.S_IMODE((tmp_path / "old.jsonl").stat().st_mode) == 0o600
    left = [*audit.entries()]
    assert [one.sequence for one in left] == [3, 4, 5, 6]
    assert left[-1].event == "audit.pruned"
    assert left[-1].details["sha256"] == done.sha256
    found = audit.verify()
    assert (found.entries, found.after) == (4, 2)
    prune(state, settings, date(2025, 1, 15), tmp_path / "more.jsonl")
    audit.record("event", "later")
    assert audit.verify().after == 3


@pytest.mark.parametrize(
    "forged",
    [
        "DELETE FROM audit WHERE sequence = 3",
        "UPDATE audit SET details = json_set(details, '$.through', 3) WHERE sequence = 6",
        "UPDATE audit SET subject = 'x' WHERE sequence = 3",
        "DELETE FROM audit WHERE sequence = 6",
    ],
)
def test_a_pruned_log_is_guarded_as_before(
    state: State, settings: Settings, tmp_path: Path, forged: str
) -> None:
    prune(state, settings, BEFORE, tmp_path / "old.jsonl")
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        for name in ("audit_no_update", "audit_no_delete"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(forged)
        connection.commit()
    with pytest.raises(IntegrityError):
        Audit(state, settings).verify()


def test_an_entry_that_claims_a_removal_does_not_hide_a_changed_one(
    state: State, settings: Settings
) -> None:
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        digest = connection.execute("SELECT hash, key FROM audit WHERE sequence = 2").fetchone()
        details = json.dumps({"through": 2, "hash": digest[0], "key": digest[1]})
        connection.execute(
            "UPDATE audit SET event = 'audit.pruned', details = ? WHERE sequence = 2", [details]
        )
        connection.commit()
    with pytest.raises(IntegrityError, match="broken at entry 1"):
        Audit(state, settings).verify()


def test_a_year_is_kept_by_the_command_and_by_the_database(
    state: State, settings: Settings, tmp_path: Path
) -> None:
    recent = datetime.now(UTC).date() - timedelta(days=364)
    with pytest.raises(InputError, match="at least 365 days"):
        prune(state, settings, recent, tmp_path / "old.jsonl")
    assert not (tmp_path / "old.jsonl").exists()
    Audit(state, settings).record("audit.pruned", "all", details={"through": 5})
    with state.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM audit WHERE sequence = 1"))
    with state.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="append"):
        connection.execute(sa.text("DELETE FROM audit WHERE sequence = 5"))


def test_nothing_is_removed_that_is_not_in_a_new_file(
    state: State, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text("kept")
    with pytest.raises(InputError, match="exists"):
        prune(state, settings, BEFORE, file)
    with pytest.raises(InputError, match="No entry is older"):
        prune(state, settings, date(2020, 1, 1), tmp_path / "none.jsonl")
    assert file.read_text() == "kept"
    assert Audit(state, settings).verify().entries == 5


def test_a_log_that_is_not_intact_is_not_pruned(
    state: State, settings: Settings, tmp_path: Path
) -> None:
    (settings.home / "audit.anchor").unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        prune(state, settings, BEFORE, tmp_path / "old.jsonl")
    assert not (tmp_path / "old.jsonl").exists()


def test_the_command_says_what_it_moved(state: State, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "analytics.cli", "audit", "prune", "--before=2025-01-01",
         f"--to={file}", "--json"],
        env={"PATROLIQ_HOME": str(settings.home), "PATH": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["entries"] == 2
    assert len(file.read_text().splitlines()) == 2
