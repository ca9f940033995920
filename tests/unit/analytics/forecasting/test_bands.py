"""Bands of the day, against sums by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.crossfilter.nights import DayClock
from analytics.forecasting.bands import band_shares
from analytics.forecasting.counts import Counts
from analytics.forecasting.evaluation import Judging, add_bands, score_folds, summarize
from analytics.forecasting.folds import Fold
from analytics.forecasting.history import TARGET, CellSeries, History
from analytics.forecasting.hour_bands import BandKind, bands_of
from analytics.hotspots.fishnet import Fishnet

FIRST = date(2016, 1, 1)
SIDE = 8


def history() -> History:
    """Two bands; every cell has incidents of both, the west more of the first."""
    dice = np.random.default_rng(3)
    columns, rows = (axis.ravel() for axis in np.meshgrid(range(SIDE), range(SIDE), indexing="ij"))
    grid = Fishnet(250, columns.astype(np.int64), rows.astype(np.int64), "EPSG:32616")
    rates = np.column_stack([dice.gamma(1, 0.05, 64) * (9 - columns), dice.gamma(1, 0.3, 64)])
    bands = []
    for rate in rates.T:
        counts = dice.poisson(rate, size=(400, 64))
        days, cells = np.nonzero(counts)
        bands.append(CellSeries(days, cells, counts[days, cells].astype(float)))
    both = [np.concatenate([getattr(one, name) for one in bands])
            for name in ("days", "cells", "counts")]  # fmt: skip
    order = np.argsort(both[0], kind="stable")
    series = {TARGET: CellSeries(*(one[order] for one in both))}
    return History(grid, FIRST, FIRST + timedelta(days=400), series, tuple(bands), (6, 18))


def test_bands_start_with_the_operational_day() -> None:
    midnight = bands_of(BandKind.BAND, DayClock())
    assert midnight.names == ("00-04", "04-08", "08-12", "12-16", "16-20", "20-24")
    assert midnight.of_hour == tuple(hour // 4 for hour in range(24))
    six = bands_of(BandKind.BAND, DayClock(6))
    assert six.names[0] == "06-10"
    assert six.names[-1] == "02-06"
    assert [six.of_hour[hour] for hour in (6, 9, 10, 2, 5)] == [0, 0, 1, 5, 5]


def test_shifts_are_those_of_the_agency() -> None:
    clock = DayClock(0, {"Night": [22, 23, *range(6)], "Day": range(6, 14), "Late": range(14, 22)})
    shifts = bands_of(BandKind.SHIFT, clock)
    assert shifts.names == ("Night", "Day", "Late")
    assert [shifts.of_hour[hour] for hour in (23, 0, 5, 6, 13, 14, 21)] == [0, 0, 0, 1, 1, 2, 2]


def test_shares_are_those_within_500_m_with_20_incidents_of_the_city() -> None:
    known = history().until(FIRST + timedelta(days=30))
    counts = np.column_stack([known.band_counts(known.first, known.end)])
    city = counts.sum(axis=0) / counts.sum()
    shares = band_shares(known)
    for cell in (0, 9, 63):
        away = np.hypot(*(known.grid.centers - known.grid.centers[cell]).T)
        near = counts[away <= 500].sum(axis=0)
        assert shares[cell] == pytest.approx((near + 20 * city) / (near.sum() + 20))
    assert shares.sum(axis=1) == pytest.approx(1)


def test_a_place_without_incidents_has_the_shares_of_the_city_or_equal_ones() -> None:
    known = history()
    empty = CellSeries(*(np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, float)))
    nothing = History(known.grid, known.first, known.end, {TARGET: empty}, (empty, empty), (12, 12))
    assert band_shares(nothing) == pytest.approx(0.5)
    far = CellSeries(np.array([0, 0]), np.array([63, 63]), np.array([1.0, 3.0]))
    one = History(known.grid, known.first, known.end, {TARGET: far}, (far, empty), (12, 12))
    assert band_shares(one)[0] == pytest.approx([1, 0])


def test_as_many_hours_are_flagged_as_all_day_and_sums_equal_those_by_hand() -> None:
    known, cutoff = history(), FIRST + timedelta(days=365)
    fold = Fold(cutoff, cutoff + timedelta(days=28))
    judging = Judging((0.125,), resamples=99)
    scored = score_folds({"counts_all": Counts(None)}, known, [fold], judging)
    expected = Counts(None).expected(known.until(cutoff), 28)
    banded = expected[:, None] * band_shares(known.until(cutoff))
    happened = known.band_counts(cutoff, fold.end)
    row = scored.row(0, named=True)
    assert row["incidents"] == happened.sum()
    assert row["flagged_share"] == pytest.approx(0.125)
    # By hand: pairs of cell and band, the most expected per hour first, until 8 cells × 24 hours.
    for rank, name in ((banded, "caught"), (happened, "best")):
        room, caught, flagged = 8 * 24.0, [0.0, 0.0], [0.0, 0.0]
        pairs = [(rank[cell, band] / (6, 18)[band], cell, band)
                 for cell in range(64) for band in (0, 1)]  # fmt: skip
        for _, cell, band in sorted(pairs, reverse=True):
            part = min(room / (6, 18)[band], 1.0)
            caught[band] += part * happened[cell, band]
            flagged[band] += part / 64
            room -= part * (6, 18)[band]
        if name == "caught":
            assert row["caught"] == pytest.approx(sum(caught))
            assert row["caught_by_band"] == pytest.approx(caught)
            assert row["flagged_by_band"] == pytest.approx(flagged)
            assert flagged[0] * 6 + flagged[1] * 18 == pytest.approx(0.125 * 24)
        else:
            assert row["best"] >= row["caught"]
            assert row["best"] == pytest.approx(sum(caught), rel=0.02)  # ties at the limit
    same = [happened[np.argsort(-banded[:, band])[:8], band].sum() for band in (0, 1)]
    assert row["caught_same_area"] == pytest.approx(sum(same))
    assert row["caught_all_day"] == happened[np.argsort(-expected)[:8]].sum()
    (figures,) = add_bands(
        summarize(scored, ["counts_all"], judging)[0], scored, ("a", "b"), judging
    )
    assert figures["band_gain"] == pytest.approx(figures["pai"] - figures["all_day_pai"])
    assert sum(one["hit_rate"] for one in figures["by_band"].values()) == pytest.approx(
        figures["hit_rate"]
    )


def test_shares_know_only_the_days_before() -> None:
    known = history()
    cutoff = FIRST + timedelta(days=100)
    later = [CellSeries(one.days, np.where(one.days >= 100, 0, one.cells), one.counts)
             for one in known.by_band]  # fmt: skip
    other = History(known.grid, known.first, known.end, known.series, tuple(later))
    assert np.array_equal(*(band_shares(one.until(cutoff)) for one in (known, other)))
