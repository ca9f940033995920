"""Forecasts of Chicago's burglaries, against figures measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.forecasting.api import CANDIDATES, EvaluationPlan, baselines, evaluate
from analytics.forecasting.history import Target
from analytics.hotspots.inputs import dated_incidents
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.settings import Settings

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def reader(chicago_home: Path) -> Iterator[SnapshotReader]:
    settings = Settings(home=chicago_home)
    snapshot = Warehouse(settings.home).current()
    assert snapshot is not None
    found = SnapshotReader(snapshot, settings)
    yield found
    found.close()


def test_burglary_of_2016_is_caught_as_often_as_others_measured(reader: SnapshotReader) -> None:
    # 25 weeks of 2016 with history since 2014, 250 m, 606 km²; PAI at 1, 5 and 10 % of the area.
    plan = EvaluationPlan(
        date(2016, 1, 1), date(2016, 12, 31), 25, area_km2=606, forecasters=("near_repeat",)
    )
    found = evaluate(reader, Target(Selection.parse("type=BURGLARY")), plan)
    expected = {"kde_500m_60d": (6.48, 3.84, 3.09), "counts_all": (6.06, 4.08, 3.23)}
    for name, values in expected.items():
        measured = [row["pai"] for row in found.rows if row["forecaster"] == name]
        assert measured == pytest.approx(values, abs=0.5)


def test_every_forecaster_beats_chance_and_plain_counts_are_those_of_the_file(
    reader: SnapshotReader,
) -> None:
    plan = EvaluationPlan(date(2017, 1, 1), date(2017, 3, 31), 12, cell_m=500, area_shares=(0.05,))
    found = evaluate(reader, Target(Selection.parse("type=BURGLARY")), plan)
    assert {row["forecaster"] for row in found.rows} == {*baselines(7), *CANDIDATES}
    for row in found.rows:
        assert 2 < row["pai_low"] <= row["pai"] <= row["pai_high"] < 8
        assert 0 < row["pei"] < 1
        assert row["folds"] == 12
    by_name = {row["forecaster"]: row for row in found.rows}
    assert by_name["ensemble"]["pai"] > by_name["counts_7d"]["pai"]
    # Plain counts by hand: no history, no fishnet's index, ties shared alike.
    grid = found.history.grid
    incidents = dated_incidents(reader, EVERYTHING, Selection.parse("type=BURGLARY")).select(
        "day", *((pl.col(axis) / 500).floor().cast(pl.Int64) for axis in ("x_m", "y_m"))
    )
    cells = pl.DataFrame({"x_m": grid.columns, "y_m": grid.rows})
    caught = total = 0.0
    for cutoff in (date(2017, 1, 1) + timedelta(days=7 * fold) for fold in range(12)):
        later = pl.col("day").is_between(cutoff, cutoff + timedelta(days=6))
        counts = cells.join(
            incidents.group_by("x_m", "y_m").agg(
                (pl.col("day") < cutoff).sum().alias("before"), later.sum().alias("later")
            ),
            on=["x_m", "y_m"], how="left",
        ).fill_null(0).sort("before", descending=True)  # fmt: skip
        room = 0.05 * len(grid)
        limit = counts["before"][int(room)]
        above, tied = (counts.filter(one) for one in
                       (pl.col("before") > limit, pl.col("before") == limit))  # fmt: skip
        caught += above["later"].sum() + tied["later"].mean() * (room - len(above))
        total += counts["later"].sum()
    assert by_name["counts_all"]["incidents"] == total
    assert by_name["counts_all"]["hit_rate"] == pytest.approx(caught / total)


def test_top_cells_per_district_cover_as_much_and_catch_less(reader: SnapshotReader) -> None:
    plan = EvaluationPlan(
        date(2017, 1, 1), date(2017, 3, 31), 12, cell_m=500, area_shares=(0.05,), forecasters=(
            "near_repeat",),
    )  # fmt: skip
    burglary = Target(Selection.parse("type=BURGLARY"))
    city, each = (
        evaluate(reader, burglary, replace(plan, per=level)) for level in (None, "district")
    )
    assert each.folds["flagged_share"].to_numpy() == pytest.approx(0.05, rel=0.01)
    both = [{row["forecaster"]: row["pai"] for row in one.rows} for one in (city, each)]
    assert all(1 < both[1][name] < both[0][name] for name in ("counts_all", "kde_tuned"))
