"""The regressions of a risk terrain, checked with statsmodels and by optimality."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.forecasting.terrain.poisson import (
    fit_poisson_rates,
    lasso_path,
    lasso_penalties,
)
from analytics.forecasting.terrain.ratios import rate_ratios
from analytics.statistics.arrays import Floats, Ints


def cells(seed: int = 3, rows: int = 600) -> tuple[Floats, Floats, Floats, Ints]:
    """Counts, exposure, three features of 0 and 1, and areas whose rates differ."""
    random = np.random.default_rng(seed)
    columns = (random.random((rows, 3)) < (0.5, 0.3, 0.1)).astype(np.float64)
    exposure = random.uniform(0.2, 1, rows)
    areas = random.integers(0, 12, rows)
    level = random.normal(0, 0.5, 12)[areas]
    rates = exposure * np.exp(0.5 + level + columns @ np.log([1.0, 1.6, 3.0]))
    return random.poisson(rates).astype(np.float64), exposure, columns, areas


def test_the_fit_is_that_of_statsmodels() -> None:
    counts, exposure, columns, _ = cells()
    found = fit_poisson_rates(counts, exposure, columns)
    reference = sm.GLM(
        counts, sm.add_constant(columns), family=sm.families.Poisson(), exposure=exposure
    ).fit()
    assert [found.intercept, *found.coefficients] == pytest.approx(reference.params, abs=1e-6)


def test_ratios_within_areas_are_those_of_a_fit_with_a_term_for_each_area() -> None:
    counts, exposure, columns, areas = cells()
    found = rate_ratios(columns, counts, exposure, areas, resamples=2)
    terms = (areas[:, None] == np.arange(12)).astype(float)
    design = np.column_stack([columns, terms])
    reference = sm.GLM(counts, design, family=sm.families.Poisson(), exposure=exposure).fit()
    values = [one.value for one in found.within]
    assert values == pytest.approx(np.exp(reference.params[:3]), rel=1e-5)
    near = columns[:, 2] == 1
    plain = (counts[near].sum() / exposure[near].sum()) / (
        counts[~near].sum() / exposure[~near].sum()
    )
    assert found.alone[2].value == pytest.approx(plain)


def test_the_lasso_meets_its_optimality_conditions() -> None:
    """Friedman et al. (2010): the slope of the likelihood is the penalty where a column is in the
    fit, and at most the penalty where it is not."""
    counts, exposure, columns, _ = cells()
    penalties = lasso_penalties(counts, exposure, columns)
    path = lasso_path(counts, exposure, columns, penalties)
    spreads = columns.std(axis=0)
    assert not path[0].coefficients.any()
    for penalty, fit in zip(penalties, path, strict=True):
        rest = counts - fit.expected(columns, exposure)
        slope = columns.T @ rest / spreads
        inside = fit.coefficients != 0
        assert rest.sum() == pytest.approx(0, abs=0.05 * len(counts) ** 0.5)
        assert slope[inside] == pytest.approx(
            penalty * np.sign(fit.coefficients[inside]), rel=0.02, abs=0.2
        )
        assert (np.abs(slope[~inside]) <= penalty * 1.01).all()


def test_a_light_lasso_is_the_plain_fit() -> None:
    counts, exposure, columns, _ = cells()
    plain = fit_poisson_rates(counts, exposure, columns).coefficients
    found = lasso_path(counts, exposure, columns, np.array([10.0, 1.0, 1e-6]))[-1].coefficients
    assert found == pytest.approx(plain, abs=2e-3)
