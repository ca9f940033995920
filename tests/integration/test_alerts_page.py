"""The Alerts page: what is shown, to whom, and what forms do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import open_access, reading
from analytics.alerts.check import run_check
from analytics.alerts.checked_data import CheckedData
from analytics.alerts.stored_alerts import Alert, AlertState, StoredAlerts
from analytics.alerts.watch_lists import WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.selection import Selection
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.zones.edits import ZoneEdits
from app import create_app
from tests.integration.scoped_town import CASES, ScopeCase, TownRow, load_town, town

NOW = datetime(2024, 7, 2, 6, tzinfo=UTC)
WATCHED = {
    "All": "",
    "Theft": "type=THEFT",
    "Battery": "type=BATTERY",
    "Robbery": "type=ROBBERY",
    "Sex": "type=CRIM+SEXUAL+ASSAULT",
    "First district": "district=001",
    "Theft in the second": "type=THEFT&district=002",
}


@pytest.fixture(scope="module")
def rows() -> list[TownRow]:
    return town()


@pytest.fixture(scope="module")
def home(rows: list[TownRow], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The town with an alert for each watched selection."""
    settings = Settings(home=tmp_path_factory.mktemp("town"))
    load_town(settings, rows)
    state = State(settings)
    lists = WatchLists(state, settings)
    rule = WatchRule.of("threshold", {"days": 60, "at_least": 1})
    for name, selection in WATCHED.items():
        lists.add(name, rule, selection, shared=True)
    pinned = Services(settings).pin()
    assert pinned is not None
    data = CheckedData(
        pinned.reader, pinned.crossfilter, pinned.vocabulary, pinned.targets,
        ZoneEdits(state, settings), settings.home, NOW,
    )  # fmt: skip
    run_check(state, settings, data)
    state.close()
    return settings


@pytest.fixture
def state(home: Settings) -> Iterator[State]:
    state = State(home)
    yield state
    state.close()


