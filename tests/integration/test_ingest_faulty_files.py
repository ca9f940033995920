"""Faults that real exports have: nothing is lost, every refused row has its line and reason."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.errors import InputError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "America/Chicago"
unit_of_count = "offense"

[columns]
id = "id"
occurred_from = "when"
type = "type"
arrest = "arrest"
district = "district"
lat = "lat"
lon = "lon"
updated = "updated"

[dates]
formats = ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y"]

[flags.arrest]
true = ["Cite or Arrest", "y"]
false = "*"

[padding]
district = 3

[values.type]
"CRIM DAMAGE" = "CRIMINAL DAMAGE"

[coordinates]
placeholders = [[36.619446395, -91.686565684]]
bounds = [-88, 41, -87, 43]

[attributes.value]
column = "value"
kind = "number"
"""
HEADER = "id,when,type,arrest,district,lat,lon,updated,value"
GOOD = "{},01/02/2020 10:00:00 AM,THEFT,y,1,41.8,-87.6,2020-02-01T00:00:00,5"

Run = Callable[..., IngestReport]


@pytest.fixture
def town() -> Source:
    return Source.parse(TOWN, Path("town.toml"))


@pytest.fixture
def run(settings: Settings, town: Source, tmp_path: Path) -> Run:
    def write_and_ingest(content: str | bytes, name: str = "town.csv") -> IngestReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        report = ingest([path], town, settings)
        assert report.read == (
            report.accepted + report.quarantined + report.duplicates + report.differing
        )
        return report

    return write_and_ingest


def rows(settings: Settings, sql: str) -> list[Any]:
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def quarantine(settings: Settings) -> list[Any]:
    return rows(settings, "SELECT line, reason FROM quarantine ORDER BY line")


def lines(*body: str, end: str = "\n", header: str = HEADER) -> str:
    return end.join([header, *body]) + end


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_do_not_matter(
    run: Run, settings: Settings, end: str, mark: bytes
) -> None:
    report = run(mark + lines(GOOD.format("a"), GOOD.format("b"), end=end).encode())
    assert (report.read, report.accepted) == (2, 2)
    found = rows(settings, "SELECT id, type, arrest, district, attr_value FROM incidents")
    assert found == [("a", "THEFT", True, "001", 5.0), ("b", "THEFT", True, "001", 5.0)]


def test_mixed_line_ends_are_read(run: Run) -> None:
    text = HEADER + "\r\n" + GOOD.format("a") + "\n" + GOOD.format("b") + "\r\n"
    assert run(text).accepted == 2


def test_a_byte_order_mark_of_utf_16_is_followed(run: Run) -> None:
    assert run(lines(GOOD.format("a")).encode("utf-16")).accepted == 1


def test_latin_1_bytes_are_read_and_counted(run: Run, settings: Settings) -> None:
    body = lines(GOOD.format("a").replace("THEFT", "AGRESIÓN"), GOOD.format("b"))
    report = run(body.encode("latin-1"))
    assert report.accepted == 2
    assert report.files[0].latin1_lines == 1
    found = rows(settings, "SELECT type FROM incidents WHERE id = 'a'")
    assert found == [("AGRESIÓN",)]


def test_rows_without_their_last_fields_are_accepted_with_those_unknown(
    run: Run, settings: Settings
) -> None:
    report = run(lines(GOOD.format("a").rsplit(",", 2)[0], GOOD.format("b")))
    assert report.accepted == 2
    found = rows(settings, "SELECT updated, attr_value FROM incidents WHERE id = 'a'")
    assert found == [(None, None)]


def test_malformed_rows_are_quarantined_whole_with_their_line(run: Run, settings: Settings) -> None:
    too_many = GOOD.format("b") + ",6,7"
    unclosed = GOOD.format("c").replace("THEFT", '"THEFT')
    stray = GOOD.format("d").replace("THEFT", '"THE" FT"')
    cut = "e,01/02/2020 10:00"
    report = run(lines(GOOD.format("a"), "", too_many, stray, unclosed, GOOD.format("f")) + cut)
    assert (report.read, report.accepted, report.quarantined) == (6, 2, 4)
    assert quarantine(settings) == [
        (4, "too many fields"),
        (5, "text after a closing quote"),
        (6, "quote never closes"),
        (8, "row is cut off"),
    ]
    kept = rows(settings, "SELECT raw FROM quarantine ORDER BY line")
    assert [raw for (raw,) in kept] == [too_many, stray, unclosed, cut]


def test_line_numbers_count_lines_inside_quoted_fields(run: Run, settings: Settings) -> None:
    two_lines = GOOD.format("a").replace("THEFT", '"THEFT\nOF A BIKE"')
    report = run(lines(two_lines, "b,nonsense,,,,,,,"))
    assert report.quarantined == 1
    assert quarantine(settings)[0][0] == 4
    assert rows(settings, "SELECT type FROM incidents") == [("THEFT\nOF A BIKE",)]


