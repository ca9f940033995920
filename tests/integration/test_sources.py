"""Bundled sources on the agencies' own files, against raw counts of those files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source, bundled_sources
from tests import ROOT

PARQUET = "chicago_crimes_2014_2018.parquet"
FEBRUARY_2025 = "chicago_crimes_2025-02_raw.csv"
CODES = ROOT / "data/harm/chicago_codes.csv"


class Loaded:
    """A file ingested into a fresh warehouse, and the raw file beside it."""

    def __init__(self, home: Path, raw: Path, source: str) -> None:
        self.raw = raw
        self.report: IngestReport = ingest([raw], Source.load(source), Settings(home=home))
        current = Warehouse(home).current()
        assert current is not None
        self.snapshot: Snapshot = current
        self.connection = duckdb.connect(str(current.database), read_only=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()

    def raw_rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement on `raw`, the file as DuckDB reads it by itself."""
        path = str(self.raw)
        reader = (
            f"'{path}'"
            if path.endswith(".parquet")
            else f"read_csv('{path}', all_varchar = true, null_padding = true)"
        )
        with duckdb.connect() as connection:
            return connection.execute(f"WITH raw AS (FROM {reader}) {statement}").fetchall()


@pytest.fixture(scope="module")
def chicago(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    loaded = Loaded(tmp_path_factory.mktemp("chicago"), real_data / PARQUET, "chicago")
    yield loaded
    loaded.connection.close()


@pytest.fixture(scope="module")
def san_francisco(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    raw = real_data / "sfpd_incidents_2018-12.csv"
    loaded = Loaded(tmp_path_factory.mktemp("san_francisco"), raw, "san_francisco")
    yield loaded
    loaded.connection.close()


@pytest.fixture(scope="module")
def denver(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    raw = real_data / "denver_crime_split_30_raw.csv"
    loaded = Loaded(tmp_path_factory.mktemp("denver"), raw, "denver")
    yield loaded
    loaded.connection.close()


def agree(loaded: Loaded, derived: str, raw: str) -> None:
    assert sorted(loaded.rows(derived)) == sorted(loaded.raw_rows(raw))


@pytest.mark.real_data
def test_chicago_groups_are_the_fbi_codes_of_the_file(chicago: Loaded) -> None:
    violent, damaged = "'01A', '02', '03', '04A', '04B'", "'05', '06', '07', '09'"
    for group, codes in (("violent", violent), ("property", damaged)):
        agree(
            chicago,
            f"SELECT count(*) FROM incidents WHERE \"group\" = '{group}'",
            f'SELECT count(*) FROM raw WHERE "FBI Code" IN ({codes})',
        )
    agree(
        chicago,
        "SELECT fbi_code, count(*) FROM incidents JOIN offense_groups g USING (offense_id) "
        "WHERE scheme = 'part_i' GROUP BY ALL",
        f'SELECT "FBI Code", count(*) FROM raw WHERE "FBI Code" IN ({violent}, {damaged}) '
        "GROUP BY ALL",
    )


@pytest.mark.real_data
def test_most_assaults_and_batteries_in_chicago_are_simple(chicago: Loaded) -> None:
    shares = chicago.rows(
        "SELECT type, round(100 * avg((\"group\" = 'simple assault')::INTEGER)) FROM incidents "
        "WHERE type IN ('ASSAULT', 'BATTERY') GROUP BY ALL ORDER BY ALL"
    )
    assert shares == [("ASSAULT", 71.0), ("BATTERY", 85.0)]


@pytest.mark.real_data
def test_every_chicago_offense_is_in_one_headline_group(chicago: Loaded) -> None:
    worst = chicago.rows(
        "SELECT max(lines), min(lines) FROM (SELECT count(g.scheme) AS lines FROM offenses o "
        "LEFT JOIN offense_groups g ON g.offense_id = o.offense_id AND g.scheme = 'headline' "
        "GROUP BY o.offense_id)"
    )
    assert worst == [(1, 1)]
    assert chicago.rows('SELECT count(*) FROM incidents WHERE "group" IS NULL') == [(0,)]


@pytest.mark.real_data
def test_every_code_of_the_files_is_read_or_listed_as_unread(
    chicago: Loaded, real_data: Path
) -> None:
    with CODES.open(encoding="utf-8", newline="") as handle:
        readings = {row["code"]: row["offense_class"] for row in csv.DictReader(handle)}
    newer = f"read_csv('{real_data / FEBRUARY_2025}', all_varchar = true)"
    listed = f"read_csv('{real_data / 'chicago_iucr_codes.csv'}', all_varchar = true)"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT IUCR FROM '{real_data / PARQUET}' UNION SELECT IUCR FROM {newer} "
            f"UNION SELECT lpad(IUCR, 4, '0') FROM {listed}"
        ).fetchall()
    codes = {code for (code,) in rows}
    assert len(codes) > 400
    assert codes - readings.keys() == set()
    unread = {row["code"] for row in chicago.snapshot.manifest.without_harm}
    in_file = {code for (code,) in chicago.rows("SELECT DISTINCT code FROM incidents")}
    assert unread == {code for code in in_file if not readings[code]}


@pytest.mark.real_data
def test_chicago_harm_is_the_sum_of_the_classes_of_its_codes(chicago: Loaded) -> None:
    weights = {"0110": 7300, "031A": 2190, "0486": 182}
    for code, days in weights.items():
        agree(
            chicago,
            f"SELECT count(*), sum(harm_days) FROM incidents WHERE code = '{code}'",
            f"SELECT count(*), count(*) * {days} FROM raw WHERE IUCR = '{code}'",
        )
    unread = "SELECT count(harm_days) FROM incidents WHERE code = '5002'"
    assert chicago.rows(unread) == [(0,)]
    weighed = chicago.rows("SELECT avg((harm_days IS NOT NULL)::INTEGER) FROM incidents")
    assert weighed[0][0] > 0.95


@pytest.mark.real_data
def test_police_facilities_and_lock_ups_are_default_addresses(chicago: Loaded) -> None:
    rows = chicago.rows(
        "SELECT location_type, count(*) FROM incidents WHERE default_address "
        "GROUP BY ALL ORDER BY 2"
    )
    assert rows == [("JAIL / LOCK-UP FACILITY", 396), ("POLICE FACILITY/VEH PARKING LOT", 4209)]


@pytest.mark.real_data
def test_heaps_of_default_times_are_flagged(chicago: Loaded) -> None:
    agree(
        chicago,
        "SELECT strftime(occurred_from, '%I:%M:%S %p'), count(*) FROM incidents "
        "WHERE heaped_time GROUP BY ALL",
        "SELECT right(Date, 11), count(*) FROM raw WHERE right(Date, 11) IN "
        "('12:00:00 AM', '12:01:00 AM', '09:00:00 AM', '12:00:00 PM') GROUP BY ALL",
    )
    noon = "SELECT count(*) FROM incidents WHERE heaped_time AND hour = 12"
    assert chicago.rows(noon) == [(33_121,)]


@pytest.mark.real_data
def test_shots_are_reported_and_handguns_are_found(chicago: Loaded) -> None:
    rows = chicago.rows(
        "SELECT code, any_value(proactive), round(100 * avg(arrest::INTEGER)) FROM incidents "
        "WHERE code IN ('1477', '143A') GROUP BY code ORDER BY code"
    )
    assert rows == [("143A", True, 87.0), ("1477", False, 18.0)]


@pytest.mark.real_data
def test_a_point_is_a_pair_of_coordinates_of_the_file(chicago: Loaded) -> None:
    agree(
        chicago,
        "SELECT count(*), sum(incidents) FROM points",
        "SELECT count(DISTINCT (Latitude, Longitude)), count(*) FROM raw "
        "WHERE Latitude IS NOT NULL AND Latitude NOT LIKE '36.61%'",
    )
    assert chicago.rows(
        "SELECT count(*) FROM incidents i LEFT JOIN points p USING (point_id) "
        "WHERE i.lat IS DISTINCT FROM p.lat OR i.x_m IS DISTINCT FROM p.x_m"
    ) == [(0,)]
    assert chicago.rows("SELECT min(point_id), max(point_id) + 1 - count(*) FROM points") == [
        (0, 0)
    ]


@pytest.mark.real_data
def test_chicago_districts_keep_their_padding_and_draw_outlines(chicago: Loaded) -> None:
    agree(
        chicago,
        "SELECT district, count(*) FROM incidents WHERE district IS NOT NULL GROUP BY ALL",
        "SELECT District, count(*) FROM raw WHERE District IS NOT NULL GROUP BY ALL",
    )
    outlines = chicago.snapshot.manifest.outlines
    assert {level: outline.features for level, outline in outlines.items()} == {
        "district": 23,
        "beat": 274,
        "ward": 50,
        "area": 77,
    }


@pytest.mark.real_data
def test_san_francisco_loads_whole(san_francisco: Loaded) -> None:
    report = san_francisco.report
    assert (report.read, report.accepted, report.quarantined, report.duplicates) == (
        11_884,
        11_884,
        0,
        0,
    )
    for ours, theirs in (
        ("district", "Police District"),
        ("area", "Analysis Neighborhood"),
        ("ward", "Supervisor District"),
        ("code", "Incident Code"),
        ("attr_subcategory", "Incident Subcategory"),
    ):
        agree(
            san_francisco,
            f"SELECT {ours}, count(*) FROM incidents WHERE {ours} IS NOT NULL GROUP BY ALL",
            f'SELECT "{theirs}", count(*) FROM raw WHERE "{theirs}" IS NOT NULL GROUP BY ALL',
        )
    agree(
        san_francisco,
        "SELECT count(*) FILTER (arrest), count(DISTINCT case_number), count(lat), "
        "count(*) FILTER (hour = 18) FROM incidents",
        "SELECT count(*) FILTER (Resolution LIKE 'Cite or Arrest%'), "
        'count(DISTINCT "Incident Number"), count(Latitude), '
        "count(*) FILTER (\"Incident Time\" LIKE '18:%') FROM raw",
    )


@pytest.mark.real_data
def test_san_francisco_tells_aggravated_from_simple_assault(san_francisco: Loaded) -> None:
    agree(
        san_francisco,
        "SELECT count(*) FROM incidents JOIN offense_groups g USING (offense_id) "
        "WHERE scheme = 'part_i' AND g.\"group\" = 'aggravated assault'",
        "SELECT count(*) FROM raw WHERE \"Incident Subcategory\" = 'Aggravated Assault'",
    )


@pytest.mark.real_data
def test_denver_loads_whole(denver: Loaded) -> None:
    report = denver.report
    assert (report.read, report.accepted, report.quarantined, report.duplicates) == (
        10_000,
        10_000,
        0,
        0,
    )
    agree(
        denver,
        "SELECT type, count(*), count(occurred_to), count(lat) FROM incidents GROUP BY ALL",
        "SELECT OFFENSE_CATEGORY_ID, count(*), count(LAST_OCCURRENCE_DATE), count(GEO_LAT) "
        "FROM raw GROUP BY ALL",
    )
    agree(
        denver,
        "SELECT beat, count(*) FROM incidents WHERE beat IS NOT NULL GROUP BY ALL",
        "SELECT PRECINCT_ID, count(*) FROM raw WHERE PRECINCT_ID <> '999' GROUP BY ALL",
    )
    agree(
        denver,
        "SELECT attr_is_crime, attr_victims::VARCHAR, count(*) FROM incidents GROUP BY ALL",
        "SELECT IS_CRIME, VICTIM_COUNT::DOUBLE::VARCHAR, count(*) FROM raw GROUP BY ALL",
    )
    agree(
        denver,
        "SELECT count(*) FROM incidents WHERE \"group\" = 'violent'",
        "SELECT count(*) FROM raw WHERE OFFENSE_CATEGORY_ID IN "
        "('murder', 'aggravated-assault', 'robbery') OR OFFENSE_CODE = '1311'",
    )


@pytest.mark.real_data
@pytest.mark.parametrize("city", ["san_francisco", "denver"])
def test_what_a_city_does_not_publish_is_said_and_not_invented(
    city: str, request: pytest.FixtureRequest
) -> None:
    loaded: Loaded = request.getfixturevalue(city)
    off = loaded.snapshot.manifest.views_off
    for dimension in ("harm", "proactive", "default_address", "location_type", "domestic"):
        assert dimension in off
    counted = "count(harm_days), count(proactive), count(default_address), count(location_type)"
    assert loaded.rows(f"SELECT {counted} FROM incidents") == [(0, 0, 0, 0)]
    assert loaded.snapshot.manifest.without_harm == ()


UNVERIFIED = {
    "new_york": (
        "CMPLNT_NUM,CMPLNT_FR_DT,CMPLNT_FR_TM,CMPLNT_TO_DT,CMPLNT_TO_TM,ADDR_PCT_CD,RPT_DT,KY_CD,"
        "OFNS_DESC,PD_CD,PD_DESC,CRM_ATPT_CPTD_CD,LAW_CAT_CD,BORO_NM,LOC_OF_OCCUR_DESC,"
        "PREM_TYP_DESC,JURIS_DESC,X_COORD_CD,Y_COORD_CD,Latitude,Longitude,PATROL_BORO\n"
        "1,12/31/2023,23:15:00,,(null),14,01/01/2024,109,GRAND LARCENY,439,LARCENY,COMPLETED,"
        "FELONY,MANHATTAN,INSIDE,STREET,N.Y. POLICE DEPT,987000,213000,40.75,-73.99,"
        "PATROL BORO MAN SOUTH\n",
        "2023-12-31 23:15:00",
    ),
    "los_angeles": (
        "DR_NO,Date Rptd,DATE OCC,TIME OCC,AREA,AREA NAME,Rpt Dist No,Part 1-2,Crm Cd,Crm Cd Desc,"
        "Mocodes,Vict Age,Vict Sex,Vict Descent,Premis Cd,Premis Desc,Weapon Used Cd,Weapon Desc,"
        "Status,Status Desc,Crm Cd 1,LOCATION,Cross Street,LAT,LON\n"
        "200100501,01/02/2020 12:00:00 AM,01/01/2020 12:00:00 AM,0030,1,Central,163,1,121,RAPE,"
        ",25,F,H,735,NIGHT CLUB,500,UNKNOWN,IC,Invest Cont,121,700 S BROADWAY,,34.04,-118.25\n",
        "2020-01-01 00:30:00",
    ),
    "uk_police": (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context\n"
        ",2024-05,Avon and Somerset Constabulary,Avon and Somerset Constabulary,-2.51,51.41,"
        "On or near Park,E01014399,Bath 001A,Anti-social behaviour,,\n",
        "2024-05-01 00:00:00",
    ),
    "seattle": (
        "Report Number,Offense ID,Offense Start DateTime,Offense End DateTime,Report DateTime,"
        "Group A B,Crime Against Category,Offense Parent Group,Offense,Offense Code,Precinct,"
        "Sector,Beat,MCPP,100 Block Address,Longitude,Latitude\n"
        "2020-044620,12605873663,02/05/2020 10:10:00 AM,,02/05/2020 11:24:31 AM,A,SOCIETY,"
        "DRUG/NARCOTIC OFFENSES,Drug/Narcotic Violations,35A,W,Q,Q1,MAGNOLIA,32XX BLOCK OF 23RD "
        "AVE W,-122.38,47.64\n",
        "2020-02-05 10:10:00",
    ),
    "chicago_one_year": (
        "CASE#,DATE  OF OCCURRENCE,BLOCK, IUCR, PRIMARY DESCRIPTION, SECONDARY DESCRIPTION,"
        " LOCATION DESCRIPTION,ARREST,DOMESTIC,BEAT,WARD,FBI CD,X COORDINATE,Y COORDINATE,"
        "LATITUDE,LONGITUDE,LOCATION\n"
        "JE266628,06/15/2021 09:30:00 AM,080XX S DREXEL AVE,0820,THEFT,$500 AND UNDER,STREET,N,N,"
        '631,8,06,1183633,1851786,41.75,-87.60,"(41.75, -87.60)"\n',
        "2021-06-15 09:30:00",
    ),
    "nibrs_incidents": (
        "data_year,agency_id,incident_id,nibrs_month_id,cargo_theft_flag,submission_date,"
        "incident_date,report_date_flag,incident_hour,cleared_except_id,cleared_except_date,"
        "incident_status,data_home,orig_format,did\n"
        "2020,1,123456,99,,2021-03-01,2020-07-04,,22,6,,ACCEPTED,C,F,\n",
        "2020-07-04 22:00:00",
    ),
}


@pytest.mark.parametrize("name", UNVERIFIED)
def test_an_unverified_source_reads_rows_with_the_published_columns(
    tmp_path: Path, name: str
) -> None:
    text, occurred = UNVERIFIED[name]
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    loaded = Loaded(tmp_path / "home", path, name)
    try:
        row = loaded.rows("SELECT occurred_from::VARCHAR, lat IS NULL, hour IS NULL FROM incidents")
    finally:
        loaded.connection.close()
    assert row == [(occurred, name == "nibrs_incidents", name == "uk_police")]
    assert loaded.snapshot.manifest.source.verified is False


def test_only_sources_tried_on_real_files_are_called_verified() -> None:
    sources = [Source.load(name) for name in bundled_sources()]
    verified = {source.name for source in sources if source.verified and not source.synthetic}
    assert verified == {
        *("chicago", "denver", "san_francisco", "atlanta", "boston", "philadelphia", "st_louis"),
        *("toronto", "vancouver", "washington_dc"),
    }


@pytest.mark.real_data
def test_los_angeles_reads_both_date_formats_of_its_file(
    real_data: Path, settings: Settings
) -> None:
    path = real_data / "agencies" / "lapd_crime_2020_sample10000.csv"
    report = ingest([path], Source.load("los_angeles"), settings)
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert (report.read, report.accepted, report.quarantined) == (len(rows), len(rows), 0)
    wanted: dict[tuple[str, int], int] = {}
    for row in rows:
        month, day, year = row["DATE OCC"].split(" ")[0].split("/")
        key = (f"{year}-{month}-{day}", int(row["TIME OCC"].zfill(4)[:2]))
        wanted[key] = wanted.get(key, 0) + 1
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute(
            "SELECT operational_day::VARCHAR, hour, count(*) FROM incidents GROUP BY ALL"
        ).fetchall()
    assert {(day, hour): count for day, hour, count in found} == wanted
    assert report.failure() is None
