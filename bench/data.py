"""Warehouses of any size: the demo city or a file, repeated with jitter.

Rows keep their codes, flags, time of day and weekday. Each copy gets a new id, another week and a
nearby place. From table `merged` on, the ingest's own steps process the rows, so that the product
can serve them.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from analytics.crossfilter import codes
from analytics.demo.build import build_demo
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest import pipeline
from analytics.ingest.merge import Merged
from analytics.ingest.normalize import create_incoming, hash_sql, stored_columns
from analytics.ingest.quarantine import write_quarantine
from analytics.settings import Settings
from analytics.sources.source import Source

HOME_VARIABLE = "PATROLIQ_BENCH_HOME"
GENERATOR = 1  # raise it when the same arguments give other incidents
BASE_INCIDENTS = 500_000
BASE_UNTIL = date(2026, 11, 20)
PER_DAY = 865  # incidents per day of a large city; more incidents mean more days, to LONGEST_DAYS
SHORTEST_DAYS, LONGEST_DAYS = 1_092, 9_254  # three years and 304 months, in whole weeks
PLACES_BESIDE = 100  # ranks that a place moves in the list of places sorted by beat and position
MARKER = "bench.json"
PLACE_COLUMNS = ("block", "beat", "district", "ward", "area", "lat", "lon")


def bench_folder() -> Path:
    """Folder of the benchmarks' warehouses."""
    given = os.environ.get(HOME_VARIABLE)
    return Path(given).expanduser() if given else Path(tempfile.gettempdir()) / "patroliq-bench"


def bench_settings(home: Path, **values: Any) -> Settings:
    """Settings of a benchmark with its own home folder."""
    return Settings(home=home, **values)


def warehouse_of(incidents: int, file: Path | None = None, source: str = "chicago") -> Path:
    """Home folder of a warehouse with a number of incidents; built once and kept.

    Parameters
    ----------
    incidents : int
    file : Path, optional
        An agency's file to repeat; by default the demo city.
    source : str
        Source of that file.
    """
    kind = f"{file.stem}-{file.stat().st_size}" if file else "demo"
    home = bench_folder() / f"{kind}-{incidents}"
    marker = {
        "generator": GENERATOR,
        "schema": SCHEMA_VERSION,
        "codes": codes.VERSION,
        "incidents": incidents,
    }
    if _marker(home) == marker and Warehouse(home).current_id():
        return home
    shutil.rmtree(home, ignore_errors=True)
    base = _base(min(incidents, BASE_INCIDENTS), file, source)
    grow(base, home, incidents)
    (home / MARKER).write_text(json.dumps(marker), encoding="utf-8")
    return home


@contextmanager
def copied(home: Path) -> Iterator[Path]:
    """A copy of a home folder to write to, which shares the snapshots; removed afterwards."""
    copy = Path(tempfile.mkdtemp(dir=bench_folder()))

    def link_or_copy(source: str, target: str) -> None:
        shared = Path(source).relative_to(home).parts[0] == "snapshots"
        (os.link if shared else shutil.copy2)(source, target)

    try:
        shutil.copytree(home, copy, dirs_exist_ok=True, copy_function=link_or_copy)
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def grow(base: Path, home: Path, incidents: int) -> Snapshot:
    """Publish a number of incidents in `home`, made from the snapshot that `base` serves."""
    stored = Warehouse(base).current()
    if stored is None:
        raise FileNotFoundError(f"{base} holds no snapshot")
    source = Source.load(stored.manifest.source.name)
    settings = bench_settings(home, memory_limit="4GB")
    shutil.copytree(stored.path / "outlines", home / "outlines", dirs_exist_ok=True)
    with _run(settings, source) as run:
        merged = _repeat(run, stored, incidents)
        _publish(run, merged)
    shutil.rmtree(home / "raw", ignore_errors=True)
    published = Warehouse(home).current()
    if published is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    return published


def _base(incidents: int, file: Path | None, source: str) -> Path:
    home = bench_folder() / (f"base-{file.stem}" if file else f"base-{incidents}")
    if Warehouse(home).current_id() is None:
        settings = bench_settings(home)
        if file is None:
            build_demo(settings, incidents, 1, BASE_UNTIL, lambda _what, _share: None)
        else:
            pipeline.ingest([file], Source.load(source), settings)
    return home


