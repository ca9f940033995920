"""Incidents and counts by the API: the numbers of the exports, from one snapshot."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from flask.testing import FlaskClient

from analytics.access.reader import Reader
from analytics.access.roles import Role
from analytics.errors import InputError
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from api.v1.page_cursor import VALID_S, PageCursor, PageCursors
from app import create_app
from tests.integration.program import Program

QUERIES = ("", "type=THEFT,ROBBERY&hour=18-02", "date=2026-01-01..2026-03-31&arrest=no")


@pytest.fixture(scope="module")
def client(city_of_8000: Path) -> FlaskClient:
    return create_app(Settings(home=city_of_8000)).server.test_client()


@pytest.fixture(scope="module")
def program(client: FlaskClient) -> Program:
    return Program(client)


def exported(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).text)))


def pages(program: Program, query: str, limit: int) -> list[dict[str, Any]]:
    found = [program.read(f"/incidents?{query}&limit={limit}")]
    while cursor := found[-1]["next_cursor"]:
        found.append(program.read(f"/incidents?{query}&limit={limit}&cursor={cursor}"))
    return found


def as_csv(value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("T", " ") if len(text) == 19 and text[10] == "T" else text


@pytest.mark.parametrize("query", QUERIES)
def test_pages_together_are_the_exported_file(
    client: FlaskClient, program: Program, query: str
) -> None:
    expected = exported(client, f"/export/incidents.csv?plain=1&{query}")
    found = pages(program, query, 700)
    rows = [row for page in found for row in page["rows"]]
    assert [len(page["rows"]) for page in found[:-1]] == [700] * (len(found) - 1)
    assert {page["incidents"] for page in found} == {len(expected)}
    assert [*rows[0]] == [*expected[0]]
    for name in expected[0]:
        own, theirs = ([as_csv(row[name]) for row in some] for some in (rows, expected))
        if name in {"lat", "lon"}:
            assert [float(one or 0) for one in own] == [float(one or 0) for one in theirs]
        else:
            assert own == theirs, name


@pytest.mark.parametrize("query", QUERIES)
def test_counts_are_those_of_the_exported_view(
    client: FlaskClient, program: Program, query: str
) -> None:
    names = ["total", "type", "hour_weekday", "district", "cells:1000", "month"]
    asked = "&".join(f"view={name}" for name in names)
    found = program.read(f"/aggregates?{query}&{asked}")
    assert [one["view"] for one in found["views"]] == names
    for one in found["views"]:
        expected = exported(client, f"/export/view.csv?plain=1&view={one['view']}&{query}")
        own = [{name: as_csv(value) for name, value in row.items()} for row in one["rows"]]
        assert own == expected
    total = found["views"][0]["rows"][0]
    assert total["selected"] == found["incidents"]


def test_columns_are_those_that_are_asked_for_once(program: Program) -> None:
    page = program.read("/incidents?columns=id,type,id&limit=3")
    assert [[*row] for row in page["rows"]] == [["id", "type"]] * 3
    assert program.ask("/incidents?columns=id,secret").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=1e2", "cursor=AAAA", "cursor=%00",
        "cursor=W10", "cursor=WzEsMiwzLDRd", "nothing=1", "type=THEFT&type=ROBBERY", "sel=none",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_400_in_json(program: Program, query: str) -> None:
    answer = program.ask(f"/incidents?{query}")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "parts",
    [
        ["../../etc", 1, "", 0, 0], ["x" * 5000, 1, "", 0, 0], ["", 1, "", 0, 0],
        ["\0", 1, "", 0, 0],
        [None, 1, "", 0, 0], ["a", True, "", 0, 0], ["a", 1, "", -1, 0], ["a", 1, "", 0, 2**70],
        {"snapshot": "a"}, [], "abc", 7,
    ],
)  # fmt: skip
def test_a_made_up_cursor_is_refused(program: Program, parts: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
    answer = program.ask(f"/incidents?cursor={cursor}")
    assert answer.status_code in (400, 410)
    assert answer.json is not None


def test_a_changed_cursor_is_refused(program: Program) -> None:
    content, _, signature = program.read("/incidents?limit=2")["next_cursor"].partition(".")
    plain = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    assert plain[-2:] == [1, 2]
    for changed in ([*plain[:-1], 0], [*plain[:-2], 5000, 2], ["20260101T0-0", *plain[1:]]):
        forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
        answer = program.ask(f"/incidents?limit=2&cursor={forged}.{signature}")
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid_request")


def test_a_cursor_is_of_one_reader_for_a_day(tmp_path: Path) -> None:
    kim, lee = (Reader(name, frozenset({Role.ANALYST})) for name in ("Kim", "Lee"))
    cursor = PageCursor("s1", 10, "hash", 4, 5)
    text = PageCursors(tmp_path, kim).text(cursor)
    assert PageCursors(tmp_path, kim).read(text) == cursor
    for other in (lee, replace(kim, past="s1")):
        with pytest.raises(InputError, match="not one of an earlier answer to you"):
            PageCursors(tmp_path, other).read(text)
    with pytest.raises(InputError, match="not one of an earlier answer to you"):
        PageCursors(tmp_path / "other", kim).read(text)
    later = time.time() + VALID_S + 2
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "time", lambda: later)
        with pytest.raises(InputError, match="more than a day old"):
            PageCursors(tmp_path, kim).read(text)


def test_a_cursor_is_of_its_own_filters(program: Program) -> None:
    cursor = program.read("/incidents?type=THEFT&limit=2")["next_cursor"]
    assert program.ask(f"/incidents?type=ROBBERY&limit=2&cursor={cursor}").status_code == 400


def test_places_of_single_incidents_are_no_counts(program: Program) -> None:
    for name in ("points:-180,-90,180,90", "places:-180,-90,180,90"):
        assert program.ask(f"/aggregates?view={name}").status_code == 400
    many = "&".join(f"view=cells:{100 + 25 * number}" for number in range(13))
    assert program.ask(f"/aggregates?{many}").status_code == 400


def test_pages_stay_of_the_snapshot_that_began_them(settings: Settings) -> None:
    from analytics.demo.build import build_demo

    def build(seed: int) -> str:
        build_demo(settings, 300, seed, date(2026, 10, 31), lambda _what, _share: None)
        current = Warehouse(settings.home).current()
        assert current is not None
        return current.id

    first = build(1)
    program = Program(create_app(settings).server.test_client())
    whole = [row for page in pages(program, "", 100) for row in page["rows"]]
    page = program.read("/incidents?limit=100")
    second = build(2)
    assert program.read("/incidents?limit=1")["snapshot"] == second != first
    rest = program.read(f"/incidents?limit=1000&cursor={page['next_cursor']}")
    assert rest["snapshot"] == first
    assert page["rows"] + rest["rows"] == whole
    assert (
        Program(create_app(settings).server.test_client())
        .ask(f"/incidents?cursor={page['next_cursor']}")
        .json["rows"]
        == whole[100:200]
    )
    rmtree(Warehouse(settings.home).get(first).path)
    gone = program.ask(f"/incidents?limit=1000&cursor={page['next_cursor']}")
    assert gone.status_code == 410
    assert gone.json is not None
    assert gone.json["error"]["code"] == "snapshot_gone"


def test_pages_end_where_an_export_would(city_of_8000: Path) -> None:
    settings = replace(Settings(home=city_of_8000), export_rows=150)
    program = Program(create_app(settings).server.test_client())
    first, last = pages(program, "", 100)
    assert (len(first["rows"]), first["cut_off"]) == (100, False)
    assert (len(last["rows"]), last["cut_off"], last["next_cursor"]) == (50, True, None)


def test_pages_of_a_snapshot_that_lost_an_incident_begin_again(settings: Settings) -> None:
    from analytics.demo.build import build_demo
    from analytics.retraction.retract import retract

    build_demo(settings, 300, 1, date(2026, 10, 31), lambda _what, _share: None)
    program = Program(create_app(settings).server.test_client())
    page = program.read("/incidents?limit=100")
    build_demo(settings, 300, 2, date(2026, 10, 31), lambda _what, _share: None)
    path = f"/incidents?limit=100&cursor={page['next_cursor']}"
    gone = program.read(path)["rows"][0]["id"]
    retract([gone], "sealed by a court", settings)
    assert program.ask(path).status_code == 410
