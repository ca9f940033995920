"""Killing a sync at any moment loses no record that was acknowledged, and doubles none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.incidents.warehouse import Warehouse
from analytics.sync.run import sync
from tests import ROOT
from tests.integration.fed_town import FedTown, lines_of, record

LONG_AGO = 1_600_000_000
CHILD = """
import sys
from pathlib import Path
from analytics.settings import Settings
from analytics.sync.run import sync
home, source, drop = map(Path, sys.argv[1:])
settings = Settings(home=home, sync_sources=(str(source),), drop=drop, duckdb_threads=1)
print("ready", flush=True)
sync(settings)
print("done", flush=True)
"""
SENDER = """
import json, sys
from pathlib import Path
from analytics.inbox.inbox import Inbox
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source import Source
home, source, first = Path(sys.argv[1]), Source.load(sys.argv[2]), int(sys.argv[3])
inbox = Inbox(home, INCIDENTS)
for number in range(first, first + 100_000):
    row = {"Number": number, "When": "2026-01-02", "Offense": "THEFT", "Changed": "2026-01-03"}
    inbox.accept(source, [json.dumps(row).encode()])
    print(number, flush=True)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def kill_often(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    town = FedTown(folder, drop=folder / "drop").begin()
    drop = folder / "drop"
    drop.mkdir()
    expected = {"first"}
    for number in range(kills):
        ids = [f"{number}-{one}" for one in range(chance.randrange(1, 4))]
        for one in ids:
            assert town.send(record(one)).accepted == 1
        path = drop / f"{number}.jsonl"
        path.write_text(lines_of(record(f"file-{number}")), encoding="utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))
        expected |= {*ids, f"file-{number}"}
        with start(CHILD, town.settings.home, town.path, drop) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 1.5))
            child.send_signal(signal.SIGKILL)
        waiting = {one.id for request in town.inbox.waiting() for one in request.sent()}
        lost = expected - set(town.served()) - waiting
        assert not {one for one in lost if not one.startswith("file-")}
    assert [error for one in sync(town.settings) for error in one.all_errors] == []
    assert set(town.served()) == expected
    assert not town.inbox.waiting()
    assert town.quarantine() == []
    rests = [one.name for one in (town.settings.home / "temporary").iterdir()]
    assert rests == []


def test_a_sync_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=5, seed=1)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_sync_that_is_often_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=60, seed=2)


def test_a_sender_that_is_killed_has_sent_what_was_acknowledged(tmp_path: Path) -> None:
    town = FedTown(tmp_path).begin()
    acknowledged: set[str] = set()
    chance = random.Random(3)  # noqa: S311
    for round_ in range(5):
        with start(SENDER, town.settings.home, town.path, 1_000_000 * round_) as child:
            assert child.stdout is not None
            acknowledged.add(child.stdout.readline().strip())
            time.sleep(chance.uniform(0.0, 0.3))
            child.send_signal(signal.SIGKILL)
            acknowledged |= set(child.stdout.read().split("\n")[:-1])
    assert [error for one in sync(town.settings) for error in one.all_errors] == []
    assert acknowledged <= set(town.served())
    assert Warehouse(town.settings.home).current() is not None
