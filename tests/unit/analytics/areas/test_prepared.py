"""Prepared shapes belong to one thread: shapes that threads share are never prepared."""

from __future__ import annotations

import subprocess
import sys

import pytest
import shapely

from analytics.areas.prepared import prepared
from tests import ROOT

ASKED_BY_FOUR_THREADS = """
import threading
import numpy as np
import shapely
from analytics.hotspots.fishnet import fishnet_over

angles = np.linspace(0, 2 * np.pi, 400)
radius = 5_000 + 500 * np.cos(40 * angles)
city = shapely.Polygon(np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1))
together = threading.Barrier(4)

def ask():
    together.wait()
    for _ in range(40):
        fishnet_over(city, 200, "EPSG:26971")

threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_a_prepared_shape_is_a_copy() -> None:
    shape = shapely.box(0, 0, 1, 1)
    own = prepared(shape)
    assert shapely.is_prepared(own)
    assert not shapely.is_prepared(shape)
    assert own.equals_exact(shape)


def test_threads_that_ask_for_the_cells_of_one_city_do_not_end_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED_BY_FOUR_THREADS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("room", ["analytics", "callbacks", "api", "components"])
def test_shapes_are_prepared_in_one_place(room: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / room).rglob("*.py")
        if "shapely.prepare(" in path.read_text(encoding="utf-8")
    }
    assert found <= {"analytics/areas/prepared.py"}
