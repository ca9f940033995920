"""Interventions: recorded once, judged by what the reader sees, marked in timelines."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from analytics.access.reader import Reader, ScopeRules, open_access, reading
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.cli.interventions import command
from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.interventions.records import EnteredMeasure, Interventions, selection_of
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from callbacks.frame.interventions import intervention_marks

WEEKS = 12
WHERE = "type=THEFT&district=001"


@pytest.fixture(scope="module")
def home(city_of_8000: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(city_of_8000, tmp_path_factory.mktemp("interventions") / "home"))


@pytest.fixture(scope="module")
def town(home: Path) -> Settings:
    return Settings(home=home, user="D. Reyes")


@pytest.fixture(scope="module")
def served(home: Path) -> Snapshot:
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    return snapshot


@pytest.fixture(scope="module")
def first(served: Snapshot) -> date:
    complete = served.manifest.last_complete_day
    assert complete is not None
    return complete - timedelta(days=7 * WEEKS - 1)


@pytest.fixture(scope="module")
def store(town: Settings) -> Interventions:
    return Interventions(State(town), town)


@pytest.fixture(scope="module")
def client(town: Settings) -> FlaskClient:
    return create_app(town).server.test_client()


def counted(served: Snapshot, where: str, first: date) -> int:
    days = "CAST(occurred_from AS DATE) BETWEEN ? AND ?"
    statement = f"SELECT count(*) FROM incidents WHERE {where} AND {days}"
    with duckdb.connect(str(served.database), read_only=True) as connection:
        last = first + timedelta(days=7 * WEEKS - 1)
        row = connection.execute(statement, [first, last]).fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_recorded_is_split_into_incidents_and_places(
    store: Interventions, town: Settings, first: date
) -> None:
    entered = EnteredMeasure(
        "Extra patrol", first, note="Two units", control="beat=0111",
        where=f"/explore?{WHERE}&date=last28d#areas=beat",
    )  # fmt: skip
    recorded = store.record(entered.read())
    measure = recorded.measure
    assert (measure.incidents.text, measure.places.text) == ("type=THEFT", "district=001")
    assert measure.control.text == "beat=0111"
    assert (recorded.person, store.get(recorded.id)) == ("D. Reyes", recorded)
    store.withdraw(recorded.id, "Entered twice")
    with pytest.raises(InputError):
        store.get(recorded.id)
    events = [one.event for one in Audit(State(town), town).latest(2)]
    assert events == ["intervention.withdrawn", "intervention.recorded"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "a\u202eb"},
        {"note": "x" * 1001},
        {"where": "nonsense"},
        {"where": "/explore?sel=abc"},
        {"where": "https://elsewhere.example/explore?district=001"},
        {"control": "type=THEFT"},
        {"where": "type=THEFT", "control": "district=002"},
        {"last": date(2000, 1, 1)},
    ],
)
def test_what_is_not_valid_is_refused(change: dict[str, object], first: date) -> None:
    entered = {"name": "Patrol", "first": first, "where": WHERE, **change}
    with pytest.raises(InputError):
        EnteredMeasure(**entered).read()  # type: ignore[arg-type]


def test_a_selection_is_read_from_text_or_address_without_dates() -> None:
    assert selection_of("").text == ""
    assert selection_of("?district=001&date=ytd").text == "district=001"
    assert selection_of("/?district=001").text == "district=001"


def test_the_command_counts_as_sql_does(
    town: Settings, served: Snapshot, first: date, store: Interventions
) -> None:
    environment = {"PATROLIQ_HOME": str(town.home), "PATROLIQ_USER": "D. Reyes"}
    runner = CliRunner(env=environment)
    options = ["--first", str(first), "--where", WHERE, "--control", "district=002"]
    made = runner.invoke(command, ["record", "Foot patrol", *options, "--json"])
    assert made.exit_code == 0, made.output
    number = json.loads(made.output)["id"]
    done = runner.invoke(command, ["evaluate", str(number), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["weeks"] == WEEKS
    own = found["own_history"]
    assert own["weeks"] == WEEKS
    assert own["counted"] == counted(served, "type = 'THEFT' AND district = '001'", first)
    assert own["low"] <= own["expected"] <= own["high"]
    study = found["named_controls"]
    assert study["low"] <= study["difference"] <= study["high"]
    assert number in [
        one["id"] for one in json.loads(runner.invoke(command, ["list", "--json"]).output)
    ]
    store.withdraw(number, "done")


def test_the_page_records_shows_and_withdraws(
    client: FlaskClient, store: Interventions, served: Snapshot, town: Settings, first: date
) -> None:
    form = {"action": "record", "name": "<i>Lights</i>", "first": str(first), "where": WHERE}
    answer = client.post("/interventions", data=form)
    assert answer.status_code == 200
    assert "&lt;i&gt;Lights&lt;/i&gt;" in answer.text
    (recorded,) = store.all()
    shown = client.get(f"/interventions/{recorded.id}")
    assert shown.status_code == 200
    count = counted(served, "type = 'THEFT' AND district = '001'", first)
    assert f"<strong>{count:,}</strong> incidents in the first {WEEKS} weeks" in shown.text
    with reading(open_access("analyst")):
        assert [one.name for one in intervention_marks(Services(town))] == ["<i>Lights</i>"]
    part = Reader("Elsewhere", frozenset({Role.VIEWER}), ScopeRules("district=002"))
    with reading(part):  # places would tell of what is outside
        assert intervention_marks(Services(town)) == []
    early = {**form, "name": "New", "first": str(served.manifest.last_complete_day)}
    assert client.post("/interventions", data=early).status_code == 200
    newest = store.all()[0]
    told = client.get(f"/interventions/{newest.id}")
    assert "complete weeks before the start" in told.text
    for wrong in ({**form, "first": "soon"}, {**form, "where": "beat=nowhere&x"}, {"action": "x"},
                  {"action": "withdraw", "intervention": "²"},
                  {"action": "withdraw", "intervention": str(newest.id)}):  # fmt: skip
        assert client.post("/interventions", data=wrong).status_code == 400
    for one in (recorded, newest):
        gone = {"action": "withdraw", "intervention": str(one.id), "reason": "test"}
        assert client.post("/interventions", data=gone).status_code == 200
    assert store.all() == []
    assert client.get(f"/interventions/{recorded.id}").status_code == 400
