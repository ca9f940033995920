"""The eight patterns, hot and cold, by hand; Mann-Kendall against scipy and statsmodels."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom, kendalltau, norm, rankdata
from statsmodels.tsa.stattools import acf

from analytics.errors import InputError
from analytics.hotspots.emerging import (
    NO_PATTERN,
    PATTERNS,
    classify,
    fit_emerging,
    lag_one,
    mann_kendall,
    space_time_cube,
)
from analytics.hotspots.inputs import DailyCells, LeftOut
from analytics.hotspots.neighbors import queen
from analytics.statistics.arrays import Floats
from docs.trend_alarms import RISE, autoregressive
from tests.unit.analytics.hotspots.places import square_grid

# h hot, c cold, . neither; oldest first. The trend is that of the score's distance from zero.
HISTORIES = [
    ("..........", 0, None),
    (".........h", 0, "new"),
    ("........hh", 0, "consecutive"),
    (".hhhhhhhhh", 0, "persistent"),
    ("..hhhhhhhh", 0, "consecutive"),
    ("hhhhhhhhhh", +1, "intensifying"),
    ("hhhh.hhhhh", +1, "intensifying"),
    ("hhhhhhhhhh", 0, "persistent"),
    ("h.hhhhhhhh", 0, "persistent"),
    ("hhhhhhhhhh", -1, "diminishing"),
    ("..h......h", 0, "sporadic"),
    ("h.h.hh...h", +1, "sporadic"),
    (".h.....hhh", 0, "sporadic"),
    ("..c.h....h", 0, "oscillating"),
    ("c........h", 0, "oscillating"),
    (".cc....hhh", 0, "oscillating"),
    ("chhhhhhhhh", 0, "persistent"),
    ("hhhhhhhhh.", +1, "historical"),
    ("hhhh......", 0, None),
    ("hhhhhhhh..", 0, None),
]
SWAP = str.maketrans("hc", "ch")


@pytest.mark.parametrize(("history", "trend", "expected"), HISTORIES)
@pytest.mark.parametrize("word", ["hot", "cold"])
def test_each_history_has_its_pattern(
    history: str, trend: int, expected: str | None, word: str
) -> None:
    own = history if word == "hot" else history.translate(SWAP)
    marks = np.array([list(own)])
    rising = trend if word == "hot" else -trend
    p = np.array([0.01 if trend else 0.6])
    found = classify(marks == "h", marks == "c", np.array([float(rising)]), p)
    assert found[0] == (f"{expected}_{word}" if expected else NO_PATTERN)


@pytest.mark.parametrize(("history", "word"), [("hhhhhhhhhc", "cold"), ("ccccccccch", "hot")])
def test_what_a_cell_is_now_counts_more_than_what_it_was(history: str, word: str) -> None:
    marks = np.array([list(history)])
    found = classify(marks == "h", marks == "c", np.zeros(1), np.ones(1))
    assert found[0] == f"oscillating_{word}"


def test_all_eight_definitions_are_tried() -> None:
    assert set(PATTERNS) == {expected for _, _, expected in HISTORIES if expected}


def independent_z(row: Floats) -> float:
    """Mann-Kendall by the definition, for independent values."""
    times = len(row)
    s = sum(np.sign(row[j] - row[i]) for i in range(times) for j in range(i + 1, times))
    ties = np.unique(row, return_counts=True)[1]
    tied = (ties * (ties - 1) * (2 * ties + 5)).sum()
    variance = (times * (times - 1) * (2 * times + 5) - tied) / 18
    return float((s - np.sign(s)) / variance**0.5)


@pytest.mark.parametrize("levels", [4, 1000])
def test_mann_kendall_agrees_with_scipys_kendall(levels: int) -> None:
    # Up and down by turns, so that no autocorrelation above 0 widens the variance.
    turns = np.where(np.arange(40) % 2, levels // 2, 0)
    series = np.random.default_rng(0).integers(0, levels, (50, 40)) + turns
    series += np.arange(40) * levels // 90
    assert (lag_one(series.astype(float)) == 0).mean() > 0.9
    for row, z in zip(series, mann_kendall(series.astype(float))[0], strict=True):
        if lag_one(row[None].astype(float))[0] > 0:
            continue
        assert z == pytest.approx(independent_z(row))
        # scipy's asymptotic p has no continuity correction; at 40 periods it moves p by a little.
        theirs = kendalltau(np.arange(40), row, method="asymptotic").pvalue
        assert 2 * norm.sf(abs(z)) == pytest.approx(theirs, abs=0.02)


def test_autocorrelation_widens_the_variance_by_hamed_and_raos_formula() -> None:
    times = 24
    series = autoregressive(times, 0.6, 2.0, 40, seed=5)
    z, p = mann_kendall(series)
    at = np.arange(times)
    for row, ours, ours_p in zip(series, z, p, strict=True):
        ranks = rankdata(row - np.polyval(np.polyfit(at, row, 1), at))
        rho = (times * acf(ranks, nlags=1)[1] + 2) / (times - 4)
        lags = [
            (times - i) * (times - i - 1) * (times - i - 2) * max(rho, 0) ** i
            for i in range(1, times)
        ]
        factor = 1 + 2 / (times * (times - 1) * (times - 2)) * sum(lags)
        assert ours == pytest.approx(independent_z(row) / factor**0.5)
        assert ours_p == pytest.approx(2 * norm.sf(abs(ours)))
    assert (np.abs(z) < [abs(independent_z(row)) for row in series]).mean() > 0.8


@pytest.mark.parametrize(
    ("rho", "most_false", "least_found"), [(0, 0.06, 0.9), (0.5, 0.1, 0.55), (0.7, 0.13, 0.42)]
)
def test_few_false_trends_among_autocorrelated_series(
    rho: float, most_false: float, least_found: float
) -> None:
    flat, rising = (autoregressive(24, rho, rise, 2_000, seed=3) for rise in (0, RISE))
    assert (mann_kendall(flat)[1] <= 0.05).mean() < most_false
    assert (mann_kendall(rising)[1] <= 0.05).mean() > least_found


def test_series_that_do_not_vary_have_no_trend_and_straight_ones_have() -> None:
    z, p = mann_kendall(np.stack([np.ones(10), np.arange(10.0), 0.1 * np.arange(10)]))
    assert z[0] == 0
    assert p[0] == 1
    assert (p[1:] < 0.001).all()


def test_a_growing_place_is_told_from_a_lasting_one() -> None:
    grid = square_grid(20)
    random = np.random.default_rng(1)
    cube = random.poisson(2, (len(grid), 24)).astype(float)
    lasting = (abs(grid.columns - 4) <= 1) & (abs(grid.rows - 4) <= 1)
    late = (abs(grid.columns - 15) <= 1) & (abs(grid.rows - 15) <= 1)
    cube[lasting] += 20
    cube[late, -1] += 20
    pattern = fit_emerging(cube, queen(grid, self_included=True)).pattern
    assert pattern[(grid.columns == 4) & (grid.rows == 4)] == "persistent_hot"
    assert pattern[(grid.columns == 15) & (grid.rows == 15)] == "new_hot"
    assert (pattern == NO_PATTERN).mean() > 0.8


@pytest.mark.parametrize("per_cell", [0.05, 0.3, 1.0])
def test_random_cubes_have_hardly_a_pattern(per_cell: float) -> None:
    grid = square_grid(25)
    cube = np.random.default_rng(4).poisson(per_cell, (len(grid), 40)).astype(float)
    found = fit_emerging(cube, queen(grid, self_included=True))
    # Each period has a significant cell with 5% chance at most.
    periods = int((found.q <= 0.05).any(axis=0).sum())
    assert periods <= binom.ppf(0.999, 40, 0.05)
    assert (found.pattern != NO_PATTERN).mean() < 0.005


def test_the_cube_counts_whole_periods_back_from_the_last_day() -> None:
    grid = square_grid(2)
    days = [date(2020, 1, 1), date(2020, 1, 3), date(2020, 1, 16), date(2020, 1, 17)]
    frame = pl.DataFrame(
        {"day": days, "cell": [0, 0, 0, 3], "count": [1, 2, 4, 8], "harm": [0, 0, 0, 9]}
    )
    daily = DailyCells(grid, frame, date(2020, 1, 1), date(2020, 1, 17), LeftOut(15, 0, 0, 0))
    assert space_time_cube(daily, 7).tolist() == [[0, 4], [0, 0], [0, 0], [0, 8]]
    assert space_time_cube(daily, 8).tolist() == [[2, 4], [0, 0], [0, 0], [0, 8]]
    assert space_time_cube(daily, 7, "harm")[3].tolist() == [0, 9]


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(InputError):
        fit_emerging(np.zeros((4, 5)), queen(square_grid(2), self_included=True))
