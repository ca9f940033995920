"""Accesses are recorded in order, merged where they are floods, and counted where they are lost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from analytics import access_log as access_log_module
from analytics import state as state_module
from analytics.access_log import IN_FORCE, LOST, REFUSED, AccessLog, merged
from analytics.access_notes import NewEntry, Origin, begin_request, note
from analytics.audit import Audit, AuditEntry
from analytics.settings import Settings
from analytics.state import State, StateBusyError


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as state:
        yield state


@pytest.fixture
def log(state: State, settings: Settings) -> Iterator[AccessLog]:
    log = AccessLog(lambda: state, settings)
    yield log
    log.close()


def entries(state: State, settings: Settings) -> list[AuditEntry]:
    return [*Audit(state, settings).entries()]


def test_what_is_recorded_soon_keeps_its_time_and_its_order(
    log: AccessLog, state: State, settings: Settings
) -> None:
    for number in range(700):
        log.record_soon(NewEntry("page.viewed", str(number), happened=f"2026-01-01T{number:04d}"))
    log.flush()
    found = entries(state, settings)
    assert [entry.subject for entry in found] == [str(number) for number in range(700)]
    assert found[5].happened == "2026-01-01T0005"
    assert Audit(state, settings).verify().entries == 700


def test_what_is_recorded_at_once_is_anchored_soon(
    log: AccessLog, state: State, settings: Settings
) -> None:
    log.record(NewEntry("file.exported", "/export", outcome="done", address="10.0.0.1"))
    (entry,) = entries(state, settings)
    assert (entry.outcome, entry.address) == ("done", "10.0.0.1")
    log.flush()
    assert (settings.home / "audit.anchor").read_text().splitlines()[-1].startswith("1 ")


def test_entries_of_several_threads_are_all_there(
    log: AccessLog, state: State, settings: Settings
) -> None:
    def write(name: str) -> None:
        for number in range(50):
            log.record_soon(NewEntry("page.viewed", f"{name} {number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.flush()
    assert len({entry.subject for entry in entries(state, settings)}) == 200


def test_texts_that_no_database_takes_are_recorded_all_the_same(
    log: AccessLog, state: State, settings: Settings
) -> None:
    log.record_soon(NewEntry("search.asked", "\ud800 \x00", details={"\ud800": [float("nan")]}))
    log.flush()
    (entry,) = entries(state, settings)
    assert entry.subject == "\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"
    assert list(entry.details.values()) == [["nan"]]


def test_a_flood_of_equal_refusals_is_one_entry_with_a_number() -> None:
    refusal = NewEntry(REFUSED, "GET /x", details={"query": "a"}, outcome="429", address="a")
    other = replace(refusal, address="b")
    view = NewEntry("page.viewed", "explore")
    found = merged([refusal, view, refusal, other, view, refusal])
    assert [(one.event, one.address, one.details.get("times")) for one in found] == [
        (REFUSED, "a", 3),
        ("page.viewed", "", None),
        (REFUSED, "b", None),
        ("page.viewed", "", None),
    ]


def test_a_full_queue_counts_what_it_lost(
    log: AccessLog, state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log_module, "MOST_WAITING", 3)
    log.record_soon(*[NewEntry("page.viewed", str(number)) for number in range(5)])
    log.flush()
    found = entries(state, settings)
    assert [entry.subject for entry in found] == ["0", "1", "2", "log"]
    assert (found[-1].event, found[-1].details) == (LOST, {"entries": 2})


def test_a_locked_database_is_said_and_what_waits_is_recorded_later(
    log: AccessLog, state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(access_log_module, "RETRIES_S", 0.05)
    monkeypatch.setattr(access_log_module, "ENDS_WITHIN_S", 0.5)
    assert state.engine
    with closing(sqlite3.connect(settings.home / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateBusyError):
            log.record(NewEntry("file.exported", "/export"))
        log.record_soon(NewEntry("page.viewed", "explore"))
        log.flush()
        assert "not recorded" in log.trouble
        other.execute("ROLLBACK")
    monkeypatch.setattr(access_log_module, "ENDS_WITHIN_S", 30)
    log.flush()
    assert log.trouble == ""
    assert [entry.event for entry in entries(state, settings)] == ["page.viewed"]


def test_closing_records_what_waits(log: AccessLog, state: State, settings: Settings) -> None:
    log.record_soon(NewEntry("page.viewed", "explore"))
    log.close()
    assert len(entries(state, settings)) == 1


def test_settings_are_recorded_when_they_changed(
    log: AccessLog, state: State, settings: Settings
) -> None:
    changed = replace(settings, locale="en_US", **{"fetch_token": "hidden"})
    for own in (settings, settings, changed):
        started = AccessLog(lambda: state, own)
        started.tell_settings()
        started.record_soon(NewEntry("page.viewed", "explore"))
        started.close()
    first, _, _, second, _ = entries(state, settings)
    assert first.event == second.event == IN_FORCE
    assert second.details["locale"] == "en_US"
    assert "fetch_token" not in second.details
    assert "hidden" not in str(second)


def test_nothing_is_noted_outside_of_a_request() -> None:
    origin = Origin("10.0.0.1", "id")
    note("page.viewed", "before")
    begin_request(origin)
    note("page.viewed", "during", snapshot="s", own=None)
    begin_request(None)
    note("page.viewed", "after")
    assert [(one.subject, one.details) for one in origin.notes] == [("during", {"snapshot": "s"})]


def test_what_a_request_changes_has_its_address(state: State, settings: Settings) -> None:
    begin_request(Origin("10.0.0.1", "id"))
    Audit(state, settings).record("zone.rename", "x")
    begin_request(None)
    Audit(state, settings).record("zone.rename", "y")
    assert [entry.address for entry in entries(state, settings)] == ["10.0.0.1", ""]
