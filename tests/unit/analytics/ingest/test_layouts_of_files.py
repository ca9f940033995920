"""Layouts that a source describes: lines before the header, parts of times, kinds of places."""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

import pytest

from analytics.errors import InputError
from tests.unit.analytics.ingest.read_rows import read_rows

TIMES = """
[dates]
formats = ["%Y-%m-%d %H:%M"]
"""
PLACED = """
[columns]
id = "id"
occurred_from = "when"
{columns}
[dates]
formats = ["%Y-%m-%d %H:%M"]
[coordinates]
{coordinates}
"""
LAT_LON = 'lat = "lat"\nlon = "lon"'
WHERE = (41.88, -87.63)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "town.csv"
    path.write_text(text, encoding="utf-8")
    return path


def place(
    tmp_path: Path, header: str, cells: str, columns: str, coordinates: str = ""
) -> tuple[float, float] | None:
    """The only place of a file, to a millionth of a degree; None if it is unknown."""
    path = written(tmp_path, f"id|when|{header}\n1|2024-05-06 07:08|{cells}\n")
    toml = PLACED.format(columns=columns, coordinates=coordinates)
    ((lat, lon),) = read_rows(path, toml, "lat, lon").found
    return None if lat is None else (round(lat, 6), round(lon, 6))


@pytest.mark.parametrize(
    ("keys", "before"),
    [
        ("skip_lines = 3", 'Police Department, "Report"\nGenerated 2024-01-05\n\nid,when\n'),
        ('header = ["id", "when"]', ""),
        ('skip_lines = 1\nheader = ["id", "when"]', "as of today\n"),
        ("", "sep=;\nid;when\n"),
        ("", 'id,when\n"",\n'),
    ],
)
def test_rows_begin_where_the_source_says(tmp_path: Path, keys: str, before: str) -> None:
    mark = ";" if "sep=" in before else ","
    rows = f"1{mark}2024-05-06 07:08\n2{mark}\n"
    toml = keys + '\n[columns]\nid = "id"\noccurred_from = "when"' + TIMES
    read = read_rows(written(tmp_path, before + rows), toml, "id, occurred_from")
    assert read.found == [("1", datetime(2024, 5, 6, 7, 8))]
    assert read.refused[-1] == (before.count("\n") + 2, "no date")


def test_malformed_rows_after_skipped_lines_keep_their_line(tmp_path: Path) -> None:
    text = 'Report\nid,when,type\n1,2024-05-06 07:08,"a\nb"\n2,2024-05-06 07:08,a,b\n'
    toml = 'skip_lines = 1\n[columns]\nid = "id"\noccurred_from = "when"\ntype = "type"' + TIMES
    read = read_rows(written(tmp_path, text), toml, "id, type, _line")
    assert read.found == [("1", "a\nb", 3)]


def test_a_time_may_have_a_column_for_each_part(tmp_path: Path) -> None:
    toml = """
[columns]
id = "id"
occurred_from = { year = "y", month = "m", day = "d", hour = "h", minute = "n" }
"""
    expected: dict[str, datetime | str] = {
        "2024,5,6,7,8": datetime(2024, 5, 6, 7, 8),
        "2024.0,05,06.0,23,59": datetime(2024, 5, 6, 23, 59),
        "2024,May,6,7,8": datetime(2024, 5, 6, 7, 8),
        "2024,September,6,,": datetime(2024, 9, 6),
        "2024,2,29,24,0": datetime(2024, 3, 1),
        "2023,2,29,7,8": "unreadable date",
        "2024,13,1,7,8": "unreadable date",
        "2024,5,6,25,0": "unreadable date",
        "2024,5,6,7,60": "unreadable date",
        "2024,5,6,noon,0": "unreadable date",
        "24,5,6,7,8": "unreadable date",
        "2024,,6,7,8": "unreadable date",
        ",,,,": "no date",
    }
    lines = [f"{number},{cells}" for number, cells in enumerate(expected, 2)]
    read = read_rows(
        written(tmp_path, "\n".join(["id,y,m,d,h,n", *lines, ""])), toml, "_line, occurred_from"
    )
    assert dict([*read.found, *read.refused]) == dict(enumerate(expected.values(), 2))


def test_parts_of_a_time_may_lack_the_clock_and_be_in_utc(tmp_path: Path) -> None:
    toml = """
[columns]
id = "id"
occurred_from = { year = "y", month = "m", day = "d" }
reported = { year = "y", month = "m", day = "d", hour = "h" }
[dates.reported]
utc = true
"""
    read = read_rows(
        written(tmp_path, "id,y,m,d,h\n1,2024,5,6,2\n"), toml, "occurred_from, reported"
    )
    assert read.found == [(datetime(2024, 5, 6), datetime(2024, 5, 5, 21))]


