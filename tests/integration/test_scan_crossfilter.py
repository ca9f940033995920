"""The scanning cross-filter: blocks, threads, damage, and the way back to SQL."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.crossfilter import code_scan, code_sums, compiled, scan_kernels
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.codes import encode
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.errors import InputError, IntegrityError
from analytics.incidents.checksums import checksums
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.services import Services
from analytics.settings import Settings
from tests.integration.snapshots import SmallCity, build, serve

PARSE = Selection.parse
VIEWS = [
    view(name)
    for name in (
        *("total", "type", "group:part_i", "hour_weekday", "shift", "day", "month", "district"),
        *("beat", "map:district", "cells:250", "cells:150", "cells:1000", "arrest", "heaped"),
        *("premise", "age", "points:-87.67,41.86,-87.64,41.89", "zone:kmeans", "zone:dbscan"),
    )
]
ASKED = [
    "",
    "type=ROBBERY",
    "type=1..5&hour=1,unknown",
    "group=part_i:all&arrest=yes,unknown",
    "date=2018-01&district=001&beat=0010,0011",
    "date=2018-01-01..2018-01-03",
    "cell=1000:445_4634,unknown&weekday=1,2,3",
    "polygon=41.86,-87.67;41.89,-87.67;41.89,-87.64&age=5..12",
    "near=41.87,-87.65,900&premise=shop&note=unknown",
    "zone=kmeans@7:1,dbscan@2:0,unknown&hour=1-12",
    "zone=dbscan@2:none&near=41.87,-87.65,900&cell=1000:445_4634",
    "type=NOSUCH",
    "domestic=yes&heaped=no&default_address=no&location_type=unknown&ward=1,2&area=3,4&shift=Night",
]


@pytest.fixture(scope="module")
def long_city(tmp_path_factory: pytest.TempPathFactory) -> SmallCity:
    """Incidents of several blocks, sorted by time."""
    return build(tmp_path_factory.mktemp("long") / "city", seed=11, incidents=1_000)


def repeated(city: SmallCity, folder: Path, times: int) -> SnapshotReader:
    """The city with every incident several times over, so that it fills many blocks."""
    folder.mkdir()
    path = folder / "incidents.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"ATTACH '{city.snapshot.database}' AS small (READ_ONLY)")
        for table in ("points", "offenses", "offense_groups", "labels"):
            connection.execute(f"CREATE TABLE {table} AS FROM small.{table}")
        connection.execute(
            f"CREATE TABLE incidents AS SELECT i.* FROM small.incidents i, range({times}) "
            "ORDER BY occurred_from, id"
        )
        encode(connection, folder)
    return SnapshotReader(type(city.snapshot)(folder, city.snapshot.manifest), Settings())


@pytest.fixture(scope="module")
def many(long_city: SmallCity, tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    return repeated(long_city, tmp_path_factory.mktemp("many") / "snapshot", 300)


def scan_of(reader: SnapshotReader, threads: int = 2) -> ScanCrossFilter:
    return ScanCrossFilter(reader, CodeFiles(reader.snapshot), compiled.load(), threads)


@pytest.mark.parametrize("text", ASKED)
@pytest.mark.parametrize("scope", ["", "arrest=no&date=2017-12-01..", "cell=1000:446_4634"])
def test_many_blocks_equal_sql(many: SnapshotReader, text: str, scope: str) -> None:
    limit = Scope(PARSE(scope))
    expected = SqlCrossFilter(many).counts(limit, PARSE(text), VIEWS)
    found = scan_of(many).counts(limit, PARSE(text), VIEWS)
    assert list(found) == list(expected)
    for name, frame in expected.items():
        assert found[name].equals(frame), name
        assert found[name].schema == frame.schema, name


def test_packed_bins_are_emptied_before_they_overflow(
    many: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = scan_of(many)
    monkeypatch.setattr(scan, "_is_safe", lambda _job: False)
    expected = SqlCrossFilter(many).counts(EVERYTHING, PARSE("shift=Night,Day"), VIEWS)
    found = scan.counts(EVERYTHING, PARSE("shift=Night,Day"), VIEWS)
    assert all(found[name].equals(frame) for name, frame in expected.items())


def test_no_task_holds_more_than_a_packed_bin(many: SnapshotReader) -> None:
    files = CodeFiles(many.snapshot)
    task_of_block = code_scan.CodeScan(files, compiled.load(), threads=1)._task_of_block
    blocks_per_task = np.bincount(task_of_block)
    assert blocks_per_task.max() * code_sums.BLOCK_ROWS < 1 << scan_kernels.COUNT_BITS
    harm = np.bincount(task_of_block, files.harm_of_blocks())
    assert harm.max() < 1 << scan_kernels.HARM_BITS


def test_blocks_outside_a_period_are_not_looked_at(
    many: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []

    def recorded(tasks: list[np.ndarray], work: object, threads: int) -> list[np.ndarray]:
        looked_at.extend(block for task in tasks for block in task.tolist())
        return []

    monkeypatch.setattr(code_scan, "share", recorded)
    scan_of(many).counts(EVERYTHING, PARSE("date=2018-01-01..2018-01-03"), [view("type")])
    blocks = len(CodeFiles(many.snapshot).harm_of_blocks())
    assert blocks > 30
    assert 0 < len(looked_at) < 5


def test_more_clauses_than_there_are_bits_are_answered_in_parts(many: SnapshotReader) -> None:
    clauses = "&".join(
        (
            "type=THEFT,ROBBERY,1..5&location_type=STREET,unknown&hour=0-20&date=2017-12-01..",
            "district=001,002,unknown&ward=1,2,3&area=1,2,3&arrest=no&premise=shop,unknown",
            "age=2..18&note=a%2Bb,unknown",
        )
    )
    names = ["type", "location_type", "hour", "day", "district", "ward", "area", "premise", "age"]
    views = [view(name) for name in (*names, "note", "cells:500")]
    expected = SqlCrossFilter(many).counts(EVERYTHING, PARSE(clauses), views)
    found = scan_of(many).counts(EVERYTHING, PARSE(clauses), views)
    assert sum(frame.height for frame in expected.values()) > 0
    assert all(found[name].equals(frame) for name, frame in expected.items())


def test_threads_that_ask_at_once_get_their_own_answers(many: SnapshotReader) -> None:
    scan = scan_of(many)
    texts = [text for text in ASKED if "," in text or "=" in text]
    expected = {text: scan.counts(EVERYTHING, PARSE(text), VIEWS) for text in texts}
    wrong: list[str] = []

    def ask(offset: int) -> None:
        for step in range(15):
            text = texts[(offset * 7 + step) % len(texts)]
            found = scan.counts(EVERYTHING, PARSE(text), VIEWS)
            wrong.extend(
                name for name, frame in found.items() if not frame.equals(expected[text][name])
            )

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_one_thread_counts_as_two_do(many: SnapshotReader) -> None:
    one, two = scan_of(many, threads=1), scan_of(many, threads=2)
    for text in ASKED:
        alone, together = (each.counts(EVERYTHING, PARSE(text), VIEWS) for each in (one, two))
        assert all(alone[name].equals(together[name]) for name in alone)


def test_dimensions_and_views_the_data_does_not_have_are_refused(many: SnapshotReader) -> None:
    for text, name, said in (
        ("nosuch=1", "total", "Dimension not found"),
        ("", "nosuch", "no such attribute"),
        ("premise=1..5", "total", "has text values"),
        ("age=old", "total", "is not a valid number"),
    ):
        with pytest.raises(InputError, match=said):
            scan_of(many).counts(EVERYTHING, PARSE(text), [view(name)])


def test_codes_take_at_most_28_bytes_per_incident(many: SnapshotReader) -> None:
    files = CodeFiles(many.snapshot)
    attributes = sum(np.dtype(c.dtype).itemsize for c in files.index.columns if "attr_" in c.name)
    taken = sum(np.dtype(column.dtype).itemsize for column in files.index.columns)
    assert taken - attributes <= 28


def test_an_hour_in_two_shifts_cannot_be_encoded(long_city: SmallCity, tmp_path: Path) -> None:
    path = tmp_path / "incidents.duckdb"
    path.write_bytes(long_city.snapshot.database.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE incidents SET shift = 'Odd' WHERE hour = 3 AND weekday = 1")
        with pytest.raises(IntegrityError, match="two shifts"):
            encode(connection, tmp_path)


def test_verification_names_a_damaged_file_of_codes(tmp_path: Path) -> None:
    city = build(tmp_path / "snapshots" / "small-1-400", seed=1)
    manifest = city.snapshot.manifest
    signed = type(manifest)(**{**vars(manifest), "checksums": checksums(city.snapshot.path)})
    signed.write(city.snapshot.path / "manifest.json")
    warehouse = Warehouse(tmp_path)
    warehouse.verify(warehouse.get("small-1-400"))
    path = city.snapshot.path / "codes" / "district.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match=r"codes/district\.bin"):
        warehouse.verify(warehouse.get("small-1-400"))


@pytest.mark.parametrize("damage", ["truncated", "missing", "another version", "no json"])
def test_sql_answers_where_codes_cannot_be_used(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    city = build(tmp_path / "snapshots" / "small-1-400", seed=1)
    codes = city.snapshot.path / "codes"
    index = codes / "codes.json"
    if damage == "truncated":
        (codes / "point.bin").write_bytes(b"123")
    elif damage == "missing":
        (codes / "beat.bin").unlink()
    elif damage == "another version":
        index.write_text(index.read_text().replace('"version": 1', '"version": 99'))
    else:
        index.write_text("{")
    compiled.load()
    pinned = Services(serve(city, tmp_path)).pin()
    assert pinned is not None
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            total = pinned.crossfilter.counts(EVERYTHING, EMPTY, [view("total")])["total"]
    assert total["incidents"].sum() == 400
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "answered with SQL" in caplog.text


def test_sql_answers_until_the_compiled_scan_is_loaded(
    many: SnapshotReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossfilter = FastCrossFilter(many, threads=2)
    monkeypatch.setattr(compiled, "loaded", lambda: None)
    assert isinstance(crossfilter.engine, SqlCrossFilter)
    module = compiled.load()
    monkeypatch.setattr(compiled, "loaded", lambda: module)
    assert isinstance(crossfilter.engine, ScanCrossFilter)
    assert crossfilter.engine is crossfilter.engine


def test_loading_twice_loads_once() -> None:
    compiled.load_in_background()
    assert compiled.load() is compiled.load() is compiled.loaded()


def test_presence_of_codes_in_blocks() -> None:
    codes = np.array([0, 1] * 5_000 + [3] * 9_000, np.uint8)
    present = np.unpackbits(code_sums.codes_in_blocks(codes, 4), axis=1, count=4)
    rows = [codes[start : start + code_sums.BLOCK_ROWS] for start in range(0, len(codes), 8_192)]
    assert present.tolist() == [[int(code in row) for code in range(4)] for row in rows]


def test_sums_of_codes_equal_sql(many: SnapshotReader) -> None:
    files = CodeFiles(many.snapshot)
    values = files.values("district")["value"].to_list()
    expected = {
        row[0]: row[1:]
        for row in many.frame(
            "SELECT district, count(*), count(*) FILTER (WHERE arrest), "
            "coalesce(sum(harm_days), 0)::BIGINT FROM incidents GROUP BY district"
        ).iter_rows()
    }
    found = pl.DataFrame(files.sums("district").T).rows()
    assert dict(zip([*values, None], found, strict=True)) == expected
