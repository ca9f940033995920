"""The hot-spot forecast as a registered model, of cells or of blocks of street.

`analytics.forecasting.api.evaluate` chooses the forecaster: the candidate nominated before the
first fold if it beats the best baseline, else that baseline. The rule of the bundle says of what
the forecast is: `unit`, `size_m`, `whole` (number of cells, or km of street), `days`, `splits` of
the day with the hours of each band, and the `overdispersion` of counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.artifacts.metric import Metric
from analytics.errors import InputError
from analytics.forecasting.api import Evaluation, EvaluationPlan, Judged, evaluate, fit
from analytics.forecasting.evaluation import Judging, add_bands, score_folds, summarize
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster
from analytics.forecasting.history import History, Target
from analytics.forecasting.hour_bands import BandKind
from analytics.forecasting.streets import Streets
from analytics.forecasting.units import UnitKind, unit_frame, unit_names, unit_sizes
from analytics.statistics.arrays import Floats
from analytics.statistics.negative_binomial import overdispersion
from analytics.training.fitting import FittedModel, Training
from analytics.training.forecast_table import banded_histories, day_splits, forecast_table
from analytics.zones.street_blocks import street_blocks
from analytics.zones.unit_forecast import count_interval, top_shares

SHARES = (0.01, 0.05, 0.10)
EARLIEST_SHARE = 0.5  # of the period that is only trained on


def fit_forecast(training: Training, unit: UnitKind) -> FittedModel:
    """Compare forecasters fold by fold, then fit the chosen one on all days.

    Where the texts of blocks do not name hundreds of house numbers, cells are forecast.

    Raises
    ------
    InputError
        The history is too short.
    """
    blocks = street_blocks(training.reader)
    if blocks is None:
        unit = UnitKind.CELL
    plan, target = plan_of(training, unit), Target(training.selection)
    streets = blocks.streets if blocks else None
    evaluated = evaluate(training.reader, target, plan, streets=streets)
    name = str(training.parameters["forecaster"]) or evaluated.champion
    tested, history = TestedForecasts.of(evaluated, name), evaluated.history
    compared = evaluated.decided(promoted=evaluated.promoted)
    del evaluated  # its forecasters hold the features of many days
    chosen, cutoff = fit(name, history, horizon_days=plan.horizon_days), history.end
    splits = day_splits(training.reader)
    banded = banded_histories(training.reader, target, history, splits)
    parameters = {
        **training.parameters,
        "unit": unit.value,
        "forecaster": name,
        "nominee": compared.nominee or "",
        "best_baseline": compared.best_baseline,
        **_gain_of_nominee(compared),
        "forecast_from": cutoff.isoformat(),
        **{f"fitted_{key}": value for key, value in chosen.params.items()},
    }
    rule = {
        "kind": "forecast",
        "unit": unit.value,
        "size_m": plan.cell_m,
        "whole": float(unit_sizes(history.grid).sum()),
        "days": plan.horizon_days,
        "splits": {kind.value: splits[kind].as_json for kind in banded},
        "overdispersion": overdispersion(tested.expected, tested.happened),
    }
    metrics = [*metrics_of(compared, name), *tested.coverage]
    if BandKind.BAND in banded:
        metrics += band_metrics(tested, banded[BandKind.BAND])
    return FittedModel(
        parameters=parameters,
        rule=rule,
        tables={
            "forecast": forecast_table(chosen, cutoff, banded, blocks),
            "evaluation": pl.DataFrame(compared.rows),
            "folds": compared.folds,
            "tested": tested.frame,
        },
        estimator=chosen.estimator,
        metrics=tuple(metrics),
    )


def _gain_of_nominee(compared: Judged) -> dict[str, float]:
    found = compared.comparison
    if found is None:
        return {}
    return {
        f"nominee_{name}{end}": value
        for name, one in (("capture_gain", found.gain), ("first_gain", found.first))
        for end, value in (("", one.value), ("_low", one.low), ("_high", one.high))
    }


@dataclass(frozen=True, eq=False)
class TestedForecasts:
    """What a forecaster expected of each unit in each fold, and what happened.

    Attributes
    ----------
    expected, happened : arrays of shape (folds, units)
    """

    history: History = field(repr=False)
    folds: tuple[Fold, ...]
    expected: Floats = field(repr=False)
    happened: Floats = field(repr=False)

    @classmethod
    def of(cls, compared: Evaluation, name: str) -> TestedForecasts:
        history, fitted = compared.history, compared.fitted[name]
        pairs = compared.folds.select("cutoff", "end").unique().sort("cutoff")
        folds = tuple(Fold(*pair) for pair in pairs.iter_rows())
        expected = [fitted.expected(history.until(fold.cutoff), fold.days) for fold in folds]
        happened = [history.counts(fold.cutoff, fold.end) for fold in folds]
        return cls(history, folds, np.array(expected), np.array(happened))

    @property
    def frame(self) -> pl.DataFrame:
        """Intervals for any set of cells come from these (`analytics.zones.expected`).

        Units without expected or actual incidents are omitted.

        Returns
        -------
        pl.DataFrame
            cutoff, col and row (or block), expected (Float32), incidents (Int32).
        """
        grid = self.history.grid
        kind = UnitKind.BLOCK if isinstance(grid, Streets) else UnitKind.CELL
        parts = [
            unit_frame(grid, expected=expected, incidents=happened)
            .filter((pl.col("expected") > 0) | (pl.col("incidents") > 0))
            .select(
                pl.lit(fold.cutoff).alias("cutoff"),
                *unit_names(kind),
                pl.col("expected").cast(pl.Float32),
                pl.col("incidents").cast(pl.Int32),
            )
            for fold, expected, happened in zip(
                self.folds, self.expected, self.happened, strict=True
            )
        ]
        return pl.concat(parts)

    @property
    def coverage(self) -> list[Metric]:
        """Share of the counts of the top 1% inside their interval, by the folds before.

        The overdispersion is that of the earlier half, the counts are those of the later half.
        """
        half = len(self.folds) // 2
        if not half:
            return []
        c = overdispersion(self.expected[:half], self.happened[:half])
        sizes = unit_sizes(self.history.grid)
        inside = []
        for mean, count in zip(self.expected[half:], self.happened[half:], strict=True):
            top = top_shares(mean / sizes, sizes, float(sizes.sum())) <= SHARES[0]
            low, high = count_interval(mean[top], c)
            inside.append((low <= count[top]) & (count[top] <= high))
        held = np.concatenate(inside)
        return [Metric("interval_coverage", float(held.mean()))] if len(held) else []


class _Known(FittedForecaster):
    """The forecasts of the folds again, without computing them."""

    name = "tested"

    def __init__(self, tested: TestedForecasts) -> None:
        self.params = {}
        self._expected = dict(
            zip((fold.cutoff for fold in tested.folds), tested.expected, strict=True)
        )

    def expected(self, past: History, days: int) -> Floats:  # noqa: ARG002
        return self._expected[past.end]


def band_metrics(tested: TestedForecasts, banded: History) -> list[Metric]:
    """PAI of the forecast by band, at the patrol hours of 1% for all day, and the gain over it."""
    known, judging = _Known(tested), Judging(SHARES[:1])
    scored = score_folds({known.name: known}, banded, tested.folds, judging)
    if not scored["incidents"].sum():
        return []
    bands = tuple(str(position) for position in range(len(banded.by_band)))
    (row,) = add_bands(summarize(scored, [known.name], judging)[0], scored, bands, judging)
    return [
        _with_interval("band_pai_1", row, "pai"),
        _with_interval("band_gain_1", row, "band_gain"),
    ]


def evaluate_forecast(training: Training, fitted: FittedModel) -> list[Metric]:
    """No further metrics: forecasters were fitted before the first day they forecast."""
    del training, fitted
    return []


def plan_of(training: Training, unit: UnitKind) -> EvaluationPlan:
    """The last `folds` horizons of the period, provisional days left out.

    Raises
    ------
    InputError
        They would leave less than half of the period for training.
    """
    first, last = training.complete_days
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
        unit=unit,
        seed=training.seed,
    )


def metrics_of(compared: Judged, name: str) -> list[Metric]:
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
        if "pai_street" in row:
            found.append(_with_interval(f"pai_street_{percent}", row, "pai_street"))
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


def _best_baseline(compared: Judged, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The baseline that the gain is measured against."""
    wanted = row["pai"] - row["gain"]
    same = [one for one in compared.rows if one["area_share"] == row["area_share"]]
    return min(same, key=lambda one: abs(one["pai"] - wanted))
