"""A flipped byte in what is served: never a false number, never a crash; the last good snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics import diagnosis
from analytics.areas.outlines import add_outlines
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import DamagedError
from analytics.incidents.checksums import checksums
from analytics.incidents.intact import newest_intact
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.services import Pinned, Services
from analytics.settings import Settings
from app import create_app
from tests.integration.damage import build_warehouse, copied, flip, incidents, source

VIEWS = ("total", "type", "district", "hour", "day", "cells:250", "points:-88,41,-87,42")
PATIENCE_S = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiled.load()
    return build_warehouse(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return copied(whole, tmp_path)


def current(home: Path) -> Snapshot:
    found = Warehouse(home).current()
    assert found
    return found


def counted(pinned: Pinned, text: str = "") -> dict[str, list[tuple[object, ...]]]:
    views = [view(name) for name in VIEWS]
    frames = pinned.crossfilter.counts(EVERYTHING, Selection.parse(text), views)
    return {name: frame.rows() for name, frame in frames.items()}


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pin(services: Services) -> Pinned:
    found = services.pin()
    assert found
    return found


def guarded(home: Path) -> Services:
    """A web worker's services whose guard has looked once."""
    services = Services(Settings(home=home), web=True)
    assert services._guard
    services._guard.check()
    return services


def test_the_scan_waits_until_its_codes_are_verified(home: Path) -> None:
    services = Services(Settings(home=home), web=True)
    pinned = pin(services)
    engine = pinned.crossfilter._inner  # type: ignore[attr-defined]
    wait_for(lambda: isinstance(engine.engine, ScanCrossFilter))
    assert not pinned.warning
    assert counted(pinned)["total"] == [(40, 0, 0)]


def test_a_flipped_byte_in_any_file_gives_the_last_good_snapshot(
    home: Path, tmp_path: Path
) -> None:
    names = sorted(current(home).manifest.checksums)
    assert "codes/point.bin" in names
    assert "incidents.duckdb" in names
    right = {}
    for snapshot in Warehouse(home).list():
        pinned = Pinned(Warehouse(home).get(snapshot.id), Settings(home=home), _cache())
        right[snapshot.id] = counted(pinned)
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    for number, name in enumerate(names):
        place = copied(home, tmp_path / str(number))
        path = current(place).path / name
        flip(path, path.stat().st_size // 2)
        services = Services(Settings(home=place), web=True)
        for _ in range(3):  # whatever is answered before the guard has looked is right
            try:
                pinned = pin(services)
                assert counted(pinned) == right[pinned.id], name
            except DamagedError:
                pass
        assert services._guard
        services._guard.check()
        pinned = pin(services)
        assert pinned.id == older, name
        assert newest in pinned.warning
        assert older in pinned.warning
        assert counted(pinned) == right[older], name


@pytest.mark.parametrize("column", ["point", "day", "district", "offense_arrest", "hour_weekday"])
def test_a_byte_that_goes_bad_while_the_scan_answers_does_not_crash_it(
    home: Path, column: str
) -> None:
    services = guarded(home)
    pinned = pin(services)
    engine = pinned.crossfilter._inner  # type: ignore[attr-defined]
    wait_for(lambda: isinstance(engine.engine, ScanCrossFilter))
    files = engine.engine._files
    width = files.codes(column).itemsize
    for row in range(files.rows):
        flip(current(home).path / "codes" / f"{column}.bin", row * width + width - 1)
    for number, text in enumerate(("type=type 1", "district=1&hour=0", "date=2020-01-02..")):
        engine.counts(EVERYTHING, Selection.parse(text), [view(name) for name in VIEWS])
        assert number < 3
    assert services._guard
    services._guard.check()
    assert pin(services).warning


def test_a_code_out_of_range_is_refused_at_opening(home: Path) -> None:
    snapshot = current(home)
    CodeFiles(snapshot)
    flip(snapshot.path / "codes" / "point.bin", 3)
    with pytest.raises(ValueError, match=r"point\.bin holds code"):
        CodeFiles(snapshot)


@pytest.mark.parametrize("file", ["type", "point.sums.npy", "district.blocks.npy", "beat.bin"])
def test_a_file_of_another_size_is_refused_at_opening(home: Path, file: str) -> None:
    snapshot = current(home)
    path = snapshot.path / "codes" / (file if "." in file else "day.bin")
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match=r"bytes|shape|reshape|mmap"):
        CodeFiles(snapshot)


