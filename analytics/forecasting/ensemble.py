"""The ensemble: the geometric mean of several forecasts.

References
----------
Genest & Zidek (1986), Combining probability distributions, Statistical Science 1 (logarithmic
pooling).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.forecasting.forecaster import FittedForecaster
from analytics.forecasting.history import Floats, History

LEAST = 1e-12


class EnsembleFitted(FittedForecaster):
    name = "ensemble"

    def __init__(self, members: Sequence[FittedForecaster]) -> None:
        self.members = tuple(members)
        self.params = {"members": [member.name for member in members], "mean": "geometric"}
        self.estimator = next((one.estimator for one in members if one.estimator), None)

    def expected(self, past: History, days: int) -> Floats:
        forecasts = [member.expected(past, days) for member in self.members]
        pooled = np.exp(np.mean([np.log(np.maximum(one, LEAST)) for one in forecasts], axis=0))
        level = np.mean([one.sum() for one in forecasts])
        return np.asarray(pooled * (level / max(pooled.sum(), LEAST)))
