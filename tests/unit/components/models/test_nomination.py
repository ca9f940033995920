"""How the forecaster of a version was chosen, in words."""

from __future__ import annotations

import pytest

from components.models.nomination import nomination_words

PARAMETERS = {
    "best_baseline": "counts_60d", "nominee": "ensemble", "forecaster": "ensemble",
    "nominee_capture_gain": 0.0121, "nominee_capture_gain_low": 0.0061,
    "nominee_capture_gain_high": 0.018, "nominee_first_gain": 0.02,
    "nominee_first_gain_low": -0.01, "nominee_first_gain_high": 0.05,
}  # fmt: skip
EARLIER = {
    "best_baseline": "counts_60d", "nominee": "ensemble", "nominee_gain": 0.52,
    "nominee_gain_low": 0.16, "nominee_gain_high": 0.86,
}  # fmt: skip


def test_a_promoted_nominee_has_its_gains() -> None:
    said = nomination_words(PARAMETERS)
    assert said.startswith("The ensemble of learned and mixed forecasters, nominated")
    for part in ("+1.2 percentage points (0.6 to 1.8)", "counts of the last 60 days",
                 "+2.0% (−1.0 to 5.0) of what that baseline catches"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("gain_low", "first_low", "why"),
    [
        (-0.001, -0.01, "forecasters is not shown to catch more on 1 to 10% of the area. It"),
        (0.006, -0.05, "forecasters may lose 5% or more on 1%. It catches +1.2"),
        (-0.001, -0.06, "catch more on 1 to 10% of the area and may lose 5% or more on 1%."),
    ],
)
def test_else_the_best_baseline_stays_for_the_test_that_failed(
    gain_low: float, first_low: float, why: str
) -> None:
    lows = {"nominee_capture_gain_low": gain_low, "nominee_first_gain_low": first_low}
    said = nomination_words(PARAMETERS | {"forecaster": "counts_60d"} | lows)
    assert said.startswith("The best baseline stays: the ensemble")
    assert why in said


def test_without_a_candidate_there_is_no_gain() -> None:
    alone = nomination_words({"best_baseline": "kde_tuned", "nominee": ""})
    assert alone.startswith("No candidate was compared")


def test_runs_decided_by_the_first_share_keep_their_gain() -> None:
    assert "gains +0.52 PAI (0.16 to 0.86)" in nomination_words(EARLIER)
    assert nomination_words(EARLIER | {"nominee_gain_low": -0.1}).startswith("No candidate beats")


def test_the_sentence_of_an_older_version_stands() -> None:
    assert nomination_words({"reason": "It was best."}) == "It was best."
    assert nomination_words({}) == ""
