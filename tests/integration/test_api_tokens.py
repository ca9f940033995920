"""Who may ask the API: by no, wrong, revoked, expired and narrow tokens, and by sessions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import unquote

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from analytics.access.needs import need_of, needs
from analytics.access.people import People
from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import OF_PEOPLE, ProgramPermission
from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from analytics.audit import Audit, AuditEntry
from analytics.incidents.warehouse import Snapshot
from analytics.redaction import ACCESS_TOKEN
from analytics.settings import Settings
from analytics.state import State
from api.v1.api_route import BASE, ApiRoute
from api.v1.routes import ROUTES
from app import create_app
from security import bearer
from tests.integration.program import Program, new_token, revoke_token
from tests.integration.scoped_town import load_town, town
from tests.integration.test_sign_in import PASSWORD, Browser

READ = ProgramPermission.READ_INCIDENTS
WRITE = ProgramPermission.WRITE_CALLS


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("analytics.access.passwords._HASHER", cheap)
    monkeypatch.setattr(bearer, "KNOWN_S", 0.0)


@pytest.fixture
def closed(settings: Settings, small: Snapshot) -> Settings:
    """An installation with accounts."""
    with closing(State(settings)) as state:
        for role in (Role.ADMIN, Role.ANALYST, Role.VIEWER):
            People(state, settings).add(role.capitalize(), [role], PASSWORD)
    return settings


@pytest.fixture
def client(closed: Settings) -> FlaskClient:
    """A client of the app, with a route that writes."""
    server = create_app(closed).server

    @server.post(f"{BASE}/written")
    @needs(WRITE)
    def write() -> str:
        return "written"

    return server.test_client()


@pytest.fixture
def entries(closed: Settings, client: FlaskClient) -> list[AuditEntry]:
    """Entries of the audit log, read when they are first looked at."""

    class Later(list[AuditEntry]):
        def __iter__(self) -> Iterator[AuditEntry]:
            with closing(State(closed)) as state:
                yield from Audit(state, closed).entries()

    return Later()


def refusal(client: FlaskClient, token: str, path: str = "/incidents") -> tuple[int, str]:
    answer = Program(client, token).ask(path)
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"]


def test_a_token_reads_what_it_allows(closed: Settings, client: FlaskClient) -> None:
    program = Program(client, new_token(closed, allowed=[READ], role=Role.ANALYST))
    assert len(program.read("/incidents")["rows"]) == 5
    assert refusal(client, program.token, "/aggregates") == (403, "forbidden")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_no_route_answers_without_a_token_or_with_another_permission(
    closed: Settings, client: FlaskClient, route: ApiRoute
) -> None:
    path = route.path.replace("{plan}", "1")
    others = [one for one in ProgramPermission if one is not route.need]
    token = new_token(closed, allowed=[one for one in others if not one.startswith("feed")])
    method = route.method
    for sent, status in (("", 401), (token, 403)):
        answer = Program(client, sent).ask(path, method)
        assert answer.status_code == status
        assert answer.json is not None
        assert answer.json["error"]["message"]


def test_wrong_revoked_and_expired_tokens_are_refused_and_recorded(
    closed: Settings,
    client: FlaskClient,
    entries: list[AuditEntry],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = new_token(closed, days=1)
    assert Program(client, token).ask("/incidents").status_code == 200
    assert refusal(client, f"{token[:-1]}!") == (401, "unauthorized")
    assert refusal(client, "é") == (401, "unauthorized")
    revoke_token(closed)
    assert refusal(client, token) == (401, "unauthorized")
    old = new_token(closed, "Old", days=1)
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(ProgramTokens.__init__, "__defaults__", (lambda: later,))
    assert refusal(client, old) == (401, "unauthorized")
    refused = [
        (one.event, one.subject, one.outcome, one.details["reason"])
        for one in entries
        if one.event == "access.token"
    ]
    assert refused == [
        ("access.token", "unknown token", "refused", "unknown"),
        ("access.token", "unknown token", "refused", "unknown"),
        ("access.token", "Dispatch", "refused", "revoked"),
        ("access.token", "Old", "refused", "expired"),
    ]


def test_answers_are_recorded_as_the_programs(
    closed: Settings, client: FlaskClient, entries: list[AuditEntry]
) -> None:
    program = Program(client, new_token(closed, role=Role.ANALYST))
    program.read("/incidents?type=THEFT")
    (read,) = [one for one in entries if one.event == "api.read"]
    assert (read.person, read.subject) == ("token:Dispatch", "/api/v1/incidents")
    assert read.details["query"] == "type=THEFT"
    assert read.details["rows"] == 2


def test_a_token_in_an_address_is_refused_and_kept_nowhere(
    closed: Settings,
    client: FlaskClient,
    entries: list[AuditEntry],
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = new_token(closed, role=Role.ANALYST)
    program = Program(client, token)
    escaped = token.replace("_", "%5F", 1)
    for query in (
        f"token={token}",
        f"type=THEFT&access_token={token}",
        f"type={token}",
        f"type={escaped}",
        f"t%6Fken={escaped}",
    ):
        answer = program.ask(f"/incidents?{query}")
        assert answer.status_code == 400
        assert token not in answer.text
        client.get(f"/export/view.csv?view=total&type={token}", base_url="https://localhost")
        client.get(f"/nowhere/{token}")
    program.read("/incidents")
    seen = capsys.readouterr()
    logged = seen.out + seen.err
    assert "/api/v1/incidents" in logged
    assert token not in logged
    recorded = [str(one) for one in entries]
    assert any("api.read" in one for one in recorded)
    assert not [one for one in recorded if token in unquote(one)]


def test_many_wrong_tokens_wait_and_a_right_one_that_was_used_does_not(
    closed: Settings, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MOST_FAILURES", 3)
    used, fresh = new_token(closed), new_token(closed, "Fresh")
    assert Program(client, used).ask("/incidents").status_code == 200
    assert [refusal(client, f"wrong{number}")[0] for number in range(5)] == [401] * 3 + [429] * 2
    assert refusal(client, fresh) == (429, "too_many_requests")
    assert Program(client, used).ask("/incidents").status_code == 200
    answer = Program(client, "wrong").ask("/incidents")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_token_opens_no_page_and_no_download(closed: Settings, client: FlaskClient) -> None:
    sent = {"Authorization": f"Bearer {new_token(closed, role=Role.STEWARD)}"}
    for path in ("/", "/explore", "/export/incidents.csv", "/audit", "/account", "/_dash-layout"):
        assert client.get(path, headers=sent).status_code == 401, path


def test_people_read_with_their_session_as_their_role_allows(client: FlaskClient) -> None:
    browser = Browser(client)
    browser.sign_in("Analyst")
    assert browser.get("/api/v1/incidents").status_code == 200
    browser.sign_in("Viewer")
    assert browser.get("/api/v1/incidents").status_code == 403


def test_an_admin_makes_a_token_on_the_page_sees_it_once_and_revokes_it(
    client: FlaskClient, entries: list[AuditEntry]
) -> None:
    browser = Browser(client)
    browser.sign_in("Admin")
    sent = {
        "action": "create-token", "name": "<b>Map</b>", "allow": [READ], "role": "analyst",
        "selection": "district=001", "days": "9",
    }  # fmt: skip
    page = browser.post("/people", data=sent)
    assert page.status_code == 200
    (token,) = ACCESS_TOKEN.findall(page.text)
    assert "<b>Map" not in page.text
    assert not ACCESS_TOKEN.search(browser.get("/people").text)
    program = Program(client, token)
    wait_until_ready(program)
    assert {row["district"] for row in program.read("/incidents")["rows"]} == {"001"}
    for wrong in ({"allow": []}, {"days": "x"}, {"role": "king"}, {"days": "9999"}):
        refused = browser.post("/people", data={**sent, "name": "Other", **wrong})
        assert refused.status_code == 400
    browser.post("/people", data={"action": "revoke-token", "name": "<b>Map</b>"})
    assert refusal(client, token) == (401, "unauthorized")
    made = [(one.event, one.person) for one in entries if one.event.startswith("token.")]
    assert made == [("token.created", "Admin"), ("token.revoked", "Admin")]


def test_a_session_alone_writes_nothing(closed: Settings, client: FlaskClient) -> None:
    browser = Browser(client)
    browser.sign_in("Analyst")
    answer = browser.post("/api/v1/written")
    assert answer.status_code == 401
    token = new_token(closed, allowed=[WRITE])
    assert Program(client, token).ask("/written", "POST").text == "written"  # and needs no other
    assert Program(client, new_token(closed, "R")).ask("/written", "POST").status_code == 403


def test_without_accounts_this_machine_reads_and_only_a_token_writes(
    settings: Settings, small: Snapshot
) -> None:
    server = create_app(settings).server

    @server.post(f"{BASE}/written")
    @needs(WRITE)
    def write() -> str:
        return "written"

    client = server.test_client()
    assert Program(client).ask("/incidents").status_code == 200
    assert Program(client).ask("/written", "POST").status_code == 401
    assert Program(client, "wrong").ask("/incidents").status_code == 401
    assert Program(client, new_token(settings, allowed=[WRITE])).ask("/written", "POST").text


def test_a_program_sees_its_own_areas_and_nothing_of_others(settings: Settings) -> None:
    rows = town()
    load_town(settings, rows)
    token = new_token(settings, role=Role.ANALYST, rules=ScopeRules("district=001"))
    program = Program(create_app(settings).server.test_client(), token)
    wait_until_ready(program)
    page = program.read("/incidents?limit=1000")
    own = {row.id for row in rows if row.district == 1}
    assert {row["id"] for row in page["rows"]} == own
    assert page["incidents"] == len(own)
    assert program.read("/incidents?district=2")["rows"] == []
    (counted,) = program.read("/aggregates?view=district")["views"]
    assert [row["district"] for row in counted["rows"]] == ["001"]
    text = program.ask("/incidents?limit=1000").text
    assert not [row for row in rows if row.district != 1 and row.id in text]


def wait_until_ready(program: Program) -> None:
    for _ in range(200):
        if program.ask("/incidents?limit=1").status_code == 200:
            return
        time.sleep(0.1)


def test_only_writes_always_need_a_token(client: FlaskClient) -> None:
    server = client.application
    for rule in server.url_map.iter_rules():
        need = need_of(server.view_functions[rule.endpoint])
        if isinstance(need, ProgramPermission):
            changes = bool({"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()))
            assert changes == (need not in OF_PEOPLE), rule.rule