@pytest.mark.parametrize(
    ("kind", "texts", "others"),
    [
        (
            "wkt",
            ["POINT (-87.63 41.88)", "SRID=4326;Point Z(-87.63 41.88 180)"],
            ["POINT EMPTY", "-87.63 41.88"],
        ),
        (
            "lat, lon",
            [
                "41.88, -87.63",
                "(41.88, -87.63)",
                "1200 N MAIN ST, Town 60601 (41.88, -87.63) approx.",
                "41.88 -87.63",
            ],
            ["41.88° N, 87.63° W", "1200 MAIN ST", "12.5 1.7.3"],
        ),
        ("lon, lat", ["-87.63;41.88", "[-87.63, 41.88]"], ["-87.63"]),
        (
            "wkb",
            [
                struct.pack("<BIdd", 1, 1, -87.63, 41.88).hex(),
                struct.pack("<BIIdd", 1, 0x20000001, 4326, -87.63, 41.88).hex().upper(),
                struct.pack(">BIdd", 0, 1, -87.63, 41.88).hex(),
                struct.pack(">BIIdd", 0, 0x20000001, 4326, -87.63, 41.88).hex(),
            ],
            [
                struct.pack("<BI", 1, 2).hex() + "00" * 16,
                struct.pack("<BIdd", 1, 1, float("nan"), float("nan")).hex(),
                "0101",
            ],
        ),
    ],
)
def test_a_place_may_be_in_one_column(
    tmp_path: Path, kind: str, texts: list[str], others: list[str]
) -> None:
    lines = [f"{number}|2024-05-06 07:08|{text}" for number, text in enumerate([*texts, *others])]
    path = written(tmp_path, "\n".join(["id|when|where", *lines, ""]))
    toml = PLACED.format(columns='point = "where"', coordinates=f'point = "{kind}"')
    read = read_rows(path, toml, "round(lat, 6), round(lon, 6)")
    assert read.found == [WHERE] * len(texts) + [(None, None)] * len(others)
    assert read.counts[0].unreadable == {"point": len(others)}


def test_a_point_may_be_in_another_system(tmp_path: Path) -> None:
    found = place(
        tmp_path,
        "where",
        "POINT (-9754926.98 5142738.51)",
        'point = "where"',
        'crs = "EPSG:3857"',
    )
    assert found == pytest.approx(WHERE, abs=2e-3)


def test_latitude_and_longitude_may_be_swapped(tmp_path: Path) -> None:
    assert place(tmp_path, "lat|lon", "-87.63|41.88", LAT_LON, "swapped = true") == WHERE


def test_a_range_of_coordinates_is_its_middle(tmp_path: Path) -> None:
    cells = ["41.87-41.89|-87.64--87.62", "41.87 – 41.89|-87.64 to -87.62", "41.88|-87.64 - -87.62"]
    lines = [f"{number}|2024-05-06 07:08|{cell}" for number, cell in enumerate(cells)]
    path = written(tmp_path, "\n".join(["id|when|lat|lon", *lines, ""]))
    toml = PLACED.format(columns=LAT_LON, coordinates="ranges = true")
    assert read_rows(path, toml, "round(lat, 6), round(lon, 6)").found == [WHERE] * 3


@pytest.mark.parametrize(
    ("header", "cells", "columns", "coordinates"),
    [
        ("lat|lon", "41,88|-87,63", LAT_LON, ""),
        ("lat|lon", "41,87-41,89|-87,63", LAT_LON, "ranges = true"),
        ("where", "41,88; -87,63", 'point = "where"', "point = 'lat, lon'"),
    ],
)
def test_coordinates_may_have_a_decimal_comma(
    tmp_path: Path, header: str, cells: str, columns: str, coordinates: str
) -> None:
    path = written(tmp_path, f"id|when|{header}\n1|2024-05-06 07:08|{cells}\n")
    toml = 'decimal = ","' + PLACED.format(columns=columns, coordinates=coordinates)
    assert read_rows(path, toml, "round(lat, 6), lon").found == [WHERE]


def test_a_range_is_unknown_where_the_source_does_not_say_so(tmp_path: Path) -> None:
    assert place(tmp_path, "lat|lon", "41.87-41.89|-87.63", LAT_LON) is None


@pytest.mark.parametrize(
    ("crs", "cells"),
    [
        ("EPSG:3435", "1175817.6|1899474.3"),  # Illinois East, feet
        ("ESRI:102671", "1175817.6|1899474.3"),
        ("EPSG:26916", "447718.6|4636781.0"),
        ("EPSG:4269", "-87.63|41.88"),  # degrees of another datum
        ("+proj=utm +zone=16 +datum=WGS84 +units=us-ft", "1468887.2|15212504.0"),
    ],
)
def test_any_coordinate_system_of_proj_may_be_used(tmp_path: Path, crs: str, cells: str) -> None:
    found = place(tmp_path, "x|y", cells, 'x = "x"\ny = "y"', f'crs = "{crs}"')
    assert found == pytest.approx(WHERE, abs=2e-3)


def test_a_place_near_the_origin_of_a_datum_in_degrees_is_no_placeholder(tmp_path: Path) -> None:
    found = place(tmp_path, "x|y", "0.5|0.25", 'x = "x"\ny = "y"', 'crs = "EPSG:4269"')
    assert found == pytest.approx((0.25, 0.5), abs=1e-4)


