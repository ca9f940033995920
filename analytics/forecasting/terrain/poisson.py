"""Poisson regression with an exposure: by iterated least squares, and with a lasso penalty.

References
----------
McCullagh & Nelder (1989), Generalized linear models, 2nd ed.
Friedman, Hastie & Tibshirani (2010), Regularization paths for generalized linear models via
coordinate descent, Journal of Statistical Software 33.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import xlogy

from analytics.statistics.arrays import Floats

MOST_STEPS = 50
TOLERANCE = 1e-8
LEAST_RATE = 1e-9
RIDGE = 1e-6
"""Keeps a feature whose cells have no incident finite; far below what moves an estimate."""
PATH = 12
PATH_END = 0.02
TOLERANCE_LASSO = 1e-3
MOST_SWEEPS = 200


@dataclass(frozen=True, eq=False)
class PoissonFit:
    """Log rate = intercept + columns @ coefficients."""

    intercept: float
    coefficients: Floats = field(repr=False)

    def expected(self, columns: Floats, exposure: Floats) -> Floats:
        """Expected counts, shape (rows,)."""
        return np.asarray(exposure * np.exp(self.intercept + columns @ self.coefficients))


def fit_poisson_rates(counts: Floats, exposure: Floats, columns: Floats) -> PoissonFit:
    """Maximum-likelihood fit of counts with log exposure as offset.

    Parameters
    ----------
    counts, exposure : arrays of shape (rows,); exposure above 0
    columns : array of shape (rows, columns)
    """
    design = np.column_stack([np.ones(len(counts)), columns])
    offset = np.log(exposure)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(max(counts.sum(), LEAST_RATE) / exposure.sum())
    ridge = RIDGE * np.eye(len(beta))
    ridge[0, 0] = 0.0
    for _ in range(MOST_STEPS):
        expected = np.exp(np.clip(offset + design @ beta, -30, 30))
        slope = design.T @ (counts - expected) - ridge @ beta
        step = np.linalg.solve(design.T @ (design * expected[:, None]) + ridge, slope)
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if np.abs(step).max() < TOLERANCE:
            break
    return PoissonFit(float(beta[0]), beta[1:])


def deviance(counts: Floats, expected: Floats) -> Floats:
    """Poisson deviance of each row, shape (rows,)."""
    mean = np.maximum(expected, LEAST_RATE)
    return np.asarray(2 * (xlogy(counts, counts / mean) - (counts - mean)))


def lasso_penalties(counts: Floats, exposure: Floats, columns: Floats) -> Floats:
    """Penalties from the least that leaves no column down to 2% of it, shape (PATH,)."""
    expected = exposure * (counts.sum() / exposure.sum())
    scaled = _scaled(columns)[0]
    highest = max(float(np.abs(scaled.T @ (counts - expected)).max()), LEAST_RATE)
    return np.asarray(highest * np.geomspace(1.0, PATH_END, PATH))


def lasso_path(
    counts: Floats, exposure: Floats, columns: Floats, penalties: Floats
) -> list[PoissonFit]:
    """Fits of least -log likelihood + penalty × Σ|coefficient of the standardized column|.

    Parameters
    ----------
    penalties : from high to low; each fit starts with the one before
    """
    scaled, means, spreads = _scaled(columns)
    offset = np.log(exposure)
    level = float(np.log(max(counts.sum(), LEAST_RATE) / exposure.sum()))
    fit = PoissonFit(level, np.zeros(columns.shape[1]))
    fits = []
    for penalty in penalties:
        fit = _lasso(counts, offset, scaled, penalty, fit)
        own = fit.coefficients / spreads
        fits.append(PoissonFit(fit.intercept - float(means @ own), own))
    return fits


def _lasso(
    counts: Floats, offset: Floats, columns: Floats, penalty: float, start: PoissonFit
) -> PoissonFit:
    """The fit of one penalty: among columns that could enter, until no other one would."""
    intercept, beta = start.intercept, start.coefficients.copy()
    tried = beta != 0
    while True:
        among = PoissonFit(intercept, beta[tried])
        among = _quadratic_steps(counts, offset, columns[:, tried], penalty, among)
        intercept, beta[tried] = among.intercept, among.coefficients
        expected = np.exp(np.clip(offset + intercept + columns @ beta, -30, 30))
        enters = np.abs(columns.T @ (counts - expected)) > penalty * (1 + TOLERANCE_LASSO)
        if not (enters & ~tried).any():
            return PoissonFit(intercept, beta)
        tried |= enters


def _quadratic_steps(
    counts: Floats, offset: Floats, columns: Floats, penalty: float, start: PoissonFit
) -> PoissonFit:
    """Coordinate descent on the quadratic approximation, made again until it stands."""
    intercept, beta = start.intercept, start.coefficients
    for _ in range(MOST_STEPS):
        linear = intercept + columns @ beta
        weights = np.exp(np.clip(offset + linear, -30, 30))
        working = linear + (counts - weights) / np.maximum(weights, LEAST_RATE)
        total = weights.sum()
        centers = (weights @ columns) / total
        middle = float(weights @ working / total)
        gram = columns.T @ (columns * weights[:, None]) - total * np.outer(centers, centers)
        pull = columns.T @ (weights * working) - total * middle * centers
        new = _descend(gram, pull, penalty, beta)
        moved = float(np.abs(new - beta).max(initial=0.0))
        intercept, beta = middle - float(centers @ new), new
        if moved < TOLERANCE_LASSO:
            break
    return PoissonFit(intercept, beta)


def _descend(gram: Floats, pull: Floats, penalty: float, start: Floats) -> Floats:
    beta = start.copy()
    rest = pull - gram @ beta
    diagonal = np.maximum(np.diag(gram), LEAST_RATE)
    for _ in range(MOST_SWEEPS):
        largest = 0.0
        for at in range(len(beta)):
            wanted = rest[at] + diagonal[at] * beta[at]
            new = np.sign(wanted) * max(abs(wanted) - penalty, 0.0) / diagonal[at]
            change = new - beta[at]
            if change:
                rest -= gram[:, at] * change
                beta[at] = new
                largest = max(largest, abs(change))
        if largest < 1e-6:
            break
    return beta


def _scaled(columns: Floats) -> tuple[Floats, Floats, Floats]:
    means, spreads = columns.mean(axis=0), columns.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    return (columns - means) / spreads, means, spreads
