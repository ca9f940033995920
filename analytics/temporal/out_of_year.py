"""How well trend and season predict a year from the other years.

A decomposition splits any series, pure noise too, into a trend and a season with much of its
variance. What counts is whether they hold in a year that they were not fitted to.

References
----------
Geisser (1975), The predictive sample reuse method with applications, JASA 70: leave-out prediction.
Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., section 7.4
(harmonics of the year).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.statistics.arrays import Floats
from analytics.temporal.harmonics import yearly_harmonics

FEWEST_YEARS = 3
"""Whole years without which no line can be told from a season in the years that remain."""


@dataclass(frozen=True)
class OutOfYear:
    """R² of years that were each predicted from the others.

    Attributes
    ----------
    trend, season : float
        1 − squared errors with the part / those without it. At most 1; 0 or below where the part
        predicts nothing.
    years : int
        Years predicted.
    """

    trend: float
    season: float
    years: int


def predict_years(values: npt.ArrayLike, year: int, cycle: float) -> OutOfYear | None:
    """R² of trend and season in years left out; None under `FEWEST_YEARS` whole years.

    Parameters
    ----------
    values : array of shape (steps,)
    year : int
        Steps of a year to leave out; years end with the last step, and steps before the first whole
        year only help to fit.
    cycle : float
        Steps of a year, exactly.

    Notes
    -----
    Three models are fitted to the other years by least squares: mean and three harmonics of the
    year, mean and straight line, and all of them. The trend's R² compares the errors of the last
    and the first. The season's compares those of the last and the second, less their mean in each
    year: a year's level is not its season.
    """
    series = np.asarray(values, dtype=np.float64)
    years = len(series) // year
    if years < FEWEST_YEARS:
        return None
    steps = np.arange(len(series))
    constant, line = np.ones(len(series)), steps / len(series) - 0.5
    waves = yearly_harmonics(len(series), cycle)
    back = (len(series) - 1 - steps) // year
    both, flat, seasonless = (
        np.stack([_errors(series, np.column_stack(columns), back == one) for one in range(years)])
        for columns in ((constant, line, waves), (constant, waves), (constant, line))
    )
    return OutOfYear(
        trend=_r_squared(both, flat),
        season=_r_squared(_within_years(both), _within_years(seasonless)),
        years=years,
    )


def _errors(series: Floats, columns: Floats, left_out: npt.NDArray[np.bool_]) -> Floats:
    """Errors in the steps left out, of a least-squares fit to the others."""
    weights = np.linalg.lstsq(columns[~left_out], series[~left_out], rcond=None)[0]
    return np.asarray(series[left_out] - columns[left_out] @ weights)


def _within_years(errors: Floats) -> Floats:
    return np.asarray(errors - errors.mean(axis=1, keepdims=True))


def _r_squared(with_part: Floats, without: Floats) -> float:
    """0 where nothing is left to predict."""
    total = float((without**2).sum())
    return 1 - float((with_part**2).sum()) / total if total > 1e-12 else 0.0
