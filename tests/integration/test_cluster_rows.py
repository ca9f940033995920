"""Exports and training inputs read by workers equal those of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from distributed import LocalCluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.cluster import row_segments
from analytics.cluster.connection import Cluster, ClusterError
from analytics.cluster.row_segments import RowSegments, reader_with_cluster
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.incidents_page import batches
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.forecasting.history import Target, read_history
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up
from analytics.settings import Settings
from sql import load
from tests.integration.repeated_city import copy_snapshot, repeated
from tests.integration.snapshots import build
from tests.integration.test_crossfilter_properties import selections

DAYS = {"first": "2017-01-01", "last": "2019-01-01"}
ADDED: dict[str, tuple[dict[str, Any], dict[str, str], tuple[str, ...]]] = {
    # statement: (values, identifiers, measures)
    "forecasting/daily_counts": ({"s": 500}, {"unit": "floor(x_m / $s) AS col"}, ("count",)),
    "forecasting/daily_counts_by_hours": (
        {"bands": [hour // 6 for hour in range(24)]},
        {"unit": "point_id"},
        ("count",),
    ),
    "forecasting/daily_counts_by_type": ({"types": ["THEFT"]}, {"unit": "district"}, ("count",)),
    "forecasting/demand_counts": (DAYS, {"area": "beat"}, ("count",)),
    "forecasting/demand_harm": (DAYS, {"area": "district"}, ("count",)),
    "hotspots/daily_cell_counts": ({"size": 250}, {}, ("count", "harm")),
    "temporal/cell_hours": ({"size": 500}, {}, ("incidents",)),
    "temporal/type_hours": ({}, {}, ("incidents",)),
    "temporal/weekly_hours": ({"widest_h": 4}, {}, ("incidents",)),
}


class Counted(Cluster):
    """A cluster that counts its answers, and fails after some if a test wants."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.answers, self.fails_after = 0, 1_000_000

    def results(self, futures: list[Any]) -> list[Any]:
        if self.answers >= self.fails_after:
            raise ClusterError("this one is lost")
        self.answers += len(futures)
        return super().results(futures)


class Town:
    """A reader of this machine alone, and one that asks workers with a copy of the snapshot."""

    def __init__(self, folder: Path, cluster: Counted) -> None:
        self.cluster, self.home = cluster, folder / "home"
        snapshot = repeated(build(folder / "city", seed=8, incidents=300), self.home, 60)
        copy_snapshot(snapshot, folder / "worker")
        self.alone = SnapshotReader(snapshot, Settings(duckdb_threads=1))
        self.together = SnapshotReader(snapshot, Settings(duckdb_threads=1))
        self.rest()

    def rest(self) -> None:
        """Begin again, as if the cluster had never failed."""
        self.cluster.answers, self.cluster.fails_after = 0, 1_000_000
        self.together.elsewhere = RowSegments(self.cluster, self.together, 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("rows")
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalCluster(
            n_workers=3,
            threads_per_worker=1,
            processes=False,
            protocol="tcp",
            host="127.0.0.1",
            dashboard_address=":0",
        ) as local,
    ):
        patch.setenv("PATROLIQ_HOME", str(folder / "worker"))
        patch.setattr(row_segments, "STREAMED_ROWS", 2_000)
        with closing(Counted(local.scheduler_address)) as cluster:
            yield Town(folder, cluster)


@pytest.fixture
def town(made: Town) -> Town:
    made.rest()
    return made


def exported(reader: SnapshotReader, scope: Scope, selection: Selection) -> pl.DataFrame:
    found = list(batches(reader, scope, selection, size=700))
    assert all(0 < one.height <= 2_048 for one in found)
    return pl.concat(found) if found else pl.DataFrame()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scope=selections(most=1).map(Scope), selection=selections(most=2))
def test_an_export_has_the_same_rows_in_the_same_order(
    made: Town, scope: Scope, selection: Selection
) -> None:
    made.rest()
    expected = exported(made.alone, scope, selection)
    assert exported(made.together, scope, selection).equals(expected)
    assert made.cluster.answers == 9  # ranges of 18,000 incidents


@pytest.mark.parametrize("answers", [0, 1, 4])
def test_this_machine_goes_on_where_the_cluster_fails(
    town: Town, answers: int, caplog: pytest.LogCaptureFixture
) -> None:
    town.cluster.fails_after = answers
    expected = exported(town.alone, EVERYTHING, EMPTY)
    assert exported(town.together, EVERYTHING, EMPTY).equals(expected)
    assert town.cluster.answers == answers
    assert caplog.text.count("this one is lost") == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(ADDED)), selection=selections(most=2))
def test_sums_of_shares_equal_those_of_one_machine(
    made: Town, name: str, selection: Selection
) -> None:
    made.rest()
    values, identifiers, measures = ADDED[name]
    where = conditions_of(made.alone).where(EVERYTHING, selection)
    params = {**values, **where.params}
    plain = made.alone.frame(load(name, conditions=where.sql, **identifiers), params)
    alone = added_up(made.alone, name, where.sql, params, measures, **identifiers)
    together = added_up(made.together, name, where.sql, params, measures, **identifiers)
    assert together.equals(alone)
    assert together.schema == alone.schema == plain.schema
    assert sorted(together.rows(), key=str) == sorted(plain.rows(), key=str)
    assert made.cluster.answers == 3


def test_a_failing_cluster_leaves_sums_to_this_machine(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.cluster.fails_after = 0
    where = "district = '001'"
    found = added_up(town.together, "temporal/type_hours", where, {}, ("incidents",))
    assert found.equals(added_up(town.alone, "temporal/type_hours", where, {}, ("incidents",)))
    assert "this one is lost" in caplog.text


def test_the_history_of_a_training_is_the_same(town: Town) -> None:
    settings = Settings(
        home=town.home, duckdb_threads=1, cluster=town.cluster.address, cluster_from=1
    )
    with reader_with_cluster(town.alone.snapshot, settings) as reader:
        assert isinstance(reader.elsewhere, RowSegments)
        found = read_history(reader, Target(), 500, band_of_hour=[hour // 6 for hour in range(24)])
        assert not reader.elsewhere._or_own.is_resting
    expected = read_history(
        town.alone, Target(), 500, band_of_hour=[hour // 6 for hour in range(24)]
    )
    for one, other in zip(
        (*found.series.values(), *found.by_band),
        (*expected.series.values(), *expected.by_band),
        strict=True,
    ):
        for name in ("days", "cells", "counts"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist()
    with reader_with_cluster(town.alone.snapshot, Settings(home=town.home)) as reader:
        assert reader.elsewhere is None