def test_a_quote_inside_an_unquoted_field_is_a_character(run: Run, settings: Settings) -> None:
    run(lines(GOOD.format("a").replace("THEFT", 'PIPE 5" LONG'), ""))
    assert rows(settings, "SELECT type FROM incidents") == [('PIPE 5" LONG',)]


def test_a_nul_character_is_quarantined_or_kept_but_never_lost(run: Run) -> None:
    report = run(lines(GOOD.format("a"), GOOD.format("b").replace("THEFT", "TH\0EFT"), ""))
    assert report.read == 2


def test_every_reason_names_column_and_value(run: Run, settings: Settings) -> None:
    good = GOOD.format("{}").replace("01/02/2020 10:00:00 AM", "{}")
    report = run(
        lines(
            good.format("a", "31/12/2020 10:00:00 AM"),
            good.format("b", ""),
            good.format("", "01/02/2020"),
            good.format("c", "01/02/1820"),
            good.format("d", "01/02/2199"),
            good.format("e", "01/02/2020"),
        )
    )
    assert (report.read, report.accepted, report.quarantined) == (6, 1, 5)
    found = rows(settings, 'SELECT line, reason, "column", value FROM quarantine ORDER BY line')
    assert found == [
        (2, "unreadable date", "when", "31/12/2020 10:00:00 AM"),
        (3, "no date", "when", None),
        (4, "no id", "id", None),
        (5, "date before 1970-01-01", "when", "01/02/1820"),
        (6, "date in the future", "when", "01/02/2199"),
    ]
    raw = json.loads(rows(settings, "SELECT raw FROM quarantine WHERE line = 2")[0][0])
    assert raw["id"] == "a"
    assert raw["value"] == "5"


def test_two_date_formats_in_one_column_are_read(run: Run, settings: Settings) -> None:
    iso = GOOD.format("b").replace("01/02/2020 10:00:00 AM", "2020-01-02T10:00:00")
    run(lines(GOOD.format("a"), iso))
    assert rows(settings, "SELECT count(DISTINCT occurred_from) FROM incidents") == [(1,)]


def test_thousands_separators_are_read(run: Run, settings: Settings) -> None:
    run(lines(GOOD.format("a").replace(",5", ',"1,234.5"')))
    assert rows(settings, "SELECT attr_value FROM incidents") == [(1234.5,)]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("36.619446395", "-91.686565684"),
        ("0", "0"),
        ("10", "10"),
        ("", ""),
        ("x", "y"),
        ("nan", "1"),
    ],
)
def test_impossible_places_are_unknown_and_the_incident_is_kept(
    run: Run, settings: Settings, lat: str, lon: str
) -> None:
    report = run(lines(GOOD.format("a").replace("41.8,-87.6", f"{lat},{lon}")))
    assert report.accepted == 1
    assert report.unknown["place"] == 1
    assert rows(settings, "SELECT lat, lon, point_id FROM incidents") == [(None, None, None)]


def test_labels_are_replaced_words_are_flags_and_keys_are_padded(
    run: Run, settings: Settings
) -> None:
    run(
        lines(
            GOOD.format("a").replace("THEFT,y,1", "crim damage,Cite or Arrest,11.0"),
            GOOD.format("b").replace("THEFT,y,1", " THEFT ,none,0012"),
            GOOD.format("c").replace("THEFT,y,1", ",,"),
        )
    )
    found = rows(settings, "SELECT type, arrest, district FROM incidents ORDER BY id")
    assert found == [
        ("CRIMINAL DAMAGE", True, "011"),
        ("THEFT", False, "012"),
        (None, None, None),
    ]


@pytest.mark.parametrize("content", ["", "\n\n", HEADER, HEADER + "\n"])
def test_a_file_without_rows_publishes_nothing(run: Run, settings: Settings, content: str) -> None:
    report = run(content)
    assert (report.read, report.snapshot, report.published) == (0, None, False)
    assert Warehouse(settings.home).current() is None


def test_a_file_of_another_source_names_what_is_missing_and_nearest(run: Run) -> None:
    with pytest.raises(InputError, match=r"does not look like.*source 'town'") as failure:
        run("ids,whem,what\n1,2,3\n")
    assert "id: 'id' (closest: 'ids')" in str(failure.value)


def test_a_truncated_gzip_file_is_refused_and_nothing_is_published(
    run: Run, settings: Settings
) -> None:
    packed = gzip.compress(lines(*(GOOD.format(n) for n in range(999))).encode())
    with pytest.raises(InputError, match=r"town\.csv\.gz: the gzip file is damaged or cut off"):
        run(packed[:-20], "town.csv.gz")
    assert Warehouse(settings.home).current() is None


