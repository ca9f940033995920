"""As it was, where people sign in: the rights of today, and one session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.access.people import People
from analytics.access.reader import ScopeRules
from analytics.access.roles import Role
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from security.identity import TOKEN_COOKIE
from security.past_cookie import COOKIE
from tests.integration.scoped_town import load_town, town

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of accounts that the tests make
ROWS = town(60)


@dataclass
class Browser:
    """A client that keeps cookies and sends tokens as our scripts do."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url="https://localhost")

    def post(self, path: str, **data: str) -> TestResponse:
        token = self.client.get_cookie(TOKEN_COOKIE)
        headers = {"X-CSRFToken": token.value if token else "", "Referer": "https://localhost/"}
        return self.client.post(path, base_url="https://localhost", headers=headers, data=data)

    def sign_in(self, name: str) -> None:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/sign-in").text)
        assert token
        assert (
            self.post("/sign-in", csrf_token=token[1], name=name, password=PASSWORD).status_code
            == 302
        )

    @property
    def shows(self) -> str:
        """The snapshot that its documents say they are of; empty for today's."""
        marked = re.search(r'data-as-it-was="([^"]*)"', self.get("/as-it-was").text)
        return marked[1] if marked else ""


@dataclass
class Agency:
    settings: Settings
    snapshot: str

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app.server.test_client())
        browser.sign_in(name)
        return browser

    def __post_init__(self) -> None:
        self.app = create_app(self.settings)


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    cheap = pytest.MonkeyPatch()
    cheap.setattr(
        "analytics.access.passwords._HASHER",
        PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )
    cheap.setattr("security.identity.KNOWN_S", 0.0)
    settings = Settings(home=tmp_path_factory.mktemp("agency") / "home")
    load_town(settings, ROWS[:50])
    snapshot = Warehouse(settings.home).current_id()
    assert snapshot is not None
    load_town(settings, ROWS)
    state = State(settings)
    people = People(state, settings)
    for role in Role:
        people.add(role.capitalize(), [role], PASSWORD)
    people.add("Limited", [Role.ANALYST], PASSWORD)
    people.limit("Limited", ScopeRules("district=001"))
    state.close()
    made = Agency(settings, snapshot)
    yield made
    made.app.services.access_log.close()
    cheap.undo()


@pytest.mark.parametrize("role", Role)
def test_roles_without_the_right_cannot_open_it(agency: Agency, role: Role) -> None:
    browser = agency.browser(role.capitalize())
    may = role in {Role.ANALYST, Role.APPROVER, Role.STEWARD, Role.AUDITOR}
    assert browser.get("/as-it-was").status_code == (200 if may else 403)
    answer = browser.post("/as-it-was", snapshot=agency.snapshot)
    assert answer.status_code == (302 if may else 403)
    assert browser.client.get_cookie(COOKIE, domain="localhost") is not None or not may


def test_an_auditor_reads_the_pages_of_it_and_no_others(agency: Agency) -> None:
    browser = agency.browser("Auditor")
    assert browser.get("/compstat").status_code == 403
    browser.post("/as-it-was", snapshot=agency.snapshot)
    assert browser.get("/compstat").status_code == 200
    assert "CRIM SEXUAL ASSAULT" not in browser.get("/export/compstat.csv").text
    assert browser.get("/audit").status_code == 409
    browser.post("/as-it-was/return")
    assert browser.get("/compstat").status_code == 403
    assert browser.get("/audit").status_code == 200


def test_it_is_open_in_one_session_and_ends_with_it(agency: Agency) -> None:
    one, other = agency.browser("Analyst"), agency.browser("Analyst")
    one.post("/as-it-was", snapshot=agency.snapshot)
    assert (one.shows, other.shows) == (agency.snapshot, "")
    taken = one.client.get_cookie(COOKIE)
    assert taken is not None
    other.client.set_cookie(COOKIE, taken.value)
    assert other.shows == ""
    assert other.client.get_cookie(COOKIE) is None  # dropped, so that its pages need not wonder
    one.client.set_cookie(
        COOKIE, taken.value.replace(agency.snapshot, "20260101T000000000-00000000")
    )
    assert one.shows == ""
    one.client.set_cookie(COOKIE, taken.value)
    assert one.shows == agency.snapshot
    one.post("/sign-out")
    one.sign_in("Analyst")
    one.client.set_cookie(COOKIE, taken.value)
    assert one.shows == ""


def test_it_stays_open_over_a_lock(agency: Agency) -> None:
    browser = agency.browser("Analyst")
    browser.post("/as-it-was", snapshot=agency.snapshot)
    browser.post("/lock")
    token = browser.client.get_cookie(TOKEN_COOKIE)
    answer = browser.client.post(
        "/unlock",
        base_url="https://localhost",
        headers={"X-CSRFToken": token.value if token else "", "Referer": "https://localhost/"},
        json={"name": "Analyst", "password": PASSWORD},
    )
    assert answer.status_code == 204
    assert browser.shows == agency.snapshot


def test_a_reader_of_a_part_sees_that_part_of_it_and_no_numbers_of_the_whole(
    agency: Agency,
) -> None:
    browser = agency.browser("Limited")
    listed = browser.get("/as-it-was").text
    assert "Incidents</th>" not in listed
    browser.post("/as-it-was", snapshot=agency.snapshot)
    rows = browser.get("/export/incidents.csv").text
    seen = {row.id for row in ROWS[:50] if row.district == 1}
    assert {row.id for row in ROWS if f"{row.id}," in rows} == seen
    assert len(seen) > 5
