"""What is unusual: predictions by simulation, intervals against scipy, false alarms."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import gamma, nbinom, poisson

from analytics.overview.unusual import WEEKS, score_series, score_weeks, series_of

LAST = date(2026, 10, 3)


def test_without_extra_dispersion_it_is_the_gamma_poisson_prediction() -> None:
    """Against integrating the Poisson count over the gamma distribution of its mean."""
    before = np.full((40, WEEKS), 4)
    before[:, ::2] += 1
    before[:, 1::2] -= 1  # variance 1 at a mean of 4, so no dispersion is added
    judged = score_series(np.full(40, 9), before)
    total = before[0].sum() + 0.5
    means = gamma.ppf(np.linspace(0.0005, 0.9995, 2000), total, scale=1 / WEEKS)
    upper = poisson.sf(8, means).mean()
    assert judged.p[0] == pytest.approx(2 * upper, rel=0.02)
    assert judged.expected[0] == pytest.approx(total / WEEKS)


def test_counts_as_usual_are_called_unusual_no_more_often_than_five_percent() -> None:
    """Simulated negative binomial weeks, twice as dispersed as Poisson."""
    random = np.random.default_rng(3)
    means = np.repeat([1.0, 3, 10, 60], 1500)[:, None]
    counts = random.negative_binomial(means, 0.5, (6000, WEEKS + 1))
    p = score_series(counts[:, 0], counts[:, 1:]).p
    for mean in (1.0, 3, 10, 60):
        at = (means[:, 0] == mean) & ~np.isnan(p)
        assert np.mean(p[at] <= 0.05) < 0.055
    judged = score_series(counts[:, 0], counts[:, 1:])
    inside = (counts[:, 0] >= judged.low) & (counts[:, 0] <= judged.high)
    assert inside.mean() > 0.945


def test_the_interval_is_that_of_scipys_negative_binomial() -> None:
    random = np.random.default_rng(8)
    before = random.poisson(20, (30, WEEKS))
    judged = score_series(random.poisson(20, 30), before)
    row = before[7]
    mean = (row.sum() + 0.5) / WEEKS
    spreads = [
        ((one - one.mean()) ** 2).sum() / ((one.sum() + 0.5) / WEEKS) / (WEEKS - 1)
        for one in before
    ]
    factor = max(spreads[7], float(np.median(spreads)), 1.0) * (1 + 1 / WEEKS)
    expected = nbinom(mean / (factor - 1), 1 / factor)
    assert (judged.low[7], judged.high[7]) == (expected.ppf(0.025), expected.ppf(0.975))
    assert expected.var() == pytest.approx(mean * factor)


def test_a_planted_burst_is_found_and_what_is_rare_is_not_tested() -> None:
    random = np.random.default_rng(6)
    counts = random.poisson(5, (50, WEEKS + 13))
    counts[11, 0] = 31
    counts[12] = 0
    counts[12, 0] = 4
    names = [(f"T{at}", "") for at in range(50)]
    found = score_weeks(names, counts, LAST)
    assert [row.type for row in found.found] == ["T11"]
    one = found.found[0]
    assert one.incidents == 31 > one.high
    assert one.low <= one.expected <= one.high
    assert found.tested == 49
    assert found.earlier > 500
    assert found.false_alarms is not None
    assert found.false_alarms < 0.01


def test_types_areas_and_types_in_areas_are_series_of_their_own() -> None:
    cells = pl.DataFrame(
        [(0, "THEFT", "001", 3), (0, "THEFT", "002", 2), (1, "ARSON", "unknown", 1),
         (1, "unknown", "001", 4)],
        schema=["back", "type", "area", "incidents"], orient="row",
    )  # fmt: skip
    names, counts = series_of(cells, 3)
    found = {name: row.tolist() for name, row in zip(names, counts, strict=True)}
    assert found == {
        ("", "001"): [3, 4, 0],
        ("", "002"): [2, 0, 0],
        ("ARSON", ""): [0, 1, 0],
        ("THEFT", ""): [5, 0, 0],
        ("THEFT", "001"): [3, 0, 0],
        ("THEFT", "002"): [2, 0, 0],
    }


def test_nothing_is_found_where_there_is_nothing() -> None:
    names, counts = series_of(
        pl.DataFrame(schema={"back": pl.Int64, "type": str, "area": str, "incidents": pl.Int64}), 30
    )
    found = score_weeks(names, counts, LAST)
    assert (found.found, found.tested) == ((), 0)
