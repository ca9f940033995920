"""Kinds of files: workbooks, GeoJSON and other JSON, nested Parquet, archives, encodings."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from analytics.errors import InputError
from analytics.ingest import workbook
from analytics.ingest.encodings import detected_encoding
from tests.unit.analytics.ingest.read_rows import read_rows

TOWN = """
[columns]
id = "id"
occurred_from = "when"
type = "type"
"""
PLACED = TOWN + 'point = "geometry"\n'
NOON = datetime(2024, 5, 6, 12)
ROW = {"id": "1", "when": "2024-05-06 12:00", "type": "THEFT"}
POINT = {"type": "Point", "coordinates": [-87.63, 41.88]}
FEATURE = {"type": "Feature", "properties": ROW, "geometry": POINT}
EVERYTHING = "id, occurred_from, type"
AS_READ = ("1", NOON, "THEFT")


def workbook_of(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime | date | time):
                        sheet.write_datetime(at, column, cell)
                    else:
                        sheet.write(at, column, cell)
    return path


def test_a_sheet_gives_dates_whole_numbers_and_texts(tmp_path: Path) -> None:
    rows = [
        ["Report of the police"],
        [],
        ["id", "when", "type", "beat", "value"],
        [240001, NOON, "THEFT", "0123", 0.5],
        ["2", datetime(2024, 5, 6, 23, 59, 59), "THEFT", 7, None],
        [],
        [3, date(2024, 5, 7), True, None, None],
        ["Total", None, 3],
    ]
    path = workbook_of(tmp_path / "town.xlsx", {"May": rows})
    toml = "skip_lines = 2" + TOWN + "beat = 'beat'\n"
    read = read_rows(path, toml, EVERYTHING + ", beat, _line")
    assert read.found == [
        ("240001", NOON, "THEFT", "0123", 4),
        ("2", datetime(2024, 5, 6, 23, 59, 59), "THEFT", "7", 5),
        ("3", datetime(2024, 5, 7), "True", None, 7),
    ]
    assert read.refused == [(8, "no date")]


def test_dates_and_times_of_a_sheet_may_be_serial_numbers(tmp_path: Path) -> None:
    rows = [["id", "day", "clock"], ["1", 45418.5, 0.5], ["2", 45418, time(6, 30)]]
    path = workbook_of(tmp_path / "town.xlsx", {"May": rows})
    toml = '[columns]\nid = "id"\noccurred_from = {}\n[dates]\nformats = "excel"\n'
    whole = toml.format('"day"')
    assert read_rows(path, whole, "occurred_from").found == [(NOON,), (datetime(2024, 5, 6),)]
    parts = toml.format('{ date = "day", time = "clock" }')
    parts += 'time_formats = ["excel", "%H:%M:%S"]\n'
    assert read_rows(path, parts, "occurred_from").found == [
        (NOON,),
        (datetime(2024, 5, 6, 6, 30),),
    ]


def test_a_damaged_or_large_workbook_is_refused_with_the_kinds_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook_of(tmp_path / "town.xlsx", {"May": [["id", "when"], ["1", NOON]]})
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as cut:
        for name in whole.namelist():
            cut.writestr(name, whole.read(name)[:100])
    with pytest.raises(InputError, match=r"damaged\.xlsx: the workbook cannot be read") as error:
        read_rows(damaged, TOWN, "id")
    assert "Excel, JSON, GeoJSON and Parquet" in str(error.value)
    monkeypatch.setattr(workbook, "LARGEST_BYTES", 1000)
    with pytest.raises(InputError, match=r"town\.xlsx: the workbook unpacks to more than 1,000"):
        read_rows(path, TOWN, "id")


def test_a_workbook_may_be_in_an_archive(tmp_path: Path) -> None:
    path = workbook_of(tmp_path / "town.xlsx", {"May": [["id", "when", "type"], [1, NOON, "A"]]})
    packed = tmp_path / "town.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "2024/town.xlsx")
        archive.writestr("2024/map.png", b"\x89PNG")
        archive.writestr("Fields.pdf", b"%PDF")
    assert read_rows(packed, TOWN, EVERYTHING).found == [("1", NOON, "A")]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"type": "FeatureCollection", "features": [FEATURE]}),
        json.dumps({"type": "FeatureCollection", "features": [FEATURE]}, indent=1),
        json.dumps({"features": [FEATURE], "name": "last"}),
        json.dumps(FEATURE),
        "\x1e" + json.dumps(FEATURE) + "\n",
        json.dumps([FEATURE]),
        json.dumps(
            {
                "fields": [{"name": "id", "values": ["}"]}] * 500,
                "spatialReference": {"wkid": 4326},
                "features": [{"attributes": ROW, "geometry": {"x": -87.63, "y": 41.88}}],
                "exceededTransferLimit": False,
            }
        ),
    ],
)
def test_features_become_rows_with_their_geometry(tmp_path: Path, text: str) -> None:
    path = tmp_path / "town.geojson"
    path.write_text(text, encoding="utf-8")
    found = read_rows(path, PLACED, EVERYTHING + ", lat, lon").found
    assert found == [(*AS_READ, 41.88, -87.63)]


def test_features_one_on_each_line_keep_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "town.geojsonl"
    other = {**FEATURE, "properties": {**ROW, "id": "2"}, "geometry": None}
    path.write_text(f"{json.dumps(FEATURE)}\n\n{json.dumps(other)}\n", encoding="utf-8")
    found = read_rows(path, PLACED, "id, lat, _line").found
    assert found == [("1", 41.88, 1), ("2", None, 3)]


@pytest.mark.parametrize(
    "document",
    [
        {"data": [ROW]},
        {"count": 1, "results": [ROW], "next": None},
        {"success": True, "result": {"fields": [{"id": "x"}], "records": [ROW], "total": 1}},
        {"meta": {"view": {"columns": [{"name": key} for key in ROW]}}, "data": [[*ROW.values()]]},
        {"columns": [*ROW], "data": [[*ROW.values()]]},
    ],
)
def test_rows_are_found_inside_an_object(tmp_path: Path, document: dict[str, Any]) -> None:
    path = tmp_path / "town.json"
    for text in (json.dumps(document), json.dumps(document, indent=2)):
        path.write_text(text, encoding="utf-8")
        assert read_rows(path, TOWN, EVERYTHING).found == [AS_READ]


def test_lists_in_rows_are_not_taken_for_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "town.json"
    rows = [{**ROW, "id": str(number), "items": [ROW, ROW]} for number in range(2)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [row[0] for row in read_rows(path, TOWN, "id").found] == ["0", "1"]


def test_several_collections_in_one_file_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "town.json"
    parts = [
        json.dumps({"type": "FeatureCollection", "features": [{**FEATURE, "properties": row}]})
        for row in (ROW, {**ROW, "id": "2"})
    ]
    path.write_text("\n".join(parts), encoding="utf-8")
    assert [row[0] for row in read_rows(path, PLACED, "id").found] == ["1", "2"]


@pytest.mark.parametrize(("cut", "rows", "faults"), [(-1, 2, 1), (-2, 2, 1), (-30, 1, 2)])
def test_a_cut_collection_keeps_its_rows_and_says_so(
    tmp_path: Path, cut: int, rows: int, faults: int
) -> None:
    path = tmp_path / "town.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": [FEATURE, FEATURE]})
    path.write_text(text[:cut], encoding="utf-8")
    read = read_rows(path, PLACED, "id")
    assert (len(read.found), read.faults) == (rows, [faults])


def test_objects_in_rows_give_columns_of_their_own(tmp_path: Path) -> None:
    place = {"lat": 41.88, "lon": "-87.63"}
    path = tmp_path / "town.json"
    path.write_text(json.dumps([{**ROW, "place": place}, ROW]), encoding="utf-8")
    toml = TOWN + 'lat = "place.lat"\nlon = "place.lon"\n'
    assert read_rows(path, toml, "lat, lon").found == [(41.88, -87.63), (None, None)]


def test_parquet_may_have_records_bytes_and_types(tmp_path: Path) -> None:
    path = tmp_path / "town.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT
                    7 AS id,
                    DATE '2024-05-06' AS day,
                    TIME '12:00:00' AS clock,
                    {{'lat': 1.5, 'tags': ['a']}} AS place,
                    unhex('0101000000B81E85EB51E855C0713D0AD7A3F04440') AS geometry
            ) TO '{path}'
        """)
    toml = """
[columns]
id = "id"
occurred_from = { date = "day", time = "clock" }
block = "place.lat"
point = "geometry"
[dates]
time_formats = "%H:%M:%S"
[coordinates]
point = "wkb"
"""
    found = read_rows(path, toml, "id, occurred_from, block, lat, lon").found
    assert found == [("7", NOON, "1.5", 41.88, -87.63)]


