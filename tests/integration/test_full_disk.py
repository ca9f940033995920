"""A disk that is full or may not be written: a message, nothing left behind, served as before."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from analytics import audit
from analytics.audit import Audit
from analytics.cli import main
from analytics.errors import IntegrityError
from analytics.incidents import warehouse
from analytics.incidents.warehouse import UNPUBLISHED, Warehouse
from analytics.settings import Settings
from analytics.state import State
from analytics.state_file import StateError
from analytics.stored import replace_text
from tests.integration.damage import TOWN, build_warehouse, copied, incidents

FULL = [errno.ENOSPC, errno.EROFS, errno.EDQUOT]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATROLIQ_HOME", str(tmp_path / "home"))
    return copied(whole, tmp_path)


def fill(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Nothing reaches the disk any more."""

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["patroliq", *arguments])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize("number", FULL)
@pytest.mark.parametrize("command", ["rollback", "repair", "outlines", "ingest"])
def test_commands_say_it_and_leave_nothing(  # noqa: PLR0917
    home: Path,
    tmp_path: Path,
    number: int,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    (tmp_path / "town.toml").write_text(TOWN)
    more = incidents(tmp_path / "more.csv", 90)
    (tmp_path / "district.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"key":"1"},'
        '"geometry":{"type":"Polygon","coordinates":[[[-88,41],[-87,41],[-87,42],[-88,41]]]}}]}'
    )
    arguments = {
        "rollback": ["snapshots", "rollback", older],
        "repair": ["doctor", "--repair"],
        "outlines": f"boundaries add district {tmp_path / 'district.geojson'} --key key".split(),
        "ingest": f"ingest {more} --source {tmp_path / 'town.toml'}".split(),
    }[command]
    if command == "repair":
        (home / "current").write_text("")
    before = (home / "current").read_text()
    fill(monkeypatch, number)
    assert run(monkeypatch, *arguments) == 1
    said = capsys.readouterr().err
    assert os.strerror(number) in said or "the disk is full" in said
    assert "unchanged" in said or "failed" in said
    assert (home / "current").read_text() == before
    assert {path.name for path in home.glob("current*")} == {"current"}
    assert not [path for path in (home / "staging").glob("*") if any(path.rglob("*"))]
    assert {path.name for path in (home / "snapshots").iterdir()} == {newest, older}


@pytest.mark.parametrize("what", ["mark", "old snapshot"])
def test_an_ingest_that_cannot_tidy_up_is_done(
    home: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "town.toml").write_text(TOWN)
    more = incidents(tmp_path / "more.csv", 90)
    unlink = Path.unlink

    def fail(path: Path, missing_ok: bool = False) -> None:
        if path.name == UNPUBLISHED:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(path, missing_ok)

    def fail_to_remove(_warehouse: Warehouse, _folder: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    if what == "mark":
        monkeypatch.setattr(Path, "unlink", fail)
    else:
        monkeypatch.setattr(warehouse, "KEEP_LAST", 1)
        monkeypatch.setattr(Warehouse, "remove_folder", fail_to_remove)
    arguments = ["ingest", str(more), "--source", str(tmp_path / "town.toml")]
    assert run(monkeypatch, *arguments) == 0
    current = Warehouse(home).current()
    assert current
    assert current.manifest.incidents == 60
    settings = Settings(home=home)
    (entry,) = Audit(State(settings), settings).latest(1)
    assert (entry.event, entry.subject) == ("snapshot.published", current.id)


def test_a_rollback_that_cannot_be_logged_is_not_done(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())

    def fail(*_arguments: object, **_options: object) -> None:
        raise StateError("The state database cannot be written: the disk is full.")

    monkeypatch.setattr(audit, "record", fail)
    assert run(monkeypatch, "snapshots", "rollback", older) == 1
    assert "disk is full" in capsys.readouterr().err
    assert Warehouse(home).current_id() == newest


def test_the_error_is_told_that_stopped_an_act_and_not_one_of_the_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=home)
    record = audit.record

    def fail(where: Settings, event: str, *arguments: Any, **facts: Any) -> Any:
        if event == audit.NOT_DONE:
            raise IntegrityError("The state database is damaged.")
        return record(where, event, *arguments, **facts)

    monkeypatch.setattr(audit, "record", fail)
    with (
        pytest.raises(OSError, match="No space"),
        audit.recorded(settings, "snapshot.published", "1"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_rollback_whose_pointer_cannot_be_written_is_put_on_record(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())

    def fail(_path: Path, _text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(warehouse, "replace_text", fail)
    assert run(monkeypatch, "snapshots", "rollback", older) == 1
    assert Warehouse(home).current_id() == newest
    settings = Settings(home=home)
    events = [entry.event for entry in Audit(State(settings), settings).latest(2)]
    assert events == ["act.failed", "snapshot.rolled_back"]


def test_replacing_a_file_on_a_full_disk_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("old")
    fill(monkeypatch, errno.ENOSPC)
    with pytest.raises(OSError, match="No space"):
        replace_text(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"
