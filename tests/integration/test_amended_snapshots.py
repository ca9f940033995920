"""A small load amends the stored snapshot; everything must be as if all had been derived again.

The complete derivation is the independent source: the same files, with amending switched off.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.areas.outline_file import read_kept_areas
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.code_sums import codes_in_blocks, sums_by_code
from analytics.crossfilter.codes import harm_of_codes
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest import pipeline
from analytics.ingest.beside_files import BesideFiles
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.retention_rules import KEEP_LAST
from analytics.settings import Settings
from analytics.sources.source import Source
from tests.integration.damage import flip

FIELDS = (
    "ID", "Case Number", "Date", "Block", "IUCR", "Primary Type", "Description",
    "Location Description", "Arrest", "Domestic", "Beat", "District", "Ward", "Community Area",
    "FBI Code", "Updated On", "Latitude", "Longitude", "Team", "Age",
)  # fmt: skip
OFFENSES = [
    ("0820", "THEFT", "$500 AND UNDER", "06"),
    ("031A", "ROBBERY", "ARMED: HANDGUN", "03"),
    ("0460", "BATTERY", "SIMPLE", "08B"),
    ("1310", "CRIMINAL DAMAGE", "TO PROPERTY", "14"),
    ("9999", "OTHER OFFENSE", "NOT IN ANY TABLE", "26"),
]
VIEWS = (
    "total", "type", "description", "group", "hour", "weekday", "hour_weekday", "shift", "day",
    "month", "district", "beat", "ward", "area", "location_type", "block", "arrest", "domestic",
    "heaped", "default_address", "team", "age", "cells:250", "cells:1000", "map:district",
)  # fmt: skip
SELECTIONS = ("", "type=THEFT", "hour=22-04", "district=001,003&arrest=no", "date=2024-01-10..")
Row = dict[str, str]


def incident(dice: random.Random, number: int, *, wide: bool = False) -> Row:
    """A random incident; `wide` ones have values, days and places that others may not have."""
    code, kind, description, fbi = dice.choice(OFFENSES[: None if wide else 3])
    day = datetime(2024, 1, 1) + timedelta(minutes=dice.randrange(60 * 24 * 40))
    if wide and dice.random() < 0.2:
        day += timedelta(days=dice.choice([-30, 45]))
    lat, lon = 41.88 + dice.randrange(40) / 2_000, -87.65 + dice.randrange(40) / 2_000
    district = dice.choice(["001", "002", "003", *(["025"] if wide else [])])
    placed = dice.random() < 0.95
    return {
        "ID": str(number),
        "Case Number": f"HX{number}",
        "Date": day.strftime("%Y-%m-%d %H:%M:%S"),
        "Block": f"{dice.randrange(9 if wide else 7):03d}XX W Main St",
        "IUCR": code,
        "Primary Type": kind,
        "Description": description,
        "Location Description": dice.choice(["STREET", "ALLEY", "", *(["ATM"] if wide else [])]),
        "Arrest": dice.choice(["true", "false", ""]),
        "Domestic": dice.choice(["true", "false"]),
        "Beat": f"{district[1:]}1{dice.randrange(3)}",
        "District": district,
        "Ward": str(dice.randrange(1, 5)),
        "Community Area": str(dice.randrange(1, 6)),
        "FBI Code": fbi,
        "Updated On": "2024-03-01 00:00:00",
        "Latitude": f"{lat:.6f}" if placed else "",
        "Longitude": f"{lon:.6f}" if placed else "",
        "Team": dice.choice(["A", "B", "", *(["C"] if wide else [])]),
        "Age": dice.choice(["17", "40.5", "", *(["-1", "99"] if wide else [])]),
    }


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def later_file(dice: random.Random, base: list[Row]) -> list[Row]:
    """New, replaced, equal, older, refused and differently capitalized rows."""
    rows = [incident(dice, 10_000 + number, wide=True) for number in range(dice.randrange(1, 30))]
    for known in dice.sample(base, 20):
        changed = incident(dice, int(known["ID"]), wide=True) | {
            "Updated On": "2024-04-01 00:00:00"
        }
        some = dice.sample(FIELDS[2:], dice.randrange(1, 6))
        rows.append(known | {name: changed[name] for name in (*some, "Updated On")})
    rows += dice.sample(base, 3)
    rows.append(dice.choice(base) | {"Updated On": "2024-02-01 00:00:00", "Arrest": "true"})
    rows.append(incident(dice, 20_000) | {"Block": "001XX W MAIN ST", "Team": "a"})
    rows.append(incident(dice, 20_001) | {"Date": "yesterday"})
    dice.shuffle(rows)
    return rows


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Chicago's, with two further attributes."""
    path = tmp_path_factory.mktemp("source") / "chicago.toml"
    attributes = '\n[attributes.team]\ncolumn = "Team"\nlabel = "Team"\nkind = "category"\n'
    attributes += '[attributes.age]\ncolumn = "Age"\nlabel = "Age"\nkind = "number"\n'
    path.write_text(Source.load("chicago").text + attributes, encoding="utf-8")
    return Source.load(str(path))


