"""Counts on workers of a cluster equal those of one machine, and of looking at every incident."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.cluster import code_segments
from analytics.cluster.code_segments import CodeSegments, NarrowSums
from analytics.cluster.connection import Cluster
from analytics.cluster.own_answer import OrOwnAnswer
from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.incidents.reader import SnapshotReader
from analytics.settings import Settings
from tests.integration.every_incident import OWNED, brute_force
from tests.integration.repeated_city import copy_snapshot, repeated
from tests.integration.snapshots import SmallCity, build
from tests.integration.test_crossfilter_properties import selections

TIMES = 240
WORKERS = 5


class SomeWorkers(Cluster):
    """A cluster that is asked for as many segments as a test wants."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.segments = WORKERS
        self.answered: list[int] = []

    def workers(self) -> dict[str, int]:
        return dict(list(super().workers().items())[: self.segments])

    def results(self, futures: list[Any]) -> list[Any]:
        self.answered.append(len(futures))
        return super().results(futures)


class Town:
    """A city on this machine and, as a copy, on the workers."""

    def __init__(self, city: SmallCity, folder: Path, cluster: SomeWorkers) -> None:
        self.city = city
        self.cluster = cluster
        self.snapshot = repeated(city, folder / "home", TIMES)
        copy_snapshot(self.snapshot, folder / "worker")
        reader = SnapshotReader(self.snapshot, Settings(duckdb_threads=1))
        kernels, files = compiled.load(), CodeFiles(self.snapshot)
        segments = CodeSegments(cluster, self.snapshot, 0)
        self.alone = ScanCrossFilter(reader, files, kernels, 1)
        self.together = ScanCrossFilter(reader, files, kernels, 1, segments)

    def expected(self, scope: Scope, selection: Selection, name: str) -> list[tuple[Any, ...]]:
        """What looking at every incident counts, each one as often as it is stored."""
        rows = brute_force(self.city, scope, selection, name)
        return [(*row[:-3], *(TIMES * measure for measure in row[-3:])) for row in rows]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("cluster")
    city = build(folder / "city", seed=5, incidents=400)
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as local,
    ):
        patch.setenv("PATROLIQ_HOME", str(folder / "worker"))
        patch.setattr(code_segments, "LEAST_BLOCKS", 1)
        patch.setattr(OrOwnAnswer, "ask", lambda _self, question: question())  # no way back
        with closing(SomeWorkers(local.scheduler_address)) as cluster:
            yield Town(city, folder, cluster)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    segments=st.integers(1, WORKERS),
    scope=selections(most=2).map(Scope),
    selection=selections(most=4),
    names=st.lists(st.sampled_from(sorted(OWNED)), min_size=1, max_size=8, unique=True),
)
def test_counts_of_segments_equal_one_machine_and_looking_at_every_incident(
    town: Town, segments: int, scope: Scope, selection: Selection, names: list[str]
) -> None:
    town.cluster.segments = segments
    views = [view(name) for name in names]
    alone = town.alone.counts(scope, selection, views)
    together = town.together.counts(scope, selection, views)
    assert list(together) == list(alone) == names
    for name in names:
        assert together[name].equals(alone[name]), name
        assert together[name].schema == alone[name].schema
        assert together[name].rows() == town.expected(scope, selection, name), name


def test_every_segment_was_asked(town: Town) -> None:
    town.cluster.segments = WORKERS
    town.cluster.answered.clear()
    town.together.counts(EVERYTHING, Selection.parse("type=ROBBERY"), [view("hour")])
    assert town.cluster.answered == [WORKERS]


def test_sums_of_a_segment_add_up_whatever_their_size() -> None:
    sums = np.array([[3, 0, 70_000], [2, 0, 0], [2**40, 0, 0]], np.int64)
    sums[1:, 1:] = sums[0, 1:]
    total = np.ones((3, 3), np.int64)
    NarrowSums.of(sums, packed=1).add_to(total)
    assert total.tolist() == (sums + 1).tolist()
