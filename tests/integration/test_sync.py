"""`patroliq sync`: what arrives is published once, and nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from analytics.cli.sync import command
from analytics.diagnosis import diagnose
from analytics.errors import BusyError, InputError
from analytics.inbox.inbox import SET_ASIDE, Inbox, InboxFullError
from analytics.inbox.records import TOO_DEEP
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.beside_files import DELETED
from analytics.ingest.ids_as_stored import ids_of
from analytics.ingest.json_file import read_json
from analytics.ingest.merge import merge
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS, INCIDENTS
from analytics.sources.source import Source
from analytics.state import State
from analytics.sync import run as sync_run
from analytics.sync.deletion_stop import TooManyDeletedError
from analytics.sync.drop_folder import DropFolder
from analytics.sync.feed_state import FeedState
from analytics.sync.run import KindReport, sync
from tests import ROOT
from tests.integration import calls_town
from tests.integration.fed_town import UNDATED, FedTown, deletion, drop, lines_of, record


@pytest.fixture
def town(tmp_path: Path) -> FedTown:
    return FedTown(tmp_path, drop=tmp_path / "drop").begin()


def run(town: FedTown, **options: object) -> KindReport:
    (report,) = [one for one in sync(town.settings, **options) if one.kind == "incidents"]  # type: ignore[arg-type]
    return report


def test_what_arrives_is_published_in_one_snapshot_and_leaves_the_inbox(town: FedTown) -> None:
    before = len(Warehouse(town.settings.home).list())
    assert town.send(record("a"), record("b")).accepted == 2
    town.send(record("c"))
    drop(town, "more.jsonl", lines_of(record("d"), record("e")))
    report = run(town)
    assert report.all_errors == []
    assert set(town.served()) == {"first", *"abcde"}
    assert len(Warehouse(town.settings.home).list()) == before + 1
    assert not town.inbox.waiting()


def test_nothing_new_publishes_nothing(town: FedTown) -> None:
    town.send(record("a"))
    run(town)
    snapshot = Warehouse(town.settings.home).current_id()
    town.send(record("a"))  # the same once more
    assert run(town).ingest is not None
    assert run(town).ingest is None
    assert Warehouse(town.settings.home).current_id() == snapshot
    assert not town.inbox.waiting()


def test_a_request_that_is_repeated_is_kept_once(town: FedTown) -> None:
    first, again = town.send(record("a")), town.send(record("a"))
    assert (first.received, again.repeated) == (again.received, 1)
    assert len(town.inbox.waiting()) == 1


@pytest.mark.parametrize("text", [UNDATED, None], ids=["without updated", "with the same updated"])
def test_of_one_id_what_arrived_last_is_served(tmp_path: Path, text: str | None) -> None:
    town = FedTown(tmp_path, **({"text": text} if text else {})).begin()
    for kind in ("THEFT", "ROBBERY", "THEFT", "ARSON", "BATTERY"):
        town.send(record("a", kind))
    run(town)
    assert town.served()["a"] == "BATTERY"


def test_of_two_versions_the_newer_is_served_whichever_arrives_first(town: FedTown) -> None:
    town.send(record("a", "NEW", changed=9))
    town.send(record("a", "OLD", changed=2))
    run(town)
    assert town.served()["a"] == "NEW"


def test_records_may_lack_columns_and_use_other_names(town: FedTown) -> None:
    town.send({"NUMBER": 7, "when": "2026-01-02", "kind": "ARSON", "extra": [1]})
    assert run(town).all_errors == []
    assert town.served()["7"] == "ARSON"


def test_lines_that_are_no_records_are_kept_with_their_reason(town: FedTown) -> None:
    lines = [
        json.dumps(record("a")).encode(),
        b"[1, 2]",
        b'{"Number": "x", "When": NaN}',
        b"\xff",
        json.dumps({"When": "2026-01-02"}).encode(),
        json.dumps(record("long", "x" * 70_000)).encode(),
        json.dumps({"Number": "undated"}).encode(),
        json.dumps(record("half \ud800")).encode(),
    ]
    accepted = town.inbox.accept(town.source, lines)
    assert (accepted.accepted, accepted.quarantined) == (2, 6)
    assert [line for line, _ in accepted.reasons] == [2, 3, 4, 5, 6, 8]
    report = run(town)
    assert report.all_errors == []
    assert set(town.served()) == {"first", "a"}
    reasons = [reason for reason, _ in town.quarantine()]
    assert len(reasons) == 7
    assert "no date" in reasons
    assert any(raw == "[1, 2]" for _, raw in town.quarantine())
    assert not town.inbox.waiting()


@pytest.mark.parametrize("depth", [64, 965, 972, 974, 30_000])
def test_a_deeply_nested_record_is_refused_and_holds_up_nothing(town: FedTown, depth: int) -> None:
    text = json.dumps(record("deep", Kind="}{", Deep=1))
    deep = text.replace('"Deep": 1', f'"Deep": {"[" * depth}{"]" * depth}').encode()
    accepted = town.inbox.accept(town.source, [deep, json.dumps(record("a")).encode()])
    assert (accepted.accepted, accepted.reasons) == (1, ((1, TOO_DEEP),))
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "a"}
    assert [reason for reason, _ in town.quarantine()] == [TOO_DEEP]


def test_a_record_that_is_nested_a_little_is_served(town: FedTown) -> None:
    depth = 63
    text = json.dumps(record("a", Kind="}{", Deep=1))
    nested = text.replace('"Deep": 1', f'"Deep": {"[" * depth}{"]" * depth}').encode()
    assert town.inbox.accept(town.source, [nested]).accepted == 1
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "a"}


def test_a_request_on_disk_that_nests_too_deep_is_set_aside_as_damaged(town: FedTown) -> None:
    """As an earlier release received it."""
    town.send(record("a"), record("deep", Deep=1))
    (request,) = town.inbox.waiting()
    text = request.path.read_text(encoding="utf-8")
    depth = 30_000
    request.path.write_text(text.replace('"Deep": 1', f'"Deep": {"[" * depth}{"]" * depth}'))
    town.send(record("b"))
    (error,) = run(town).all_errors
    assert request.received in str(error)
    assert set(town.served()) == {"first", "b"}
    assert [one.received for one in town.inbox.aside()] == [request.received]


def test_a_deletion_leaves_the_next_snapshot_and_stays_in_the_quarantine(town: FedTown) -> None:
    town.send(record("a"), record("b"))
    run(town)
    earlier = Warehouse(town.settings.home).current()
    town.send(deletion("a"), deletion("unknown"))
    report = run(town)
    assert report.ingest is not None
    assert (report.ingest.deleted, report.ingest.published) == (1, True)
    assert set(town.served()) == {"first", "b"}
    ((reason, raw),) = town.quarantine()
    assert (reason, json.loads(raw)["id"]) == (DELETED, "a")
    assert earlier is not None
    assert earlier.database.exists()
    assert earlier.manifest.incidents == 3
    town.send(deletion("a"))
    again = run(town).ingest
    assert again is not None
    assert (again.deleted, again.published) == (0, False)


def test_a_record_that_comes_after_its_deletion_is_served(town: FedTown) -> None:
    town.send(record("a"))
    town.send(deletion("a"))
    town.send(record("a", "ARSON"))
    town.send(record("b"))
    town.send(deletion("b"))
    run(town)
    run(town)
    assert town.served() == {"first": "THEFT", "a": "ARSON"}
    assert not town.inbox.waiting()


@pytest.mark.parametrize("in_one_request", [True, False])
def test_a_record_that_is_deleted_and_sent_again_is_the_sent_one(
    town: FedTown, in_one_request: bool
) -> None:
    """Though the stored one, which the deletion meant, has a newer `updated`."""
    town.send(record("a", "STORED", changed=9))
    run(town)
    lines = [record("b"), deletion("a"), record("a", "SENT", changed=2), record("c")]
    if in_one_request:
        town.send(*lines)
    else:
        for line in lines:
            town.send(line)
    assert run(town).all_errors == []
    assert town.served() == {"first": "THEFT", "a": "SENT", "b": "THEFT", "c": "THEFT"}
    assert not town.inbox.waiting()


@pytest.mark.parametrize("first", [True, False])
def test_of_one_id_the_last_line_counts_after_a_deletion(town: FedTown, first: bool) -> None:
    if first:
        town.send(record("a", "STORED", changed=9))
        run(town)
    town.send(record("a", "EARLIER", changed=8), deletion("a"), record("a", "LATER", changed=3))
    town.send(record("a", "OLDER", changed=2), deletion("b"), record("b"), deletion("b"))
    report = run(town)
    assert report.all_errors == []
    assert town.served() == {"first": "THEFT", "a": "LATER"}
    assert town.quarantine() == []


def test_a_record_that_is_refused_after_its_deletion_leaves_it_deleted(town: FedTown) -> None:
    town.send(record("a"), record("b"))
    run(town)
    town.send(deletion("a"), {"Number": "a"}, deletion("b"), record("b"))
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "b"}
    assert sorted(reason for reason, _ in town.quarantine()) == [DELETED, "no date"]


@pytest.mark.parametrize("on_repeat", ["keep_all", "refuse"])
def test_a_record_replaces_its_deleted_one_however_repeats_are_treated(
    tmp_path: Path, on_repeat: str
) -> None:
    text = UNDATED.replace("[columns]", f'on_repeat = "{on_repeat}"\n[columns]')
    town = FedTown(tmp_path, text).begin(record("a", "STORED"), record("b"), record("c"))
    town.send(deletion("a"), record("a", "SENT"), deletion("b"), record("b"), deletion("c"))
    assert run(town).all_errors == []
    assert sorted(town.served().values()) == ["SENT", "THEFT"]
    assert [reason for reason, _ in town.quarantine()].count(DELETED) == (
        2 if on_repeat == "keep_all" else 1  # each version has an id of its own
    )


def test_many_deletions_of_what_is_sent_again_take_one_run(town: FedTown) -> None:
    lines = [line for n in range(2_000) for line in (deletion(f"Z{n}"), {"Number": f"Z{n}"})]
    town.send(*lines)
    town.send(record("a"))
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "a"}
    assert not town.inbox.waiting()


def test_deleted_ids_are_padded_as_those_of_records(tmp_path: Path) -> None:
    town = FedTown(tmp_path, UNDATED + "[padding]\nid = 4\n").begin()
    town.send(record(7))
    run(town)
    assert "0007" in town.served()
    town.send(deletion(7))
    run(town)
    assert "0007" not in town.served()


def test_ids_are_compared_as_they_are_stored(tmp_path: Path) -> None:
    town = FedTown(tmp_path, UNDATED + "[padding]\nid = 8\n").begin()
    town.send(deletion("00001003"))
    town.send(record(1003), record("0001004"))
    town.send(deletion(1004))
    run(town)
    run(town)
    assert set(town.served()) == {"000first", "00001003"}


def test_a_request_with_a_damaged_byte_is_set_aside_and_the_others_go_on(town: FedTown) -> None:
    town.send(record("a"))
    town.send(record("b"))
    newest = town.inbox.waiting()[-1]
    newest.path.write_bytes(newest.path.read_bytes().replace(b"THEFT", b"THE\xffT"))
    assert town.send(record("c")).repeated == 0
    (error,) = run(town).all_errors
    assert newest.received in str(error)
    assert set(town.served()) == {"first", "a", "c"}
    aside = town.inbox.folder / SET_ASIDE
    assert (aside / newest.path.name).exists()
    assert "damaged" in (aside / f"{newest.path.name}.message").read_text(encoding="utf-8")
    assert not town.inbox.waiting()


def poison(patch: pytest.MonkeyPatch, at: str, word: str) -> None:
    """Have records of a type fail in a way that nobody foresaw."""
    if at == "read":

        def read(connection: object, path: Path, *further: object) -> object:
            if word in path.read_text(encoding="utf-8"):
                raise RecursionError("maximum recursion depth exceeded")
            return read_json(connection, path, *further)  # type: ignore[arg-type]

        patch.setattr("analytics.ingest.read.read_json", read)
        return

    def merge_or_fail(connection: duckdb.DuckDBPyConnection, *further: object) -> object:
        values = {"word": word}
        if connection.execute("FROM incoming WHERE type LIKE $word", values).fetchall():
            raise duckdb.ConversionException("out of range")
        return merge(connection, *further)  # type: ignore[arg-type]

    patch.setattr("analytics.ingest.pipeline.merge", merge_or_fail)


@pytest.mark.parametrize("at", ["read", "merge"])
def test_a_request_that_cannot_be_loaded_holds_up_no_other(
    town: FedTown, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    poison(monkeypatch, at, "POISON")
    for id in "abcdefg":
        town.send(record(id, "POISON" if id in "cf" else "THEFT"))
    faulty = [town.inbox.names()[at] for at in (2, 5)]
    drop(town, "more.jsonl", lines_of(record("dropped")))
    (error,) = run(town).all_errors
    assert isinstance(error, InputError)
    assert faulty[0].split("-")[1].split(".")[0] in str(error)
    assert set(town.served()) == {"first", "dropped", "a", "b"}
    state = State(town.settings)
    assert "incidents inbox" in FeedState(state).failing(60)
    assert len(run(town).all_errors) == 1
    assert run(town).all_errors == []
    assert "incidents inbox" not in FeedState(state).failing(60)
    state.close()
    assert set(town.served()) == {"first", "dropped", *"abdeg"}
    assert [one.path.name for one in town.inbox.aside()] == faulty
    assert not town.inbox.waiting()


def test_a_faulty_request_that_came_first_is_set_aside_too(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, "read", "POISON")
    town.send(record("a", "POISON"))
    assert len(run(town).all_errors) == 1
    assert len(town.inbox.aside()) == 1
    town.send(record("b"))
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "b"}


def test_requests_are_not_set_aside_for_a_fault_that_is_not_theirs(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.send(record("a"))
    town.send(record("b"))
    with monkeypatch.context() as patch:
        poison(patch, "read", "")
        (error,) = run(town).all_errors
    assert "incidents inbox is left out" in str(error)
    assert not town.inbox.aside()
    assert run(town).all_errors == []
    assert set(town.served()) == {"first", "a", "b"}


def test_all_records_may_be_deleted(town: FedTown) -> None:
    town.send(deletion("first"))
    assert run(town).all_errors == []
    assert town.served() == {}


def test_a_request_that_deletes_many_records_waits_until_it_is_confirmed(town: FedTown) -> None:
    numbers = range(101)
    town.send(*map(record, numbers))
    run(town)
    town.send(record("b"))
    town.send(*map(deletion, numbers))
    drop(town, "more.jsonl", lines_of(record("d")))
    (error,) = run(town).all_errors
    assert isinstance(error, TooManyDeletedError)
    assert "101 of 102" in str(error)
    assert len(town.served()) == 103
    assert "d" in town.served()
    assert len(town.inbox.waiting()) == 2
    assert run(town, confirmed=True).all_errors == []
    assert set(town.served()) == {"first", "b", "d"}
    assert not town.inbox.waiting()


def test_deletions_of_a_day_count_together(town: FedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = range(400)
    town.send(*map(record, numbers))
    run(town)
    for some in (numbers[:50], numbers[50:100]):
        town.send(*map(deletion, some))
        assert run(town).all_errors == []
    for one in (record(0), deletion(100)):  # one that is back does not count
        town.send(one)
        assert run(town).all_errors == []
    town.send(deletion(101))
    (error,) = run(town).all_errors
    assert isinstance(error, TooManyDeletedError)
    assert "deletes 1 of 301" in str(error)
    assert "after 100 in the last 24 hours" in str(error)
    assert "101" in town.served()
    assert run(town, confirmed=True).all_errors == []
    town.send(*map(deletion, numbers[102:202]))  # counted from the confirmation on
    assert run(town).all_errors == []
    town.send(deletion(300))
    assert len(run(town).all_errors) == 1
    with monkeypatch.context() as patch:
        patch.setattr("analytics.sync.run.time", Later(86_500))
        assert run(town).all_errors == []
    assert "300" not in town.served()


class Later:
    """The clock of a run that looks so many seconds later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def time(self) -> float:
        return time.time() + self._seconds


