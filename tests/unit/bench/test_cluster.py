"""The benchmark of a cluster: what it simulates, and the codes that it writes in a stream."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.codes import DAY, POINT
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings
from bench import coded_copies
from bench.cluster import BYTES_PER_S, CORES, MACHINES, pays_from, simulated_ms
from tests.integration.snapshots import build

ROW = {
    "alone_processor_ms": 510.0,
    "scan_processor_ms": 500.0,
    "blocks": 6_104,  # of 12,208: half of the incidents are read
    "round_trip_ms": {"2": 12.0, "4": 13.0, "8": 16.0, "16": 24.0},
    "answer_kb": 250.0,
    "add_ms": 0.1,
}
MEASURED = 100_000_000


def test_one_machine_shares_the_scan_between_its_processors() -> None:
    assert simulated_ms(ROW, MEASURED, MEASURED, 1) == pytest.approx(260)


def test_machines_share_the_scan_and_add_what_they_cost() -> None:
    wire = 4 * 250e3 / BYTES_PER_S * 1000
    expected = 10 + 13 + 500 / (4 * CORES) + wire + 4 * 0.1
    assert simulated_ms(ROW, MEASURED, MEASURED, 4) == pytest.approx(expected)


@pytest.mark.parametrize("machines", MACHINES)
def test_it_pays_from_where_both_take_the_same(machines: int) -> None:
    incidents, read = pays_from(ROW, MEASURED, machines)
    one, more = (simulated_ms(ROW, incidents, MEASURED, count) for count in (1, machines))
    assert one == pytest.approx(more)
    assert read == pytest.approx(incidents / 2, rel=1e-3)


def test_streamed_codes_are_those_of_the_smaller_city_several_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coded_copies, "STRETCH", 150)
    city = build(tmp_path / "city", seed=9, incidents=400)
    coded_copies._write(city.snapshot, tmp_path / "home", 1_000)
    found = Warehouse(tmp_path / "home").current()
    assert found is not None
    assert found.changed() == []
    before, after = CodeFiles(city.snapshot), CodeFiles(found)
    assert after.rows == 1_000
    for name in before.columns:
        counts = after.sums(name)[0]
        assert counts.tolist() == np.bincount(after.codes(name), minlength=len(counts)).tolist()
        assert (np.abs(counts - 2.5 * before.sums(name)[0]) <= before.sums(name)[0]).all(), name
    known = after.codes(DAY)[after.codes(DAY) < after.columns[DAY].codes - 1]
    stretches = np.array_split(known, 3)
    assert all(one.max() <= other.max() for one, other in pairwise(stretches))
    assert len(np.unique(after.codes(POINT))) == len(np.unique(before.codes(POINT)))
    scan = ScanCrossFilter(SnapshotReader(found, Settings()), after, compiled.load(), 1)
    total = scan.counts(EVERYTHING, Selection.parse("hour=0-23,unknown"), [view("day")])["day"]
    assert total["incidents"].sum() == 1_000
