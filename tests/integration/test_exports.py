"""Exports of what is selected, and what they say of themselves."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pandas as pd
import polars as pl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from analytics.crossfilter.provenance import PROVENANCE_LINES
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.text_hash import text_hash
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from api import exports
from api.exports import read_query
from api.hotspot_files import _zones_provenance
from app import create_app
from tests.integration.every_incident import (
    OWNED,
    brute_force,
    evening,
    heading_counts,
    passes,
)
from tests.integration.small_snapshot import publish_small
from tests.integration.snapshots import SmallCity, build, serve

FORMULA = set("=+-@")


def rows_of(text: str) -> list[dict[str, str]]:
    lines = text.splitlines(keepends=True)
    assert all(line.startswith("#") for line in lines[:PROVENANCE_LINES])
    return list(csv.DictReader(io.StringIO("".join(lines[PROVENANCE_LINES:]))))


def test_the_file_holds_the_selected_incidents(client: FlaskClient) -> None:
    answer = client.get("/export/incidents.csv?type=ROBBERY")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    rows = rows_of(answer.text)
    assert [row["id"] for row in rows] == ["3", "4"]
    assert rows[0]["occurred_from"] == "2017-01-02 22:00:00"
    assert rows[0]["description"] == 'A, "B"'
    assert rows[0]["district"] == "002"
    assert [row["arrest"] for row in rows] == ["false", ""]


def test_without_a_selection_everything_is_exported(client: FlaskClient) -> None:
    assert len(rows_of(client.get("/export/incidents.csv").text)) == 5


def test_a_list_is_exported_in_its_columns_and_order(client: FlaskClient) -> None:
    query = "_columns=id,type,harm_days&_sort=harm_days&_desc=1"
    answer = client.get(f"/export/incidents.csv?{query}")
    rows = rows_of(answer.text)
    assert list(rows[0]) == ["id", "type", "harm_days"]
    known = [int(row["harm_days"]) for row in rows if row["harm_days"]]
    assert known == sorted(known, reverse=True)
    assert answer.headers["X-PatrolIQ-Rows"] == "5"
    page = client.get(f"/export/incidents.csv?{query}&_offset=2&_rows=2&type=ROBBERY,THEFT")
    all_of = rows_of(client.get(f"/export/incidents.csv?{query}&type=ROBBERY,THEFT").text)
    assert rows_of(page.text) == all_of[2:4]
    assert "4 selected; 2 in the rows, rows 3 to 4 of the list" in page.text


@pytest.mark.parametrize(
    "query", ["_columns=nosuch", "_columns=id&_sort=nosuch", "_columns=id&_rows=-1"]
)
def test_a_list_that_does_not_exist_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/export/incidents.csv?{query}").status_code == 400


def test_further_attributes_are_columns_by_their_name(client: FlaskClient) -> None:
    rows = rows_of(client.get("/export/incidents.csv?team=A").text)
    assert [row["team"] for row in rows] == ["A", "A", "A"]


def test_the_file_says_what_it_is(client: FlaskClient, small: Snapshot) -> None:
    answer = client.get("/export/incidents.csv?type=ROBBERY&weekday=1")
    head = "".join(answer.text.splitlines(keepends=True)[:PROVENANCE_LINES])
    assert small.id in head
    assert "type=ROBBERY&weekday=1" in head
    assert "Robberies" in head
    assert "Test City" in head
    assert "Jan 1 to 4, 2017" in head
    assert re.search(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", head)
    assert answer.headers["X-PatrolIQ-Selection"] == "type=ROBBERY&weekday=1"
    assert answer.headers["X-PatrolIQ-Snapshot"] == small.id
    key = text_hash("type=ROBBERY&weekday=1")
    expected = f"patroliq-incidents-{key}-{small.id}.csv"
    assert expected in answer.headers["Content-Disposition"]


def test_a_plain_file_is_read_by_pandas_as_it_is(client: FlaskClient) -> None:
    plain = client.get("/export/incidents.csv?type=THEFT&plain=1").text
    assert plain.startswith("id,case_number,")
    assert len(pd.read_csv(io.StringIO(plain))) == 2
    full = client.get("/export/incidents.csv?type=THEFT").text
    assert len(pd.read_csv(io.StringIO(full), skiprows=PROVENANCE_LINES)) == 2


def test_text_cannot_become_a_formula_and_numbers_keep_their_sign(client: FlaskClient) -> None:
    rows = rows_of(client.get("/export/incidents.csv").text)
    assert [row["description"] for row in rows if row["id"] in "25"] == ["'=1+1", "'-SIMPLE"]
    assert rows[1]["team"] == "'@B"
    assert rows[0]["lon"] == "-87.6255"


def test_a_formula_in_a_selection_stays_in_its_cell(client: FlaskClient) -> None:
    text = client.get("/export/incidents.csv?description=A,%3D1%2B1").text
    head = text.splitlines(keepends=True)[:PROVENANCE_LINES]
    rows = list(csv.reader(io.StringIO("".join(head))))
    assert len(rows) == PROVENANCE_LINES
    assert all(line.startswith("#") for line in head)
    assert not [cell for row in rows for cell in row if cell.strip()[:1] in FORMULA]


@pytest.mark.parametrize(
    ("selection", "line"),
    [
        ('description=A,%3D1%2B1,"B', None),
        ("near=41.88,-87.63,500", "near=41.88,-87.63,500"),
        ("polygon=41.8,-87.7;41.9,-87.7;41.9,-87.5", "polygon=41.8,-87.7;41.9,-87.7;41.9,-87.5"),
        ("description=A,-cmd(1),-5", "description=-5,%2Dcmd(1),A"),
    ],
)
def test_a_heading_is_skipped_by_its_sign_and_its_selection_can_be_read_again(
    client: FlaskClient, selection: str, line: str | None
) -> None:
    text = client.get(f"/export/view.csv?view=type&{selection}").text
    head = text.splitlines()[:PROVENANCE_LINES]
    read = pd.read_csv(io.StringIO(text), comment="#")
    assert list(read.columns) == ["type", "incidents", "arrests", "harm", "selected"]
    written = next(x for x in head if x.startswith("# Selection: ")).removeprefix("# Selection: ")
    assert Selection.parse(written) == Selection.parse(selection)
    assert line in (None, written)
    assert '"' not in "".join(head)


def test_a_cut_file_says_so(settings: Settings, small: Snapshot) -> None:
    client = create_app(replace(settings, export_rows=2)).server.test_client()
    answer = client.get("/export/incidents.csv")
    assert [row["id"] for row in rows_of(answer.text)] == ["1", "2"]
    assert "5 selected; 2 in the rows" in answer.text
    assert answer.headers["X-PatrolIQ-Rows"] == "2"
    assert answer.headers["X-PatrolIQ-Incidents"] == "5"


def test_nothing_selected_gives_a_file_with_a_header_only(client: FlaskClient) -> None:
    answer = client.get("/export/incidents.csv?type=ROBBERY&arrest=yes")
    assert rows_of(answer.text) == []
    assert "id,case_number" in answer.text


def test_synthetic_incidents_are_marked_in_the_file_and_its_name(settings: Settings) -> None:
    publish_small(settings.home, synthetic=True)
    client = create_app(settings).server.test_client()
    answer = client.get("/export/incidents.csv")
    assert "SYNTHETIC" in answer.text.splitlines()[1]
    assert "patroliq-synthetic-incidents" in answer.headers["Content-Disposition"]
    assert client.get("/export/map.geojson").json["patroliq"]["synthetic"] is True


@pytest.mark.parametrize(
    "query", ["hour=25", "nonsense", "date=2017-13-01", "polygon=1,2", "a=b=c"]
)
@pytest.mark.parametrize("path", ["incidents.csv", "map.geojson", "view.csv"])
def test_nonsense_is_refused_in_words(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(f"/export/{path}?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "Traceback" not in answer.text
    assert len(answer.text) > 20


def test_an_empty_warehouse_has_nothing_to_export(settings: Settings) -> None:
    answer = create_app(settings).server.test_client().get("/export/incidents.csv")
    assert answer.status_code == 503
    assert "patroliq ingest" in answer.text


def test_a_stored_selection_is_exported_by_its_hash(
    client: FlaskClient, settings: Settings
) -> None:
    state = State(settings)
    key = state.store("type=ROBBERY")
    state.close()
    assert len(rows_of(client.get(f"/export/incidents.csv?sel={key}").text)) == 2
    assert client.get("/export/incidents.csv?sel=0000").status_code == 400
    assert client.get(f"/export/incidents.csv?sel={key}&type=THEFT").status_code == 400


def test_a_map_of_more_cells_than_memory_should_hold_is_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_CELLS", 1)
    refused = client.get("/export/map.geojson?mode=cells:10")
    assert refused.status_code == 400
    assert "larger cells" in refused.text
    assert client.get("/export/view.csv?view=cells:10").status_code == 200


def test_map_cells_carry_the_counts_of_the_selection(client: FlaskClient, small: Snapshot) -> None:
    collection = client.get("/export/map.geojson?mode=cells:500&type=ROBBERY,ASSAULT").json
    assert collection["patroliq"]["snapshot"] == small.id
    assert collection["patroliq"]["selection"] == "type=ASSAULT,ROBBERY"
    assert collection["patroliq"]["incidents_without_shape"] == 1
    (feature,) = collection["features"]
    assert feature["properties"] == {
        "id": "500:899_9273",
        "incidents": 2,
        "arrests": 0,
        "harm": 18,
    }
    ring = feature["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert min(lon for lon, _ in ring) <= -87.6039 <= max(lon for lon, _ in ring)


def test_map_areas_without_incidents_are_there_with_none(client: FlaskClient) -> None:
    collection = client.get("/export/map.geojson?mode=district&type=THEFT").json
    counts = {f["properties"]["id"]: f["properties"]["incidents"] for f in collection["features"]}
    assert counts == {"001": 2, "002": 0, "003": 0}


def test_a_chosen_area_limits_the_exported_map(client: FlaskClient) -> None:
    collection = client.get("/export/map.geojson?mode=district&district=001").json
    assert sum(f["properties"]["incidents"] for f in collection["features"]) == 2


@pytest.mark.parametrize("mode", ["cells:7", "total", "ward", "points:1,2", "places:1,2,3,4", "x"])
def test_an_unknown_map_mode_is_refused(client: FlaskClient, mode: str) -> None:
    assert client.get(f"/export/map.geojson?mode={mode}").status_code == 400


def test_a_chart_is_exported_as_a_table(client: FlaskClient) -> None:
    rows = rows_of(client.get("/export/view.csv?view=type").text)
    assert {row["type"]: row["incidents"] for row in rows} == {
        "ASSAULT": "1",
        "ROBBERY": "2",
        "THEFT": "2",
    }


def test_names_of_areas_follow_their_keys(client: FlaskClient) -> None:
    rows = rows_of(client.get("/export/view.csv?view=district").text)
    assert {row["district"]: row["district_name"] for row in rows} == {
        "001": "District 001",
        "002": "District 002",
        "unknown": "",
    }
    incidents = rows_of(client.get("/export/incidents.csv").text)
    assert {(row["district"], row["district_name"]) for row in incidents} == {
        ("001", "District 001"),
        ("002", "District 002"),
        ("", ""),
    }
    nothing = client.get("/export/incidents.csv?type=ARSON").text
    assert ",district,district_name," in nothing.splitlines()[-1]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, SmallCity]:
    home = tmp_path_factory.mktemp("exported")
    built = build(home / "snapshots" / "small-1-400", seed=1)
    return create_app(serve(built, home)).server.test_client(), built


CHOSEN = (
    "type=ROBBERY,THEFT&hour=20-02&weekday=5,6&date=2017-12-01..2018-02-20&district=001,unknown"
    "&near=41.87,-87.65,2500&arrest=no,unknown"
)


@pytest.mark.parametrize("selection", ["", "type=ROBBERY", "hour=20-02&weekday=5,6", CHOSEN])
@pytest.mark.parametrize("name", sorted(OWNED))
def test_the_totals_of_a_heading_are_the_sums_of_its_rows(
    city: tuple[FlaskClient, SmallCity], name: str, selection: str
) -> None:
    client, built = city
    chosen = Selection.parse(selection)
    answer = client.get(f"/export/view.csv?view={name}&{selection}")
    rows = rows_of(answer.text)
    passing = brute_force(built, Scope(chosen), Selection(), "total")
    expected = passing[0][0] if passing else 0
    incidents, written, selected = heading_counts(answer.text)
    assert incidents == expected
    assert written == sum(int(row["incidents"]) for row in rows)
    assert selected == sum(int(row["selected"]) for row in rows)
    assert all(int(row["selected"]) <= int(row["incidents"]) for row in rows)
    assert answer.headers["X-PatrolIQ-Incidents"] == str(expected)
    assert answer.headers["X-PatrolIQ-Rows"] == str(len(rows))
    if name not in ("group:part_i", "group:nibrs") and name.partition(":")[0] not in (
        "points",
        "places",
    ):
        assert selected == expected
    dropped = {key for key, _ in chosen.items} & OWNED[name]
    assert ("leave out the filter" in answer.text) is bool(dropped)


def test_a_surface_follows_the_filter_on_shifts(city: tuple[FlaskClient, SmallCity]) -> None:
    client, built = city
    answer = client.get("/export/surface.csv?method=counts&size=500&shift=Night")
    night = [row for row in built.rows if row["shift"] == "Night"]
    lying = [row for row in night if not row["default_address"]]
    placed = [row for row in lying if row["point_id"] is not None]
    incidents, written, _ = heading_counts(answer.text)
    assert (incidents, written) == (len(lying), len(placed))
    assert sum(float(row["value"]) for row in rows_of(answer.text)) == len(placed)
    assert "# Selection: shift=Night" in answer.text
    for query in ("_shift=before", "moved=Night", "_moved=Night", "nosuch=1", "_nosuch=1"):
        assert client.get(f"/export/surface.csv?method=counts&{query}").status_code == 400


def test_rows_of_added_zones_are_not_said_to_hold_each_incident_once(
    city: tuple[FlaskClient, SmallCity],
) -> None:
    pinned = Services(Settings(home=city[1].snapshot.path.parent.parent)).pin()
    assert pinned
    for added, said in ((False, "are in none of them"), (True, "may be in several of them")):
        zones = {"incidents": [200, 30], "selected": [200, 30], "added": [False, added]}
        count = _zones_provenance(pinned, Selection(), pl.DataFrame(zones)).count
        assert count.startswith("400 selected; 230 in the rows")
        assert said in count
        assert ("are in none" in count) is not added


def test_an_attribute_of_the_agency_is_no_option(
    city: tuple[FlaskClient, SmallCity],
) -> None:
    services = Services(Settings(home=city[1].snapshot.path.parent.parent))
    with Flask("asked").test_request_context("/?premise=shop&_premise=x&size=500&_band=300"):
        _, selection, options = read_query(services, ("premise", "size", "band"))
    assert selection.text == "premise=shop"
    assert options == {"premise": "x", "size": "500", "band": "300"}


@pytest.mark.parametrize("selection", ["", "type=ROBBERY", CHOSEN])
@pytest.mark.parametrize("mode", ["cells:500", "points:-87.67,41.86,-87.64,41.89"])
def test_the_totals_of_a_map_are_the_sums_of_its_features(
    city: tuple[FlaskClient, SmallCity], mode: str, selection: str
) -> None:
    client, built = city
    collection = client.get(f"/export/map.geojson?mode={mode}&{selection}").json
    features = collection["features"]
    passing = brute_force(built, Scope(Selection.parse(selection)), Selection(), "total")
    counted = sum(feature["properties"]["incidents"] for feature in features)
    facts = collection["patroliq"]
    assert facts["incidents"] == (passing[0][0] if passing else 0)
    without_place = [
        row
        for row in built.rows
        if row["point_id"] is None
        and all(
            passes(evening(row, Selection.parse(selection), built), *item, built)
            for item in Selection.parse(selection).items
        )
    ]
    assert facts["written"] == counted
    assert facts["incidents_without_shape"] == len(without_place)
    if mode.startswith("cells"):
        assert counted == facts["incidents"] - len(without_place)
    else:
        assert "of places within the bounds" in facts["count"]
        said = f"{len(without_place):,} are in no shape"
        assert (said in facts["count"]) is bool(without_place)
    assert facts["rows"] == len(features)
    if mode.startswith("points") and features:
        kinds = {feature["geometry"]["type"] for feature in features}
        assert kinds == {"Point"}
