"""Readers of whole areas get the calls in these: what they would get if there were no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import g
from flask.testing import FlaskClient

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.access.stored_results import SeenAreas
from analytics.calls.seen_calls import areas_of_calls
from analytics.errors import OutsideScopeError
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.pages import page_at
from tests.integration.calls_town import DAYS, FIRST, call, ingest_calls
from tests.integration.reader_answers import answers, data_of, difference, normal
from tests.integration.scoped_town import load_town, town

ANALYST = frozenset({Role.ANALYST})
FIGURES = ("week", "values&by=type", "values&by=beat", "waits", "workload", "staffing")
HIDDEN = (("type=ROBBERY", Precision.HIDDEN),)


def reader(selection: str) -> Reader:
    return Reader("Ada", ANALYST, ScopeRules(selection, HIDDEN))


DISTRICT, BEAT, KIND = reader("district=001"), reader("beat=0111"), reader("type=THEFT")
EVERYONE = Reader("Ev", frozenset(Role))


def lines_of(beats: tuple[str, ...]) -> list[str]:
    """A call a day in each beat, of a type of its own, at an hour of its own; one has no beat."""
    hours = {"0110": "08", "0111": "09", "0211": "13", "0310": "17", "": "21"}
    lines = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for beat in beats:
            at, kind = hours[beat], f"KIND {beat or 'NONE'}"
            lines.append(
                call(
                    f"c{number}-{beat}", f"{at}:00", f"{at}:05", f"{at}:15", f"{at}:45",
                    day=day.isoformat(), updated=f"{day} 23:00:00", kind=kind, beat=beat,
                )
            )  # fmt: skip
    return lines


@dataclass(frozen=True)
class Place:
    services: Services
    client: FlaskClient


def place(home: Path, beats: tuple[str, ...]) -> Place:
    settings = Settings(home=home, user="a")
    load_town(settings, town(60))
    ingest_calls(settings, home, *lines_of(beats))
    return Place(Services(settings), create_app(settings).server.test_client())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = place(tmp_path_factory.mktemp("whole"), ("0110", "0111", "0211", "0310", ""))
    yield found
    found.services.state.close()


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A home that has only the calls of district 001."""
    found = place(tmp_path_factory.mktemp("part"), ("0110", "0111"))
    yield found
    found.services.state.close()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


def exported(one: Place, who: Reader, figure: str) -> str:
    with reading(who):
        answer = one.client.get(f"/export/calls.csv?figure={figure}")
    assert answer.status_code == 200, answer.text
    return data_of(answer.text)


@pytest.mark.parametrize("figure", FIGURES)
def test_downloads_have_the_calls_in_the_areas(whole: Place, part: Place, figure: str) -> None:
    found = exported(whole, DISTRICT, figure)
    assert found == exported(part, EVERYONE, figure)
    assert found != exported(whole, EVERYONE, figure)


def test_the_page_has_the_calls_in_the_areas(whole: Place, part: Place) -> None:
    page = page_at("/calls")
    assert page
    for options in ({}, {"c_by": "type"}, {"c_sel": "type=KIND+0111"}):
        with reading(DISTRICT):
            found = normal(answers(whole.services, page, "", **options))
        with reading(DISTRICT):
            expected = normal(answers(part.services, page, "", **options))
        assert difference(found, expected) == ""
        assert "KIND 0111" in found
        for other in ("KIND 0211", "0310", "KIND NONE"):
            assert other not in found


def test_no_statement_can_name_other_calls(whole: Place) -> None:
    with reading(BEAT):
        calls = whole.services.pin_calls()
    assert calls
    for table in ("calls", "unit_time"):
        frame = calls.reader.frame(f"SELECT DISTINCT beat::VARCHAR AS beat FROM {table}")
        assert frame["beat"].to_list() == ["0111"]
    assert calls.manifest.incidents == DAYS
    for table in ("incidents", "points"):
        with pytest.raises(Exception, match="does not exist"):
            calls.reader.frame(f"SELECT 1 FROM {table}")


def test_statements_name_the_tables_without_the_snapshot() -> None:
    folder = Path(__file__).parents[2] / "sql" / "calls"
    naming = [path.name for path in folder.glob("*.sql") if "snapshot." in path.read_text()]
    assert naming == ["seen.sql"]


def test_readers_of_kinds_of_incidents_see_no_calls(whole: Place) -> None:
    with reading(KIND), pytest.raises(OutsideScopeError):
        whole.services.pin_calls()


def test_readers_who_see_all_areas_see_all_calls(whole: Place) -> None:
    with reading(Reader("Vi", frozenset({Role.VIEWER}))):
        calls = whole.services.pin_calls()
    assert calls is not None
    assert calls.manifest.incidents == 5 * DAYS


def test_calls_are_told_by_the_levels_that_they_have() -> None:
    areas = SeenAreas(
        {"district": frozenset({"001"})},
        {"district": frozenset({"001"}), "beat": frozenset({"0110", "0111"}), "ward": frozenset()},
    )
    assert areas_of_calls(areas, ("beat", "district")) == {"district": {"001"}}
    assert areas_of_calls(areas, ("beat", "ward")) == {"beat": {"0110", "0111"}}
    assert areas_of_calls(areas, ("ward",)) is None
