"""The Data page beside the app: what is served and refused, the dictionary, and the tables."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import derive_again
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from jobs.queue import Queue

GROUPS = "groups/chicago.csv"
ROBBERY = "headline,violent,,03,,Robbery"


@pytest.fixture(scope="module")
def home(city_of_8000: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(city_of_8000, tmp_path_factory.mktemp("data") / "home"))


@pytest.fixture(scope="module")
def client(home: Path) -> FlaskClient:
    return create_app(Settings(home=home)).server.test_client()


@pytest.fixture
def served(home: Path) -> Snapshot:
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    return snapshot


@pytest.fixture
def database(served: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(served.database), read_only=True) as connection:
        yield connection


def began(client: FlaskClient, name: str) -> str:
    """What the form of a table says about the text that it shows."""
    found = re.search(
        r'name="began" value="([0-9a-f]{64})"', client.get(f"/data/tables?table={name}").text
    )
    assert found
    return found[1]


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def one(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def test_the_page_says_what_is_served_and_what_was_refused(
    client: FlaskClient, served: Snapshot, database: duckdb.DuckDBPyConnection
) -> None:
    text = client.get("/data").get_data(as_text=True)
    refused = one(database, "SELECT count(*) FROM quarantine")
    assert refused > 0
    for expected in (served.id, "8,000", str(served.manifest.last), f"{refused:,} rows are kept"):
        assert expected in text
    assert len(table(client, "/export/quarantine.csv")) == refused


def test_the_dictionary_counts_what_the_data_has(
    client: FlaskClient, database: duckdb.DuckDBPyConnection
) -> None:
    rows = table(client, "/export/dictionary.csv")
    assert sum(int(row["incidents"]) for row in rows) == 8_000
    thefts = sum(int(row["incidents"]) for row in rows if row["type"] == "THEFT")
    assert thefts == one(database, "SELECT count(*) FROM incidents WHERE type = 'THEFT'")
    places = one(database, "SELECT count(lat) FROM incidents")
    assert f"<td>{places:,}</td>" in client.get("/data/dictionary").get_data(as_text=True)


def test_a_changed_table_says_what_it_would_change_and_then_changes_it(
    home: Path, client: FlaskClient, database: duckdb.DuckDBPyConnection
) -> None:
    before = client.get(f"/data/tables?table={GROUPS}").get_data(as_text=True)
    assert ROBBERY in before
    text = Path("data", GROUPS).read_text(encoding="utf-8")
    changed = text.replace(ROBBERY, "headline,taken by force,,03,,Robbery")
    robberies = one(database, "SELECT count(*) FROM incidents WHERE fbi_code = '03'")
    form = {
        "table": GROUPS, "text": changed.replace("\n", "\r\n"), "action": "preview",
        "began": began(client, GROUPS),
    }  # fmt: skip
    shown = client.post("/data/tables", data=form).get_data(as_text=True)
    assert f"of {robberies:,} incidents" in shown
    assert "taken by force" in shown
    assert not (home / "tables" / GROUPS).exists()

    kept = client.post("/data/tables", data={**form, "action": "keep"})
    assert kept.status_code == 200
    assert (home / "tables" / GROUPS).read_text(encoding="utf-8") == changed
    state = State(Settings(home=home))
    assert Queue(state).latest(1)[0].command == ("snapshots", "renew")
    state.close()
    late = client.post("/data/tables", data={**form, "action": "keep"})
    assert late.status_code == 400
    assert "Somebody else has changed" in late.text

    report = derive_again(Settings(home=home))
    assert report.published
    assert report.incidents == 8_000
    again = Warehouse(home).current()
    assert again is not None
    with duckdb.connect(str(again.database), read_only=True) as connection:
        statement = """SELECT count(*) FROM incidents WHERE "group" = 'taken by force'"""
        assert one(connection, statement) == robberies
    assert not derive_again(Settings(home=home)).published


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        (GROUPS, "headline,,,03,,Robbery", "line 2, column group"),
        ("harm/illinois_classes.csv", "murder,many,730 ILCS,x", "line 2, column days"),
        ("targets.csv", "robbery,Robbery,district=001,", "line 2, column selection"),
        ("compstat.csv", "last_year,ten,,,", "line 2, column rise"),
    ],
)
def test_a_table_that_is_not_valid_is_refused_with_line_and_column(
    home: Path, client: FlaskClient, name: str, line: str, message: str
) -> None:
    head = Path("data", name).read_text(encoding="utf-8").splitlines()[0]
    for action in ("preview", "keep"):
        form = {
            "table": name, "text": f"{head}\n{line}\n", "action": action,
            "began": began(client, name),
        }  # fmt: skip
        answer = client.post("/data/tables", data=form)
        assert answer.status_code == 400
        assert message in answer.get_data(as_text=True)
        assert str(home) not in answer.get_data(as_text=True)
    assert not (home / "tables" / name).exists() or name == GROUPS


def test_targets_are_used_at_once(home: Path, client: FlaskClient) -> None:
    text = "target,title,selection,note\nthefts,Thefts,type=THEFT,\n"
    form = {"table": "targets.csv", "text": text, "action": "keep"}
    form["began"] = began(client, "targets.csv")
    assert "used from now on" in client.post("/data/tables", data=form).get_data(as_text=True)
    shown = client.get("/data/dictionary").get_data(as_text=True)
    assert "Thefts" in shown
    (home / "tables" / "targets.csv").unlink()


def test_colors_of_compstat_are_used_at_once(home: Path, client: FlaskClient) -> None:
    head = Path("data/compstat.csv").read_text(encoding="utf-8")
    form = {"table": "compstat.csv", "text": f"{head}last_year,10,25,10,25\n"}
    form["began"] = began(client, "compstat.csv")
    before = client.get("/export/compstat.json?level=city").get_json()
    assert before["colors"] == "verdict"
    shown = client.post("/data/tables", data={**form, "action": "preview"})
    assert "25%" in shown.get_data(as_text=True)
    client.post("/data/tables", data={**form, "action": "keep"})
    after = client.get("/export/compstat.json?level=city").get_json()
    assert after["colors"] == "percent of last_year"
    for row in after["rows"]:
        cell = row["year_to_date"]
        change = cell["change_last_year"]
        strong, weak = change is not None and change >= 0.25, change is not None and change >= 0.1
        assert (cell["color"] == "strong_rise") == strong
        assert (cell["color"] in ("strong_rise", "rise")) == weak
    (home / "tables" / "compstat.csv").unlink()


@pytest.mark.parametrize("name", ["sensitive.csv", "../state.db", "groups/denver.csv"])
def test_other_files_are_not_tables_of_the_data(client: FlaskClient, name: str) -> None:
    assert client.get("/data/tables", query_string={"table": name}).status_code == 400


def test_who_sees_only_part_does_not_look_after_all(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)
    limited = Reader("lee", frozenset({Role.STEWARD}), ScopeRules("district=001"))
    with reading(limited):
        for address in ("/data", "/data/dictionary", "/data/tables", "/export/dictionary.csv",
            "/export/quarantine.csv", "/data/uploads/0123456789abcdef"):  # fmt: skip
            assert client.get(address).status_code == 403
