"""Backups made while others write, restored as of a time, and refused where they were changed."""

from __future__ import annotations

import json
import shutil
import threading
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics import backup
from analytics.audit import Audit, record
from analytics.backup import (
    find_backup,
    list_backups,
    make_backup,
    remove_older,
    restore_backup,
)
from analytics.cli import patroliq
from analytics.diagnosis import diagnose
from analytics.errors import BusyError, DamagedError, InputError
from analytics.incidents.warehouse import Warehouse
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from tests import ROOT
from tests.integration.test_retention import cite_in_a_plan
from tests.unit.analytics.incidents.test_warehouse import publish

FIRST, SECOND = datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture
def home(city_of_8000: Path, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    shutil.copytree(city_of_8000, home)
    settings = Settings(home=home)
    record(settings, "tested", "before the first")
    return settings


def subjects(settings: Settings) -> list[str]:
    """Entries of the audit log, whose chain is verified."""
    state = State(settings)
    log = Audit(state, settings)
    log.verify()
    found = [one.subject for one in log.entries() if one.event == "tested"]
    state.close()
    return found


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *words: str) -> Any:
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    done = CliRunner().invoke(patroliq, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_each_time_comes_back_whole_and_unchanged_files_are_stored_once(
    home: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    one = make_backup(home.home, folder, "1", FIRST)
    record(home, "tested", "between")
    two = make_backup(home.home, folder, "1", SECOND)
    served = Services(home).warehouse.current()
    assert served is not None
    database = f"home/snapshots/{served.id}/{served.database.name}"
    assert (one.folder / database).samefile(two.folder / database)
    assert not (one.folder / "home/state.db").samefile(two.folder / "home/state.db")
    for at, entries in ((FIRST, ["before the first"]), (None, ["before the first", "between"])):
        target = tmp_path / f"restored {at is None}"
        restore_backup(find_backup(folder, at), target)
        shutil.copy2(home.home / "audit.key", target)
        settings = Settings(home=target)
        assert subjects(settings) == entries
        again = Services(settings).warehouse.current()
        assert again is not None
        assert again.id == served.id
        assert again.changed() == []


def test_a_backup_made_while_others_write_is_whole(home: Settings, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            record(home, "tested", "meanwhile")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for second in range(4):
            make_backup(home.home, tmp_path / "backups", "1", FIRST.replace(second=second))
    finally:
        ended.set()
        writer.join()
    counts = []
    for number, one in enumerate(list_backups(tmp_path / "backups")):
        target = tmp_path / f"restored {number}"
        restore_backup(one, target)
        shutil.copy2(home.home / "audit.key", target)
        counts.append(len(subjects(Settings(home=target))))
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_what_was_acknowledged_is_in_it_whenever_a_sync_runs_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup._copy
    steps = 5  # files that are copied

    def begin(home: Path) -> Path:
        request = home / "inbox/incidents/000000000001-0.city.jsonl"
        for path, text in (
            (request, "record"),
            (home / "inbox/incidents/set_aside/000000000000-0.city.jsonl", "damaged"),
            (home / "snapshots/s1/manifest.json", "{}"),
            (home / "current", "s1"),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return request

    def sync(home: Path, request: Path) -> None:
        (home / "snapshots/s2").mkdir()
        (home / "snapshots/s2/manifest.json").write_text("{}")
        (home / "current").write_text("s2")
        request.unlink()

    def copy_and_sync(at: int, request: Path, copied: list[str], *given: Any) -> Any:
        if len(copied) == at:
            sync(given[0], request)
        copied.append(given[1])
        return copy(*given)

    for step in range(steps):
        home = tmp_path / f"home {step}"
        request = begin(home)
        copied: list[str] = []

        monkeypatch.setattr(backup, "_copy", partial(copy_and_sync, step, request, copied))
        made = make_backup(home, tmp_path / f"backups {step}", "1")
        kept = made.folder / "home"
        served = (kept / "current").read_text()
        assert (kept / "snapshots" / served / "manifest.json").is_file(), step
        assert served == "s2" or (kept / request.relative_to(home)).is_file(), step
        assert (kept / "inbox/incidents/set_aside").is_dir(), step
        assert len(copied) >= steps, step


def test_keys_are_not_in_it_and_what_can_be_made_again_is_left_out(
    home: Settings, tmp_path: Path
) -> None:
    (home.home / "secret.key").write_text("secret")
    for name in ("cache", "scoped", "staging"):
        (home.home / name).mkdir(exist_ok=True)
        (home.home / name / "left").write_text("x")
    made = make_backup(home.home, tmp_path / "backups", "1")
    kept = {path.name for path in (made.folder / "home").rglob("*")}
    assert not kept & {"audit.key", "secret.key", "cache", "scoped", "staging", "left"}
    assert {"state.db", "current", "raw", "snapshots"} <= kept
    assert (made.folder / "home").stat().st_mode & 0o077 == 0


def test_a_changed_or_missing_file_is_named_and_nothing_is_restored(
    home: Settings, tmp_path: Path
) -> None:
    made = make_backup(home.home, tmp_path / "backups", "1")
    target = tmp_path / "restored"
    with (made.folder / "home/state.db").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DamagedError, match=r"state\.db has changed"):
        restore_backup(made, target)
    (made.folder / "home/current").unlink()
    with pytest.raises(DamagedError, match=r"current is missing|has changed"):
        restore_backup(made, target)
    assert not target.exists()
    (made.folder / "backup.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"backup\.json is damaged"):
        find_backup(tmp_path / "backups")


def test_a_stopped_backup_is_none_and_the_next_one_clears_it(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("analytics.backup.sha256_of", stop)
        with pytest.raises(KeyboardInterrupt):
            make_backup(home.home, folder, "1", FIRST)
    assert list_backups(folder) == []
    made = make_backup(home.home, folder, "1", SECOND)
    assert [path.name for path in folder.iterdir()] == [made.folder.name]


def test_nothing_is_replaced_and_nothing_is_lost_by_a_wrong_folder(
    home: Settings, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="inside the home folder"):
        make_backup(home.home, home.home / "backups", "1")
    with pytest.raises(InputError, match="nothing to back up"):
        make_backup(tmp_path / "none", tmp_path / "backups", "1")
    made = make_backup(home.home, tmp_path / "backups", "1", FIRST)
    with pytest.raises(InputError, match="not empty"):
        restore_backup(made, home.home)
    with pytest.raises(InputError, match="no backup of 2026-10-31"):
        find_backup(tmp_path / "backups", datetime(2026, 10, 31, tzinfo=UTC))


def test_the_state_of_each_moment_comes_back_with_the_data_of_the_backup_before(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    with pytest.raises(InputError, match="no backup yet"):
        make_backup(home.home, folder, "1", FIRST, state_only=True)
    whole = make_backup(home.home, folder, "1", FIRST)
    record(home, "tested", "after the backup")
    times = [FIRST.replace(minute=minute) for minute in (5, 10, 15)]
    copies = [make_backup(home.home, folder, "1", times[0], state_only=True)]
    copies.append(make_backup(home.home, folder, "1", times[1], state_only=True))  # unchanged
    record(home, "tested", "a mistake")
    copies.append(make_backup(home.home, folder, "1", times[2], state_only=True))
    files = [one.folder / "home/state.db" for one in (whole, *copies)]
    assert [one.samefile(two) for one, two in pairwise(files)] == [False, True, False]
    linked = [
        name
        for name in whole.files
        if (copies[2].folder / "home" / name).samefile(whole.folder / "home" / name)
    ]
    assert {*whole.files} - {*linked} <= {"state.db", "audit.anchor", "audit.forwarded"}
    target = tmp_path / "restored"
    words = ("restore", str(folder), "--at", "2026-11-01T06:12", "--keys-from", str(home.home))
    restored = run(monkeypatch, target, *words)
    assert (restored["made"], restored["state_only"]) == (times[1].isoformat(), True)
    assert subjects(Settings(home=target)) == ["before the first", "after the backup"]
    served = Services(Settings(home=target)).warehouse.current()
    assert served is not None
    assert served.changed() == []


def test_a_snapshot_that_newer_state_cites_is_named_after_a_restore(
    home: Settings, tmp_path: Path
) -> None:
    folder, target = tmp_path / "backups", tmp_path / "restored"
    make_backup(home.home, folder, "1", FIRST)
    later = publish(Warehouse(home.home), cited=None).id
    with closing(State(home)) as state, state.engine.begin() as connection:
        cite_in_a_plan(connection, later)
    make_backup(home.home, folder, "1", SECOND, state_only=True)
    restore_backup(find_backup(folder), target)
    statuses = {}
    for settings in (home, Settings(home=target)):
        found = {one.name: one for one in diagnose(settings, ROOT, {})}["cited snapshots"]
        statuses[found.status] = found.message
    assert statuses.keys() == {"ok", "warning"}
    assert later in statuses["warning"]


def test_a_backup_older_than_the_newest_is_refused_since_it_would_be_removed_first(
    home: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    made = make_backup(home.home, folder, "1", SECOND)
    with pytest.raises(InputError, match="later than now"):
        make_backup(home.home, folder, "1", FIRST)
    made.folder.rename(tmp_path / "of the wrong clock")
    make_backup(home.home, folder, "1", FIRST)


def test_whole_backups_and_copies_of_the_state_are_kept_apart(
    home: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    kinds = (False, True, True, False, True, True)
    made = [
        make_backup(home.home, folder, "1", FIRST.replace(minute=minute), state_only=only)
        for minute, only in enumerate(kinds)
    ]
    gone = remove_older(folder, 3, state_only=True)
    assert [one.made for one in gone] == [made[1].made]
    gone = remove_older(folder, 1)
    assert [one.made for one in gone] == [made[0].made, made[2].made]
    restore_backup(find_backup(folder), tmp_path / "restored")  # links to what went are whole


def test_two_backups_at_once_are_refused(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    make_backup(home.home, folder, "1", FIRST)
    copied = backup._copied

    def copied_meanwhile(*given: Any) -> Any:
        with pytest.raises(BusyError):
            make_backup(home.home, folder, "1", SECOND, state_only=True)
        return copied(*given)

    monkeypatch.setattr(backup, "_copied", copied_meanwhile)
    make_backup(home.home, folder, "1", SECOND)
    assert len(list_backups(folder)) == 2


def test_one_command_each_with_keys_and_the_audit_log(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, keys = tmp_path / "backups", tmp_path / "keys"
    old = make_backup(home.home, folder, "1", FIRST)
    words = ("backup", str(folder), "--keep", "1", "--keys-to", str(keys))
    made = run(monkeypatch, home.home, *words)
    assert made["removed"] == [old.folder.name]
    assert made["keys"] == ["audit.key"]
    target = tmp_path / "new"
    restored = run(monkeypatch, target, "restore", str(folder), "--keys-from", str(keys))
    assert restored["made"] == made["made"]
    assert subjects(Settings(home=target)) == ["before the first"]
    state = State(Settings(home=target))
    log = Audit(state, Settings(home=target))
    assert [one.event for one in log.latest(1)] == ["backup.restored"]
    state.close()
    counted = run(monkeypatch, target, "query", "--view", "total")
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    assert counted == run(monkeypatch, home.home, "query", "--view", "total")
