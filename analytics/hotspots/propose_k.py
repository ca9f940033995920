"""A proposal for the number of zones of K-means, with its curve.

References
----------
Ben-Hur, Elisseeff & Guyon (2002), A stability based method for discovering structure, PSB.
Satopaa, Albrecht, Irwin & Raghavan (2011), Finding a "Kneedle" in a haystack, ICDCS workshops.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.errors import InputError
from analytics.hotspots.clustering import Clustering, checked
from analytics.hotspots.kmeans import fit_kmeans
from analytics.hotspots.proposals import Proposal, knee, sample_places
from analytics.hotspots.stability import seed_agreement
from analytics.statistics.arrays import Floats

SEEDS = (0, 1, 2, 3)
KS = (4, 6, 8, 10, 12, 15, 18, 22, 26, 30)
NEARLY = 0.02


def propose_k(
    xy: Floats,
    weights: Floats | None = None,
    *,
    ks: Sequence[int] = KS,
    seeds: Sequence[int] = SEEDS,
) -> Proposal:
    """A number of zones, near the knee of the inertia, that is stable over seeds.

    Each k has a mean adjusted Rand over pairs of seeds (of fits with one start each, since a search
    for the best start would hide differences) and an inertia. Of the k from half to twice the knee
    of the inertia, the smallest is proposed whose agreement is within `NEARLY` of the best.

    Returns
    -------
    Proposal
        Evidence: knee, agreement, best_agreement, seeds. Curve: k, agreement, inertia (m², by
        weight).

    References
    ----------
    Ben-Hur et al. (2002); Satopaa et al. (2011).
    """
    places, given = sample_places(*checked(xy, weights))
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
    evidence = {
        "knee": bend,
        "agreement": agreement[chosen],
        "best_agreement": best,
        "seeds": len(seeds),
    }
    curve = pl.DataFrame({"k": tried, "agreement": agreement, "inertia": inertia})
    return Proposal(tried[chosen], evidence, curve)
