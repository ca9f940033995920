"""Forecasts of Portland's calls for service by the rules of the NIJ challenge.

`python -m bench.nij_portland FOLDER` with the monthly files of August to October 2016 and the
police districts, as the National Institute of Justice issued them.

Rules: square cells of 62,500 to 360,000 square feet; 0.25 to 0.75 square miles flagged in all. PAI
is (n / N) / (a / A), and PEI* is PAI / PAI*, with PAI* the highest PAI that the same flagged area
could have had. The challenge was decided on forecasts from 1 March 2017 on for 1 week, 2 weeks, 1,
2 and 3 months. These files end in October 2016, so the same horizons are forecast from 1 October,
two months from 1 September, and three months not at all.

References
----------
National Institute of Justice (2016), Real-Time Crime Forecasting Challenge, judging criteria.
"""

from __future__ import annotations

import argparse
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from analytics.artifacts.champion_checks import wilson
from analytics.forecasting.api import fit_all
from analytics.forecasting.evaluation import Judging, score_folds
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold
from analytics.forecasting.history import ALL, TARGET, CellSeries, History
from analytics.forecasting.metrics import pai, pei
from analytics.hotspots.fishnet import Fishnet, fishnet_over

FOOT_M = 0.3048
MILE2_KM2 = (5280 * FOOT_M / 1000) ** 2
CELL_FT2 = (62_500, 360_000)
FLAGGED_MILE2 = (0.25, 0.75)
CELL_M = 77
"""The smallest whole meter that the rules allow: 63,819 square feet."""
CATEGORIES = ("ALL", "BURGLARY", "STREET CRIMES", "MOTOR VEHICLE THEFT")
FIRST = date(2016, 8, 1)
OCTOBER, SEPTEMBER = date(2016, 10, 1), date(2016, 9, 1)
HORIZONS = {
    "1 week": Fold(OCTOBER, OCTOBER + timedelta(days=7)),
    "2 weeks": Fold(OCTOBER, OCTOBER + timedelta(days=14)),
    "1 month": Fold(OCTOBER, date(2016, 11, 1)),
    "2 months": Fold(SEPTEMBER, date(2016, 11, 1)),
}
FORECASTERS = ("counts_all", "kde_500m_all", "ensemble")


def read_calls(folder: Path) -> pl.DataFrame:
    """Calls of all months: day, category, x_m, y_m."""
    months = [_table(path) for path in sorted(folder.glob("[01]*.zip"))]
    feet = {"x_m": "x_coordina", "y_m": "y_coordina"}
    return (
        pl.concat(months)
        .select(
            pl.col("occ_date").str.to_date("%Y%m%d", strict=False).alias("day"),
            pl.col("CATEGORY").alias("category"),
            *(
                (pl.col(name).cast(pl.Float64, strict=False) * FOOT_M).alias(axis)
                for axis, name in feet.items()
            ),
        )
        .drop_nulls()
    )


def read_city(folder: Path) -> shapely.Geometry:
    """The union of the police districts, in meters."""
    data = _member(folder / "portland-police-districts.zip", ".shp")
    shapes, start = [], 100  # the header of a shapefile has 100 bytes
    while start < len(data):
        (words,) = struct.unpack_from(">i", data, start + 4)
        shapes.append(_polygon(data[start + 8 : start + 8 + 2 * words]))
        start += 8 + 2 * words
    return shapely.transform(shapely.union_all(shapes), lambda feet: feet * FOOT_M)


def _member(path: Path, ending: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))


def _table(path: Path) -> pl.DataFrame:
    """The attributes of a shapefile (dBase III), all as text."""
    data = _member(path, ".dbf")
    records, header, length = struct.unpack_from("<IHH", data, 4)
    fields = [data[start : start + 32] for start in range(32, header - 1, 32)]
    names = [field[:11].split(b"\0")[0].decode() for field in fields]
    ends = 1 + np.cumsum([field[16] for field in fields])
    starts = [1, *ends[:-1]]
    rows = [data[at : at + length] for at in range(header, header + records * length, length)]
    return pl.DataFrame(
        {
            name: [row[first:end].decode("latin-1").strip() for row in rows]
            for name, first, end in zip(names, starts, ends, strict=True)
        }
    )


