"""Uploaded files: parts, names, limits, and when they go."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.errors import InputError
from analytics.retention_rules import RULES
from analytics.settings import Settings
from analytics.uploads.store import LOADED, MOST_UPLOADS, SETTLED_S, Uploads

ROWS = b"id,date\n1,2026-01-01\n2,2026-01-02\n"


@pytest.fixture
def uploads(settings: Settings) -> Uploads:
    return Uploads(settings)


def test_a_file_arrives_in_parts_also_when_one_is_sent_again(uploads: Uploads) -> None:
    upload = uploads.begin("crimes.csv", len(ROWS), "kim")
    uploads.append(upload.id, 0, ROWS[:10])
    uploads.append(upload.id, 10, ROWS[10:20])
    uploads.append(upload.id, 10, ROWS[10:20])
    assert not uploads.get(upload.id).is_whole
    uploads.append(upload.id, 20, ROWS[20:])
    found = uploads.get(upload.id)
    assert found.is_whole
    assert found.path.read_bytes() == ROWS
    assert (found.name, found.person) == ("crimes.csv", "kim")


def test_what_was_sent_is_not_replaced(uploads: Uploads) -> None:
    upload = uploads.begin("crimes.csv", len(ROWS), "")
    uploads.append(upload.id, 0, ROWS)
    uploads.append(upload.id, 0, ROWS[:10])
    with pytest.raises(InputError, match="differs from the one sent before"):
        uploads.append(upload.id, 0, b"x,y")
    assert upload.path.read_bytes() == ROWS
    upload.note(LOADED, {})
    upload.path.unlink()
    with pytest.raises(InputError, match="is not being sent"):
        uploads.append(upload.id, 0, ROWS)


def test_loaded_ones_leave_room(uploads: Uploads) -> None:
    for number in range(MOST_UPLOADS):
        uploads.begin(f"{number}.csv", 1, "").note(LOADED, {})
    assert uploads.begin("another.csv", 1, "").received == 0


def test_a_dropped_file_that_changed_is_not_taken(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "night.csv").write_bytes(ROWS)
    later = time.time() + SETTLED_S + 1
    upload = Uploads(replace(settings, drop=tmp_path), lambda: later).take_dropped("night.csv", "")
    (tmp_path / "night.csv").write_bytes(ROWS * 2)
    with pytest.raises(InputError, match="has changed since"):
        upload.take()


def test_a_gap_and_more_than_announced_are_refused(uploads: Uploads) -> None:
    upload = uploads.begin("crimes.csv", len(ROWS), "")
    with pytest.raises(InputError, match="from byte 0 is missing"):
        uploads.append(upload.id, 5, ROWS[5:])
    with pytest.raises(InputError, match="longer than the"):
        uploads.append(upload.id, 0, ROWS + b"x")
    assert upload.received == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".hidden",
        "../../etc/passwd",
        "a/b.csv",
        "a\\b.csv",
        "a\nb",
        "x" * 200,
        "..",
        "\ud800.csv",
    ],
)
def test_names_that_are_not_those_of_a_file_are_refused(uploads: Uploads, name: str) -> None:
    with pytest.raises(InputError):
        uploads.begin(name, 10, "")
    assert uploads.all() == []


@pytest.mark.parametrize("id", ["", "..", "../uploads", "0" * 15, "0" * 16, "G" * 16])
def test_an_id_that_is_none_leads_nowhere(uploads: Uploads, id: str) -> None:
    with pytest.raises(InputError, match="not there any more"):
        uploads.get(id)
    uploads.remove(id)


def test_a_file_above_the_limit_is_refused_with_another_way(settings: Settings) -> None:
    uploads = Uploads(replace(settings, upload_mb=1))
    with pytest.raises(InputError, match=r"1,000,001 bytes.*patroliq ingest"):
        uploads.begin("large.csv", 1_000_001, "")
    with pytest.raises(InputError):
        uploads.begin("empty.csv", 0, "")


def test_there_are_only_so_many_at_once(uploads: Uploads) -> None:
    for number in range(MOST_UPLOADS):
        uploads.begin(f"{number}.csv", 1, "")
    with pytest.raises(InputError, match="Load or remove"):
        uploads.begin("another.csv", 1, "")


def test_one_that_nobody_loads_goes_after_a_week(settings: Settings) -> None:
    uploads = Uploads(settings)
    upload = uploads.begin("crimes.csv", 3, "")
    uploads.prune()
    assert [one.id for one in uploads.all()] == [upload.id]
    old = upload.created - (RULES["uploads"].days or 0) * 86_400 - 60
    os.utime(upload.folder, (old, old))
    uploads.prune()
    assert uploads.all() == []
    assert not upload.folder.exists()


def test_files_of_the_drop_folder_are_copied_and_stay_there(
    settings: Settings, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "night.csv").write_bytes(ROWS)
    (drop / ".part").write_bytes(b"unfinished")
    (drop / "link.csv").symlink_to("/etc/hostname")
    assert Uploads(replace(settings, drop=drop)).dropped() == []  # it may still be written
    later = time.time() + SETTLED_S + 1
    uploads = Uploads(replace(settings, drop=drop), lambda: later)
    assert [path.name for path in uploads.dropped()] == ["night.csv"]
    upload = uploads.take_dropped("night.csv", "kim")
    upload.take()
    assert upload.is_whole
    assert upload.path.read_bytes() == ROWS
    assert (drop / "night.csv").exists()
    for name in ("link.csv", "../uploads", "missing.csv"):
        with pytest.raises(InputError, match="not in the drop folder"):
            uploads.take_dropped(name, "kim")


def test_a_file_that_becomes_a_link_after_it_was_chosen_is_not_copied(
    settings: Settings, tmp_path: Path
) -> None:
    drop, outside = tmp_path / "drop", tmp_path / "outside.csv"
    drop.mkdir()
    path = drop / "night.csv"
    for file in (path, outside):
        file.write_bytes(ROWS)
    later = time.time() + SETTLED_S + 1
    upload = Uploads(replace(settings, drop=drop), lambda: later).take_dropped("night.csv", "kim")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(InputError, match="cannot be read"):
        upload.take()
    assert upload.received == 0
