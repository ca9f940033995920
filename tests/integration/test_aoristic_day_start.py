"""Aoristic hours of a snapshot whose operational day starts at half past, against plain SQL."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import numpy as np

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.demo.build import build_demo
from analytics.services import Services
from analytics.settings import Settings
from analytics.temporal.aoristic import aoristic


def test_hours_are_those_of_the_clock(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", day_start=time(6, 30))
    build_demo(settings, 2_000, 1, date(2026, 10, 31), lambda _what, _share: None)
    pinned = Services(settings).pin()
    assert pinned
    assert pinned.snapshot.manifest.settings["day_start"] == "06:30"
    found = aoristic(pinned.reader, EVERYTHING, Selection.parse(""))
    assert not found.spans
    by_hour = np.zeros(24)
    for hour, incidents in pinned.reader.frame(
        "SELECT hour, count(*) FROM incidents WHERE hour IS NOT NULL GROUP BY hour"
    ).iter_rows():
        by_hour[hour] = incidents
    np.testing.assert_array_equal(found.weights.sum(axis=0), by_hour)
