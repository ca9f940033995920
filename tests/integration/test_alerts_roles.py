"""Who may read alerts, and who may work on them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from analytics.alerts.finding import AlertFinding, ListFindings, Subject
from analytics.alerts.stored_alerts import StoredAlerts
from analytics.alerts.watch_lists import WatchLists
from analytics.alerts.watch_rules import WatchRule
from analytics.settings import Settings
from analytics.state import State
from tests.integration.test_sign_in import Browser, browser, people, state  # noqa: F401 - fixtures


@pytest.fixture
def alert(state: State, settings: Settings) -> int:  # noqa: F811
    """An alert on the two thefts of the small snapshot."""
    lists, day = WatchLists(state, settings), date(2017, 1, 1)
    made = lists.add("Thefts", WatchRule.of("threshold", {"at_least": 2}), shared=True)
    finding = AlertFinding(
        "thefts", Subject(), day, day, 2, "type=THEFT&date=2017-01-01..2017-01-01"
    )
    StoredAlerts(state, settings).store(
        {made: ListFindings((finding,), 1)}, snapshot="s", last_day=day, now=datetime.now(UTC)
    )
    return StoredAlerts(state, settings).listed()[0].id


@pytest.mark.parametrize(
    ("name", "reads", "works"),
    [
        ("Viewer", 200, 403),
        ("Analyst", 200, 303),
        ("Approver", 200, 303),
        ("Steward", 200, 303),
        ("Officer", 403, 403),
        ("Auditor", 403, 403),
        ("Admin", 403, 403),
    ],
)
def test_roles_read_or_work(
    browser: Browser,  # noqa: F811
    state: State,  # noqa: F811
    settings: Settings,
    alert: int,
    name: str,
    *,
    reads: int,
    works: int,
) -> None:
    browser.sign_in(name)
    shown = browser.get(f"/alerts/{alert}")
    assert shown.status_code == browser.get("/alerts").status_code == reads
    assert browser.get("/alerts/count").status_code == reads
    assert ("What is done" in shown.text) == (works == 303)
    form = {"state": "in_work", "seen": "new", "note": "patrol told"}
    sent = browser.post(f"/alerts/{alert}", data={**form, "csrf_token": browser.token()})
    assert sent.status_code == works
    refused = browser.post("/alerts", data={"action": "end", "list": "1"}).status_code == 403
    assert refused == (works == 403)
    found = StoredAlerts(state, settings)
    assert found.get(alert).state == ("in_work" if works == 303 else "new")
    done = [(event.person, event.note) for event in found.events(alert)][1:]
    assert done == ([(name, "patrol told")] if works == 303 else [])


def test_a_form_without_a_token_changes_nothing(
    browser: Browser,  # noqa: F811
    state: State,  # noqa: F811
    settings: Settings,
    alert: int,
) -> None:
    browser.sign_in("Analyst")
    form = {"state": "in_work", "seen": "new"}
    sent = browser.client.post(f"/alerts/{alert}", base_url="https://localhost", data=form)
    assert sent.status_code != 303
    assert StoredAlerts(state, settings).get(alert).state == "new"
