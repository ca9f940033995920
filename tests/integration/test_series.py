"""Series from the command to the page: proposed, decided on, and seen by those who may."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import open_access, reading
from analytics.alerts.finding import AlertFinding, ListFindings, Subject
from analytics.alerts.stored_alerts import StoredAlerts
from analytics.alerts.watch_lists import WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.cli import patroliq
from analytics.series.found_series import FoundSeries
from analytics.series.link_model import LinkModel
from analytics.series.series_rows import CrimeSeries, SeriesState
from analytics.series.stored_series import StoredSeries
from analytics.settings import Settings
from analytics.state import State
from analytics.statistics.tiers import Tier
from app import create_app
from jobs.due_commands import LOOK_S, RETRY_S
from jobs.queue import Queue
from jobs.series_proposals import SeriesProposals
from tests.integration.scoped_town import CASES, ScopeCase, TownRow, load_town, town
from tests.integration.test_sign_in import Browser, browser, people, state  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def rows() -> list[TownRow]:
    return town()


@pytest.fixture(scope="module")
def home(rows: list[TownRow], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("town"))
    load_town(settings, rows)
    return settings


@pytest.fixture
def stored(home: Settings) -> Iterator[StoredSeries]:
    own = State(home)
    yield StoredSeries(own, home)
    own.close()


@pytest.fixture(scope="module")
def client(home: Settings) -> FlaskClient:
    return create_app(home).server.test_client()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of the test client are answered for the reader of the test, if any."""
    monkeypatch.setattr(
        "security.gate.open_access", lambda name: g.read_before or open_access(name)
    )


MODEL = LinkModel(
    {
        "distance": (2.0, 1.0, 0.0, 0.0, -1.0, -2.0), "days": (2.0, 1.0, 0.0, -1.0, -2.0),
        "hours": (1.0, 0.0, 0.0, -1.0, 0.0), "week": (0.0, 0.0),
        "description": (1.0, 0.5, -0.5, 0.0), "location_type": (1.0, 0.5, -0.5, 0.0),
    },
    0.0,
    -3.0,
    {"description": frozenset(), "location_type": frozenset({"STREET"})},
)  # fmt: skip
AREAS = {
    "areas": 13, "days": 14, "hits": [{"value": 0.1, "low": 0.0, "high": 0.3}] * 2,
    "densest": [0.4, 0.4], "usual": [0.2, 0.2], "in_hours": 0.25, "hours_share": 0.3,
}  # fmt: skip


def proposed(stored: StoredSeries, *series: list[TownRow]) -> list[CrimeSeries]:
    """Series as a run would propose them."""
    found = [
        FoundSeries(tuple(row.id for row in one), 9.0 - at, 0.1) for at, one in enumerate(series)
    ]
    result = {
        "title": "Robbery", "selection": "type=ROBBERY", "first": "2024-01-03",
        "last": "2024-06-30", "incidents": 77, "pairs": 5, "linked": 1.0, "p": 0.05, "found": 1,
        "tested": 1, "by_chance": 0.1, "trouble": None, "model": MODEL.as_json(), "areas": AREAS,
    }  # fmt: skip
    stored.store("robbery", found, result, "s")
    return stored.listed([SeriesState.PROPOSED])


