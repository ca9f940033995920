"""A zone's trend is read from what its fit stored, also by an earlier program."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.statistics.change import Incomparable, Significance
from analytics.zones.trends import trend_of


@pytest.mark.parametrize(
    ("row", "trend"),
    [
        ({"trend": "significant"}, Significance.SIGNIFICANT),
        ({"trend": "no_days"}, Incomparable.NO_DAYS),
        ({"trend_words": "too few to tell"}, Significance.TOO_FEW),
        ({"trend_words": "The data starts on 2014-01-01."}, Incomparable.BASE_NOT_COVERED),
        ({}, None),
    ],
)
def test_a_trend_is_a_verdict_or_why_there_is_none(row: dict[str, Any], trend: object) -> None:
    assert trend_of(row) == trend