def counted(crossfilter: CrossFilter) -> dict[tuple[str, str], list[Any]]:
    return {
        (text, name): frame.rows()
        for text in SELECTIONS
        for name, frame in crossfilter.counts(
            EVERYTHING, Selection.parse(text), [view(one) for one in VIEWS]
        ).items()
    }


def tables(reader: SnapshotReader) -> dict[str, list[Any]]:
    """What a snapshot holds, whatever the order of storage."""
    ask = {
        "incidents": "SELECT * EXCLUDE (offense_id, point_id) FROM incidents ORDER BY id",
        "offenses": "SELECT DISTINCT offenses.* EXCLUDE (offense_id) FROM incidents "
        "JOIN offenses USING (offense_id) ORDER BY ALL",
        "groups": 'SELECT id, scheme, offense_groups."group" FROM incidents '
        "JOIN offense_groups USING (offense_id) ORDER BY ALL",
        "points": "SELECT lat, lon, x_m, y_m, incidents FROM points "
        "WHERE incidents > 0 ORDER BY lat, lon",
        "points of incidents": "SELECT id, points.lat, points.lon FROM incidents "
        "JOIN points USING (point_id) ORDER BY id",
        "quarantine": "SELECT file, line, reason, raw FROM quarantine ORDER BY ALL",
    }
    return {name: reader.frame(sql).rows() for name, sql in ask.items()}


