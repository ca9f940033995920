"""Alerts in the database: once each, brought up to date, told within the day's number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.access.reader import Reader, reading
from analytics.access.roles import Role
from analytics.alerts.finding import AlertFinding, ListFindings, Subject
from analytics.alerts.stored_alerts import (
    NEW_KEEPS,
    AlertCheck,
    AlertState,
    StoredAlerts,
    cited_by_alerts,
)
from analytics.alerts.watch_lists import BUNDLED, MOST_OF_ONE, Standing, WatchList, WatchLists
from analytics.alerts.watch_rules import RuleKind, WatchRule
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.settings import Settings
from analytics.state import State
from analytics.statistics.tiers import Tier

LAST = date(2026, 11, 30)
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
ANALYST = Reader("ana", frozenset({Role.ANALYST}))
OTHER = Reader("otto", frozenset({Role.ANALYST}))
COUNT = WatchRule(RuleKind.THRESHOLD, at_least=5)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def lists(state: State, settings: Settings) -> WatchLists:
    lists = WatchLists(state, settings)
    lists.add_bundled()
    return lists


@pytest.fixture
def anomalies(lists: WatchLists) -> WatchList:
    return next(one for one in lists.all() if one.bundled == "anomalies")


@pytest.fixture
def alerts(state: State, settings: Settings) -> StoredAlerts:
    return StoredAlerts(state, replace(settings, alerts_a_day=3))


def finding(about: str = "theft", *, last: date = LAST, days: int = 7, **rest: Any) -> AlertFinding:
    given = {"count": 31, "expected": 18.2, "p": 0.004, "tier": Tier.WATCH, **rest}
    return AlertFinding(about, Subject(type=about), last - timedelta(days=days - 1), last,
                   selection="type=THEFT", **given)  # fmt: skip


def chain(*ids: str) -> AlertFinding:
    incidents = [{"id": one, "day": "2026-11-20"} for one in ids]
    return finding(
        f"chain {ids[0]}", count=len(ids), evidence={"incidents": incidents}, members=frozenset(ids)
    )


def store(
    alerts: StoredAlerts, of: WatchList, findings: Sequence[AlertFinding], now: datetime = NOW
) -> AlertCheck:
    found = {of: ListFindings(tuple(findings), 400, 4.0)}
    return alerts.store(found, snapshot="s1", last_day=LAST, now=now)


def spot(*cells: str, last: date = LAST) -> AlertFinding:
    return finding(f"cells {cells}", last=last, days=14, evidence={"cells": list(cells)})


def test_a_new_hot_spot_that_moves_by_a_cell_stays_one_alert(
    alerts: StoredAlerts, anomalies: WatchList
) -> None:
    store(alerts, anomalies, [spot("500:1_1", "500:1_2")])
    moved = spot("500:1_2", "500:1_3", last=LAST + timedelta(days=1))
    assert store(alerts, anomalies, [moved, spot("500:9_9")]).fired == 1
    assert sorted(one.evidence["cells"] for one in alerts.listed()) == [
        ["500:1_2", "500:1_3"], ["500:9_9"],
    ]  # fmt: skip


def test_the_same_check_fires_nothing_twice(alerts: StoredAlerts, anomalies: WatchList) -> None:
    assert store(alerts, anomalies, [finding("a"), finding("b")]).fired == 2
    again = store(alerts, anomalies, [finding("a"), finding("b")])
    assert (again.fired, again.updated) == (0, 0)
    assert len(alerts.listed()) == 2
    assert [len(alerts.events(one.id)) for one in alerts.listed()] == [1, 1]


def test_a_changed_count_updates_the_open_alert(alerts: StoredAlerts, anomalies: WatchList) -> None:
    store(alerts, anomalies, [finding()])
    (before,) = alerts.listed()
    alerts.set_state(before.id, AlertState.IN_WORK, "calling the desk")
    newer = finding(count=35, last=LAST + timedelta(days=3))
    made = store(alerts, anomalies, [newer])
    assert (made.fired, made.updated) == (0, 1)
    (after,) = alerts.listed()
    assert (after.id, after.count, after.last) == (before.id, 35, newer.last)
    assert after.state is AlertState.IN_WORK
    assert after.digest == before.digest


@pytest.mark.parametrize(
    ("left", "days", "keeps"),
    [
        (AlertState.NEW, 29, True),
        (AlertState.NEW, 31, False),
        (AlertState.ACKNOWLEDGED, 400, True),
        (AlertState.IN_WORK, 400, True),
        (AlertState.CLOSED, 0, False),
    ],
)
def test_an_open_alert_keeps_the_data_that_it_cites(
    alerts: StoredAlerts, anomalies: WatchList, settings: Settings, left: AlertState, days: int,
    *, keeps: bool,
) -> None:  # fmt: skip
    assert timedelta(days=30) == NEW_KEEPS
    store(alerts, anomalies, [finding()], datetime.now(UTC) - timedelta(days=days))
    if left is not AlertState.NEW:
        alerts.set_state(alerts.listed()[0].id, left)
    assert cited_by_alerts(settings) == ({"s1"} if keeps else set())
    assert kept_snapshots(settings) == cited_by_alerts(settings)


@pytest.mark.parametrize(("later", "fires"), [(7, False), (8, False), (14, True)])
def test_an_open_alert_continues_without_a_quiet_period_between(
    alerts: StoredAlerts, anomalies: WatchList, later: int, *, fires: bool
) -> None:
    store(alerts, anomalies, [finding()])
    made = store(alerts, anomalies, [finding(last=LAST + timedelta(days=later))])
    assert made.fired == fires
    assert len(alerts.listed()) == 1 + fires


@pytest.mark.parametrize(("later", "fires"), [(0, False), (6, False), (7, True)])
def test_a_closed_alert_fires_again_with_a_period_of_its_own(
    alerts: StoredAlerts, anomalies: WatchList, later: int, *, fires: bool
) -> None:
    store(alerts, anomalies, [finding()])
    (one,) = alerts.listed()
    alerts.set_state(one.id, AlertState.CLOSED)
    made = store(alerts, anomalies, [finding(last=LAST + timedelta(days=later))])
    assert made.fired == fires
    assert alerts.get(one.id).last == LAST
    assert {each.occurrence for each in alerts.listed()} == ({1, 2} if fires else {1})


def test_a_chain_that_grows_stays_one_alert_whatever_its_first_incident_is(
    alerts: StoredAlerts, anomalies: WatchList
) -> None:
    store(alerts, anomalies, [chain("1", "2", "3")])
    assert store(alerts, anomalies, [chain("2", "3", "4")]).fired == 0
    (one,) = alerts.listed()
    assert one.members == {"2", "3", "4"}
    alerts.set_state(one.id, AlertState.CLOSED)
    assert store(alerts, anomalies, [chain("2", "3", "4", "5", "6")]).fired == 0
    assert store(alerts, anomalies, [chain("3", "4", "5", "6", "7")]).fired == 1
    assert store(alerts, anomalies, [chain("90", "91", "92")]).fired == 1


@pytest.mark.parametrize("left", [AlertState.NEW, AlertState.CLOSED])
def test_a_chain_that_falls_apart_becomes_two_alerts(
    alerts: StoredAlerts, anomalies: WatchList, left: AlertState
) -> None:
    store(alerts, anomalies, [chain("hub", "a", "b")])
    (whole,) = alerts.listed()
    if left is AlertState.CLOSED:
        alerts.set_state(whole.id, left)
    halves = [chain("a", "c", "d", "e"), chain("b", "f", "g", "h")]
    store(alerts, anomalies, halves)
    found = alerts.listed([AlertState.NEW])
    assert {one.members for one in found} == {one.members for one in halves}
    store(alerts, anomalies, halves)
    assert {one.id for one in alerts.listed([AlertState.NEW])} == {one.id for one in found}


def test_rows_to_watch_fire_in_batches_a_period_apart(
    alerts: StoredAlerts, anomalies: WatchList
) -> None:
    def check(day: int, *found: AlertFinding) -> int:
        last = LAST + timedelta(days=day)
        made = {anomalies: ListFindings(found, 400, 4.0, once=7)}
        return alerts.store(made, snapshot="s", last_day=last, now=NOW).fired

    def at(about: str, day: int, once: int = 7) -> AlertFinding:
        return finding(about, last=LAST + timedelta(days=day), once=once)

    assert check(0, at("a", 0), at("b", 0)) == 2
    assert check(0, at("a", 0), at("late rows", 0)) == 1  # the same data again, corrected
    assert check(1, at("a", 1), at("c", 1)) == 0
    assert check(2) == 0
    assert check(3, at("clear", 3, once=0)) == 1
    assert check(6, at("c", 6)) == 0
    assert check(7, at("c", 7)) == 1
    assert check(8, at("d", 8)) == 0
    assert check(14) == 0  # a batch, though empty
    assert check(15, at("e", 15)) == 0
    assert check(21, at("e", 21)) == 1
    assert {one.last for one in alerts.listed() if one.subject.type == "a"} == {
        LAST + timedelta(days=1)
    }


def test_the_digest_takes_the_most_urgent_of_a_day(
    alerts: StoredAlerts, anomalies: WatchList
) -> None:
    many = [finding(str(number), p=0.009 - number / 1000) for number in range(4)]
    store(alerts, anomalies, [*many, finding("clear", p=0.02, tier=Tier.CLEAR)])
    told = {one.subject.type for one in alerts.listed() if one.digest}
    assert told == {"clear", "3", "2"}
    store(alerts, anomalies, [finding("more", tier=None)], NOW + timedelta(hours=2))
    store(alerts, anomalies, [finding("next")], NOW + timedelta(days=1))
    digests = {one.subject.type: one.digest for one in alerts.listed()}
    assert (digests["more"], digests["next"]) == (None, "2026-12-02")


def test_a_check_that_dies_leaves_nothing(
    alerts: StoredAlerts, anomalies: WatchList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(StoredAlerts, "_add_check", die)
        with pytest.raises(KeyboardInterrupt):
            store(alerts, anomalies, [finding()])
    assert alerts.listed() == []
    assert alerts.last_check() is None
    assert store(alerts, anomalies, [finding()]).fired == 1
    last = alerts.last_check()
    assert last is not None
    assert last.lists[anomalies.id]["by_chance"] == 4.0


def test_what_people_do_is_kept_with_who_and_why(
    alerts: StoredAlerts, anomalies: WatchList, state: State, settings: Settings
) -> None:
    store(alerts, anomalies, [finding()])
    (one,) = alerts.listed()
    with reading(ANALYST):
        mine = StoredAlerts(state, settings)
        mine.set_state(one.id, AlertState.ACKNOWLEDGED, seen=AlertState.NEW)
        with pytest.raises(InputError, match="acknowledged by now"):
            mine.set_state(one.id, AlertState.CLOSED, seen=AlertState.NEW)
        mine.set_state(one.id, AlertState.CLOSED, "one shop, talked to")
        with pytest.raises(InputError, match="new again"):
            mine.set_state(one.id, AlertState.NEW)
        mine.set_state(one.id, AlertState.IN_WORK)
        with pytest.raises(InputError, match="already"):
            mine.set_state(one.id, AlertState.IN_WORK)
    steps = [(event.person, event.state, event.note) for event in alerts.events(one.id)]
    assert steps == [
        ("", "new", ""),
        ("ana", "acknowledged", ""),
        ("ana", "closed", "one shop, talked to"),
        ("ana", "in_work", ""),
    ]
    entries = [entry for entry in Audit(state, settings).entries() if entry.person == "ana"]
    assert [entry.event for entry in entries] == ["alert.changed"] * 3
    assert entries[1].reason == "one shop, talked to"


def test_private_lists_and_their_alerts_are_the_owner_s(
    lists: WatchLists, alerts: StoredAlerts, state: State, settings: Settings
) -> None:
    with reading(ANALYST):
        own = WatchLists(state, settings).add("Mine", COUNT, "type=THEFT")
        shared = WatchLists(state, settings).add("Ours", COUNT, shared=True)
    store(alerts, own, [finding("a")])
    store(alerts, shared, [finding("b")])
    (hidden,) = alerts.listed(watch_list=own.id)
    with reading(OTHER):
        assert own.id not in {one.id for one in lists.all()}
        assert [one.watch_list.id for one in alerts.listed()] == [shared.id]
        assert alerts.number_new() == 1
        with pytest.raises(InputError, match="not found"):
            alerts.get(hidden.id)
        with pytest.raises(InputError, match="not found"):
            alerts.set_state(hidden.id, AlertState.CLOSED)
        for act in (lists.end, lambda one: lists.mute(one, None)):
            with pytest.raises(InputError, match="not found"):
                act(own.id)
            with pytest.raises(InputError, match="Only ana"):
                act(shared.id)
    assert alerts.number_new() == 2


def test_lists_are_checked_until_they_end(lists: WatchLists) -> None:
    made = lists.add("Cars", COUNT, expires=LAST)
    assert made.standing(LAST) is Standing.ACTIVE
    assert made.standing(LAST + timedelta(days=1)) is Standing.EXPIRED
    muted = lists.mute(made.id, LAST)
    assert muted.standing(LAST - timedelta(days=1)) is Standing.MUTED
    assert muted.standing(LAST) is Standing.ACTIVE
    assert lists.expire(made.id, None).expires is None
    assert lists.end(made.id).standing(LAST) is Standing.ENDED
    with pytest.raises(InputError, match="has ended"):
        lists.mute(made.id, None)


def test_bundled_lists_are_there_once_and_stay_ended(lists: WatchLists) -> None:
    lists.end(lists.all()[0].id)
    lists.add_bundled()
    assert [one.bundled for one in lists.all()] == list(BUNDLED)
    assert lists.all()[0].ended


@pytest.mark.parametrize(
    ("name", "rule", "selection"),
    [
        ("", COUNT, ""),
        ("x" * 81, COUNT, ""),
        ("Theft", COUNT, "date=2026-01-01..2026-01-31"),
        ("Feed", WatchRule(RuleKind.STALE_FEED), "type=THEFT"),
        ("Chains", WatchRule(RuleKind.NEAR_REPEAT_CHAIN, target="burglary"), "type=THEFT"),
        ("Spots", WatchRule(RuleKind.NEW_HOT_SPOT), "near=41.88,-87.63,500"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    lists: WatchLists, name: str, rule: WatchRule, selection: str
) -> None:
    with pytest.raises(InputError):
        lists.add(name, rule, selection)
    assert len(lists.all()) == len(BUNDLED)


def test_one_person_has_so_many_lists(lists: WatchLists) -> None:
    for number in range(MOST_OF_ONE):
        last = lists.add(f"List {number}", COUNT)
    with pytest.raises(InputError, match=str(MOST_OF_ONE)):
        lists.add("One more", COUNT)
    lists.end(last.id)
    lists.add("One more", COUNT)
