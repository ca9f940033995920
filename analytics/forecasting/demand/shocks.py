"""What forecasts of demand miss, in layers: the city, the area, the cell; lasting, or of a day.

A forecast that is too low for one beat tonight tends to be so for its neighbors, and next week. So
sums over areas, shifts or days are far less certain than independent cells would make them. Every
count is Poisson with its expected mean times lognormal shocks, one for each layer:

    log-mean of a cell's day = log μ + city + area + cell + city(day) + area(day) + cell(day)

Each variance is estimated by moments from past forecasts as they were made, and the same variances
give a cell's own negative-binomial dispersion.

References
----------
Aitchison & Ho (1989), The multivariate Poisson-log normal distribution, Biometrika 76.
McCullagh & Nelder (1989), Generalized linear models, section 4.5: dispersion by moments.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.statistics.arrays import Floats, Ints

DRAWS = 400
SEED = 20_080
_SUMMED: tuple[tuple[int, ...], ...] = ((), (2,), (1,), (1, 2), (0, 1), (0, 1, 2))
"""Axes (of areas, shifts, days) over which errors are summed before they are squared."""


@dataclass(frozen=True)
class Shocks:
    """Variances on the log scale, by layer, lasting and daily."""

    city: float = 0.0
    area: float = 0.0
    cell: float = 0.0
    city_daily: float = 0.0
    area_daily: float = 0.0
    cell_daily: float = 0.0

    @property
    def dispersion(self) -> float:
        """Squared relative deviation of a cell's day: its variance is μ + dispersion × μ²."""
        lasting = self.city + self.area + self.cell
        return float(np.expm1(lasting + self.city_daily + self.area_daily + self.cell_daily))

    def variance(self, mean: Floats) -> Floats:
        return np.asarray(mean + self.dispersion * mean**2)

    def draw(self, mean: Floats, draws: int = DRAWS, seed: int = SEED) -> Ints:
        """Joint counts of all cells and days, of which any sums can be formed.

        Parameters
        ----------
        mean : array of shape (areas, shifts, days)

        Returns
        -------
        array of shape (draws, areas, shifts, days)
        """
        random = np.random.default_rng(seed)
        rates = mean * self.factors(mean.shape, draws, random)
        return np.asarray(random.poisson(rates), dtype=np.int64)

    def factors(self, shape: tuple[int, ...], draws: int, random: np.random.Generator) -> Floats:
        """What the mean of each cell and day is multiplied by, on average 1; (draws, *shape)."""
        areas, shifts, days = shape
        layers = (
            (self.city, (1, 1, 1)),
            (self.area, (areas, 1, 1)),
            (self.cell, (areas, shifts, 1)),
            (self.city_daily, (1, 1, days)),
            (self.area_daily, (areas, 1, days)),
            (self.cell_daily, (areas, shifts, days)),
        )
        log = np.zeros((draws, areas, shifts, days))
        for variance, size in layers:
            log += random.normal(-variance / 2, variance**0.5, (draws, *size))
        return np.asarray(np.exp(log))


@dataclass(frozen=True, eq=False)
class Moments:
    """Squares of summed errors and of summed means of forecasts, shape (origins, 6) each.

    `noise` is the incidents expected: the part of the squares that is Poisson's.
    """

    errors: Floats = field(repr=False)
    means: Floats = field(repr=False)
    noise: Floats = field(repr=False)

    @classmethod
    def of(cls, happened: Floats, means: Floats) -> Moments:
        """Of forecasts of shape (origins, areas, shifts, days)."""
        noise = means.sum(axis=(1, 2, 3))
        return cls(_squares(happened - means), _squares(means), noise)

    def shocks(self, origins: slice) -> Shocks:
        """Variances that explain the errors of some forecasts.

        Notes
        -----
        Where two cell-days share a layer, the mean product of their relative errors is
        exp(variances shared) − 1. Pairs that share more give the further layers, one by one.
        """
        errors = _pairs(self.errors[origins].sum(axis=0))
        errors[0] -= self.noise[origins].sum()  # Poisson's part is in a cell's own day alone
        means = _pairs(self.means[origins].sum(axis=0))
        shared = np.log1p(np.maximum(_ratio(errors, means), 0.0))
        same, cell, area_day, area, city_day, city = (float(one) for one in shared)
        lasting_area = max(area - city, 0.0)
        lasting_cell = max(cell - city - lasting_area, 0.0)
        daily_city = max(city_day - city, 0.0)
        daily_area = max(area_day - city - lasting_area - daily_city, 0.0)
        known = city + lasting_area + lasting_cell + daily_city + daily_area
        return Shocks(
            city, lasting_area, lasting_cell, daily_city, daily_area, max(same - known, 0.0)
        )


def _squares(values: Floats) -> Floats:
    """Σ (values summed over axes)² by origin, shape (origins, 6)."""
    parts = []
    for axes in _SUMMED:
        summed = values.sum(axis=tuple(axis + 1 for axis in axes)) if axes else values
        parts.append((summed.reshape(len(values), -1) ** 2).sum(axis=1))
    return np.stack(parts, axis=1)


def _pairs(squares: Floats) -> Floats:
    """Products of pairs: a cell's day with itself and other days; then other cells of its area on
    the same day and on others; then cells of other areas on the same day and on others."""
    own, days, shifts, shift_days, areas, area_days = squares
    # The square of a sum also has the pairs of smaller sums: they are taken out.
    return np.array(
        [
            own,
            days - own,
            shifts - own,
            shift_days - shifts - days + own,
            areas - shifts,
            area_days - areas - shift_days + shifts,
        ]
    )


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 1e-9)
