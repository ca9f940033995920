"""Proposals for k, eps, min_samples and the cut of a dendrogram, each with its curve.

References
----------
Ester et al. (1996), section 4.2, on the k-distance curve.
Satopaa, Albrecht, Irwin & Raghavan (2011), Finding a "Kneedle" in a haystack, ICDCS workshops.
Ben-Hur, Elisseeff & Guyon (2002), A stability based method for discovering structure, PSB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, Floats, checked
from analytics.hotspots.dbscan import fit_dbscan
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.neighbourhoods import neighbour_counts, weight_within
from analytics.hotspots.stability import seed_agreement
from analytics.hotspots.ward import Dendrogram

SEEDS = (0, 1, 2, 3)
KS = (4, 6, 8, 10, 12, 15, 18, 22, 26, 30)
PLACES = 20_000
"""Places drawn (by weight) where there are more."""
EPS_M = (25.0, 500.0)
LARGEST_SHARE = 0.05
NEARLY = 0.02
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


def propose_k(
    xy: Floats,
    weights: Floats | None = None,
    *,
    ks: Sequence[int] = KS,
    seeds: Sequence[int] = SEEDS,
) -> Proposal:
    """A number of zones that comes out the same whatever the seed, near the knee of inertia.

    For each k: the mean adjusted Rand over pairs of seeds (one start each, so that the search for
    the best start hides nothing) and the inertia. Of the k from half to twice the knee of inertia,
    the smallest whose agreement is within `NEARLY` of the best.

    Returns
    -------
    Proposal
        Curve: k, agreement, inertia (m², by weight).

    References
    ----------
    Ben-Hur et al. (2002); Satopaa et al. (2011).
    """
    places, given = _drawn(*checked(xy, weights))
    most = len(np.unique(places, axis=0))
    tried = sorted({k for k in ks if 2 <= k <= most})
    if not tried:
        raise InputError(f"{most} places cannot be split into any of {list(ks)} zones.")
    agreement, inertia = [], []
    for k in tried:

        def fit(points: Floats, mass: Floats, seed: int, k: int = k) -> Clustering:
            return fit_kmeans(points, mass, k=k, seed=seed, starts=1)

        agreement.append(float(seed_agreement(fit, places, given, seeds).mean()))
        inertia.append(float(fit_kmeans(places, given, k=k, starts=2).estimator.inertia_))
    bend = tried[knee(np.array(tried, float), np.array(inertia))]
    near = [i for i, k in enumerate(tried) if bend / 2 <= k <= 2 * bend]
    best = max(agreement[i] for i in near)
    chosen = next(i for i in near if agreement[i] >= best - NEARLY)
    return Proposal(
        tried[chosen],
        f"{tried[chosen]} zones: near the knee of the inertia at {bend}, with adjusted Rand "
        f"{agreement[chosen]:.2f} between {len(seeds)} seeds (best {best:.2f}).",
        pl.DataFrame({"k": tried, "agreement": agreement, "inertia": inertia}),
    )


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
    sample = random.choice(len(places), min(2_000, len(places)), p=given / given.sum())
    distances = np.sort(_reach(places, given, places[sample], min_samples))
    low, high = EPS_M
    share = (np.arange(len(distances)) + 1) / len(distances)
    inside = distances < high
    if inside.sum() < 3:
        value, words = high, "nearly everywhere incidents are too sparse for a knee"
    else:
        at = knee(share[inside], distances[inside])
        value = float(np.clip(5 * round(distances[inside][at] / 5), low, high))
        words = f"{_percent(share[inside][at])} of the incidents have {min_samples:g} within it"
    return Proposal(
        value,
        f"eps {value:g} m: the knee of the k-distance curve; {words}.",
        pl.DataFrame({"share": share, "distance_m": distances}),
    )


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
        f"{_percent(chosen[3], 1)} of the incidents, {_percent(chosen[2])} are noise.",
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
        f"{chosen} zones: the knee of the dendrogram; within them is {_percent(kept)} of the "
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


def _drawn(places: Floats, given: Floats) -> tuple[Floats, Floats]:
    kept = given > 0
    places, given = places[kept], given[kept]
    if len(places) <= PLACES:
        return places, given
    random = np.random.default_rng(0)
    drawn = random.choice(len(places), PLACES, p=given / given.sum())
    chosen, times = np.unique(drawn, return_counts=True)
    return places[chosen], times.astype(np.float64)


def _reach(places: Floats, given: Floats, sample: Floats, wanted: float) -> Floats:
    """Radius at which the weight around each sampled place reaches what is wanted."""
    tree = cKDTree(places)
    radii = np.full(len(sample), np.inf)
    open_, limit = np.arange(len(sample)), EPS_M[0]
    while len(open_) and limit <= 64 * EPS_M[1]:
        # 64 at a time: a place may have tens of thousands of neighbours.
        for part in np.array_split(open_, max(len(open_) // 64, 1)):
            if int(neighbour_counts(tree, sample[part], limit).sum()) == 0:
                continue
            for one in part:
                near = np.asarray(tree.query_ball_point(sample[one], limit), dtype=np.int64)
                distance = np.hypot(*(places[near] - sample[one]).T)
                order = np.argsort(distance)
                reached = np.cumsum(given[near][order]) >= wanted * (1 - 1e-12)
                if reached.any():
                    radii[one] = distance[order][int(np.argmax(reached))]
        open_, limit = np.flatnonzero(np.isinf(radii)), 2 * limit
    return np.minimum(radii, 64 * EPS_M[1])


def _thresholds(within: Floats, given: Floats) -> list[float]:
    """Weights around places that leave 30 to 1 % of the incidents at core places."""
    order = np.argsort(within)
    share = np.cumsum(given[order]) / given.sum()
    at = np.minimum(np.searchsorted(share, CORE_SHARES), len(order) - 1)
    return [float(value) for value in np.unique(np.maximum(np.ceil(within[order][at]), 2.0))]


def _percent(share: float, decimals: int = 0) -> str:
    return f"{100 * share:.{decimals}f} %"
