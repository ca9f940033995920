"""The hot-spot forecast as a registered model.

`analytics.forecasting.api.evaluate` chooses the forecaster: the candidate nominated before the
first fold if it beats the best baseline, else that baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.forecasting.api import Evaluation, EvaluationPlan, evaluate, fit
from analytics.forecasting.history import Target
from analytics.training.fitting import FittedModel, Training

SHARES = (0.01, 0.05, 0.10)
EARLIEST_SHARE = 0.5  # of the period that is only trained on


def fit_forecast(training: Training) -> FittedModel:
    """Compare forecasters fold by fold, then fit the chosen one on all days.

    Raises
    ------
    InputError
        The history is too short.
    """
    plan = plan_of(training)
    compared = evaluate(training.reader, Target(training.selection), plan)
    name = str(training.parameters["forecaster"]) or compared.champion
    chosen = fit(name, compared.history, horizon_days=plan.horizon_days)
    cutoff = compared.history.end
    cells = chosen.forecast(cutoff).filter(pl.col("expected") > 0)
    parameters = {
        **training.parameters,
        "forecaster": name,
        "nominee": compared.nominee or "",
        "best_baseline": compared.best_baseline,
        **_gain_of_nominee(compared),
        "forecast_from": cutoff.isoformat(),
        **{f"fitted_{key}": value for key, value in chosen.params.items()},
    }
    return FittedModel(
        parameters=parameters,
        rule={"kind": "forecast", "size_m": plan.cell_m, "days": plan.horizon_days},
        tables={
            "forecast": cells,
            "evaluation": pl.DataFrame(compared.rows),
            "folds": compared.folds,
            "tested": tested(compared, name, plan),
        },
        estimator=chosen.estimator,
        metrics=tuple(metrics_of(compared, name)),
    )


def _gain_of_nominee(compared: Evaluation) -> dict[str, float]:
    found = compared.comparison
    if found is None:
        return {}
    return {
        f"nominee_{name}{end}": value
        for name, one in (("capture_gain", found.gain), ("first_gain", found.first))
        for end, value in (("", one.value), ("_low", one.low), ("_high", one.high))
    }


def tested(compared: Evaluation, name: str, plan: EvaluationPlan) -> pl.DataFrame:
    """What a forecaster expected of each cell in each fold, and what happened.

    `analytics.zones.expected` makes intervals for any set of cells from these. Cells without
    expected or actual incidents are omitted.

    Returns
    -------
    pl.DataFrame
        cutoff, col, row, expected (Float32), incidents (Int32).
    """
    history, fitted = compared.history, compared.fitted[name]
    parts = []
    for cutoff, end in compared.folds.select("cutoff", "end").unique().sort("cutoff").iter_rows():
        cells = history.grid.frame(
            expected=fitted.expected(history.until(cutoff), plan.horizon_days),
            incidents=history.counts(cutoff, end),
        )
        parts.append(
            cells.filter((pl.col("expected") > 0) | (pl.col("incidents") > 0)).select(
                pl.lit(cutoff).alias("cutoff"),
                "col",
                "row",
                pl.col("expected").cast(pl.Float32),
                pl.col("incidents").cast(pl.Int32),
            )
        )
    return pl.concat(parts)


def evaluate_forecast(training: Training, fitted: FittedModel) -> list[Metric]:
    """No further metrics: forecasters were fitted before the first day they forecast."""
    del training, fitted
    return []


def plan_of(training: Training) -> EvaluationPlan:
    """The last `folds` horizons of the period, provisional days left out.

    Raises
    ------
    InputError
        They would leave less than half of the period for training.
    """
    manifest = training.reader.snapshot.manifest
    period = training.selection.period(manifest)
    if period is None:
        raise InputError("The selected period is outside the data.")
    first, last = period
    if manifest.provisional_day is not None:
        last = min(last, manifest.provisional_day - timedelta(days=1))
    parameters = training.parameters
    horizon, folds = int(parameters["horizon_days"]), int(parameters["folds"])
    start = last - timedelta(days=horizon * folds - 1)
    if (start - first).days < EARLIEST_SHARE * (last - first).days:
        raise InputError(
            f"{folds} test forecasts of {horizon} days need more data than {first} to {last}."
        )
    known = str(parameters["forecaster"])
    return EvaluationPlan(
        first=start,
        last=last,
        horizon_days=horizon,
        cell_m=int(parameters["cell_m"]),
        area_shares=SHARES,
        forecasters=(known,) if known else None,
        seed=training.seed,
    )


def metrics_of(compared: Evaluation, name: str) -> list[Metric]:
    """Mean capture and its gain; PAI, gain, hit rate and PEI by share, such as `pai_1` for 1%."""
    rows = [row for row in compared.rows if row["forecaster"] == name]
    if not rows:
        raise InputError(f"{name} was not compared, so it cannot be evaluated.")
    found = [
        Metric("folds", rows[0]["folds"]),
        Metric("test_incidents", rows[0]["incidents"]),
        *(
            _with_interval(kind, rows[0], kind)
            for kind in ("capture", "capture_gain", "first_gain")
        ),
    ]
    for row in rows:
        percent = f"{100 * row['area_share']:g}"
        found += [
            _with_interval(f"pai_{percent}", row, "pai"),
            _with_interval(f"gain_{percent}", row, "gain"),
            Metric(f"hit_rate_{percent}", float(row["hit_rate"])),
            Metric(f"pei_{percent}", float(row["pei"])),
            _with_interval(f"baseline_pai_{percent}", _best_baseline(compared, row), "pai"),
        ]
    return found


def _with_interval(name: str, row: Mapping[str, Any], column: str) -> Metric:
    value, low, high = (float(row[column + end]) for end in ("", "_low", "_high"))
    return Metric(name, value, low, high)


def _best_baseline(compared: Evaluation, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The baseline that the gain is measured against."""
    wanted = row["pai"] - row["gain"]
    same = [one for one in compared.rows if one["area_share"] == row["area_share"]]
    return min(same, key=lambda one: abs(one["pai"] - wanted))
