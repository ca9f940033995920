"""Rows of many small loads in a few folders: nothing is lost, wherever a compaction ends."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from analytics import backup
from analytics.cli import patroliq
from analytics.errors import BusyError
from analytics.incident_record.source_row import RowLack, SourceRow, source_row
from analytics.incidents import packed_loads
from analytics.incidents.manifest import Manifest
from analytics.incidents.packed_loads import LOADS, has_load
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest import compact as compaction
from analytics.ingest.compact import compact
from analytics.ingest.pipeline import ingest
from analytics.ingest.quarantine import quarantined
from analytics.ingest.source_now import source_now
from analytics.retraction.retract import retract
from analytics.settings import Settings
from analytics.state import State
from analytics.sync.feed_state import FeedState
from jobs.compactions import Compactions
from tests.integration.test_incident_record import HEAD, load_rows, row, town

LOADS_MADE = 9
NOW = datetime.now(UTC)
AN_HOUR_LATER = NOW + timedelta(hours=2)
DAYS_LATER = NOW + timedelta(days=3)
MONTHS_LATER = NOW + timedelta(days=70)


@pytest.fixture(autouse=True)
def few_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of few loads."""
    monkeypatch.setattr(compaction, "NEWEST", 2)
    monkeypatch.setattr(compaction, "FEWEST", 3)


def load_one(home: Path, number: int) -> Settings:
    """One load: a new incident, a change of the first one, and a row that is refused."""
    changed = f"03/{number + 1:02d}/2020 08:00"
    rows = [
        row(str(100 + number), f"03/{number + 1:02d}/2020 12:00"),
        row("7", "03/01/2020 12:00", crime=f"CRIME {number}", changed=changed),
        row(f"bad-{number}", "no date"),
    ]
    return load_rows(home, f"load-{number}.csv", rows, town())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("loads") / "home"
    for number in range(LOADS_MADE):
        load_one(home, number)
    return home


