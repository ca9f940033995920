"""Forecasts by block of street, against sums by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.forecasting.api import Judged
from analytics.forecasting.counts import Counts
from analytics.forecasting.evaluation import Judging, score_folds, summarize
from analytics.forecasting.folds import Fold
from analytics.forecasting.history import TARGET, CellSeries, History
from analytics.forecasting.kde import Kde
from analytics.forecasting.streets import Streets
from analytics.forecasting.unit_comparison import compare_units
from analytics.forecasting.units import unit_positions
from analytics.hotspots.fishnet import Fishnet

FIRST, CUTOFF = date(2016, 1, 1), date(2016, 4, 10)
BLOCKS = 30


def streets() -> Streets:
    dice = np.random.default_rng(5)
    names = tuple(f"{number:03d}XX MAIN ST" for number in range(BLOCKS))
    return Streets(names, dice.uniform(0, 1500, (BLOCKS, 2)), dice.uniform(0.05, 0.3, BLOCKS))


def history(known: Streets) -> History:
    dice = np.random.default_rng(6)
    counts = dice.poisson(0.4 * known.km, size=(130, BLOCKS))
    days, cells = np.nonzero(counts)
    series = CellSeries(days, cells, counts[days, cells].astype(float))
    return History(known, FIRST, FIRST + timedelta(days=130), {TARGET: series})


def test_density_on_streets_is_a_rate_per_km_times_the_blocks_own() -> None:
    known = streets()
    past = history(known).until(CUTOFF)
    counts = past.counts(FIRST, CUTOFF)
    away = np.hypot(*(known.centers[:, None] - known.centers[None]).T)
    kernel = np.where(away < 500, (1 - (away / 500) ** 2) ** 2, 0)
    by_hand = known.km * (kernel @ counts) / (kernel @ known.km)
    assert Kde(500, None).expected(past, 7) == pytest.approx(by_hand * 7 / past.days)


def test_cells_without_a_street_have_no_pai_per_street() -> None:
    known = streets()
    fold = Fold(CUTOFF, CUTOFF + timedelta(days=28))
    judging = Judging((0.2,), street_km=known.km, resamples=99)
    scored = score_folds({"counts_all": Counts(None)}, history(known), [fold], judging)
    nowhere = scored.with_columns(forecaster=pl.lit("kde_tuned"), street_share=pl.lit(0.0))
    rows, _ = summarize(pl.concat([scored, nowhere]), ["counts_all"], judging)
    assert ["pai_street" in row for row in rows] == [True, False]
    assert rows[1]["pai"] == rows[0]["pai"]


def test_cells_can_be_flagged_by_street_length() -> None:
    """By hand: the cells that expect most, until a fifth of the street length is taken."""
    dice = np.random.default_rng(7)
    columns, rows = (axis.ravel() for axis in np.meshgrid(range(6), range(6), indexing="ij"))
    grid = Fishnet(250, columns.astype(np.int64), rows.astype(np.int64), "EPSG:32616")
    counts = dice.poisson(dice.gamma(1, 0.05, 36), size=(130, 36))
    days, cells = np.nonzero(counts)
    series = CellSeries(days, cells, counts[days, cells].astype(float))
    whole = History(grid, FIRST, FIRST + timedelta(days=130), {TARGET: series})
    fold = Fold(CUTOFF, CUTOFF + timedelta(days=28))
    street_km = dice.uniform(0.1, 2.0, 36)
    judging = Judging((0.2,), street_km=street_km, by_street=True, resamples=99)
    row = score_folds({"kde": Kde(500, None)}, whole, [fold], judging).row(0, named=True)
    happened = whole.counts(fold.cutoff, fold.end)
    expected = Kde(500, None).expected(whole.until(CUTOFF), 28)
    assert len(set(expected)) == 36  # no ties
    room, caught = 0.2 * street_km.sum(), 0.0
    for cell in np.argsort(-expected):
        part = min(1.0, room / street_km[cell])
        caught, room = caught + part * happened[cell], room - part * street_km[cell]
        if room <= 0:
            break
    assert row["caught"] == pytest.approx(caught)
    assert row["flagged_share"] == row["street_share"] == pytest.approx(0.2)


def test_units_are_compared_with_the_first_for_all_day_on_its_incidents() -> None:
    def judged(caught: list[float], all_day: list[float], incidents: float) -> Judged:
        folds = pl.DataFrame(
            {"forecaster": "e", "area_share": 0.01, "cutoff": [FIRST, CUTOFF], "caught": caught,
             "caught_all_day": all_day, "incidents": incidents}
        )  # fmt: skip
        return Judged([], folds, "e", None, None, promoted=False)

    found = {"cells": judged([2, 4], [1, 3], 20.0), "blocks": judged([5, 5], [3, 5], 15.0)}
    rows = {(one.unit, one.hours): one for one in compare_units(found, "e", (0.01,))}
    assert {key: one.hit_rate for key, one in rows.items()} == {
        ("cells", "all day"): 4 / 40, ("cells", "by band"): 6 / 40,
        ("blocks", "all day"): 8 / 40, ("blocks", "by band"): 10 / 40,
    }  # fmt: skip
    assert rows["cells", "all day"].gain == rows["cells", "all day"].gain_high == 0
    assert rows["blocks", "by band"].gain == pytest.approx(6 / 40)
    assert {one.incidents for one in rows.values()} == {40}


def test_even_streets_have_an_even_rate() -> None:
    known = streets()
    assert known.smoother(500) @ known.km == pytest.approx(known.km)


def test_a_share_of_the_street_length_is_flagged_by_rate_per_km() -> None:
    known = streets()
    whole = history(known)
    fold = Fold(CUTOFF, CUTOFF + timedelta(days=28))
    judging = Judging((0.2,), street_km=known.km, resamples=99)
    scored = score_folds({"counts_all": Counts(None)}, whole, [fold], judging)
    rate = Counts(None).expected(whole.until(CUTOFF), 28) / known.km
    happened = whole.counts(fold.cutoff, fold.end)
    room, caught = 0.2 * known.km.sum(), 0.0
    for block in np.argsort(-rate):
        part = min(1.0, room / known.km[block])
        caught += part * happened[block]
        room -= part * known.km[block]
        if room <= 0:
            break
    row = scored.row(0, named=True)
    assert row["caught"] == pytest.approx(caught)
    assert (row["flagged_share"], row["street_share"]) == pytest.approx((0.2, 0.2))
    assert caught <= row["best"] <= happened.sum()
    (figures,), _ = summarize(scored, ["counts_all"], judging)
    assert figures["pai_street"] == pytest.approx(caught / happened.sum() / 0.2)


def test_cells_have_the_street_length_of_the_blocks_in_them() -> None:
    known = streets()
    columns, rows = (axis.ravel() for axis in np.meshgrid(range(3), range(6), indexing="ij"))
    grid = Fishnet(250, columns.astype(np.int64), rows.astype(np.int64), "EPSG:32616")
    inside = known.centers[:, 0] < 750
    found = known.in_cells(grid)
    assert found.sum() == pytest.approx(known.km[inside].sum())
    first = np.flatnonzero(inside)[0]
    column, row = np.floor(known.centers[first] / 250)
    mates = (np.floor(known.centers / 250) == [column, row]).all(axis=1)
    assert found[int(column) * 6 + int(row)] == pytest.approx(known.km[mates].sum())
    assert len(known.within(grid)) == inside.sum()


def test_incidents_of_other_texts_are_on_no_block() -> None:
    known = streets()
    found = pl.DataFrame({"block": ["003XX MAIN ST", None, "OHARE", "000XX MAIN ST"]})
    assert unit_positions(known, found).tolist() == [3, -1, -1, 0]
