"""How the forecaster of a version was chosen, in words."""

from __future__ import annotations

from components.models.nomination import nomination_words

PARAMETERS = {
    "best_baseline": "counts_60d", "nominee": "ensemble", "nominee_gain": 0.52,
    "nominee_gain_low": 0.16, "nominee_gain_high": 0.86,
}  # fmt: skip


def test_a_gain_above_zero_makes_the_nominee_champion() -> None:
    assert nomination_words(PARAMETERS) == (
        "The ensemble of learned and mixed forecasters, nominated before the first fold, gains "
        "+0.52 PAI (0.16 to 0.86) over counts of the last 60 days."
    )


def test_else_the_best_baseline_stays() -> None:
    said = nomination_words(PARAMETERS | {"nominee_gain_low": -0.1})
    assert said.startswith("No candidate beats the best baseline:")
    alone = nomination_words({"best_baseline": "kde_tuned", "nominee": ""})
    assert alone.startswith("No candidate was compared")


def test_the_sentence_of_an_older_version_stands() -> None:
    assert nomination_words({"reason": "It was best."}) == "It was best."
    assert nomination_words({}) == ""
