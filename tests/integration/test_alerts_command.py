"""`patroliq alerts` on the small city, and who queues its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from analytics.alerts.check import check_lists, run_check
from analytics.alerts.checked_data import CheckedData
from analytics.alerts.finding import Trouble
from analytics.alerts.stored_alerts import StoredAlerts
from analytics.alerts.watch_lists import WatchList, WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.cli import patroliq
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.overview.anomalies import anomalies
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.edits import ZoneEdits
from jobs.alert_checks import AGAIN_S, COMMAND, AlertChecks
from jobs.due_commands import LOOK_S, RETRY_S
from jobs.queue import Queue

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)


@pytest.fixture
def home(city_of_8000: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (city_of_8000 / name).unlink(missing_ok=True)
    for path in city_of_8000.glob("state*"):
        path.unlink()
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    return city_of_8000


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def pinned(settings: Settings) -> Pinned:
    pinned = Services(settings).pin()
    assert pinned is not None
    return pinned


@pytest.fixture
def data(pinned: Pinned, settings: Settings, state: State) -> CheckedData:
    return CheckedData(
        pinned.reader, pinned.crossfilter, pinned.vocabulary, pinned.targets,
        ZoneEdits(state, settings), settings.home, NOW,
    )  # fmt: skip


def run(*words: str) -> Any:
    done = CliRunner().invoke(patroliq, ["alerts", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def listed(name: str, kind: str, selection: str = "", **given: Any) -> WatchList:
    rule = WatchRule.of(kind, given)
    return WatchList(1, name, "ana", True, "", rule, selection, NOW.isoformat())


def test_a_check_fires_what_the_overview_lists_and_nothing_twice(
    data: CheckedData, pinned: Pinned, home: Path
) -> None:
    made = run("check")
    assert run("check")["fired"] == 0
    manifest = pinned.snapshot.manifest
    assert manifest.covered is not None
    assert data.last is not None
    week = anomalies(
        pinned.reader, EVERYTHING, EMPTY, "district",
        first=manifest.covered[0], last=data.last, country="US",
    )  # fmt: skip
    assert made["lists"][0]["tested"] == week.tested
    fired = [one for one in run("list")["alerts"] if one["rule"] == "change"]
    assert {(one["count"], one["p"]) for one in fired} == {
        (one.incidents, one.p) for one in week.found
    }


def test_the_selection_of_an_alert_has_its_incidents(data: CheckedData, pinned: Pinned) -> None:
    rules = [
        listed("Change", "change", table=True, direction="both", days=28),
        listed("Count", "threshold", "type=THEFT", days=30, at_least=1),
        listed("Spots", "new_hot_spot"),
    ]
    found = check_lists(data, rules)
    findings = [one for each in found.values() for one in each.findings]
    assert findings
    for one in findings:
        chosen = Selection.parse(one.selection)
        total = pinned.crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
        assert int(total["incidents"].sum()) == one.count


def test_one_count_fires_on_the_side_it_looks_at(data: CheckedData) -> None:
    found = {
        direction: check_lists(data, [listed("x", "change", direction=direction)]).popitem()[1]
        for direction in ("more", "fewer", "both")
    }
    assert all(one.tested == 1 and one.by_chance == 0.1 for one in found.values())
    p = {name: one.findings[0].p for name, one in found.items() if one.findings}
    assert not {"more", "fewer"} <= p.keys()


def test_a_threshold_is_reached_or_not(data: CheckedData, home: Path) -> None:
    assert data.last is not None
    snapshot = data.reader.snapshot
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM incidents WHERE type = 'THEFT' "
            "AND operational_day BETWEEN $last::DATE - 6 AND $last",
            {"last": data.last},
        ).fetchone() or (0,)
    assert count > 0
    for given, fires in (
        ({"at_least": count}, True), ({"at_least": count + 1}, False),
        ({"at_most": count}, True), ({"at_most": count - 1}, False),
    ):  # fmt: skip
        one = check_lists(data, [listed("x", "threshold", "type=THEFT", **given)]).popitem()[1]
        assert [each.count for each in one.findings] == [count] * fires


def test_a_list_that_cannot_be_read_says_so_and_the_others_are_checked(data: CheckedData) -> None:
    lists = [listed("gone", "change", "hour=99"), listed("zones", "hot_spot")]
    found = [one.trouble for one in check_lists(data, lists).values()]
    assert found == [Trouble.NOT_READ, Trouble.NO_ZONES]


def test_the_feed_is_stale_once_its_newest_incident_is_too_old(
    data: CheckedData, settings: Settings, state: State
) -> None:
    WatchLists(state, settings).add_bundled()
    lists = [one for one in WatchLists(state, settings).all() if one.bundled == "stale_feed"]
    last = data.manifest.last_day
    assert last is not None

    def stale(now: datetime) -> bool:
        late = CheckedData(**{**vars(data), "now": now})
        return bool(check_lists(late, lists).popitem()[1].findings)

    loaded = datetime.fromisoformat(data.manifest.batches[-1].ingested_at)
    assert not stale(loaded)
    assert stale(loaded + timedelta(days=60))


def test_people_watch_and_work_by_commands(home: Path) -> None:
    made = run(
        "watch", "add", "Thefts", "--rule", "threshold", "--selection", "type=THEFT",
        "--at-least", "1",
    )  # fmt: skip
    assert made["parameters"] == {"days": 7, "at_least": 1}
    run("check")
    (alert,) = run("list", "--watch-list", str(made["id"]))["alerts"]
    run("set", str(alert["id"]), "--state", "closed", "--note", "known")
    shown = run("show", str(alert["id"]))
    assert (shown["state"], shown["events"][-1]["note"]) == ("closed", "known")
    assert run("watch", "mute", str(made["id"]), "--until", "2030-01-01")["muted_until"]
    ended = run("watch", "end", str(made["id"]))["ended"]
    assert ended
    assert run("list", "--state", "closed")["alerts"][0]["id"] == alert["id"]
    done = CliRunner().invoke(patroliq, ["alerts", "list"], catch_exceptions=False)
    assert "Thefts" in done.stdout


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


def test_the_worker_queues_a_check_once_for_each_snapshot_and_once_a_day(
    data: CheckedData, settings: Settings, state: State
) -> None:
    clock, queue = Clock(), Queue(state, Clock())
    checks = AlertChecks(state, settings, clock)

    def due() -> bool:
        clock.now += LOOK_S + 1
        found = [AlertChecks(state, settings, clock).queue_due() for _ in range(2)]
        return found[0] is not None and found[1] is None

    job = checks.queue_due()
    assert job is not None
    assert job.command == COMMAND
    assert checks.queue_due() is None  # within the minute
    assert not due()  # it waits
    taken = queue.take("w")
    assert taken is not None
    queue.finish(taken, "failed", exit_code=1)
    assert not due()  # it failed just now
    clock.now += RETRY_S
    assert due()
    taken = queue.take("w")
    assert taken is not None
    late = CheckedData(**{**vars(data), "now": datetime.fromtimestamp(clock.now, UTC)})
    run_check(state, settings, late)
    queue.finish(taken, "done", exit_code=0)
    assert not due()
    clock.now += AGAIN_S
    assert due()
    assert StoredAlerts(state, settings).last_check() is not None


def test_nothing_is_queued_without_data(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    state = State(settings)
    assert AlertChecks(state, settings).queue_due() is None
    assert Queue(state).latest() == []
    state.close()
