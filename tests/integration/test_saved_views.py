"""Saved views: private or shared by role, on fixed or relative dates, only of pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from analytics.access.reader import Reader, reading
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.errors import InputError, NotAllowedError
from analytics.incidents.warehouse import Snapshot
from analytics.saved_views import MOST_OF_ONE, SavedViews, ViewAddress, recent_views
from analytics.settings import Settings
from analytics.state import State

ANALYST = Reader("D. Reyes", frozenset({Role.ANALYST}))
COLLEAGUE = Reader("A. Okafor", frozenset({Role.ANALYST}))
VIEWER = Reader("Chief", frozenset({Role.VIEWER}))
ADDRESS = "/explore?type=MOTOR+VEHICLE+THEFT&date=2018-01-03..2018-01-31#areas=beat"


@pytest.fixture
def state(settings: Settings) -> State:
    return State(settings)


def as_reader(reader: Reader, state: State, settings: Settings) -> SavedViews:
    with reading(reader):
        return SavedViews(state, settings)


def save(state: State, settings: Settings, reader: Reader, name: str, *roles: Role) -> int:
    with reading(reader):
        views = SavedViews(state, settings)
        return views.save(name, ViewAddress.parse(ADDRESS), roles).id


def test_a_view_is_private_until_it_is_shared_with_a_role(state: State, settings: Settings) -> None:
    private = save(state, settings, ANALYST, "Mine")
    shared = save(state, settings, ANALYST, "Thefts", Role.VIEWER)
    with reading(ANALYST):
        own = SavedViews(state, settings)
        assert [one.name for one in own.own()] == ["Mine", "Thefts"]
        assert own.shared() == []
    with reading(VIEWER):
        seen = SavedViews(state, settings)
        assert [(one.name, one.person) for one in seen.shared()] == [("Thefts", "D. Reyes")]
        with pytest.raises(InputError):
            seen.get(private)
        with pytest.raises(InputError, match="Reyes"):
            seen.remove(shared)
        with pytest.raises(InputError, match="Reyes"):
            seen.change(shared, "Other", ())
    with reading(COLLEAGUE):
        assert SavedViews(state, settings).shared() == []


def test_who_may_not_share_keeps_views_for_herself(state: State, settings: Settings) -> None:
    save(state, settings, VIEWER, "Mine")
    with pytest.raises(NotAllowedError):
        save(state, settings, VIEWER, "For all", Role.ANALYST)
    with reading(VIEWER):
        assert [one.name for one in SavedViews(state, settings).own()] == ["Mine"]


def test_changes_are_in_the_audit_log(state: State, settings: Settings) -> None:
    number = save(state, settings, ANALYST, "Mine")
    with reading(ANALYST):
        views = SavedViews(state, settings)
        changed = views.change(number, "Thefts", [Role.VIEWER])
        assert (changed.name, changed.roles) == ("Thefts", {Role.VIEWER})
        views.remove(number)
        assert views.own() == []
    entries = Audit(state, settings).latest(3)
    assert [one.event for one in entries] == ["view.removed", "view.changed", "view.saved"]
    assert {one.person for one in entries} == {"D. Reyes"}


def test_recent_views_are_the_readers_own_each_once_and_newest_first(
    state: State, settings: Settings
) -> None:
    audit = Audit(state, settings)
    opened = [
        (ANALYST, "explore", "type=THEFT"),
        (ANALYST, "overview", "district=001"),
        (VIEWER, "explore", "type=BATTERY"),
        (ANALYST, "responsible_use", "type=ARSON"),
        (ANALYST, "explore", ""),
        (ANALYST, "explore", "type=THEFT"),
        (ANALYST, "explore", "zone=gone"),
    ]
    for reader, page, text in opened:
        audit.record("page.viewed", page, details={"selection": text}, person=reader.name)
    with reading(ANALYST):
        found = [one.text for one in recent_views(state, settings)]
    assert found[:3] == ["/explore?type=THEFT", "/responsible-use?type=ARSON", "/?district=001"]
    assert len(found) == 3


def test_names_are_one_line_free_and_limited(
    state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(state, settings, ANALYST, "Mine")
    for name in ("Mine", " ", "x" * 81, "a\u202eb"):
        with pytest.raises(InputError):
            save(state, settings, ANALYST, name)
    save(state, settings, COLLEAGUE, "Mine")
    monkeypatch.setattr("analytics.saved_views.MOST_OF_ONE", 1)
    with pytest.raises(InputError, match="most"):
        save(state, settings, ANALYST, "Second")
    assert MOST_OF_ONE == 200


def test_dates_can_be_made_relative() -> None:
    address = ViewAddress.parse(ADDRESS)
    assert address.text == ADDRESS
    moved = address.dated("last28d")
    assert moved.text == "/explore?type=MOTOR+VEHICLE+THEFT&date=last28d#areas=beat"
    assert address.dated("all").text == "/explore?type=MOTOR+VEHICLE+THEFT#areas=beat"
    stored = ViewAddress.parse("/explore?sel=abc123")
    assert stored.selection is None
    with pytest.raises(InputError):
        stored.dated("last28d")


@pytest.mark.parametrize(
    "text",
    ["", "explore", "//evil.example/explore", "https://evil.example/", "javascript:alert(1)",
     "/explore?nonsense", "/explore?date=someday", "/go/../people", "/explore\n", "/a b",
     "/explore#" + "x" * 4000, "/ex\u202eplore", "\\\\evil.example"],
)  # fmt: skip
def test_what_is_not_an_address_of_a_page_is_refused(text: str) -> None:
    if text == "/explore\n":  # blanks around it do no harm
        assert ViewAddress.parse(text).text == "/explore"
        return
    with pytest.raises(InputError):
        ViewAddress.parse(text)


def test_the_page_saves_renames_and_removes(
    client: FlaskClient, small: Snapshot, settings: Settings
) -> None:
    shown = client.get("/views", query_string={"address": ADDRESS})
    assert shown.status_code == 200
    assert "MOTOR VEHICLE THEFT".lower() in shown.text.lower()
    form = {"action": "save", "address": ADDRESS, "name": "<b>Thefts</b>", "dates": "last28d"}
    saved = client.post("/views", data=form)
    assert saved.status_code == 200
    assert "&lt;b&gt;Thefts&lt;/b&gt;" in saved.text
    assert "<b>Thefts" not in saved.text
    (view,) = SavedViews(State(settings), settings).own()
    assert view.address.text == "/explore?type=MOTOR+VEHICLE+THEFT&date=last28d#areas=beat"
    assert client.post("/views", data={**form, "action": "save"}).status_code == 400
    changed = {"action": "change", "view": str(view.id), "name": "Cars", "roles": ["viewer"]}
    assert "Cars" in client.post("/views", data=changed).text
    for wrong in (
        {"action": "remove"},
        {"action": "remove", "view": "²"},
        {"action": "x"},
        {**changed, "roles": ["admin"]},
        {**form, "name": "Z", "dates": "never"},
    ):
        assert client.post("/views", data=wrong).status_code == 400
    removed = client.post("/views", data={"action": "remove", "view": str(view.id)})
    assert removed.status_code == 200
    assert SavedViews(State(settings), settings).own() == []
