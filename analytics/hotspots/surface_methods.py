"""The methods of surfaces on counts per cell: values, classes, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.errors import InputError
from analytics.formats import area_unit, area_unit_km2, distance_text, number, percent
from analytics.hotspots.denominators import ALL, type_of
from analytics.hotspots.emerging import MIN_PERIODS, fit_emerging
from analytics.hotspots.fishnet import Fishnet
from analytics.hotspots.getis_ord import fit_getis_ord
from analytics.hotspots.moran import QUADRANTS, fit_local_moran
from analytics.hotspots.neighbor_sums import rounded_to
from analytics.hotspots.neighbors import distance_band, queen
from analytics.hotspots.population import CellResidents
from analytics.hotspots.surface_classes import PATTERNS, GiClass, MoranClass
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.level import LEVEL

FEWEST_CELLS = 30
MOST_PERIODS = 52
USUAL_PERIODS = 24
STRICT = 0.01
NONE = -1
THIN = 0.05
"""Denominators below this share of their median (where there is any) are too thin for a ratio."""
NOTHING = "There is nothing to compare."
PERMUTED = "p over all conditional permutations"
"""Of the tested methods: no sample of 999 is drawn, the share among all is computed."""


@dataclass(frozen=True)
class Method:
    """How a method is offered: title, what its value is, and what it answers."""

    title: str
    unit: str
    about: str
    tested: bool = False  # whether it has classes of significance


METHODS: dict[str, Method] = {
    "getis_ord": Method(
        "Hot and cold spots (Gi*)",
        "standard score",
        "Cells that, with their neighbors, hold significantly more or fewer incidents than "
        "expected at random, corrected for multiple testing.",
        tested=True,
    ),
    "counts": Method("Counts per cell", "incidents", "Incidents in each cell."),
    "kde": Method(
        "Smoothed density (KDE)",
        "times the city's average",
        "A smooth surface: how dense incidents are around each cell, in times the average.",
    ),
    "risk": Method(
        "Risk per resident or other crime (dual KDE)",
        "times the usual share",
        "Where there are more of these incidents than residents, or other crime, would suggest.",
    ),
    "moran": Method(
        "Clusters and outliers (local Moran)",
        "local Moran's I",
        "Clusters of high or low cells, and cells that differ from their neighbors.",
        tested=True,
    ),
    "emerging": Method(
        "Emerging hot spots",
        "standard score of the last period",
        "How each cell's significance developed over time: new, intensifying, persistent, and "
        "so on.",
        tested=True,
    ),
}


PER_RESIDENT = "times the rate overall"
"""Unit of a risk against residents."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a method made of the cells; see `surface.Surface`."""

    values: Floats = field(repr=False)
    caption: str
    classes: tuple[str, ...] = ()
    classed: Ints = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    q: Floats | None = field(default=None, repr=False)


def plain(counts: Floats, net: Fishnet, weight: str) -> Found:
    """The counts themselves."""
    what = "Days of harm" if weight == "harm" else "Incidents"
    return Found(
        counts, f"{what} in each of {number(len(net))} cells of {distance_text(net.size_m)}."
    )


def relative(density: Floats, bandwidth_m: int, half_life_days: int) -> Found:
    """Density in times the mean of all cells."""
    mean = float(density.mean()) if len(density) else 0.0
    fading = f", with a time decay of half-life {half_life_days} days" if half_life_days else ""
    return Found(
        density / mean if mean > 0 else np.zeros(len(density)),
        f"Quartic kernel with a bandwidth of {distance_text(bandwidth_m)}{fading}; the average is "
        f"{number(mean * area_unit_km2(), 1)} per {area_unit()}.",
    )


def risk(above: Floats, below: Floats, bandwidth_m: int, against: str) -> Found:
    """Ratio of two densities in times the ratio of their means; NaN where the lower one is thin.

    References
    ----------
    Kelsall & Diggle (1995).
    """
    ratio = _times_usual(above, below)
    if ratio is None:
        return Found(np.full(len(above), np.nan), NOTHING)
    of = "all incidents" if against == ALL else f"{type_of(against).lower()} incidents"
    return Found(
        ratio,
        f"Density over that of {of} in the same period, both with a bandwidth of "
        f"{distance_text(bandwidth_m)}, in times the city's ratio; cells "
        "with too few to compare are left empty.",
    )


