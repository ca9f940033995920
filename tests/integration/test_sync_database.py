"""A database as a feed: no row is lost at the watermark, and none is loaded again and again."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analytics.errors import InputError, UnavailableError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.beside_files import DELETED
from analytics.sources.record_kinds import INCIDENTS
from analytics.state import State
from analytics.sync.deadline import within
from analytics.sync.deletion_stop import TooManyDeletedError
from analytics.sync.feed_state import FeedState, reconciliation
from analytics.sync.reconcile import TooManyVanishedError
from analytics.sync.run import KindReport, sync
from analytics.sync.watermarks import as_json, earlier, from_json, is_plausible, newest
from tests.integration.fed_town import TOWN, FedTown, record

QUERY = 'SELECT "Number", "When", "Offense", "place.lat", "place.lon", "Changed", gone FROM log '
SYNC = f"""
[sync]
database = "TOWN_DATABASE"
query = '{QUERY}WHERE "Changed" >= :watermark'
watermark = "Changed"
start = "2026-01-01"
ids = 'SELECT "Number" FROM log'
"""
TABLE = """CREATE TABLE log ("Number" INTEGER, "When" TEXT, "Offense" TEXT, "place.lat" REAL,
"place.lon" REAL, "Changed" TEXT, gone INTEGER DEFAULT 0)"""


class Records:
    """The town's database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write(TABLE)

    def write(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute(statement, values)
        connection.close()

    def add(self, number: int, changed: str, kind: str = "THEFT") -> None:
        place = (41.88, -87.63)
        self.write(
            "INSERT INTO log VALUES (?, '2026-01-02 10:00', ?, ?, ?, ?, 0)",
            number, kind, *place, changed,
        )  # fmt: skip


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    path = tmp_path / "records.db"
    monkeypatch.setenv("TOWN_DATABASE", f"sqlite:///{path}")
    return Records(path)


@pytest.fixture
def town(tmp_path: Path, records: Records) -> FedTown:
    return FedTown(tmp_path / "town", TOWN + SYNC)


def run(town: FedTown, *, confirmed: bool = True, **options: bool) -> KindReport:
    reports = sync(town.settings, confirmed=confirmed, **options)
    (report,) = [one for one in reports if one.kind == "incidents"]
    return report


def test_rows_with_the_watermark_of_the_last_one_are_not_lost(
    town: FedTown, records: Records
) -> None:
    records.add(1, "2026-01-03 10:00:00")
    records.add(2, "2026-01-03 10:00:01")
    assert run(town).all_errors == []
    records.add(3, "2026-01-03 10:00:01")
    assert run(town).all_errors == []
    assert set(town.served()) == {"1", "2", "3"}


def test_a_run_without_new_rows_loads_nothing(town: FedTown, records: Records) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    snapshot = Warehouse(town.settings.home).current_id()
    run(town)
    assert run(town).ingest is None
    assert Warehouse(town.settings.home).current_id() == snapshot


def test_the_watermark_moves_only_after_publishing(town: FedTown, records: Records) -> None:
    records.add(1, "2026-01-03 10:00:00")
    town.settings.home.mkdir(parents=True)
    with Warehouse(town.settings.home).lock():
        assert run(town).all_errors
    records.add(2, "2026-01-04 10:00:00")
    assert run(town).all_errors == []
    assert set(town.served()) == {"1", "2"}


def test_a_row_from_the_future_does_not_hide_later_ones(town: FedTown, records: Records) -> None:
    records.add(1, "2099-01-01 00:00:00")
    records.add(2, "2026-01-03 10:00:00")
    run(town)
    records.add(3, "2026-01-03 11:00:00")
    run(town)
    assert set(town.served()) == {"1", "2", "3"}


def test_a_corrected_row_replaces_the_earlier_one(town: FedTown, records: Records) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    records.write("""UPDATE log SET "Offense" = 'ARSON', "Changed" = '2026-01-03 10:00:09'""")
    run(town)
    assert town.served() == {"1": "ARSON"}


def test_a_column_or_a_list_of_ids_tells_deletions(tmp_path: Path, records: Records) -> None:
    told = 'deleted = "gone"\ndeleted_ids = "SELECT id FROM removed WHERE at >= :watermark"\n'
    town = FedTown(tmp_path / "told", TOWN + SYNC + told)
    records.write("CREATE TABLE removed (id INTEGER, at TEXT)")
    for number in (1, 2, 3):
        records.add(number, "2026-01-03 10:00:00")
    run(town)
    records.write("""UPDATE log SET gone = 1, "Changed" = '2026-01-04' WHERE "Number" = 1""")
    records.write('DELETE FROM log WHERE "Number" = 2')
    records.write("INSERT INTO removed VALUES (2, '2026-01-04'), (3, '2026-01-04')")
    report = run(town)
    assert report.ingest is not None
    assert report.ingest.deleted == 2
    assert set(town.served()) == {"3"}  # which is there again


def test_ids_of_deleted_records_are_compared_as_they_are_stored(
    tmp_path: Path, records: Records
) -> None:
    told = 'deleted_ids = "SELECT id FROM removed WHERE at >= :watermark"\n'
    town = FedTown(tmp_path / "told", TOWN + "[padding]\nid = 4\n" + SYNC + told)
    records.write("CREATE TABLE removed (id TEXT, at TEXT)")
    records.add(7, "2026-01-03 10:00:00")
    records.add(8, "2026-01-03 10:00:00")
    records.write("INSERT INTO removed VALUES ('0007', '2026-01-03'), ('9', '2026-01-03')")
    run(town)
    assert set(town.served()) == {"0007", "0008"}


def test_a_database_that_fails_keeps_its_message_and_the_inbox_goes_on(
    town: FedTown, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    monkeypatch.setenv("TOWN_DATABASE", "sqlite:////nowhere/at/all.db")
    town.send(record("sent"))
    (error,) = run(town).all_errors
    assert isinstance(error, UnavailableError)
    assert set(town.served()) == {"1", "sent"}


def test_a_database_can_be_asked_alone(town: FedTown, records: Records) -> None:
    records.add(1, "2026-01-03 10:00:00")
    town.send(record("sent"))
    assert run(town, asked_only=True).all_errors == []
    assert set(town.served()) == {"1"}
    run(town)
    assert set(town.served()) == {"1", "sent"}


def test_a_watermark_may_be_a_number_with_a_fraction(tmp_path: Path, records: Records) -> None:
    asked = SYNC.replace('start = "2026-01-01"', "start = 0").replace('"Changed" >=', "age >=")
    asked = asked.replace(", gone FROM", ", gone, age FROM").replace('= "Changed"', '= "age"')
    town = FedTown(tmp_path / "aged", TOWN + asked)
    records.write("ALTER TABLE log ADD COLUMN age REAL DEFAULT 1.5")
    for number in (1, 2):
        records.write(
            'INSERT INTO log ("Number", "When", "Offense", age) VALUES (?, ?, ?, ?)',
            number, "2026-01-02 10:00", "THEFT", number + 0.5,
        )  # fmt: skip
        assert run(town).all_errors == []
    assert set(town.served()) == {"1", "2"}


def test_a_query_that_lacks_columns_leaves_the_inbox_alone_and_its_rows_unread(
    town: FedTown, records: Records
) -> None:
    whole = town.path.read_text(encoding="utf-8")
    records.add(1, "2026-01-03 10:00:00")
    town.send(record("first"))
    town.path.write_text(whole.replace('"When", "Offense", ', ""), encoding="utf-8")
    (error,) = run(town).all_errors
    assert "incidents database of town is left out" in str(error)
    assert set(town.served()) == {"first"}
    assert not town.inbox.waiting()
    state = State(town.settings)
    assert FeedState(state).get("incidents database of town").watermark is None
    state.close()
    town.path.write_text(whole, encoding="utf-8")
    assert run(town).all_errors == []
    assert set(town.served()) == {"1", "first"}


def test_a_database_that_deletes_many_records_is_stopped_until_it_is_confirmed(
    tmp_path: Path, records: Records
) -> None:
    town = FedTown(tmp_path / "told", TOWN + SYNC + 'deleted = "gone"\n')
    for number in range(150):
        records.add(number, "2026-01-03 10:00:00")
    run(town)
    records.write("""UPDATE log SET gone = 1, "Changed" = '2026-01-04' WHERE "Number" >= 20""")
    town.send(record("sent"))
    (error,) = run(town, confirmed=False).all_errors
    assert isinstance(error, TooManyDeletedError)
    assert "130 of 150" in str(error)
    assert len(town.served()) == 151
    assert run(town, confirmed=True).all_errors == []
    assert len(town.served()) == 21


def test_a_query_without_the_watermark_column_is_refused(tmp_path: Path, records: Records) -> None:
    town = FedTown(tmp_path / "other", TOWN + SYNC.replace('= "Changed"', '= "at"', 1))
    records.add(1, "2026-01-03 10:00:00")
    (error,) = run(town).all_errors
    assert isinstance(error, InputError)
    assert "'at'" in str(error)


def test_a_password_is_in_no_message(
    town: FedTown, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOWN_DATABASE", "postgresql+psycopg://me:hunter22@127.0.0.1:1/none")
    (error,) = run(town).all_errors
    assert isinstance(error, UnavailableError)
    assert "hunter22" not in str(error)


def test_an_address_that_is_not_set_is_named(
    town: FedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOWN_DATABASE")
    (error,) = run(town).all_errors
    assert "TOWN_DATABASE" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (">=", ">", "query"),
        (">= :watermark", ">= :watermark AND :watermark < 1", "query"),
        (">= :watermark", ">= 1", "query"),
        ("SELECT", "DELETE", "query"),
        ("TOWN_DATABASE", "postgresql://me:secret@host/db", "database"),
        ('start = "2026-01-01"\n', "", "start"),
        ('start = "2026-01-01"', "start = 1.5", "start"),
        ("watermark =", "watermarks =", "watermarks"),
    ],
)
def test_a_table_that_would_lose_rows_or_keep_secrets_is_refused(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    with pytest.raises(InputError, match=rf"sync\.{key}:"):
        FedTown(tmp_path, TOWN + SYNC.replace(old, new, 1))


def test_a_system_that_never_answers_is_given_up() -> None:
    with pytest.raises(UnavailableError):
        within(0.05, "town", threading.Event().wait)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 2, 3, tzinfo=UTC),
        datetime(2026, 1, 2).date(),
        7,
        7.25,
        Decimal("7.25"),
        "a",
        b"\x01",
    ],
)
def test_a_watermark_keeps_its_type(value: object) -> None:
    kept = from_json(json.loads(json.dumps(as_json(value))))
    assert (type(kept), kept) == (type(value), value)
    assert earlier(value, 0) == value


