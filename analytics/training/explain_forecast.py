"""What the learned forecaster listens to, on days it has not seen.

It is explained also where a simple forecaster is champion: then it shows what learning looked at,
and why that was not enough can be read beside it.

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
from sklearn.metrics import d2_tweedie_score
from threadpoolctl import threadpool_limits

from analytics.forecasting.api import ENSEMBLE_MEMBERS, fit_all
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import rolling_folds, training_folds
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.learned import LearnedFitted
from analytics.training.fitting import Explained, Fitted, Training
from analytics.training.forecast import SHARES, plan_of

LEARNED = "learned"
MOST_FOLDS = 12
MOST_ROWS = 4_000  # cells with incidents, and as many without
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
class HeldOut:
    """Cells on days the forecaster was not trained on.

    Attributes
    ----------
    values : array of shape (rows, features)
    counts, weights : arrays of shape (rows,)
        Incidents that happened in the cell, and how many cells the row stands for.
    fold : int array of shape (rows,)
        Which held-out forecast the row is of.
    """

    values: npt.NDArray[np.float32] = field(repr=False)
    counts: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    fold: Ints = field(repr=False)

    def take(self, rows: Ints) -> HeldOut:
        return HeldOut(self.values[rows], self.counts[rows], self.weights[rows], self.fold[rows])


def explain_forecast(training: Training, fitted: Fitted) -> Explained:
    """Tables `explained` (one line of facts), `importance` and `dependence`.

    The forecaster is fitted again on the days before the first forecast of the evaluation, which
    gives the very one that was evaluated, and explained on the days of the evaluation.
    """
    plan = plan_of(training)
    target = Target(training.selection)
    history = read_history(training.reader, target, plan.cell_m, context_before=plan.first)
    past = history.until(plan.first)
    tuning = training_folds(history.first, plan.first, plan.horizon_days)
    features = FeatureMaker()
    learned = fit_all((LEARNED,), past, tuning, SHARES[0], features=features)[LEARNED]
    assert isinstance(learned, LearnedFitted)  # noqa: S101
    rows = held_out_rows(history, plan_folds(plan), features, training.seed)
    facts = {
        "forecaster": str(fitted.parameters["forecaster"]),
        "nominee": str(fitted.parameters["nominee"]),
        "relation": relation(
            str(fitted.parameters["forecaster"]), str(fitted.parameters["nominee"])
        ),
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
        "explained": pl.DataFrame([facts]),
        "importance": importance,
        "dependence": dependence,
    }


def relation(forecaster: str, nominee: str) -> str:
    """What the learned forecaster is to the one in use, in words."""
    if forecaster == LEARNED:
        return "It is the forecaster in use."
    if forecaster == "ensemble":
        return "It is one of the two parts of the forecaster in use, the ensemble."
    if nominee == LEARNED:
        return "It was nominated, and did not beat the simple forecaster in use."
    if nominee == "ensemble" and LEARNED in ENSEMBLE_MEMBERS:
        return (
            "It is one of the two parts of the ensemble, which was nominated and did not beat the "
            "simple forecaster in use."
        )
    return "It is not the forecaster in use; it was one of those compared."


def group_of(feature: str) -> str:
    """Which question a feature answers; features of one group say nearly the same."""
    if feature.startswith("type "):
        return "Other types of crime"
    if feature.startswith("all incidents"):
        return "All crime together"
    if feature.startswith("hours "):
        return "Hours of the day"
    if feature.startswith("season"):
        return "The same weeks of earlier years"
    where = "in the cell" if feature.endswith(", cell") else "around the cell"
    window = re.match(r"(\d+) days", feature)
    recent = window is not None and int(window[1]) <= RECENT_DAYS
    return f"{'Recent' if recent else 'Long-run'} counts {where}"


def plan_folds(plan: Any) -> list[Any]:
    """At most `MOST_FOLDS` forecasts of a plan, evenly spread."""
    folds = rolling_folds(plan.first, plan.last, plan.horizon_days)
    chosen = np.unique(np.linspace(0, len(folds) - 1, min(MOST_FOLDS, len(folds))).round())
    return [folds[int(number)] for number in chosen]


def held_out_rows(
    history: History, folds: Sequence[Any], features: FeatureMaker, seed: int
) -> HeldOut:
    """Cells of all folds: those with incidents, and a weighted sample of the others."""
    values = [features.of(history.until(fold.cutoff)).values for fold in folds]
    counts = np.concatenate([history.counts(fold.cutoff, fold.end) for fold in folds])
    fold = np.repeat(np.arange(len(folds)), [len(one) for one in values])
    dice = np.random.default_rng(seed)
    rows, weights = [], []
    for chosen in (np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)):
        kept = np.sort(dice.permutation(chosen)[:MOST_ROWS])
        rows.append(kept)
        weights.append(np.full(len(kept), len(chosen) / max(len(kept), 1)))
    order = np.concatenate(rows)
    return HeldOut(
        np.concatenate(values)[order], counts[order], np.concatenate(weights), fold[order]
    )


def explained_deviance(learned: LearnedFitted, rows: HeldOut, days: int) -> float:
    """D²: share of the Poisson deviance that the forecast explains; 1 is all, 0 none."""
    expected = _expected(learned, rows.values, days)
    score = d2_tweedie_score(rows.counts, expected, sample_weight=rows.weights, power=1)
    return float(score)


def importances(
    learned: LearnedFitted, rows: HeldOut, days: int, seed: int, repeats: int = REPEATS
) -> pl.DataFrame:
    """How much of D² is lost when features are shuffled among the cells.

    Each repeat draws the held-out forecasts again with replacement before it shuffles, so that the
    spread is that of other weeks, too.

    Returns
    -------
    pl.DataFrame
        kind (`group`: all features of it shuffled together; `feature`: one alone), name, group,
        importance (mean), low, high (95% of repeats) and repeats.
    """
    groups = [group_of(name) for name in learned.feature_names]
    tasks = [
        ("group", one, one, [at for at, group in enumerate(groups) if group == one])
        for one in dict.fromkeys(groups)
    ]
    tasks += [("feature", name, groups[at], [at]) for at, name in enumerate(learned.feature_names)]
    lost = np.zeros((repeats, len(tasks)))
    for repeat in range(repeats):
        dice = np.random.default_rng([seed, repeat])
        drawn = rows.take(_redrawn(rows.fold, dice))
        whole = explained_deviance(learned, drawn, days)
        for number, (*_, columns) in enumerate(tasks):
            shuffled = drawn.values.copy()
            shuffled[:, columns] = shuffled[dice.permutation(len(shuffled))][:, columns]
            mixed = HeldOut(shuffled, drawn.counts, drawn.weights, drawn.fold)
            lost[repeat, number] = whole - explained_deviance(learned, mixed, days)
    low, high = np.percentile(lost, INTERVAL, axis=0)
    return pl.DataFrame(
        [
            (kind, name, group, mean, *ends, repeats)
            for (kind, name, group, _), mean, *ends in zip(
                tasks, lost.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True
            )
        ],
        schema=IMPORTANCE,
        orient="row",
    ).sort("kind", "importance", descending=[False, True])


def dependences(
    learned: LearnedFitted, rows: HeldOut, days: int, features: Sequence[str], seed: int
) -> pl.DataFrame:
    """Expected incidents of a cell, on average, if all cells had the same value of a feature.

    Returns
    -------
    pl.DataFrame
        feature, value (incidents a year), expected (incidents of the horizon), low and high: a
        95% interval over draws of the held-out forecasts.
    """
    dice = np.random.default_rng(seed)
    folds = int(rows.fold.max()) + 1
    times = dice.multinomial(folds, np.full(folds, 1 / folds), size=500)
    size = np.bincount(rows.fold, rows.weights, minlength=folds)
    lines = []
    for name in features:
        column = learned.feature_names.index(name)
        for value in grid_of(rows.values[:, column]):
            same = rows.values.copy()
            same[:, column] = value
            expected = rows.weights * _expected(learned, same, days)
            total = np.bincount(rows.fold, expected, minlength=folds)
            low, high = np.percentile((times @ total) / (times @ size), INTERVAL)
            lines.append((name, float(value), total.sum() / size.sum(), low, high))
    return pl.DataFrame(lines, schema=DEPENDENCE, orient="row")


def grid_of(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Values that cells have, from the lowest to the 99th percentile of the rows."""
    return np.unique(np.quantile(values, GRID).astype(np.float32))


def _expected(learned: LearnedFitted, values: npt.NDArray[np.float32], days: int) -> Floats:
    return np.asarray(learned.estimator.predict(values) * (days / learned.fold_days))


def _redrawn(fold: Ints, dice: np.random.Generator) -> Ints:
    """Rows of folds drawn with replacement; all rows as they are where there is one fold."""
    folds = int(fold.max()) + 1
    if folds == 1:
        return np.arange(len(fold))
    members = [np.flatnonzero(fold == number) for number in range(folds)]
    return np.concatenate([members[one] for one in dice.integers(folds, size=folds)])
