"""The demand forecast as a registered model: counts by area, shift and day.

Tables of its bundle: `forecast` (`analytics.forecasting.demand.stored_demand`), `evaluation` (a row
for each model), `origins` (loss, expected and counted incidents of each test forecast), `areas`
(the same by area, with coverage) and `calibration` (share of counts by their place in the
forecast distribution); where the source has weights of harm also `harm_mix`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import polars as pl

from analytics.artifacts.metric import Metric
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.forecasting.demand.evaluation import (
    BASELINES,
    EVERY_MODEL,
    REFERENCE,
    DemandPlan,
    Forecasts,
    ModelScore,
    forecast_all,
    forecast_next,
    score_all,
)
from analytics.forecasting.demand.harm import HarmPanel, read_harm
from analytics.forecasting.demand.panel import DemandPanel, read_panel
from analytics.forecasting.demand.scores import inside, pinball, pit_histogram
from analytics.forecasting.demand.stored_demand import demand_table, mix_table, with_harm
from analytics.forecasting.demand.sums import AREA_SUMS, sum_coverage
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.bootstrap import RatioEstimate, ratio_interval
from analytics.training.fitting import Explained, FittedModel, Training

BINS = 20
"""Bins of the calibration plot."""


def fit_demand(training: Training) -> FittedModel:
    """Test the rule on the last forecasts of the period, then forecast from all complete days.

    Raises
    ------
    InputError
        The history is too short, or the data has no areas or no days.
    """
    level = usable_level(training.reader.snapshot.manifest, str(training.parameters["level"]))
    panel = read_panel(training.reader, training.selection, level)
    plan, method = plan_of(training, panel), str(training.parameters["method"])
    models = {name: EVERY_MODEL[name] for name in (method, *BASELINES)}
    tested = forecast_all(panel, plan, models)
    scores = score_all(panel, plan, tested)
    harm = harm_of(training.reader, training.selection, level)
    left_out = {
        "left_out_areas": ", ".join(panel.strays),
        "without_area": panel.without_area,
        "without_shift": panel.without_shift,
    }
    return FittedModel(
        parameters={
            **training.parameters,
            "level": level,
            "forecast_from": panel.day(panel.days).isoformat(),
            **left_out,
        },
        rule={
            "kind": "demand",
            "level": level,
            "method": method,
            "days": plan.horizon,
            "areas": list(panel.areas),
            "shifts": list(panel.shifts),
        },
        tables={
            "forecast": next_forecast(panel, harm, method, plan.horizon),
            **_mix_tables(panel, harm),
            "evaluation": pl.DataFrame([_score_row(one) for one in scores]),
            **_tested_tables(panel, plan, tested, method),
        },
        metrics=tuple(_metrics(scores, tested[method], method)),
    )


def harm_of(reader: SnapshotReader, selection: Selection, level: str) -> HarmPanel | None:
    """The incidents by weight of harm; None where the source has no weights."""
    if "harm" in reader.snapshot.manifest.views_off:
        return None
    return read_harm(reader, selection, level)


def next_forecast(
    panel: DemandPanel, harm: HarmPanel | None, method: str, horizon: int
) -> pl.DataFrame:
    """The table of the days after a panel, with harm where it is known."""
    means, shocks = forecast_next(panel, EVERY_MODEL[method], horizon)
    table = demand_table(panel, panel.days, means, shocks)
    return table if harm is None else with_harm(table, harm.mix(panel.days))


def _mix_tables(panel: DemandPanel, harm: HarmPanel | None) -> dict[str, pl.DataFrame]:
    if harm is None:
        return {}
    return {"harm_mix": mix_table(panel.areas, panel.shifts, harm.mix(panel.days))}


def evaluate_demand_model(training: Training, fitted: FittedModel) -> list[Metric]:
    """No further metrics: each test forecast used only the days before it."""
    del training, fitted
    return []


def explain_demand(training: Training, fitted: FittedModel) -> Explained:
    """No further tables: the rule's parts are those of the fit."""
    del training, fitted
    return {}


