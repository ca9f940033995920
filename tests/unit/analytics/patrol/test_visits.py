"""Visits are stored once; rows of files are read or kept with a reason; dosage adds them up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyproj
import pytest
import sqlalchemy as sa

from analytics.audit import Audit
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.patrol.dosage import dosage, read_dosage, shift_times
from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_plans import PlanVersion, StoredPlans
from analytics.patrol.stored_visits import OfficerVisit, RefusedVisit, StoredVisits, VisitSource
from analytics.patrol.visit_file import read_visits
from analytics.settings import Settings
from analytics.state import State
from analytics.strict_csv import LONGEST_FIELD
from tests.unit.analytics.patrol.test_stored_plans import CONTENT, REQUEST, VISIT

START = datetime(2026, 10, 21, 3, 20, tzinfo=UTC)  # 22:20 of October 20 in Chicago
VERSION = PlanVersion(1, 1, "", "", "", "s1", REQUEST, PlaceEdits(), CONTENT)
LATER = START + timedelta(days=1)
PHONE = OfficerVisit(
    "a1", 1, 1, "1", VISIT.place, VISIT.lat, VISIT.lon, START, START + timedelta(minutes=14),
    "quiet", "Officer 12", VisitSource.PHONE,
)  # fmt: skip
IMPORTED = replace(
    PHONE, id="b1", plan=None, unit="12A", source=VisitSource.IMPORT, place="", note=""
)
CRS = "EPSG:32616"
DAYS = ("2026-01-01", "2026-10-21", "2026-10-21")
MANIFEST = Manifest(
    "s1", "2026", 1, "0", SourceInfo("city", "City", "America/Chicago", "incident"), 9, *DAYS, CRS
)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def stored(state: State, settings: Settings) -> StoredVisits:
    StoredPlans(state, settings).add(REQUEST, CONTENT, "s1", "why")
    return StoredVisits(state, settings)


def test_a_visit_is_stored_once_however_often_it_is_sent(
    stored: StoredVisits, state: State, settings: Settings
) -> None:
    assert stored.add([PHONE], origin="plan 1") == 1
    assert stored.add([PHONE, replace(PHONE, id="a2")], origin="plan 1") == 1
    assert stored.add([PHONE], origin="plan 1") == 0
    assert [one.id for one in stored.of_plan(1)] == ["a1", "a2"]
    assert stored.of_plan(1)[0] == PHONE
    entries = [one for one in Audit(state, settings).entries() if one.event == "visits.recorded"]
    assert "Officer 12" not in {one.person for one in entries}
    assert entries[1].details == {"new": 1, "known": 1, "refused": 0, "said_to_be": ["Officer 12"]}


def test_another_visit_of_the_same_id_is_refused(stored: StoredVisits) -> None:
    stored.add([PHONE])
    with pytest.raises(InputError, match="Another visit"):
        stored.add([replace(PHONE, note="other")])
    assert stored.of_plan(1) == [PHONE]


def test_a_large_file_is_stored_in_batches_that_keep_no_writer_waiting(
    stored: StoredVisits, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """250 visits and 120 refused rows in batches of 100 are three short transactions."""
    monkeypatch.setattr("analytics.patrol.stored_visits.BATCH", 100)
    many = [replace(PHONE, id=f"m{at}", plan=None, source=VisitSource.IMPORT) for at in range(249)]
    refused = [RefusedVisit("avl.csv", line, "", "why", {}) for line in range(2, 122)]
    said: list[str] = []

    def hear(*event: Any) -> None:
        said.append(event[2])

    sa.event.listen(state.engine, "before_cursor_execute", hear)
    assert stored.add([*many, many[0]], refused, "avl.csv") == 249
    sa.event.remove(state.engine, "before_cursor_execute", hear)
    assert said.count("BEGIN IMMEDIATE") == 3
    assert len([one for one in said if one.startswith("INSERT INTO visits")]) == 3
    assert len([one for one in said if one.startswith("INSERT INTO refused_visits")]) == 2
    assert stored.add(many, refused, "avl.csv") == 0
    assert len(stored.refused(1_000)) == 120


def test_visits_cannot_be_changed_or_removed(stored: StoredVisits, state: State) -> None:
    stored.add([PHONE])
    for statement in ("DELETE FROM visits", "UPDATE visits SET note = 'other'"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), state.engine.begin() as one:
            one.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": ""}, "id"),
        ({"note": "n" * 501}, "note"),
        ({"place": "p" * 81}, "place"),
        ({"lat": 91.0}, "degrees"),
        ({"lon": float("nan")}, "degrees"),
        ({"unit": ""}, "unit"),
        ({"ended": START - timedelta(minutes=1)}, "ends after"),
        ({"ended": START + timedelta(hours=13)}, "12 hours"),
        ({"started": datetime(2026, 10, 21, 3)}, "offset"),
    ],
)
def test_a_visit_that_is_not_valid_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(PHONE, **changes)  # type: ignore[arg-type]


FILE = """Unit,Lat,Lon,Arrived,Cleared,Location
12A,41.9001,-87.6,2026-10-20 23:00,2026-10-20 23:10,Madison
12A,41.95,-87.6,10/20/2026 11:30 PM,10/20/2026 11:45 PM,Far
12A,41.9001,-87.6,2026-10-21T08:00:00+00:00,2026-10-21T08:05:00Z,After midnight
12A,x,-87.6,2026-10-20 23:00,2026-10-20 23:10,
12A,41.9,-87.6,yesterday,2026-10-20 23:10,
12A,41.9,-87.6,2026-10-20 23:00,2026-10-20 22:10,
12A,41.9
"""


def test_rows_of_a_file_are_read_or_refused_with_line_column_and_reason(
    tmp_path: Path, stored: StoredVisits
) -> None:
    path = tmp_path / "avl.csv"
    path.write_text(FILE)
    read = read_visits(path, "America/Chicago", LATER)
    assert [one.started for one in read.visits] == [
        datetime(2026, 10, 21, 4, tzinfo=UTC),
        datetime(2026, 10, 21, 4, 30, tzinfo=UTC),
        datetime(2026, 10, 21, 8, tzinfo=UTC),
    ]
    assert [(one.line, one.column) for one in read.refused] == [
        (5, "Lat"),
        (6, "Arrived"),
        (7, "Cleared"),
        (8, ""),
    ]
    assert "'x' is not a number" in read.refused[0].reason
    assert "ends after" in read.refused[2].reason
    assert stored.add(read.visits, read.refused, "avl.csv") == 3
    assert stored.add(read_visits(path, "America/Chicago", LATER).visits) == 0
    assert [one.line for one in stored.refused()] == [8, 7, 6, 5]
    assert stored.refused()[3].row["Lat"] == "x"


def test_a_file_that_is_imported_again_adds_nothing(
    tmp_path: Path, stored: StoredVisits, state: State, settings: Settings
) -> None:
    path = tmp_path / "avl.csv"
    path.write_text(FILE)
    for _ in range(2):
        read = read_visits(path, "America/Chicago", LATER)
        stored.add(read.visits, read.refused, "avl.csv")
    assert len(stored.refused()) == 4
    (entry,) = (one for one in Audit(state, settings).entries() if one.event == "visits.recorded")
    assert entry.details == {"new": 3, "known": 0, "refused": 4}


HEAD, TAIL = "unit,lat,lon,started,ended,note\n", "2026-10-20 23:00,2026-10-20 23:10,n\n"
ROW = f"12A,41.9,-87.6,{TAIL}"


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        (f",41.9,-87.6,{TAIL}", 2, "unit"),
        (f"12A,nan,-87.6,{TAIL}", 2, "lat"),
        ("12A,41.9,-87.6,0001-01-01T00:00+14:00,0001-01-01,n\n", 2, "started"),
        ("12A,41.9,-87.6,2030-01-01 00:00,2030-01-01 00:10,n\n", 2, "ended"),
        (f"{ROW[:-2]}a\u2028b\n{ROW[:-1]},more\n", 3, ""),
        (f'{ROW[:-2]}"a\nb"\n12A,x,{TAIL}', 4, ""),
        (f"{ROW[:-2]}{'n' * 140_000}\n", 2, "note"),
    ],
)
def test_a_faulty_row_is_named_by_its_first_line(
    tmp_path: Path, row: str, line: int, column: str
) -> None:
    path = tmp_path / "avl.csv"
    path.write_text(HEAD + row)
    (refused,) = read_visits(path, "America/Chicago", LATER).refused
    assert (refused.line, refused.column) == (line, column)


def test_formulas_and_control_characters_are_kept_as_harmless_text(tmp_path: Path) -> None:
    path = tmp_path / "avl.csv"
    path.write_text(f'{HEAD}{ROW[:-2]}"=1+1\n\x1b[31m\x00"\n')
    (visit,) = read_visits(path, "America/Chicago", LATER).visits
    assert visit.note == "=1+1 \ufffd[31m\ufffd"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'{HEAD}{ROW}12A,"41.9,-87.6,{TAIL}{ROW}', "line 3: .*quote"),
        (f"{HEAD}{ROW[:-2]}{'n' * (LONGEST_FIELD + 1)}\n", "line 2: field larger"),
        (f"unit,{HEAD}", "line 1: several columns are named 'unit'"),
        ("", "line 1: no column"),
    ],
)
def test_a_file_that_cannot_be_split_into_rows_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "avl.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_visits(path, "UTC", LATER)


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "avl.csv"
    path.write_text("unit,lat,lon,arrived\n")
    with pytest.raises(InputError, match="line 1: no column is named ended"):
        read_visits(path, "UTC")
    with pytest.raises(InputError, match="cannot be read"):
        read_visits(tmp_path / "none.csv", "UTC")


def test_dosage_adds_phone_and_imported_visits_at_planned_places(
    tmp_path: Path, stored: StoredVisits
) -> None:
    """By hand: 14 minutes from the phone, 10 and 5 within 150 m; 15 minutes elsewhere."""
    path = tmp_path / "avl.csv"
    path.write_text(FILE)
    stored.add([PHONE, *read_visits(path, "America/Chicago", LATER).visits])
    twice = replace(VISIT, arrive="01:00")
    content = replace(CONTENT, units=(PlannedUnit(1, "001", (VISIT, twice)), *CONTENT.units[1:]))
    version = PlanVersion(1, 1, "", "", "", "s1", REQUEST, PlaceEdits(), content)
    found = read_dosage(stored, version, MANIFEST)
    (place,) = found.places
    assert (place.place, place.units) == (VISIT.place, (1,))
    assert (place.planned_visits, place.planned_minutes) == (2, 24)
    assert (place.visits, place.minutes) == (3, 29)
    assert (found.elsewhere_visits, found.elsewhere_minutes) == (1, 15)
    assert found.as_json()["places_visited"] == 1
    (noted,) = found.notes
    assert (noted.note, noted.person, noted.unit) == ("quiet", "Officer 12", "1")


def test_a_stop_that_is_recorded_twice_counts_once(stored: StoredVisits) -> None:
    """By hand: 14 minutes from the phone hold the first import; the second starts as they end."""
    imported = replace(IMPORTED, lat=VISIT.lat + 0.0005, ended=PHONE.ended + timedelta(minutes=2))
    later = replace(
        imported, id="b2", started=PHONE.ended, ended=PHONE.ended + timedelta(minutes=3)
    )
    far = replace(imported, id="b3", lat=VISIT.lat + 0.1)
    stored.add([PHONE, imported, later, far])
    found = read_dosage(stored, VERSION, MANIFEST)
    assert (found.visits, found.minutes, found.recorded_twice) == (2, 17, 1)
    assert (found.elsewhere_visits, found.elsewhere_minutes) == (1, 16)


def test_visits_on_a_phone_outside_the_shift_are_counted_apart(stored: StoredVisits) -> None:
    """The shift is 22:00 to 6:00, with an hour before and after it."""
    hours = (-1, 0, 8, 24)  # from 22:20 on
    moved = [timedelta(hours=one) for one in hours]
    stored.add(
        [
            replace(PHONE, id=f"a{at}", started=PHONE.started + by, ended=PHONE.ended + by)
            for at, by in enumerate(moved)
        ]
    )
    found = read_dosage(stored, VERSION, MANIFEST)
    assert (found.visits, found.minutes) == (3, 42)
    assert (found.outside_visits, found.outside_minutes) == (1, 14)
    assert len(found.notes) == 4


def test_a_shift_is_in_the_clock_of_the_agency() -> None:
    start, end = shift_times(VERSION, "America/Chicago")
    assert start.astimezone(UTC) == datetime(2026, 10, 21, 3, tzinfo=UTC)
    assert end - start == timedelta(hours=8)


def test_without_visits_every_place_has_none() -> None:
    found = dosage(VERSION, [], crs_local=CRS)
    assert (found.minutes, found.visits, found.places_visited) == (0, 0, 0)
    assert found.planned_minutes == 12


@pytest.mark.parametrize(("lat", "lon", "crs"), [(41.88, -87.63, CRS), (60.0, 10.0, "EPSG:32632")])
def test_the_radius_is_that_of_a_geodesic(lat: float, lon: float, crs: str) -> None:
    """Against PROJ's ellipsoid: a meter inside the radius of 150 m, and a meter outside."""
    geod = pyproj.Geod(ellps="WGS84")
    stop = replace(VISIT, lat=lat, lon=lon)
    units = (PlannedUnit(1, "001", (stop,)),)
    version = replace(VERSION, content=replace(CONTENT, units=units))
    for bearing in (0, 90, 225):
        for meters, expected in ((149, 1), (151, 0)):
            there_lon, there_lat, _ = geod.fwd(lon, lat, bearing, meters)
            at = replace(IMPORTED, lat=there_lat, lon=there_lon)
            assert dosage(version, [at], crs_local=crs).visits == expected


def test_an_imported_visit_belongs_to_the_nearest_place_and_a_faulty_position_to_none() -> None:
    """Place B is 0.002 degrees (222 m) north of A; the middle is at 111 m."""
    north = replace(VISIT, place="B", lat=VISIT.lat + 0.002)
    units = (PlannedUnit(1, "001", (VISIT, north)),)
    version = replace(VERSION, content=replace(CONTENT, units=units))
    lats = {"a1": VISIT.lat + 0.0009, "b1": VISIT.lat + 0.0011, "b2": VISIT.lat + 0.003}
    visits = [replace(IMPORTED, id=id, lat=lat) for id, lat in lats.items()]
    found = dosage(version, [*visits, replace(IMPORTED, lat=0.0, lon=0.0)], crs_local=CRS)
    assert [one.visits for one in found.places] == [1, 2]
    assert found.elsewhere_visits == 1
