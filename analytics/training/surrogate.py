"""Surrogate: a small decision tree that approximates a zone model with a few rules.

The rules describe what the model did with its training incidents, not how it works or why crime
happens there. Their fidelity is the share of incidents in held-out squares of the city for which
they predict the zone correctly.

References
----------
Craven & Shavlik (1996), Extracting tree-structured representations of trained networks, NIPS 8.
Breiman et al. (1984), Classification and regression trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.model_selection import GroupKFold
from sklearn.tree import DecisionTreeClassifier

DEPTH = 3
LEAST_SHARE = 0.01  # of all incidents in a leaf
FOLDS = 5
SQUARE_M = 1_000  # cells of a square are held out together, as neighbors are similar
RESAMPLES = 1_000
INTERVAL = (2.5, 97.5)
TYPES, LOCATION_TYPES = 5, 3
NIGHT = (22, 23, 0, 1, 2, 3, 4, 5)
IN_NONE, IN_ONE = -1, 0
PER_YEAR = "incidents_per_year"
Bounds = tuple[float | None, float | None]
"""More than the first, at most the second; None for no bound."""
RULES: dict[str, pl.DataType | type[pl.DataType]] = {
    "rule": pl.Int64,
    "bounds": pl.List(pl.Struct({"feature": pl.String, "low": pl.Float64, "high": pl.Float64})),
    "zone": pl.Int64,
    "share": pl.Float64,
    "incidents": pl.Int64,
    "cells": pl.Int64,
}
FIDELITY = {
    "target": pl.String,
    "accuracy": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "majority": pl.Float64,
    "incidents": pl.Int64,
    "cells": pl.Int64,
    "cell_m": pl.Int64,
    "folds": pl.Int64,
    "depth": pl.Int64,
}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """Training data of the tree, a row per cell.

    Attributes
    ----------
    features : pl.DataFrame
        `east_km`, `north_km` from the center of all incidents; `night` and `column: VALUE` (shares
        of the cell's incidents); `incidents_per_year: SIZE`, with the cell size in meters.
    label, weight, square : arrays of shape (cells,)
        Zone of most incidents (0 or -1 for hot or not), incidents, and square of the city.
    """

    features: pl.DataFrame = field(repr=False)
    label: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    square: Ints = field(repr=False)


def surrogate(
    incidents: pl.DataFrame, *, cell_m: int, hot_or_not: bool, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit a tree of depth 3 that predicts the zone of a cell, and measure its fidelity.

    Parameters
    ----------
    incidents : pl.DataFrame
        x_m, y_m, week, type, hour, location_type, zone (-1: none).
    hot_or_not : bool
        Predict only whether a cell is in a zone, for models that leave most places outside.

    Returns
    -------
    rules : pl.DataFrame
        rule, bounds (of each feature it uses), zone (`IN_ONE` or `IN_NONE` for hot or not), share
        (of the incidents of its cells that are in that zone), incidents and cells; a row per leaf,
        by incidents.
    fidelity : pl.DataFrame
        One row: target (`zone` or `hot`), accuracy with its 95% interval over squares, majority
        (accuracy of always predicting the most common zone), incidents, cells, cell_m, folds,
        depth. Empty if there is only one zone.
    """
    examples = examples_of(incidents, cell_m, hot_or_not)
    if len(np.unique(examples.label)) < 2 or len(np.unique(examples.square)) < FOLDS:
        return pl.DataFrame(schema=RULES), pl.DataFrame(schema=FIDELITY)
    tree = _tree(seed).fit(
        examples.features.to_numpy(), examples.label, sample_weight=examples.weight
    )
    correct = held_out(examples, seed)
    low, high = _interval(correct * examples.weight, examples, seed)
    total = examples.weight.sum()
    commonest = max(examples.weight[examples.label == one].sum() for one in tree.classes_)
    fidelity = {
        "target": "hot" if hot_or_not else "zone",
        "accuracy": float(correct @ examples.weight / total),
        "low": low,
        "high": high,
        "majority": float(commonest / total),
        "incidents": int(total),
        "cells": len(correct),
        "cell_m": cell_m,
        "folds": FOLDS,
        "depth": int(tree.get_depth()),
    }
    return rules_of(tree, examples), pl.DataFrame([fidelity], schema=FIDELITY)


def examples_of(incidents: pl.DataFrame, cell_m: int, hot_or_not: bool) -> Examples:
    """Cells with incidents, and their features."""
    years = incidents["week"].n_unique() * 7 / 365
    middle = incidents.select(pl.col("x_m", "y_m").mean()).row(0)
    keys = [
        (pl.col(axis) / cell_m).floor().cast(pl.Int64).alias(axis[0]) for axis in ("x_m", "y_m")
    ]
    marked = incidents.with_columns(
        *keys, label=pl.when(pl.col("zone") >= 0).then(0).otherwise(-1) if hot_or_not else "zone"
    )
    cells = marked.group_by("x", "y").agg(
        pl.len().alias("incidents"),
        pl.col("label").mode().sort().first().cast(pl.Int64),
        *(share.fill_null(0).alias(name) for name, share in _shares(incidents).items()),
    )
    east, north = ((pl.col(axis) + 0.5) * cell_m for axis in ("x", "y"))
    square = (pl.col("x") * cell_m // SQUARE_M * 100_000 + pl.col("y") * cell_m // SQUARE_M).rank(
        "dense"
    )
    cells = cells.sort("x", "y").with_columns(
        ((east - middle[0]) / 1000).alias("east_km"),
        ((north - middle[1]) / 1000).alias("north_km"),
        (pl.col("incidents") / years).alias(f"{PER_YEAR}: {cell_m}"),
        square.cast(pl.Int64).alias("square"),
    )
    return Examples(
        cells.drop("x", "y", "incidents", "label", "square"),
        cells["label"].to_numpy(),
        cells["incidents"].to_numpy().astype(np.float64),
        cells["square"].to_numpy(),
    )


def held_out(examples: Examples, seed: int) -> Floats:
    """1 if a tree trained without a cell's square predicts its zone, else 0; shape (cells,)."""
    correct = np.zeros(len(examples.label))
    values = examples.features.to_numpy()
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(values, groups=examples.square):
        tree = _tree(seed).fit(
            values[train], examples.label[train], sample_weight=examples.weight[train]
        )
        correct[test] = tree.predict(values[test]) == examples.label[test]
    return correct


def rules_of(tree: DecisionTreeClassifier, examples: Examples) -> pl.DataFrame:
    """The leaves of a fitted tree."""
    leaf = tree.apply(examples.features.to_numpy())
    rows = []
    for node, bounds in leaves(tree, examples.features.columns):
        here = leaf == node
        weight = examples.weight[here]
        zone = int(tree.classes_[np.argmax(tree.tree_.value[node][0])])
        share = float(weight[examples.label[here] == zone].sum() / weight.sum())
        conditions = [
            {"feature": name, "low": low, "high": high} for name, (low, high) in bounds.items()
        ]
        rows.append((conditions, zone, share, int(weight.sum()), int(here.sum())))
    rows.sort(key=lambda row: -row[3])
    return pl.DataFrame(
        [(number, *row) for number, row in enumerate(rows, 1)], schema=RULES, orient="row"
    )


def leaves(
    tree: DecisionTreeClassifier, names: list[str]
) -> Iterator[tuple[int, Mapping[str, Bounds]]]:
    """Number of each leaf, and the bounds of the features that lead to it."""
    inner = tree.tree_
    open_nodes: list[tuple[int, dict[str, Bounds]]] = [(0, {})]
    while open_nodes:
        node, bounds = open_nodes.pop()
        if inner.children_left[node] == inner.children_right[node]:
            yield node, bounds
            continue
        name, limit = names[inner.feature[node]], float(inner.threshold[node])
        low, high = bounds.get(name, (None, None))
        right = {**bounds, name: (limit, high)}
        left = {**bounds, name: (low, limit)}
        open_nodes += [
            (int(inner.children_right[node]), right),
            (int(inner.children_left[node]), left),
        ]


def _tree(seed: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(
        max_depth=DEPTH, min_weight_fraction_leaf=LEAST_SHARE, random_state=seed
    )


def _shares(incidents: pl.DataFrame) -> dict[str, pl.Expr]:
    """Feature name → share of a cell's incidents."""
    shares = {"night": pl.col("hour").is_in(NIGHT).mean()}
    for column, most in (("type", TYPES), ("location_type", LOCATION_TYPES)):
        counted = incidents[column].cast(pl.String).drop_nulls().value_counts(sort=True)
        for value in sorted(counted[column].head(most).to_list()):
            shares[f"{column}: {value}"] = (pl.col(column) == value).mean()
    return shares


def _interval(correct: Floats, examples: Examples, seed: int) -> tuple[float, float]:
    """95% interval of the accuracy, from a bootstrap over squares."""
    hits = np.bincount(examples.square, correct)
    total = np.bincount(examples.square, examples.weight)
    random = np.random.default_rng(seed)
    counts = random.multinomial(len(total), np.full(len(total), 1 / len(total)), size=RESAMPLES)
    low, high = np.percentile((counts @ hits) / (counts @ total), INTERVAL)
    return float(low), float(high)