def per_resident(
    above: Floats, below: Floats, living: CellResidents, bandwidth_m: int, counted: str
) -> Found:
    """Like `risk`, over the density of residents; NaN also where residents are not known.

    Parameters
    ----------
    counted : what is above, in words

    References
    ----------
    Kelsall & Diggle (1995); Goodchild & Lam (1980) for the residents.
    """
    above, below = np.where(living.known, above, 0.0), np.where(living.known, below, 0.0)
    ratio = _times_usual(above, below)
    if ratio is None:
        return Found(np.full(len(above), np.nan), NOTHING)
    by = DIMENSIONS[living.level].label.lower()
    rate = 1000 * above.sum() / below.sum()
    without = f" Areas without a number stay empty: {living.unknown}." if living.unknown else ""
    return Found(
        ratio,
        f"Density over that of {number(living.total)} residents, known for "
        f"{number(living.areas - living.unknown)} areas by {by}, both with a bandwidth of "
        f"{distance_text(bandwidth_m)}, in times the rate overall, "
        f"{rate:,.3g} {counted} per 1,000 residents. "
        "Residents are taken to live evenly over their area. Where few live and many come, as "
        "downtown, this is not a risk per person there. Cells with too few residents to compare "
        f"are left empty.{without}",
    )


def _times_usual(above: Floats, below: Floats) -> Floats | None:
    """Ratio in times the ratio of the sums, NaN where the lower one is thin; None for nothing."""
    positive = below[below > 0]
    if not len(positive) or not above.sum() > 0:
        return None
    thin = (below <= 0) | (below < THIN * float(np.median(positive)))
    usual = float(above.sum() / below.sum())
    ratio = np.full(len(above), np.nan)
    ratio[~thin] = above[~thin] / below[~thin] / usual
    return ratio


def getis_ord(counts: Floats, net: Fishnet, band_m: int) -> Found:
    """Gi* with classes at a false discovery rate of 5 and 1%."""
    weights = distance_band(net, band_m, self_included=True)
    found = fit_getis_ord(counts, weights)
    step = rounded_to(counts, np.diff(weights.indptr).astype(np.int64) - 1)
    rounded = f" of values rounded to steps of {step:.2g}" if step > 1 else ""
    sign = np.where(found.z > 0, 1, -1)
    strength = np.where(found.q <= STRICT, 2, np.where(found.q <= LEVEL, 1, 0))
    classed = np.where(np.isnan(found.z), 2, 2 + sign * strength).astype(np.int64)
    return Found(
        found.z,
        f"Gi* of {number(len(net))} cells of {distance_text(net.size_m)} with neighbors within "
        f"{distance_text(band_m)}, {PERMUTED}{rounded}; false discovery rate "
        f"{percent(LEVEL, 0)} and {percent(STRICT, 0)}.",
        tuple(GiClass),
        classed,
        found.q,
    )


def moran(counts: Floats, net: Fishnet) -> Found:
    """Local Moran's I with quadrants at a false discovery rate of 5%."""
    found = fit_local_moran(counts, queen(net, self_included=False))
    significant = found.q <= LEVEL
    classed = np.where(significant, found.quadrant, len(QUADRANTS)).astype(np.int64)
    return Found(
        found.i,
        f"Local Moran's I of {number(len(net))} cells of {distance_text(net.size_m)} and the eight "
        f"cells around, {PERMUTED}; false discovery rate {percent(LEVEL, 0)}.",
        tuple(MoranClass),
        classed,
        found.q,
    )


def emerging(cube: Floats, net: Fishnet, band_m: int, days: int) -> Found:
    """The published patterns of each cell over the periods."""
    if cube.shape[1] < MIN_PERIODS:
        raise InputError(
            f"{cube.shape[1]} periods of {days} days are too few for a history; choose a longer "
            f"period of time or shorter steps: {MIN_PERIODS} are needed."
        )
    found = fit_emerging(cube, distance_band(net, band_m, self_included=True))
    place = {name: number for number, name in enumerate(PATTERNS)}
    classed = np.array([place[str(name)] for name in found.pattern], dtype=np.int64)
    return Found(
        found.z[:, -1],
        f"Gi* in each of {cube.shape[1]} periods of {days} days, neighbors within "
        f"{distance_text(band_m)}, {PERMUTED}; false discovery rate "
        f"{percent(LEVEL, 0)} in each; trend by Mann-Kendall.",
        tuple(PATTERNS.values()),
        classed,
        found.q[:, -1],
    )


def period_days(days: int) -> int:
    """Length of a period that gives about two dozen of them, a week at least, whole weeks."""
    return max(7 * round(days / USUAL_PERIODS / 7), 7) if days >= 7 * MIN_PERIODS else 1
