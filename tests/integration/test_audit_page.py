"""The page for auditors, its filters, its paging, and the log as a file."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from analytics.access_notes import NewEntry
from analytics.audit import LOCK, Audit
from analytics.audit.chain import AuditEntry
from analytics.audit.key import AuditKeys
from analytics.settings import Settings
from analytics.state import State
from app import create_app

ENTRIES = (
    NewEntry("page.viewed", "explore", details={"selection": "type=THEFT"}, person="Ann Lee",
             outcome="done", address="10.0.0.1", happened="2026-11-01T08:00:00.000000+00:00"),
    NewEntry("file.exported", "/export/incidents.csv", person="Bob", outcome="done",
             details={"rows": 3}, happened="2026-11-02T23:59:59.000000+00:00"),
    NewEntry("request.refused", "GET /export/x", person="Bob", outcome="403",
             happened="2026-11-03T00:00:00.000000+00:00"),
    NewEntry("zone.rename", "=1+1 <script>alert(1)</script>", reason="@evil", person="Ann Lee",
             happened="2026-11-04T08:00:00.000000+00:00"),
)  # fmt: skip


@pytest.fixture
def audit(settings: Settings) -> Iterator[Audit]:
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        with state.exclusive(LOCK) as connection:
            audit.append(connection, ENTRIES)
        audit.anchor()
        yield audit


@pytest.fixture
def browser(settings: Settings, audit: Audit) -> Iterator[FlaskClient]:
    app = create_app(settings)
    yield app.server.test_client()
    app.services.access_log.close()
    app.services.state.close()


def numbers(page: str) -> list[int]:
    return [int(part.split("<", 1)[0]) for part in page.split('<th scope="row">')[1:]]


def test_the_page_lists_the_newest_entries_first_and_escapes_what_people_wrote(
    browser: FlaskClient,
) -> None:
    answer = browser.get("/audit")
    assert answer.status_code == 200
    assert numbers(answer.text) == [4, 3, 2, 1]
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert" not in answer.text
    assert "type=THEFT" in answer.text
    assert "matches its anchor" in answer.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person=Bob", [3, 2]),
        ("event=page.viewed", [1]),
        ("event=file.", [2]),
        ("outcome=refused", [3]),
        ("outcome=done&person=Ann+Lee", [1]),
        ("outcome=failed", []),
        ("first=2026-11-02&last=2026-11-02", [2]),
        ("last=2026-11-03", [3, 2, 1]),
        ("first=2026-11-04", [4]),
        ("person=%25", []),
        ("event=%25.", []),
    ],
)
def test_filters_choose_entries(browser: FlaskClient, query: str, expected: list[int]) -> None:
    assert numbers(browser.get(f"/audit?{query}").text) == expected
    rows = list(csv.DictReader(io.StringIO(browser.get(f"/export/audit.csv?{query}").text)))
    assert [int(row["sequence"]) for row in rows if int(row["sequence"]) <= 4] == expected


def test_a_search_that_is_not_valid_is_said(browser: FlaskClient) -> None:
    page = browser.get("/audit?first=yesterday").text
    assert "first=yesterday is not a day" in page
    assert numbers(page) == []
    assert browser.get("/export/audit.csv?outcome=x").status_code == 400


def test_pages_follow_one_another(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.audit_answers.ROWS", 3)
    first = browser.get("/audit?last=2026-11-30").text
    assert numbers(first)[-3:] == [4, 3, 2]
    link = first.split('href="/audit?')[2].split('"', 1)[0].replace("&amp;", "&")
    assert numbers(browser.get(f"/audit?{link}").text) == [1]


def test_the_chain_is_verified_on_request(
    browser: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "newest 4 entries are intact" in browser.get("/audit?verify=1").text
    monkeypatch.setattr("api.audit_answers.VERIFIED", 2)
    assert "newest 2 entries are intact" in browser.get("/audit?verify=1").text
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET person = 'x' WHERE sequence = 3")
        connection.commit()
    assert "broken at entry 3" in browser.get("/audit?verify=1").text


def test_the_json_file_is_enough_to_compute_the_hashes_again(
    browser: FlaskClient, settings: Settings
) -> None:
    answer = browser.get("/export/audit.jsonl")
    assert answer.headers["Content-Disposition"].endswith('.jsonl"')
    (secret,) = AuditKeys(settings).read().values()
    for line in answer.text.splitlines():
        entry = AuditEntry(**json.loads(line))
        assert entry.digest(secret) == entry.hash


def test_no_cell_of_the_table_is_a_formula(browser: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(browser.get("/export/audit.csv").text)))
    renamed = next(row for row in rows if row["event"] == "zone.rename")
    assert renamed["subject"].startswith("'=1")
    assert renamed["reason"] == "'@evil"


def test_reading_and_taking_the_log_is_recorded(browser: FlaskClient, audit: Audit) -> None:
    browser.get("/export/audit.csv?person=Bob")
    newest = audit.latest(1)[0]
    assert (newest.event, newest.subject) == ("file.exported", "/export/audit.csv")
    assert newest.details["query"] == "person=Bob"
    browser.get("/audit?person=Bob&outcome=done")
    deadline = time.monotonic() + 10
    while not (viewed := audit.latest(1, "audit.viewed")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert viewed[0].details["outcome"] == "done"
