"""As it was: what a kept snapshot shows is what was shown then, and nothing of it changes."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from analytics.access.needs import need_of
from analytics.access.reader import Reader, open_access, reading
from analytics.access.roles import IN_THE_PAST, Permission, Role
from analytics.artifacts.bundle import (
    Bundle,
    champion_version,
    set_champion,
    set_version,
    version_folder,
)
from analytics.artifacts.champions import Champions
from analytics.artifacts.index import read_index, write_index
from analytics.audit import Audit
from analytics.errors import PastGoneError, UnchangeableError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.champion_labels import staged_labels
from analytics.layers.add import LayerOptions, add_layer
from analytics.layers.kinds import LayerKind
from analytics.notes import Notes, NoteSubject
from analytics.past.past_home import FACTS, MADE_FOR, open_past
from analytics.past.serving import MOST_OPEN
from analytics.past.state_then import BY_OTHERS, NOT_COPIED, RECORDED_AT, copy_state
from analytics.retraction.retract import retract
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import metadata
from api.alerts_answers import LEFT_OUT
from app import create_app
from bench.gestures import GESTURE, STATE
from callbacks.frame.pages import PAGES
from security.as_it_was import CALLBACKS, HEADER, STAYS
from tests.integration.calls_town import ingest_calls, town_lines
from tests.integration.every_address import addresses as every_address
from tests.integration.every_address import pages
from tests.integration.reader_answers import (
    addresses,
    answers,
    data_of,
    difference,
    normal,
    text_of,
)
from tests.integration.scoped_town import CASES, ScopeCase, load_town, town
from tests.integration.town_results import ZONES, store_results
from tests.unit.analytics.layers.files import geojson, point

ROWS = town(160)
SUBJECT = NoteSubject.parse("place", "41.82,-87.69,200")


@dataclass(frozen=True)
class History:
    """A town that got more incidents, and a copy of its home from before."""

    settings: Settings
    before: Settings
    snapshot: str
    before_promotion: str

    def rows(self) -> dict[str, int]:
        """Rows of each table of the state, but the audit log."""
        with closing(State(self.settings)) as state, state.engine.connect() as connection:
            return {
                name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
                if name != "audit"
            }


def write_note(settings: Settings, text: str) -> None:
    with closing(State(settings)) as state, reading(open_access("ann")):
        Notes(state, settings).write(SUBJECT, text)


def promote_again(settings: Settings) -> str:
    """Promote a second version of the zones; returns the snapshot that this replaced."""
    warehouse, home = Warehouse(settings.home), settings.home
    current = warehouse.current()
    assert current is not None
    folder = version_folder(home, ZONES, 2)
    shutil.copytree(version_folder(home, ZONES, 1), folder)
    set_version(folder, 2)
    bundle = Bundle.load(folder)
    rows = read_index(home)["versions"]
    added = {**rows[0], "name": ZONES, "version": 2, "created": datetime.now(UTC).isoformat()}
    with (
        warehouse.lock(),
        staged_labels(warehouse, current, [bundle], settings) as publish,
        closing(State(settings)) as state,
    ):
        Champions(state, settings).promote(ZONES, 2, "Newer", {})
        publish()
        set_champion(home, bundle)
    write_index(home, {}, [added, *({**one, "champion": one["name"] != ZONES} for one in rows)])
    return current.id


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("history")
    settings = Settings(home=folder / "home")
    load_town(settings, ROWS[:120])
    store_results(settings, ROWS[:120])
    ingest_calls(settings, folder, *town_lines()[:200])
    write_note(settings, "Known then")
    copy = shutil.copytree(settings.home, folder / "before")
    snapshot = Warehouse(settings.home).current_id()
    assert snapshot is not None
    time.sleep(1.0)  # notes have times in whole seconds
    load_town(settings, ROWS)
    write_note(settings, "Learned later")
    ingest_calls(settings, folder, *town_lines()[:300])
    bar = geojson(folder / "bar.geojson", [point(-87.68, 41.83)])
    add_layer(settings, LayerKind.PLACES, bar, LayerOptions(title="Bars"))
    promoted = promote_again(settings)
    return History(settings, Settings(home=Path(copy)), snapshot, promoted)


@pytest.fixture
def server(history: History) -> Iterator[Flask]:
    app = create_app(history.settings)
    yield app.server
    app.services.access_log.close()
    app.services.state.close()


@pytest.fixture
def client(server: Flask, history: History) -> FlaskClient:
    """A browser that has the earlier snapshot open."""
    client = server.test_client()
    answer = client.post("/as-it-was", data={"snapshot": history.snapshot})
    assert answer.status_code == 302
    return client


@pytest.mark.parametrize("case", [None, *CASES[:2]], ids=lambda one: one.name if one else "all")
def test_pages_answer_as_they_did_then(history: History, case: ScopeCase | None) -> None:
    now, then = Services(history.settings, web=True), Services(history.before, web=True)
    reader = case.reader if case else open_access("ann")
    for page in PAGES:
        with reading(reader):
            expected = answers(then, page, "")
        with reading(replace(reader, past=history.snapshot)):
            found = answers(now, page, "")
        assert normal(found) == normal(expected), difference(normal(found), normal(expected))


def test_documents_and_files_answer_as_they_did_then(client: FlaskClient, history: History) -> None:
    then = create_app(history.before).server.test_client()
    for address in addresses(history.snapshot, ROWS[:3] + ROWS[150:153]):
        if address in {"/ready", "/health", "/", "/_dash-layout"} or address.startswith("/go/"):
            continue
        found, expected = client.get(address), then.get(address)
        assert found.status_code == expected.status_code, address
        if found.mimetype != "text/html":
            assert data_of(text_of(found.data)) == data_of(text_of(expected.data)), address


def test_the_models_are_the_champions_until_the_decision_on_the_next(history: History) -> None:
    services = Services(history.settings, web=True)
    for past, version in ((history.before_promotion, 1), ("", 2)):
        with reading(replace(open_access("ann"), past=past)):
            home = services.settings.home
            assert champion_version(home, ZONES) == version
            rows = [one for one in read_index(home)["versions"] if one["name"] == ZONES]
            assert len(rows) == 2  # the second had been trained, and was not yet in use
            assert [one["version"] for one in rows if one["champion"]] == [version]
            decided = Champions(services.state, services.settings).holding()[ZONES]
            assert decided.version == version
            labels = services.pin()
            assert labels is not None
            assert labels.snapshot.manifest.model_versions[ZONES] == str(version)


def test_a_champion_whose_files_are_gone_is_named_and_nothing_stands_in_its_place(
    own: Settings, history: History
) -> None:
    shutil.rmtree(version_folder(own.home, ZONES, 1))
    client = create_app(own).server.test_client()
    client.post("/as-it-was", data={"snapshot": history.snapshot})
    banner = client.get("/hotspots").text.partition("</aside>")[0]
    assert f"{ZONES} 1" in banner
    services = Services(own, web=True)
    with reading(replace(open_access("ann"), past=history.snapshot)):
        assert champion_version(services.settings.home, ZONES) is None


def test_alerts_of_then_that_are_left_out_are_said(
    own: Settings, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "analytics.past.past_home.copy_state", lambda *given: (copy_state(*given)[0] + 1, 0)
    )
    client = create_app(own).server.test_client()
    client.post("/as-it-was", data={"snapshot": history.snapshot})
    for address in ("/alerts", "/alerts/1"):
        page = client.get(address, headers={"Accept": "text/html"}).text
        assert LEFT_OUT in page
        assert 'href="/notes"' in page


def test_every_address_answers_without_writing(
    client: FlaskClient, server: Flask, history: History
) -> None:
    """A page that writes while it is read would be refused by its state, and fail."""
    for address in every_address(server, history.snapshot):
        with client.get(address) as answer:
            status = answer.status_code
        assert status < 500, address
        if status == 409:
            need = need_of(server.view_functions[_endpoint(server, address)])
            assert need not in IN_THE_PAST, address


def _endpoint(server: Flask, address: str) -> str:
    path = address.partition("?")[0]
    return str(server.url_map.bind("localhost").match(path)[0])


def test_nothing_that_was_learned_later_is_shown(client: FlaskClient) -> None:
    found = client.get("/notes").text
    assert "Known then" in found
    assert "Learned later" not in found
    assert client.get(f"/export/incident.json?id={ROWS[0].id}").status_code == 200
    assert client.get(f"/export/incident.json?id={ROWS[150].id}").status_code == 400


def test_a_banner_is_on_every_page_and_in_the_name_of_every_file(
    client: FlaskClient, history: History
) -> None:
    for path in ("/", "/explore", "/alerts", "/compstat", "/notes", "/briefings", "/as-it-was"):
        page = client.get(path).text
        assert f'data-as-it-was="{history.snapshot}"' in page, path
        assert page.count("/as-it-was/return") == 1, path
    file = client.get("/export/incidents.csv")
    assert file.headers["Content-Disposition"].startswith(
        'attachment; filename="as-it-was-2024-06-29-'
    )
    assert client.get("/").headers["Cache-Control"] == "no-store"
    for path in ("/data", "/data/tables", "/audit", "/people", "/go/plans.json"):
        refused = client.get(path, headers={"Accept": "text/html"})
        assert refused.status_code == 409, path
        assert 'action="/as-it-was/return"' in refused.text


def test_every_change_is_refused_while_it_is_open(
    client: FlaskClient, server: Flask, history: History
) -> None:
    state = history.rows()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in every_address(server, history.snapshot, method):
            path = address.partition("?")[0]
            if path in STAYS or path == CALLBACKS:
                continue
            answer = client.open(address, method=method, data={"action": "write"})
            refusals = (401,) if path.startswith("/api/v1/") else (404, 405, 409)  # without a token
            assert answer.status_code in refusals, (method, address, answer.status_code)
    assert history.rows() == state


def gestures(client: FlaskClient) -> dict[str, object]:
    """The request that opens Explore, as its page sends it."""
    page = next(one for one in pages(client) if one.request["inputs"][0]["id"] == GESTURE)
    return page.ask({"action": "open", "text": ""})


def test_an_answer_is_of_the_same_snapshot_as_its_page(
    client: FlaskClient, history: History
) -> None:
    body = gestures(client)
    then = client.post(CALLBACKS, json=body, headers={HEADER: history.snapshot})
    assert then.status_code == 200
    assert json.loads(then.text)["response"][STATE]["data"]["snapshot"] == history.snapshot
    for of_another_page in ({HEADER: ""}, {}):
        refused = client.post(CALLBACKS, json=body, headers=of_another_page)
        assert (refused.status_code, refused.get_json()["reason"]) == (409, "other page")
    assert client.get("/layers/current.json", headers={HEADER: ""}).status_code == 409
    client.post("/as-it-was/return")
    refused = client.post(CALLBACKS, json=body, headers={HEADER: history.snapshot})
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "other page")
    today = client.post(CALLBACKS, json=body, headers={HEADER: ""})
    assert json.loads(today.text)["response"][STATE]["data"]["snapshot"] != history.snapshot


def test_opening_and_returning_are_in_the_audit_log(client: FlaskClient, history: History) -> None:
    client.get("/notes")
    client.post("/as-it-was/return")
    assert "as-it-was" not in client.get("/notes").text.partition("<main")[0]
    with closing(State(history.settings)) as state:
        opened, closed = (
            Audit(state, history.settings).latest(1, event)[0]
            for event in ("as_it_was.opened", "as_it_was.closed")
        )
    assert opened.subject == closed.subject == history.snapshot
    assert closed.details["as_it_was"] == history.snapshot


def test_only_kept_snapshots_of_before_open(server: Flask, history: History) -> None:
    client = server.test_client()
    served = Warehouse(history.settings.home).current_id()
    for wrong in ("", "20260101T000000000-00000000", "../../etc", served):
        assert client.post("/as-it-was", data={"snapshot": wrong}).status_code == 400, wrong
        assert client.get_cookie("patroliq-as-it-was") is None
    listed = client.get("/as-it-was").text
    assert history.snapshot in listed
    assert listed.count('action="/as-it-was"') == len(Warehouse(history.settings.home).list()) - 1


def test_whoever_may_open_it_reads_and_changes_nothing() -> None:
    for role in Role:
        today = Reader("Ann", frozenset({role}))
        then = replace(today, past="20260101T000000000-00000000")
        given = {one for one in Permission if then.may(one)}
        if not today.may(Permission.AS_IT_WAS):
            assert given == set(), role
            continue
        assert {Permission.PAGES, Permission.AS_IT_WAS} <= given <= IN_THE_PAST
        assert not given & {
            Permission.DATA,
            Permission.TRAIN,
            Permission.PROMOTE,
            Permission.PEOPLE,
        }
    assert [role for role in Role if Reader("a", frozenset({role})).may(Permission.AS_IT_WAS)] == [
        Role.ANALYST,
        Role.APPROVER,
        Role.STEWARD,
        Role.AUDITOR,
    ]


def test_it_is_decided_for_every_table_whether_its_rows_are_copied() -> None:
    decided = {*RECORDED_AT, *BY_OTHERS, *NOT_COPIED}
    assert decided == set(metadata.tables.values())
    assert len(decided) == len(RECORDED_AT) + len(BY_OTHERS) + len(NOT_COPIED)


def test_its_state_cannot_be_written_by_any_road(history: History) -> None:
    services = Services(history.settings, web=True)
    with reading(replace(open_access("ann"), past=history.snapshot)):
        notes = Notes(services.state, services.settings)
        assert [one.text for one in notes.newest()] == ["Known then"]
        with pytest.raises(UnchangeableError):
            notes.write(SUBJECT, "Too late")
        assert len(notes.newest()) == 1


def test_a_worker_keeps_few_of_them_open(history: History) -> None:
    services = Services(history.settings, web=True)
    older = [one.id for one in Warehouse(history.settings.home).list()[1:]]
    assert len(older) >= MOST_OPEN
    for snapshot in [*older, *older]:
        with reading(replace(open_access("ann"), past=snapshot)):
            pinned = services.pin()
            assert pinned is not None
            assert pinned.id == snapshot
    assert services._past is not None
    assert len(services._past._entries) <= MOST_OPEN
    now = services.warehouse.current_id()
    with reading(open_access("ann")):
        served = services.pin()
    assert served is not None
    assert served.id == now


@pytest.fixture
def own(history: History, tmp_path: Path) -> Settings:
    """A copy of the history that a test may change."""
    return Settings(
        home=Path(shutil.copytree(history.settings.home, tmp_path / "own", symlinks=True))
    )


def test_a_snapshot_that_goes_while_it_is_open_is_said_with_a_way_back(
    own: Settings, history: History
) -> None:
    app = create_app(own)
    client = app.server.test_client()
    client.post("/as-it-was", data={"snapshot": history.snapshot})
    assert client.get("/notes").status_code == 200
    body = gestures(client)
    Warehouse(own.home).remove(history.snapshot)
    gone = client.get("/notes")
    assert gone.status_code == 410
    assert 'action="/as-it-was/return"' in gone.text
    answer = client.post(CALLBACKS, json=body, headers={HEADER: history.snapshot})
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "gone")
    assert client.post("/as-it-was/return").status_code == 302
    assert client.get("/notes").status_code == 200
    app.services.access_log.close()


def test_a_snapshot_of_another_schema_is_refused(own: Settings, history: History) -> None:
    path = own.home / "snapshots" / history.snapshot / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": ', '"schema_version": 9'))
    services = Services(own, web=True)
    with (
        reading(replace(open_access("ann"), past=history.snapshot)),
        pytest.raises(PastGoneError, match="schema version"),
    ):
        services.pin()


def test_a_home_of_an_earlier_version_is_made_again(own: Settings, history: History) -> None:
    made = open_past(own, history.snapshot)
    folder = made.settings.home
    state = (folder / "state.db").stat().st_ino
    assert open_past(own, history.snapshot).facts == made.facts
    assert (folder / "state.db").stat().st_ino == state
    facts = json.loads((folder / FACTS).read_text())
    (folder / FACTS).write_text(json.dumps({**facts, MADE_FOR: "0001"}))
    assert open_past(own, history.snapshot).facts == made.facts
    assert json.loads((folder / FACTS).read_text()) == facts


def test_a_retracted_incident_is_in_no_snapshot_as_it_was(own: Settings, history: History) -> None:
    sealed = ROWS[0].id
    services = Services(own, web=True)
    reader = replace(open_access("ann"), past=history.snapshot)

    def found() -> set[str]:
        with reading(reader):
            pinned = services.pin()
            assert pinned is not None
            table = pinned.reader.frame("SELECT id FROM incidents")
            return set(table["id"])

    before = found()
    assert sealed in before
    retract([sealed], "Sealed by court order", own)
    assert found() == before - {sealed}
    assert not (own.home / "as_it_was" / history.snapshot / "scoped").exists()
