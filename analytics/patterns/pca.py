"""Principal components of incidents, beside what facts give that do not hang together.

Features follow from the codes of nine facts, so covariances follow from how often two codes meet:
no matrix of incidents is ever made, and a permutation costs a count.

References
----------
Horn (1965), A rationale and test for the number of factors in factor analysis, Psychometrika 30.
Buja & Eyuboglu (1992), Remarks on parallel analysis, Multivariate Behavioral Research 27: permuted
data in place of normal data. We permute facts, not columns: the columns of one fact hang together
by construction, and components that only say so must not pass for patterns.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.formats import hour_name, number, percent, weekday_name
from analytics.patterns.cooccurrence import meetings
from analytics.patterns.features import LABELS, Codes, FeatureSpace

Floats = npt.NDArray[np.float64]

PERMUTATIONS = 40
BOOTSTRAPS = 10
QUANTILE = 0.95
AXES = 3


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components.

    Attributes
    ----------
    explained : array of shape (components,)
        Share of all variance, most first.
    noise, noise_high : arrays of shape (components,)
        The same of permuted facts: mean and `QUANTILE`.
    loadings : array of shape (columns, components)
        Unit length; the largest in size is positive.
    stability : array of shape (BOOTSTRAPS,)
        How much of the plane of the first two is there again in each bootstrap; 1 is all of it.
    """

    space: FeatureSpace
    explained: Floats = field(repr=False)
    noise: Floats = field(repr=False)
    noise_high: Floats = field(repr=False)
    loadings: Floats = field(repr=False)
    stability: Floats = field(repr=False)

    @property
    def kept(self) -> int:
        """Leading components that explain more than permuted facts do."""
        below = np.flatnonzero(self.explained <= self.noise_high)
        return int(below[0]) if len(below) else len(self.explained)

    def places(self, codes: Codes, axes: int = 2) -> npt.NDArray[np.float32]:
        """Places of incidents on the first components, shape (incidents, axes)."""
        return sum_of_tables(self.tables(axes), codes)

    def tables(self, axes: int = AXES) -> list[Floats]:
        """What each code of each fact adds, shapes (codes, axes)."""
        slices = self.space.slices
        return [
            block.table @ self.loadings[slices[block.name], :axes] for block in self.space.blocks
        ]


def sum_of_tables(tables: list[Floats], codes: Codes) -> npt.NDArray[np.float32]:
    """Sum over facts of what their codes add, shape (incidents, axes)."""
    found = np.zeros((len(codes), tables[0].shape[1]))
    for place, table in enumerate(tables):
        found += table[codes[:, place]]
    return found.astype(np.float32)


def fit_components(
    space: FeatureSpace, codes: Codes, *, permutations: int = PERMUTATIONS, seed: int = 1
) -> Components:
    """Components of incidents, with parallel analysis and bootstraps.

    Parameters
    ----------
    codes : array of shape (incidents, facts)
    """
    facts = np.ascontiguousarray(codes.T)
    values, loadings = _components(covariance(space, facts))

    def permuted(random: np.random.Generator) -> Floats:
        shuffled = np.array([random.permutation(one) for one in facts])
        return np.asarray(np.linalg.eigvalsh(covariance(space, shuffled))[::-1])

    def plane_again(random: np.random.Generator) -> float:
        drawn = random.integers(0, len(codes), len(codes))
        other = _components(covariance(space, np.ascontiguousarray(codes[drawn].T)))[1]
        return shared_plane(loadings[:, :2], other[:, :2])

    draws = np.random.default_rng(seed).spawn(permutations + BOOTSTRAPS)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        noise = np.array(list(pool.map(permuted, draws[:permutations])))
        again = np.array(list(pool.map(plane_again, draws[permutations:])))
    total = values.sum()
    return Components(
        space,
        values / total,
        noise.mean(axis=0) / total,
        np.quantile(noise, QUANTILE, axis=0) / total,
        loadings,
        again,
    )


def covariance(space: FeatureSpace, facts: Codes) -> Floats:
    """Covariance of features, shape (columns, columns), from codes of shape (facts, incidents)."""
    count = facts.shape[1]
    slices = space.slices
    found = np.zeros((space.columns, space.columns))
    means = np.zeros(space.columns)
    for block, codes in zip(space.blocks, facts, strict=True):
        here = slices[block.name]
        share = np.bincount(codes, minlength=len(block.table)) / count
        means[here] = share @ block.table
        found[here, here] = block.table.T @ (share[:, None] * block.table)
    sizes = np.array([len(block.table) for block in space.blocks])
    for (one, other), met in meetings(facts, sizes).items():
        first, second = space.blocks[one], space.blocks[other]
        cross = first.table.T @ (met / count) @ second.table
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


def describe(components: Components, axes: int = AXES) -> pl.DataFrame:
    """component, share, noise, facts and both ends in words, for the first `axes`."""
    rows = []
    tables = components.tables(axes)
    for axis in range(min(axes, components.loadings.shape[1])):
        ends = _ends(components.space, [table[:, axis] for table in tables])
        rows.append(
            {
                "component": axis + 1,
                "share": components.explained[axis],
                "noise": components.noise_high[axis],
                "facts": ", ".join(_facts(components, axis)),
                "low": ", ".join(ends[0]),
                "high": ", ".join(ends[1]),
            }
        )
    return pl.DataFrame(rows)


def _components(matrix: Floats) -> tuple[Floats, Floats]:
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def _facts(components: Components, axis: int) -> list[str]:
    """Facts that make up a component, by their share of it; those above 10%."""
    shares = {
        name: float((components.loadings[part, axis] ** 2).sum())
        for name, part in components.space.slices.items()
    }
    most = sorted(shares, key=lambda name: -shares[name])
    return [
        f"{LABELS[name].lower()} {percent(shares[name], 0)}" for name in most if shares[name] >= 0.1
    ]


def _ends(space: FeatureSpace, scores: list[Floats], most: int = 4) -> tuple[list[str], list[str]]:
    """Values that pull most to each end, one of a fact, weighed by how many incidents have them."""
    best: dict[str, list[tuple[float, str]]] = {"low": [], "high": []}
    for block, score in zip(space.blocks, scores, strict=True):
        if block.name == "place":
            continue
        pull = score[:-1] * np.sqrt(block.incidents[:-1] / block.incidents.sum())
        for end, sign in (("low", -1.0), ("high", 1.0)):
            number = int(np.argmax(sign * pull))
            if sign * pull[number] > 0:
                best[end].append(
                    (sign * pull[number], value_words(block.name, block.values[number]))
                )
    low, high = (
        [words for _, words in sorted(best[end], reverse=True)[:most]] for end in ("low", "high")
    )
    return low, high


def value_words(fact: str, value: str) -> str:
    """A value as it is read in a list: `theft`, `10 PM`, `Friday`, `no arrest`."""
    if fact == "hour":
        return hour_name(int(value))
    if fact == "weekday":
        return weekday_name(int(value))
    if fact == "season":
        return value.lower()
    if fact == "harm":
        return f"harm of {number(float(value))} days"
    if fact in _FLAGS:
        return _FLAGS[fact][value]
    return value.lower() if value.isupper() else value


_FLAGS = {
    "arrest": {"yes": "an arrest", "no": "no arrest"},
    "domestic": {"yes": "domestic", "no": "not domestic"},
}