def test_sql_answers_where_a_file_of_codes_is_empty(home: Path) -> None:
    right = counted(pin(Services(Settings(home=home))))
    (current(home).path / "codes" / "point.sums.npy").write_bytes(b"")
    assert counted(pin(Services(Settings(home=home)))) == right
    assert diagnosis._scan(current(home)).status == "warning"


def test_a_damaged_snapshot_that_is_restored_is_served_again(home: Path) -> None:
    services = guarded(home)
    right = counted(pin(services))
    path = current(home).path / "codes" / "day.bin"
    kept = path.read_bytes()
    flip(path, 0)
    assert services._guard
    services._guard.check()
    assert pin(services).warning
    path.write_bytes(kept)
    services._guard.check()
    pinned = pin(services)
    assert pinned.id == current(home).id
    assert not pinned.warning
    assert counted(pinned) == right


def test_the_database_answers_where_only_codes_are_damaged_and_nothing_else_is_whole(
    home: Path,
) -> None:
    right = counted(pin(Services(Settings(home=home))))
    for manifest in Warehouse(home).list():
        flip(home / "snapshots" / manifest.id / "codes" / "day.bin", 0)
    pinned = pin(guarded(home))
    assert pinned.id == current(home).id
    assert "database" in pinned.warning
    assert counted(pinned) == right


def test_a_fault_that_is_mended_while_it_is_told_is_no_crash(home: Path) -> None:
    class Mended(dict[str, Any]):
        """The guard's thread takes the fault away between two looks at it."""

        def __contains__(self, key: object) -> bool:
            return self.pop(key, None) is not None

    flip(current(home).path / "codes" / "day.bin", 0)
    services = guarded(home)
    assert services._guard
    services._guard._faults = Mended(services._guard._faults)
    assert pin(services).warning