def _polygon(record: bytes) -> shapely.Geometry:
    """A polygon of a shapefile; rings in other rings are holes."""
    parts, points = struct.unpack_from("<ii", record, 36)
    starts = [*struct.unpack_from(f"<{parts}i", record, 44), points]
    corners = np.frombuffer(record, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
    rings = [shapely.Polygon(corners[first:end]) for first, end in pairwise(starts)]
    return reduce(shapely.symmetric_difference, rings)


def history_of(calls: pl.DataFrame, grid: Fishnet, category: str) -> History:
    """Calls of a category on the cells, with all calls and the other categories as context."""
    cells = grid.indices_of(calls["x_m"].to_numpy(), calls["y_m"].to_numpy())
    days = (calls["day"] - FIRST).dt.total_days().to_numpy()

    def series(chosen: Any) -> CellSeries:
        kept = np.flatnonzero(chosen & (cells >= 0) & (days >= 0))
        kept = kept[np.argsort(days[kept], kind="stable")]
        return CellSeries(days[kept].astype(np.int64), cells[kept], np.ones(len(kept)))

    of = calls["category"].to_numpy()
    everything = np.ones(len(of), dtype=bool)
    context = {ALL: series(everything)} if category != "ALL" else {}
    context |= {f"type {name}": series(of == name) for name in CATEGORIES[1:] if name != category}
    target = everything if category == "ALL" else of == category
    return History(grid, FIRST, date(2016, 11, 1), {TARGET: series(target), **context})


def flagged_cells(cell_m: int) -> int:
    """The fewest cells that the rules allow to flag."""
    return int(np.ceil(FLAGGED_MILE2[0] * MILE2_KM2 * 1e6 / cell_m**2))


def tuning_folds(cutoff: date) -> list[Fold]:
    """Weeks before a forecast to tune on, in the second half of what is known."""
    weeks = (cutoff - FIRST).days // 14
    starts = [cutoff - timedelta(days=7 * week) for week in range(weeks, 0, -1)]
    return [Fold(start, start + timedelta(days=7)) for start in starts]


def score(
    history: History, area_km2: float, names: Sequence[str] = FORECASTERS
) -> list[dict[str, Any]]:
    """PAI with a Wilson interval of its hit rate, and PEI*, by horizon and forecaster."""
    share = flagged_cells(CELL_M) * CELL_M**2 / 1e6 / area_km2
    rows = []
    for cutoff in sorted({fold.cutoff for fold in HORIZONS.values()}, reverse=True):
        past = history.until(cutoff)
        fitted = fit_all(names, past, tuning_folds(cutoff), share, features=FeatureMaker())
        for name, fold in HORIZONS.items():
            if fold.cutoff == cutoff:
                scored = score_folds(fitted, history, [fold], Judging((share,), area_km2))
                rows += [{"horizon": name} | _scores(row) for row in scored.iter_rows(named=True)]
    return rows


def _scores(row: Mapping[str, Any]) -> dict[str, Any]:
    caught, calls, part = row["caught"], row["incidents"], row["flagged_share"]
    low, high = (end / part for end in wilson(caught, calls))
    return {
        "forecaster": row["forecaster"],
        "calls": int(calls),
        "pai": pai(caught, calls, part),
        "pai_low": low,
        "pai_high": high,
        "pei": pei(caught, row["best"]),
    }


def main(folder: Path) -> None:
    """Print the figures of docs/forecasts.md, a row for each forecaster."""
    calls, city = read_calls(folder), read_city(folder)
    grid = fishnet_over(city, CELL_M, "EPSG:2913")
    for category in CATEGORIES:
        for row in score(history_of(calls, grid, category), city.area / 1e6):
            print(_line(category, row), flush=True)


def _line(category: str, row: Mapping[str, Any]) -> str:
    return (
        f"| {category.lower()} | {row['horizon']} | {row['calls']:,} | {row['forecaster']} | "
        f"{row['pai']:.1f} ({row['pai_low']:.1f} to {row['pai_high']:.1f}) | {row['pei']:.2f} |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Forecasts by the rules of the NIJ challenge.")
    parser.add_argument("folder", type=Path, help="folder with the monthly files and districts")
    main(parser.parse_args().folder)
