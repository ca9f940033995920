"""Forecasts of demand compared with what happened, from rolling origins.

Every origin's forecast uses the days before it. Its dispersion is that of the forecasts of the year
before, of those whose days had all passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from analytics.errors import InputError
from analytics.forecasting.demand.boosted_trees import boosted_trees
from analytics.forecasting.demand.lstm import LSTM, lstm
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.scores import (
    MEDIAN,
    POINTS,
    inside,
    naive_errors,
    pinball,
)
from analytics.forecasting.demand.seasonal_level import MOST_DAYS, WARM_UP_DAYS, seasonal_level
from analytics.forecasting.demand.shocks import Moments, Shocks
from analytics.forecasting.demand.weeks_before import four_weekdays, last_week
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import RatioEstimate, ratio_interval
from analytics.statistics.negative_binomial import cumulative, quantiles

Advance = Callable[[str, float], None]
Means = Callable[[DemandPanel, Sequence[int], int], Floats]
"""Expected counts (origins, areas, shifts, horizon) of a panel, origins and a horizon."""

RULE, LAST_WEEK, REFERENCE = "seasonal_level", "last_week", "four_weekdays"
BASELINES = (LAST_WEEK, REFERENCE)
MODELS: Mapping[str, Means] = {
    RULE: seasonal_level,
    REFERENCE: four_weekdays,
    LAST_WEEK: last_week,
}
CANDIDATES: Mapping[str, Means] = {"lightgbm": boosted_trees, LSTM: lstm}
"""Models that are compared on request: they take longer, and none is the default. `lstm` is refused
where its extra is not installed."""
EVERY_MODEL: Mapping[str, Means] = {**MODELS, **CANDIDATES}
LEVELS = (0.5, 0.8, 0.95)
STEP_DAYS = 14
"""Days between origins, if the horizon is not shorter."""
PAST_DAYS = 364
FEWEST_PAST = 5
"""Past forecasts without which there is no dispersion."""


@dataclass(frozen=True)
class DemandPlan:
    """Forecasts of `horizon` days, all within the days from `first` to `last`."""

    first: date
    last: date
    horizon: int = MOST_DAYS

    @property
    def step(self) -> int:
        return min(self.horizon, STEP_DAYS)

    def origins(self, panel: DemandPanel) -> list[int]:
        """Columns of the first days of the forecasts.

        Raises
        ------
        InputError
            No forecast fits, or too little history is before the first.
        """
        first = max(panel.column(self.first), 0)
        stop = min(panel.column(self.last) + 1, panel.days)
        found = list(range(first, stop - self.horizon + 1, self.step))
        if not found:
            raise InputError(
                f"No forecast of {self.horizon} days lies between {self.first} and {self.last} in "
                f"the complete days of the data, {panel.first} to {panel.day(panel.days - 1)}."
            )
        needed = WARM_UP_DAYS + self.horizon + (FEWEST_PAST - 1) * self.step
        if first < needed:
            raise InputError(
                f"{needed} days of data are needed before the first forecast, so it can start on "
                f"{panel.day(needed)} or later."
            )
        return found


@dataclass(frozen=True)
class ModelScore:
    """One model over all forecasts, areas, shifts and days.

    Attributes
    ----------
    role : baseline, candidate or champion
    mase : of the median, by the seasonal naive error of 7 days before each origin
    pinball : mean loss over the quantiles `POINTS`
    coverage : randomized-PIT coverage of the central 50, 80 and 95%
    gain, gain_last_week : loss saved against the four-weekday mean and last week, of theirs
    gain_rule : the same against the rule; None if it was not compared
    bias : expected over counted incidents, minus 1
    """

    model: str
    role: str
    horizon_days: int
    origins: int
    mase: float
    pinball: float
    coverage: tuple[float, ...]
    gain: RatioEstimate
    gain_last_week: RatioEstimate
    gain_rule: RatioEstimate | None
    bias: float


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Forecasts of one model as they were made.

    Attributes
    ----------
    means, counts : shape (origins, areas, shifts, horizon)
    shocks : of each origin
    """

    means: Floats = field(repr=False)
    counts: Floats = field(repr=False)
    shocks: tuple[Shocks, ...] = field(repr=False)

    @property
    def variances(self) -> Floats:
        pairs = zip(self.shocks, self.means, strict=True)
        return np.stack([shocks.variance(mean) for shocks, mean in pairs])

    def cumulative(self) -> Floats:
        """Chances of fewer than each count, and of at most it; shape (2, …)."""
        return cumulative(self.counts, self.means, self.variances)

    def quantiles(self, points: Sequence[float] = POINTS) -> Floats:
        """Shape (points, origins, areas, shifts, horizon)."""
        return quantiles(points, self.means, self.variances)


def forecast_all(
    panel: DemandPanel,
    plan: DemandPlan,
    models: Mapping[str, Means],
    advance: Advance = lambda _what, _share: None,
) -> dict[str, Forecasts]:
    """Forecasts of all models from every origin of a plan."""
    origins = plan.origins(panel)
    earlier = earlier_origins(origins[0], plan)
    every = [*earlier, *origins]
    days = np.array(every)[:, None] + np.arange(plan.horizon)
    counts = np.moveaxis(panel.counts[:, :, days], 2, 0)
    found = {}
    for number, (name, means_of) in enumerate(models.items()):
        advance(f"Forecasting by {name}", number / len(models))
        means = means_of(panel, every, plan.horizon)
        moments = Moments.of(counts, means)
        shocks = tuple(moments.shocks(past_of(every, at, plan.horizon)) for at in origins)
        kept = slice(len(earlier), None)
        found[name] = Forecasts(means[kept], counts[kept], shocks)
    return found


