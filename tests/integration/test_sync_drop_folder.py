"""Files of the drop folder: each is taken once, whole, and none is read through a link."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from analytics.diagnosis import diagnose
from analytics.errors import InputError
from analytics.sources.record_kinds import CALLS, INCIDENTS
from analytics.state import State
from analytics.sync import drop_feed
from analytics.sync.drop_folder import DropFolder
from analytics.sync.run import KindReport, sync
from tests import ROOT
from tests.integration.fed_town import LONG_AGO, FedTown, drop, lines_of, record


@pytest.fixture
def town(tmp_path: Path) -> FedTown:
    return FedTown(tmp_path, drop=tmp_path / "drop").begin()


def run(town: FedTown, **options: object) -> KindReport:
    (report,) = [one for one in sync(town.settings, **options) if one.kind == "incidents"]  # type: ignore[arg-type]
    return report


def test_a_file_of_the_drop_folder_is_taken_once_under_any_name(town: FedTown) -> None:
    drop(town, "one.jsonl", lines_of(record("a")))
    assert run(town).ingest is not None
    drop(town, "two.jsonl", lines_of(record("a")))
    drop(town, "one.jsonl", lines_of(record("a")), at=LONG_AGO + 5)
    assert run(town).ingest is None
    assert (town.settings.drop / "one.jsonl").exists()  # type: ignore[operator]


def test_a_half_written_file_waits_until_it_rests(town: FedTown) -> None:
    text = lines_of(record("a"), record("b"))
    drop(town, "slow.jsonl", text[:60], at=time.time())
    drop(town, "slow2.jsonl.part", text)
    assert run(town).ingest is None
    drop(town, "slow.jsonl", text)
    run(town)
    assert set(town.served()) == {"first", "a", "b"}


def test_a_file_whose_time_lies_in_the_future_is_taken_once_it_rests(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the clock was moved back."""
    drop(town, "future.jsonl", lines_of(record("a")), at=time.time() + 10_000)
    assert run(town).ingest is None
    real = time.time
    monkeypatch.setattr(
        "analytics.sync.drop_folder.DropFolder.__init__.__defaults__", (lambda: real() - 3_600,)
    )
    run(town)
    assert "a" in town.served()


def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_go_on(town: FedTown) -> None:
    drop(town, "bad.csv", "nothing,of,this\n1,2,3\n")
    drop(town, "good.jsonl", lines_of(record("a")))
    town.send(record("b"))
    report = run(town)
    (error,) = report.all_errors
    assert isinstance(error, InputError)
    assert "bad.csv" in str(error)
    assert set(town.served()) == {"first", "a", "b"}
    assert run(town).all_errors == []
    drop(town, "bad.csv", "nothing,of,this\n1,2,3\n", at=LONG_AGO + 1)
    assert len(run(town).all_errors) == 1
    drop(town, "bad.csv", "Number,When,Offense,place.lat,place.lon,Changed\nc,2026-01-02,X,,,\n")
    assert run(town).all_errors == []
    assert "c" in town.served()


@pytest.mark.parametrize("name", [b"Eins\xe4tze.jsonl", b"\xff" * 240 + b".jsonl"])
def test_a_file_whose_name_is_not_utf_8_is_loaded_once(town: FedTown, name: bytes) -> None:
    path = drop(town, os.fsdecode(name), lines_of(record("a")))
    report = run(town)
    assert report.all_errors == []
    assert report.feeds[1].rows == 1
    assert "a" in town.served()
    assert run(town).ingest is None
    assert path.exists()


def test_a_name_that_is_not_utf_8_is_shown_with_its_bytes(town: FedTown) -> None:
    drop(town, os.fsdecode(b"Eins\xe4tze.csv"), "nothing,of,this\n1,2,3\n")
    (error,) = run(town).all_errors
    assert r"Eins\xe4tze.csv" in str(error)
    (finding,) = [one for one in diagnose(town.settings, ROOT, {}) if one.name == "feeds"]
    assert r"Eins\xe4tze.csv" in finding.message


def test_a_file_of_a_time_that_no_database_holds_stops_nothing(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(town, "late.jsonl", lines_of(record("a")))
    real = os.stat

    def late(path: Any, **options: Any) -> Any:
        found = real(path, **options)
        return _FarAhead(found) if path == "late.jsonl" else found

    class _FarAhead:
        st_mtime_ns = 2**63 + 5

        def __init__(self, found: os.stat_result) -> None:
            self.st_size, self.st_ino, self.st_mode = found.st_size, found.st_ino, found.st_mode

    monkeypatch.setattr("analytics.sync.drop_folder.os.stat", late)
    town.send(record("b"))
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "b"}


def test_a_drop_folder_that_is_a_link_below_is_not_read(town: FedTown, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "calls.jsonl").write_text(lines_of(record("secret")), encoding="utf-8")
    os.utime(outside / "calls.jsonl", (LONG_AGO, LONG_AGO))
    assert town.settings.drop is not None
    town.settings.drop.mkdir()
    (town.settings.drop / "calls").symlink_to(outside)
    with closing(State(town.settings)) as state:
        with pytest.raises(InputError, match="calls in the drop folder is a link"):
            DropFolder(state, town.settings.drop, CALLS).new_files()
        assert DropFolder(state, town.settings.drop, INCIDENTS).new_files() == []


def test_a_file_that_becomes_a_link_is_not_read(town: FedTown, tmp_path: Path) -> None:
    """Also not between the look at the folder and the reading, of one of the same size and time."""
    outside = tmp_path / "outside.jsonl"
    outside.write_text(lines_of(record("x")), encoding="utf-8")
    os.utime(outside, (LONG_AGO, LONG_AGO))
    path = drop(town, "b.jsonl", lines_of(record("b")))
    assert path.stat().st_size == outside.stat().st_size
    with closing(State(town.settings)) as state:
        folder = DropFolder(state, path.parent, INCIDENTS)
        (file,) = folder.new_files()
        path.unlink()
        path.symlink_to(outside)
        assert folder.open(file) is None
        path.unlink()
        path.hardlink_to(outside)
        assert folder.open(file) is None
        path.unlink()
        os.mkfifo(path)
        assert folder.open(file) is None


def test_what_is_hashed_is_loaded_whatever_the_name_leads_to_later(
    town: FedTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_text(lines_of(record("x")), encoding="utf-8")
    os.utime(outside, (LONG_AGO, LONG_AGO))
    path = drop(town, "b.jsonl", lines_of(record("b")))
    hashed = drop_feed._sha256

    def replaced(descriptor: int) -> str:
        found = hashed(descriptor)
        path.unlink()
        path.symlink_to(outside)
        return found

    monkeypatch.setattr(drop_feed, "_sha256", replaced)
    before = len([*Path("/proc/self/fd").iterdir()])
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "b"}
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_more_files_than_a_run_takes_are_loaded_by_the_next(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_feed, "MOST_FILES", 2)
    for name in "abc":
        drop(town, f"{name}.jsonl", lines_of(record(name)))
    run(town)
    assert set(town.served()) == {"first", "a", "b"}
    run(town)
    assert set(town.served()) == {"first", *"abc"}
