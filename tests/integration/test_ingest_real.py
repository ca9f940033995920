"""Real exports load whole, and the numbers equal those of readers of other makes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from analytics.cli.ingest import command as ingest_command
from analytics.cli.quarantine import command as quarantine_command
from analytics.cli.snapshots import command as snapshots_command
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source

pytestmark = pytest.mark.real_data

CHICAGO = "chicago_crimes_2014_2018.parquet"
FEBRUARY = "chicago_crimes_2025-02_raw.csv"


def current(settings: Settings) -> Snapshot:
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    return snapshot


def rows(settings: Settings, sql: str) -> list[Any]:
    with duckdb.connect(str(current(settings).database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def exact(report: IngestReport) -> tuple[int, int, int, int]:
    assert report.read == report.accepted + report.quarantined + report.duplicates
    return report.read, report.accepted, report.quarantined, report.duplicates


def python_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, restval=""))


@pytest.fixture(scope="module")
def chicago(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The whole Parquet file, then February 2025 on top, then February again."""
    settings = Settings(home=tmp_path_factory.mktemp("chicago"))
    source = Source.load("chicago")
    assert exact(ingest([real_data / CHICAGO], source, settings)) == (1_306_393, 1_306_393, 0, 0)
    assert exact(ingest([real_data / FEBRUARY], source, settings)) == (15_448, 15_448, 0, 0)
    again = ingest([real_data / FEBRUARY], source, settings)
    assert exact(again) == (15_448, 0, 0, 15_448)
    assert not again.published
    return settings


def test_chicago_loads_whole(chicago: Settings, real_data: Path) -> None:
    manifest = current(chicago).manifest
    assert manifest.incidents == 1_306_393 + 15_448
    assert (manifest.first, manifest.last) == ("2014-01-01", "2025-02-28")
    assert [batch.read for batch in manifest.batches] == [1_306_393, 15_448]
    assert manifest.unknown["place"] == 13_084 + 5 + 10  # none, placeholder, none in 2025


@pytest.mark.parametrize(
    ("column", "theirs"),
    [
        ("district", "District"),
        ("beat", "Beat"),
        ("ward", "Ward"),
        ("code", "IUCR"),
        ("fbi_code", '"FBI Code"'),
        ("arrest", "Arrest"),
        ("domestic", "Domestic"),
        ("hour", "hour(strptime(Date, '%m/%d/%Y %I:%M:%S %p'))"),
        ("operational_day", "strptime(Date, '%m/%d/%Y %I:%M:%S %p')::DATE"),
    ],
)
def test_chicago_counts_equal_those_of_the_files(
    chicago: Settings, real_data: Path, column: str, theirs: str
) -> None:
    found = dict(rows(chicago, f"SELECT {column}::VARCHAR, count(*) FROM incidents GROUP BY 1"))
    with duckdb.connect() as connection:
        expected = connection.execute(
            f"SELECT ({theirs})::VARCHAR, count(*) FROM ("
            f"SELECT * FROM '{real_data / CHICAGO}' UNION ALL BY NAME "
            f"SELECT * FROM read_csv('{real_data / FEBRUARY}', all_varchar = true)) GROUP BY 1"
        ).fetchall()
    assert found == dict(expected)


def test_san_francisco_loads_whole(settings: Settings, real_data: Path) -> None:
    path = real_data / "sfpd_incidents_2018-12.csv"
    report = ingest([path], Source.load("san_francisco"), settings)
    assert exact(report) == (11_884, 11_884, 0, 0)
    expected = python_rows(path)
    assert len(expected) == 11_884
    assert report.unknown["place"] == sum(not row["Latitude"] for row in expected)
    found = dict(rows(settings, "SELECT code, count(*) FROM incidents GROUP BY code"))
    assert found == Counter(row["Incident Code"] for row in expected)
    arrests = rows(settings, "SELECT count(*) FROM incidents WHERE arrest")[0][0]
    assert arrests == sum("Arrest" in row["Resolution"] for row in expected)


