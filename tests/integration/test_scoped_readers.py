"""What a restricted reader gets: exactly what somebody gets whose data has nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote_plus

import polars as pl
import pytest
from flask import g
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from analytics.access.reader import Precision, Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.areas.outlines import add_outlines
from analytics.crossfilter import compiled
from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.custom_area_file import drawn_shape
from analytics.custom_areas import CustomAreaStore
from analytics.errors import OutsideScopeError
from analytics.services import Pinned, Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.pages import PAGES
from tests.integration.reader_answers import (
    addresses,
    answers,
    data_of,
    is_compared,
    normal,
    text_of,
)
from tests.integration.scoped_town import CASES, KINDS, ScopeCase, TownRow, load_town, town

CORNERS = [(-2e-5, -2e-5), (-2e-5, 2e-5), (2e-5, 2e-5), (2e-5, -2e-5)]
VIEWS = [
    view(name)
    for name in ("total", "type", "district", "beat", "hour", "day", "block", "cells:500")
]
SELECTIONS = (
    "",
    "type=THEFT",
    "type=CRIM+SEXUAL+ASSAULT",
    "district=003",
    "hour=20-04",
    "arrest=yes",
)


class Town:
    """The town, and by case a home folder that has only what its reader sees.

    Not a dataclass: Hypothesis would print all of it with an example that fails.
    """

    def __init__(self, rows: list[TownRow], whole: Settings, parts: dict[str, Settings]) -> None:
        self.rows, self.whole, self.parts = rows, whole, parts


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    rows = town()
    whole = Settings(home=tmp_path_factory.mktemp("whole"))
    load_town(whole, rows)
    parts = {}
    for case in CASES:
        parts[case.name] = Settings(home=tmp_path_factory.mktemp(case.name))
        load_town(parts[case.name], case.seen(rows))
    return Town(rows, whole, parts)


@pytest.fixture(scope="module")
def client(loaded: Town) -> FlaskClient:
    return create_app(loaded.whole).server.test_client()


@pytest.fixture(autouse=True)
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of the test client are answered for the reader of the test."""
    monkeypatch.setattr("security.gate.open_access", lambda _name: g.read_before)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> ScopeCase:
    found: ScopeCase = request.param
    return found


def pin(settings: Settings, reader: Reader) -> Pinned:
    with reading(reader):
        found = Services(settings).pin()
    assert found is not None
    return found


def whole_of(settings: Settings) -> Pinned:
    found = Services(settings).pin()
    assert found is not None
    return found


