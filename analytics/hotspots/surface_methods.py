"""The methods of surfaces: from counts per cell to values, classes and the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.errors import InputError
from analytics.hotspots.emerging import EMERGING_CLASSES, MIN_PERIODS, fit_emerging
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.moran import QUADRANTS, fit_local_moran
from analytics.hotspots.neighbor_sums import rounding_step
from analytics.hotspots.neighbors import distance_band, queen
from analytics.hotspots.population import CellResidents
from analytics.hotspots.surface_classes import GiClass, MoranClass
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL

METHODS = ("getis_ord", "counts", "kde", "risk", "moran", "emerging")
"""All methods of surfaces, the default first."""
FEWEST_CELLS = 30
MOST_PERIODS = 52
USUAL_PERIODS = 24
STRICT = 0.01
"""False discovery rate of the stronger classes of Gi*."""
THIN = 0.05
"""Denominators below this share of their median (of cells that have any) give no ratio."""


@dataclass(frozen=True)
class ResidentRate:
    """The residents that a risk is over, and the rate overall.

    Attributes
    ----------
    level : level of the areas whose residents are known
    residents : in the cells
    areas : areas with a number of residents
    areas_without : areas without one, which stay empty
    per_1000 : incidents (or days of harm) per 1,000 residents
    """

    level: str
    residents: float
    areas: int
    areas_without: int
    per_1000: float


@dataclass(frozen=True)
class SurfaceDetails:
    """Numbers behind a surface that its query does not have; None where a method has none.

    Attributes
    ----------
    comparable : False where a risk has nothing to compare
    average_per_km2 : mean density of all cells (KDE)
    residents : what a risk per resident is over
    rounding_step : step to which Gi* rounded the values, where it did
    periods, period_days : number and length of the periods (emerging hot spots)
    """

    comparable: bool = True
    average_per_km2: float | None = None
    residents: ResidentRate | None = None
    rounding_step: float | None = None
    periods: int | None = None
    period_days: int | None = None


@dataclass(frozen=True, eq=False)
class CellValues:
    """Values and classes of the cells; see `surface.Surface`."""

    values: Floats = field(repr=False)
    details: SurfaceDetails = SurfaceDetails()
    classes: tuple[str, ...] = ()
    classed: Ints = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    q: Floats | None = field(default=None, repr=False)


def relative_density(density: Floats) -> CellValues:
    """Density in times the mean of all cells."""
    mean = float(density.mean()) if len(density) else 0.0
    values = density / mean if mean > 0 else np.zeros(len(density))
    return CellValues(values, SurfaceDetails(average_per_km2=mean))


def risk(numerator: Floats, denominator: Floats) -> CellValues:
    """Ratio of two densities in times the ratio of their means; NaN where the second is thin.

    References
    ----------
    Kelsall & Diggle (1995).
    """
    ratio = _times_usual(numerator, denominator)
    if ratio is None:
        return _incomparable(len(numerator))
    return CellValues(ratio)


def risk_per_resident(
    numerator: Floats, denominator: Floats, residents: CellResidents
) -> CellValues:
    """Like `risk`, over the density of residents; NaN also where residents are not known.

    References
    ----------
    Kelsall & Diggle (1995); Goodchild & Lam (1980) for the residents.
    """
    numerator, denominator = (
        np.where(residents.known, density, 0.0) for density in (numerator, denominator)
    )
    ratio = _times_usual(numerator, denominator)
    if ratio is None:
        return _incomparable(len(numerator))
    rate = ResidentRate(
        residents.level,
        residents.total,
        residents.areas - residents.unknown,
        residents.unknown,
        float(1000 * numerator.sum() / denominator.sum()),
    )
    return CellValues(ratio, SurfaceDetails(residents=rate))


def getis_ord(counts: Floats, grid: Fishnet, band_m: int) -> CellValues:
    """Gi* with classes at a false discovery rate of 5 and 1%."""
    weights = distance_band(grid, band_m, self_included=True)
    found = fit_getis_ord(counts, weights)
    step = rounding_step(counts, np.diff(weights.indptr).astype(np.int64) - 1)
    sign = np.where(found.z > 0, 1, -1)
    strength = np.where(found.q <= STRICT, 2, np.where(found.q <= LEVEL, 1, 0))
    classed = np.where(np.isnan(found.z), 2, 2 + sign * strength).astype(np.int64)
    details = SurfaceDetails(rounding_step=step if step > 1 else None)
    return CellValues(found.z, details, tuple(GiClass), classed, found.q)


def moran(counts: Floats, grid: Fishnet) -> CellValues:
    """Local Moran's I with quadrants at a false discovery rate of 5%."""
    found = fit_local_moran(counts, queen(grid, self_included=False))
    significant = found.q <= LEVEL
    classed = np.where(significant, found.quadrant, len(QUADRANTS)).astype(np.int64)
    return CellValues(found.i, SurfaceDetails(), tuple(MoranClass), classed, found.q)


def emerging(cube: Floats, grid: Fishnet, band_m: int, period_days: int) -> CellValues:
    """The pattern of each cell over the periods, and Gi* of the last one."""
    periods = cube.shape[1]
    if periods < MIN_PERIODS:
        raise InputError(
            f"{periods} periods of {period_days} days are too few for a history; choose a longer "
            f"period of time or shorter steps: {MIN_PERIODS} are needed."
        )
    found = fit_emerging(cube, distance_band(grid, band_m, self_included=True))
    place = {name: number for number, name in enumerate(EMERGING_CLASSES)}
    classed = np.array([place[str(name)] for name in found.pattern], dtype=np.int64)
    details = SurfaceDetails(periods=periods, period_days=period_days)
    return CellValues(found.z[:, -1], details, EMERGING_CLASSES, classed, found.q[:, -1])


def usual_period_days(days: int) -> int:
    """Length of a period that gives about two dozen of them: whole weeks, one at least."""
    return max(7 * round(days / USUAL_PERIODS / 7), 7) if days >= 7 * MIN_PERIODS else 1


def _times_usual(numerator: Floats, denominator: Floats) -> Floats | None:
    """Ratio in times the ratio of the sums, NaN where the denominator is thin.

    None where there is nothing to compare.
    """
    positive = denominator[denominator > 0]
    if not len(positive) or not numerator.sum() > 0:
        return None
    thin = (denominator <= 0) | (denominator < THIN * float(np.median(positive)))
    usual = float(numerator.sum() / denominator.sum())
    ratio = np.full(len(numerator), np.nan)
    ratio[~thin] = numerator[~thin] / denominator[~thin] / usual
    return ratio


def _incomparable(cells: int) -> CellValues:
    return CellValues(np.full(cells, np.nan), SurfaceDetails(comparable=False))
