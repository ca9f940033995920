"""The key metric of a champion, as the Overview and the Models page show it."""

from __future__ import annotations

import pytest

from analytics.artifacts.gates import load_gates
from components.frame.metrics import key_metric_text, metric_words

GAIN = {"value": 0.012, "low": 0.004, "high": 0.02}
NONE = {"value": 0.0, "low": 0.0, "high": 0.0}
PAI = {"value": 9.5, "low": 9.1, "high": 9.9}


@pytest.mark.parametrize(
    ("metrics", "shown"),
    [
        ({"capture_gain": GAIN, "pai_1": PAI}, "capture_gain"),
        ({"capture_gain": NONE, "pai_1": PAI}, "pai_1"),
        ({"pai_1": PAI}, "pai_1"),
        ({}, None),
    ],
)
@pytest.mark.parametrize("target", ["", ".robbery"])
def test_a_forecast_without_a_gain_has_its_pai(
    metrics: dict[str, dict[str, float | None]], shown: str | None, target: str
) -> None:
    model = f"hotspot_forecast{target}"
    found = key_metric_text(model, metrics, load_gates())
    assert found.startswith(metric_words(shown, model).label if shown else "")
    assert ("9.50 (9.10 to 9.90)" in found) == (shown == "pai_1")
    assert bool(found) == bool(shown)


def test_zones_have_the_metric_of_their_first_check_alone() -> None:
    found = key_metric_text("zones_kmeans", {"stability": PAI}, load_gates())
    assert not found