@pytest.mark.parametrize(
    ("formats", "toml", "text", "expected"),
    [
        ("unix", "", "1714996800", datetime(2024, 5, 6, 7)),
        ("unix_ms", "", "1714996800000", datetime(2024, 5, 6, 7)),
        ("unix_ms", "ignore_zone = true", "1714996800000", NOON),
        ("excel", "", "45418.5", NOON),
        ("excel", "utc = true", "45418.5", datetime(2024, 5, 6, 7)),
        ("excel", "", "2958466", None),
        ("unix_ms", "", "253402300800000", None),
        ("unix", "", "noon", None),
        ("%Y", "", "2024", None),
    ],
)
def test_times_may_be_numbers(
    tmp_path: Path, formats: str, toml: str, text: str, expected: datetime | None
) -> None:
    path = tmp_path / "town.tsv"
    path.write_text(f"id\twhen\tupdated\n1\t2024-05-06 12:00\t{text}\n", encoding="utf-8")
    columns = '[columns]\nid = "id"\noccurred_from = "when"\nupdated = "updated"\n'
    dates = f"[dates.updated]\nformats = '{formats}'\n{toml}\n"
    if formats == "%Y":
        with pytest.raises(InputError, match="has no month"):
            read_rows(path, columns + dates, "updated")
        return
    assert read_rows(path, columns + dates, "updated").found == [(expected,)]


