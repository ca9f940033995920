"""Offense profiles: latent classes of what happens, at what kind of place and when, each named.

Latent classes of facts, never clusters of a map: what t-SNE or UMAP draw apart need not be apart.
Within a class facts have nothing more to do with each other, so a class is what their associations
say; K-means on the same features cut the week in three instead, since days vary most and mean
least. Where an incident was, whether somebody was arrested, and its season are left out: they are
what the rest of the program asks, and an arrest is what the police did. Harm follows from the type.

References
----------
Goodman (1974), Exploratory latent structure analysis using both identifiable and unidentifiable
models, Biometrika 61; Dempster, Laird & Rubin (1977) (EM).
Lange et al. (2004), Stability-based validation of clustering solutions, Neural Computation 16: the
number of classes is one that comes out again.
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

LEFT_OUT = ("season", "place", "arrest", "harm")
TRIED = (4, 5, 6, 8, 10, 12)
PAIRS = 3
"""Pairs of halves that stability is measured on."""
SAMPLE = 40_000
"""Incidents that classes are found in; all get one."""
LEARNED, JUDGED = 15_000, 10_000
"""Incidents of a half, and those that both halves class."""
STABLE = 0.7
"""Adjusted Rand of two halves from which a number of classes counts as coming out again."""
STARTS, ITERATIONS, TOLERANCE = 3, 200, 1e-5
PRIOR = 10.0
"""Incidents of the city's mix that each class is given beside its own, so that no share is 0."""


@dataclass(frozen=True, eq=False)
class Classes:
    """A mixture: how frequent classes are and which values their facts have.

    Attributes
    ----------
    log_shares : array of shape (classes,)
    log_tables : arrays of shape (codes, classes), one for each fact
        Natural logarithms of shares within a class; 0 for unknown, which says nothing.
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
    """Classes by falling share, the facts they are made of, and how their number was chosen.

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
    """Classes of incidents; as many as come out again where `classes` is 0.

    Parameters
    ----------
    space : FeatureSpace
        Without the facts in `LEFT_OUT`; `codes` are of this space, shape (incidents, facts).

    Raises
    ------
    InputError
        There are too few incidents that differ.
    """
    drawn = np.random.default_rng(seed).permutation(len(codes))[:SAMPLE]
    rows, times = alike(space, codes[drawn])
    if len(rows) < max(classes, TRIED[0]) * 10:
        raise InputError(f"{len(rows)} unlike incidents are too few for offense profiles.")
    choice = stability(space, codes, [classes] if classes else TRIED, seed)
    return OffenseProfiles(
        space, fit_classes(space, rows, times, classes or choose(choice), seed), choice
    )


def alike(space: FeatureSpace, codes: Codes) -> tuple[Codes, Floats]:
    """Each row of codes once, and how many incidents have it."""
    _, first, times = np.unique(space.keys(codes), return_index=True, return_counts=True)
    return codes[first], times.astype(np.float64)


def fit_classes(space: FeatureSpace, rows: Codes, times: Floats, count: int, seed: int) -> Classes:
    """The most likely of `STARTS` mixtures by EM, classes by falling share."""
    random = np.random.default_rng(seed)
    sizes = [len(block.table) for block in space.blocks]
    fits = [_expectation_maximisation(rows, times, sizes, count, random) for _ in range(STARTS)]
    best = max(fits, key=lambda fit: fit.log_likelihood)
    order = np.argsort(-best.log_shares, kind="stable")
    tables = tuple(table[:, order] for table in best.log_tables)
    return Classes(best.log_shares[order], tables, best.log_likelihood)


def stability(space: FeatureSpace, codes: Codes, tried: Sequence[int], seed: int) -> pl.DataFrame:
    """classes, stability, low, high: how alike the classes of two separate halves are.

    Both halves class the same further incidents; agreement is adjusted Rand (Hubert & Arabie 1985);
    low and high are the least and the most of `PAIRS` pairs.
    """
    random = np.random.default_rng(seed)
    judged_size = min(JUDGED, len(codes) // 3)
    half_size = min(LEARNED, (len(codes) - judged_size) // 2)
    draws = []
    for _ in range(PAIRS):
        order = random.permutation(len(codes))
        judged, rest = codes[order[:judged_size]], order[judged_size:]
        halves = rest[:half_size], rest[half_size : 2 * half_size]
        draws.append((judged, [alike(space, codes[half]) for half in halves]))
    rows = []
    for count in tried:
        found = [_halves_agree(space, judged, halves, count, seed) for judged, halves in draws]
        rows.append((count, float(np.mean(found)), min(found), max(found)))
    return pl.DataFrame(rows, schema=["classes", "stability", "low", "high"], orient="row")


def choose(choice: pl.DataFrame) -> int:
    """The largest number that comes out again; the most stable one where none does."""
    stable = choice.filter(pl.col("stability") >= STABLE)
    if stable.height:
        return int(stable["classes"].max())  # type: ignore[arg-type]
    return int(choice.sort("stability", descending=True)["classes"][0])


def _halves_agree(
    space: FeatureSpace, judged: Codes, halves: list[tuple[Codes, Floats]], count: int, seed: int
) -> float:
    one, other = (
        fit_classes(space, rows, times, count, seed + number).labels(judged).astype(np.int64)
        for number, (rows, times) in enumerate(halves)
    )
    return adjusted_rand(one, other)


def _expectation_maximisation(
    rows: Codes, times: Floats, sizes: list[int], count: int, random: np.random.Generator
) -> Classes:
    columns = [rows[:, number].astype(np.int64) for number in range(rows.shape[1])]
    belongs = random.dirichlet(np.full(count, 0.5), size=len(rows))
    before = -np.inf
    for _ in range(ITERATIONS):
        fitted = _maximize(columns, belongs * times[:, None], sizes)
        scores = fitted.scores(rows)
        top = scores.max(axis=1, keepdims=True)
        belongs = np.exp(scores - top)
        total = belongs.sum(axis=1, keepdims=True)
        belongs /= total
        likelihood = float(times @ (top + np.log(total))[:, 0] / times.sum())
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