def _marker(home: Path) -> Any:
    try:
        return json.loads((home / MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


@contextmanager
def _run(settings: Settings, source: Source) -> Iterator[pipeline._Run]:
    """An ingest after reading its files; the pipeline's own steps follow."""
    warehouse = Warehouse(settings.home)
    with warehouse.lock(), warehouse.staging() as folder:
        for name in ("raw", "snapshot", "temporary"):
            (folder / name).mkdir()
        connection = pipeline._connect(folder, source, settings)
        try:
            yield pipeline._Run(
                connection, source, settings, folder, None, lambda _what, _share: None, []
            )
        finally:
            connection.close()


def _publish(run: pipeline._Run, merged: Merged) -> None:
    write_quarantine(run.connection, run.batch, False)
    conditions = pipeline._conditions(run)
    report = pipeline._report(run, merged, False)
    derived = pipeline.derive(run.connection, run.source, run.settings, run.crs_local)
    manifest = pipeline._manifest(run, report, derived, conditions)
    pipeline._publish(run, Warehouse(run.settings.home), report, manifest)


def _repeat(run: pipeline._Run, stored: Snapshot, incidents: int) -> Merged:
    """Create table `merged`."""
    connection, source = run.connection, run.source
    create_incoming(connection, source)
    path = str(stored.database).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS base (READ_ONLY)")
    _make_base(connection)
    span = _span(incidents)
    columns = stored_columns(source)
    own = {
        "id": "concat('B', lpad(number::VARCHAR, 9, '0'))",
        "case_number": "concat('C', lpad(number::VARCHAR, 9, '0'))",
        **{name: f"places.{name}" for name in PLACE_COLUMNS},
    }
    moved = {
        name: f"base_rows.{name} + moved AS {name}"
        for name, kind in columns.items()
        if kind == "TIMESTAMP"
    }
    listed = [
        moved.get(name, f"{own.get(name, f'base_rows.{name}')} AS {name}") for name in columns
    ]
    connection.execute(
        REPEAT.format(columns=", ".join(listed), hash=hash_sql(source)),
        {"incidents": incidents, "span": span, "weeks": span // 7, "beside": PLACES_BESIDE},
    )
    connection.execute("DROP TABLE base_rows")
    connection.execute("DROP TABLE places")
    connection.execute("DETACH base")
    return Merged(incidents, 0, 0)


def _span(incidents: int) -> int:
    """Number of days of the incidents, in whole weeks."""
    days = min(max(incidents // PER_DAY, SHORTEST_DAYS), LONGEST_DAYS)
    return days // 7 * 7


def _make_base(connection: duckdb.DuckDBPyConnection) -> None:
    names = ", ".join(PLACE_COLUMNS)
    connection.execute(
        "CREATE TEMP TABLE base_rows AS SELECT *, "
        "row_number() OVER (ORDER BY hash(id), id) - 1 AS turn, "
        "row_number() OVER (ORDER BY district, beat, lat, lon, id) - 1 AS place, "
        "date_diff('day', (SELECT min(operational_day) FROM base.incidents), operational_day) "
        "AS day_number FROM base.incidents"
    )
    connection.execute(f"CREATE TEMP TABLE places AS SELECT place, {names} FROM base_rows")


# A row moves by whole weeks around a circle of `span` days that ends with the base's last week.
REPEAT = """
CREATE TEMP TABLE merged AS
WITH size AS (SELECT count(*) AS rows, min(operational_day) AS first,
                     date_diff('day', min(operational_day), max(operational_day)) AS days
              FROM base_rows),
drawn AS (
    SELECT number, number % rows AS turn, hash(number, 17) AS dice, rows, days
    FROM range($incidents) AS numbers(number), size
),
placed AS (
    SELECT
        drawn.number,
        base_rows.turn,
        greatest(0, least(rows - 1,
            base_rows.place + (dice % (2 * $beside + 1))::BIGINT - $beside)) AS place,
        to_days((
            (day_number + 7 * ((dice // 1024) % $weeks)::BIGINT) % $span
            + (days - $span + 1) // 7 * 7 - day_number
        )::INTEGER) AS moved
    FROM drawn JOIN base_rows USING (turn)
)
SELECT *, {hash} AS row_hash FROM (
    SELECT {columns}
    FROM placed JOIN base_rows USING (turn) JOIN places ON places.place = placed.place
)
"""