TEXTS = {
    "cp932": "自転車盗,新宿区歌舞伎町\n空き巣,渋谷区道玄坂二丁目\n",
    "gb18030": "盗窃,北京市朝阳区\n抢劫,上海市浦东新区世纪大道\n",
    "cp949": "절도,서울특별시 강남구\n강도,부산광역시 해운대구\n",
    "cp1251": "Кража,Москва улица Тверская\nГрабёж,Казань\n",
    "cp1252": "Vol à l'étalage,Montréal\nCambriolage,Québec\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_encoding_is_detected_after_many_plain_lines(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "town.csv"
    path.write_bytes(b"type,place\n" * 50_000 + TEXTS[encoding].encode(encoding) * 20)
    assert detected_encoding(path) == encoding


@pytest.mark.parametrize("content", [b"plain", TEXTS["cp932"].encode(), "é".encode("utf-16")])
def test_no_encoding_is_needed_for_unicode(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "town.csv"
    path.write_bytes(content)
    assert detected_encoding(path) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><p>Sign in</p>", "is a web page or XML"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"PAR1" + b"\0" * 100, "not a readable Parquet file, perhaps cut off"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "the workbook cannot be read"),
    ],
)
def test_other_kinds_are_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "town.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_rows(path, TOWN, "id")
    assert str(error.value).startswith("town.csv")
    assert "\n" not in str(error.value)
