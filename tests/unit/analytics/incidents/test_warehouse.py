"""The warehouse: what is published, kept, served and refused."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.errors import BusyError, InputError, IntegrityError
from analytics.incidents.manifest import (
    Attribute,
    Batch,
    InputFile,
    Manifest,
    Outline,
    SourceInfo,
)
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import (
    DATABASE,
    KEEP_DAYS,
    KEEP_LAST,
    MANIFEST,
    Snapshot,
    Warehouse,
    new_snapshot_id,
)


def manifest_of(created: datetime | None = None, **changes: object) -> Manifest:
    moment = created or datetime.now(UTC)
    manifest = Manifest(
        id=new_snapshot_id(),
        created=moment.isoformat(),
        schema_version=SCHEMA_VERSION,
        code_version="test",
        source=SourceInfo("test", "Test", "America/Chicago", "incident"),
        incidents=1,
        first="2017-01-01",
        last="2017-12-31",
        provisional_from=None,
        crs_local="EPSG:32616",
    )
    return replace(manifest, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"covered_from": "2017"},
        {"covered_to": "soon"},
        {"covered_from": 2017},
        {"precision": None},
        {"outside_covered": "3"},
    ],
)
def test_what_says_which_days_are_covered_is_checked(wrong: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        manifest_of(**wrong).check()
    manifest_of(covered_from="2017-01-01", covered_to="2017-12-31", outside_covered=3).check()


def publish(warehouse: Warehouse, created: datetime | None = None, **options: object) -> Snapshot:
    cited = options.pop("cited", ())
    with warehouse.lock(), warehouse.staging() as folder:
        (folder / DATABASE).write_bytes(b"rows")
        (folder / "outlines").mkdir()
        (folder / "outlines" / "district.geojson").write_text("{}")
        return warehouse.publish(folder, manifest_of(created, **options), cited)  # type: ignore[arg-type]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "home")


def test_an_empty_warehouse_serves_nothing(warehouse: Warehouse) -> None:
    assert warehouse.current() is None
    assert warehouse.list() == []


def test_what_is_published_is_served(warehouse: Warehouse) -> None:
    first = publish(warehouse)
    assert warehouse.current() == first
    second = publish(warehouse)
    assert warehouse.current() == second
    assert [manifest.id for manifest in warehouse.list()] == [second.id, first.id]
    assert second.outline("district") == second.path / "outlines" / "district.geojson"
    assert second.outline("ward") is None


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = manifest_of(
        batches=(Batch("b", "2017", (InputFile("a.csv", "00", 3),), 3, 1, 1, 1),),
        attributes=(Attribute("premise", "Premise", "category"),),
        outlines={"district": Outline("district", "added", 25, "city")},
        without_harm=({"code": "0000", "incidents": 3},),
        views_off={"hour": "months only"},
    )
    manifest.write(tmp_path / MANIFEST)
    assert Manifest.read(tmp_path / MANIFEST) == manifest


def test_an_ingest_that_fails_leaves_the_served_snapshot(warehouse: Warehouse) -> None:
    served = publish(warehouse)

    def fail() -> None:
        with warehouse.lock(), warehouse.staging() as folder:
            (folder / DATABASE).write_bytes(b"half")
            raise RuntimeError("broken file")

    with pytest.raises(RuntimeError):
        fail()
    assert warehouse.current() == served
    assert not any((warehouse.home / "staging").iterdir())


def test_rests_of_a_killed_ingest_are_removed_by_the_next(warehouse: Warehouse) -> None:
    rests = warehouse.home / "staging" / "killed"
    rests.mkdir(parents=True)
    (rests / DATABASE).write_bytes(b"half")
    publish(warehouse)
    assert not rests.exists()


def test_a_process_that_reads_sees_what_another_publishes(warehouse: Warehouse) -> None:
    reader = Warehouse(warehouse.home)
    first = publish(warehouse)
    assert reader.current() == first
    second = publish(warehouse)
    assert reader.current() == second
    assert first.database.exists()


def test_only_one_process_writes(warehouse: Warehouse) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from analytics.incidents.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])).lock():\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(warehouse.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="Another process is writing"), warehouse.lock():
            pass
        holder.kill()
    with warehouse.lock():  # freed with the process that held it
        pass


def test_a_job_waits_for_another_process_that_writes(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def write_later() -> None:
        with warehouse.lock():
            done.append("job")

    with warehouse.lock():
        monkeypatch.setattr(Warehouse, "patience_s", 30.0)
        job = threading.Thread(target=write_later)
        job.start()
        done.append("load")
    job.join()
    assert done == ["load", "job"]


def test_the_last_five_are_kept_whatever_their_age(warehouse: Warehouse) -> None:
    old = datetime.now(UTC) - timedelta(days=400)
    ids = [publish(warehouse, old + timedelta(minutes=n)).id for n in range(8)]
    kept = [manifest.id for manifest in warehouse.list()]
    assert kept == ids[::-1][:KEEP_LAST]
    assert {path.name for path in warehouse.snapshots_folder.iterdir()} == set(kept)


def test_one_a_day_is_kept_for_thirty_days(warehouse: Warehouse) -> None:
    now = datetime.now(UTC)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    by_day: dict[int, list[str]] = {}
    for days in (KEEP_DAYS + 2, KEEP_DAYS - 3, 20, 10):
        for minute in range(2):
            moment = noon - timedelta(days=days) + timedelta(minutes=minute)
            by_day.setdefault(days, []).append(publish(warehouse, moment).id)
    latest = [publish(warehouse, now + timedelta(seconds=n)).id for n in range(KEEP_LAST)]
    kept = {manifest.id for manifest in warehouse.list()}
    expected = {by_day[days][-1] for days in (KEEP_DAYS - 3, 20, 10)}
    assert kept == expected | set(latest)


def test_cited_snapshots_are_kept(warehouse: Warehouse) -> None:
    old = datetime.now(UTC) - timedelta(days=400)
    cited = publish(warehouse, old).id
    for n in range(1, 8):
        publish(warehouse, old + timedelta(minutes=n), cited=[cited])
    assert cited in {manifest.id for manifest in warehouse.list()}
    assert len(warehouse.list()) == KEEP_LAST + 1


def roll_back(warehouse: Warehouse, snapshot_id: str) -> None:
    snapshot = warehouse.get(snapshot_id)
    warehouse.verify(snapshot)
    warehouse.point_to(snapshot.id)


def test_rollback_serves_an_earlier_snapshot(warehouse: Warehouse) -> None:
    first, second = publish(warehouse), publish(warehouse)
    with warehouse.lock():
        roll_back(warehouse, first.id)
    assert warehouse.current() == first
    assert Warehouse(warehouse.home).current() == first
    assert second.id in {manifest.id for manifest in warehouse.list()}


def test_rollback_to_a_damaged_snapshot_is_refused(warehouse: Warehouse) -> None:
    first, second = publish(warehouse), publish(warehouse)
    first.database.write_bytes(b"other")
    with pytest.raises(IntegrityError, match=DATABASE), warehouse.lock():
        roll_back(warehouse, first.id)
    assert warehouse.current() == second


def test_rollback_to_another_schema_version_is_refused(warehouse: Warehouse) -> None:
    other = publish(warehouse, schema_version=SCHEMA_VERSION + 1)
    publish(warehouse)
    with pytest.raises(IntegrityError, match="schema version"), warehouse.lock():
        roll_back(warehouse, other.id)


@pytest.mark.parametrize("name", ["", ".", "..", "nothing", "../snapshots", "a/b", "\0"])
def test_names_that_are_no_snapshot_are_refused(warehouse: Warehouse, name: str) -> None:
    publish(warehouse)
    with pytest.raises(InputError, match="Snapshot not found"):
        warehouse.get(name)


@pytest.mark.parametrize("harm", ["changed", "missing", "added"])
def test_verify_names_what_is_wrong(warehouse: Warehouse, harm: str) -> None:
    snapshot = publish(warehouse)
    warehouse.verify(snapshot)
    outline = snapshot.path / "outlines" / "district.geojson"
    if harm == "changed":
        outline.write_text("{ }")
    elif harm == "missing":
        outline.unlink()
    else:
        outline = snapshot.path / "outlines" / "ward.geojson"
        outline.write_text("{}")
    with pytest.raises(IntegrityError, match=outline.name):
        warehouse.verify(snapshot)


def test_a_damaged_manifest_is_named_and_does_not_hide_the_others(warehouse: Warehouse) -> None:
    damaged, served = publish(warehouse), publish(warehouse)
    for text in ("{", "{}", "[]", json.dumps({"id": 1, "source": 2})):
        (damaged.path / MANIFEST).write_text(text)
        with pytest.raises(IntegrityError, match="is damaged"):
            warehouse.get(damaged.id)
        assert [manifest.id for manifest in warehouse.list()] == [served.id]


def test_a_pointer_to_nothing_is_damage_not_an_empty_warehouse(warehouse: Warehouse) -> None:
    publish(warehouse)
    warehouse.pointer.write_text("20200101T000000000-00000000\n")
    with pytest.raises(IntegrityError, match="rollback"):
        warehouse.current()


def test_a_crash_while_pruning_leaves_no_half_snapshot(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = datetime.now(UTC) - timedelta(days=400)
    for n in range(KEEP_LAST):
        publish(warehouse, old + timedelta(minutes=n))

    def crash(path: Path, ignore_errors: bool = False) -> None:
        if path.name.startswith("pruned-"):
            raise KeyboardInterrupt

    monkeypatch.setattr("analytics.incidents.warehouse.shutil.rmtree", crash)
    with pytest.raises(KeyboardInterrupt):
        publish(warehouse)
    for manifest in warehouse.list():
        warehouse.verify(warehouse.get(manifest.id))
    assert len(warehouse.list()) == KEEP_LAST


def test_snapshot_ids_sort_by_time() -> None:
    ids = [new_snapshot_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert [name[:18] for name in ids] == sorted(name[:18] for name in ids)
