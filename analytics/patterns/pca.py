"""Principal component analysis (PCA) of incidents, with parallel analysis.

Features follow from codes, so covariances follow from co-occurrence counts of the codes: no matrix
of incidents is needed, and a permutation costs one count.

References
----------
Horn (1965), A rationale and test for the number of factors in factor analysis, Psychometrika 30.
Buja & Eyuboglu (1992), Remarks on parallel analysis, Multivariate Behavioral Research 27: permuted
data in place of normal data. We permute features, not columns: the columns of one feature are
correlated by construction, and components that show only this are not patterns.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.patterns.contributions import sum_contributions
from analytics.patterns.cooccurrence import cooccurrence
from analytics.patterns.features import Codes, FeatureBlock, FeatureSpace

Floats = npt.NDArray[np.float64]

PERMUTATIONS = 40
BOOTSTRAPS = 10
QUANTILE = 0.95
AXES = 3
DESCRIBED_SHARE = 0.1
"""Share of a component from which a feature is part of its description."""
END_VALUES = 4
"""Most values that describe one end of a component."""
_VALUES = pl.List(pl.Struct({"feature": pl.String, "value": pl.String}))
DESCRIPTION = {
    "features": pl.List(pl.Struct({"feature": pl.String, "share": pl.Float64})),
    "low": _VALUES,
    "high": _VALUES,
}


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """Principal components.

    Attributes
    ----------
    explained : array of shape (components,)
        Share of the total variance, in descending order.
    noise, noise_high : arrays of shape (components,)
        The same for permuted features: mean and `QUANTILE`.
    loadings : array of shape (columns, components)
        Unit length; the largest in absolute value is positive.
    stability : array of shape (BOOTSTRAPS,)
        Overlap of the plane of the first two components with that of each bootstrap sample; 1 is
        the same plane.
    """

    space: FeatureSpace
    explained: Floats = field(repr=False)
    noise: Floats = field(repr=False)
    noise_high: Floats = field(repr=False)
    loadings: Floats = field(repr=False)
    stability: Floats = field(repr=False)

    @property
    def retained(self) -> int:
        """Leading components that explain more than those of permuted features."""
        below = np.flatnonzero(self.explained <= self.noise_high)
        return int(below[0]) if len(below) else len(self.explained)

    def project(self, codes: Codes, axes: int = 2) -> npt.NDArray[np.float32]:
        """Scores of incidents on the first components, shape (incidents, axes)."""
        return sum_contributions(self.contributions(axes), codes)

    def contributions(self, axes: int = AXES) -> list[Floats]:
        """Contribution of each code of each feature to the scores, shapes (codes, axes)."""
        slices = self.space.slices
        return [
            block.table @ self.loadings[slices[block.name], :axes] for block in self.space.blocks
        ]


def fit_components(
    space: FeatureSpace, codes: Codes, *, permutations: int = PERMUTATIONS, seed: int = 1
) -> PrincipalComponents:
    """Principal components of incidents, with parallel analysis and bootstrap stability.

    Parameters
    ----------
    codes : array of shape (incidents, features)
    """
    by_feature = np.ascontiguousarray(codes.T)
    values, loadings = _components(covariance(space, by_feature))

    def permuted(random: np.random.Generator) -> Floats:
        shuffled = np.array([random.permutation(one) for one in by_feature])
        return np.asarray(np.linalg.eigvalsh(covariance(space, shuffled))[::-1])

    def overlap(random: np.random.Generator) -> float:
        resampled = random.integers(0, len(codes), len(codes))
        other = _components(covariance(space, np.ascontiguousarray(codes[resampled].T)))[1]
        return shared_plane(loadings[:, :2], other[:, :2])

    generators = np.random.default_rng(seed).spawn(permutations + BOOTSTRAPS)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        noise = np.array(list(pool.map(permuted, generators[:permutations])))
        stability = np.array(list(pool.map(overlap, generators[permutations:])))
    total = values.sum()
    return PrincipalComponents(
        space,
        values / total,
        noise.mean(axis=0) / total,
        np.quantile(noise, QUANTILE, axis=0) / total,
        loadings,
        stability,
    )


def covariance(space: FeatureSpace, by_feature: Codes) -> Floats:
    """Covariance of the columns, shape (columns, columns).

    `by_feature` are codes of shape (features, incidents).
    """
    count = by_feature.shape[1]
    slices = space.slices
    found = np.zeros((space.columns, space.columns))
    means = np.zeros(space.columns)
    for block, codes in zip(space.blocks, by_feature, strict=True):
        here = slices[block.name]
        share = np.bincount(codes, minlength=len(block.table)) / count
        means[here] = share @ block.table
        found[here, here] = block.table.T @ (share[:, None] * block.table)
    sizes = np.array([len(block.table) for block in space.blocks])
    for (one, other), together in cooccurrence(by_feature, sizes).items():
        first, second = space.blocks[one], space.blocks[other]
        cross = first.table.T @ (together / count) @ second.table
        found[slices[first.name], slices[second.name]] = cross
        found[slices[second.name], slices[first.name]] = cross.T
    return np.asarray(found - np.outer(means, means))


def shared_plane(first: Floats, second: Floats) -> float:
    """Mean squared cosine of the principal angles of two subspaces: 1 the same, 0 at right angles.

    Parameters
    ----------
    first, second : arrays of shape (columns, axes)
        Orthonormal.
    """
    return float((np.linalg.svd(first.T @ second, compute_uv=False) ** 2).mean())


def describe(components: PrincipalComponents, axes: int = AXES) -> pl.DataFrame:
    """The first `axes` components: what they explain, their features and the values at both ends.

    Returns
    -------
    pl.DataFrame
        component, share, noise, features (feature and its share of the component, those from
        `DESCRIBED_SHARE` on), low and high (feature and value with the strongest pull to each end).
    """
    contributions = components.contributions(axes)
    rows = []
    for axis in range(min(axes, components.loadings.shape[1])):
        blocks = list(
            zip(components.space.blocks, (one[:, axis] for one in contributions), strict=True)
        )
        rows.append(
            {
                "component": axis + 1,
                "share": components.explained[axis],
                "noise": components.noise_high[axis],
                "features": _features(components, axis),
                "low": _end_values(blocks, -1.0),
                "high": _end_values(blocks, 1.0),
            }
        )
    return pl.DataFrame(rows, schema_overrides=DESCRIPTION)


def _components(matrix: Floats) -> tuple[Floats, Floats]:
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def _features(components: PrincipalComponents, axis: int) -> list[dict[str, Any]]:
    shares = {
        name: float((components.loadings[part, axis] ** 2).sum())
        for name, part in components.space.slices.items()
    }
    return [
        {"feature": name, "share": shares[name]}
        for name in sorted(shares, key=lambda name: -shares[name])
        if shares[name] >= DESCRIBED_SHARE
    ]


def _end_values(blocks: Sequence[tuple[FeatureBlock, Floats]], sign: float) -> list[dict[str, str]]:
    """Values with the strongest pull to one end, one of a feature, weighted by their incidents."""
    best = []
    for block, score in blocks:
        if block.name == "place":
            continue
        pull = sign * score[:-1] * np.sqrt(block.incidents[:-1] / block.incidents.sum())
        number = int(np.argmax(pull))
        if pull[number] > 0:
            best.append((float(pull[number]), block.name, block.values[number]))
    best.sort(reverse=True)
    return [{"feature": name, "value": value} for _, name, value in best[:END_VALUES]]