def check_codes(snapshot: Snapshot, reader: SnapshotReader) -> None:
    """Codes are in the order of storage, and sums and blocks are those of the codes."""
    files = CodeFiles(snapshot)
    stored = reader.frame("SELECT * FROM incidents ORDER BY rowid")
    offenses = files.codes("offense_arrest")
    harm = harm_of_codes(reader.cursor())
    assert (offenses // 3).tolist() == stored["offense_id"].to_list()
    points = stored["point_id"].fill_null(files.index.points).to_list()
    assert files.codes("point").tolist() == points
    for column in files.index.columns:
        codes = files.codes(column.name)
        if column.values.endswith(".parquet"):
            values = [*files.values(column.name)["value"], None]
            assert [values[code] for code in codes] == stored[column.name].to_list()
        sums = sums_by_code(codes, offenses, harm, column.codes)
        assert files.sums(column.name).tolist() == sums.tolist(), column.name
        blocks = codes_in_blocks(codes, column.codes)
        assert files.blocks(column.name).table.tolist() == blocks.tolist(), column.name


def loaded(home: Path, file: Path, source: Source) -> tuple[IngestReport, Snapshot]:
    report = ingest([file], source, Settings(home=home, duckdb_threads=1), confirmed=True)
    snapshot = Warehouse(home).current()
    assert snapshot is not None
    return report, snapshot


def what_was_said(report: IngestReport) -> IngestReport:
    """A report without what differs between any two loads."""
    return replace(report, batch="", snapshot="")


@pytest.fixture(params=range(6))
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_an_amended_snapshot_equals_one_derived_completely(
    tmp_path: Path, source: Source, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)  # noqa: S311
    base = [incident(dice, number) for number in range(1, 601)]
    files = [write(tmp_path / "base.csv", base)]
    files += [write(tmp_path / f"later{day}.csv", later_file(dice, base)) for day in (1, 2)]
    amended, complete = tmp_path / "amended", tmp_path / "complete"
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    reports = [loaded(amended, file, source)[0] for file in files]
    assert ways == [True, True]
    monkeypatch.setattr(pipeline, "may_amend", lambda *_: False)
    expected = [loaded(complete, file, source)[0] for file in files]
    assert [what_was_said(one) for one in reports] == [what_was_said(one) for one in expected]

    settings = Settings(duckdb_threads=1)
    snapshots = [Warehouse(home).current() for home in (amended, complete)]
    one, other = (SnapshotReader(found, settings) for found in snapshots if found)
    assert tables(one) == tables(other)
    check_codes(one.snapshot, one)
    scan = ScanCrossFilter(one, CodeFiles(one.snapshot), compiled.load(), threads=2)
    assert counted(scan) == counted(SqlCrossFilter(other))
    assert plain(one.snapshot.manifest) == plain(other.snapshot.manifest)


def plain(manifest: Manifest) -> Manifest:
    """A manifest without what differs between any two loads, and without hulls drawn earlier."""
    return replace(manifest, id="", created="", batches=(), checksums={}, outlines={})


def noted(original: Callable[..., bool], ways: list[bool]) -> Callable[..., bool]:
    def may_amend(*arguments: Any) -> bool:
        ways.append(original(*arguments))
        return ways[-1]

    return may_amend


@pytest.fixture
def town(tmp_path: Path, source: Source) -> tuple[Path, list[Row]]:
    dice = random.Random(9)  # noqa: S311
    base = [incident(dice, number) for number in range(1, 601)]
    loaded(tmp_path / "home", write(tmp_path / "base.csv", base), source)
    return tmp_path / "home", base


def test_a_load_that_changes_much_is_derived_completely(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = town
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    dice = random.Random(1)  # noqa: S311
    many = [incident(dice, number) for number in range(1_000, 1_100)]
    _, snapshot = loaded(home, write(tmp_path / "many.csv", many), source)
    assert ways == [False]
    assert snapshot.manifest.incidents == 700


def test_damage_is_not_carried_into_the_next_snapshot(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copied file would get a checksum that fits its damage; what is derived again is whole."""
    home, _ = town
    before = Warehouse(home).current()
    assert before is not None
    sums = before.path / "codes" / "district.sums.npy"
    flip(sums, sums.stat().st_size - 8, 1)
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    new = [incident(random.Random(2), 5_000)]  # noqa: S311
    _, after = loaded(home, write(tmp_path / "new.csv", new), source)
    assert ways == [False]
    check_codes(after, SnapshotReader(after, Settings(duckdb_threads=1)))


def test_finer_dates_than_the_stored_ones_are_derived_completely(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred incidents at midnight are days without hours; one with a time changes that."""
    dice = random.Random(4)  # noqa: S311
    base = [incident(dice, n) | {"Date": f"2024-01-{n % 28 + 1:02d} 00:00:00"} for n in range(200)]
    _, before = loaded(tmp_path / "home", write(tmp_path / "base.csv", base), source)
    assert before.manifest.precision == "day"
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    days = [incident(dice, 900) | {"Date": "2024-02-01 00:00:00"}]
    loaded(tmp_path / "home", write(tmp_path / "days.csv", days), source)
    timed = [incident(dice, 901) | {"Date": "2024-02-01 13:15:00"}]
    _, after = loaded(tmp_path / "home", write(tmp_path / "timed.csv", timed), source)
    assert ways == [True, False]
    assert after.manifest.precision == "minute"


def test_a_load_without_new_rows_publishes_nothing(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    home, base = town
    before = Warehouse(home).current_id()
    report, _ = loaded(home, write(tmp_path / "again.csv", base[:50]), source)
    assert not report.published
    assert Warehouse(home).current_id() == before


def test_incidents_without_a_location_type_are_read_as_with_the_others(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    """Whether an address is a default one is known where any incident has a location type."""
    home, _ = town
    dice = random.Random(8)  # noqa: S311
    rows = [incident(dice, 6_000 + n) | {"Location Description": ""} for n in range(3)]
    _, after = loaded(home, write(tmp_path / "new.csv", rows), source)
    reader = SnapshotReader(after, Settings(duckdb_threads=1))
    unknown = "SELECT count(*) FROM incidents WHERE default_address IS NULL"
    assert reader.frame(unknown).item() == 0
    assert "default_address" not in after.manifest.unknown


def test_a_dry_run_says_what_a_small_load_would_do_and_writes_nothing(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    home, base = town
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    file = write(tmp_path / "new.csv", later_file(random.Random(12), base))  # noqa: S311
    planned = ingest([file], source, Settings(home=home, duckdb_threads=1), dry_run=True)
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    done, _ = loaded(home, file, source)
    assert what_was_said(replace(planned, dry_run=False, published=True)) == what_was_said(done)


def test_a_load_of_refused_rows_alone_adds_them_to_the_quarantine(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = town
    before = Warehouse(home).current()
    assert before is not None
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    bad = incident(random.Random(11), 7_100) | {"Date": "yesterday"}  # noqa: S311
    report, after = loaded(home, write(tmp_path / "bad.csv", [bad]), source)
    assert (report.new, report.quarantined, report.published, ways) == (0, 1, True, [True])
    one, other = (SnapshotReader(found, Settings(duckdb_threads=1)) for found in (before, after))
    assert tables(other) | {"quarantine": []} == tables(one)
    assert len(tables(other)["quarantine"]) == 1
    check_codes(after, other)


def test_a_deletion_of_what_is_not_stored_derives_nothing_again(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = town
    ways: list[bool] = []
    monkeypatch.setattr(pipeline, "may_amend", noted(pipeline.may_amend, ways))
    file = write(tmp_path / "new.csv", [incident(random.Random(3), 7_000)])  # noqa: S311
    report = ingest([file], source, Settings(home=home), beside=BesideFiles(deleted=["nobody"]))
    assert (report.new, report.deleted, ways) == (1, 0, [True])


def test_a_snapshot_that_is_read_outlives_many_small_loads(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    home, _ = town
    before = Warehouse(home).current()
    assert before is not None
    dice = random.Random(10)  # noqa: S311
    with closing(SnapshotReader(before, Settings(duckdb_threads=1))) as reader:
        for number in range(KEEP_LAST + 1):
            loaded(home, write(tmp_path / "new.csv", [incident(dice, 8_000 + number)]), source)
        assert reader.frame("SELECT count(*) FROM incidents").item() == before.manifest.incidents
        assert before.path.exists()
    loaded(home, write(tmp_path / "new.csv", [incident(dice, 9_000)]), source)
    assert not before.path.exists()


def test_a_new_area_gets_an_outline_and_the_others_keep_theirs(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    home, _ = town
    before = Warehouse(home).current()
    assert before is not None
    new = incident(random.Random(7), 7_000) | {  # noqa: S311
        "District": "019", "Latitude": "41.950000", "Longitude": "-87.650000",
    }  # fmt: skip
    _, after = loaded(home, write(tmp_path / "new.csv", [new]), source)
    keys = {level: outline_keys(after, level) for level in ("district", "beat")}
    assert keys["district"] - outline_keys(before, "district") == {"019"}
    assert keys["beat"] == outline_keys(before, "beat")


def outline_keys(snapshot: Snapshot, level: str) -> set[str]:
    path = snapshot.outline(level)
    assert path is not None
    return {area.key for area in read_kept_areas(path)}


def test_the_stored_snapshot_stays_as_it_was(
    town: tuple[Path, list[Row]], tmp_path: Path, source: Source
) -> None:
    home, _ = town
    warehouse = Warehouse(home)
    before = warehouse.current()
    assert before is not None
    dice = random.Random(5)  # noqa: S311
    report, after = loaded(home, write(tmp_path / "new.csv", [incident(dice, 5_000)]), source)
    assert (report.new, after.manifest.incidents) == (1, 601)
    warehouse.verify(before)
    warehouse.verify(after)


def test_codes_of_many_incidents_are_in_the_order_of_storage(
    tmp_path: Path, source: Source
) -> None:
    """With several threads, a join may answer in another order than that of storage."""
    dice = random.Random(6)  # noqa: S311
    rows = pl.DataFrame([incident(dice, number) for number in range(2_000)])
    many = pl.concat([rows.with_columns(pl.col("ID") + f"-{copy}") for copy in range(150)])
    path = tmp_path / "many.parquet"
    many.write_parquet(path)
    settings = Settings(home=tmp_path / "home", duckdb_threads=4)
    ingest([path], source, settings, confirmed=True)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    check_codes(snapshot, SnapshotReader(snapshot, settings))
