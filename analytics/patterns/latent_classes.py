"""Offense profiles: latent classes of crime type, location type and time.

Classes are found from the features, not from an embedding: clusters that t-SNE or UMAP separate
need not be separate. Within a class the features are independent, so classes explain how features
go together. K-means on the same features split the week in three instead, because weekdays vary
most and matter least. Place, season and arrest are excluded: other pages show them, and an arrest
is police action, not part of the offense. Harm follows from the type.

References
----------
Goodman (1974), Exploratory latent structure analysis using both identifiable and unidentifiable
models, Biometrika 61; Dempster, Laird & Rubin (1977) (EM).
Lange et al. (2004), Stability-based validation of clustering solutions, Neural Computation 16: the
number of classes is chosen by stability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.errors import InputError
from analytics.patterns.features import Codes, FeatureSpace
from analytics.statistics.agreement import adjusted_rand

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EXCLUDED_FEATURES = ("season", "place", "arrest", "harm")
CANDIDATES = (4, 5, 6, 8, 10, 12)
PAIRS = 3
"""Pairs of halves on which stability is measured."""
SAMPLE = 40_000
"""Incidents used to fit the classes; all incidents are assigned one."""
HALF_SIZE, TEST_SIZE = 15_000, 10_000
"""Incidents of each half, and of the test sample that both halves classify."""
STABLE = 0.7
"""Adjusted Rand index of two halves from which a number of classes counts as stable."""
STARTS, ITERATIONS, TOLERANCE = 3, 200, 1e-5
PRIOR = 10.0
"""Pseudo-incidents of the citywide mix added to each class, so that no share is 0."""


@dataclass(frozen=True, eq=False)
class Classes:
    """A mixture: shares of the classes and of the values within each class.

    Attributes
    ----------
    log_shares : array of shape (classes,)
    log_tables : arrays of shape (codes, classes), one for each feature
        Natural logarithms of shares within a class; 0 for unknown values.
    log_likelihood : float
        Mean over incidents.
    """

    log_shares: Floats = field(repr=False)
    log_tables: tuple[Floats, ...] = field(repr=False)
    log_likelihood: float = float("-inf")

    def scores(self, codes: Codes) -> Floats:
        """Log of class share times likelihood, shape (incidents, classes)."""
        found = np.tile(self.log_shares, (len(codes), 1))
        for number, table in enumerate(self.log_tables):
            found += table[codes[:, number]]
        return found

    def labels(self, codes: Codes) -> npt.NDArray[np.uint8]:
        """The most likely class of each incident, from 0."""
        return np.asarray(self.scores(codes).argmax(axis=1), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class OffenseProfiles:
    """Classes by descending share, their features, and how their number was chosen.

    `choice` has classes, stability, low, high.
    """

    space: FeatureSpace
    classes: Classes
    choice: pl.DataFrame = field(repr=False)

    @property
    def frame(self) -> pl.DataFrame:
        """class, block, value, log_share; block `class` holds the shares of the classes."""
        parts = [_long("class", [None], self.classes.log_shares[None, :])]
        for block, table in zip(self.space.blocks, self.classes.log_tables, strict=True):
            parts.append(_long(block.name, [*block.values, None], table))
        return pl.concat(parts)


def classes_from(frame: pl.DataFrame, space: FeatureSpace) -> Classes:
    """The classes that `OffenseProfiles.frame` was made from."""
    by_block = {str(name): part for (name,), part in frame.group_by("block", maintain_order=True)}
    count = frame["class"].n_unique()

    def table(name: str) -> Floats:
        return by_block[name]["log_share"].to_numpy().reshape(-1, count)

    return Classes(table("class")[0], tuple(table(name) for name in space.names))


def fit_offense_profiles(
    space: FeatureSpace, codes: Codes, *, classes: int = 0, seed: int = 1
) -> OffenseProfiles:
    """Latent classes of incidents; their number is chosen by stability if `classes` is 0.

    Parameters
    ----------
    space : FeatureSpace
        Without `EXCLUDED_FEATURES`; `codes` are of this space, shape (incidents, features).

    Raises
    ------
    InputError
        There are too few distinct incidents.
    """
    sample = np.random.default_rng(seed).permutation(len(codes))[:SAMPLE]
    rows, weights = distinct_rows(space, codes[sample])
    if len(rows) < max(classes, CANDIDATES[0]) * 10:
        raise InputError(f"{len(rows)} distinct incidents are too few for offense profiles.")
    choice = stability(space, codes, [classes] if classes else CANDIDATES, seed)
    return OffenseProfiles(
        space, fit_classes(space, rows, weights, classes or choose(choice), seed), choice
    )


def distinct_rows(space: FeatureSpace, codes: Codes) -> tuple[Codes, Floats]:
    """Distinct rows of codes, and the number of incidents with each."""
    _, first, counts = np.unique(space.keys(codes), return_index=True, return_counts=True)
    return codes[first], counts.astype(np.float64)


def fit_classes(
    space: FeatureSpace, rows: Codes, weights: Floats, count: int, seed: int
) -> Classes:
    """The most likely of `STARTS` mixtures by EM, classes by descending share."""
    random = np.random.default_rng(seed)
    sizes = [len(block.table) for block in space.blocks]
    fits = [_expectation_maximization(rows, weights, sizes, count, random) for _ in range(STARTS)]
    best = max(fits, key=lambda fit: fit.log_likelihood)
    order = np.argsort(-best.log_shares, kind="stable")
    tables = tuple(table[:, order] for table in best.log_tables)
    return Classes(best.log_shares[order], tables, best.log_likelihood)


def stability(
    space: FeatureSpace, codes: Codes, candidates: Sequence[int], seed: int
) -> pl.DataFrame:
    """classes, stability, low, high: agreement of classes fitted on two disjoint halves.

    Both halves classify the same test sample; agreement is the adjusted Rand index (Hubert & Arabie
    1985), and low and high are the lowest and highest of `PAIRS` pairs.
    """
    random = np.random.default_rng(seed)
    test_size = min(TEST_SIZE, len(codes) // 3)
    half_size = min(HALF_SIZE, (len(codes) - test_size) // 2)
    draws = []
    for _ in range(PAIRS):
        order = random.permutation(len(codes))
        test, rest = codes[order[:test_size]], order[test_size:]
        halves = rest[:half_size], rest[half_size : 2 * half_size]
        draws.append((test, [distinct_rows(space, codes[half]) for half in halves]))
    rows = []
    for count in candidates:
        found = [_halves_agree(space, test, halves, count, seed) for test, halves in draws]
        rows.append((count, float(np.mean(found)), min(found), max(found)))
    return pl.DataFrame(rows, schema=["classes", "stability", "low", "high"], orient="row")


def choose(choice: pl.DataFrame) -> int:
    """The largest stable number of classes, or the most stable one if none is stable."""
    stable = choice.filter(pl.col("stability") >= STABLE)
    if stable.height:
        return int(stable["classes"].max())  # type: ignore[arg-type]
    return int(choice.sort("stability", descending=True)["classes"][0])


def _halves_agree(
    space: FeatureSpace, test: Codes, halves: list[tuple[Codes, Floats]], count: int, seed: int
) -> float:
    one, other = (
        fit_classes(space, rows, weights, count, seed + number).labels(test).astype(np.int64)
        for number, (rows, weights) in enumerate(halves)
    )
    return adjusted_rand(one, other)


def _expectation_maximization(
    rows: Codes, weights: Floats, sizes: list[int], count: int, random: np.random.Generator
) -> Classes:
    columns = [rows[:, number].astype(np.int64) for number in range(rows.shape[1])]
    responsibilities = random.dirichlet(np.full(count, 0.5), size=len(rows))
    before = -np.inf
    for _ in range(ITERATIONS):
        fitted = _maximize(columns, responsibilities * weights[:, None], sizes)
        scores = fitted.scores(rows)
        top = scores.max(axis=1, keepdims=True)
        responsibilities = np.exp(scores - top)
        total = responsibilities.sum(axis=1, keepdims=True)
        responsibilities /= total
        likelihood = float(weights @ (top + np.log(total))[:, 0] / weights.sum())
        if likelihood - before < TOLERANCE:
            break
        before = likelihood
    return Classes(fitted.log_shares, fitted.log_tables, likelihood)


def _maximize(columns: list[Ints], weights: Floats, sizes: list[int]) -> Classes:
    shares = weights.sum(axis=0) + 1e-9
    tables = []
    for column, size in zip(columns, sizes, strict=True):
        counts = np.stack(
            [np.bincount(column, weights[:, number], size) for number in range(weights.shape[1])],
            axis=1,
        )[:-1]
        overall = counts.sum(axis=1, keepdims=True)
        counts += PRIOR * overall / max(overall.sum(), 1.0) + 1e-12
        tables.append(np.vstack([np.log(counts / counts.sum(axis=0)), np.zeros(len(shares))]))
    return Classes(np.log(shares / shares.sum()), tuple(tables))


def _long(block: str, values: Sequence[str | None], table: Floats) -> pl.DataFrame:
    classes = table.shape[1]
    return pl.DataFrame(
        {
            "class": np.tile(np.arange(classes), len(table)),
            "block": [block] * table.size,
            "value": [value for value in values for _ in range(classes)],
            "log_share": table.reshape(-1),
        },
        schema_overrides={"value": pl.String},
    )