def test_times_are_read_again_from_five_minutes_before() -> None:
    now = datetime(2026, 1, 2, 3)
    assert earlier(now, None) == now - timedelta(minutes=5)


NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("before", "value", "moves"),
    [
        (datetime(2026, 1, 1), datetime(2026, 1, 10), True),
        (datetime(2026, 1, 1), datetime(2026, 1, 13), False),
        (datetime(2026, 1, 1).date(), datetime(2026, 1, 13).date(), False),
        ("2026-01-01", "2026-01-02 10:00:00", True),
        ("2026-01-01", "2026-01-02 10:00:00 +01:00", True),
        ("2026/01/01", "2026/01/02", True),
        ("2026/01/01", "2999/01/01", False),
        ("2026-01-01", "2999-01-01 10:00:00 CET", False),
        ("2026-01-01", "unknown", False),
        (datetime(2026, 1, 1), "unknown", False),
        ("", "unknown", True),
        ("A1", "A2", True),
        ("20260131", "20260132", True),
        (0, 7, True),
        (0, 5 * SECONDS, True),
        (SECONDS - 9, SECONDS, True),
        (SECONDS - 9, 2 * SECONDS, False),
        (Decimal(SECONDS - 9), Decimal(2 * SECONDS), False),
        (1_000 * (SECONDS - 9), 1_000 * SECONDS, True),
        (1_000 * (SECONDS - 9), 2_000 * SECONDS, False),
        (0.0, float("inf"), False),
        (0.0, float("nan"), False),
        (Decimal(1), Decimal("NaN"), False),
        (Decimal(1), Decimal("sNaN"), False),
        (b"\x01", b"\x02", True),
    ],
)
def test_only_a_value_like_the_others_and_not_of_the_future_moves_the_watermark(
    before: object, value: object, moves: bool
) -> None:
    assert is_plausible(value, before, NOW) == moves


