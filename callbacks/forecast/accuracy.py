"""The Forecast page's answers on how good the version is: calibration, skill and bias."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.metric import Metric
from analytics.demand_answers import DemandForecast
from analytics.forecasting.demand.calibration import central_coverage
from analytics.formats import percent, short_date
from callbacks.forecast.measures import ForecastMeasures
from components.forecast.figures import calibration_figure
from components.forecast.sentences import (
    bias_words,
    calibration_words,
    is_biased,
    metric_label,
)
from components.frame.intervals import Estimate, interval_rows, percent_with_interval, scale_of
from components.frame.tables import table

SKILL = ("pinball_gain", "pinball_gain_last_week")
ENDS = 3


def calibration_answer(measures: ForecastMeasures) -> dict[str, Any]:
    """Stated and observed coverage of the test forecasts."""
    found = measures.forecast
    if found is None:
        return {}
    stated, observed = central_coverage(found.bundle.table("calibration"))
    metrics = found.bundle.metrics
    rows = [[percent(one, 0), percent(other)] for one, other in zip(stated, observed, strict=True)]
    return {
        "calibration": calibration_figure(stated, observed, measures.question.theme),
        "calibration_note": calibration_words(
            metrics["coverage_80"].value, metrics["coverage_95"].value, int(metrics["folds"].value)
        ),
        "calibration_numbers": table(["Stated", "Observed"], rows),
    }


def skill_answer(measures: ForecastMeasures) -> dict[str, Any]:
    """Loss saved and bias with intervals, and the bias since training in a sentence."""
    found = measures.forecast
    if found is None:
        return {"skill": []}
    metrics = found.bundle.metrics
    rows = [_estimate(metrics[name]) for name in (*SKILL, "bias")]
    scale = scale_of(rows, low=0.0)
    bias, low, high, recent = _recent_bias(found)
    class_name = "forecast-alarm" if is_biased(bias, low, high) else "figure-note"
    parts: list[Component] = [
        interval_rows(rows, scale, label="Accuracy of the test forecasts", reference=0.0),
        html.P(bias_words(bias, low, high, recent=recent), className=class_name),
    ]
    return {"skill": parts}


def _estimate(metric: Metric) -> Estimate:
    text = percent_with_interval(metric.value, metric.low, metric.high)
    return Estimate(metric_label(metric.name), metric.value, metric.low, metric.high, text)


def _recent_bias(found: DemandForecast) -> tuple[float, float | None, float | None, str]:
    """Bias with its interval in the weeks since training; before there are enough, in the tests."""
    bias: Sequence[float] = found.check.total.get("bias", ()) if found.check else ()
    if found.check and len(bias) == ENDS:
        since = short_date(date.fromisoformat(found.check.since))
        return bias[0], bias[1], bias[2], f"since {since}"
    metric = found.bundle.metrics["bias"]
    folds = int(found.bundle.metrics["folds"].value)
    return metric.value, metric.low, metric.high, f"in the {folds} test forecasts"
