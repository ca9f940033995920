"""The written phrases are read as they are meant, and none is silently wrong."""

from __future__ import annotations

import pytest

from tests.unit.analytics.ask.phrases import scores

LEAST_RIGHT = 0.9


@pytest.mark.parametrize("file", ["phrases.csv", "phrases_unseen.csv"])
def test_nine_of_ten_phrases_are_right_and_none_is_silently_wrong(file: str) -> None:
    read = list(scores(file))
    wrong = [score.phrase for score in read if not score.is_right]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(read), wrong
    assert [score.phrase for score in read if score.is_silently_wrong] == []


def test_phrases_written_before_the_grammar_stay_right() -> None:
    assert [score.phrase for score in scores("phrases.csv") if not score.is_right] == []