def test_values_that_cannot_be_compared_are_refused() -> None:
    for found in (Decimal("NaN"), "text"):
        with pytest.raises(InputError, match="Column at holds"):
            newest(Decimal(1), found, "at")


def test_a_text_that_is_no_time_hides_nothing_and_is_told_until_it_is_corrected(
    town: FedTown, records: Records
) -> None:
    records.add(1, "2026-01-03 10:00:00")
    records.add(2, "unknown")
    (error,) = run(town).all_errors
    assert "Column Changed has values that do not move the watermark (1)" in str(error)
    assert "'unknown'" in str(error)
    records.add(3, "2026-01-04 10:00:00")
    assert len(run(town).all_errors) == 1
    assert set(town.served()) == {"1", "2", "3"}
    with closing(State(town.settings)) as state:
        assert FeedState(state).failing(60) == ("incidents database of town",)
        assert "unknown" in str(FeedState(state).troubles())
        records.write("""UPDATE log SET "Changed" = '2026-01-04' WHERE "Number" = 2""")
        assert run(town).all_errors == []
        assert FeedState(state).failing(60) == ()


def test_a_watermark_that_an_earlier_version_spoiled_starts_again(
    town: FedTown, records: Records
) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    name = "incidents database of town"
    with closing(State(town.settings)) as state:
        spoiled = {"column": "Changed", "value": as_json("unknown")}
        served = Warehouse(town.settings.home).current()
        FeedState(state).published(name, spoiled, "", served)
        records.add(2, "2026-01-04 10:00:00")
        assert run(town).all_errors == []
        assert FeedState(state).get(name).watermark["value"] == {"text": "2026-01-04 10:00:00"}
    assert set(town.served()) == {"1", "2"}


