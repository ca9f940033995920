"""Explanation of the learned forecaster, on days it was not trained on.

It is explained even if a simple forecaster is in use, as one of the candidates.

References
----------
Breiman (2001), Random forests, Machine Learning 45 (permutation importance).
Fisher, Rudin & Dominici (2019), All models are wrong, but many are useful, JMLR 20.
Friedman (2001), Greedy function approximation, Annals of Statistics 29 (partial dependence).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.metrics import d2_tweedie_score, mean_poisson_deviance
from threadpoolctl import threadpool_limits

from analytics.artifacts.explanations import FeatureGroup, LearnedRole
from analytics.forecasting.api import ENSEMBLE_MEMBERS, fit_all
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import rolling_folds, training_folds
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.learned import LearnedFitted
from analytics.forecasting.units import UnitKind
from analytics.training.fitting import Explained, FittedModel, Training
from analytics.training.forecast import SHARES, plan_of
from analytics.training.permuted_forecast import PermutedForecast
from analytics.zones.street_blocks import street_blocks

LEARNED = "learned"
MOST_FOLDS = 12
MOST_ROWS = 4_000  # of cells with incidents, and of cells without
REPEATS = 10
SHOWN_FEATURES = 6
GRID = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
INTERVAL = (2.5, 97.5)
RECENT_DAYS = 60
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
IMPORTANCE = {
    "kind": pl.String,
    "name": pl.String,
    "group": pl.String,
    "importance": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "repeats": pl.Int64,
}
DEPENDENCE = {
    "feature": pl.String,
    "value": pl.Float64,
    "expected": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class HeldOutRows:
    """Cells on held-out days.

    Attributes
    ----------
    values : array of shape (rows, features)
    counts, weights : arrays of shape (rows,)
        Incidents in the cell, and the number of cells that the row represents.
    fold : int array of shape (rows,)
        Held-out forecast of the row.
    """

    values: npt.NDArray[np.float32] = field(repr=False)
    counts: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    fold: Ints = field(repr=False)


def explain_forecast(training: Training, fitted: FittedModel) -> Explained:
    """Tables `explained` (one row about the explanation), `importance` and `dependence`.

    The forecaster is fitted again on the days before the first forecast of the evaluation, which
    gives the one that was evaluated, and explained on the days of the evaluation.
    """
    plan = plan_of(training, UnitKind(fitted.rule["unit"]))
    target, blocks = Target(training.selection), street_blocks(training.reader)
    history = read_history(
        training.reader,
        target,
        plan.cell_m,
        context_before=plan.first,
        streets=blocks.streets if blocks and plan.unit is UnitKind.BLOCK else None,
    )
    past = history.until(plan.first)
    tuning = training_folds(history.first, plan.first, plan.horizon_days)
    features = FeatureMaker()
    learned = fit_all((LEARNED,), past, tuning, SHARES[0], features=features)[LEARNED]
    assert isinstance(learned, LearnedFitted)  # noqa: S101
    rows = held_out_rows(history, plan_folds(plan), features, training.seed)
    explained = {
        "forecaster": str(fitted.parameters["forecaster"]),
        "nominee": str(fitted.parameters["nominee"]),
        "relation": role_of_learned(
            str(fitted.parameters["forecaster"]), str(fitted.parameters["nominee"])
        ).value,
        "first": plan.first,
        "last": plan.last,
        "folds": int(rows.fold.max()) + 1,
        "rows": len(rows.counts),
        "incidents": int(rows.counts.sum()),
        "horizon_days": plan.horizon_days,
        "d2": explained_deviance(learned, rows, plan.horizon_days),
    }
    with threadpool_limits(1):
        importance = importances(learned, rows, plan.horizon_days, training.seed)
        single = importance.filter(pl.col("kind") == "feature")
        shown = single.sort("importance", descending=True)["name"].head(SHOWN_FEATURES).to_list()
        dependence = dependences(learned, rows, plan.horizon_days, shown, training.seed)
    return {
        "explained": pl.DataFrame([explained]),
        "importance": importance,
        "dependence": dependence,
    }


def role_of_learned(forecaster: str, nominee: str) -> LearnedRole:
    """Role of the learned forecaster, from the one in use and the one nominated."""
    if forecaster == LEARNED:
        return LearnedRole.IN_USE
    if forecaster == "ensemble":
        return LearnedRole.PART_IN_USE
    if nominee == LEARNED:
        return LearnedRole.NOMINATED
    if nominee == "ensemble" and LEARNED in ENSEMBLE_MEMBERS:
        return LearnedRole.PART_NOMINATED
    return LearnedRole.COMPARED


def group_of(feature: str) -> FeatureGroup:
    """Group of a feature; features of one group are strongly correlated."""
    if feature.startswith("type "):
        return FeatureGroup.OTHER_TYPES
    if feature.startswith("all incidents"):
        return FeatureGroup.ALL_CRIME
    if feature.startswith("hours "):
        return FeatureGroup.HOURS
    if feature.startswith("season"):
        return FeatureGroup.SEASON
    in_cell = feature.endswith((", cell", ", block"))
    window = re.match(r"(\d+) days", feature)
    if window is not None and int(window[1]) <= RECENT_DAYS:
        return FeatureGroup.RECENT_IN_CELL if in_cell else FeatureGroup.RECENT_AROUND
    return FeatureGroup.LONG_RUN_IN_CELL if in_cell else FeatureGroup.LONG_RUN_AROUND


def plan_folds(plan: Any) -> list[Any]:
    """At most `MOST_FOLDS` forecasts of a plan, evenly spaced."""
    folds = rolling_folds(plan.first, plan.last, plan.horizon_days)
    chosen = np.unique(np.linspace(0, len(folds) - 1, min(MOST_FOLDS, len(folds))).round())
    return [folds[int(number)] for number in chosen]


def held_out_rows(
    history: History, folds: Sequence[Any], features: FeatureMaker, seed: int
) -> HeldOutRows:
    """Cells of all folds: a weighted sample of those with incidents and of those without."""
    values = [features.of(history.until(fold.cutoff)).values for fold in folds]
    counts = np.concatenate([history.counts(fold.cutoff, fold.end) for fold in folds])
    fold = np.repeat(np.arange(len(folds)), [len(one) for one in values])
    random = np.random.default_rng(seed)
    rows, weights = [], []
    for chosen in (np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)):
        kept = np.sort(random.permutation(chosen)[:MOST_ROWS])
        rows.append(kept)
        weights.append(np.full(len(kept), len(chosen) / max(len(kept), 1)))
    order = np.concatenate(rows)
    return HeldOutRows(
        np.concatenate(values)[order], counts[order], np.concatenate(weights), fold[order]
    )


def explained_deviance(learned: LearnedFitted, rows: HeldOutRows, days: int) -> float:
    """D²: share of the Poisson deviance that the forecast explains, at most 1."""
    expected = _expected(learned, rows.values, days)
    score = d2_tweedie_score(rows.counts, expected, sample_weight=rows.weights, power=1)
    return float(score)


def importances(
    learned: LearnedFitted, rows: HeldOutRows, days: int, seed: int, repeats: int = REPEATS
) -> pl.DataFrame:
    """Permutation importance: loss of D² when features are permuted among the cells.

    Each repeat resamples the held-out forecasts with replacement before permuting, so that the
    spread includes that between weeks.

    Returns
    -------
    pl.DataFrame
        kind (`group`: its features permuted together; `feature`: one alone), name, group,
        importance (mean), low, high (95% of repeats) and repeats.
    """
    groups = [group_of(name).value for name in learned.feature_names]
    tasks = [
        ("group", one, one, [at for at, group in enumerate(groups) if group == one])
        for one in dict.fromkeys(groups)
    ]
    tasks += [("feature", name, groups[at], [at]) for at, name in enumerate(learned.feature_names)]
    forecast = PermutedForecast(learned.estimator, rows.values)
    loss = np.zeros((repeats, len(tasks)))
    for repeat in range(repeats):
        random = np.random.default_rng([seed, repeat])
        cells = _bootstrap_rows(rows.fold, random)
        counts, weights, share = rows.counts[cells], rows.weights[cells], days / learned.fold_days
        total = mean_poisson_deviance(
            counts, np.full(len(cells), np.average(counts, weights=weights)), sample_weight=weights
        )
        before = forecast.expected(cells) * share
        for number, (*_, columns) in enumerate(tasks):
            order = random.permutation(len(cells))
            after = forecast.permuted(columns, cells, order) * share
            rise = counts * np.log(before / after) + after - before  # of half the deviance
            loss[repeat, number] = 2 * np.average(rise, weights=weights) / total
    low, high = np.percentile(loss, INTERVAL, axis=0)
    return pl.DataFrame(
        [
            (kind, name, group, mean, *ends, repeats)
            for (kind, name, group, _), mean, *ends in zip(
                tasks, loss.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True
            )
        ],
        schema=IMPORTANCE,
        orient="row",
    ).sort("kind", "importance", descending=[False, True])


def dependences(
    learned: LearnedFitted, rows: HeldOutRows, days: int, features: Sequence[str], seed: int
) -> pl.DataFrame:
    """Partial dependence: mean expected incidents if all cells had the same value of a feature.

    Returns
    -------
    pl.DataFrame
        feature, value (incidents a year), expected (incidents of the horizon), low and high: a
        95% bootstrap interval over the held-out forecasts.
    """
    random = np.random.default_rng(seed)
    folds = int(rows.fold.max()) + 1
    times = random.multinomial(folds, np.full(folds, 1 / folds), size=500)
    size = np.bincount(rows.fold, rows.weights, minlength=folds)
    table = []
    for name in features:
        column = learned.feature_names.index(name)
        for value in grid_of(rows.values[:, column]):
            same = rows.values.copy()
            same[:, column] = value
            expected = rows.weights * _expected(learned, same, days)
            total = np.bincount(rows.fold, expected, minlength=folds)
            low, high = np.percentile((times @ total) / (times @ size), INTERVAL)
            table.append((name, float(value), total.sum() / size.sum(), low, high))
    return pl.DataFrame(table, schema=DEPENDENCE, orient="row")


def grid_of(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Quantiles of a feature over the rows, from the lowest to the 99th percentile."""
    return np.unique(np.quantile(values, GRID).astype(np.float32))


def _expected(learned: LearnedFitted, values: npt.NDArray[np.float32], days: int) -> Floats:
    return np.asarray(learned.estimator.predict(values) * (days / learned.fold_days))


def _bootstrap_rows(fold: Ints, random: np.random.Generator) -> Ints:
    """Rows of folds resampled with replacement; all rows if there is only one fold."""
    folds = int(fold.max()) + 1
    if folds == 1:
        return np.arange(len(fold))
    members = [np.flatnonzero(fold == number) for number in range(folds)]
    return np.concatenate([members[one] for one in random.integers(folds, size=folds)])
