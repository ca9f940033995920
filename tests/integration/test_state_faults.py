"""The state database locked, full, deleted or replaced: words, nothing done, pages readable."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from analytics import audit as audit_module
from analytics import state as state_module
from analytics.areas.outlines import add_outlines
from analytics.audit import Audit
from analytics.cli import main
from analytics.demo.build import build_demo
from analytics.errors import BusyError, PatrolIQError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State, StateBusyError, StateFullError
from analytics.state_file import StateLostError
from analytics.training.promote import Promotion
from app import create_app
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.selection import respond_to
from jobs.queue import NOBODY_AFTER_S, Queue, no_worker_runs
from jobs.worker import Worker
from tests.integration.damage import MODEL, TOWN, build_warehouse, incidents
from tests.integration.small_snapshot import publish_small

SLOW = (sys.executable, str(Path(__file__).with_name("slow_command.py")))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(audit_module, "PATIENCE_S", 0.3)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Another program holds the state database."""
    with closing(sqlite3.connect(home / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def entries(settings: Settings) -> list[tuple[str, str]]:
    with closing(State(settings)) as state:
        return [(one.event, one.subject) for one in Audit(state, settings).entries()]


def made(settings: Settings) -> Settings:
    """With a state database, and nothing in it."""
    with closing(State(settings)) as state:
        assert state.engine
    return settings


def ingest_demo(settings: Settings) -> Any:
    return build_demo(settings, 500, 1, date(2026, 10, 31), lambda _what, _share: None)


def test_with_the_state_locked_for_a_whole_ingest_nothing_is_published(
    settings: Settings,
) -> None:
    made(settings)
    with locked(settings.home), pytest.raises(StateBusyError):
        ingest_demo(settings)
    assert Warehouse(settings.home).current_id() is None
    ingest_demo(settings)
    current = Warehouse(settings.home).current_id()
    assert ("snapshot.published", current) in entries(settings)


def test_a_publication_that_fails_after_its_entry_is_on_record_as_failed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> Snapshot:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Warehouse, "publish", full)
    with pytest.raises(PatrolIQError):
        ingest_demo(settings)
    (published, failed) = entries(settings)
    assert published[0] == "snapshot.published"
    assert failed == ("act.failed", published[1])


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str) -> int:
    """The exit code of a command, run in this process."""
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["patroliq", *arguments])
    monkeypatch.setattr("analytics.private.set_umask", lambda: None)
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a champion whose queue does not answer."""

    def busy(*_arguments: object) -> None:
        raise StateBusyError("The state database is locked.")

    home = build_warehouse(tmp_path)
    monkeypatch.setattr(Queue, "add", busy)
    return home


def test_an_ingest_whose_check_cannot_be_queued_is_reported_as_done(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "town.toml").write_text(TOWN)
    more, toml = str(incidents(tmp_path / "more.csv", 40)), str(tmp_path / "town.toml")
    assert run(monkeypatch, town, "ingest", more, "--source", toml, "--json") == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["published"]
    assert report["incidents"] == 60
    assert report["snapshot"] == Warehouse(town).current_id()
    assert "check was not queued" in told.err
    assert "is locked" in told.err


@pytest.mark.parametrize("act", [["promote", MODEL, "2"], ["rollback", MODEL]])
def test_a_promotion_whose_check_cannot_be_queued_is_reported_as_done(
    town: Path,
    act: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = Promotion(MODEL, 2, 1, "better", "20261128")
    monkeypatch.setattr(f"analytics.training.promote.{act[0]}", lambda *_arguments: done)
    assert run(monkeypatch, town, "models", *act, "--reason", "better", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["version"] == 2
    assert "check was not queued" in told.err


def test_a_rollback_that_cannot_be_recorded_is_not_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = publish_small(settings.home), publish_small(settings.home)
    made(settings)
    with locked(settings.home):
        assert run(monkeypatch, settings.home, "snapshots", "rollback", first.id) == 3
    assert Warehouse(settings.home).current_id() == second.id
    assert run(monkeypatch, settings.home, "snapshots", "rollback", first.id) == 0
    assert Warehouse(settings.home).current_id() == first.id
    assert entries(settings)[-1] == ("snapshot.rolled_back", first.id)


def test_outlines_that_cannot_be_recorded_are_not_kept(settings: Settings, tmp_path: Path) -> None:
    made(settings)
    file = tmp_path / "district.geojson"
    file.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"d":"1"},'
        '"geometry":{"type":"Polygon","coordinates":[[[-87.7,41.8],[-87.6,41.8],[-87.6,41.9],'
        "[-87.7,41.8]]]}}]}"
    )

    def on_record(event: str, subject: str, details: Any) -> Any:
        return audit_module.recorded(settings, event, subject, details=details)

    with locked(settings.home), pytest.raises(BusyError):
        add_outlines(settings.home, "district", file, "d", on_record=on_record)
    assert not list((settings.home / "outlines").glob("*"))
    add_outlines(settings.home, "district", file, "d", on_record=on_record)
    assert entries(settings) == [("outlines.added", "district")]


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(settings)
    prepare = state_module._prepare_sqlite

    def full(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(state_module, "_prepare_sqlite", full)
    long = "--selection=type=" + "A" * 1_400
    codes = {
        run(monkeypatch, settings.home, "jobs", "add", "train", f"m{n}", long) for n in range(40)
    }
    told = capsys.readouterr().err
    assert codes == {0, 1}
    assert "Is the disk full?" in told
    assert "Traceback" not in told
    monkeypatch.setattr(state_module, "_prepare_sqlite", prepare)
    with closing(State(settings)) as state:
        assert all(job.status == "waiting" for job in Queue(state).latest())
        Queue(state).add(["train"])


def test_any_command_says_that_the_disk_is_full(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr(State, "_connect", full)
    assert run(monkeypatch, settings.home, "jobs", "add", "train") == 1
    told = capsys.readouterr().err
    assert "the disk is full (somewhere)" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_state_database_that_is_gone_refuses_changes_and_is_not_made_again(
    settings: Settings, how: str
) -> None:
    state = State(settings)
    queue = Queue(state)
    queue.add(["train", "a"])
    kept = (settings.home / "state.db").rename(settings.home / "elsewhere")
    if how == "replaced":
        (settings.home / "state.db").write_bytes(kept.read_bytes())
    with pytest.raises(StateLostError, match=how):
        queue.add(["train", "b"])
    with pytest.raises(StateLostError, match=how):
        Audit(state, settings).record("any", "thing")
    assert (settings.home / "state.db").exists() == (how == "replaced")
    state.close()


def test_a_command_does_not_begin_an_empty_one_where_there_was_one(settings: Settings) -> None:
    made(settings)
    for path in settings.home.glob("state.db*"):
        path.unlink()
    with pytest.raises(StateLostError, match="missing"):
        Queue(State(settings)).latest()
    assert not (settings.home / "state.db").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.page.key))
def test_every_page_stays_readable_without_the_state_database(
    settings: Settings, page: Any
) -> None:
    publish_small(settings.home)
    services = Services(made(settings))
    gesture = {"n": 1, "action": "open", "text": "type=THEFT", "page": {}}
    whole = respond_to(services, page, gesture, SelectionState())
    (settings.home / "state.db").unlink()
    shown = respond_to(services, page, gesture, SelectionState())
    assert shown["sentence"] == whole["sentence"]
    assert set(shown) == set(whole)
    assert "was deleted" in str(shown["notice"])
    assert "was deleted" not in str(whole["notice"])


def test_an_act_on_a_page_is_refused_in_words(settings: Settings) -> None:
    publish_small(settings.home)
    services = Services(made(settings))
    (settings.home / "state.db").unlink()
    models = next(page for page in PAGES if page.page.key == "models")
    act = {"n": 1, "action": "act", "name": "train", "values": {"model": "zones_kmeans"}}
    shown = respond_to(services, models, act, SelectionState())
    assert "was deleted" in str(shown["notice"])
    assert not (settings.home / "state.db").exists()


def test_ready_says_that_nothing_can_be_saved(settings: Settings) -> None:
    publish_small(settings.home)
    client = create_app(made(settings)).server.test_client()
    assert client.get("/ready").json["status"] == "ready"  # type: ignore[index]
    (settings.home / "state.db").unlink()
    answer = client.get("/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")  # type: ignore[index]
    assert "was deleted" in answer.json["reason"]  # type: ignore[index]
    assert client.get("/export/view.csv").status_code == 503  # nothing leaves unrecorded


def test_a_lock_does_not_end_the_worker_nor_lose_its_job(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_COMMAND_RUNS", str(tmp_path / "runs"))
    made(settings)
    state = State(settings)
    queue = Queue(state)
    worker = Worker(settings, program=SLOW)
    thread = threading.Thread(target=worker.run)
    with locked(settings.home):
        thread.start()
        time.sleep(1.0)  # longer than it waits for the lock, so that taking a job fails
        assert thread.is_alive()
    job = queue.add(["train", "fast"])
    while queue.get(job.id).status != "running":
        time.sleep(0.01)
    with locked(settings.home):
        time.sleep(1.0)  # and so do renewing and finishing
    deadline = time.monotonic() + 60
    while not queue.get(job.id).is_finished:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker.stop()
    thread.join(60)
    assert queue.get(job.id).status == "done"
    assert queue.get(job.id).attempts == 1
    state.close()


def test_a_job_over_its_limits_is_stopped_and_says_why(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_COMMAND_RUNS", str(tmp_path / "runs"))
    for limits, said in (
        ({"job_memory_limit": "1MB"}, "PATROLIQ_JOB_MEMORY_LIMIT"),
        ({"job_timeout_s": 1}, "PATROLIQ_JOB_TIMEOUT_S"),
    ):
        limited = replace(settings, **limits)
        with closing(State(limited)) as state:
            job = Queue(state).add(["train", "slow"])
            Worker(limited, program=SLOW).run(once=True)
            found = Queue(state).get(job.id)
        assert found.status == "failed"
        assert said in str(found.error)


def test_a_job_whose_lease_has_expired_is_shown_as_interrupted(settings: Settings) -> None:
    with closing(State(settings)) as state:
        queue = Queue(state)
        now = time.time()
        waiting = queue.add(["train", "a"])
        assert not no_worker_runs([waiting], now)
        assert no_worker_runs([waiting], now + NOBODY_AFTER_S + 1)
        job = queue.take("worker", lease_s=30)
    assert job
    assert (job.shown_status(now), job.shown_status(now + 60)) == ("running", "interrupted")
    assert not no_worker_runs([job, waiting], now + 20)
    assert no_worker_runs([job], now + 60)


def test_reading_goes_on_while_another_writes(settings: Settings) -> None:
    with closing(State(settings)) as state:
        Queue(state).add(["train"])
        with locked(settings.home):
            assert len(Queue(state).latest()) == 1
            with pytest.raises(StateBusyError):
                Queue(state).add(["train", "b"])


def test_a_damaged_state_database_is_named(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "state.db").write_bytes(b"not a database" * 1_000)
    with pytest.raises(PatrolIQError, match="is damaged"):
        Queue(State(settings)).latest()


def test_errors_of_the_program_are_not_hidden(settings: Settings) -> None:
    with (
        closing(State(settings)) as state,
        state.engine.begin() as connection,
        pytest.raises(sa.exc.OperationalError),
    ):
        connection.execute(sa.text("SELECT nonsense"))
    assert StateFullError.exit_code == 1


def test_ready_says_that_the_audit_log_was_cut(settings: Settings) -> None:
    publish_small(settings.home)
    client = create_app(made(settings)).server.test_client()
    audit_module.record(settings, "event", "one")
    assert client.get("/ready").json["status"] == "ready"  # type: ignore[index]
    with closing(sqlite3.connect(settings.home / "state.db", isolation_level=None)) as other:
        other.execute("DROP TRIGGER audit_no_delete")
        other.execute("DELETE FROM audit")
    answer = client.get("/ready").json
    assert answer["status"] == "degraded"  # type: ignore[index]
    assert "its anchor notes entry 1" in answer["reason"]  # type: ignore[index]


def test_the_doctor_names_a_log_that_was_cut(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit_module.record(settings, "event", "one")
    run(monkeypatch, settings.home, "doctor")
    assert "1 entries; the chain is intact" in capsys.readouterr().out
    (settings.home / "audit.anchor").unlink()
    assert run(monkeypatch, settings.home, "doctor") == 4
    assert "audit.anchor, is missing" in capsys.readouterr().out