@pytest.fixture(scope="module")
def client(home: Settings) -> FlaskClient:
    return create_app(home).server.test_client()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of the test client are answered for the reader of the test, if any."""
    monkeypatch.setattr(
        "security.gate.open_access", lambda name: g.read_before or open_access(name)
    )


def fired(state: State, home: Settings) -> dict[str, Alert]:
    found = StoredAlerts(state, home).listed(most=500)
    return {one.watch_list.name: one for one in found if one.watch_list.owner}


def within(selection: str, row: TownRow) -> bool:
    """Whether an incident is in a watched selection and its days."""
    chosen = Selection.parse(selection)
    period = chosen.get("date")
    assert isinstance(period, Period)
    assert period.first is not None
    assert period.last is not None
    kinds, districts = chosen.get("type"), chosen.get("district")
    return (
        period.first <= row.when.date() <= period.last
        and (kinds is None or row.type.replace("CRIM ", "CRIMINAL ") in kinds.keys)  # type: ignore[attr-defined]
        and (districts is None or f"{row.district:03d}" in districts.keys)  # type: ignore[attr-defined]
    )


def test_every_alert_is_listed_with_its_evidence_and_incidents(
    client: FlaskClient, state: State, home: Settings
) -> None:
    text = client.get("/alerts").get_data(as_text=True)
    found = fired(state, home)
    assert found.keys() == WATCHED.keys()
    for one in found.values():
        assert f'href="/alerts/{one.id}"' in text
        assert f"/explore?{one.selection}".replace("&", "&amp;") in text
        alone = client.get(f"/alerts/{one.id}").get_data(as_text=True)
        assert f"{one.count} incident" in alone
    assert client.get("/alerts/count").get_json() == {
        "new": len(StoredAlerts(state, home).listed(most=500))
    }
    assert client.get("/alerts?state=closed").get_data(as_text=True).count("<tr>") < text.count(
        "<tr>"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_restricted_reader_sees_only_alerts_all_of_whose_incidents_are_seen(
    client: FlaskClient, state: State, home: Settings, rows: list[TownRow], case: ScopeCase
) -> None:
    hidden = list(case.excluded(rows))
    with reading(case.reader):
        text = client.get("/alerts?state=all").get_data(as_text=True)
        new = client.get("/alerts/count").get_json()["new"]
        shown = set()
        for name, one in fired(state, home).items():
            alone = client.get(f"/alerts/{one.id}")
            assert alone.status_code in (200, 400)
            assert (alone.status_code == 200) == (f'href="/alerts/{one.id}"' in text)
            if alone.status_code == 200:
                shown.add(name)
            else:
                assert str(one.count) not in alone.get_data(as_text=True)
    expected = {
        name
        for name, one in fired(state, home).items()
        if not any(within(one.selection, row) for row in hidden)
    }
    assert shown == expected
    assert new == len(set(re.findall(r'href="/alerts/(\d+)"', text)))
    assert not re.search(r"chance|\d+ tests", text)


def test_a_restricted_analyst_adds_no_list_that_would_count_all(
    client: FlaskClient, state: State, home: Settings
) -> None:
    (case,) = (one for one in CASES if one.name == "district")
    before = len(WatchLists(state, home).all())
    with reading(case.reader):
        assert "Add a watch list" not in client.get("/alerts").get_data(as_text=True)
        answer = client.post("/alerts", data=FORM)
    assert answer.status_code == 403
    assert len(WatchLists(state, home).all()) == before


FORM = {
    "action": "add",
    "name": "Night robbery",
    "selection": "type=robbery&hour=22-04",
    "rule": "threshold",
    "days": "14",
    "side": "at_least",
    "count": "3",
    "change_days": "28",
    "direction": "fewer",
    "rows": "table",
}


@pytest.mark.parametrize(
    ("given", "parameters"),
    [
        ({}, {"days": 14, "at_least": 3}),
        ({"side": "at_most"}, {"days": 14, "at_most": 3}),
        ({"rule": "change"}, {"days": 28, "table": True, "direction": "fewer"}),
        ({"rule": "near_repeat_chain"}, {}),
        ({"rule": "hot_spot"}, {}),
        ({"rule": "new_hot_spot"}, {}),
    ],
)
def test_the_form_adds_a_list_with_the_fields_of_its_rule(
    client: FlaskClient, state: State, home: Settings, given: dict[str, str],
    parameters: dict[str, Any],
) -> None:  # fmt: skip
    assert client.post("/alerts", data={**FORM, **given}).status_code == 200
    made = WatchLists(state, home).all()[-1]
    assert made.rule.parameters == parameters
    assert made.selection == Selection.parse("type=ROBBERY&hour=22-04").text


@pytest.mark.parametrize(
    "pasted",
    [
        "?type=ROBBERRY&district=001",
        "/explore?type=ROBBERRY&district=001#areas=beat",
        "https://police.example:8443/explore?type=ROBBERRY&district=001",
    ],
)
def test_an_address_is_taken_and_a_value_that_no_incident_has_is_said(
    client: FlaskClient, state: State, home: Settings, pasted: str
) -> None:
    text = client.post("/alerts", data={**FORM, "selection": pasted}).text
    made = WatchLists(state, home).all()[-1]
    assert made.selection == Selection.parse("type=ROBBERRY&district=001").text
    said = re.findall(r'<p class="said" role="status">(.*)</p>', text)
    assert len(said) == 1
    assert re.findall("&#34;(.*?)&#34;", said[0]) == ["ROBBERRY", "ROBBERY"]


def test_a_digest_that_nobody_gets_has_no_day(
    client: FlaskClient, state: State, home: Settings
) -> None:
    one = fired(state, home)["Theft"]
    assert one.digest
    for address in ("/alerts", f"/alerts/{one.id}"):
        assert one.digest not in re.findall(r"<d?td?>([^<]*)<", client.get(address).text)


def test_a_check_of_other_data_than_is_served_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = client.get("/alerts").text
    check = StoredAlerts.last_check
    other = "20200101T000000Z-00000000"
    monkeypatch.setattr(
        StoredAlerts, "last_check", lambda stored: replace(check(stored), snapshot=other)
    )
    assert (
        "Other data is served" in current,
        "Other data is served" in client.get("/alerts").text,
    ) == (
        False,
        True,
    )


def test_an_alert_that_is_not_shown_leads_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/alerts/99999", headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert 'href="/alerts"' in answer.text
    assert "patroliq " not in answer.text


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"rule": "weather"},
        {"count": "many"},
        {"selection": "date=last7d"},
        {"selection": "colour=red!"},
        {"expires": "soon"},
        {"action": "dance"},
    ],
)
def test_a_form_that_is_not_valid_changes_nothing(
    client: FlaskClient, state: State, home: Settings, given: dict[str, str]
) -> None:
    before = len(WatchLists(state, home).all())
    assert client.post("/alerts", data={**FORM, **given}).status_code == 400
    assert len(WatchLists(state, home).all()) == before


def test_lists_are_muted_expired_and_ended_by_forms(
    client: FlaskClient, state: State, home: Settings
) -> None:
    lists = WatchLists(state, home)
    made = lists.add("Short", WatchRule.of("hot_spot", {}))

    def send(action: str, **given: str) -> int:
        data = {"action": action, "list": str(made.id), **given}
        return client.post("/alerts", data=data).status_code

    assert send("mute", until="2030-01-01") == 200
    assert str(lists.get(made.id).muted_until) == "2030-01-01"
    assert send("expire", expires="2031-01-01") == 200
    assert str(lists.get(made.id).expires) == "2031-01-01"
    assert send("end") == 200
    assert lists.get(made.id).ended
    assert send("mute") == 400


def test_a_state_is_set_with_a_note_and_not_over_somebody_else_s(
    client: FlaskClient, state: State, home: Settings
) -> None:
    one = fired(state, home)["Theft"]
    form = {"state": "acknowledged", "seen": "new", "note": "Looked <at> it"}
    assert client.post(f"/alerts/{one.id}", data=form).status_code == 303
    text = client.get(f"/alerts/{one.id}").get_data(as_text=True)
    assert "Looked &lt;at&gt; it" in text
    late = client.post(f"/alerts/{one.id}", data=form)
    assert late.status_code == 400
    assert StoredAlerts(state, home).get(one.id).state is AlertState.ACKNOWLEDGED
    assert client.get("/alerts/99999").status_code == 400
