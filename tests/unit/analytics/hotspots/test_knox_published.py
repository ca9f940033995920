"""Knox's test against the R package NearRepeat (Steenbeek 2019) on Chicago's burglaries."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics.hotspots.knox import fit_near_repeat

pytestmark = pytest.mark.real_data


def test_repeats_at_one_place_are_those_of_the_r_package(real_data: Path) -> None:
    path = real_data / "reference" / "near_repeat" / "chicago_be.csv.gz"
    month = pl.read_csv(path, try_parse_dates=True).filter(pl.col("date") < pl.date(2016, 2, 1))
    assert month.height == 970
    xy = month.select("X", "Y").to_numpy()
    day = month["date"].to_physical().to_numpy()
    # Its distances are Manhattan's: those of one place are the same. Its bands are [0, 7), [7, 14).
    found = fit_near_repeat(xy, day, distances_m=(0,), days=(6, 13, 20), permutations=999)
    assert found.observed.tolist() == [[28, 5, 5]]
    assert found.usual.ratio[0] == pytest.approx([1.8028, 0.4044, 0.6128], abs=0.03)
    assert found.usual.p[0] == pytest.approx([0.001, 1.0, 0.943], abs=0.03)
