"""The same id again: the newest wins, in whatever order and however split the rows come."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.diagnosis import diagnose
from analytics.errors import BusyError, InputError, IntegrityError
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport, Note, NoteKind
from analytics.settings import Settings
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
updated = "updated"
[dates]
formats = "%Y-%m-%d"
"""
UNDATED = TOWN.replace('updated = "updated"', "")


@dataclass(frozen=True)
class Row:
    id: str
    when: str
    type: str
    updated: str

    @property
    def text(self) -> str:
        return f"{self.id},{self.when},{self.type},{self.updated}"

    @property
    def valid(self) -> bool:
        return bool(self.id) and self.when == "2020-01-02"


ROWS = st.lists(
    st.builds(
        Row,
        id=st.sampled_from(["", "a", "b", "c", "d"]),
        when=st.sampled_from(["2020-01-02", "2020-01-02", "02.01.2020", ""]),
        type=st.sampled_from(["x", "y", "z"]),
        updated=st.sampled_from(["", "2021-01-01", "2022-01-01"]),
    ),
    max_size=12,
)


def source(text: str = TOWN) -> Source:
    return Source.parse(text, Path("town.toml"))


def write(path: Path, rows: list[Row]) -> Path:
    path.write_text("\n".join(["id,when,type,updated", *(row.text for row in rows)]) + "\n")
    return path


def stored(home: Path) -> dict[str, tuple[str, Any]]:
    snapshot = Warehouse(home).current()
    if snapshot is None:
        return {}
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute("SELECT id, type, updated FROM incidents").fetchall()
    assert len(found) == len({row[0] for row in found}) == snapshot.manifest.incidents
    return {identifier: (kind, updated) for identifier, kind, updated in found}


def check(report: IngestReport, rows: list[Row]) -> None:
    assert report.read == len(rows)
    assert report.read == (
        report.accepted + report.quarantined + report.duplicates + report.differing
    )
    assert report.quarantined == sum(not row.valid for row in rows)
    assert report.accepted == report.new + report.updated


