"""The whole record of one incident: its source row, earlier versions, flags and surroundings."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient
from pyproj import Transformer

from analytics.errors import InputError
from analytics.incident_record.flags import FlagKind
from analytics.incident_record.record import IncidentRecord, find_record
from analytics.incident_record.source_row import RowLack, SourceRow
from analytics.ingest.pipeline import ingest
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.source import Source
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.selection import respond_to

EXPLORE = next(page for page in PAGES if page.page.key == "explore")
TOWN = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "offense"
provisional_days = 3
[columns]
id = "No"
type = "Crime"
location_type = "Where"
block = "Block"
lat = "Lat"
lon = "Lon"
occurred_from = "When"
updated = "Changed"
[dates]
formats = "%m/%d/%Y %H:%M"
[heaped]
times = ["12:00"]
"""
HEAD = "No,When,Crime,Where,Block,Lat,Lon,Changed,Officer"


def town(*, padded: bool = False) -> Source:
    padding = "[padding]\nid = 6\n" if padded else ""
    return Source.parse(TOWN + padding, Path("town.toml"))


def row(number: str, when: str, *, crime: str = "THEFT", changed: str = "", where: str = "") -> str:
    place = where or "41.8800,-87.6300"
    changed = changed or "03/20/2020 08:00"
    return f"{number},{when},{crime},STREET,100 MAIN ST,{place},{changed},Smith"


def load_rows(home: Path, name: str, rows: list[str], source: Source) -> Settings:
    path = home.parent / name
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    settings = Settings(home=home)
    ingest([path], source, settings)
    return settings


def record_of(settings: Settings, incident: str) -> IncidentRecord:
    services = Services(settings)
    pinned = services.pin()
    assert pinned is not None
    return find_record(services, pinned, incident)


@pytest.fixture
def changed(tmp_path: Path) -> Settings:
    """A town whose incident 7 was a theft, then a robbery, and never changed again."""
    home = tmp_path / "home"
    first = [row("7", "03/01/2020 12:00"), row("8", "03/02/2020 10:30")]
    load_rows(home, "first.csv", first, town())
    second = [row("7", "03/01/2020 12:00", crime="ROBBERY", changed="03/21/2020 08:00")]
    load_rows(home, "second.csv", second, town())
    return load_rows(home, "third.csv", [row("9", "03/03/2020 09:00")], town())


def test_the_source_row_is_the_one_that_gave_the_values_as_it_was_written(
    changed: Settings,
) -> None:
    found = record_of(changed, "7").source_row
    assert isinstance(found, SourceRow)
    assert (found.file, found.line, found.is_served) == ("second.csv", 2, True)
    assert found.values == {
        "No": "7",
        "When": "03/01/2020 12:00",
        "Crime": "ROBBERY",
        "Where": "STREET",
        "Block": "100 MAIN ST",
        "Lat": "41.8800",
        "Lon": "-87.6300",
        "Changed": "03/21/2020 08:00",
        "Officer": "Smith",
    }
    assert found.fields["occurred_from"] == "When"
    assert "Officer" not in found.fields.values()
    untouched = record_of(changed, "8").source_row
    assert isinstance(untouched, SourceRow)
    assert (untouched.file, untouched.line) == ("first.csv", 3)


def test_earlier_versions_say_what_changed_and_in_which_snapshot(changed: Settings) -> None:
    found = record_of(changed, "7").versions
    assert found.kept == 3
    assert found.is_first
    (change,) = found.changes
    assert {(one.column, one.before, one.after) for one in change.fields} >= {
        ("type", "THEFT", "ROBBERY")
    }
    snapshots = sorted(path.name for path in (changed.home / "snapshots").iterdir())
    assert change.snapshot == snapshots[1]
    new = record_of(changed, "9").versions
    assert (new.is_first, new.changes) == (False, ())


def test_an_id_is_found_though_its_file_writes_it_otherwise(tmp_path: Path) -> None:
    rows = [row(" 42 ", "03/01/2020 10:00"), row("420", "03/01/2020 11:00")]
    settings = load_rows(tmp_path / "home", "padded.csv", rows, town(padded=True))
    found = record_of(settings, "000042").source_row
    assert isinstance(found, SourceRow)
    assert (found.line, found.values["No"], found.is_served) == (2, " 42 ", True)


def test_rows_that_are_gone_or_unreadable_are_said(changed: Settings) -> None:
    newest = max((changed.home / "raw").iterdir())
    shutil.rmtree(newest)
    assert record_of(changed, "9").source_row is RowLack.FILES_GONE
    assert isinstance(record_of(changed, "7").source_row, SourceRow)
    for path in (changed.home / "raw").glob("*/0000-*.parquet"):
        path.write_bytes(b"PAR1 cut off")
    assert isinstance(record_of(changed, "7").source_row, RowLack)


def test_a_row_without_an_id_is_found_by_its_content(tmp_path: Path) -> None:
    text = town().text.replace(
        'unit_of_count = "offense"', 'unit_of_count = "offense"\nmissing_id = "content"'
    )
    rows = [
        row("", "03/01/2020 10:00"),
        row("", "03/01/2020 10:00", crime="ROBBERY"),
        row("", "03/01/2020 11:00"),
    ]
    settings = load_rows(tmp_path / "home", "a.csv", rows, Source.parse(text, Path("town.toml")))
    services = Services(settings)
    pinned = services.pin()
    assert pinned
    ids = dict(pinned.reader.frame("SELECT type || hour, id FROM incidents").iter_rows())
    lines = {}
    for key, incident in ids.items():
        found = find_record(services, pinned, incident).source_row
        assert isinstance(found, SourceRow)
        lines[key] = (found.line, found.is_served)
    assert lines == {"THEFT10": (2, True), "ROBBERY10": (3, True), "THEFT11": (4, True)}


