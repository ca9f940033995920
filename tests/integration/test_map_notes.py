"""Notes on the map: what can be drawn, who sees it, and how it leaves the map."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from analytics.access.reader import Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.errors import InputError, NotAllowedError
from analytics.map_notes import LONGEST_TEXT, MapNotes, MapNoteShape
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import map_notes as table
from callbacks.frame.pages import PAGES
from tests.integration.reader_answers import answers

ANALYST = Reader("D. Reyes", frozenset({Role.ANALYST}))
VIEWER = Reader("Chief", frozenset({Role.VIEWER}))
PRECINCT = Reader("P. Ames", frozenset({Role.VIEWER}), ScopeRules("district=001"))
LINE = MapNoteShape.parse("line", "41.87,-87.63;41.88,-87.62")
EXPLORE = next(page for page in PAGES if page.page.name == "Explore")


@pytest.fixture
def notes(settings: Settings) -> MapNotes:
    with reading(ANALYST):
        return MapNotes(State(settings), settings)


def seen_by(reader: Reader, settings: Settings) -> list[str]:
    with reading(reader):
        return [one.text for one in MapNotes(State(settings), settings).shown()]


@pytest.mark.parametrize(
    ("kind", "corners"),
    [("circle", "1,2"), ("point", ""), ("point", "1,2;3,4"), ("line", "1,2"), ("line", "1,2;1,2"),
     ("area", "1,2;3,4"), ("area", "1,2;3,4;1,2;3,4"), ("point", "91,0"),
     ("point", "1"), ("point", "nan,1"), ("point", "x,y"),
     ("line", ";".join(f"{one / 100},1" for one in range(65)))],
)  # fmt: skip
def test_a_map_note_is_a_point_a_line_or_an_area(kind: str, corners: str) -> None:
    with pytest.raises(InputError):
        MapNoteShape.parse(kind, corners)


@pytest.mark.parametrize(
    ("kind", "corners", "geometry"),
    [
        ("point", "41.8800004,-87.62", {"type": "Point", "coordinates": [-87.62, 41.88]}),
        ("line", "1,2;3,4", {"type": "LineString", "coordinates": [[2, 1], [4, 3]]}),
        ("line", "1,2;1,2;3,4;5,2;1,2",
         {"type": "LineString", "coordinates": [[2, 1], [4, 3], [2, 5], [2, 1]]}),
        *(
            ("area", corners,
             {"type": "Polygon", "coordinates": [[[2, 1], [4, 3], [2, 5], [2, 1]]]})
            for corners in ("1,2;3,4;5,2", "1,2;3,4;3,4;5,2;1,2")
        ),
    ],
)  # fmt: skip
def test_a_shape_is_the_same_as_geojson(kind: str, corners: str, geometry: Any) -> None:
    shape = MapNoteShape.parse(kind, corners)
    assert shape.geometry == geometry
    assert MapNoteShape.parse(kind, shape.text) == shape


def test_a_note_is_private_or_of_roles_and_only_its_writer_withdraws_it(
    notes: MapNotes, settings: Settings
) -> None:
    with reading(ANALYST):
        notes.draw(LINE, "Mine")
        shared = notes.draw(LINE, "For the  chief", [Role.VIEWER])
    assert seen_by(ANALYST, settings) == ["For the chief", "Mine"]
    assert seen_by(VIEWER, settings) == ["For the chief"]
    assert seen_by(PRECINCT, settings) == []
    assert seen_by(Reader("A. Okafor", frozenset({Role.ANALYST})), settings) == []
    with reading(VIEWER):
        theirs = MapNotes(State(settings), settings)
        with pytest.raises(InputError):
            theirs.withdraw(shared, "wrong")
        with pytest.raises(NotAllowedError):
            theirs.draw(LINE, "x", [Role.ANALYST])
    with reading(ANALYST):
        for text in ("", "x" * (LONGEST_TEXT + 1), "a\u202eb"):
            with pytest.raises(InputError):
                notes.draw(LINE, text)
        with pytest.raises(InputError):
            notes.withdraw(shared, " ")
        notes.withdraw(shared, "Repaired")
        with pytest.raises(InputError):
            notes.withdraw(shared, "Repaired")
    assert seen_by(VIEWER, settings) == []
    entries = Audit(State(settings), settings).latest(3)
    assert [one.event for one in entries] == [
        "map_note.withdrawn", "map_note.drawn", "map_note.drawn",
    ]  # fmt: skip
    assert "chief" not in str(entries)


def test_the_newest_notes_that_a_reader_sees_are_shown(
    client: FlaskClient,
    notes: MapNotes,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in ("analytics.map_notes.MOST_SHOWN", "api.notes_answers.MOST_ON_MAP"):
        monkeypatch.setattr(place, 2)
    with reading(ANALYST):
        for text, roles in (
            ("1", [Role.VIEWER]),
            ("2", [Role.VIEWER, Role.STEWARD]),
            ("3", [Role.ANALYST, Role.VIEWER]),
            ("4", [Role.APPROVER]),
            ("5", []),
        ):
            notes.draw(LINE, text, roles)
    assert seen_by(VIEWER, settings) == ["3", "2"]
    assert seen_by(ANALYST, settings) == ["5", "4"]
    assert "newest 2" in client.get("/notes").text
    opened, _ = json.loads(answers(Services(settings), EXPLORE, ""))
    assert "newest 2" in json.dumps(opened["map_note"])


def test_a_note_whose_place_was_retracted_is_on_no_map(notes: MapNotes, settings: Settings) -> None:
    with reading(ANALYST):
        notes.draw(LINE, "Mine")
    with State(settings).engine.begin() as connection:
        connection.execute(sa.update(table).values(corners="[removed]"))
    assert seen_by(ANALYST, settings) == []


def test_the_page_of_notes_writes_on_the_map_and_takes_it_back(
    client: FlaskClient, settings: Settings
) -> None:
    form = {"action": "draw", "draw": "line", "corners": LINE.text, "text": "No <i>lights</i>"}
    assert "line of 2 corners" in client.get("/notes", query_string=form).text
    for wrong in ({"corners": "1,2"}, {"draw": ""}, {"text": ""}, {"roles": ["admin"]}):
        assert client.post("/notes", data={**form, **wrong}).status_code == 400
    written = client.post("/notes", data={**form, "roles": ["viewer"]})
    assert written.status_code == 200
    assert "No &lt;i&gt;lights&lt;/i&gt;" in written.text
    assert "<i>lights" not in written.text

    services = Services(settings)
    opened, _ = json.loads(answers(services, EXPLORE, ""))
    (feature,) = opened["map"]["notes"]["features"]
    assert feature["geometry"] == LINE.geometry
    assert feature["properties"]["note"] == "No <i>lights</i>"
    hidden, _ = json.loads(answers(services, EXPLORE, "", written="off"))
    assert hidden["map"]["notes"]["features"] == []

    gone = {"action": "erase", "note": "1"}
    assert client.post("/notes", data={**gone, "reason": ""}).status_code == 400
    assert client.post("/notes", data={**gone, "reason": "Repaired"}).status_code == 200
    opened, _ = json.loads(answers(services, EXPLORE, ""))
    assert "notes" not in opened["map"]
