"""Analysts, loads and a training at once for some seconds: no error, and nothing is lost."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from analytics.demo.build import build_demo
from analytics.settings import Settings
from bench.data import HOME_VARIABLE
from bench.soak import RECORDS, soak
from tests.built_once import build_once

MINUTES = 2


def test_work_without_errors_in_which_no_acknowledged_incident_is_lost(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(home: Path) -> None:
        build_demo(Settings(home=home), 8_000, 1, date(2026, 10, 31), lambda _what, _share: None)

    home = Path(
        shutil.copytree(build_once(tmp_path_factory, "city_of_8000", build), tmp_path / "h")
    )
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    found = soak(home, MINUTES, analysts=4, minute_s=8.0)
    assert [row["first_errors"] for row in found["rows"]] == [[]] * MINUTES
    assert [row["ready"] for row in found["rows"]] == ["ready"] * MINUTES
    assert all(row["requests"] >= 4 and len(row["web"]) == 2 for row in found["rows"])
    assert (found["sent"], found["lost"], found["failed_jobs"]) == (MINUTES * RECORDS, 0, [])
