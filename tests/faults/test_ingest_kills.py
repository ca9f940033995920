"""Killing ingest at any moment leaves what is served untouched, and the next ingest works."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from tests import ROOT

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "id"
occurred_from = "when"
type = "type"
lat = "lat"
lon = "lon"
district = "district"
[dates]
formats = "%Y-%m-%d"
"""
ROWS = 500
CHILD = """
import sys
from pathlib import Path
from analytics.ingest.pipeline import ingest
from analytics.sources.source import Source
from analytics.settings import Settings
home, source, path = map(Path, sys.argv[1:])
print("ready", flush=True)
ingest([path], Source.load(source), Settings(home=home, duckdb_threads=1))
print("done", flush=True)
"""


class Town:
    """A warehouse, and a file for each generation: all incidents change their type."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "warehouse"
        self.source = folder / "town.toml"
        self.source.write_text(TOWN)
        self.folder = folder

    def file(self, generation: int) -> Path:
        path = self.folder / f"{generation}.csv"
        body = (
            f"{n},2020-01-{n % 28 + 1:02d},type {generation},41.{n:03d},-87.6,{n % 5}"
            for n in range(ROWS)
        )
        path.write_text("\n".join(["id,when,type,lat,lon,district", *body]) + "\n")
        return path

    def ingest(self, generation: int) -> None:
        source = Source.load(self.source)
        ingest([self.file(generation)], source, Settings(home=self.home, duckdb_threads=1))

    def start(self, generation: int) -> subprocess.Popen[str]:
        path = self.file(generation)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(self.home), str(self.source), str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        return child

    def served(self) -> int:
        """Generation being served, after checking that it is whole and unchanged."""
        warehouse = Warehouse(self.home)
        snapshot = warehouse.current()
        assert snapshot is not None
        warehouse.verify(snapshot)
        with duckdb.connect(str(snapshot.database), read_only=True) as connection:
            found = connection.execute(
                "SELECT type, count(*) FROM incidents GROUP BY type"
            ).fetchall()
        ((kind, count),) = found
        assert count == ROWS == snapshot.manifest.incidents
        return int(kind.removeprefix("type "))


def kill_often(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    town = Town(folder)
    town.ingest(0)
    with town.start(1) as child:
        started = time.monotonic()
        assert child.wait() == 0
        duration_s = time.monotonic() - started
    served, killed = 1, 0
    assert town.served() == served
    for number in range(kills):
        generation = number + 2
        with town.start(generation) as child:
            started = time.monotonic()
            try:
                child.wait(duration_s * (number + chance.random()) / kills)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            else:  # the machine is faster than before
                duration_s = time.monotonic() - started
        killed += child.returncode == -signal.SIGKILL
        found = town.served()
        assert found in (served, generation)
        served = found
    assert killed >= kills // 2
    town.ingest(kills + 2)
    assert town.served() == kills + 2
    assert not list((town.home / "staging").iterdir())
    warehouse = Warehouse(town.home)
    batches = {batch.id for manifest in warehouse.list() for batch in manifest.batches}
    assert {path.name for path in (town.home / "raw").iterdir()} <= batches


def test_ten_kills_leave_served_data_untouched(tmp_path: Path) -> None:
    kill_often(tmp_path, 10, seed=1)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_two_hundred_kills_leave_served_data_untouched(tmp_path: Path) -> None:
    kill_often(tmp_path, 200, seed=2)
