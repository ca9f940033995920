"""Incidents whose features are independent."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.patterns.features import FEATURES, FeatureSpace, count_values, fit_space

DAYS = [str(day) for day in range(1, 8)]


def incidents(count: int = 4_000, seed: int = 3) -> pl.DataFrame:
    """Independent random features, each with its own number of values, some of them unknown."""
    random = np.random.default_rng(seed)
    values = {
        "type": ["THEFT", "BATTERY", "ROBBERY", None],
        "location_type": [f"PLACE {number}" for number in range(12)],
        "hour": [str(hour) for hour in range(24)],
        "weekday": DAYS,
        "season": ["Winter", "Spring", "Summer", "Autumn"],
        "place": ["1_2", "3_9", "12_4", None],
        "arrest": ["yes", "no", "no"],
        "domestic": ["yes", "no", None],
        "harm": ["15", "365", "1460"],
    }
    drawn = {
        name: pl.Series(values[name], dtype=pl.String)[random.integers(0, len(values[name]), count)]
        for name in FEATURES
    }
    return pl.DataFrame(drawn)


def space_of(frame: pl.DataFrame) -> FeatureSpace:
    return fit_space(count_values(iter([frame])))
