"""Notes: written about what exists, shown with the record, withdrawn by who wrote them."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from flask.testing import FlaskClient

from analytics.access.reader import Reader, reading
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot
from analytics.notes import LONGEST_TEXT, MOST_SHOWN, NoteAbout, Notes, NoteSubject
from analytics.settings import Settings
from analytics.state import State
from components.frame.notes import LONGEST, MOST

ANALYST = Reader("D. Reyes", frozenset({Role.ANALYST}))
OTHER = Reader("A. Okafor", frozenset({Role.ANALYST}))


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def incident(small: Snapshot) -> str:
    with duckdb.connect(str(small.database), read_only=True) as connection:
        row = connection.execute("SELECT min(id) FROM incidents").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("kind", "key"),
    [("person", "1"), ("incident", ""), ("incident", "x" * 201), ("place", "here"),
     ("place", "41.9,-87.6"), ("place", "41.9,-87.6,200&type=THEFT"), ("zone", "x"),
     ("plan", "0"), ("plan", "²"), ("plan", "1; 2"),
     ("incident", "a\u202eb")],
)  # fmt: skip
def test_a_note_is_about_something(kind: str, key: str) -> None:
    with pytest.raises(InputError):
        NoteSubject.parse(kind, key)


def test_places_and_zones_are_named_as_filters_are() -> None:
    assert NoteSubject.parse("place", "41.90000, -87.6,500 ft").key == "41.9,-87.6,152"
    assert NoteSubject.parse("zone", "kmeans@7:12").key == "kmeans@7:12"


def test_only_the_writer_withdraws_a_note(state: State, settings: Settings) -> None:
    subject = NoteSubject.parse("plan", "3")
    with reading(ANALYST):
        written = Notes(state, settings).write(subject, " Two  units\nshort ")
    assert (written.text, written.person) == ("Two units short", "D. Reyes")
    with reading(OTHER):
        notes = Notes(state, settings)
        assert notes.about(subject.kind, [subject.key]) == [written]
        assert notes.about(subject.kind, [subject.key], own=True) == []
        with pytest.raises(InputError):
            notes.withdraw(written.id, "Not mine")
    with reading(ANALYST):
        notes = Notes(state, settings)
        for text in ("", " ", "x" * 1001, "a\u202eb"):
            with pytest.raises(InputError):
                notes.write(subject, text)
        with pytest.raises(InputError):
            notes.withdraw(written.id, "")
        notes.withdraw(written.id, "Wrong plan")
        assert notes.about(subject.kind, [subject.key]) == notes.newest() == []
    events = [(one.event, one.subject, one.person) for one in Audit(state, settings).latest(2)]
    assert events == [
        ("note.withdrawn", "plan 3", "D. Reyes"),
        ("note.written", "plan 3", "D. Reyes"),
    ]


def test_the_page_writes_about_incidents_that_exist(
    client: FlaskClient, incident: str, settings: Settings
) -> None:
    form = {"action": "write", "about": "incident", "key": incident, "text": "<b>Dark alley</b>"}
    written = client.post("/notes", data=form)
    assert written.status_code == 200
    assert "&lt;b&gt;Dark alley&lt;/b&gt;" in written.text
    about = {"about": "incident", "key": incident}
    assert "Dark alley" in client.get("/notes", query_string=about).text
    assert "Dark alley" in client.get("/notes").text
    unknown = client.get("/notes", query_string={**about, "key": "no such"})
    assert "Dark alley" not in unknown.text.partition("Newest notes")[0]
    for wrong in (
        {**form, "key": "no such"},
        {**form, "text": " "},
        {"action": "x"},
        {"action": "withdraw", "note": "²"},
        {"action": "write", "text": "x"},
    ):
        assert client.post("/notes", data=wrong).status_code == 400
    (note,) = Notes(State(settings), settings).newest()
    assert note.subject == NoteSubject(NoteAbout.INCIDENT, incident)
    gone = {"action": "withdraw", "note": str(note.id), "reason": "test"}
    assert client.post("/notes", data=gone).status_code == 200
    assert "Dark alley" not in client.get("/notes").text


def test_a_text_that_is_refused_stays_in_its_form(client: FlaskClient) -> None:
    text = "<b>Dark\u202e alley</b>"
    for form in (
        {"action": "write", "about": "plan", "key": "3"},
        {"action": "draw", "draw": "point", "corners": "41.88,-87.62", "roles": ["steward"]},
    ):
        answer = client.post("/notes", data={**form, "text": text})
        assert answer.status_code == 400
        assert answer.text.count("&lt;b&gt;Dark\u202e alley&lt;/b&gt;") == 1
        assert answer.text.count('value="steward" checked') == ("roles" in form)


def test_a_page_takes_and_shows_as_much_as_there_may_be() -> None:
    assert (LONGEST, MOST) == (LONGEST_TEXT, MOST_SHOWN)


def test_many_notes_about_one_plan_leave_those_about_another(
    client: FlaskClient, state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.notes.MOST_SHOWN", 2)
    monkeypatch.setattr("api.notes_answers.MOST_SHOWN", 2)
    for plan in ("3", "4", "4", "4"):
        Notes(state, settings).write(NoteSubject.parse("plan", plan), "Short")
    found = Notes(state, settings).about(NoteAbout.PLAN, ["3", "4"])
    assert [one.subject.key for one in found] == ["4", "4", "3"]
    cut = [
        "newest 2" in client.get("/notes", query_string={"about": "plan", "key": plan}).text
        for plan in ("3", "4")
    ]
    assert cut == [False, True]
