"""A small city with every incident several times over, so that its codes fill many blocks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from analytics.crossfilter.codes import encode
from analytics.incidents.checksums import checksums
from analytics.incidents.warehouse import Snapshot, Warehouse
from tests.integration.snapshots import SmallCity


def repeated(city: SmallCity, home: Path, times: int) -> Snapshot:
    """Write it as the served snapshot of a home folder, with checksums."""
    name = f"{city.snapshot.id}-times-{times}"
    folder = home / "snapshots" / name
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "incidents.duckdb")) as connection:
        connection.execute(f"ATTACH '{city.snapshot.database}' AS small (READ_ONLY)")
        for table in ("points", "offenses", "offense_groups", "labels"):
            connection.execute(f"CREATE TABLE {table} AS FROM small.{table}")
        connection.execute(
            f"CREATE TABLE incidents AS SELECT i.* FROM small.incidents i, range({times}) "
            "ORDER BY occurred_from, id"
        )
        encode(connection, folder)
    manifest = replace(
        city.snapshot.manifest,
        id=name,
        incidents=city.snapshot.manifest.incidents * times,
        checksums=checksums(folder),
    )
    manifest.write(folder / "manifest.json")
    (home / "current").write_text(name + "\n", encoding="utf-8")
    return Warehouse(home).get(name)


def copy_snapshot(snapshot: Snapshot, home: Path) -> None:
    """Copy a snapshot's folder to another home folder, as a worker has it."""
    shutil.copytree(snapshot.path, home / "snapshots" / snapshot.id)