def test_its_block_is_selected_exactly(changed: Settings) -> None:
    block = record_of(changed, "7").block
    assert block is not None
    assert (block.selection.text, block.incidents) == ("block=100+MAIN+ST", 3)


def test_flags_are_set_with_their_reasons(changed: Settings) -> None:
    flags = {flag.kind: flag for flag in record_of(changed, "7").flags}
    assert flags[FlagKind.HEAPED_TIME].reason == "12:00"
    assert FlagKind.PROVISIONAL in flags
    assert FlagKind.HEAPED_TIME not in {flag.kind for flag in record_of(changed, "8").flags}


def test_surroundings_are_those_of_plain_sql(city_of_8000: Path) -> None:
    settings = Settings(home=city_of_8000)
    services = Services(settings)
    pinned = services.pin()
    assert pinned
    ids = pinned.reader.frame(
        "SELECT id FROM incidents WHERE point_id IS NOT NULL ORDER BY hash(id) LIMIT 5"
    )["id"].to_list()
    crs = pinned.snapshot.manifest.crs_local
    project = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    listed = 0
    with duckdb.connect(str(pinned.snapshot.database), read_only=True) as plain:
        for incident in ids:
            around = find_record(services, pinned, incident).surroundings
            assert around is not None
            lat, lon = around.selection.get("near").text.split(",")[:2]
            x, y = project.transform(float(lon), float(lat))
            expected = plain.execute(
                """
                WITH one AS (SELECT * FROM incidents WHERE id = ?)
                SELECT i.id FROM incidents AS i, one
                WHERE i.id <> one.id
                  AND abs(i.operational_day - one.operational_day) <= 14
                  AND sqrt((i.x_m - ?) ^ 2 + (i.y_m - ?) ^ 2) <= 300
                """,
                [incident, x, y],  # the place as the address of the filter writes it
            ).fetchall()
            found = set(around.rows["id"])
            assert around.others == len(found)
            assert found == {row[0] for row in expected}
            assert around.rows["days"].abs().is_sorted()
            listed += len(found)
    assert listed


def test_an_unknown_id_is_said_and_an_incident_without_a_place_has_no_surroundings(
    changed: Settings, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="'nope'"):
        record_of(changed, "nope")
    rows = [row("1", "03/01/2020 10:00", where=","), row("2", "03/01/2020 10:00")]
    settings = load_rows(tmp_path / "other", "b.csv", rows, town())
    placeless = record_of(settings, "1")
    assert placeless.surroundings is None
    assert FlagKind.NO_PLACE in {flag.kind for flag in placeless.flags}


def test_files_of_the_record_hold_it_whole(client: FlaskClient) -> None:
    document = json.loads(client.get("/export/incident.json?id=2").text)
    assert document["values"]["type"] == "THEFT"
    assert document["source_row"] == {"lack": RowLack.NOT_FOUND.value}
    assert document["surroundings"]["others"] == 1
    answer = client.get("/export/incident.csv?id=2")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    values = {row["field"]: row["value"] for row in rows if row["part"] == "incident"}
    assert values["description"] == "'=1+1"
    assert values["lon"] == "-87.6255"
    missing = client.get("/export/incident.json?id=nope")
    assert (missing.status_code, "nope" in missing.text) == (400, True)
    assert client.get("/export/incident.csv").status_code == 400


def ask(services: Services, state: dict[str, Any] | None = None, **gesture: Any) -> dict[str, Any]:
    return respond_to(services, EXPLORE, {"n": 1, **gesture}, SelectionState.of(state))


def test_the_page_opens_an_incident_by_address_and_by_click(changed: Settings) -> None:
    services = Services(changed)
    opened = ask(services, action="open", text="type=THEFT", page={"incident": "7"})
    assert opened["record_state"]["incident"] == "7"
    assert {"record_title", "record_facts", "rows", "map"} <= opened.keys()
    gesture = {"action": "page", "changed": ["incident"]}
    clicked = ask(services, opened["state"], **gesture, page={"incident": "9"})
    assert clicked["record_state"]["selected"] == ["place-41.88--87.63"]
    assert clicked["record_state"]["points"]["features"][0]["properties"]["value"] == 3
    assert not {"rows", "map", "hours"} & clicked.keys()
    closed = ask(services, action="open", text="")
    assert closed["record_state"] == {"incident": ""}
    unknown = ask(services, opened["state"], **gesture, page={"incident": "nope"})
    assert "nope" in str(unknown["record_facts"])
    assert "layer" not in unknown["record_state"]


def test_a_whole_selection_is_applied_at_once_and_can_be_undone(changed: Settings) -> None:
    services = Services(changed)
    state = ask(services, action="open", text="type=THEFT")["state"]
    text = "date=2020-03-01&near=41.88,-87.63,300"
    applied = ask(services, state, action="apply", text=text)["state"]
    assert applied["text"] == text
    undone = ask(services, applied, action="undo")
    assert undone["state"]["text"] == "type=THEFT"
