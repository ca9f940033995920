"""Temporal profiles: K-means on the weekly profiles of places; k is chosen by stability.

References
----------
MacQueen (1967), Some methods for classification and analysis of multivariate observations.
Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data
Analysis 52.
Legendre & Gallagher (2001), Ecologically meaningful transformations for ordination of species data,
Oecologia 129 (K-means on square roots of shares: Hellinger's distance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from analytics.errors import InputError
from analytics.statistics.agreement import STABLE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NUMBERS = range(2, 8)
"""Candidate numbers of profiles."""
STARTS = 10
PRIOR = 200.0
"""Incidents of the city's week added to each profile, which shrinks small profiles."""
DAY_START = 6
BLOCK_H = 3


@dataclass(frozen=True, eq=False)
class TemporalProfiles:
    """Clusters of weekly profiles, numbered by descending number of incidents.

    Attributes
    ----------
    labels : int array of shape (units,)
    weeks : float array of shape (profiles, 7, 24)
        Shares of the hours of the week, over all incidents of the units of a profile.
    city : float array of shape (7, 24)
        The same for all units.
    centers : float array of shape (profiles, 24)
        In the space of `features`.
    jaccard : float array of shape (profiles,)
        Mean Jaccard index with the best match over bootstrap samples (Hennig).
    curve : tuple of (profiles, least jaccard, mean jaccard)
        Of every number candidates.
    """

    labels: Ints = field(repr=False)
    weeks: Floats = field(repr=False)
    city: Floats = field(repr=False)
    centers: Floats = field(repr=False)
    jaccard: Floats = field(repr=False)
    curve: tuple[tuple[int, float, float], ...]
    estimator: KMeans = field(repr=False)

    @property
    def k(self) -> int:
        """Number of profiles."""
        return len(self.weeks)


def features(counts: Floats, city: Floats) -> Floats:
    """Square roots of shrunken shares of 24 parts of the week, shape (units, 24).

    Parameters
    ----------
    counts : array of shape (units, 168)
    city : array of shape (168,)
        Week toward which profiles are shrunk, with a weight of `PRIOR` incidents.

    Notes
    -----
    Parts are blocks of three hours from 06:00, on Mondays to Thursdays, Fridays and Saturdays, and
    Sundays, so that nights belong to the day before. 168 hours of a place with a few hundred
    incidents would be noise.
    """
    parts = parts_of_week(np.asarray(counts, dtype=np.float64))
    whole = parts_of_week(np.asarray(city, dtype=np.float64)[None, :])[0]
    mixed = parts + PRIOR * whole / whole.sum()
    return np.asarray(np.sqrt(mixed / mixed.sum(axis=1, keepdims=True)))


def parts_of_week(counts: Floats) -> Floats:
    """Sums of the 24 parts of `features`; from shape (units, 168) to (units, 24)."""
    blocks = np.roll(counts, -DAY_START, axis=1).reshape(-1, 7, 24 // BLOCK_H, BLOCK_H).sum(axis=3)
    kinds = (blocks[:, :4].sum(axis=1), blocks[:, 4:6].sum(axis=1), blocks[:, 6])
    return np.concatenate(kinds, axis=1)


def fit_profiles(
    counts: npt.ArrayLike, *, k: int = 0, bootstraps: int = 8, seed: int = 1
) -> TemporalProfiles:
    """Cluster units by the profile of their week.

    Parameters
    ----------
    counts : int array of shape (units, 168)
        Incidents by hour of the week, which are also the weights of the units.
    k : int
        Number of profiles. 0 chooses the largest of 2 to 7 with only stable profiles (mean Jaccard
        index at least 0.75, Hennig), or else the number whose least stable profile is most stable.

    Raises
    ------
    InputError
        There are fewer units than `k`, or than twice the largest candidate.
    """
    table = np.asarray(counts, dtype=np.float64)
    fewest = k or 2 * max(NUMBERS)
    if len(table) < fewest or (table.sum(axis=1) <= 0).any():
        raise InputError(
            f"{len(table)} places have enough incidents; temporal profiles need at least {fewest}. "
            "Select more incidents, or lower `fewest`."
        )
    random = np.random.default_rng(seed)
    drawn = [random.poisson(table).astype(np.float64) for _ in range(bootstraps)]
    with threadpool_limits(1):
        candidates = [_cluster(table, drawn, number, seed) for number in ([k] if k else NUMBERS)]
    chosen = choose([float(one.jaccard.min()) for one in candidates])
    curve = tuple(
        (len(one.centers), float(one.jaccard.min()), float(one.jaccard.mean()))
        for one in candidates
    )
    return _described(table, candidates[chosen], curve)


def choose(least: Sequence[float]) -> int:
    """Position of the last stable candidate, or of the most stable one if none is stable."""
    stable = [place for place, value in enumerate(least) if value >= STABLE]
    return stable[-1] if stable else int(np.argmax(least))


def nearest_profile(counts: Floats, city: Floats, centers: Floats) -> Ints:
    """Nearest profile of units that were not in the fit, shape (units,)."""
    points = features(counts, city)
    distance = ((points[:, None, :] - centers[None]) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Clustering:
    labels: Ints
    centers: Floats
    jaccard: Floats
    estimator: KMeans


def _cluster(table: Floats, drawn: Sequence[Floats], k: int, seed: int) -> _Clustering:
    weights = table.sum(axis=1)
    estimator = _fit(table, weights, k, seed)
    labels = estimator.labels_.astype(np.int64)
    found = [
        jaccard(labels, _fit(again, weights, k, seed + 1 + number).labels_, weights, k)
        for number, again in enumerate(drawn)
    ]
    return _Clustering(labels, estimator.cluster_centers_, np.mean(found, axis=0), estimator)


def _fit(table: Floats, weights: Floats, k: int, seed: int) -> KMeans:
    """K-means whose clusters are numbered by descending weight."""
    estimator = KMeans(n_clusters=k, n_init=STARTS, random_state=seed)
    estimator.fit(features(table, table.sum(axis=0)), sample_weight=weights)
    order = np.argsort(-np.bincount(estimator.labels_, weights, minlength=k), kind="stable")
    estimator.cluster_centers_ = np.ascontiguousarray(estimator.cluster_centers_[order])
    estimator.labels_ = np.argsort(order).astype(np.int32)[estimator.labels_]
    return estimator


def jaccard(one: Ints, other: Ints, weights: Floats, k: int) -> Floats:
    """Highest Jaccard index of each cluster with one of the other labeling, shape (k,)."""
    both = np.zeros((k, k))
    np.add.at(both, (one, other), weights)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    return np.asarray((both / np.maximum(either, 1e-12)).max(axis=1))


def _described(
    table: Floats, candidates: _Clustering, curve: tuple[tuple[int, float, float], ...]
) -> TemporalProfiles:
    k = len(candidates.centers)
    sums = np.zeros((k, table.shape[1]))
    np.add.at(sums, candidates.labels, table)
    city = table.sum(axis=0)
    return TemporalProfiles(
        labels=candidates.labels,
        weeks=(sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)).reshape(k, 7, 24),
        city=(city / city.sum()).reshape(7, 24),
        centers=candidates.centers,
        jaccard=candidates.jaccard,
        curve=curve,
        estimator=candidates.estimator,
    )
