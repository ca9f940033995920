"""A zone's trend is read from its stored profile."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.statistics.two_periods import Incomparable, Significance
from analytics.zones.profile_table import trend_of


@pytest.mark.parametrize(
    ("row", "trend"),
    [
        ({"trend": "significant"}, Significance.SIGNIFICANT),
        ({"trend": "no_days"}, Incomparable.NO_DAYS),
        ({}, None),
    ],
)
def test_a_trend_is_a_verdict_or_why_there_is_none(row: dict[str, Any], trend: object) -> None:
    assert trend_of(row) == trend
