"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

# Workers share the cores: the threads of OpenMP and BLAS would wait for each other, spinning, ten
# times as long as they compute. Read when numpy loads, so before anything of ours.
if "PYTEST_XDIST_WORKER" in os.environ:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

from analytics import formats
from analytics.settings import Settings


def pytest_collection_finish() -> None:
    """What collecting leaves stays: looking for garbage in it again and again takes a while."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    gc.unfreeze()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real files; the test is skipped where it is missing."""
    folder = Path(os.environ.get("PATROLIQ_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set PATROLIQ_REAL_DATA")
    return folder


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
