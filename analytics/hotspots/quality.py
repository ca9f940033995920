"""Quality of the shape of zones.

DBCV (Moulavi et al. 2014) is not reported, since no library here has it for weighted places.

References
----------
Rousseeuw (1987), Silhouettes, J. Computational and Applied Mathematics 20.
Davies & Bouldin (1979), A cluster separation measure, IEEE TPAMI 1.
Caliński & Harabasz (1974), A dendrite method for cluster analysis, Communications in Statistics 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples

from analytics.hotspots.clustering import checked
from analytics.statistics.arrays import Floats, Ints

SAMPLE = 5_000


@dataclass(frozen=True)
class ZoneQuality:
    """Quality of one clustering, by weight.

    Attributes
    ----------
    zones : int
    noise_share, largest_share : float
        Of all weight. A silhouette leaves noise out, so report the noise share with it.
    silhouette : float or None
        Mean over a sample of incidents in zones; None with fewer than two zones.
    silhouette_sample : int
        Incidents in the sample.
    silhouette_by_zone : tuple of (float or None)
        Mean over each zone's incidents in the sample.
    davies_bouldin, calinski_harabasz : float or None
        Exact, noise left out.
    """

    zones: int
    noise_share: float
    largest_share: float
    silhouette: float | None
    silhouette_sample: int
    silhouette_by_zone: tuple[float | None, ...]
    davies_bouldin: float | None
    calinski_harabasz: float | None


def measure_quality(
    xy: Floats, labels: Ints, weights: Floats | None = None, *, sample: int = SAMPLE, seed: int = 0
) -> ZoneQuality:
    """Measure the quality of zones on the places they were fitted to.

    Parameters
    ----------
    xy : array of shape (places, 2)
        Local meters.
    labels : int array of shape (places,)
        -1 is noise.
    weights : array of shape (places,), optional
    sample : int
        Number of incidents for the silhouette, drawn by weight with replacement.

    References
    ----------
    Rousseeuw (1987); Davies & Bouldin (1979); Caliński & Harabasz (1974).
    """
    places, given = checked(xy, weights)
    marks = np.asarray(labels)
    inside = (marks >= 0) & (given > 0)
    total = float(given.sum())
    zones = int(marks.max()) + 1 if len(marks) else 0
    shares = np.bincount(marks[inside], given[inside], minlength=zones) / max(total, 1e-300)
    several = len(np.unique(marks[inside])) > 1
    silhouettes = (
        _silhouettes(places[inside], marks[inside], given[inside], sample, seed)
        if several
        else (None, (None,) * zones, 0)
    )
    separation = _separation(places[inside], marks[inside], given[inside]) if several else None
    return ZoneQuality(
        zones=zones,
        noise_share=float(given[marks < 0].sum() / total) if total else 0.0,
        largest_share=float(shares.max(initial=0.0)),
        silhouette=silhouettes[0],
        silhouette_sample=silhouettes[2],
        silhouette_by_zone=silhouettes[1] + (None,) * (zones - len(silhouettes[1])),
        davies_bouldin=separation[0] if separation else None,
        calinski_harabasz=separation[1] if separation else None,
    )


def _silhouettes(
    places: Floats, labels: Ints, weights: Floats, sample: int, seed: int
) -> tuple[float | None, tuple[float | None, ...], int]:
    random = np.random.default_rng(seed)
    drawn = random.choice(len(places), sample, p=weights / weights.sum())
    marks = labels[drawn]
    if len(np.unique(marks)) < 2:
        return None, (), sample
    each = silhouette_samples(places[drawn] - places.mean(axis=0), marks)
    by_zone = tuple(
        float(each[marks == zone].mean()) if (marks == zone).any() else None
        for zone in range(int(labels.max()) + 1)
    )
    return float(each.mean()), by_zone, sample


def _separation(places: Floats, labels: Ints, weights: Floats) -> tuple[float, float | None]:
    """Davies-Bouldin and Caliński-Harabasz by weight."""
    _, marks = np.unique(labels, return_inverse=True)
    zones = int(marks.max()) + 1
    size = np.bincount(marks, weights)
    middle = np.average(places, axis=0, weights=weights)
    x, y = (places - middle).T
    centers = np.column_stack([np.bincount(marks, weights * axis) / size for axis in (x, y)])
    distance = np.hypot(x - centers[marks, 0], y - centers[marks, 1])
    spread = np.bincount(marks, weights * distance) / size
    apart = cdist(centers, centers)
    np.fill_diagonal(apart, np.inf)
    davies_bouldin = float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())
    within = float((weights * distance**2).sum())
    between = float((size * (centers**2).sum(axis=1)).sum())
    total = float(weights.sum())
    if within <= 0 or total <= zones:
        return davies_bouldin, None
    return davies_bouldin, between / within * (total - zones) / (zones - 1)