def usable_level(manifest: Manifest, level: str) -> str:
    """The level, or where the source lacks it the first of the others that it has.

    Raises
    ------
    InputError
        It has no areas.
    """
    for one in (level, *AREA_LEVELS):
        if one not in manifest.views_off:
            return one
    raise InputError("This source has no areas, so demand by area cannot be forecast.")


def plan_of(training: Training, panel: DemandPanel) -> DemandPlan:
    """The last `folds` forecasts of the period, on complete days."""
    period = training.selection.period(training.reader.snapshot.manifest)
    if period is None:
        raise InputError("The selected period is outside the data.")
    last = min(period[1], panel.day(panel.days - 1))
    folds = int(training.parameters["folds"])
    plan = DemandPlan(last, last, int(training.parameters["horizon_days"]))
    days = plan.horizon + (folds - 1) * plan.step
    return DemandPlan(last - timedelta(days=days - 1), last, plan.horizon)


def _score_row(score: ModelScore) -> dict[str, Any]:
    row = asdict(score)
    del row["gain_rule"]  # a version is trained by one method
    for level, share in zip((50, 80, 95), row.pop("coverage"), strict=True):
        row[f"coverage_{level}"] = share
    for name in ("gain", "gain_last_week"):
        gain = row.pop(name)
        row |= {name: gain["value"], f"{name}_low": gain["low"], f"{name}_high": gain["high"]}
    return row


def _metrics(scores: list[ModelScore], tested: Forecasts, method: str) -> list[Metric]:
    (own,) = (one for one in scores if one.model == method)
    (reference,) = (one for one in scores if one.model == REFERENCE)
    (areas,) = (one for one in sum_coverage(tested) if one.sums == AREA_SUMS)
    expected, counted = (one.sum(axis=(1, 2, 3)) for one in (tested.means, tested.counts))
    bias = ratio_interval(expected - counted, counted)
    return [
        Metric("folds", own.origins),
        Metric("test_incidents", float(tested.counts.sum())),
        Metric("pinball", own.pinball),
        Metric("baseline_pinball", reference.pinball),
        _with_interval("pinball_gain", own.gain),
        _with_interval("pinball_gain_last_week", own.gain_last_week),
        *(
            Metric(f"coverage_{level}", share)
            for level, share in zip((50, 80, 95), own.coverage, strict=True)
        ),
        Metric("sum_coverage_80", areas.coverage_80),
        Metric("sum_coverage_95", areas.coverage_95),
        Metric("mase", own.mase),
        _with_interval("bias", bias),
    ]


def _with_interval(name: str, found: RatioEstimate) -> Metric:
    return Metric(name, found.value, found.low, found.high)


def _tested_tables(
    panel: DemandPanel, plan: DemandPlan, tested: Mapping[str, Forecasts], method: str
) -> dict[str, pl.DataFrame]:
    cutoffs = [panel.day(origin) for origin in plan.origins(panel)]
    origins, losses = [], {}
    for name, one in tested.items():
        losses[name] = pinball(one.quantiles(), one.counts)
        origins.append(_origin_rows(name, cutoffs, losses[name].mean(axis=(1, 2, 3)), one))
    own = tested[method]
    chances = own.cumulative()
    held = inside(chances, 0.8)
    return {
        "origins": pl.concat(origins),
        "areas": pl.DataFrame(
            {
                "area": list(panel.areas),
                "pinball": losses[method].mean(axis=(0, 2, 3)),
                "baseline_pinball": losses[REFERENCE].mean(axis=(0, 2, 3)),
                "coverage_80": held.mean(axis=(0, 2, 3)),
                "expected": own.means.sum(axis=(0, 2, 3)),
                "incidents": own.counts.sum(axis=(0, 2, 3)),
            }
        ),
        "calibration": pl.DataFrame(
            {
                "above": [number / BINS for number in range(BINS)],
                "share": pit_histogram(chances, BINS),
            }
        ),
    }


def _origin_rows(name: str, cutoffs: list[date], losses: Any, found: Forecasts) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "model": [name] * len(cutoffs),
            "cutoff": cutoffs,
            "pinball": losses,
            "expected": found.means.sum(axis=(1, 2, 3)),
            "incidents": found.counts.sum(axis=(1, 2, 3)),
        }
    )
