"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

# Workers share the cores: the threads of OpenMP and BLAS would wait for each other, spinning, ten
# times as long as they compute. Read when numpy loads, so before anything of ours.
if "PYTEST_XDIST_WORKER" in os.environ:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

from analytics import formats
from analytics.access.reader import begin_reading, open_access
from analytics.access_log import AccessLog
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from tests.built_once import build_once

CHICAGO = "chicago_crimes_2014_2018.parquet"
"""Five years of incidents among the real files."""


begin_reading(open_access("tests"))
"""Tests that ask pages without a request read as the web does where no accounts are kept."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case by the size of its bytes: packed ones hold the time, and workers must agree."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """What collecting leaves stays: looking for garbage in it again and again takes a while."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _access_logs_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the logs that a test's own apps made: their threads would write into later tests."""
    made: list[AccessLog] = []
    create = AccessLog.__init__

    def create_and_note(log: AccessLog, *given: Any, **named: Any) -> None:
        create(log, *given, **named)
        made.append(log)

    monkeypatch.setattr(AccessLog, "__init__", create_and_note)
    yield
    for log in made:
        log.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real files; the test is skipped where it is missing."""
    folder = Path(os.environ.get("PATROLIQ_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set PATROLIQ_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def ingested_chicago(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home folder with the whole real file of Chicago; to be copied or only read."""

    def build(home: Path) -> None:
        ingest([real_data / CHICAGO], Source.load("chicago"), Settings(home=home))

    return build_once(tmp_path_factory, "chicago", build)


@pytest.fixture(scope="module")
def chicago_home(ingested_chicago: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the ingested file, the module's own."""
    return Path(shutil.copytree(ingested_chicago, tmp_path_factory.mktemp("chicago") / "home"))


@pytest.fixture(autouse=True, scope="module")
def formats_of_the_next_module() -> Iterator[None]:
    """What a module served may be of another country: its formats end with it."""
    yield
    formats.use("", "", "America/Chicago")


@pytest.fixture
def american() -> Iterator[None]:
    """Formats of the United States, which the test may replace."""
    formats.use("", "", "America/Chicago")
    yield
    formats.use("", "", "America/Chicago")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose warehouse is a fresh folder."""
    return Settings(home=tmp_path / "warehouse")
