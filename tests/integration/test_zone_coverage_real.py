"""Do intervals of expected counts by zone hold on weeks of Chicago that nothing was fitted to?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans

from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.expected_counts import CountedRows, expected_on
from analytics.statistics.season_model import SeasonModel
from analytics.zones.expected import RollingForecasts, interval

pytestmark = pytest.mark.real_data

FIRST, HELD_OUT = date(2014, 1, 1), 3 * 365 + 1
FOLDS, CELL_FT = 26, 820


@pytest.fixture(scope="module")
def located(real_data: Path) -> pl.DataFrame:
    """Day, column and row of a cell of 250 m of each incident with a place."""
    read = pl.scan_parquet(real_data / "chicago_crimes_2014_2018.parquet").select(
        pl.col("Date").str.head(10).str.to_date("%m/%d/%Y").alias("day"),
        (pl.col("X Coordinate").cast(pl.Float64, strict=False) / CELL_FT).floor().alias("col"),
        (pl.col("Y Coordinate").cast(pl.Float64, strict=False) / CELL_FT).floor().alias("row"),
    )
    return read.drop_nulls().filter(pl.col("col") > 0).collect()


@pytest.mark.parametrize("kind", ["kmeans", "ward"])
def test_intervals_hold_in_2017_and_2018(located: pl.DataFrame, kind: str) -> None:
    """Zones are of 2014 to 2016; each week is forecast from the 26 before and a year's counts."""
    day = (located["day"] - FIRST).dt.total_days().to_numpy()
    cells = located.select("col", "row").unique(maintain_order=True).with_row_index("cell")
    cell = located.join(cells, on=["col", "row"], maintain_order="left")["cell"].to_numpy()
    centers, weight = (
        cells.select("col", "row").to_numpy(),
        np.bincount(cell[day < HELD_OUT].astype(np.int64)),
    )
    weight = np.pad(weight, (0, len(cells) - len(weight)))
    zone = (
        KMeans(25, n_init=1, random_state=0).fit_predict(centers, sample_weight=weight)
        if kind == "kmeans"
        else AgglomerativeClustering(30).fit_predict(centers)
    )[cell]
    covered, claimed = coverages(zone, day)
    assert len(covered) > 90
    assert covered.mean() == pytest.approx(0.95, abs=0.02)
    assert covered.mean(axis=0).min() > 0.85  # of the worst zone
    assert claimed == pytest.approx(covered.mean(), abs=0.025)


def coverages(zone: Ints, day: Ints) -> tuple[Floats, float]:
    """Whether each count was covered, (weeks, zones), and the coverage that the page would say."""
    days, zones = int(day.max()) + 1, int(zone.max()) + 1
    daily = np.zeros((zones, days), np.int64)
    np.add.at(daily, (zone, day), 1)
    rows = CountedRows.of(daily, np.zeros(zones))
    starts = np.arange(HELD_OUT - 7 * FOLDS, days - 6, 7)
    city = CountedRows.of(daily.sum(axis=0), [0])
    seasons = SeasonModel(daily.sum(axis=0), FIRST, "US")
    total = np.array([expected_on(city, seasons, np.array([at]), 7)[0, 0] for at in starts])
    expected = rows.between(starts - 365, starts).astype(float)
    expected *= total / expected.sum(axis=0)
    actual = rows.between(starts, starts + 7).astype(float)
    covered, claimed = [], []
    for at in range(FOLDS, len(starts)):
        past = slice(at - FOLDS, at)
        ahead = expected[:, at - FOLDS : at + 1]
        firsts = starts[at - FOLDS : at + 1]
        made = RollingForecasts.of(ahead, actual[:, past], zones, firsts)
        low, high = interval(made.mean(FOLDS), made.variance(FOLDS))
        covered.append((low <= actual[:, at]) & (actual[:, at] <= high))
        if at % 8 == 0:
            claimed.append(made.coverage())
    return np.array(covered), float(np.mean(claimed))