@pytest.mark.parametrize("in_one_request", [True, False])
def test_records_in_between_do_not_part_what_is_deleted(
    town: FedTown, in_one_request: bool
) -> None:
    town.send(*map(record, range(300)))
    run(town)
    parts: list[list[dict[str, object]]] = []
    for first in (0, 100, 200):
        junk = [{"Number": first - 100}] if first else []
        parts.append([*junk, *map(deletion, range(first, first + 100))])
    whole = [line for part in parts for line in part]
    for some in [whole] if in_one_request else parts:
        town.send(*some)
        run(town)
    assert len(town.served()) == (301 if in_one_request else 201)
    assert town.inbox.waiting()


def test_junk_that_follows_a_deletion_does_not_pass_the_stop_and_a_record_does(
    town: FedTown,
) -> None:
    numbers = range(150)
    town.send(*map(record, numbers))
    run(town)
    town.send(*(line for n in numbers for line in (deletion(n), record(n, "AGAIN"))))
    assert run(town).all_errors == []
    assert list(town.served().values()).count("AGAIN") == 150
    town.send(*(line for n in numbers for line in (deletion(n), {"Number": n})))
    (error,) = run(town).all_errors
    assert isinstance(error, TooManyDeletedError)
    assert len(town.served()) == 151


def test_a_feed_that_fails_unexpectedly_is_reported_and_the_others_go_on(
    town: FedTown, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_folder: DropFolder) -> list[object]:
        raise UnicodeEncodeError("utf-8", "\udce4", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(DropFolder, "new_files", fail)
    town.send(record("a"))
    (error,) = run(town).all_errors
    assert str(error).startswith("incidents drop failed unexpectedly (UnicodeEncodeError)")
    assert "Traceback" in caplog.text
    assert "a" in town.served()
    (finding,) = [one for one in diagnose(town.settings, ROOT, {}) if one.name == "feeds"]
    assert "incidents drop failed unexpectedly" in finding.message


def test_a_feed_that_fails_after_publishing_does_not_keep_others_from_noting_it(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(town, "one.jsonl", lines_of(record("b")))
    town.send(record("a"))

    def fail(_inbox: Inbox, requests: list[object]) -> None:
        if requests:
            raise ValueError("full")

    with monkeypatch.context() as patch:
        patch.setattr("analytics.inbox.inbox.Inbox.remove", fail)
        report = run(town)
    assert report.ingest is not None
    assert ["incidents inbox failed" in str(one) for one in report.all_errors] == [True]
    assert set(town.served()) == {"first", "a", "b"}
    with closing(State(town.settings)) as state:
        assert town.settings.drop is not None
        assert DropFolder(state, town.settings.drop, INCIDENTS).new_files() == []


def test_the_doctor_says_what_could_not_be_loaded(town: FedTown) -> None:
    def found() -> tuple[str, str]:
        (finding,) = [one for one in diagnose(town.settings, ROOT, {}) if one.name == "feeds"]
        return finding.status, finding.message

    town.send(record("a"))
    run(town)
    assert found()[0] == "ok"
    drop(town, "bad.csv", "nothing,of,this\n1,2,3\n")
    run(town)
    run(town)
    status, message = found()
    assert status == "warning"
    assert "bad.csv" in message


def test_a_crash_after_publishing_loads_twice_without_a_change(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.send(record("a"), [1])
    drop(town, "one.jsonl", lines_of(record("b")))

    def crash(_inbox: Inbox, requests: list[object]) -> None:
        if requests:
            raise KeyboardInterrupt("killed")

    with monkeypatch.context() as patch:
        patch.setattr("analytics.inbox.inbox.Inbox.remove", crash)
        with pytest.raises(KeyboardInterrupt, match="killed"):
            run(town)
    served, refused = town.served(), town.quarantine()
    snapshot = Warehouse(town.settings.home).current_id()
    assert set(served) == {"first", "a", "b"}
    run(town)
    assert (town.served(), town.quarantine()) == (served, refused)
    assert Warehouse(town.settings.home).current_id() == snapshot
    assert not town.inbox.waiting()


def test_after_a_crash_nothing_older_replaces_what_came_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source without `updated`: what is loaded later wins, so nothing may be loaded again."""
    town = FedTown(tmp_path, UNDATED).begin()

    def crash_if_any(_inbox: Inbox, requests: list[object]) -> None:
        if requests:
            raise KeyboardInterrupt("killed")

    town.send(record("a", "OLD"))
    town.send(record("b", "OLD"))
    with monkeypatch.context() as patch:
        patch.setattr("analytics.inbox.inbox.Inbox.remove", crash_if_any)
        with pytest.raises(KeyboardInterrupt, match="killed"):
            run(town)
    assert len(town.inbox.waiting()) == 2
    town.begin(record("a", "NEW"))
    town.send(record("c"))
    run(town)
    assert (town.served()["a"], town.served()["b"], town.served()["c"]) == ("NEW", "OLD", "THEFT")
    town.send(record("b", "BETWEEN"))
    town.send(record("b", "OLD"))
    run(town)
    assert town.served()["b"] == "OLD"
    assert not town.inbox.waiting()


def test_two_runs_at_once_are_one(town: FedTown) -> None:
    with sync_run._alone(town.settings.home), pytest.raises(BusyError):
        run(town)


def test_a_run_takes_no_more_bytes_than_memory_has_room_for(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    for id in "abcde":
        town.send(record(id))
    size = town.inbox.waiting()[0].path.stat().st_size
    monkeypatch.setattr("analytics.sync.inbox_feed.MOST_BYTES", 2 * size)
    left = []
    while town.inbox.waiting():
        run(town)
        left.append(len(town.inbox.waiting()))
    assert left == [3, 1, 0]
    monkeypatch.setattr("analytics.sync.inbox_feed.MOST_BYTES", size - 1)
    town.send(record("f"))
    town.send(record("g"))
    run(town)
    assert len(town.inbox.waiting()) == 1
    assert set(town.served()) == {"first", *"abcdef"}


def test_the_newest_published_request_leaves_the_disk_last(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the snapshot names that one: whatever a loss of power leaves is known to be published."""
    for id in "abc":
        town.send(record(id))
    newest = town.inbox.names()[-1]
    on_disk: list[list[str]] = []
    monkeypatch.setattr(
        "analytics.inbox.inbox.sync_folder", lambda _folder: on_disk.append(town.inbox.names())
    )
    run(town)
    assert on_disk == [[newest], []]


def test_a_busy_warehouse_keeps_what_arrived(town: FedTown) -> None:
    town.send(record("a"))
    with Warehouse(town.settings.home).lock():
        (error,) = run(town).all_errors
    assert isinstance(error, BusyError)
    assert town.inbox.waiting()
    run(town)
    assert "a" in town.served()


def test_a_request_of_another_source_waits(town: FedTown) -> None:
    other = FedTown(town.folder / "other", UNDATED.replace('"town"', '"village"'))
    town.inbox.accept(other.source, [json.dumps(record("v")).encode()])
    town.send(record("a"))
    (error,) = run(town).all_errors
    assert "village" in str(error)
    assert set(town.served()) == {"first", "a"}
    assert [one.source for one in town.inbox.waiting()] == ["village"]


def test_the_first_records_ever_come_by_the_inbox(tmp_path: Path) -> None:
    town = FedTown(tmp_path)
    town.send(record("a"))
    run(town)
    assert set(town.served()) == {"a"}


def test_a_first_load_without_a_usable_record_keeps_the_request(tmp_path: Path) -> None:
    town = FedTown(tmp_path)
    town.send({"Number": "undated"})
    assert run(town, confirmed=True).all_errors
    assert town.inbox.waiting()


def test_a_full_disk_acknowledges_nothing(town: FedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.inbox.inbox.KEPT_FREE_BYTES", 1 << 60)
    with pytest.raises(InboxFullError):
        town.send(record("a"))
    assert not town.inbox.waiting()


def test_without_a_source_there_is_nothing_to_load(tmp_path: Path) -> None:
    assert sync(Settings(home=tmp_path / "home")) == []


def test_the_command_says_what_was_loaded(town: FedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(town.settings.home))
    monkeypatch.setenv("PATROLIQ_SYNC_SOURCES", str(town.path))
    town.send(record("a"))
    done = CliRunner().invoke(command, ["--json"])
    assert done.exit_code == 0, done.output
    kind = next(one for one in json.loads(done.stdout)["kinds"] if one["kind"] == "incidents")
    assert (kind["new"], kind["published"]) == (1, True)
    assert "nothing new" in CliRunner().invoke(command, []).stdout


def test_calls_arrive_beside_the_incidents(town: FedTown) -> None:
    path = town.folder / "calls.toml"
    path.write_text(calls_town.TOWN, encoding="utf-8")
    settings = replace(town.settings, sync_sources=(str(town.path), str(path)))
    source = Source.load(path, CALLS)
    one = {
        "id": "c1", "received": "2024-03-04 10:00:00", "updated": "2024-03-04 12:00:00",
        "type": "ALARM", "priority": "1", "result": "REP", "beat": "A1", "agency": "Police",
    }  # fmt: skip
    inbox = Inbox(settings.home, CALLS)
    inbox.accept(source, [json.dumps({**one, "id": id}).encode() for id in ("c1", "c2", "c3")])
    town.send(record("a"))
    assert [error for one in sync(settings, confirmed=True) for error in one.all_errors] == []
    assert calls(settings) == {"c1", "c2", "c3"}
    inbox.accept(source, [json.dumps(deletion("c2")).encode()])
    drop(town, "calls/more.jsonl", lines_of({**one, "id": "c4"}))
    assert [error for one in sync(settings) for error in one.all_errors] == []
    assert calls(settings) == {"c1", "c3", "c4"}
    assert set(town.served()) == {"first", "a"}


def calls(settings: Settings) -> set[str]:
    snapshot = Warehouse(settings.home / CALLS.home).current()
    assert snapshot is not None
    return ids_of(snapshot)
