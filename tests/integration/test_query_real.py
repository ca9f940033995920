"""Counts on the real file, against SQL written by hand on its raw text columns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.incidents_page import batches
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.statistics.two_periods import (
    Comparison,
    Significance,
    compare,
    previous_period,
)

pytestmark = pytest.mark.real_data

FILE = "chicago_crimes_2014_2018.parquet"
TIME = """strptime("Date", '%m/%d/%Y %I:%M:%S %p')"""
HAS_PLACE = """("Latitude" IS NOT NULL AND "Latitude" NOT LIKE '36.619446%')"""
POLYGON = [(41.95, -87.75), (41.95, -87.62), (41.80, -87.60), (41.78, -87.70), (41.85, -87.72)]

# selection, view, bin in raw SQL, condition in raw SQL (without the clauses the view owns)
ASKED = [
    ("", "type", """"Primary Type\"""", "\"Primary Type\" NOT LIKE '%CRIM%'"),
    (
        "hour=22-02&weekday=5",
        "district",
        '"District"',
        f"""((hour({TIME}) >= 22 AND dayname({TIME}) = 'Friday')
            OR (hour({TIME}) <= 2 AND dayname({TIME}) = 'Saturday'))""",
    ),
    (
        "type=ROBBERY,THEFT&hour=18-23&weekday=5,6&date=2017-01-01..2017-12-31&district=011",
        "beat",
        '"Beat"',
        f"""\"Primary Type" IN ('ROBBERY', 'THEFT') AND hour({TIME}) >= 18
            AND dayname({TIME}) IN ('Friday', 'Saturday') AND "Date" LIKE '__/__/2017%'
            AND "District" = '011'""",
    ),
    (
        "type=ROBBERY,THEFT&hour=18-23&weekday=5,6&date=2017-01-01..2017-12-31&district=011",
        "district",
        '"District"',
        f"""\"Primary Type" IN ('ROBBERY', 'THEFT') AND hour({TIME}) >= 18
            AND dayname({TIME}) IN ('Friday', 'Saturday') AND "Date" LIKE '__/__/2017%'""",
    ),
    (
        "type=HOMICIDE&date=2016-01-01..2016-12-31",
        "month",
        f"strftime({TIME}, '%Y-%m')",
        "\"Primary Type\" = 'HOMICIDE'",
    ),
    (
        "hour=22-02&arrest=yes&type=NARCOTICS",
        "weekday",
        f"isodow({TIME} - INTERVAL 3 HOURS)",  # the evening's
        f"""hour({TIME}) IN (22, 23, 0, 1, 2) AND "Arrest" = 'true'
            AND "Primary Type" = 'NARCOTICS'""",
    ),
    (
        "beat=1834&domestic=no&weekday=6,7",
        "hour",
        f"hour({TIME})",
        f"""\"Beat" = '1834' AND "Domestic" = 'false' AND isodow({TIME}) >= 6""",
    ),
    (
        "ward=28,unknown&date=2018-03",
        "day",
        f"{TIME}::DATE",
        '("Ward" = \'28\' OR "Ward" IS NULL)',
    ),
    (
        "area=25&hour_weekday=5-22,6-23&date=..2015-06-30",
        "domestic",
        "CASE \"Domestic\" WHEN 'true' THEN 'yes' ELSE 'no' END",
        f"""\"Community Area" = '25' AND {TIME} < '2015-07-01'
            AND (isodow({TIME}), hour({TIME})) IN ((5, 22), (6, 23))""",
    ),
    (
        "date=last28d&location_type=STREET",
        "ward",
        '"Ward"',
        f"""{TIME} >= '2018-10-16' AND "Location Description" = 'STREET'""",
    ),
    (
        "cell=unknown&type=BURGLARY",
        "arrest",
        "CASE \"Arrest\" WHEN 'true' THEN 'yes' ELSE 'no' END",
        f"NOT {HAS_PLACE} AND \"Primary Type\" = 'BURGLARY'",
    ),
    (
        "type=HOMICIDE,ROBBERY&hour=0-5",
        "hour_weekday",
        f"isodow({TIME}), hour({TIME})",
        "\"Primary Type\" IN ('HOMICIDE', 'ROBBERY')",
    ),
    (
        "group=violent&type=ASSAULT&district=001",
        "total",
        "",
        """\"FBI Code" = '04A' AND "Primary Type" = 'ASSAULT' AND "District" = '001'""",
    ),
]


