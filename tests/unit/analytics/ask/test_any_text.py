"""Any text is read without an error, into a selection that can be parsed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ask.tokens import LONGEST_PHRASE, words_in
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from tests.unit.analytics.ask.phrases import SOURCES, grammar_of

WORDS = words_in(
    "robbery theft gun domestic arrest not except no and or in at , - to from between since before "
    "after near within every last this next week month year 2017 2018 1111 11 d11 district beat "
    "ward austin englewood lawndale mission friday weekend night 10pm 2am 22:00 30 31 february "
    "summer winter ytd q2 12/25/2017 99/99/9999 0 school street gas station versus unknown 3rd "
    "th ' \" ( ) % _ = & .. 999999999999 ½ ٣ ß İ ﬁ"
)


@settings(deadline=None)
@given(st.sampled_from(SOURCES), st.text(max_size=80))
def test_any_characters_give_a_selection_that_parses(source: str, text: str) -> None:
    selection = grammar_of(source).read(text).selection
    assert Selection.parse(selection.text) == selection


@settings(deadline=None)
@given(st.sampled_from(SOURCES), st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_of_phrases_give_a_selection_that_parses(source: str, words: list[str]) -> None:
    selection = grammar_of(source).read(" ".join(words)).selection
    assert Selection.parse(selection.text) == selection


@settings(deadline=None)
@given(st.sampled_from(SOURCES), st.lists(st.sampled_from(WORDS), max_size=8))
def test_a_word_that_means_nothing_is_always_named(source: str, words: list[str]) -> None:
    reading = grammar_of(source).read(" ".join([*words, "qxzzqj"]))
    assert any("qxzzqj" in lack.words for lack in reading.not_understood)


def test_a_phrase_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError):
        grammar_of("demo").read("x" * (LONGEST_PHRASE + 1))
