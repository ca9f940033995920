"""Forecasts of demand in the weeks since training, beside the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from analytics.artifacts.champion_checks import FEWEST_WEEKS
from analytics.forecasting.demand.evaluation import EVERY_MODEL, REFERENCE, DemandPlan, forecast_all
from analytics.forecasting.demand.panel import DemandPanel
from analytics.forecasting.demand.scores import pinball
from analytics.statistics.arrays import Floats
from analytics.statistics.bootstrap import ratio_interval
from analytics.training.weeks_since import BASELINE, CHAMPION

WEEK_DAYS = 7


@dataclass(frozen=True)
class DemandWeeks:
    """`rows` and `total` of a `ChampionCheck` of forecast counts."""

    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    total: Mapping[str, Any]


def demand_weeks(panel: DemandPanel, first: date, method: str) -> DemandWeeks:
    """Whole weeks from a day on, each forecast on its first morning."""
    last = panel.day(panel.days - 1)
    if (last - first).days + 1 < WEEK_DAYS:
        return DemandWeeks((), {})
    plan = DemandPlan(first, last, WEEK_DAYS)
    found = forecast_all(
        panel, plan, {CHAMPION: EVERY_MODEL[method], BASELINE: EVERY_MODEL[REFERENCE]}
    )
    losses: dict[str, Floats] = {}
    rows = []
    for who, one in found.items():
        losses[who] = pinball(one.quantiles(), one.counts).mean(axis=(1, 2, 3))
        for number, origin in enumerate(plan.origins(panel)):
            start = panel.day(origin)
            rows.append(
                {
                    "who": who,
                    "first": start.isoformat(),
                    "last": (start + timedelta(days=WEEK_DAYS - 1)).isoformat(),
                    "incidents": float(one.counts[number].sum()),
                    "expected": float(one.means[number].sum()),
                    "pinball": float(losses[who][number]),
                }
            )
    rows.sort(key=lambda row: (row["first"], row["who"]))
    champion = found[CHAMPION]
    counted = champion.counts.sum(axis=(1, 2, 3))
    gain = ratio_interval(losses[BASELINE] - losses[CHAMPION], losses[BASELINE], empty=0.0)
    bias = ratio_interval(champion.means.sum(axis=(1, 2, 3)) - counted, counted, empty=0.0)
    enough = len(counted) >= FEWEST_WEEKS
    total = {
        "weeks": len(counted),
        "incidents": float(counted.sum()),
        "pinball": [float(losses[CHAMPION].mean())],
        "baseline_pinball": [float(losses[BASELINE].mean())],
    }
    for name, ratio in (("gain", gain), ("bias", bias)):
        total[name] = [ratio.value, ratio.low, ratio.high] if enough else [ratio.value]
    return DemandWeeks(rows, total)
