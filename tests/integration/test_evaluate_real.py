"""Forecasts of Chicago's burglaries, against figures measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analytics.crossfilter.selection import Selection
from analytics.forecasting.api import Plan, evaluate
from analytics.forecasting.history import Target
from analytics.incidents.pipeline import ingest
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.source import Source
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def reader(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnapshotReader]:
    settings = Settings(home=tmp_path_factory.mktemp("forecast"))
    file = real_data / "chicago_crimes_2014_2018.parquet"
    ingest([file], Source.load("chicago"), settings)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    found = SnapshotReader(snapshot, settings)
    yield found
    found.close()


def test_burglary_of_2016_is_caught_as_often_as_others_measured(reader: SnapshotReader) -> None:
    # 25 weeks of 2016 with history since 2014, 250 m, 606 km²; PAI at 1, 5 and 10 % of the area.
    plan = Plan(
        date(2016, 1, 1), date(2016, 12, 31), 25, area_km2=606, forecasters=("near_repeat",)
    )
    found = evaluate(reader, Target(Selection.parse("type=BURGLARY")), plan)
    expected = {"kde_500m_60d": (6.48, 3.84, 3.09), "counts_all": (6.06, 4.08, 3.23)}
    for name, values in expected.items():
        measured = [row["pai"] for row in found.rows if row["forecaster"] == name]
        assert measured == pytest.approx(values, abs=0.5)
