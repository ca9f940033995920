"""Sentences of the Forecast page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from analytics.formats import date_range, percent, percents, short_date
from components.frame.metrics import metric_words

MODEL = "demand_forecast"
LEAST_BIAS = 0.05
"""Bias that is reported, if its interval excludes 0."""
USE = (
    "Use it for directed patrol time, never for staffing: it is of reported incidents, not of "
    "calls for service."
)


def about_words(
    of: str, version: int, days: tuple[date, date], until: date, *, champion: bool
) -> str:
    """Which incidents are forecast, for which days, by which version and from which data."""
    use = "" if champion else ", which is not in use but passed all checks"
    return (
        f"Forecast of {of} for {date_range(*days)}: version {version}{use}, made from complete "
        f"days to {short_date(until)}. {USE}"
    )


def other_target_words(named: str, shown: str) -> str:
    """What is shown where the selection's target has no forecast."""
    return f"No demand forecast of {named} is in use; this one is of {shown}."


def cannot_follow_words(filters: Sequence[str]) -> str:
    """Filters of the selection that the forecast leaves out."""
    return f"The forecast cannot follow these filters: {'; '.join(filters)}."


def calibration_words(coverage_80: float, coverage_95: float, folds: int) -> str:
    """What the stated intervals held in test forecasts."""
    return (
        f"In {folds} test forecasts the 80% intervals held {percent(coverage_80)} of the counts, "
        f"the 95% intervals {percent(coverage_95)}."
    )


def is_biased(bias: float, low: float | None, high: float | None) -> bool:
    """Whether a bias is beyond its limits: at least 5%, and its interval excludes 0."""
    if low is None or high is None:
        return False
    return abs(bias) >= LEAST_BIAS and (low > 0 or high < 0)


def bias_words(bias: float, low: float | None, high: float | None, *, recent: str) -> str:
    """Whether counts are expected too high or too low; `recent` names the weeks.

    Examples
    --------
    `Bias alarm: since Mar 2, 2026 it expected 12% too many incidents (95% interval 8 to 15%).`
    """
    if low is None or high is None:
        return f"Too few weeks to judge the bias {recent}."
    if not is_biased(bias, low, high):
        return f"No bias beyond its limits {recent}: 5%, with an interval that excludes 0."
    much = "too many" if bias > 0 else "too few"
    ends = (low, high) if bias > 0 else (-high, -low)
    return (
        f"Bias alarm: {recent} it expected {percent(abs(bias), 0)} {much} incidents "
        f"(95% interval {percents(*ends, 0)}). Train it again, and check whether recording changed."
    )


def metric_label(name: str) -> str:
    """The words of a metric of the demand forecast."""
    return metric_words(name, MODEL).label