@given(rows=ROWS, cuts=st.lists(st.integers(0, 12), max_size=2), data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_and_splitting_do_not_change_the_outcome(
    rows: list[Row], cuts: list[int], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = ingest([write(folder / "w.csv", rows)], source(), Settings(home=folder / "one"))
        check(whole, rows)
        shuffled = data.draw(st.permutations(rows))
        edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
        for number, (start, end) in enumerate(pairwise(edges)):
            part = shuffled[start:end]
            path = write(folder / f"{number}.csv", part)
            check(ingest([path], source(), Settings(home=folder / "parts")), part)
        one = stored(folder / "one")
        assert one == stored(folder / "parts")
        for identifier, (kind, updated) in one.items():
            of_id = [row for row in rows if row.valid and row.id == identifier]
            newest = max(row.updated for row in of_id)
            assert (str(updated)[:10] if updated else "") == newest
            assert kind in {row.type for row in of_id if row.updated == newest}
        assert one.keys() == {row.id for row in rows if row.valid}


def test_an_older_version_read_later_loses(settings: Settings, tmp_path: Path) -> None:
    new = write(tmp_path / "new.csv", [Row("a", "2020-01-02", "new", "2022-01-01")])
    old = write(tmp_path / "old.csv", [Row("a", "2020-01-02", "old", "2021-01-01")])
    ingest([new], source(), settings)
    report = ingest([old], source(), settings)
    assert (report.accepted, report.duplicates, report.differing) == (0, 0, 1)
    assert not report.published
    report = ingest([old], source(), settings, replace=True)
    assert stored(settings.home)["a"][0] == "old"
    report = ingest([new], source(), settings)
    assert (report.new, report.updated, report.duplicates) == (0, 1, 0)
    assert stored(settings.home)["a"][0] == "new"


def test_without_a_time_of_update_what_is_read_later_wins(
    settings: Settings, tmp_path: Path
) -> None:
    for kind in ("first", "second", "first"):
        path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", kind, "")])
        report = ingest([path], source(UNDATED), settings)
        assert report.accepted == 1
        assert stored(settings.home)["a"][0] == kind
    assert ingest([path], source(UNDATED), settings).duplicates == 1


def test_the_same_file_again_publishes_nothing(settings: Settings, tmp_path: Path) -> None:
    rows = [Row("a", "2020-01-02", "x", ""), Row("", "2020-01-02", "x", "")]
    path = write(tmp_path / "x.csv", rows)
    first = ingest([path], source(), settings)
    again = ingest([path], source(), settings)
    assert first.published
    assert not again.published
    assert again.snapshot == first.snapshot
    assert (again.read, again.quarantined, again.duplicates) == (2, 1, 1)
    assert len(list((settings.home / "raw").iterdir())) == 1


def test_a_known_file_brings_a_snapshot_of_an_earlier_schema_up_to_date(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [Row("a", "2020-01-02", "x", ""), Row("b", "2020-01-02", "y", ""), Row("", "", "x", "")]
    path = write(tmp_path / "x.csv", rows)
    ingest([path], source(), settings)
    warehouse = Warehouse(settings.home)
    before = warehouse.current()
    assert before
    manifest = before.path / "manifest.json"
    raw = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(raw | {"schema_version": SCHEMA_VERSION - 1}))
    with duckdb.connect(str(before.database)) as connection:  # as the earlier schema named it
        connection.execute("ALTER TABLE incidents RENAME COLUMN offense_id TO offence_id")
    with pytest.raises(IntegrityError, match="schema version 1"):
        Warehouse(settings.home).current()
    report = ingest([write(tmp_path / "y.csv", rows[:1])], source(), settings)
    after = Warehouse(settings.home).current()
    assert after
    assert report.published
    assert (report.duplicates, report.incidents) == (1, 2)
    assert after.manifest.schema_version == SCHEMA_VERSION
    assert set(stored(settings.home)) == {"a", "b"}
    with duckdb.connect(str(after.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (1,)
    checks = {one.name: one for one in diagnose(settings, tmp_path, {})}
    kept = checks["kept snapshots"]
    assert kept.status == "ok"
    assert re.findall(r"\d+", kept.message) == ["1", "1"]  # one to roll back to, one of before


def test_a_dry_run_reports_the_same_and_leaves_no_trace(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", ""), Row("b", "", "x", "")])
    dry = ingest([path], source(), settings, dry_run=True)
    assert not settings.home.exists()
    real = ingest([path], source(), settings)
    for name in ("read", "accepted", "quarantined", "duplicates", "incidents", "unknown"):
        assert getattr(dry, name) == getattr(real, name)


def test_a_changed_setting_is_worth_a_new_snapshot(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", "")])
    ingest([path], source(), settings)
    shifts = (("Night", 0, 12), ("Day", 12, 0))
    report = ingest([path], source(), Settings(home=settings.home, shifts=shifts))
    assert report.published
    assert report.accepted == 0


def test_another_source_is_refused_and_replaces_on_demand(
    settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", "")])
    ingest([path], source(), settings)
    village = source(TOWN.replace('"town"', '"village"'))
    with pytest.raises(InputError, match=r"has incidents of source 'town', not 'village'"):
        ingest([path], village, settings)
    report = ingest([path], village, settings, replace=True)
    assert report.published
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    assert [len(snapshot.manifest.batches), snapshot.manifest.source.name] == [1, "village"]


def test_a_synthetic_snapshot_gives_way_to_a_real_one(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", "")])
    made_up = source(
        TOWN.replace('"town"', '"demo"').replace("[columns]", "synthetic = true\n[columns]")
    )
    ingest([path], made_up, settings)
    report = ingest([path], source(), settings)
    assert report.published
    assert Note(NoteKind.SYNTHETIC_REPLACED) in report.notes
    with pytest.raises(InputError):
        ingest([path], made_up, settings)


def test_a_second_ingest_at_the_same_time_is_told_to_wait(
    settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", "")])
    with (
        Warehouse(settings.home).lock(),
        pytest.raises(BusyError, match="Another process is writing"),
    ):
        ingest([path], source(), settings)


def test_the_manifest_says_where_the_numbers_come_from(settings: Settings, tmp_path: Path) -> None:
    text = TOWN.replace("[columns]", "provisional_days = 7\n[columns]")
    rows = [Row("a", "2020-01-02", "x", ""), Row("b", "", "x", ""), Row("a", "2020-01-02", "x", "")]
    ingest([write(tmp_path / "x.csv", rows)], source(text), settings)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    manifest = snapshot.manifest
    (batch,) = manifest.batches
    assert (batch.read, batch.accepted, batch.quarantined, batch.duplicates) == (3, 1, 1, 1)
    assert [(file.name, file.rows) for file in batch.files] == [("x.csv", 3)]
    last = datetime(2020, 1, 2)
    assert manifest.last == f"{last:%Y-%m-%d}"
    assert manifest.provisional_from == f"{last - timedelta(days=6):%Y-%m-%d}"
    raw = settings.home / "raw" / batch.id
    assert (raw / "source.toml").read_text() == text
    kept = duckdb.sql(f"SELECT count(*) FROM '{raw}/0000-*.parquet'").fetchall()
    assert kept == [(3,)]
    Warehouse(settings.home).verify(snapshot)


def test_columns_and_tables_of_a_snapshot_are_the_agreed_ones(
    settings: Settings, tmp_path: Path
) -> None:
    ingest([write(tmp_path / "x.csv", [Row("a", "2020-01-02", "x", "")])], source(), settings)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
        columns = [row[0] for row in connection.execute("DESCRIBE quarantine").fetchall()]
    assert tables == {"incidents", "points", "offenses", "offense_groups", "quarantine"}
    assert columns == ["batch", "file", "line", "reason", "column", "value", "raw"]


def test_projected_coordinates_become_degrees(settings: Settings, tmp_path: Path) -> None:
    text = (
        TOWN.replace('type = "type"', 'x = "x"\ny = "y"')
        + "[coordinates]\ncrs = 'EPSG:2232'\nplaceholders = [[0, 0]]"
    )
    path = tmp_path / "x.csv"
    path.write_text(
        "id,when,x,y,updated\n"
        'a,2020-01-02,"3,142,984.0000852",1699027.99996151,\n'
        "b,2020-01-02,0,0,\n"
        "c,2020-01-02,,,\n"
    )
    report = ingest([path], source(text), settings)
    assert report.files[0].placeholders == 1
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        found = connection.execute("SELECT lon, lat FROM incidents ORDER BY id").fetchall()
    # The publisher's own degrees for this place.
    assert found[0] == pytest.approx((-104.99147576, 39.75153828), abs=1e-4)
    assert found[1:] == [(None, None), (None, None)]


def test_rows_without_an_id_may_be_known_by_their_content(
    settings: Settings, tmp_path: Path
) -> None:
    text = TOWN.replace("[columns]", 'missing_id = "content"\n[columns]')
    alike = Row("", "2020-01-02", "x", "")
    path = write(tmp_path / "x.csv", [alike, alike, Row("", "2020-01-02", "y", "")])
    report = ingest([path], source(text), settings)
    assert (report.accepted, report.duplicates) == (3, 0)
    again = ingest([path], source(text), settings)
    assert (again.accepted, again.duplicates) == (0, 3)
