"""What follows from merged incidents: time parts, places, offenses, default addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.errors import InputError
from analytics.incidents.manifest import Lack
from analytics.incidents.model import BASE_COLUMNS, DERIVED_COLUMNS
from analytics.ingest.derive import Derived, derive
from analytics.settings import Settings
from analytics.sources.source import Source, SourceAttribute

CRS = "EPSG:32616"
POLICE = "POLICE FACILITY / VEHICLE PARKING LOT"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def chicago() -> Source:
    return Source.load("chicago")


def merged(
    connection: duckdb.DuckDBPyConnection, *incidents: dict[str, Any], attributes: str = ""
) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in BASE_COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TABLE merged ({columns}{attributes}, row_hash UBIGINT)")
    for number, incident in enumerate(incidents):
        values = {"id": str(number), "occurred_from": datetime(2018, 5, 5, 13), **incident}
        names = ", ".join(values)
        marks = ", ".join(f"${name}" for name in values)
        connection.execute(f"INSERT INTO merged ({names}) VALUES ({marks})", values)


def derived(
    connection: duckdb.DuckDBPyConnection, source: Source, home: Path, **settings: Any
) -> Derived:
    return derive(connection, source, Settings(home=home, **settings), CRS)


def column(connection: duckdb.DuckDBPyConnection, name: str, table: str = "incidents") -> list[Any]:
    order = "id::INTEGER" if table == "incidents" else "1"
    statement = f'SELECT "{name}" FROM {table} ORDER BY {order}'
    return [value for (value,) in connection.execute(statement).fetchall()]


def test_all_columns_of_the_model_have_their_types(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {})
    derived(connection, chicago, tmp_path)
    rows = connection.execute("DESCRIBE incidents").fetchall()
    assert {row[0]: row[1] for row in rows} == {
        **BASE_COLUMNS,
        **DERIVED_COLUMNS,
        "row_hash": "UBIGINT",
    }


def test_the_small_hours_of_saturday_belong_to_friday_night(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(
        connection,
        {"occurred_from": datetime(2018, 6, 30, 23, 30)},  # Saturday
        {"occurred_from": datetime(2018, 7, 1, 1, 0)},  # Sunday, and another month
        {"occurred_from": datetime(2018, 7, 1, 5, 59)},
        {"occurred_from": datetime(2018, 7, 1, 6, 0)},
    )
    facts = derived(connection, chicago, tmp_path, day_start=time(6, 0))
    saturday, sunday = date(2018, 6, 30), date(2018, 7, 1)
    assert column(connection, "operational_day") == [saturday] * 3 + [sunday]
    assert column(connection, "weekday") == [6, 6, 6, 7]
    assert column(connection, "month") == ["2018-06"] * 3 + ["2018-07"]
    assert column(connection, "hour") == [23, 1, 5, 6]
    assert column(connection, "shift") == ["Night", "Night", "Night", "Day"]
    assert (facts.first, facts.last) == (saturday, sunday)


def test_the_day_is_the_calendar_day_unless_settings_say_otherwise(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {"occurred_from": datetime(2018, 7, 1, 0, 0)})
    derived(connection, chicago, tmp_path)
    assert column(connection, "operational_day") == [date(2018, 7, 1)]


def test_shifts_are_the_agencys(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, *({"occurred_from": datetime(2018, 7, 1, hour)} for hour in range(24)))
    derived(connection, chicago, tmp_path, shifts=(("Late", 18, 6), ("Early", 6, 18)))
    assert column(connection, "shift") == ["Late"] * 6 + ["Early"] * 12 + ["Late"] * 6


def test_each_month_has_its_season(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, *({"occurred_from": datetime(2018, m, 15, 12)} for m in range(1, 13)))
    derived(connection, chicago, tmp_path)
    expected = ["Winter"] * 2 + ["Spring"] * 3 + ["Summer"] * 3 + ["Autumn"] * 3 + ["Winter"]
    assert column(connection, "season") == expected


def test_only_the_sources_default_times_are_heaped(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    clock = [(0, 0, 0), (0, 1, 0), (9, 0, 0), (12, 0, 0), (12, 0, 1), (13, 0, 0), (0, 2, 0)]
    merged(connection, *({"occurred_from": datetime(2018, 1, 1, *each)} for each in clock))
    derived(connection, chicago, tmp_path)
    assert column(connection, "heaped_time") == [True] * 4 + [False] * 3


def test_a_source_of_months_has_no_hours_and_no_weekdays(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    merged(connection, {"occurred_from": datetime(2018, 3, 1)})
    source = Source.load("uk_police")
    facts = derive(
        connection,
        replace(source, attributes=()),
        Settings(home=tmp_path, day_start=time(6)),
        CRS,
    )
    for name in ("hour", "weekday", "shift", "heaped_time"):
        assert column(connection, name) == [None]
    assert column(connection, "month") == ["2018-03"]
    assert column(connection, "season") == ["Spring"]
    for dimension in ("hour", "weekday", "hour_weekday", "shift", "heaped"):
        assert facts.views_off[dimension] == source.missing["hour"]


def test_offenses_carry_group_class_harm_and_who_finds_them(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(
        connection,
        {"code": "031A", "fbi_code": "03", "type": "ROBBERY", "description": "ARMED: HANDGUN"},
        {"code": "031A", "fbi_code": "03", "type": "ROBBERY", "description": "ARMED: HANDGUN"},
        {"code": "143A", "fbi_code": "15", "type": "WEAPONS VIOLATION"},
        {"code": "4625", "fbi_code": "26", "type": "OTHER OFFENSE", "description": "PAROLE"},
        {"code": "ZZZZ"},
        {},
    )
    facts = derived(connection, chicago, tmp_path)
    assert column(connection, "offense_id", "offenses") == [0, 1, 2, 3, 4]
    assert column(connection, "group") == ["violent"] * 2 + ["weapons", "other", "other", "other"]
    assert column(connection, "harm_days") == [2190, 2190, 365, None, None, None]
    assert column(connection, "proactive") == [False, False, True, True, None, None]
    assert [(row["code"], row["incidents"]) for row in facts.without_harm] == [
        ("4625", 1),
        ("ZZZZ", 1),
        (None, 1),
    ]
    assert facts.unknown["harm"] == 3
    joined = connection.execute(
        "SELECT count(*) FROM incidents i JOIN offenses o USING (offense_id) "
        "WHERE i.code IS NOT DISTINCT FROM o.code AND i.type IS NOT DISTINCT FROM o.type"
    ).fetchall()
    assert joined == [(6,)]


def test_every_offense_has_one_line_of_the_headline(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {"code": "031A", "fbi_code": "03"}, {"code": "0820", "fbi_code": "06"}, {})
    derived(connection, chicago, tmp_path)
    rows = connection.execute(
        "SELECT offense_id, count(*) FROM offense_groups WHERE scheme = 'headline' GROUP BY ALL"
    ).fetchall()
    assert sorted(rows) == [(0, 1), (1, 1), (2, 1)]


def test_incidents_at_one_place_share_a_point(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    here, there = {"lat": 41.9, "lon": -87.65}, {"lat": 41.8, "lon": -87.65}
    merged(connection, here, there, here, {})
    facts = derived(connection, chicago, tmp_path)
    assert column(connection, "point_id") == [1, 0, 1, None]
    assert column(connection, "incidents", "points") == [1, 2]
    assert column(connection, "x_m")[3] is None
    assert facts.unknown["place"] == 1


def test_a_stray_place_is_refused_rather_than_blowing_up_the_grid(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, *[{"lat": 41.9, "lon": -87.65}] * 3, {"lat": -33.0, "lon": 151.0})
    with pytest.raises(InputError, match=r"-33\.000000, 151\.000000 is too far .* bounds"):
        derived(connection, chicago, tmp_path)


def test_a_default_address_is_told_by_location_type_in_any_spelling(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    kinds = [
        POLICE, "Police Facility/Veh Parking Lot", "HOSPITAL BUILDING/GROUNDS", "STREET", None
    ]  # fmt: skip
    merged(connection, *({"location_type": kind} for kind in kinds))
    derived(connection, chicago, tmp_path)
    assert column(connection, "default_address") == [True, True, False, False, False]


def test_incidents_are_sorted_by_time_then_id(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    late, early = datetime(2018, 2, 1), datetime(2018, 1, 1)
    merged(connection, *({"occurred_from": when} for when in (late, early, late, early)))
    derived(connection, chicago, tmp_path)
    rows = connection.execute("SELECT id FROM incidents").fetchall()
    assert [row[0] for row in rows] == ["1", "3", "0", "2"]


def test_further_attributes_are_kept(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {"attr_weapon": "KNIFE"}, attributes=", attr_weapon VARCHAR")
    source = replace(chicago, attributes=(SourceAttribute("weapon", "Weapon", "category", ("W",)),))
    derived(connection, source, tmp_path)
    assert column(connection, "attr_weapon") == ["KNIFE"]


def test_a_source_without_tables_says_what_it_lacks(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {"code": "0820", "location_type": POLICE})
    facts = derived(connection, replace(chicago, tables={}, heaped_times=()), tmp_path)
    for name in ("harm_days", "proactive", "default_address"):
        assert column(connection, name) == [None]
    assert column(connection, "group") == ["other"]
    assert facts.without_harm == ()
    assert facts.views_off["harm"] == Lack.NO_HARM_WEIGHTS
    assert facts.views_off["group"] == Lack.NO_GROUPS
    assert facts.views_off["heaped"] == Lack.NO_DEFAULT_TIMES
    for dimension in ("proactive", "default_address", "arrest"):
        assert facts.views_off[dimension] == Lack.NO_VALUES
    assert "location_type" not in facts.views_off


def test_nothing_to_derive_from_gives_empty_tables(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection)
    facts = derived(connection, chicago, tmp_path)
    assert (facts.incidents, facts.first, facts.last) == (0, None, None)
    assert column(connection, "point_id", "points") == []


def test_a_source_of_days_keeps_its_weekdays_but_has_no_hours(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {"occurred_from": datetime(2018, 7, 1)})  # a Sunday
    why = "This agency publishes the day only."
    facts = derived(
        connection, replace(chicago, missing={"hour": why}), tmp_path, day_start=time(6, 0)
    )
    assert column(connection, "hour") == column(connection, "shift") == [None]
    assert column(connection, "weekday") == [7]
    assert column(connection, "operational_day") == [date(2018, 7, 1)]
    assert {facts.views_off[name] for name in ("hour", "hour_weekday", "shift", "heaped")} == {why}
    assert "weekday" not in facts.views_off


def test_without_places_every_view_of_the_map_says_why(
    connection: duckdb.DuckDBPyConnection, chicago: Source, tmp_path: Path
) -> None:
    merged(connection, {})
    facts = derived(connection, chicago, tmp_path)
    reasons = {facts.views_off[name] for name in ("place", "cell", "polygon", "near")}
    assert reasons == {Lack.NO_VALUES}
