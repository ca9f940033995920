"""How a champion has done since, in words: each verdict with its figures."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.artifacts.champion_checks import ChampionCheck, CheckedBy
from components.frame.drift import drift_sentence

FIVE = {"weeks": 5, "pai": [5.0, 4.0, 6.0], "baseline_pai": [4.0, 3.0, 5.0]}


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ({}, ["No complete week"]),
        (
            {"weeks": 1, "pai": [2.0], "baseline_pai": [1.5], "gain": [0.5]},
            ["Too few weeks to judge: PAI 2.00 in 1 week since, counts 1.50"],
        ),
        (
            {**FIVE, "gain": [1.0, 0.5, 1.5]},
            ["Still significantly better", "+1.00 (+0.50 to +1.50) compared"],
        ),
        ({**FIVE, "gain": [-1.0, -1.5, -0.5]}, ["Significantly worse than the baseline"]),
        (
            {**FIVE, "gain": [0.0, -1.0, 1.0]},
            ["Not significantly different", "At training it had 9.00"],
        ),
    ],
)
def test_what_the_weeks_come_to_is_said(total: dict[str, Any], parts: list[str]) -> None:
    check = ChampionCheck(
        "zones_kmeans", 3, "s", "2026-03-09", "analyst", "2026-03-02", "2026-03-08", "counts", 0.01,
        (), total, (9.0, 8.0, 10.0),
    )  # fmt: skip
    said = drift_sentence(check)
    assert all(part in said for part in parts)


LOSS = {"weeks": 5, "pinball": [0.15], "baseline_pinball": [0.17]}


@pytest.mark.parametrize(
    ("total", "parts", "absent"),
    [
        ({}, ["No complete week"], "Bias"),
        (
            {**LOSS, "weeks": 2, "gain": [0.1], "bias": [0.3]},
            ["Too few weeks to judge: pinball loss 0.150 in 2 weeks since, four_weekdays 0.170"],
            "Bias",
        ),
        (
            {**LOSS, "gain": [0.12, 0.1, 0.14], "bias": [0.02, -0.01, 0.05]},
            ["Still significantly better", "12.0% less (10.0 to 14.0%)"],
            "Bias",
        ),
        (
            {**LOSS, "gain": [-0.12, -0.2, -0.1], "bias": [0.2, 0.1, 0.3]},
            ["Significantly worse than the baseline", "Bias: it expected +20%"],
            "PAI",
        ),
    ],
)
def test_what_the_weeks_of_forecast_counts_come_to_is_said(
    total: dict[str, Any], parts: list[str], absent: str
) -> None:
    check = ChampionCheck(
        "demand_forecast", 3, "s", "2026-03-09", "analyst", "2026-02-02", "2026-03-08",
        "four_weekdays", 0.0, (), total, (0.15,), CheckedBy.PINBALL,
    )  # fmt: skip
    said = drift_sentence(check)
    assert all(part in said for part in parts)
    assert absent not in said
