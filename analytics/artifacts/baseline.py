"""The baseline that a version of the forecast is compared with, and what it may lose to it.

Read without SciPy or scikit-learn.
"""

from __future__ import annotations

import polars as pl

from analytics.artifacts.bundle import Bundle

FIRST_SHARE = 0.01
"""Share of the area where patrols go first."""
FEWEST_FOLDS = 20
"""Test forecasts from which a candidate can be champion: bootstrap intervals of few are narrow."""
MARGIN = 0.05
"""Part of the baseline's catch at the first share that a champion may lose: one incident in 20.

Bands of the day gained 4 to 33% there (docs/forecasts.md), so a forecast that is better everywhere
else is worth such a loss.
"""


def best_baseline(bundle: Bundle) -> str:
    """Name of the baseline that a version of the forecast was compared with at training.

    That is the baseline with the highest mean capture. Where the version does not name it, or it
    is the version's own forecaster, it is the other baseline with the highest PAI at the first
    share.
    """
    own, stored = bundle.parameters["forecaster"], bundle.parameters.get("best_baseline")
    if stored and stored != own:
        return str(stored)
    others = bundle.table("evaluation").filter(
        pl.col("area_share") == FIRST_SHARE,
        pl.col("role") != "candidate",
        pl.col("forecaster") != own,
    )
    return str(others.sort("pai", descending=True)["forecaster"][0])


def is_plain_count(bundle: Bundle) -> bool:
    """Whether a version forecasts for each place the mean of what was counted there."""
    return str(bundle.parameters.get("forecaster", "")).startswith("counts_")
