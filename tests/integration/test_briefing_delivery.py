"""Scheduled briefings: delivered once for each due time, whatever happens between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from analytics.audit import Audit
from analytics.briefing.document import BriefingDocument
from analytics.briefing.files import FileFormat
from analytics.briefing_delivery import DONE, BriefingDeliveries, BriefingDelivery
from analytics.briefing_store import (
    BEGUN_KEEPS,
    KEPT_OF_SCHEDULE,
    BriefingStore,
    cited_by_briefings,
)
from analytics.cli import patroliq
from analytics.errors import InputError, UnavailableError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import briefing_deliveries
from jobs.rhythm import Rhythm
from jobs.schedules import Schedules

DUE = "2026-11-30T06:00Z"


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.home.mkdir(parents=True, exist_ok=True)
    with closing(State(settings)) as state:
        yield state


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "analytics.briefing_delivery.send_mail", lambda _settings, **mail: sent.append(mail)
    )
    return sent


def draft(snapshot: str | None) -> tuple[str, BriefingDocument]:
    dated = "2026-11-29T00:00:00"
    made = snapshot or "s1"
    return made, BriefingDocument("Week", "", "kim", dated, (f"of {made}",), (), made, ())


def delivery(**given: Any) -> BriefingDelivery:
    values: dict[str, Any] = {"to_folder": True, **given}
    return BriefingDelivery("Monday briefing", DUE, FileFormat.HTML, **values)


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.home / "briefings").iterdir())


def test_a_due_time_is_delivered_once(
    state: State, settings: Settings, mails: list[dict[str, Any]]
) -> None:
    deliveries = BriefingDeliveries(state, settings)
    asked = delivery(to_mail=("chief@example.gov",))
    record, is_new = deliveries.deliver(asked, draft)
    assert (record.state, is_new) == (DONE, True)
    content = (settings.home / "briefings" / record.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record.sha256
    (settings.home / "briefings" / record.file).unlink()  # somebody took it away
    again, is_new = deliveries.deliver(asked, draft)
    assert (again.file, is_new) == (record.file, False)
    assert files(settings) == []
    assert len(mails) == 1
    assert mails[0]["attachments"][0].content == content
    events = [one.event for one in Audit(state, settings).entries()]
    assert events.count("briefing.delivered") == 1
    other = BriefingDelivery(
        "Monday briefing", "2026-12-07T06:00Z", FileFormat.HTML, to_folder=True
    )
    assert deliveries.deliver(other, draft)[1]
    assert len(deliveries.all()) == 2


@pytest.mark.parametrize("stage", ["replacing", "send_mail", "_finish"])
def test_what_dies_in_the_middle_is_finished_with_the_same_content(
    state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Dying is an error that nothing catches; processes are killed in tests/faults."""
    sent: list[str] = []

    def dies(*_given: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    def sends(_settings: Settings, **mail: Any) -> None:
        sent.append(mail["message_id"])

    monkeypatch.setattr("analytics.briefing_delivery.send_mail", sends)
    asked = delivery(to_mail=("chief@example.gov",))
    with monkeypatch.context() as dying:
        target = BriefingDeliveries if stage == "_finish" else "analytics.briefing_delivery"
        if target is BriefingDeliveries:
            dying.setattr(BriefingDeliveries, "_finish", dies)
        else:
            dying.setattr(f"{target}.{stage}", dies)
        with pytest.raises(KeyboardInterrupt):
            BriefingDeliveries(state, settings).deliver(asked, draft)
    folder = settings.home / "briefings"
    folder.mkdir(exist_ok=True)
    (folder / f"{asked.file}.0a1b2c3d").write_text("half")
    record, is_new = BriefingDeliveries(state, settings).deliver(
        asked, lambda snapshot: draft(snapshot or "s2")
    )
    assert is_new
    assert record.snapshot == "s1"  # the one that was planned, though s2 is served by now
    assert files(settings) == [asked.file]
    assert set(sent) == {asked.message_id}
    assert [one.state for one in BriefingDeliveries(state, settings).all()] == [DONE]


def test_mail_that_cannot_be_sent_now_is_tried_again(
    state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: Any, **_named: Any) -> None:
        raise UnavailableError("No answer.")

    monkeypatch.setattr("analytics.briefing_delivery.send_mail", refuses)
    asked = delivery(to_folder=False, to_mail=("chief@example.gov",))
    with pytest.raises(UnavailableError):
        BriefingDeliveries(state, settings).deliver(asked, draft)
    monkeypatch.setattr("analytics.briefing_delivery.send_mail", lambda *_a, **_b: None)
    assert BriefingDeliveries(state, settings).deliver(asked, draft)[1]
    assert not (settings.home / "briefings").exists()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 61, "-a", "a\n"])