def test_a_substitute_that_goes_bad_is_named_and_replaced(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    flip(home / "snapshots" / newest / "codes" / "day.bin", 0)
    services = guarded(home)
    assert services._guard
    services._guard.check()
    assert pin(services).id == older
    flip(home / "snapshots" / older / "incidents.duckdb", 20)
    services._guard.check()
    assert pin(services).id == newest  # its database is whole
    told = [record.getMessage() for record in caplog.records if record.name.endswith("guard")]
    assert any(f"{older} is damaged: incidents.duckdb" in message for message in told)
    assert all(told)


def test_real_incidents_take_the_place_of_a_snapshot_of_unknown_source(
    home: Path, tmp_path: Path
) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    more = incidents(tmp_path / "more.csv", 100)
    latest = ingest([more], source(), Settings(home=home)).snapshot
    path = home / "snapshots" / newest / "manifest.json"
    text = path.read_text()
    assert '"synthetic": false' in text
    path.write_text(text.replace('"synthetic": false', '"synthetic": true'))
    (home / "snapshots" / str(latest) / "manifest.json").write_text("{")
    found = newest_intact(Warehouse(home), str(latest))
    assert found
    assert found.id == older


def test_nothing_is_answered_where_no_snapshot_is_whole(home: Path) -> None:
    for manifest in Warehouse(home).list():
        database = home / "snapshots" / manifest.id / "incidents.duckdb"
        flip(database, database.stat().st_size // 2)
    services = guarded(home)
    with pytest.raises(DamagedError, match="No other snapshot is intact"):
        services.pin()
    answer = create_app(Settings(home=home)).server.test_client()
    wait_for(lambda: answer.get("/ready").status_code == 503)
    assert answer.get("/export/view.csv").status_code == 503


def test_a_snapshot_of_another_source_is_no_substitute(home: Path) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    manifest = home / "snapshots" / older / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"name": "town"', '"name": "other"'))
    database = home / "snapshots" / newest / "incidents.duckdb"
    flip(database, 20)
    with pytest.raises(DamagedError, match="No other snapshot is intact"):
        guarded(home).pin()


@pytest.mark.parametrize("file", ["codes/day.bin", "manifest.json"])
def test_a_snapshot_that_was_rolled_back_from_is_the_last_substitute(
    home: Path, tmp_path: Path, file: str
) -> None:
    more = incidents(tmp_path / "more.csv", 100)
    newest = ingest([more], source(), Settings(home=home)).snapshot
    middle, oldest = (manifest.id for manifest in Warehouse(home).list()[1:])
    Warehouse(home).point_to(middle)
    flip(home / "snapshots" / middle / file, 0)
    pinned = pin(guarded(home))
    assert pinned.id == oldest
    assert f"the earlier snapshot {oldest}" in pinned.warning
    flip(home / "snapshots" / oldest / "codes" / "day.bin", 0)
    pinned = pin(guarded(home))
    assert pinned.id == newest
    assert f"the later snapshot {newest}" in pinned.warning


@pytest.mark.parametrize("damage", ["manifest", "database", "database missing", "codes"])
def test_pages_ready_and_exports_tell_of_the_earlier_snapshot(home: Path, damage: str) -> None:
    newest, older = (manifest.id for manifest in Warehouse(home).list())
    folder = home / "snapshots" / newest
    if damage == "manifest":
        (folder / "manifest.json").write_text("{")
    elif damage == "database":
        flip(folder / "incidents.duckdb", 20)
    elif damage == "database missing":
        (folder / "incidents.duckdb").unlink()
    else:
        flip(folder / "codes" / "point.bin", 3)
    client = create_app(Settings(home=home)).server.test_client()
    client.get("/ready")
    wait_for(lambda: (client.get("/ready").json or {}).get("status") == "degraded")
    ready = client.get("/ready")
    assert ready.status_code == 200
    assert ready.json["snapshot"] == older
    assert ready.json["incidents"] == 20
    assert newest in ready.json["reason"]
    layout = client.get("/_dash-layout").text
    assert f"snapshot {older}" in layout
    assert "is damaged" in layout or "is missing" in layout
    assert str(home) not in layout
    assert str(home) not in ready.text
    export = client.get("/export/view.csv?plain=1")
    assert export.headers["X-PatrolIQ-Snapshot"] == older
    assert export.text.split() == ["incidents,arrests,harm,selected", "20,0,0,20"]


def test_a_damaged_block_is_said_by_every_reader_of_the_database(home: Path) -> None:
    snapshot = current(home)
    size = snapshot.database.stat().st_size
    for position in range(12_288, size, 2_048):
        flip(snapshot.database, position)
    told: list[str] = []
    with pytest.raises(DamagedError, match=r"incidents\.duckdb is damaged"):
        SnapshotReader(snapshot, Settings(), on_damage=told.append).frame("SELECT * FROM incidents")


OUTLINES = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"key":"1"},'
    '"geometry":{"type":"Polygon","coordinates":[[[-88,41],[-87,41],[-87,42],[-88,41]]]}}]}'
)


def test_new_outlines_copy_the_snapshot_and_share_no_file(home: Path, tmp_path: Path) -> None:
    before = current(home)
    (tmp_path / "outlines.geojson").write_text(OUTLINES)
    add_outlines(home, "district", tmp_path / "outlines.geojson", "key")
    after = current(home)
    assert after.id != before.id
    same = {
        name: digest
        for name, digest in before.manifest.checksums.items()
        if name.startswith("codes/") or name == "incidents.duckdb"
    }
    assert same.items() <= after.manifest.checksums.items()
    for name in after.manifest.checksums:
        assert (after.path / name).stat().st_nlink == 1
    flip(after.path / "codes" / "day.bin", 0)
    Warehouse(home).verify(before)


def test_damage_is_not_copied_into_a_new_snapshot(home: Path, tmp_path: Path) -> None:
    before = current(home)
    flip(before.path / "codes" / "day.bin", 0)
    (tmp_path / "outlines.geojson").write_text(OUTLINES)
    with pytest.raises(DamagedError, match=r"codes/day\.bin"):
        add_outlines(home, "district", tmp_path / "outlines.geojson", "key")
    assert Warehouse(home).current_id() == before.id
    assert not list((home / "staging").iterdir())
    assert pl.Series(sorted(checksums(before.path))).len() == len(before.manifest.checksums)


def _cache() -> object:
    from analytics.crossfilter.cached_crossfilter import ResultCache

    return ResultCache(1)