def test_what_the_source_no_longer_lists_leaves_the_next_snapshot(
    town: FedTown, records: Records
) -> None:
    for number in range(1, 6):
        records.add(number, "2026-01-03 10:00:00")
    run(town)
    records.write('DELETE FROM log WHERE "Number" IN (2, 4)')
    records.add(6, "2026-01-03 12:00:00")
    assert run(town).ingest is not None
    assert len(town.served()) == 6
    report = run(town, reconciles=True, confirmed=False)
    assert report.all_errors == []
    assert report.ingest is not None
    assert report.ingest.deleted == 2
    assert set(town.served()) == {"1", "3", "5", "6"}
    assert [reason for reason, _ in town.quarantine()] == [DELETED] * 2
    assert run(town, reconciles=True).ingest is None


def test_a_list_that_lacks_too_many_deletes_nothing_until_it_is_confirmed(
    town: FedTown, records: Records
) -> None:
    for number in range(150):
        records.add(number, "2026-01-03 10:00:00")
    run(town)
    records.write('DELETE FROM log WHERE "Number" >= 20')
    (error,) = run(town, reconciles=True, confirmed=False).all_errors
    assert isinstance(error, TooManyVanishedError)
    assert len(town.served()) == 150
    state = State(town.settings)
    assert "130" in FeedState(state).get(reconciliation(INCIDENTS)).message
    state.close()
    assert run(town, reconciles=True, confirmed=True).all_errors == []
    assert len(town.served()) == 20


def test_a_list_that_cannot_be_read_deletes_nothing(town: FedTown, records: Records) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    town.path.write_text(TOWN + SYNC.replace("FROM log'", "FROM nowhere'"), encoding="utf-8")
    assert run(town, reconciles=True).all_errors
    assert set(town.served()) == {"1"}


def test_after_an_earlier_snapshot_is_served_again_nothing_is_missing(
    town: FedTown, records: Records
) -> None:
    records.add(1, "2026-01-03 10:00:00")
    run(town)
    warehouse = Warehouse(town.settings.home)
    first = warehouse.current_id()
    records.add(2, "2026-01-10 10:00:00")
    run(town)
    records.add(3, "2026-01-20 10:00:00")
    run(town)
    assert first is not None
    warehouse.point_to(first)
    assert set(town.served()) == {"1"}
    run(town)
    assert set(town.served()) == {"1", "2", "3"}