def forecast_next(panel: DemandPanel, means_of: Means, horizon: int) -> tuple[Floats, Shocks]:
    """Expected counts of the days after a panel, (areas, shifts, horizon), and their shocks."""
    plan = DemandPlan(panel.first, panel.first, horizon)
    earlier = earlier_origins(panel.days, plan)
    known = [origin for origin in earlier if origin + horizon <= panel.days]
    means = means_of(panel, [*known, panel.days], horizon)
    days = np.array(known)[:, None] + np.arange(horizon)
    counts = np.moveaxis(panel.counts[:, :, days], 2, 0)
    return means[-1], Moments.of(counts, means[:-1]).shocks(slice(None))


def earlier_origins(origin: int, plan: DemandPlan) -> list[int]:
    """Origins before one whose forecasts tell its dispersion, in order."""
    reach = max(origin - PAST_DAYS - plan.horizon, WARM_UP_DAYS - 1)
    return list(reversed(range(origin - plan.step, reach, -plan.step)))


def past_of(every: Sequence[int], origin: int, horizon: int) -> slice:
    """Which of the origins, in order, have forecasts of the year whose days are all known."""
    stop = int(np.searchsorted(every, origin - horizon, side="right"))
    start = int(np.searchsorted(every, origin - horizon - PAST_DAYS, side="right"))
    return slice(start, stop)


def evaluate_demand(
    panel: DemandPanel,
    plan: DemandPlan,
    models: Mapping[str, Means] = MODELS,
    advance: Advance = lambda _what, _share: None,
) -> list[ModelScore]:
    """Score all models on the same forecasts, best first, baselines last.

    Raises
    ------
    InputError
        No forecast fits, or too little history is before the first.
    """
    return score_all(panel, plan, forecast_all(panel, plan, models, advance))


def score_all(
    panel: DemandPanel, plan: DemandPlan, forecasts: Mapping[str, Forecasts]
) -> list[ModelScore]:
    """Scores of forecasts that were made from the origins of a plan, the baselines among them."""
    scales = np.stack([naive_errors(panel.counts, at) for at in plan.origins(panel)])
    measured = {
        name: Measured.of(one.counts, one.means, one.quantiles(), one.cumulative(), scales)
        for name, one in forecasts.items()
    }
    return score_rows(measured, plan)


def score_rows(measured: Mapping[str, Measured], plan: DemandPlan) -> list[ModelScore]:
    """Rows of all models, best first, baselines last."""
    champion, rule = _champion(measured), measured.get(RULE)
    order = sorted(measured, key=lambda name: (name in BASELINES, measured[name].pinball))
    rows = []
    for name in order:
        one, role = measured[name], "baseline" if name in BASELINES else "candidate"
        rows.append(
            ModelScore(
                model=name,
                role="champion" if name == champion else role,
                horizon_days=plan.horizon,
                origins=len(one.losses),
                mase=one.mase,
                pinball=one.pinball,
                coverage=one.coverage,
                gain=one.gain_over(measured[REFERENCE]),
                gain_last_week=one.gain_over(measured[LAST_WEEK]),
                gain_rule=one.gain_over(rule) if rule else None,
                bias=one.bias,
            )
        )
    return rows


@dataclass(frozen=True, eq=False)
class Measured:
    """What one model's forecasts miss; `losses` has shape (origins,)."""

    losses: Floats = field(repr=False)
    mase: float
    coverage: tuple[float, ...]
    bias: float

    @classmethod
    def of(
        cls, happened: Floats, expected: Floats, found: Floats, chances: Floats, scales: Floats
    ) -> Measured:
        """Measure forecasts of shape (origins, areas, shifts, days).

        Parameters
        ----------
        found : quantiles, with `POINTS` first
        chances : of less than what happened and of at most that, (2, origins, …)
        scales : naive errors, (origins, areas, shifts)
        """
        scaled = np.abs(happened - found[MEDIAN]).mean(axis=3) / scales
        return cls(
            pinball(found, happened).mean(axis=(1, 2, 3)),
            float(np.nanmean(scaled)) if not np.isnan(scaled).all() else float("nan"),
            tuple(float(inside(chances, level).mean()) for level in LEVELS),
            float(expected.sum() / max(happened.sum(), 1.0) - 1),
        )

    @property
    def pinball(self) -> float:
        return float(self.losses.mean())

    def gain_over(self, other: Measured) -> RatioEstimate:
        """Share of the other's loss that is saved, paired by origin, with a 95% interval."""
        return ratio_interval(other.losses - self.losses, other.losses, empty=0.0)


def _champion(measured: Mapping[str, Measured]) -> str:
    """The rule where it clearly beats both baselines, else the better baseline."""
    baselines = [measured[name] for name in BASELINES]
    rule = measured.get(RULE)
    if rule is not None and all(rule.gain_over(one).low > 0 for one in baselines):
        return RULE
    return min(BASELINES, key=lambda name: measured[name].pinball)
