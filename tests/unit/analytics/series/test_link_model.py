"""The model of linked pairs, against scikit-learn, a closed form and a simulation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from analytics.audit import canonical
from analytics.series import link_fit
from analytics.series.link_fit import PairCounts, fit_links, one_hot, tilted
from analytics.series.link_model import LinkModel
from analytics.series.pair_features import level_counts

FEATURES = ("distance", "days", "hours", "week", "description")
SIZES = level_counts(FEATURES)


def drawn(random: np.random.Generator, shares: list[np.ndarray], number: int) -> np.ndarray:
    columns = [random.choice(len(one), number, p=one) for one in shares]
    return np.column_stack(columns).astype(np.int8)


def shares(random: np.random.Generator, sharpness: float) -> list[np.ndarray]:
    return [random.dirichlet(np.full(size, sharpness)) for size in SIZES]


def test_coefficients_are_those_of_infinitely_weighted_logistic_regression() -> None:
    """Fithian & Hastie (2013): with background weights that grow without bound."""
    random = np.random.default_rng(5)
    linked, background = (drawn(random, shares(random, 20), size) for size in (300, 2_000))
    levels = np.concatenate([linked, background])
    design = one_hot(levels, SIZES)
    is_linked = np.arange(len(levels)) < len(linked)
    own = tilted(design, is_linked.astype(float), (~is_linked).astype(float))
    peer = LogisticRegression(
        C=1 / link_fit.RIDGE, solver="newton-cholesky", tol=1e-14, max_iter=1_000
    )
    peer.fit(design, is_linked, sample_weight=np.where(is_linked, 1.0, 1e5))
    assert own == pytest.approx(peer.coef_[0], abs=2e-3)


def test_of_one_feature_the_bayes_factor_is_the_ratio_of_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_fit, "RIDGE", 1e-9)
    linked, background = np.array([30.0, 50.0, 20.0]), np.array([100.0, 300.0, 600.0])
    beta = tilted(np.eye(3), linked, background)
    mean = np.log(background @ np.exp(beta) / background.sum())
    ratio = (linked / linked.sum()) / (background / background.sum())
    assert np.exp(beta - mean) == pytest.approx(ratio, rel=1e-6)


def mixed(seed: int, linked: int, background: int) -> PairCounts:
    """Pairs of which some are linked, and the background in ten permutations."""
    random = np.random.default_rng(seed)
    usual = shares(random, 20)
    special = [np.sort(random.dirichlet(np.full(size, 0.6)))[::-1] for size in SIZES]
    seen = [drawn(random, special, linked), drawn(random, usual, background)]
    null = drawn(random, usual, 10 * background)
    rows, own = np.unique(np.concatenate([*seen, null]), axis=0, return_inverse=True)
    first = np.arange(len(own)) < linked + background
    observed = np.bincount(own[first], minlength=len(rows)).astype(float)
    permuted = np.bincount(own[~first], minlength=len(rows)) / 10
    return PairCounts(FEATURES, rows, observed, permuted, np.zeros(len(rows)))


def test_without_solved_cases_about_as_many_pairs_are_linked_as_were_drawn() -> None:
    """Rather more, as what is linked also takes up noise of the background."""
    fitted = [fit_links(mixed(seed, 400, 8_000), {"description": frozenset()}) for seed in range(4)]
    found = [one.linked for one in fitted]
    assert 400 < np.mean(found) < 1.4 * 400
    none = [fit_links(mixed(seed, 0, 8_000), {"description": frozenset()}) for seed in range(4)]
    assert min(one.gain for one in fitted) > 5 * max(one.gain for one in none)


def test_chances_add_up_to_the_pairs_beyond_the_background() -> None:
    counts = mixed(9, 600, 6_000)
    fitted = fit_links(counts, {"description": frozenset()})
    chance = 1 / (1 + np.exp(-fitted.model.log_odds(counts.levels)))
    assert counts.observed @ chance == pytest.approx(fitted.linked, rel=1e-3)
    assert np.all((chance > 0) & (chance < 1))


def test_a_model_is_the_same_after_it_was_stored() -> None:
    model = fit_links(mixed(1, 200, 3_000), {"description": frozenset({"door"})}).model
    again = LinkModel.from_json(json.loads(canonical(model.as_json())))  # which sorts names
    levels = mixed(1, 200, 3_000).levels
    assert again.log_odds(levels) == pytest.approx(model.log_odds(levels))
    assert again.common == model.common
