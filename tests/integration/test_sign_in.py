"""Sign-in, sessions, forged requests, roles: through the whole app."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyotp
import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.access.one_time_codes import new_secret
from analytics.access.people import People
from analytics.access.reader import Precision, ScopeRules
from analytics.access.roles import Role
from analytics.access.sessions import Sessions
from analytics.audit import Audit, AuditEntry
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from security.identity import TOKEN_COOKIE
from security.sign_in import own_path

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of accounts that the tests make
HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("analytics.access.passwords._HASHER", cheap)
    monkeypatch.setattr("security.identity.KNOWN_S", 0.0)


@dataclass
class Browser:
    """A client that keeps cookies and sends tokens as our scripts do."""

    client: FlaskClient

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, base_url="https://localhost", **options)

    def token(self) -> str:
        found = self.client.get_cookie(TOKEN_COOKIE)
        return found.value if found else ""

    def headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.token(), "Referer": "https://localhost/"}

    def post(self, path: str, **options: object) -> TestResponse:
        return self.client.post(
            path, base_url="https://localhost", headers=self.headers(), **options
        )

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        form = self.get("/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        sent = {"csrf_token": token[1], "name": name, "password": password, **fields}
        return self.post("/sign-in", data=sent)


@pytest.fixture
def state(settings: Settings, small: Snapshot) -> Iterator[State]:
    opened = State(settings)
    yield opened
    opened.close()


@pytest.fixture
def people(state: State, settings: Settings) -> People:
    found = People(state, settings)
    for role in Role:
        found.add(role.capitalize(), [role], PASSWORD)
    return found


@pytest.fixture
def browser(settings: Settings, people: People) -> Browser:
    return Browser(create_app(settings).server.test_client())


def test_without_accounts_this_machine_has_open_access(client: FlaskClient) -> None:
    assert client.get("/export/view.csv?view=total").status_code == 200
    assert client.get("/sign-in").status_code == 302
    assert client.get("/account").status_code == 404
    assert client.post("/account", data={"action": "password"}).status_code == 404
    assert "users add" in client.get("/people").text
    assert "Set-Cookie" not in client.get("/").headers


def test_with_accounts_nothing_is_answered_before_sign_in(browser: Browser) -> None:
    rules = [
        rule.rule
        for rule in browser.client.application.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<" not in rule.rule
    ]
    shut = {path: browser.get(path).status_code for path in rules}
    open_to_all = {path for path, status in shut.items() if status not in (401,)}
    assert open_to_all == {
        "/health", "/ready", "/sign-in", "/go", "/go/worker.js", "/go/manifest.webmanifest",
        "/api/v1/openapi.json", "/_favicon.ico", "/metrics",
    }  # fmt: skip
    assert shut["/metrics"] == 404  # until a token is set
    assert browser.get("/ready").json == {"status": "ready"}
    page = browser.get("/hotspots?type=ROBBERY", headers=HTML)
    assert page.location == "/sign-in?next=/hotspots%3Ftype%3DROBBERY"
    assert browser.post("/_dash-update-component", json={}).status_code == 401


def test_sign_in_leads_on_to_the_page_and_sign_out_ends_it(browser: Browser) -> None:
    answer = browser.sign_in("analyst", next="/explore?type=ROBBERY")
    assert (answer.status_code, answer.location) == (302, "/explore?type=ROBBERY")
    cookies = answer.headers.getlist("Set-Cookie")
    (session,) = [one for one in cookies if one.startswith("__Host-patroliq=")]
    for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert mark in session
    assert browser.get("/explore", headers=HTML).status_code == 200
    assert browser.get("/export/view.csv?view=total").status_code == 200
    assert browser.post("/sign-out").status_code == 302
    assert browser.get("/export/view.csv?view=total").status_code == 401


def test_a_wrong_password_is_refused_and_five_lock_the_name_out(browser: Browser) -> None:
    for _ in range(5):
        answer = browser.sign_in("analyst", "wrong")
        assert answer.status_code == 401
        assert "not right" in answer.text
    assert "Too many failed" in browser.sign_in("analyst").text


def test_sessions_rotate_at_sign_in_and_the_old_cookie_is_worth_nothing(browser: Browser) -> None:
    browser.sign_in("analyst")
    before = browser.client.get_cookie("__Host-patroliq")
    assert before is not None
    browser.sign_in("viewer")
    after = browser.client.get_cookie("__Host-patroliq")
    assert after is not None
    assert before.value != after.value
    browser.client.set_cookie("__Host-patroliq", before.value, secure=True)
    assert browser.get("/hotspots").status_code == 401


def test_a_change_without_the_token_or_from_another_site_is_refused(browser: Browser) -> None:
    browser.sign_in("analyst")
    base = {"base_url": "https://localhost"}
    for path in ("/_dash-update-component", "/go/visits", "/lock", "/account"):
        assert browser.client.post(path, json={}, **base).status_code == 400, path
        forged = {"X-CSRFToken": "forged", "Referer": "https://localhost/"}
        assert browser.client.post(path, json={}, headers=forged, **base).status_code == 400
        foreign = {"X-CSRFToken": browser.token(), "Origin": "https://evil.example"}
        assert browser.client.post(path, json={}, headers=foreign, **base).status_code == 403


@pytest.mark.parametrize(
    ("role", "statuses", "home"),
    [
        (Role.OFFICER, (403, 403, 200), "/go"),
        (Role.VIEWER, (200, 403, 403), "/"),
        (Role.ANALYST, (200, 200, 200), "/"),
        (Role.APPROVER, (200, 200, 403), "/"),
        (Role.STEWARD, (200, 200, 403), "/"),
        (Role.AUDITOR, (403, 403, 403), "/audit"),
        (Role.ADMIN, (403, 403, 403), "/people"),
    ],
)
def test_each_role_gets_its_own_and_nothing_else(
    browser: Browser, role: Role, statuses: tuple[int, int, int], home: str
) -> None:
    pages, exports, phone = statuses
    browser.sign_in(role)
    assert browser.get("/explore", headers=HTML).status_code == pages
    assert browser.get("/export/incidents.csv").status_code == exports
    assert browser.get("/go/plans.json?date=2017-01-04").status_code == phone
    start = browser.get("/", headers=HTML)
    assert (start.location or "/") == home


def test_a_locked_session_answers_nothing_and_unlocking_goes_on(browser: Browser) -> None:
    browser.sign_in("analyst")
    browser.post("/lock")
    locked = browser.get("/export/view.csv?view=total")
    assert (locked.status_code, locked.headers["X-PatrolIQ-Session"]) == (401, "locked")
    assert browser.post("/unlock", json={"password": "wrong"}).status_code == 401
    assert browser.post("/unlock", json={"name": "viewer", "password": "wrong"}).status_code == 401
    assert browser.post("/unlock", json={"password": PASSWORD}).status_code == 204
    assert browser.get("/export/view.csv?view=total").status_code == 200


@pytest.mark.parametrize("field", ["name", "password", "code"])
def test_halves_of_characters_are_refused_like_any_wrong_text(browser: Browser, field: str) -> None:
    form = browser.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    sent = {"name": "nobody", "password": "wrong", "code": "1"} | {field: "\ud800"}
    answer = browser.client.post(
        "/unlock",
        json=sent,
        base_url="https://localhost",
        headers={"X-CSRFToken": token[1], "Referer": "https://localhost/"},
    )
    assert answer.status_code == 401


def test_a_code_is_asked_for_after_the_password(browser: Browser, people: People) -> None:
    secret = new_secret()
    totp = pyotp.TOTP(secret)
    people.set_up_codes("Analyst", secret, totp.now())
    assert "authenticator app" in browser.sign_in("analyst").text
    assert browser.get("/explore", headers=HTML).status_code == 302
    used = browser.sign_in("analyst", code=totp.now())  # the one that set it up
    assert (used.status_code, "used before" in used.text) == (401, True)


def test_sign_ins_from_one_address_are_limited(
    settings: Settings, people: People, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("security.rate_limits.SIGN_INS", "3 per minute")
    browser = Browser(create_app(settings).server.test_client())
    for role in (Role.VIEWER, Role.ANALYST, Role.ADMIN):
        assert browser.sign_in(role).status_code == 302
    refused = browser.sign_in(Role.STEWARD)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 61  # a window ends within a second of a minute


def test_a_person_sets_up_codes_and_changes_the_password(browser: Browser, people: People) -> None:
    browser.sign_in("analyst")
    shown = browser.get("/account").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)
    assert secret
    code = pyotp.TOTP(secret[1]).now()
    sent = {"action": "codes", "code": code}
    assert "not right" in browser.post("/account", data=sent).text
    assert "not right" in browser.post("/account", data=sent | {"password": "wrong"}).text
    assert not people.named("Analyst").has_codes
    said = browser.post("/account", data=sent | {"password": PASSWORD})
    assert "asks for a code" in said.text
    assert people.named("Analyst").has_codes
    other = "violet-harbor-anvil-teapot"
    data = {"action": "password", "old": PASSWORD, "new": other, "again": other}
    assert "was changed" in browser.post("/account", data=data).text
    assert browser.get("/account").status_code == 200
    short = data | {"old": other, "new": "short", "again": "short"}
    assert "at least 15" in browser.post("/account", data=short).text


def test_roles_whose_scopes_contradict_end_the_session_and_are_said_at_sign_in(
    browser: Browser, people: People
) -> None:
    people.give("Analyst", [Role.ANALYST, Role.VIEWER])
    browser.sign_in("analyst")
    people.limit_role(Role.ANALYST, ScopeRules("district=001"))
    people.limit_role(Role.VIEWER, ScopeRules("district=002"))
    assert browser.get("/export/view.csv?view=total").status_code == 401
    refused = browser.sign_in("analyst")
    assert (refused.status_code, "must give you your own" in refused.text) == (401, True)
    unlock = browser.post("/unlock", json={"name": "analyst", "password": PASSWORD})
    assert (unlock.status_code, "your own" in unlock.json["message"]) == (401, True)


def test_codes_are_not_replaced_nor_set_up_with_a_secret_that_others_know(
    browser: Browser, people: People
) -> None:
    browser.sign_in("analyst")
    shown = [re.findall(r"<code>([A-Z2-7]{32})</code>", browser.get("/account").text)]
    shown.append(re.findall(r"<code>([A-Z2-7]{32})</code>", browser.get("/account").text))
    assert shown[0] != shown[1]
    other = Browser(browser.client.application.test_client())
    other.sign_in("analyst")
    known = {"action": "codes", "password": PASSWORD, "code": "000000"}
    assert "not right" in other.post("/account", data=known).text  # it was shown no secret
    own = known | {"code": pyotp.TOTP(shown[1][0]).now()}
    assert "asks for a code" in browser.post("/account", data=own).text
    assert other.post("/account", data=known).status_code == 401  # the other session ended
    assert "set up already" in browser.post("/account", data=known).text


def test_a_reset_password_must_be_changed_before_anything_else(
    browser: Browser, people: People
) -> None:
    people.reset("Analyst", "violet-harbor-anvil-teapot")
    browser.sign_in("analyst", "violet-harbor-anvil-teapot")
    assert browser.get("/explore", headers=HTML).location == "/account"
    assert browser.get("/export/view.csv?view=total").status_code == 401
    data = {"action": "password", "old": "violet-harbor-anvil-teapot"}
    same = {"new": data["old"], "again": data["old"]}
    assert "choose another" in browser.post("/account", data=data | same).text
    browser.post("/account", data=data | {"new": PASSWORD, "again": PASSWORD})
    assert browser.get("/export/view.csv?view=total").status_code == 200


def test_codes_that_the_agency_requires_come_first(
    settings: Settings, people: People, small: Snapshot
) -> None:
    strict = replace(settings, second_factor="required")
    browser = Browser(create_app(strict).server.test_client())
    browser.sign_in("analyst")
    assert browser.get("/explore", headers=HTML).location == "/account"


def test_a_disabled_person_and_an_ended_session_are_out(
    browser: Browser, people: People, state: State, settings: Settings
) -> None:
    browser.sign_in("analyst")
    (session,) = Sessions(state, settings).of(people.named("Analyst").id)
    Sessions(state, settings).end_by_id(session.id)
    assert browser.get("/export/view.csv?view=total").status_code == 401
    browser.sign_in("analyst")
    people.disable("Analyst")
    assert browser.get("/export/view.csv?view=total").status_code == 401
    assert browser.sign_in("analyst").status_code == 401


def test_the_proxys_header_counts_only_from_its_own_addresses(
    settings: Settings, people: People, small: Snapshot
) -> None:
    trusting = replace(settings, proxy_header="X-Remote-User", proxy_addresses=("10.9.0.0/16",))
    client = create_app(trusting).server.test_client()

    def ask(address: str, name: str) -> int:
        fresh = client.application.test_client()
        return fresh.get(
            "/export/view.csv?view=total",
            base_url="https://localhost",
            headers={"X-Remote-User": name},
            environ_base={"REMOTE_ADDR": address},
        ).status_code

    assert ask("10.9.1.1", "analyst") == 200
    assert ask("10.9.1.1", "viewer") == 403
    assert ask("10.9.1.1", "nobody") == 403
    assert ask("127.0.0.1", "analyst") == 401


def test_a_person_whom_only_the_proxy_knows_leaves_a_locked_screen(
    settings: Settings, people: People, small: Snapshot
) -> None:
    people.add("lee@example.gov", [Role.VIEWER])
    trusting = replace(settings, proxy_header="X-Remote-User", proxy_addresses=("127.0.0.1",))
    browser = Browser(create_app(trusting).server.test_client())

    def ask(path: str, name: str = "lee@example.gov") -> TestResponse:
        return browser.get(path, headers={**HTML, "X-Remote-User": name})

    assert ask("/explore").status_code == 200
    browser.post("/lock")
    assert ask("/explore").location == "/sign-in?next=/explore"
    assert ask("/sign-in?next=/explore").location == "/explore"
    assert ask("/explore").status_code == 200
    ask("/explore", "analyst")
    browser.post("/lock")
    assert ask("/sign-in?next=/explore", "analyst").status_code == 200  # asks for the password


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil",
     "/\tx", ""],
)  # fmt: skip
def test_sign_in_leads_only_to_our_own_pages(address: str) -> None:
    assert own_path(address) == "/"
    assert own_path("/explore?type=ROBBERY#x") == "/explore?type=ROBBERY#x"


def test_sign_ins_failures_refusals_and_sign_outs_are_in_the_log(
    browser: Browser, state: State, settings: Settings
) -> None:
    before = len([*Audit(state, settings).entries()])
    browser.sign_in("analyst", "wrong")
    browser.sign_in("viewer")
    browser.get("/export/incidents.csv")
    browser.post("/sign-out")
    entries = [*Audit(state, settings).entries()][before:]
    found = [(one.event, one.outcome) for one in entries]
    assert found == [
        ("access.sign-in", "refused"),
        ("access.sign-in", "done"),
        ("access.refused", "refused"),
        ("access.sign-out", "done"),
    ]
    assert {one.address for one in entries} == {"127.0.0.1"}
    assert PASSWORD not in str(entries)


def test_a_password_that_was_right_is_in_the_log_though_the_code_is_missing(
    browser: Browser, people: People, state: State, settings: Settings
) -> None:
    secret = new_secret()
    people.set_up_codes("Analyst", secret, pyotp.TOTP(secret).now())
    browser.sign_in("analyst")
    found = [one for one in Audit(state, settings).entries() if one.event == "access.code-needed"]
    assert [(one.person, one.outcome) for one in found] == [("analyst", "refused")]


def test_refusals_of_strangers_are_of_the_route_and_names_are_cut(
    settings: Settings, people: People, state: State
) -> None:
    app = create_app(settings)
    browser = Browser(app.server.test_client())
    browser.sign_in("x" * 5_000, "wrong")
    for number in range(9):
        browser.get(f"/{number}?z={number}")
        browser.client.post(f"/{number}", base_url="https://localhost")
    app.services.access_log.close()
    name, *refused = [*Audit(state, settings).entries()][-3:]
    assert name.subject == name.person == "x" * 80
    assert {(one.subject, one.details["times"]) for one in refused} == {
        ("GET /<path:path>", 9),
        ("POST another address", 9),
    }
    assert "query" not in str(refused)


def test_who_opens_the_page_of_people_is_in_the_log(
    settings: Settings, people: People, state: State
) -> None:
    app = create_app(settings)
    browser = Browser(app.server.test_client())
    browser.sign_in("admin")
    browser.get("/people")
    app.services.access_log.close()
    entries = Audit(state, settings).entries()
    assert [one.person for one in entries if one.event == "people.viewed"] == ["Admin"]


def test_a_forged_change_names_whose_session_it_would_have_used(
    browser: Browser, state: State, settings: Settings
) -> None:
    browser.sign_in("analyst")
    browser.client.post("/lock", base_url="https://localhost")
    *_, entry = Audit(state, settings).entries()
    assert (entry.event, entry.person) == ("access.forged", "Analyst")


def test_an_admin_adds_limits_resets_and_disables_people(
    browser: Browser, people: People, state: State, settings: Settings
) -> None:
    browser.sign_in("admin")

    def change(action: str, **fields: object) -> str:
        answer = browser.post("/people", data={"action": action, **fields})
        assert answer.status_code == 200, answer.text
        said = re.search(r'<p class="said" role="status">(.*?)</p>', answer.text)
        assert said
        return said[1]

    first = change("add", name="Lee", role=["viewer", "analyst"]).rpartition(" ")[2]
    assert people.check("Lee", first).must_change
    change("add", name="pat@example.gov", role="viewer", provider="yes")
    assert not people.named("pat@example.gov").has_password
    change("give", name="Lee", role="viewer")
    assert people.named("Lee").roles == {Role.VIEWER}
    change("limit", name="Lee", selection="district=001", precision="type=THEFT:block")
    assert people.named("Lee").rules == ScopeRules(
        "district=001", (("type=THEFT", Precision.BLOCK),)
    )
    change("limit-role", name="viewer", selection="district=002")
    token = Sessions(state, settings).open(people.named("Lee").id, "password")
    change("end", name="Lee")
    assert Sessions(state, settings).find(token) is None
    second = change("reset", name="Lee").rpartition(" ")[2]
    assert people.check("Lee", second).must_change
    change("disable", name="Lee")
    assert people.named("Lee").disabled
    change("enable", name="Lee")
    rows = browser.get("/people/review.csv").text.splitlines()
    (lee,) = [row for row in rows if row.startswith("Lee,")]
    assert "district=001" in lee
    (pat,) = [row for row in rows if row.startswith("pat@")]
    assert "district=002,,role" in pat
    entries = [one for one in Audit(state, settings).entries() if one.subject == "Lee"]
    assert {one.person for one in entries if one.event.startswith("person.")} == {"Admin"}
    assert first not in str(entries)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "nonsense"}, "not one of this page"),
        ({"action": "add", "name": "Lee"}, "at least one role"),
        ({"action": "add", "name": "<b>x</b>\n", "role": "viewer"}, "not a valid name"),
        ({"action": "disable", "name": "Admin"}, "Nobody would be left"),
        ({"action": "reset", "name": "ADMIN"}, "your own password"),
        ({"action": "limit", "name": "Viewer", "selection": "no such"}, "no such"),
        ({"action": "limit", "name": "Viewer", "precision": "a\ntype=A:exact"}, "line 1"),
        ({"action": "limit-role", "name": "king"}, "no such role"),
    ],
)
def test_what_an_admin_cannot_do_is_said(
    browser: Browser, fields: dict[str, str], said: str
) -> None:
    browser.sign_in("admin")
    answer = browser.post("/people", data=fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert "<b>x" not in answer.text


def test_an_export_has_as_many_rows_as_the_role_may_take(
    settings: Settings, people: People, small: Snapshot
) -> None:
    capped = replace(settings, export_rows_by_role=(("analyst", 2),))
    browser = Browser(create_app(capped).server.test_client())
    for role, rows in ((Role.ANALYST, 2), (Role.STEWARD, 5)):
        browser.sign_in(role)
        lines = browser.get("/export/incidents.csv").text.splitlines()
        assert len([line for line in lines if not line.startswith("#")]) == rows + 1
        browser.post("/sign-out")


def test_a_refused_request_names_nobody_until_somebody_signed_in(
    browser: Browser, state: State, settings: Settings
) -> None:
    audit = Audit(state, settings)
    browser.get("/export/incidents.csv")
    refused = wait_for_entry(audit, "request.refused")
    assert (refused.person, refused.outcome) == ("nobody", "401")
    browser.sign_in("analyst")
    browser.get("/export/view.csv?view=total")
    assert audit.latest(1, "file.exported")[0].person == "Analyst"


def wait_for_entry(audit: Audit, event: str) -> AuditEntry:
    """The newest entry of an event that a thread records soon."""
    deadline = time.monotonic() + 10
    while not (found := audit.latest(1, event)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found[0]


def test_nobody_signs_in_unrecorded(browser: Browser, settings: Settings) -> None:
    form = browser.get("/sign-in").text
    assert form
    (settings.home / "audit.key").rename(settings.home / "elsewhere")
    assert browser.sign_in("analyst").status_code == 503
    assert browser.get("/explore", headers=HTML).location.startswith("/sign-in")
    (settings.home / "elsewhere").rename(settings.home / "audit.key")
    assert browser.sign_in("analyst").status_code == 302