def test_denver_loads_whole_with_its_ragged_rows(settings: Settings, real_data: Path) -> None:
    path = real_data / "denver_crime_split_30_raw.csv"
    report = ingest([path], Source.load("denver"), settings)
    assert exact(report) == (10_000, 10_000, 0, 0)
    expected = python_rows(path)
    assert len(expected) == 10_000
    found = dict(rows(settings, "SELECT hour, count(*) FROM incidents GROUP BY hour"))
    moments = (row["FIRST_OCCURRENCE_DATE"] for row in expected)
    assert found == Counter(datetime.strptime(m, "%m/%d/%Y %I:%M:%S %p").hour for m in moments)
    spans = rows(settings, "SELECT count(occurred_to), count(reported) FROM incidents")
    assert spans == [
        (
            sum(bool(row["LAST_OCCURRENCE_DATE"]) for row in expected),
            sum(bool(row["REPORTED_DATE"]) for row in expected),
        )
    ]


def test_the_portal_s_json_gives_the_same_incidents_as_its_export(
    settings: Settings, real_data: Path, tmp_path: Path
) -> None:
    names = {"ID": "id", "IUCR": "iucr", "Updated On": "updated_on", "FBI Code": "fbi_code"}
    path = tmp_path / "page.json"
    page = []
    for row in python_rows(real_data / FEBRUARY):
        item = {
            names.get(name, name.lower().replace(" ", "_")): value
            for name, value in row.items()
            if value and name != "Location"
        }
        for name in ("date", "updated_on"):
            moment = datetime.strptime(item[name], "%m/%d/%Y %I:%M:%S %p")
            item[name] = moment.isoformat(timespec="milliseconds")
        page.append(item)
    path.write_text(json.dumps(page))
    source = Source.load("chicago")
    assert exact(ingest([path], source, settings)) == (15_448, 15_448, 0, 0)
    assert exact(ingest([real_data / FEBRUARY], source, settings)) == (15_448, 0, 0, 15_448)


def test_the_command_line_prints_one_json_result(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(tmp_path / "warehouse"))
    whole = (real_data / FEBRUARY).read_text().splitlines(keepends=True)
    path = tmp_path / "cut.csv"
    path.write_text("".join(whole[:101]) + "13761218,JJ1644")
    runner = CliRunner()
    done = runner.invoke(ingest_command, [str(path), "--source", "chicago", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    counts = [result[name] for name in ("read", "accepted", "quarantined", "duplicates")]
    assert counts == [101, 100, 1, 0]
    listed = json.loads(runner.invoke(quarantine_command, ["list", "--json"]).stdout)
    assert listed["total"] == 1
    assert (listed["rows"][0]["line"], listed["rows"][0]["raw"]) == (102, "13761218,JJ1644")
    target = tmp_path / "refused.jsonl"
    done = runner.invoke(quarantine_command, ["export", str(target), "--json"])
    assert json.loads(done.stdout) == {"path": str(target), "rows": 1}
    assert json.loads(target.read_text())["line"] == 102
    first = result["snapshot"]
    path.write_text("".join(whole))
    second = json.loads(
        runner.invoke(ingest_command, [str(path), "--source", "chicago", "--json"]).stdout
    )
    assert (second["accepted"], second["duplicates"]) == (15_348, 100)
    listed = json.loads(runner.invoke(snapshots_command, ["list", "--json"]).stdout)
    assert [row["id"] for row in listed["snapshots"]] == [second["snapshot"], first]
    assert json.loads(runner.invoke(snapshots_command, ["rollback", first, "--json"]).stdout) == {
        "snapshot": first
    }
    verified = json.loads(runner.invoke(snapshots_command, ["verify", "--json"]).stdout)
    assert (verified["snapshot"], verified["verified"]) == (first, True)
