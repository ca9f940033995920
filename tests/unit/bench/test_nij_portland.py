"""The NIJ challenge's rules and arithmetic on its own files, against counts by pandas."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.hotspots.fishnet import fishnet_over
from bench.nij_portland import (
    CELL_FT2,
    CELL_M,
    FLAGGED_MILE2,
    FOOT_M,
    HORIZONS,
    MILE2_KM2,
    flagged_cells,
    history_of,
    read_calls,
    read_city,
    score,
    tuning_folds,
)

MILE2_OF_PORTLAND = 147.71
"""As the challenge states it."""


SERIAL_OF_OCTOBER = 42_644
"""1 October 2016 in a workbook, which counts days since 30 December 1899."""


def sheet(path: Path) -> pd.DataFrame:
    """The workbook of a month, which has the same calls as its shapefile."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".xlsx"))
        book = zipfile.ZipFile(io.BytesIO(outer.read(name)))

    def elements(part: str, name: str) -> Iterator[ElementTree.Element]:
        tree = ElementTree.fromstring(book.read(part))  # noqa: S314 - as NIJ issued it
        return tree.iter(f"{space}{name}")

    shared = ["".join(text.itertext()) for text in elements("xl/sharedStrings.xml", "si")]
    rows = []
    for row in elements("xl/worksheets/sheet1.xml", "row"):
        cells = {}
        for cell in row.iter(f"{space}c"):
            value = cell.find(f"{space}v")
            if value is not None and value.text is not None:
                column = cell.get("r", "").rstrip("0123456789")
                cells[column] = (
                    shared[int(value.text)] if cell.get("t") == "s" else float(value.text)
                )
        rows.append(cells)
    columns = {"A": "CATEGORY", "E": "day", "F": "x_coordina", "G": "y_coordina"}
    return pd.DataFrame(rows[1:]).rename(columns=columns).dropna(subset=["day"])


def test_cells_and_the_flagged_area_are_within_the_rules() -> None:
    assert CELL_FT2[0] <= CELL_M**2 / FOOT_M**2 <= CELL_FT2[1]
    flagged = flagged_cells(CELL_M) * CELL_M**2 / 1e6 / MILE2_KM2
    assert FLAGGED_MILE2[0] <= flagged <= FLAGGED_MILE2[1]


def test_tuning_ends_before_the_forecast_begins() -> None:
    for fold in HORIZONS.values():
        folds = tuning_folds(fold.cutoff)
        assert folds[-1].end == fold.cutoff
        assert len(folds) >= 2


@pytest.mark.real_data
def test_pai_and_pei_of_a_month_equal_those_by_hand(real_data: Path) -> None:
    folder = real_data / "reference" / "nij_portland"
    calls, city = read_calls(folder), read_city(folder)
    assert city.area / 1e6 / MILE2_KM2 == pytest.approx(MILE2_OF_PORTLAND, abs=0.01)
    assert calls["category"].value_counts().sort("category")["count"][0] == 87 + 86 + 82  # burglary
    grid = fishnet_over(city, CELL_M, "EPSG:2913")
    history = history_of(calls, grid, "STREET CRIMES")
    rows = score(history, city.area / 1e6, names=["counts_all"])
    found = next(row for row in rows if row["horizon"] == "1 month")
    frame = pd.concat([sheet(path) for path in sorted(folder.glob("[01]*.zip"))])
    frame = frame[frame["CATEGORY"] == "STREET CRIMES"]
    cell = [np.floor(frame[axis] * FOOT_M / CELL_M) for axis in ("x_coordina", "y_coordina")]
    october = frame["day"] >= SERIAL_OF_OCTOBER
    table = pd.DataFrame({"before": ~october, "after": october}).groupby(cell).sum()
    west, south = (table.index.get_level_values(axis).to_numpy() * CELL_M for axis in (0, 1))
    table = table[shapely.intersects(city, shapely.box(west, south, west + CELL_M, south + CELL_M))]
    size = flagged_cells(CELL_M)
    limit = table["before"].sort_values(ascending=False).iloc[size - 1]
    above, tied = table[table["before"] > limit], table[table["before"] == limit]
    caught = above["after"].sum() + tied["after"].mean() * (size - len(above))
    best = table["after"].nlargest(size).sum()
    share = size * CELL_M**2 / city.area
    assert found["calls"] == table["after"].sum()
    assert found["pai"] == pytest.approx(caught / table["after"].sum() / share)
    assert found["pei"] == pytest.approx(caught / best)