def test_names_that_would_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        BriefingDelivery(name, DUE, FileFormat.PDF, to_folder=True)
    with pytest.raises(InputError, match="where"):
        BriefingDelivery("Monday", DUE, FileFormat.PDF)


def test_schedules_are_added_listed_run_and_removed(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    monkeypatch.setenv("PATROLIQ_BRIEFINGS_FOLDER", str(tmp_path / "out"))

    def run(*words: str) -> Any:
        done = CliRunner().invoke(patroliq, ["briefing", *words, "--json"])
        assert done.exit_code == 0, done.output + str(done.exception)
        return json.loads(done.stdout)

    add = ("schedule", "add", "Monday briefing", "--template", "weekly", "--every", "monday")
    made = run(*add, "--at", "06:00", "--to-folder", "--selection", "type=THEFT")
    assert (made["every"], made["timezone"]) == ("monday 06:00", "UTC")
    assert run("schedule", "list")["schedules"] == [made]
    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        now = datetime.fromisoformat(made["next_due"]).astimezone(UTC).timestamp() + 60
        jobs = Schedules(state, lambda: now).queue_due()
    assert [job.command[:2] for job in jobs] == [("briefing", "deliver")]
    first, second = (run(*jobs[0].command[1:]) for _ in range(2))
    assert (first["new"], second["new"]) == (True, False)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == first["file"]
    assert file.read_bytes().startswith(b"%PDF")
    assert run("schedule", "remove", "Monday briefing") == {"removed": "Monday briefing"}
    assert run("schedule", "list") == {"schedules": []}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--every", "monday", "--at", "06:00"), "where"),
        (("--every", "never", "--at", "06:00", "--to-folder"), "rhythm"),
        (("--every", "monday", "--at", "06:00", "--to-mail", "a b"), "argument|valid"),
        (("--every", "monday", "--at", "06:00", "--to-folder", "--selection", "hour=99"), "hour"),
    ],
)
def test_schedules_that_could_never_run_are_refused(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    add = ["briefing", "schedule", "add", "Odd", "--template", "weekly", *words]
    done = CliRunner().invoke(patroliq, add)
    assert done.exit_code != 0
    with closing(State(Settings.from_environment())) as state:
        assert not [one for one in Schedules(state).all() if one.name == "Odd"]
        assert Rhythm.parse("daily 06:00", "UTC")


def test_what_a_schedule_delivers_is_kept_and_older_ones_go_with_their_data(
    state: State, settings: Settings
) -> None:
    store, deliveries = BriefingStore(state, settings), BriefingDeliveries(state, settings)

    def keep(connection: sa.Connection, document: BriefingDocument, snapshot: str) -> None:
        store.keep_delivered(connection, "Monday briefing", document, {}, snapshot)

    def on(day: int) -> BriefingDelivery:
        return replace(delivery(), due=f"2026-11-{day:02d}T06:00Z")

    deliveries.deliver(on(1), lambda _: draft("s1"), keep)
    deliveries.deliver(on(1), lambda _: draft("s0"), keep)  # delivered before
    (first,) = store.all()
    assert (first.schedule, first.snapshot, first.version) == ("Monday briefing", "s1", 1)
    store.save(first, replace(first.document, title="Read aloud"), "Texts edited")
    for day in range(2, KEPT_OF_SCHEDULE + 4):
        deliveries.deliver(on(day), lambda _, day=day: draft(f"s{day}"), keep)
    kept = {f"s{day}" for day in range(4, KEPT_OF_SCHEDULE + 4)}
    assert {one.snapshot for one in store.all()} == kept | {"s1"}  # somebody changed that one
    assert cited_by_briefings(settings) == kept | {"s1"}
    assert [one.snapshot for one in BriefingStore(state, settings, "some").all()] == []


def test_the_data_of_a_delivery_that_is_under_way_is_kept_for_a_month(
    state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: Any, **_named: Any) -> None:
        raise UnavailableError("No answer.")

    monkeypatch.setattr("analytics.briefing_delivery.send_mail", refuses)
    with pytest.raises(UnavailableError):
        BriefingDeliveries(state, settings).deliver(delivery(to_mail=("a@example.gov",)), draft)
    assert cited_by_briefings(settings) == {"s1"}
    for days, cited in ((-1, {"s1"}), (1, set())):
        begun = datetime.now(UTC) - BEGUN_KEEPS - timedelta(days=days)
        with state.engine.begin() as connection:
            connection.execute(sa.update(briefing_deliveries).values(at=begun.isoformat()))
        assert cited_by_briefings(settings) == cited
