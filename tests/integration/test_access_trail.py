"""Each kind of request is recorded exactly once, with who, what, from where and how it ended."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from analytics.audit import Audit, AuditEntry
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from bench.gestures import DEPENDENCIES, UPDATE, AnalystPage, template
from security.access_trail import UNRECORDED
from tests import ROOT
from tests.integration.test_metrics import SENT, TOKEN
from tests.integration.test_serve import free_port


@dataclass
class Site:
    services: Services
    client: FlaskClient
    snapshot: str

    def page(self, key: str) -> AnalystPage:
        dependencies: Any = self.client.get(DEPENDENCIES).get_json()
        return AnalystPage(template(dependencies, f"gesture-{key}"))

    def ask(self, page: AnalystPage, gesture: dict[str, Any], **options: str) -> Any:
        page.shown |= options
        answered = self.client.post(UPDATE, json=page.ask(gesture))
        assert answered.status_code == 200
        page.take(answered.get_json())
        return answered.get_json()["response"]

    def recorded(self) -> list[AuditEntry]:
        self.services.access_log.flush()
        return [*Audit(self.services.state, self.services.settings).entries()]

    def only(self, event: str) -> AuditEntry:
        (entry,) = [one for one in self.recorded() if one.event == event]
        return entry


@pytest.fixture
def site(settings: Settings, small: Snapshot) -> Iterator[Site]:
    app = create_app(settings)
    yield Site(app.services, app.server.test_client(), small.id)
    app.services.access_log.close()
    app.services.state.close()


def test_a_view_has_its_page_selection_snapshot_person_and_address(site: Site) -> None:
    page = site.page("explore")
    site.ask(page, {"action": "open", "text": "type=THEFT"})
    entry = site.only("page.viewed")
    assert (entry.subject, entry.outcome, entry.address) == ("explore", "done", "127.0.0.1")
    assert entry.person == entry.login
    assert entry.details["selection"] == "type=THEFT"
    assert entry.details["snapshot"] == site.snapshot
    assert len(entry.details["request"]) == 16
    site.ask(page, {"action": "toggle", "dimension": "district", "keys": ["001"]})
    assert [one.details["selection"] for one in site.recorded()] == [
        "type=THEFT",
        "type=THEFT&district=001",
    ]


def test_what_a_page_asks_by_itself_is_no_view(site: Site) -> None:
    page = site.page("overview")
    site.ask(page, {"action": "open", "text": ""})
    for option in ("later", "poll"):
        site.ask(page, {"action": "page", "changed": [option]}, **{option: "1"})
    site.ask(page, {"action": "page", "changed": ["theme"]}, theme="dark")
    site.ask(page, {"action": "dismiss", "keys": []})
    assert site.only("page.viewed").details["gesture"] == "open"
    site.ask(page, {"action": "page", "changed": ["later", "measure"]}, measure="harm")
    assert site.recorded()[-1].details["options"] == {"measure": "harm"}


def test_pages_that_are_prepared_are_no_views(site: Site) -> None:
    from callbacks.frame.history import SelectionState
    from callbacks.frame.pages import PAGES
    from callbacks.frame.selection import respond_to

    respond_to(site.services, PAGES[0], {"action": "open", "text": ""}, SelectionState())
    assert site.recorded() == []


def test_a_view_that_is_refused_says_why(site: Site) -> None:
    site.ask(site.page("explore"), {"action": "set", "dimension": "hour", "text": "99"})
    entry = site.only("page.viewed")
    assert entry.outcome == "refused"
    assert "99" in entry.details["reason"]


def test_an_opened_record_is_recorded(site: Site) -> None:
    page = site.page("explore")
    site.ask(page, {"action": "open", "text": ""})
    site.ask(page, {"action": "page", "changed": ["incident"]}, incident="3")
    assert site.only("record.opened").subject == "3"
    site.ask(page, {"action": "page", "changed": ["incident"]}, incident="none")
    assert [one.outcome for one in site.recorded() if one.event == "record.opened"] == [
        "done",
        "refused",
    ]


def test_a_search_is_recorded_with_its_words(site: Site) -> None:
    body: Any = {
        "output": "ask-answer.children",
        "outputs": {"id": "ask-answer", "property": "children"},
        "inputs": [{"id": "ask-question", "property": "data", "value": {"phrase": "thefts"}}],
        "state": [{"id": "selection", "property": "data", "value": None}],
        "changedPropIds": ["ask-question.data"],
    }
    assert site.client.post(UPDATE, json=body).status_code == 200
    assert site.only("search.asked").subject == "thefts"
    body["inputs"][0]["value"]["phrase"] = " "
    assert site.client.post(UPDATE, json=body).status_code == 200
    assert site.only("search.asked")


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("/export/incidents.csv?type=THEFT", "2"),
        ("/export/view.csv?view=type&type=THEFT", "3"),
        ("/export/map.geojson?mode=district", "3"),
        ("/export/incident.json?id=3", None),
        ("/export/responsible-use.csv?part=gaps", None),
    ],
)
def test_an_export_is_recorded_before_it_leaves(site: Site, address: str, rows: str) -> None:
    answered = site.client.get(address)
    assert answered.status_code == 200
    with closing(State(site.services.settings)) as state:  # before the thread has its turn
        (entry,) = Audit(state, site.services.settings).entries()
    path, _, query = address.partition("?")
    assert (entry.event, entry.subject, entry.outcome) == ("file.exported", path, "done")
    assert entry.details["query"] == query
    assert entry.details["snapshot"] == site.snapshot
    assert entry.details.get("rows") == rows
    assert entry.details["file"] in answered.headers["Content-Disposition"]


def test_an_export_that_cannot_be_recorded_is_refused_while_pages_stay(site: Site) -> None:
    page = site.page("explore")
    site.ask(page, {"action": "open", "text": ""})
    site.recorded()
    (site.services.settings.home / "audit.key").unlink()
    answered = site.client.get("/export/incidents.csv")
    assert answered.status_code == 503
    assert "audit log cannot be written" in answered.get_data(as_text=True)
    shown = site.ask(page, {"action": "toggle", "dimension": "type", "keys": ["THEFT"]})
    assert "Theft" in json.dumps(shown["selection-sentence"])
    reason: Any = site.client.get("/ready").get_json()
    deadline = time.monotonic() + 10
    while "not recorded" not in reason.get("reason", "") and time.monotonic() < deadline:
        time.sleep(0.1)
        reason = site.client.get("/ready").get_json()
    assert "not recorded" in reason["reason"]
    assert str(site.services.settings.home) not in reason["reason"]


def test_a_refusal_by_the_log_is_like_others_and_counted_as_what_it_is(
    settings: Settings, small: Snapshot
) -> None:
    app = create_app(replace(settings, metrics_token=TOKEN))
    client = app.server.test_client()
    assert client.get("/api/v1/incidents?limit=1").status_code == 200
    app.services.access_log.flush()
    (settings.home / "audit.key").unlink()
    answer = client.get("/api/v1/incidents?limit=1")
    error: Any = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (503, "unavailable")
    assert error["message"] == UNRECORDED.strip()
    exported = client.get("/export/incidents.csv")
    assert (exported.status_code, exported.text) == (503, UNRECORDED)
    for one in (answer, exported):
        assert one.headers["Cache-Control"] == "no-store"
        assert "default-src" in one.headers["Content-Security-Policy"]
        assert "X-PatrolIQ-Rows" not in one.headers
    counted = client.get("/metrics", headers=SENT).text
    found = dict(re.findall(r"^patroliq_requests_total\{(.*)\} (\S+)$", counted, re.MULTILINE))
    assert found['route="/export/incidents.csv",status="503"'] == "1.0"
    assert 'route="/export/incidents.csv",status="200"' not in found
    assert "\npatroliq_exported_rows_total 0.0\n" in counted
    app.services.access_log.close()
    app.services.state.close()


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/export/incidents.csv?hour=99", 400),
        ("POST", UPDATE, 400),
        ("GET", "/export/plan.geojson?plan=9", 400),
    ],
)
def test_a_refusal_is_recorded_with_its_status(
    site: Site, method: str, address: str, status: int
) -> None:
    assert site.client.open(address, method=method).status_code == status
    entry = site.only("request.refused")
    assert (entry.subject, entry.outcome) == (
        f"{method} {address.split('?', maxsplit=1)[0]}",
        str(status),
    )


def test_a_request_of_another_site_is_recorded_as_refused(site: Site) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    assert site.client.post("/go/visits", json={}, headers=headers).status_code == 403
    assert site.only("request.refused").outcome == "403"


def test_an_address_that_does_not_exist_and_health_are_not_recorded(site: Site) -> None:
    for address in ("/export/nothing", "/health", "/ready", "/assets/none.css"):
        site.client.get(address)
    assert site.recorded() == []


def test_a_form_is_recorded_before_it_runs_and_says_what_it_queued(site: Site) -> None:
    page = site.page("models")
    values = {"model": "zones_kmeans"}
    site.ask(page, {"action": "act", "name": "train", "values": values})
    entry = site.only("act.submitted")
    assert (entry.subject, entry.details["values"]) == ("models train", values)
    queued = site.only("job.queued")
    assert queued.details["command"][:2] == ["train", "zones_kmeans"]
    site.ask(page, {"action": "act", "name": "cancel", "values": {"job": queued.subject}})
    assert site.only("job.cancel_requested").subject == queued.subject
    assert not [one for one in site.recorded() if one.event == "page.viewed"]


def test_a_form_that_is_refused_says_so(site: Site) -> None:
    page = site.page("models")
    site.ask(page, {"action": "act", "name": "cancel", "values": {"job": "99", "reason": "Why"}})
    assert site.only("act.submitted").reason == "Why"
    failed = site.only("act.failed")
    assert (failed.outcome, failed.details["of"]) == ("refused", "act.submitted")


def test_the_text_of_a_note_is_not_in_the_log_from_which_nothing_is_removed(site: Site) -> None:
    note = {"about": "plan", "key": "3", "note": "Seen by a neighbor"}
    site.ask(site.page("patrol"), {"action": "act", "name": "write-note", "values": note})
    assert site.only("act.submitted").details["values"] == {"about": "plan", "key": "3"}
    assert site.only("note.written").subject == "plan 3"
    assert "neighbor" not in str(site.recorded())


def test_a_form_that_cannot_be_recorded_does_not_run(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = site.page("models")
    site.ask(page, {"action": "open", "text": ""})
    site.recorded()
    (site.services.settings.home / "audit.key").unlink()
    ran: list[object] = []
    monkeypatch.setattr("jobs.queue.Queue.add", lambda *_arguments: ran.append(1))
    act = {"action": "act", "name": "train", "values": {"model": "zones_kmeans"}}
    shown = site.ask(page, act)
    assert "signed with the key" in json.dumps(shown["notice"])
    assert not ran


def test_commands_record_who_queued_and_who_canceled(settings: Settings) -> None:
    environment = {"PATROLIQ_HOME": str(settings.home), "PATROLIQ_USER": "ann", "PATH": ""}
    program = [sys.executable, "-m", "analytics.cli", "jobs"]
    for arguments in (["add", "train", "zones_kmeans"], ["cancel", "1"]):
        subprocess.run([*program, *arguments], env=environment, check=True, capture_output=True)
    with closing(State(settings)) as state:
        found = [(one.event, one.person) for one in Audit(state, settings).entries()]
    assert found == [("job.queued", "ann"), ("job.cancel_requested", "ann")]


def test_a_stopped_server_has_recorded_its_views_and_its_settings(
    settings: Settings, small: Snapshot
) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "PATROLIQ_HOME": str(settings.home),
        "PATROLIQ_PORT": str(port),
        "PATROLIQ_WORKERS": "2",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "analytics.cli", "serve"], env=environment, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        page = AnalystPage(template(_json(address + DEPENDENCIES), "gesture-explore"))
        _json(address + UPDATE, page.ask({"action": "open", "text": "type=THEFT"}))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    with closing(sqlite3.connect(settings.home / "state.db")) as connection:
        found = connection.execute("SELECT event, details FROM audit ORDER BY sequence").fetchall()
    events = [event for event, _ in found]
    assert sorted(events) == ["page.viewed", "settings.in_force"]
    assert json.loads(dict(found)["settings.in_force"])["port"] == str(port)


def _json(address: str, body: Any = None) -> Any:
    """The answer of a server that may still be starting."""
    deadline = time.monotonic() + 60
    while True:
        try:
            sent = {} if body is None else {"json": body}
            method = "GET" if body is None else "POST"
            asked = httpx.request(method, address, timeout=60, **sent)
            return asked.raise_for_status().json()
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
