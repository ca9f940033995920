"""A retracted incident is in no file that PatrolIQ keeps, and cannot come back."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner

from analytics.access.reader import reading
from analytics.audit import Audit
from analytics.cli import patroliq
from analytics.errors import BusyError, InputError, IntegrityError
from analytics.inbox.inbox import Inbox
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.beside_files import DELETED
from analytics.retraction.retract import retract
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source import Source
from analytics.state import State
from analytics.sync.run import sync
from tests.integration.fed_town import TOWN, FedTown, deletion, record
from tests.integration.scoped_town import CASES, COLUMNS, TownRow, load_town, town

SEALED = 7
REASON = "Sealed by court order"


def rows() -> list[TownRow]:
    """A town in which one incident has a block of its own."""
    found = town(150)
    found[SEALED] = replace(found[SEALED], block="099XX N HIDDEN ALY", type="THEFT", district=1)
    return found


@pytest.fixture
def home(settings: Settings) -> Settings:
    load_town(settings, rows()[:140])
    load_town(settings, rows())
    return settings


def marks() -> tuple[str, ...]:
    sealed = rows()[SEALED]
    return (sealed.id, sealed.case_number, "HIDDEN ALY", "HIDDEN+ALY", str(sealed.lat))


def traces(home: Path) -> list[str]:
    """Files with a trace of the incident: in their bytes, or in what they hold compressed."""
    found = []
    for path in sorted(home.rglob("*")):
        if not path.is_file():
            continue
        texts = [path.read_bytes()]
        if path.suffix == ".parquet":
            texts.append(str(pl.read_parquet(path).rows()).encode())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
                texts += [
                    str(connection.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
                    for table in tables
                ]
        if any(mark.encode() in text for mark in marks() for text in texts):
            found.append(path.relative_to(home).as_posix())
    return found


def test_nothing_of_it_is_left_in_the_home_folder(home: Settings) -> None:
    services = Services(home)
    with reading(CASES[1].reader):
        scoped = services.pin()
    assert scoped is not None
    assert (home.home / "scoped" / scoped.id).exists()
    before = services.pin()
    assert before is not None
    assert len(traces(home.home)) >= 5
    done = retract([rows()[SEALED].id], REASON, home)
    assert (done.requested, done.found, done.snapshots) == (1, 1, 2)
    assert traces(home.home) == []
    after = services.pin()
    assert after is not None
    assert after.id == done.served != before.id
    assert after.snapshot.manifest.incidents == before.snapshot.manifest.incidents - 1
    assert not [
        name
        for one in Warehouse(home.home).list()
        for name in Warehouse(home.home).get(one.id).changed()
    ]
    with reading(CASES[1].reader):
        again = services.pin()
    assert again is not None
    assert again.reader.frame("SELECT count(*) FROM incidents").item() == (
        scoped.reader.frame("SELECT count(*) FROM incidents").item() - 1
    )


def test_the_rest_is_as_if_it_had_never_been_there(settings: Settings, tmp_path: Path) -> None:
    load_town(settings, rows())
    retract([rows()[SEALED].id], REASON, settings)
    other = Settings(home=tmp_path / "other")
    load_town(other, [row for row in rows() if row.number != SEALED])
    statement = "SELECT * EXCLUDE (row_hash) FROM incidents"
    found, expected = Services(settings).pin(), Services(other).pin()
    assert found is not None
    assert expected is not None
    assert found.reader.frame(statement).rows() == expected.reader.frame(statement).rows()
    codes = sorted(path.name for path in (found.snapshot.path / "codes").iterdir())
    for name in codes:
        ours, theirs = (one.snapshot.path / "codes" / name for one in (found, expected))
        assert ours.read_bytes() == theirs.read_bytes(), name


def test_it_cannot_come_back(home: Settings) -> None:
    sealed = rows()[SEALED]
    retract([sealed.id], REASON, home)
    load_town(home, [*rows(), replace(rows()[3], number=900)])
    assert traces(home.home) == []
    pinned = Services(home).pin()
    assert pinned is not None
    ids = set(pinned.reader.frame("SELECT id FROM incidents")["id"])
    assert "Q900Z" in ids
    assert sealed.id not in ids


def test_an_incident_that_is_not_there_yet_is_kept_out(home: Settings) -> None:
    done = retract(["Q900Z"], REASON, home)
    assert (done.found, done.snapshots) == (0, 0)
    load_town(home, [replace(rows()[3], number=900), replace(rows()[3], number=901)])
    pinned = Services(home).pin()
    assert pinned is not None
    ids = set(pinned.reader.frame("SELECT id FROM incidents")["id"])
    assert "Q901Z" in ids
    assert "Q900Z" not in ids


def send(home: Settings, source: Source, *records: dict[str, object]) -> None:
    Inbox(home.home, INCIDENTS).accept(source, [json.dumps(one).encode() for one in records])


def row_of(row: TownRow) -> dict[str, object]:
    return dict(zip(COLUMNS, row.cells(), strict=True))


def test_requests_that_wait_or_were_set_aside_lose_it(home: Settings) -> None:
    source, inbox = Source.load("chicago"), Inbox(home.home, INCIDENTS)
    sealed, other = rows()[SEALED], rows()[8]
    unreadable = {"note": f"see {sealed.case_number}", "ID": ""}
    send(home, source, row_of(sealed), row_of(other), unreadable)
    send(home, source, {"ID": sealed.id, "deleted": True})
    damaged = row_of(sealed) | {"Block": "100XX N HIDDEN ALY"}
    send(home, source, damaged, row_of(other))
    newest = inbox.waiting()[-1]
    newest.path.write_bytes(newest.path.read_bytes().replace(b"100XX", b"\xff"))
    inbox.set_aside([newest], "It is damaged.")
    done = retract([sealed.id], REASON, home)
    assert done.raw_rows >= 4
    assert traces(home.home) == []
    (waiting,) = inbox.waiting()
    assert [one.id for one in waiting.sent()] == [other.id]
    (aside,) = inbox.aside()
    assert [one.id for one in aside.sent()] == [other.id]


def test_a_request_of_a_record_without_an_id_loses_it_by_its_content(tmp_path: Path) -> None:
    town = FedTown(tmp_path, TOWN.replace('name = "town"', 'name = "town"\nmissing_id = "content"'))
    first = {**record("", "ARSON"), "Number": None}
    town.begin(first, record("other"))
    (sealed,) = set(town.served()) - {"other"}
    town.send(first, record("b"))
    retract([sealed], REASON, town.settings)
    (waiting,) = town.inbox.waiting()
    assert [one.id for one in waiting.sent()] == ["b"]


@pytest.mark.parametrize("id", ["HQ-100", "x7"])
def test_an_incident_that_its_source_deleted_leaves_the_quarantine(tmp_path: Path, id: str) -> None:
    town = FedTown(tmp_path, TOWN + 'block = "Street"\n').begin(
        record("other"), record(id, Street="099XX N HIDDEN ALY")
    )
    town.send(deletion(id))
    assert [error for one in sync(town.settings) for error in one.all_errors] == []
    warehouse = Warehouse(town.settings.home)
    for one in warehouse.list()[1:]:
        warehouse.remove(one.id)
    ((reason, raw),) = town.quarantine()
    assert reason == DELETED
    assert id in raw
    done = retract([id], REASON, town.settings)
    assert (done.found, done.snapshots) == (0, 1)
    assert town.quarantine() == []
    assert set(town.served()) == {"other"}
    assert traces(town.settings.home) == []


def test_lines_of_other_rows_stay(home: Settings) -> None:
    from analytics.incident_record.record import find_record
    from analytics.incident_record.source_row import SourceRow

    services = Services(home)
    pinned = services.pin()
    assert pinned is not None
    before = find_record(services, pinned, "Q20Z").source_row
    retract([rows()[SEALED].id], REASON, home)
    pinned = services.pin()
    assert pinned is not None
    after = find_record(services, pinned, "Q20Z").source_row
    assert isinstance(before, SourceRow)
    assert isinstance(after, SourceRow)
    assert (after.line, after.values) == (before.line, before.values)


def test_the_log_keeps_that_it_happened_and_not_what(home: Settings) -> None:
    retract([rows()[SEALED].id, "Q11Z"], REASON, home)
    state = State(home)
    entry = [one for one in Audit(state, home).entries() if one.event == "incidents.retracted"][-1]
    assert entry.reason == REASON
    assert json.loads(json.dumps(entry.details))["requested"] == 2
    assert rows()[SEALED].id not in str(entry)


def test_texts_of_people_lose_it(home: Settings) -> None:
    sealed = rows()[SEALED]
    state = State(home)
    with state.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO selections (hash, text, created, used) VALUES "
            "('a', 'block=099XX+N+HIDDEN+ALY&type=THEFT', '2024-01-01', '2024-01-01')"
        )
        connection.exec_driver_sql(
            "INSERT INTO zone_edits "
            "(model, version, zone, action, name, polygon, reason, person, at) VALUES "
            f"('m', 1, '1', 'rename', 'Near {sealed.block}', '', 'See {sealed.case_number}.', "
            "'a', '2024')"
        )
    state.close()
    retract([sealed.id], REASON, home)
    assert traces(home.home) == []
    with sqlite3.connect(home.home / "state.db") as connection:
        assert connection.execute("SELECT count(*) FROM selections").fetchone() == (0,)
        found = connection.execute("SELECT name, reason FROM zone_edits").fetchone()
    assert found == ("Near [retracted]", "See [retracted].")


def test_artifacts_lose_its_place_and_match_their_checksums(home: Settings) -> None:
    from analytics.artifacts.bundle import Bundle, write_bundle

    sealed, other = rows()[SEALED], rows()[8]
    fields = {
        "name": "zones_kmeans", "run_id": "r", "snapshot": "s", "selection": "", "source": "town",
        "crs_local": "EPSG:32616", "code_version": "1", "trained": "2024", "person": "a",
        "parameters": {}, "rule": {}, "metrics": {}, "version": 1,
    }  # fmt: skip
    labels = pl.DataFrame(
        {"lat": [sealed.lat, other.lat], "lon": [sealed.lon, other.lon], "label": [0, 1]}
    )
    zones = pl.DataFrame({"label": [0], "name": [sealed.block]})
    ring = [
        [sealed.lon, sealed.lat],
        [-87.6, 41.8],
        [-87.6, 41.9],
        [-87.7, 41.9],
        [sealed.lon, sealed.lat],
    ]
    outlines = {"type": "FeatureCollection", "features": [{"geometry": {"coordinates": [ring]}}]}
    folder = home.home / "models" / "zones_kmeans" / "1"
    write_bundle(folder, fields, {"labels": labels, "zones": zones}, outlines)
    patterns = home.home / "models" / "patterns_pca" / "1"
    write_bundle(patterns, {**fields, "name": "patterns_pca"}, {"sample": zones}, None)
    done = retract([sealed.id], REASON, home)
    assert done.train_again == ("patterns_pca 1",)
    assert not patterns.exists()
    assert traces(home.home) == []
    found = Bundle.load(folder)
    assert found.table("labels")["lat"].to_list() == [other.lat]
    assert found.table("zones")["name"].to_list() == ["[retracted]"]


KILLED = """
import os, signal, sys
from pathlib import Path
import analytics.retraction.{module} as module
from analytics.retraction import retract
from analytics.settings import Settings