@pytest.fixture
def loaded(built: Path, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    shutil.copytree(built, home)
    return Settings(home=home)


def served(settings: Settings) -> Snapshot:
    found = Warehouse(settings.home).current()
    assert found is not None
    return found


def folders(settings: Settings) -> set[str]:
    return {path.name for path in Warehouse(settings.home).raw.iterdir()}


def rows_of(settings: Settings, manifest: Manifest) -> dict[str, SourceRow | RowLack]:
    """The source row of each incident of a snapshot."""
    home = Warehouse(settings.home)
    snapshot = home.get(manifest.id)
    reader = SnapshotReader(snapshot, settings, settings.query_memory_limit)
    try:
        incidents = reader.frame("SELECT * FROM incidents ORDER BY id").to_dicts()
    finally:
        reader.close()
    return {one["id"]: source_row(home, manifest, one) for one in incidents}


def refused(settings: Settings) -> pl.DataFrame:
    reader = SnapshotReader(served(settings), settings, settings.query_memory_limit)
    try:
        return quarantined(reader)
    finally:
        reader.close()


def refused_files(settings: Settings) -> list[tuple[Any, ...]]:
    files = Warehouse(settings.home).raw.glob("*/quarantine.parquet")
    frames = [pl.read_parquet(path) for path in files]
    return sorted(pl.concat(frames).rows(), key=str)


def sums(manifest: Manifest) -> list[int]:
    names = ("loads", "read", "accepted", "quarantined", "duplicates", "differing")
    return [sum(getattr(one, name) for one in manifest.batches) for name in names]


def all_rows(settings: Settings) -> dict[str, dict[str, SourceRow | RowLack]]:
    return {one.id: rows_of(settings, one) for one in Warehouse(settings.home).list()}


def test_every_row_is_found_in_every_snapshot_after_compactions_of_every_length(
    loaded: Settings,
) -> None:
    before, refusals, files = all_rows(loaded), refused(loaded), refused_files(loaded)
    assert all(isinstance(row, SourceRow) for rows in before.values() for row in rows.values())
    assert len(folders(loaded)) == LOADS_MADE
    for now in (AN_HOUR_LATER, DAYS_LATER, MONTHS_LATER):
        (done,) = compact(loaded, now)
        assert done.loads in (LOADS_MADE - 2, 0)
        assert len(folders(loaded)) == 3
        assert all_rows(loaded) == before
        assert refused_files(loaded) == files
        assert compact(loaded, now)[0].packs == 0
    assert refused(loaded).equals(refusals)


def test_the_next_load_lists_a_pack_once_and_loses_no_count(loaded: Settings) -> None:
    before, counts = rows_of(loaded, served(loaded).manifest), sums(served(loaded).manifest)
    compact(loaded, AN_HOUR_LATER)
    load_one(loaded.home, 20)
    manifest = served(loaded).manifest
    pack, *others = manifest.batches
    assert (pack.loads, len(others)) == (LOADS_MADE - 2, 3)
    assert sums(manifest)[:4] == [a + b for a, b in zip(counts[:4], [1, 3, 2, 1], strict=True)]
    after = rows_of(loaded, manifest)
    assert {name: after[name] for name in before if name != "7"} == {
        name: found for name, found in before.items() if name != "7"
    }
    compact(loaded, DAYS_LATER)
    for number in range(21, 24):
        load_one(loaded.home, number)
    compact(loaded, MONTHS_LATER)
    assert len(folders(loaded)) == 3
    load_one(loaded.home, 25)
    assert [one.loads for one in served(loaded).manifest.batches] == [LOADS_MADE + 2, 1, 1, 1]
    assert all(isinstance(found, SourceRow) for found in rows_of(loaded, manifest).values())


class KilledError(BaseException):
    """The process ends."""


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 8, 11, 12])
def test_a_compaction_may_end_at_any_step(
    loaded: Settings, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before = rows_of(loaded, served(loaded).manifest)
    left = [step]

    def ending(function: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if not left[0]:
                raise KilledError
            return function(*given, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", ending(Path.rename))
        patched.setattr(compaction, "sync_folder", ending(compaction.sync_folder))
        patched.setattr(compaction, "sync_files", ending(compaction.sync_files))
        patched.setattr(packed_loads.Pack, "write", ending(packed_loads.Pack.write))
        with suppress(KilledError):
            compact(loaded, AN_HOUR_LATER)
        was_killed = left[0] <= 0
    assert was_killed == (step <= 4 + LOADS_MADE - 2)
    assert rows_of(loaded, served(loaded).manifest) == before
    compact(loaded, AN_HOUR_LATER)
    assert len(folders(loaded)) == 3
    assert rows_of(loaded, served(loaded).manifest) == before


def test_a_feed_goes_on_after_its_load_was_packed(loaded: Settings) -> None:
    snapshot, state = served(loaded), State(loaded)
    feeds = FeedState(state)
    feeds.published("drop", 7, "read", snapshot)
    for number in range(20, 26):
        load_one(loaded.home, number)
    compact(loaded, DAYS_LATER)
    load_one(loaded.home, 26)
    now = served(loaded)
    assert snapshot.manifest.batches[-1].id not in {one.id for one in now.manifest.batches}
    assert feeds.of_served("drop", now).watermark == 7
    state.close()


def test_a_pack_of_another_chain_of_loads_does_not_count(loaded: Settings) -> None:
    home = Warehouse(loaded.home)
    newest = served(loaded)
    compact(loaded, AN_HOUR_LATER)
    earlier = home.list()[4]
    home.point_to(earlier.id)
    for number in range(20, 23):
        load_one(loaded.home, number)
    manifest = served(loaded).manifest
    assert {one.loads for one in manifest.batches} == {1}
    dropped = newest.manifest.batches[LOADS_MADE - 3].id
    assert not has_load(manifest.batches, dropped, home.raw)
    before = rows_of(loaded, manifest)
    compact(loaded, DAYS_LATER)
    load_one(loaded.home, 23)
    now = served(loaded).manifest
    assert now.batches[0].loads > 1
    assert not has_load(now.batches, dropped, home.raw)
    assert has_load(now.batches, manifest.batches[1].id, home.raw)
    assert rows_of(loaded, manifest) == before


def test_a_retraction_cleans_packs_and_loses_no_other_row(loaded: Settings) -> None:
    compact(loaded, AN_HOUR_LATER)
    load_one(loaded.home, 20)
    before = rows_of(loaded, served(loaded).manifest)
    retract(["102"], "sealed by a court", loaded)
    after = rows_of(loaded, served(loaded).manifest)
    assert after == {name: found for name, found in before.items() if name != "102"}
    packs = Warehouse(loaded.home).raw.glob(f"*/{LOADS}")
    for folder in [path.parent for path in packs]:
        assert "102" not in pl.read_parquet(folder / "0000-rows.parquet")["No"].to_list()
    compact(loaded, DAYS_LATER)
    assert rows_of(loaded, served(loaded).manifest) == after


def test_loads_whose_ids_count_equal_rows_stay_apart(loaded: Settings) -> None:
    for path in Warehouse(loaded.home).raw.glob("*/source.toml"):
        path.write_text('missing_id = "content"\n' + path.read_text(encoding="utf-8"))
    assert compact(loaded, AN_HOUR_LATER)[0].packs == 0
    assert len(folders(loaded)) == LOADS_MADE


def test_a_pack_goes_with_the_last_snapshot_that_needs_it(loaded: Settings) -> None:
    compact(loaded, AN_HOUR_LATER)
    (pack,) = [path.parent for path in Warehouse(loaded.home).raw.glob(f"*/{LOADS}")]
    rows = [row(str(number), "03/01/2020 12:00") for number in range(3)]
    path = loaded.home.parent / "other.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    ingest([path], town(), loaded, replace=True)
    for number in range(20, 23):
        load_one(loaded.home, number)
        assert pack.is_dir()
    load_one(loaded.home, 23)
    assert not pack.exists()
    assert all(
        isinstance(row, SourceRow) for rows in all_rows(loaded).values() for row in rows.values()
    )


def test_an_unreadable_pack_keeps_everything(loaded: Settings) -> None:
    compact(loaded, AN_HOUR_LATER)
    home = Warehouse(loaded.home)
    (path,) = home.raw.glob(f"*/{LOADS}")
    path.write_bytes(b"damaged")
    assert home.prunable((), keep_days=0)[1] == []
    found = rows_of(loaded, served(loaded).manifest)
    assert found["102"] is RowLack.UNREADABLE


def test_rows_stay_while_a_backup_copies_them(
    loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = backup._copied

    def copying(*given: Any) -> Any:
        for one in copied(*given):
            with pytest.raises(BusyError, match="A backup copies"):
                compact(loaded, AN_HOUR_LATER)
            yield one

    monkeypatch.setattr(backup, "_copied", copying)
    backup.make_backup(loaded.home, tmp_path / "backups", "1.0.0")
    assert len(folders(loaded)) == LOADS_MADE
    assert compact(loaded, AN_HOUR_LATER)[0].loads == LOADS_MADE - 2


def test_the_source_of_a_packed_load_is_still_known(loaded: Settings) -> None:
    snapshot = served(loaded)
    compact(loaded, AN_HOUR_LATER)
    for batch in snapshot.manifest.batches[-2:]:
        shutil.rmtree(Warehouse(loaded.home).raw / batch.id)
    assert source_now(snapshot, loaded).name == "town"


def test_the_command_says_what_it_did(loaded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(loaded.home))
    assert "too few" in CliRunner().invoke(patroliq, ["compact"]).output
    monkeypatch.setattr(compaction, "_period", lambda time, _now: f"{time:%Y}")
    said = CliRunner().invoke(patroliq, ["compact"])
    assert said.output == "incidents: 7 loads are in 1 new folders; 7 folders removed.\n"


def test_a_worker_compacts_every_hour_where_there_are_many_loads(
    loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    state = State(loaded)
    runs = Compactions(state, loaded, clock=lambda: now[0])
    assert runs.queue_due() is None
    now[0] += 4_000
    assert runs.queue_due() is None  # too few loads
    monkeypatch.setattr(packed_loads, "FEWEST", -20)
    now[0] += 4_000
    job = runs.queue_due()
    assert job is not None
    assert tuple(job.command) == ("compact",)
    state.close()