def plain(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(frame.rows(), key=str)


@examples(max_examples=25, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from(SELECTIONS), st.sampled_from(SELECTIONS))
def test_the_cross_filter_counts_what_a_file_without_the_rest_has(
    loaded: Town, case: ScopeCase, one: str, other: str
) -> None:
    text = "&".join(dict.fromkeys(part for part in (one, other) if part))
    if one.partition("=")[0] == other.partition("=")[0]:
        text = one
    selection = Selection.parse(text)
    scoped, part = pin(loaded.whole, case.reader), whole_of(loaded.parts[case.name])
    engines = [
        SqlCrossFilter(scoped.reader),
        ScanCrossFilter(scoped.reader, CodeFiles(scoped.snapshot), compiled.load(), 1),
    ]
    expected = SqlCrossFilter(part.reader).counts(EVERYTHING, selection, VIEWS)
    for engine in engines:
        found = engine.counts(EVERYTHING, selection, VIEWS)
        for one_view in VIEWS:
            assert plain(found[one_view.name]) == plain(expected[one_view.name]), one_view.name


VALUES = {
    "type": [*KINDS],
    "district": ["001", "002", "003"],
    "beat": ["0110", "0111", "0210", "0211", "0310", "0311"],
}


@st.composite
def selections(draw: st.DrawFn) -> dict[str, set[str]]:
    """Values by dimension."""
    names = draw(st.sets(st.sampled_from(sorted(VALUES)), min_size=1, max_size=2))
    return {
        name: draw(st.sets(st.sampled_from(VALUES[name]), min_size=1, max_size=4))
        for name in sorted(names)
    }


def written(selection: dict[str, set[str]]) -> str:
    return "&".join(
        f"{name}={','.join(map(quote_plus, sorted(values)))}" for name, values in selection.items()
    )


def matches(row: TownRow, selection: dict[str, set[str]]) -> bool:
    cells = {
        "type": row.type,
        "district": f"{row.district:03d}",
        "beat": f"{row.district:02d}1{row.number % 2}",
    }
    return all(cells[name] in values for name, values in selection.items())


COARSER = [Precision.EXACT, Precision.BLOCK, Precision.BEAT, Precision.HIDDEN]
random_rules = st.lists(st.tuples(selections(), st.sampled_from(COARSER)), max_size=3)


@examples(max_examples=8, deadline=None)
@given(st.one_of(st.just({}), selections()), random_rules)
def test_of_any_rules_exactly_what_they_show_is_there(
    loaded: Town, seen: dict[str, set[str]], rules: list[tuple[dict[str, set[str]], Precision]]
) -> None:
    """By the rules themselves, one incident after the other, without any of our code."""
    expected = {}
    for row in loaded.rows:
        applied = [level for selection, level in rules if matches(row, selection)]
        coarsest = max(applied, key=COARSER.index, default=Precision.EXACT)
        if matches(row, seen) and coarsest is not Precision.HIDDEN:
            expected[row.id] = coarsest, row
    pairs = tuple((written(selection), level) for selection, level in rules)
    who = Reader("Ada", frozenset({Role.ANALYST}), ScopeRules(written(seen), pairs))
    if not expected:
        with pytest.raises(OutsideScopeError):
            pin(loaded.whole, who)
        return
    pinned = pin(loaded.whole, who)
    found = pinned.reader.frame("SELECT id, lat, lon, block, type, district FROM incidents")
    assert set(found["id"]) == expected.keys()
    assert found.height == len(expected)
    for id, lat, lon, block, *_ in found.iter_rows():
        level, row = expected[id]
        if level is Precision.EXACT:
            assert (lat, lon, block) == (row.lat, row.lon, row.block)
        elif level is Precision.BLOCK:
            assert block == row.block
        else:
            assert (lat, lon, block) == (None, None, None)
    counted = pinned.crossfilter.counts(EVERYTHING, Selection(), VIEWS)
    districts = Counter(f"{row.district:03d}" for _, row in expected.values())
    by_district = counted["district"].group_by("district").agg(pl.col("incidents").sum())
    assert dict(plain(by_district.filter(pl.col("incidents") > 0))) == districts
    assert int(counted["total"]["incidents"].sum()) == len(expected)


def test_the_files_of_a_scoped_snapshot_are_those_of_a_file_without_the_rest(
    loaded: Town, case: ScopeCase
) -> None:
    scoped, part = pin(loaded.whole, case.reader), whole_of(loaded.parts[case.name])
    for table in ("incidents", "points", "offenses", "offense_groups"):
        columns = "* EXCLUDE (row_hash)" if table == "incidents" else "*"
        statement = f"SELECT {columns} FROM {table}"
        found, expected = scoped.reader.frame(statement), part.reader.frame(statement)
        assert found.rows() == expected.rows(), table
    own, other = scoped.snapshot.manifest, part.snapshot.manifest
    for name in (
        "incidents",
        "first",
        "last",
        "unknown",
        "views_off",
        "covered_from",
        "covered_to",
    ):
        assert getattr(own, name) == getattr(other, name), name
    assert not scoped.snapshot.changed()
    codes = (loaded.whole.home / "scoped" / scoped.id / "codes").iterdir()
    for path in sorted(codes):
        twin = part.snapshot.path / "codes" / path.name
        assert path.read_bytes() == twin.read_bytes(), path.name


def test_nothing_excluded_is_in_the_answer_of_any_page(loaded: Town, case: ScopeCase) -> None:
    services, part = Services(loaded.whole), Services(loaded.parts[case.name])
    for page in PAGES:
        for text in ("", "type=THEFT", "district=003"):
            with reading(case.reader):
                found = answers(services, page, text)
            assert_nothing_of(case, loaded.rows, found, page.page.name)
            if page.page.name in ("Overview", "Explore", "Temporal", "Hot spots"):
                assert normal(found) == normal(answers(part, page, text)), page.page.name


def assert_nothing_of(case: ScopeCase, rows: list[TownRow], text: str, where: str) -> None:
    seen_blocks = {row.block for row in case.seen(rows)}
    for row in case.excluded(rows):
        for canary in row.canaries:
            assert canary not in text, (where, canary)
        if row.block not in seen_blocks:
            assert row.block not in text, (where, row.block)
            assert row.block.replace(" ", "+") not in text, (where, row.block)
    for row in rows:
        shown = case.shown(row)
        if shown is not None and shown.lat is None:
            assert f"{row.lat}" not in text, (where, row.id)


WITHOUT_DATA = {
    "/account", "/api/<path:_rest>", "/api/v1/calls", "/api/v1/openapi.json",
    "/as-it-was", "/as-it-was/return", "/audit", "/briefings", "/briefings/add",
    "/briefings/new", "/data", "/data/<path:_rest>",
    "/data/dictionary", "/data/tables",
    "/data/uploads", "/data/uploads/<upload_id>", "/data/uploads/<upload_id>/parts",
    "/data/uploads/<upload_id>/state", "/export/dictionary.csv", "/export/quarantine.csv",
    "/export/audit.csv", "/feeds/<path:_rest>", "/export/audit.jsonl", "/people",
    "/people/review.csv", "/lock", "/sign-in", "/sign-out", "/unlock", "/<path:path>",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_dash-dependencies", "/_dash-update-component", "/_favicon.ico", "/_reload-hash",
    "/assets/<path:filename>", "/export/<path:_rest>", "/geometry/<path:_rest>", "/go",
    "/go/<path:_rest>", "/go/manifest.webmanifest", "/go/visits", "/go/worker.js",
    "/layers/<path:_rest>", "/metrics", "/bundles/<path:_rest>", "/bundles/<name>",
    "/views", "/notes",
    "/custom-areas", "/custom-areas.geojson",
    "/interventions", "/interventions/<int:intervention_id>", "/series/<int:series_id>",
    "/series/<int:series_id>/bulletin",
    "/layers/<version>/<int:level>/<int:x>/<int:y>.json",
}  # fmt: skip
"""Rules that answer without incidents: callbacks are asked page by page above, the audit log
and people are for roles that see no page of analysis, and the data as a whole is for people who see
all of it (`test_data_page.py`)."""


def test_every_route_is_tried(client: FlaskClient) -> None:
    adapter = client.application.url_map.bind("localhost")
    paths = [address.partition("?")[0] for address in addresses("x", town(10))]
    tried = {adapter.match(path, return_rule=True)[0].rule for path in paths}
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert rules - tried - WITHOUT_DATA == set()


def test_nothing_excluded_is_in_the_answer_of_any_route(
    client: FlaskClient, loaded: Town, case: ScopeCase
) -> None:
    scoped = pin(loaded.whole, case.reader)
    some = [*list(case.excluded(loaded.rows))[:6], *case.seen(loaded.rows)[:6]]
    part = create_app(loaded.parts[case.name]).server.test_client()
    other = whole_of(loaded.parts[case.name])
    compared = 0
    for address, twin in zip(addresses(scoped.id, some), addresses(other.id, some), strict=True):
        with reading(case.reader):
            answer = client.get(address)
        body = text_of(answer.data)
        assert_nothing_of(case, loaded.rows, without_request(body, address), address)
        if answer.status_code == 200 and is_compared(address):
            expected = part.get(twin)
            assert expected.status_code == 200
            assert data_of(body) == data_of(text_of(expected.data)), address
            compared += 1
    assert compared > 20


def without_request(text: str, address: str) -> str:
    """An answer without what the question named."""
    found = re.search(r"id=(Q\d+Z)", address)
    return text.replace(found[1], "") if found and "No incident" in text else text


def test_a_record_outside_the_scope_is_not_found(client: FlaskClient, loaded: Town) -> None:
    case = CASES[1]
    outside = next(case.excluded(loaded.rows))
    with reading(case.reader):
        assert client.get(f"/export/incident.json?id={outside.id}").status_code == 400
    with reading(Reader("all", frozenset(Role))):
        assert client.get(f"/export/incident.json?id={outside.id}").status_code == 200


def test_a_row_as_it_was_read_is_withheld_where_the_place_is_coarse(
    client: FlaskClient, loaded: Town
) -> None:
    case = CASES[3]
    coarse = next(row for row in case.seen(loaded.rows) if row.lat is None)
    exact = next(row for row in case.seen(loaded.rows) if row.lat is not None)
    with reading(case.reader):
        found = client.get(f"/export/incident.json?id={coarse.id}").get_json()
        assert found["source_row"] == {"lack": "withheld"}
        found = client.get(f"/export/incident.json?id={exact.id}").get_json()
    assert found["source_row"]["values"]["ID"] == exact.id


def test_small_custom_areas_count_only_places_that_are_shown(loaded: Town, case: ScopeCase) -> None:
    boxes = [(row.lat, row.lon) for row in loaded.rows[:60] if row.lat and row.lon]
    seen = [(row.lat, row.lon) for row in case.seen(loaded.rows)]
    services = Services(loaded.whole)
    with reading(case.reader):
        store = CustomAreaStore(services.state, services.settings)
        pinned = services.pin()
        assert pinned is not None
        shapes = [
            drawn_shape(
                f"{case.name} {number}",
                Polygon(tuple((lat + up, lon + over) for up, over in CORNERS)),
            )
            for number, (lat, lon) in enumerate(boxes)
        ]
        kept = {area.name: area.id for area in store.add(shapes)}
        for shape, place in zip(shapes, boxes, strict=True):
            named = Selection.parse(f"custom_area={kept[shape.name]}")
            chosen, _ = pinned.vocabulary.resolve(named)
            total = pinned.crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
            assert total["incidents"].sum() == seen.count(place)


def test_the_whole_snapshot_cannot_be_named(client: FlaskClient, loaded: Town) -> None:
    whole = whole_of(loaded.whole).id
    with reading(CASES[1].reader):
        assert client.get(f"/geometry/{whole}/cells-250.geojson").status_code == 404


def test_block_precision_shows_the_place_of_the_block(loaded: Town) -> None:
    rules = ScopeRules("", (("type=THEFT", Precision.BLOCK),))
    pinned = pin(loaded.whole, Reader("a", frozenset({Role.ANALYST}), rules))
    frame = pinned.reader.frame("SELECT id, block, lat, lon FROM incidents WHERE type = 'THEFT'")
    exact = {(row.lat, row.lon) for row in loaded.rows if row.type == "THEFT"}
    assert frame.height == sum(row.type == "THEFT" for row in loaded.rows)
    assert not exact & set(frame.select("lat", "lon").iter_rows())
    assert frame.group_by("block").agg(pl.struct("lat", "lon").n_unique())["lat"].max() == 1
    assert frame["lat"].null_count() < frame.height


def test_of_several_rules_the_coarsest_applies(loaded: Town) -> None:
    rules = ScopeRules("", (("type=THEFT", Precision.BLOCK), ("district=001", Precision.BEAT)))
    pinned = pin(loaded.whole, Reader("a", frozenset({Role.ANALYST}), rules))
    statement = "SELECT count(*) FROM incidents WHERE district = '001' AND lat IS NOT NULL"
    assert pinned.reader.frame(statement).item() == 0


@pytest.mark.parametrize(
    "rules",
    [
        ScopeRules("district=099"),
        ScopeRules("", (("type=THEFTS", Precision.HIDDEN),)),
        ScopeRules("", (("type=THEFT,THEFTS", Precision.BEAT),)),
        ScopeRules("nosuch=1"),
        ScopeRules("type=THEFT", (("type=THEFT", Precision.HIDDEN),)),
        ScopeRules("date=last7d"),
        ScopeRules("target=nosuch"),
        ScopeRules("district"),
    ],
)
def test_rules_that_cannot_be_kept_show_nothing(loaded: Town, rules: ScopeRules) -> None:
    with pytest.raises(OutsideScopeError):
        pin(loaded.whole, Reader("a", frozenset({Role.ANALYST}), rules))


def test_a_target_is_a_rule(loaded: Town) -> None:
    pinned = pin(loaded.whole, Reader("a", frozenset({Role.ANALYST}), ScopeRules("target=robbery")))
    found = pinned.reader.frame("SELECT DISTINCT type FROM incidents")["type"].to_list()
    assert found == ["ROBBERY"]


def test_whoever_sees_everything_gets_the_snapshot_itself(loaded: Town) -> None:
    services = Services(loaded.whole)
    with reading(Reader("a", frozenset({Role.ANALYST}))):
        one = services.pin()
    assert one is services.pin()


def test_two_readers_at_once_do_not_mix(loaded: Town) -> None:
    services = Services(loaded.whole)
    barrier, failures = Barrier(len(CASES)), []

    def ask(case: ScopeCase) -> None:
        expected = len(case.seen(loaded.rows))
        with reading(case.reader):
            barrier.wait()
            for _ in range(30):
                pinned = services.pin()
                assert pinned is not None
                found = pinned.crossfilter.counts(EVERYTHING, Selection(), [view("total")])["total"]
                if int(found["incidents"].sum()) != expected:
                    failures.append(case.name)

    threads = [Thread(target=ask, args=(case,)) for case in CASES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_damaged_scoped_snapshot_is_made_again(loaded: Town) -> None:
    case = CASES[2]
    made = pin(loaded.whole, case.reader)
    path = made.snapshot.path / "codes" / "day.bin"
    path.write_bytes(b"\0" * path.stat().st_size)
    assert made.snapshot.changed()
    again = pin(loaded.whole, case.reader)
    assert again.id == made.id
    assert not again.snapshot.changed()


def test_areas_keep_the_outlines_and_names_that_the_agency_gave(settings: Settings) -> None:
    load_town(settings, town())
    square = [[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.9], [-87.7, 41.8]]
    feature = {
        "type": "Feature",
        "properties": {"key": "003", "title": "Harbor"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file = settings.home / "districts.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    add_outlines(settings.home, "district", file, "key", "title")
    services = Services(settings, web=True)
    with reading(Reader("Kim", frozenset({Role.ANALYST}), ScopeRules("district=003"))):
        pinned = services.pin()
    assert pinned is not None
    assert pinned.area_names["district"] == {"003": "Harbor"}