def test_words_for_unknown_apply_to_times_flags_and_numbers_too(tmp_path: Path) -> None:
    toml = """
[columns]
id = "id"
occurred_from = "when"
reported = "reported"
arrest = "arrest"
lat = "lat"
lon = "lon"
[flags.arrest]
true = ["Y"]
false = "*"
[dates]
formats = ["%Y-%m-%d %H:%M"]
[empty]
all = ["NULL", "n/a"]
lat = "999"
lon = "999"
"""
    text = (
        "id,when,reported,arrest,lat,lon\n"
        "1,2024-05-06 07:08,NULL,n/a,999,999\n2,null,2024-05-06 07:08,x,41.88,-87.63\n"
    )
    read = read_rows(written(tmp_path, text), toml, "reported, arrest, lat")
    assert read.found == [(None, None, None)]
    assert read.refused == [(3, "no date")]
    assert read.counts[0].unreadable == {}


def test_the_earliest_day_is_the_sources(tmp_path: Path) -> None:
    text = "id,when\n1,1969-12-31 23:59\n2,1970-01-01 00:00\n"
    columns = '[columns]\nid = "id"\noccurred_from = "when"'
    read = read_rows(written(tmp_path, text), columns + TIMES, "id")
    assert (read.found, read.refused) == ([("2",)], [(2, "date before 1970-01-01")])
    toml = columns + TIMES + "earliest = 1950-01-01\n"
    assert len(read_rows(tmp_path / "town.csv", toml, "id").found) == 2


def test_the_first_pattern_found_gives_the_label(tmp_path: Path) -> None:
    toml = """
[columns]
id = "id"
occurred_from = "when"
type = "type"
district = "district"
[dates]
formats = ["%Y-%m-%d %H:%M"]
[patterns.type]
"^theft\\\\b" = "THEFT"
"theft|stolen" = "OTHER THEFT"
[patterns.district]
'^Dist\\w* (\\d+)' = '\\1'
[padding]
district = 3
[values.type]
"OTHER THEFT" = "LARCENY"
"""
    rows = ["Theft from car,District 7 North", "car stolen,11", "THEFTS,D 7", "Fraud,"]
    lines = [f"{number},2024-05-06 07:08,{row}" for number, row in enumerate(rows)]
    path = written(tmp_path, "\n".join(["id,when,type,district", *lines, ""]))
    assert read_rows(path, toml, "type, district").found == [
        ("THEFT", "7"),
        ("LARCENY", "011"),
        ("LARCENY", "D 7"),
        ("Fraud", None),
    ]


@pytest.mark.parametrize(
    ("calendar", "formats", "texts"),
    [
        (
            "roc",
            '["%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M"]',
            ["113/05/06", "1130506", "民國113年5月6日", "113-05-06 00:00"],
        ),
        ("buddhist", '["%d/%m/%Y", "%Y-%m-%d"]', ["06/05/2567", "2567-05-06"]),
    ],
)
def test_years_of_other_calendars_are_read_if_the_source_says_so(
    tmp_path: Path, calendar: str, formats: str, texts: list[str]
) -> None:
    lines = [f"{number},{text}" for number, text in enumerate(texts)]
    path = written(tmp_path, "\n".join(["id,when", *lines, ""]))
    columns = '[columns]\nid = "id"\noccurred_from = "when"\n'
    dates = f'[dates]\nformats = {formats}\ncalendar = "{calendar}"\n'
    found = read_rows(path, columns + dates, "occurred_from").found
    assert found == [(datetime(2024, 5, 6),)] * len(texts)
    parts = '[columns]\nid = "id"\noccurred_from = { year = "y", month = "m", day = "d" }\n'
    year = {"roc": 113, "buddhist": 2567}[calendar]
    path = written(tmp_path, f"id,y,m,d\n1,{year},5,6\n")
    found = read_rows(path, parts + dates, "occurred_from").found
    assert found == [(datetime(2024, 5, 6),)]


JOINED = """
[columns]
id = "id"
occurred_from = "when"
code = "code"
[dates]
formats = ["%Y-%m-%d %H:%M"]
[padding]
code = 4
[join]
file = "codes.csv"
field = "code"
key = "IUCR"
[join.columns]
type = "Primary"
description = "Secondary"
"""


def test_fields_may_come_from_a_table_of_codes(tmp_path: Path) -> None:
    codes = tmp_path / "codes.csv"
    codes.write_text(
        "Iucr,Primary,Secondary\n110,HOMICIDE,\n051a,ASSAULT,ARMED\n", encoding="utf-8"
    )
    rows = "".join(
        f"{at},2024-05-06 07:08,{code}\n" for at, code in enumerate(["0110", "51A", "9"])
    )
    path = written(tmp_path, "id,when,code\n" + rows)
    assert read_rows(path, JOINED, "code, type, description").found == [
        ("0110", "HOMICIDE", None),
        ("051A", "ASSAULT", "ARMED"),
        ("0009", None, None),
    ]
    codes.write_text("IUCR,Primary,Secondary\n110,A,\n0110,B,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"codes.csv, line 3: code '0110' has other"):
        read_rows(path, JOINED, "id")
    codes.write_text("IUCR,Primary\n110,A\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"codes.csv: column 'Secondary'"):
        read_rows(path, JOINED, "id")
