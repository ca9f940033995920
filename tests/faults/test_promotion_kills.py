"""A promotion killed at any step changes nothing, or is decided and completed by a repair."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from analytics.artifacts.bundle import champion_version
from analytics.artifacts.champions import decisions
from analytics.artifacts.index import read_index
from analytics.cli.doctor import command as doctor
from analytics.cli.models import command as models
from analytics.demo.build import build_demo
from analytics.demo.city import build_city
from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from analytics.diagnosis import diagnose
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.training.promote import promote
from analytics.training.registry import ALIAS, Registry
from analytics.training.train import train
from tests import ROOT

NAME = "zones_kmeans"
UNTIL = date(2026, 10, 31)
CHILD = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
import analytics.training.promote as module
home, owner, *names, step = sys.argv[1:]
place = import_module(owner)
for name in names:
    place = getattr(place, name)
setattr(place, step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
module.judge = lambda *_: []
module.promote("zones_kmeans", 2, "Better", module.Settings(home=Path(home)))
"""
UNDECIDED = "analytics.artifacts.champions _add"
DECIDED = (
    "analytics.incidents.warehouse Warehouse publish",
    "analytics.incidents.warehouse Warehouse point_to",
    "analytics.training.promote set_champion",
    "analytics.training.registry Registry move_alias",
    "analytics.training.registry write_index",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, the first one champion."""
    home = tmp_path_factory.mktemp("trained") / "home"
    settings = Settings(home=home)
    build_demo(settings, 5_000, 1, UNTIL, lambda _what, _share: None)
    for k in ("6", "8"):
        train([NAME], settings, parameters={"bootstraps": "2", "k": k})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analytics.training.promote.judge", lambda *_: [])
        promote(NAME, 1, "First", settings)
    return home


@pytest.fixture
def settings(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    home = Path(shutil.copytree(trained, tmp_path / "home"))
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    return Settings(home=home)


def kill_at(step: str, settings: Settings) -> None:
    """Promote version 2, and die where this step would begin."""
    command = [sys.executable, "-c", CHILD, str(settings.home), *step.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def told(settings: Settings) -> dict[str, int | None]:
    """Who is champion, by each place that says so."""
    current = Warehouse(settings.home).current()
    assert current
    versions = read_index(settings.home)["versions"]
    (in_index,) = [row["version"] for row in versions if row["champion"]]
    client = Registry(settings).runs.client
    return {
        "decision": decisions(settings)[NAME].version,
        "champion.json": champion_version(settings.home, NAME),
        "labels": int(current.manifest.model_versions[NAME]),
        "alias": int(client.get_model_version_by_alias(NAME, ALIAS).version),
        "index": in_index,
    }


def diagnosis(settings: Settings) -> str:
    (status,) = [
        check.status for check in diagnose(settings, ROOT, {}) if check.name == "champions"
    ]
    return status


def run(command: object, *arguments: str) -> None:
    command.main(arguments, standalone_mode=False)  # type: ignore[attr-defined]


def test_killed_before_the_decision_nothing_has_changed(settings: Settings) -> None:
    kill_at(UNDECIDED, settings)
    assert set(told(settings).values()) == {1}
    assert diagnosis(settings) == "ok"


@pytest.mark.parametrize("step", DECIDED)
def test_killed_after_the_decision_a_repair_completes_it(settings: Settings, step: str) -> None:
    kill_at(step, settings)
    before = told(settings)
    assert before["decision"] == 2
    assert 1 in before.values()
    assert diagnosis(settings) == "warning"
    run(doctor, "--repair")
    assert set(told(settings).values()) == {2}
    assert diagnosis(settings) == "ok"
    current = Warehouse(settings.home).current()
    assert current
    Warehouse(settings.home).verify(current)


def test_the_list_of_models_completes_it_too(settings: Settings) -> None:
    kill_at(DECIDED[0], settings)
    run(models, "list")
    assert set(told(settings).values()) == {2}


def test_the_next_ingest_publishes_the_labels_that_were_decided(
    settings: Settings, tmp_path: Path
) -> None:
    kill_at(DECIDED[0], settings)
    profile = DemoProfile.load()
    more = generate(profile, 300, 9, UNTIL, build_city(profile))
    more.rows.write_parquet(tmp_path / "more.parquet")
    ingest([tmp_path / "more.parquet"], Source.load("demo"), settings)
    after = told(settings)
    assert (after["labels"], after["champion.json"]) == (2, 2)