# scope, selection
SCANNED = [
    ("", ""),
    ("", "type=THEFT"),
    ("", "type=ROBBERY,THEFT,BURGLARY"),
    ("", "type=ROBBERY,THEFT&hour=18-23"),
    ("", "type=ROBBERY,THEFT&hour=18-23&date=2016-01-01..2018-09-26"),
    ("", "type=HUMAN+TRAFFICKING"),
    ("", "type=NON-CRIMINAL+%28SUBJECT+SPECIFIED%29"),
    ("", "description=SIMPLE,RETAIL+THEFT&arrest=no"),
    ("", "group=violent"),
    ("", "group=violent,property&type=ASSAULT"),
    ("", "group=part_i:larceny-theft,nibrs:Group+A"),
    ("", "hour=22-02&weekday=5,6"),
    ("", "hour_weekday=5-22,6-23,7-00"),
    ("", "shift=Night&arrest=yes"),
    ("", "date=2017-03"),
    ("", "date=last28d&domestic=yes"),
    ("", "date=2017-12-31"),
    ("", "district=011,001&beat=1132,1133"),
    ("", "district=unknown"),
    ("", "ward=28,unknown&area=25"),
    ("", "area=unknown&location_type=unknown"),
    ("", "cell=unknown"),
    ("", "cell=1000:447_4636,250:1790_18560"),
    ("", "polygon=41.95,-87.75;41.95,-87.62;41.8,-87.6;41.78,-87.7;41.85,-87.72"),
    ("", "polygon=41.95,-87.75;41.8,-87.6;41.95,-87.62;41.78,-87.7&type=NARCOTICS"),
    ("", "near=41.88,-87.63,800&hour=0-5"),
    ("", "heaped=yes"),
    ("", "heaped=no&default_address=no&arrest=unknown,no"),
    ("district=011", ""),
    ("district=011&date=2015-01-01..", "district=001,011&type=THEFT"),
    ("arrest=yes", "near=41.88,-87.63,3000&weekday=1"),
    ("", "type=THEFT&hour=8-20&weekday=1,2,3&district=001,018&arrest=no&date=2016-01-01.."),
]


@pytest.fixture(scope="module")
def pinned(chicago_home: Path) -> Pinned:
    found = Services(Settings(home=chicago_home)).pin()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def raw(real_data: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW raw AS FROM '{real_data / FILE}'")
    return lambda statement: connection.execute(statement).fetchall()


def run(home: Path, *arguments: str) -> Any:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("patroliq")), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PATROLIQ_HOME": str(home)},
        check=True,
    )
    return json.loads(ran.stdout)


def shown(value: Any) -> str:
    return "unknown" if value is None else str(value)


@pytest.mark.parametrize("asked", ASKED, ids=[f"{name}?{text}" for text, name, *_ in ASKED])
def test_counts_equal_sql_on_the_raw_file(
    pinned: Pinned,
    raw: Callable[[str], list[tuple[Any, ...]]],
    asked: tuple[str, str, str, str],
) -> None:
    selection, name, bins, condition = asked
    group = f"GROUP BY {bins}" if bins else ""
    expected = raw(
        f"SELECT {bins + ',' if bins else ''} count(*), count(*) FILTER (\"Arrest\" = 'true') "
        f"FROM raw WHERE {condition} {group}"
    )
    result = run(
        pinned.snapshot.path.parents[1],
        *("query", "--view", name, "--selection", selection, "--json"),
    )
    keys = view(name).bins
    counted = {
        tuple(str(row[key]) for key in keys): (row["incidents"], row["arrests"])
        for row in result["rows"]
        if "CRIM" not in str(row.get("type", ""))
    }
    assert counted == {tuple(map(shown, row[:-2])): row[-2:] for row in expected}
    assert sum(incidents for incidents, _ in counted.values()) > 20


def raw_meters(raw: Callable[[str], list[tuple[Any, ...]]]) -> tuple[Any, Any]:
    rows = raw(f'SELECT "Longitude"::DOUBLE, "Latitude"::DOUBLE FROM raw WHERE {HAS_PLACE}')
    lons, lats = np.array(rows).T
    return meters(lons, lats)


