"""Proposals for eps, min_samples and the cut of a dendrogram, each with its curve.

A web worker proposes too, so nothing here may import scikit-learn: k has a module of its own.

References
----------
Ester et al. (1996), section 4.2, on the k-distance curve.
Satopaa, Albrecht, Irwin & Raghavan (2011), Finding a "Kneedle" in a haystack, ICDCS workshops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.formats import percent
from analytics.hotspots.clustering import checked
from analytics.hotspots.dbscan import fit_dbscan
from analytics.hotspots.neighborhoods import PAIRS_AT_ONCE, pairs_within, weight_within
from analytics.hotspots.ward import Dendrogram
from analytics.statistics.arrays import Floats

PLACES = 20_000
"""Places drawn (by weight) where there are more."""
SAMPLE = 2_000
"""Incidents whose k-distance is looked at."""
USUAL_EPS_M = 100.0
EPS_M = (25.0, 500.0)
LARGEST_SHARE = 0.05
MOST_CUT = 60
CORE_SHARES = (0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99)


@dataclass(frozen=True, eq=False)
class Proposal:
    """A value, why, and the curve to show beside it.

    Attributes
    ----------
    value : float
    reason : str
        A sentence for the page.
    curve : pl.DataFrame
        First column the parameter (or rank), then what was looked at.
    """

    value: float
    reason: str
    curve: pl.DataFrame = field(repr=False)


def propose_density(
    xy: Floats, weights: Floats, *, dense_share: float, eps_m: float = 0.0, min_samples: float = 0.0
) -> dict[str, Proposal]:
    """eps and min_samples that belong together, those that are 0; by the incidents alone.

    eps is the knee of their k-distance curve, k what the densest `dense_share` of them have within
    `USUAL_EPS_M`, so that it grows with their number. min_samples is proposed for that eps; where
    there are more than `PLACES` places, on as many incidents drawn from them.

    Returns
    -------
    Proposals by the name of the parameter.
    """
    found = {}
    if not eps_m:
        usual = min_samples or _densest_within(xy, weights, USUAL_EPS_M, dense_share)
        found["eps_m"] = propose_eps(xy, weights, min_samples=usual)
        eps_m = found["eps_m"].value
    if not min_samples:
        places, given = drawn(xy, weights)
        scale = weights.sum() / given.sum()
        found["min_samples"] = propose_min_samples(places, scale * given, eps_m=eps_m)
    return found


def _densest_within(xy: Floats, weights: Floats, radius_m: float, share: float) -> float:
    """`densest` of all places, or of a sample of incidents where there are many."""
    if len(xy) <= PLACES:
        return densest(weights, weight_within(xy, weights, radius_m), share)
    random = np.random.default_rng(0)
    sample = xy[random.choice(len(xy), SAMPLE, p=weights / weights.sum())]
    around = np.zeros(SAMPLE)
    for own, other, _ in pairs_within(sample, xy, radius_m):
        around += np.bincount(own, weights=weights[other], minlength=SAMPLE)
    return densest(np.ones(SAMPLE), around, share)


def propose_eps(
    xy: Floats, weights: Floats | None = None, *, min_samples: float, seed: int = 0
) -> Proposal:
    """eps at the knee of the k-distance curve, by weight, between 25 and 500 m.

    For a sample of incidents: the radius within which the weight reaches `min_samples`, sorted.
    Below the knee are incidents in dense places, above it radii grow quickly.

    Returns
    -------
    Proposal
        Curve: share (of incidents, 0 to 1), distance_m.

    References
    ----------
    Ester et al. (1996), section 4.2; Satopaa et al. (2011).
    """
    places, given = checked(xy, weights)
    if not min_samples > 0 or given.sum() < min_samples:
        raise InputError(f"min_samples {min_samples:g} is more than the {given.sum():g} there are.")
    random = np.random.default_rng(seed)
    sample = random.choice(len(places), min(SAMPLE, len(places)), p=given / given.sum())
    distances = np.sort(_reach(places, given, places[sample], min_samples))
    low, high = EPS_M
    share = (np.arange(len(distances)) + 1) / len(distances)
    inside = distances < high
    if inside.sum() < 3:
        value, words = high, "nearly everywhere incidents are too sparse for a knee"
    else:
        at = knee(share[inside], distances[inside])
        value = float(np.clip(5 * round(distances[inside][at] / 5), low, high))
        words = f"{percent(share[inside][at], 0)} of the incidents have {min_samples:g} within it"
    return Proposal(
        value,
        f"eps at the knee of the k-distance curve; {words}.",
        pl.DataFrame({"share": share, "distance_m": distances}),
    )


def densest(weights: Floats, around: Floats, share: float) -> float:
    """Weight `around` a place that the places with `share` of all weight have at least.

    Raises
    ------
    InputError
        The share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InputError(f"dense_share={share}: choose between 0 and 1.")
    order = np.argsort(-around, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(max(around[order][np.searchsorted(reached, share)], 2.0))


def propose_min_samples(
    xy: Floats,
    weights: Floats | None = None,
    *,
    eps_m: float,
    tried: Sequence[float] | None = None,
    largest_share: float = LARGEST_SHARE,
) -> Proposal:
    """The smallest min_samples at which no zone swallows the city.

    DBSCAN with a threshold too low finds one zone that is the whole city. For each threshold: the
    zones, the noise share and the largest zone's share of the incidents; the smallest threshold is
    taken whose largest zone holds at most `largest_share` of them, else the one with the smallest.

    Returns
    -------
    Proposal
        Curve: min_samples, zones, noise_share, largest_share.
    """
    places, given = checked(xy, weights)
    total = float(given.sum())
    if not total > 0:
        raise InputError("There are no incidents to propose min_samples from.")
    within = weight_within(places, given, eps_m)
    grid = sorted(set(tried)) if tried else _thresholds(within, given)
    rows = []
    for threshold in grid:
        fitted = fit_dbscan(places, given, eps_m=eps_m, min_samples=threshold, within=within)
        labels = fitted.labels
        inside = labels >= 0
        sizes = np.bincount(labels[inside], given[inside]) / total
        rows.append((threshold, len(sizes), 1 - float(sizes.sum()), float(sizes.max(initial=0.0))))
    curve = pl.DataFrame(
        rows, schema=["min_samples", "zones", "noise_share", "largest_share"], orient="row"
    )
    some = [row for row in rows if row[1]] or rows
    fit = [row for row in some if row[3] <= largest_share]
    chosen = fit[0] if fit else min(some, key=lambda row: row[3])
    return Proposal(
        chosen[0],
        f"min_samples {chosen[0]:g}: the largest of {chosen[1]} zones holds "
        f"{percent(chosen[3])} of the incidents, {percent(chosen[2], 0)} are noise.",
        curve,
    )


def propose_cut(tree: Dendrogram) -> Proposal:
    """The number of zones at the knee of the spread within zones, as the dendrogram is cut.

    A merge of height h adds h² / 2 to the weighted squares within zones.

    Returns
    -------
    Proposal
        Curve: zones (from 2), height (of the merge that would leave one fewer), inertia (m², by
        weight).

    References
    ----------
    Ward (1963); Satopaa et al. (2011).
    """
    heights = tree.linkage[:, 2]
    spread = np.concatenate([[0.0], np.cumsum(heights**2 / 2)])
    zones = np.arange(2, min(MOST_CUT, len(heights)) + 1)
    if len(zones) < 3:
        raise InputError(f"{len(heights) + 1} cells are too few to propose a cut.")
    inertia = spread[len(heights) + 1 - zones]
    chosen = int(zones[knee(zones.astype(np.float64), inertia)])
    kept = inertia[chosen - 2] / spread[-1] if spread[-1] > 0 else 0.0
    return Proposal(
        chosen,
        f"{chosen} zones: the knee of the dendrogram; within them is {percent(kept, 0)} of the "
        "city's spread.",
        pl.DataFrame({"zones": zones, "height": heights[len(heights) - zones], "inertia": inertia}),
    )


def knee(x: Floats, y: Floats) -> int:
    """Position where a monotonous curve bends most: farthest from the line between its ends.

    Both axes are scaled to 0…1; for a curve that falls or bulges the other way the distance counts
    as well. Kneedle without smoothing, its largest difference.

    References
    ----------
    Satopaa et al. (2011).
    """
    if len(x) < 3 or x[-1] == x[0] or y[-1] == y[0]:
        return 0
    across = (x - x[0]) / (x[-1] - x[0])
    along = (y - y[0]) / (y[-1] - y[0])
    return int(np.argmax(np.abs(along - across)))


def drawn(places: Floats, given: Floats) -> tuple[Floats, Floats]:
    """Places with weight; of more than `PLACES` as many incidents drawn from them."""
    kept = given > 0
    places, given = places[kept], given[kept]
    if len(places) <= PLACES:
        return places, given
    random = np.random.default_rng(0)
    chosen = random.choice(len(places), PLACES, p=given / given.sum())
    unique, times = np.unique(chosen, return_counts=True)
    return places[unique], times.astype(np.float64)


def _reach(places: Floats, given: Floats, sample: Floats, wanted: float) -> Floats:
    """Radius at which the weight around each sampled place reaches what is wanted."""
    places, given = places[given > 0], given[given > 0]
    tree = cKDTree(places)
    radii = np.full(len(sample), np.inf)
    open_, nearest = np.arange(len(sample)), 16
    while len(open_):
        nearest = min(nearest, len(places))
        for part in np.array_split(open_, len(open_) * nearest // PAIRS_AT_ONCE + 1):
            distance, near = tree.query(sample[part], k=np.arange(1, nearest + 1))
            reached = np.cumsum(given[near], axis=1) >= wanted * (1 - 1e-12)
            some = np.flatnonzero(reached.any(axis=1))
            radii[part[some]] = distance[some, reached[some].argmax(axis=1)]
        if nearest == len(places):
            break
        open_, nearest = open_[np.isinf(radii[open_])], 4 * nearest
    return np.minimum(radii, 64 * EPS_M[1])


def _thresholds(within: Floats, given: Floats) -> list[float]:
    """Weights around places that leave 30 to 1% of the incidents at core places."""
    order = np.argsort(within)
    share = np.cumsum(given[order]) / given.sum()
    at = np.minimum(np.searchsorted(share, CORE_SHARES), len(order) - 1)
    return [float(value) for value in np.unique(np.maximum(np.ceil(within[order][at]), 2.0))]
