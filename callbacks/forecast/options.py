"""Options of the Forecast page; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.forecasting.demand.period_forecast import DemandMeasure, ForecastStep
from callbacks.frame.options import one_of

AS_SELECTED = ""


@dataclass(frozen=True)
class ForecastOptions:
    """Options of the page.

    Attributes
    ----------
    target, level, shift
        As asked; empty for the selection's target, the champion's level, and the selected shifts.
    """

    target: str
    level: str
    shift: str
    step: ForecastStep
    measure: DemandMeasure

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> ForecastOptions:
        target, level, shift = (
            str(raw.get(f"f_{name}") or "") for name in ("target", "level", "shift")
        )
        return cls(
            target,
            level,
            shift,
            ForecastStep(one_of(raw.get("f_step"), [one.value for one in ForecastStep])),
            DemandMeasure(one_of(raw.get("f_measure"), [one.value for one in DemandMeasure])),
        )