def test_gzip_and_zip_are_unpacked(run: Run, tmp_path: Path, settings: Settings) -> None:
    assert run(gzip.compress(lines(GOOD.format("a")).encode()), "a.csv.gz").accepted == 1
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.csv", lines(GOOD.format("b")))
        archive.writestr("c.csv", lines(GOOD.format("c")))
    assert run(path.read_bytes(), "two.zip").accepted == 2
    assert rows(settings, "SELECT count(*) FROM incidents") == [(3,)]


def test_json_lines_and_arrays_keep_what_is_malformed(run: Run, settings: Settings) -> None:
    first, second = (
        dict(zip(HEADER.split(","), GOOD.format(n).split(","), strict=True)) for n in "ab"
    )
    report = run(f'{json.dumps(first)}\n\nnot json\n{json.dumps(second)}\n{{"id":', "a.jsonl")
    assert (report.read, report.accepted, report.quarantined) == (4, 2, 2)
    assert quarantine(settings) == [(3, "not a JSON object"), (5, "not a JSON object")]
    text = f'[\n{json.dumps(first)},\n{{"id": ,}},\n{json.dumps(second, indent=1)}\n, 7]'
    again = run(text, "a.json")
    assert (again.read, again.duplicates, again.quarantined) == (4, 2, 2)


@pytest.mark.parametrize("depth", [900, 990, 30_000])
def test_a_row_that_nests_too_deep_is_refused_alone(
    run: Run, settings: Settings, depth: int
) -> None:
    first, second = (
        json.dumps(dict(zip(HEADER.split(","), GOOD.format(n).split(","), strict=True)))
        for n in "ab"
    )
    deep = f'{{"x": {"[" * depth}{"]" * depth}}}'
    report = run(f"[{first},\n{deep},\n{second}]", "a.json")
    assert (report.accepted, report.quarantined) == (2, 1)
    ((line, _),) = quarantine(settings)
    assert line == 2


def test_an_array_that_is_cut_between_objects_is_told(run: Run, settings: Settings) -> None:
    first, second = (
        json.dumps(dict(zip(HEADER.split(","), GOOD.format(n).split(","), strict=True)))
        for n in "ab"
    )
    report = run(f"[{first},\n{second},", "a.json")
    assert (report.read, report.accepted, report.quarantined) == (3, 2, 1)
    assert quarantine(settings) == [(2, "the file ends inside an array")]
    again = run(f'[{first},\n{{"id":', "b.json")
    assert (again.read, again.duplicates, again.quarantined) == (2, 1, 1)
    whole = run(f"[{first}]\n[{second}]\n", "c.json")
    assert (whole.read, whole.quarantined) == (2, 0)


def test_typed_parquet_needs_no_formats(run: Run, tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "typed.parquet"
    duckdb.sql(
        "SELECT 7 AS id, TIMESTAMP '2020-01-02 10:00:00' AS \"when\", 'THEFT' AS type, "
        "'y' AS arrest, 3 AS district, 41.8 AS lat, -87.6 AS lon, "
        "DATE '2020-02-01' AS updated, 5 AS value"
    ).write_parquet(str(path))
    assert run(path.read_bytes(), "again.parquet").accepted == 1
    found = rows(settings, "SELECT id, district, hour, updated::VARCHAR FROM incidents")
    assert found == [("7", "003", 10, "2020-02-01 00:00:00")]


def test_semicolons_tabs_and_repeated_column_names_are_read(run: Run, settings: Settings) -> None:
    header = HEADER + ",id"
    text = lines(GOOD.format("a") + ",x", header=header).replace(",", ";")
    assert run(text).accepted == 1
    assert rows(settings, "SELECT id FROM incidents") == [("a",)]


def test_file_names_with_wildcards_are_taken_literally(run: Run) -> None:
    assert run(lines(GOOD.format("a")), "town[1]*?.csv").accepted == 1


def test_the_exported_quarantine_holds_the_rows_whole(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    from analytics.incidents.reader import SnapshotReader
    from analytics.ingest.quarantine import export_quarantine

    run(lines(GOOD.format("a"), GOOD.format("b") + ",more", GOOD.format("")))
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    reader = SnapshotReader(snapshot, settings)
    assert export_quarantine(reader, tmp_path / "refused.csv") == 2
    reader.close()
    with (tmp_path / "refused.csv").open(newline="", encoding="utf-8") as handle:
        found = list(csv.DictReader(handle))
    assert found[0]["raw"] == GOOD.format("b") + ",more"
    assert json.loads(found[1]["raw"])["type"] == "THEFT"