def test_the_command_searches_each_kind_once_and_the_worker_after_other_data(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    own = State(home)
    now = [0.0]
    due = SeriesProposals(own, home, lambda: now[0])
    job = due.queue_due()
    assert job is not None
    assert job.command == ("series", "propose")
    done = CliRunner().invoke(patroliq, ["series", "propose", "--json"], catch_exceptions=False)
    (kind,) = json.loads(done.stdout)["kinds"]  # the town has no burglary or vehicle theft
    assert (kind["kind"], kind["trouble"] or "searched") in {
        ("robbery", "searched"),
        ("robbery", "too_few"),
        ("robbery", "no_links"),
    }
    queue = Queue(own, lambda: now[0])
    taken = queue.take("worker")
    assert taken is not None
    queue.finish(taken, "failed")
    now[0] += RETRY_S + LOOK_S
    assert due.queue_due() is not None, "the kinds that the failed search left out"
    taken = queue.take("worker")
    assert taken is not None
    queue.finish(taken, "done", result=json.loads(done.stdout))
    now[0] += RETRY_S + LOOK_S
    assert due.queue_due() is None
    own.close()


def test_a_series_is_shown_with_its_incidents_and_what_was_decided(
    client: FlaskClient, stored: StoredSeries, rows: list[TownRow]
) -> None:
    robberies = [row for row in rows if row.type == "ROBBERY"]
    one = proposed(stored, robberies[:4])[0]
    assert f'href="/series/{one.id}"' in client.get("/series").get_data(as_text=True)
    text = client.get(f"/series/{one.id}").get_data(as_text=True)
    assert all(row.id in text for row in robberies[:4])
    assert "<svg" in text
    assert "type=ROBBERY&amp;" in text
    why = text.split("Why they are linked", 1)[1].partition("</section>")[0]
    assert why.count('<th scope="row">') == len(MODEL.coefficients)
    assert "13 earlier candidates" in text
    assert "<script" not in text.split("<main")[1]

    def send(action: str, expected: int = 303, **given: Any) -> str:
        answer = client.post(f"/series/{one.id}", data={"action": action, **given})
        assert answer.status_code == expected
        return answer.headers["Location"] if expected == 303 else answer.text

    send("confirm", seen="1")
    assert 'value="Late"' in send("rename", 400, name="Late", seen="1")
    send("rename", name="Till <snatches>")
    assert "Till &lt;snatches&gt;" in client.get("/series").get_data(as_text=True)
    assert 'value="Q99999Z"' in send("add", 400, ids="Q99999Z")
    every = [row.id for row in robberies[:4]]
    refused = send("remove", 400, incident=every[1:], note="Not <his>", seen="1")
    assert set(re.findall(r'value="([^"]+)" checked', refused)) == set(every[1:])
    assert 'value="Not &lt;his&gt;"' in refused
    send("add", ids=f"{robberies[4].id}, {robberies[5].id}")
    send("remove", incident=[robberies[0].id])
    part = int(send("split", incident=[robberies[4].id, robberies[5].id]).rpartition("/")[2])
    assert stored.get(part).members == {robberies[4].id, robberies[5].id}
    assert stored.get(one.id).members == {row.id for row in robberies[1:4]}
    assert "Choose the series to merge" in send("merge", 400, other="")
    send("merge", other=part)
    assert stored.get(part).merged_into == one.id
    send("dance", 400)
    send("reject", note="Different people")
    history = client.get(f"/series/{one.id}").get_data(as_text=True).split("History")[1]
    for said in ("Confirmed", "Named", "Removed", "Split", "Merged", "Different people"):
        assert said.lower() in history.lower()
    assert client.get("/series/99999").status_code == 400


def test_a_chain_is_made_a_series_once(
    client: FlaskClient, stored: StoredSeries, home: Settings, rows: list[TownRow]
) -> None:
    own = State(home)
    lists, day = WatchLists(own, home), date(2024, 6, 30)
    watched = lists.add("Chains", WatchRule.of("near_repeat_chain", {}), shared=True)
    members = [row for row in rows if row.type == "BATTERY"][:3]
    incidents = [{"id": row.id, "day": row.when.date().isoformat()} for row in members]
    ids = frozenset(row.id for row in members)
    finding = AlertFinding(
        "chain", Subject(), day, day, 3, "type=BATTERY", expected=0.2, p=0.01, tier=Tier.CLEAR,
        evidence={
            "incidents": incidents, "strength": 5.0, "by_chance": 0.1, "within_m": 200.0,
            "days": 14, "pairs": 9, "ratio": 2.0, "knox_p": 0.01, "since": "2023-07-01",
        },
        members=ids,
    )  # fmt: skip
    alerts = StoredAlerts(own, home)
    alerts.store(
        {watched: ListFindings((finding,), 1)}, snapshot="s", last_day=day, now=datetime.now(UTC)
    )
    (alert,) = alerts.listed(watch_list=watched.id)
    text = client.get(f"/alerts/{alert.id}").get_data(as_text=True)
    assert "<svg" in text
    assert 'action="/series"' in text
    sent = [client.post("/series", data={"alert": str(alert.id)}) for _ in range(2)]
    assert {one.status_code for one in sent} == {303}
    (address,) = {one.headers["Location"].partition("?")[0] for one in sent}
    made = stored.get(int(address.rpartition("/")[2]))
    assert (made.members, made.state) == (ids, SeriesState.CONFIRMED)
    assert [one.headers["Location"].rpartition("=")[2] for one in sent] == ["made", "found"]
    stored.reject(made.id)
    again = client.post("/series", data={"alert": str(alert.id)}).headers["Location"]
    assert again == sent[1].headers["Location"]
    assert stored.get(made.id).state is SeriesState.REJECTED
    said = [
        re.findall('role="status">([^<]+)', client.get(one).text)
        for one in (address, sent[0].headers["Location"], again)
    ]
    assert [len(one) for one in said] == [0, 1, 1]
    assert "rejected" in said[2][0]
    assert client.post("/series", data={"alert": "999"}).status_code == 400
    stored.store("", (), {"trouble": "no_places", "title": "", "model": None}, "s")
    assert "<h2>Linked incidents, 3 incidents" in client.get(address).get_data(as_text=True)
    own.close()


def test_incidents_of_a_day_are_numbered_by_time(
    client: FlaskClient, stored: StoredSeries, rows: list[TownRow]
) -> None:
    in_order = sorted((row for row in rows if row.lat is not None), key=lambda row: row.when)
    first, second = next(
        (one, other)
        for one, other in pairwise(in_order)
        if one.when.date() == other.when.date() and one.id > other.id
    )
    text = client.get(f"/series/{stored.make('', [first.id, second.id]).id}").text
    assert text.index(f">{first.id}</a>") < text.index(f">{second.id}</a>")


def test_a_bulletin_of_a_series_says_what_it_is_of_beside_what_it_counts(
    client: FlaskClient, stored: StoredSeries, rows: list[TownRow]
) -> None:
    robberies = [row for row in rows if row.type == "ROBBERY" and row.lat is not None]
    robberies.sort(key=lambda row: (row.when, row.id))
    ours, first, last = robberies[10:40:5], robberies[10].when.date(), robberies[35].when.date()
    proposed(stored)
    made = stored.make("robbery", [row.id for row in ours])
    text = client.get(f"/series/{made.id}").text
    shown = re.search(r"all (\d+) incidents of the kind [^:]+: (\d+) of them .* (\d+) of", text)
    assert shown is not None
    near = re.search(r"near=([\d.,%C-]+?)[&\"]", text)
    assert near is not None
    lat, lon, meters = map(float, near[1].replace("%2C", ",").split(","))
    around = [
        row
        for row in robberies
        if first <= row.when.date() <= last
        and math.hypot(row.lat - lat, (row.lon - lon) * math.cos(math.radians(lat))) * 111_195
        <= meters
    ]
    counts = [len(around), len({row.id for row in around} & made.members), len(ours)]
    assert [int(one) for one in shown.groups()] == counts
    sent = client.post(f"/series/{made.id}/bulletin")
    assert sent.status_code == 303
    paragraphs = re.sub("<[^>]+>", "", client.get(sent.headers["Location"]).text)
    assert f"Series {made.id}: {len(ours)} incidents, " in paragraphs
    assert f": {len(around)} from " in re.sub(r"\s+", " ", paragraphs)


def test_solved_cases_are_added_by_command_with_what_was_refused(
    home: Settings, rows: list[TownRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    file = tmp_path / "cases.csv"
    file.write_text(f"id,offender\n{rows[0].id},c1\nZ1,c1\n,c2\n", encoding="utf-8")

    def run(*words: str) -> Any:
        done = CliRunner().invoke(patroliq, ["series", "cases", *words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    found = run("add", str(file))
    assert (found["incidents"], found["offenders"], found["unknown"]) == (2, 1, 1)
    (refused,) = found["refused"]
    assert (refused["file"], refused["line"], refused["column"]) == ("cases.csv", 4, "id")
    assert run("clear", "--reason", "A trial")["incidents"] == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_restricted_reader_sees_only_series_of_which_every_incident_was_ever_seen(
    client: FlaskClient, stored: StoredSeries, rows: list[TownRow], case: ScopeCase
) -> None:
    shown = {row.id: row for row in case.seen(rows)}
    whole = [row for row in rows if row.id in shown and shown[row.id].lat is not None]
    hidden = [row for row in rows if row.id not in shown or shown[row.id].lat is None]
    proposed(stored)
    seen, mixed, removed = (
        stored.make("robbery", [row.id for row in own])
        for own in (whole[:3], [*whole[3:6], hidden[0]], [*whole[6:9], hidden[1]])
    )
    stored.remove(removed.id, [hidden[1].id])
    with reading(case.reader):
        listed = client.get("/series?state=all").get_data(as_text=True)
        assert f'href="/series/{seen.id}"' in listed
        assert client.get(f"/series/{seen.id}").status_code == 200
        for one in (mixed, removed):
            answer = client.get(f"/series/{one.id}")
            assert answer.status_code == 400
            assert f'href="/series/{one.id}"' not in listed
            assert not re.search("|".join(one.known), answer.get_data(as_text=True))
            form = {"action": "merge", "other": one.id}
            assert client.post(f"/series/{seen.id}", data=form).status_code in {400, 403}
            assert client.post(f"/series/{one.id}/bulletin").status_code in {400, 403}
        form = {"action": "add", "ids": hidden[0].id}
        assert client.post(f"/series/{seen.id}", data=form).status_code in {400, 403}
        assert "77" not in listed  # incidents that were searched
        assert "13 earlier" not in client.get(f"/series/{seen.id}").get_data(as_text=True)
    assert stored.get(seen.id) == seen


@pytest.mark.parametrize(
    ("name", "reads", "works"),
    [("Viewer", 200, 403), ("Analyst", 200, 303), ("Officer", 403, 403), ("Admin", 403, 403)],
)
def test_roles_read_or_decide(
    browser: Browser,  # noqa: F811
    state: State,  # noqa: F811
    settings: Settings,
    name: str,
    *,
    reads: int,
    works: int,
) -> None:
    own = StoredSeries(state, settings).make("robbery", ["1", "2"], "")
    browser.sign_in(name)
    shown = browser.get(f"/series/{own.id}")
    assert shown.status_code == browser.get("/series").status_code == reads
    assert ('value="reject"' in shown.text) == (works == 303)
    form = {"action": "reject", "csrf_token": browser.token()}
    assert browser.post(f"/series/{own.id}", data=form).status_code == works
    made = browser.post("/series", data={"action": "make", "csrf_token": browser.token()})
    assert made.status_code == (400 if works == 303 else 403)
    rejected = StoredSeries(state, settings).get(own.id).state is SeriesState.REJECTED
    assert rejected == (works == 303)
