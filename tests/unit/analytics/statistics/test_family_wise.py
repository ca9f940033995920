"""Holm's adjustment against statsmodels, and its family-wise error by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from analytics.statistics.family_wise import holm


@pytest.mark.parametrize("tests", [1, 2, 5, 30])
def test_adjusted_p_values_equal_those_of_statsmodels(tests: int) -> None:
    p = np.random.default_rng(tests).uniform(0, 0.2, tests)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_missing_members_count_as_larger_than_all_given() -> None:
    p = np.array([0.03, 0.001])
    padded = multipletests([*p, 1.0, 1.0], method="holm")[1][:2]
    assert holm(p, 4) == pytest.approx(padded)
    assert holm(p, 1) == pytest.approx(holm(p))


def test_any_false_rejection_is_as_rare_as_stated() -> None:
    p = np.random.default_rng(3).uniform(size=(4_000, 4))
    p[:, 0] *= 1e-6  # one of the four is not true
    false = np.mean([(holm(row)[1:] <= 0.05).any() for row in p])
    assert false == pytest.approx(0.05, abs=0.012)