def meters(lons: Any, lats: Any) -> tuple[Any, Any]:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32616", always_xy=True).transform(lons, lats)
    return np.asarray(x), np.asarray(y)


def total(pinned: Pinned, text: str) -> int:
    asked = [view("total")]
    frame = pinned.crossfilter.counts(EVERYTHING, Selection.parse(text), asked)["total"]
    return int(frame["incidents"].sum())


def test_a_radius_and_a_polygon_equal_geometry_on_the_raw_coordinates(
    pinned: Pinned, raw: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    x, y = raw_meters(raw)
    (east,), (north,) = meters([-87.63], [41.88])
    assert total(pinned, "near=41.88,-87.63,500") == (np.hypot(x - east, y - north) <= 500).sum()
    lats, lons = zip(*POLYGON, strict=True)
    outline = shapely.Polygon(np.column_stack(meters(lons, lats)))
    shapely.prepare(outline)
    text = "polygon=" + ";".join(f"{lat},{lon}" for lat, lon in POLYGON)
    assert total(pinned, text) == shapely.contains_xy(outline, x, y).sum()


def test_cells_equal_counting_the_raw_coordinates(
    pinned: Pinned, raw: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    x, y = raw_meters(raw)
    keys, counts = np.unique(np.column_stack([x // 250, y // 250]), axis=0, return_counts=True)
    expected = {
        f"250:{int(column)}_{int(row)}": int(count)
        for (column, row), count in zip(keys, counts, strict=True)
    }
    asked = [view("cells:250")]
    frame = pinned.crossfilter.counts(EVERYTHING, Selection(), asked)["cells:250"]
    counted = dict(frame.select("cell", "incidents").iter_rows())
    assert counted.pop("unknown") == 13_089
    assert counted == expected


def test_an_export_streams_every_incident_once(pinned: Pinned) -> None:
    rows = 0
    for frame in batches(pinned.reader, EVERYTHING, Selection(), ["id", "occurred_from"]):
        rows += frame.height
    assert rows == 1_306_393


def test_past_periods_of_districts_are_rarely_called_a_change(pinned: Pinned) -> None:
    """Periods of 28 days back from the end: near one in twenty, where 1.96 alone flags more."""
    manifest = pinned.snapshot.manifest
    assert manifest.first_day
    assert manifest.last_day
    covered = manifest.first_day, manifest.last_day
    alarms, unscaled, told = 0, 0, 0
    for district in pinned.vocabulary.values("district"):
        chosen = Selection().toggle("district", [district])
        days = pinned.crossfilter.counts(EVERYTHING, chosen, [view("day")])["day"]
        now = previous_period((covered[1], covered[1]))
        now = (now[1] - (days["day"][1] - days["day"][0]) * 27, now[1])
        for _ in range(30):
            found = compare(days, now, previous_period(now), covered)
            now = previous_period(now)
            if isinstance(found, Comparison) and found.verdict not in (
                Significance.TOO_FEW,
                Significance.TOO_SHORT,
            ):
                told += 1
                alarms += found.verdict == Significance.SIGNIFICANT
                unscaled += abs(found.z * (found.dispersion or 1) ** 0.5) > 1.96
    print(f"{told} comparisons: {alarms / told:.3f} called a change, {unscaled / told:.3f} at 1.96")
    assert told > 500
    assert alarms / told < 0.08
    assert alarms < unscaled


@pytest.mark.parametrize(("scope", "text"), SCANNED)
def test_the_scan_equals_sql(pinned: Pinned, scope: str, text: str) -> None:
    names = (
        *("total", "type", "description", "group", "group:part_i", "hour", "weekday"),
        *("hour_weekday", "shift", "day", "month", "district", "beat", "ward", "area"),
        *("location_type", "arrest", "domestic", "heaped", "default_address", "map:area"),
        *("cells:1000", "cells:250", "cells:150", "points:-87.65,41.87,-87.62,41.89"),
    )
    views = [view(name) for name in names]
    limit, chosen = Scope(Selection.parse(scope)), Selection.parse(text)
    files = CodeFiles(pinned.snapshot)
    scan = ScanCrossFilter(pinned.reader, files, compiled.load(), threads=2)
    expected = SqlCrossFilter(pinned.reader).counts(limit, chosen, views)
    found = scan.counts(limit, chosen, views)
    for name, frame in expected.items():
        assert found[name].equals(frame), name