done = retract.{name}

def kill(*arguments, **options):
    if {after}:
        done(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

retract.{name} = kill
retract.retract(["Q7Z"], "Sealed", Settings(home=Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("module", "name", "after"),
    [
        ("artifacts", "clean_artifacts", False),
        ("texts", "clean_state", True),
        ("snapshots", "publish_without", True),
        ("snapshots", "replace_without", True),
    ],
)
def test_a_kill_in_the_middle_is_made_good(
    home: Settings, module: str, name: str, after: bool
) -> None:
    script = KILLED.format(module=module, name=name, after=after)
    died = subprocess.run([sys.executable, "-c", script, str(home.home)], check=False)
    assert died.returncode == -signal.SIGKILL
    pinned = Services(home).pin()
    assert pinned is not None  # something is served at any moment
    with pytest.raises(BusyError):
        load_town(home, rows())
    (home.home / "town.csv").unlink()
    assert RetractedIds(home.home).is_pending
    retract([], REASON, home)
    assert traces(home.home) == []
    assert not RetractedIds(home.home).is_pending


def test_a_snapshot_of_an_earlier_schema_goes_too(home: Settings) -> None:
    older = Warehouse(home.home).list()[-1]
    path = home.home / "snapshots" / older.id
    replace(older, schema_version=1).write(path / "manifest.json")
    retract(["Q7Z"], REASON, home)
    assert not path.exists()
    assert traces(home.home) == []


def test_nothing_is_changed_while_a_snapshot_cannot_be_searched(home: Settings) -> None:
    older = Warehouse(home.home).list()[-1]
    (home.home / "snapshots" / older.id / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(IntegrityError):
        retract(["Q7Z"], REASON, home)
    assert not RetractedIds(home.home).is_pending


def test_there_must_be_ids_and_a_reason(home: Settings) -> None:
    with pytest.raises(InputError):
        retract([], REASON, home)
    with pytest.raises(InputError):
        retract(["Q1Z"], " ", home)
    assert RetractedIds(home.home).hashes == []


def test_the_command_reads_a_file(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    (tmp_path / "ids.txt").write_text("Q7Z\n\nQ8Z\n", encoding="utf-8")
    arguments = ["retract", "--file", str(tmp_path / "ids.txt"), "--reason", REASON, "--json"]
    answer = CliRunner().invoke(patroliq, arguments, standalone_mode=False)
    assert answer.exception is None
    assert json.loads(answer.stdout)["found"] == 2
    assert traces(home.home) == []
