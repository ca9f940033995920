"""What was not understood in a phrase, in words, for the command and the box."""

from __future__ import annotations

from analytics.ask.reading import NotUnderstood, Why, WordMeaning
from analytics.crossfilter.listing import listed
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips
from analytics.crossfilter.vocabulary import Vocabulary, label_of

MOST_VALUES = 3
_WHY = {
    Why.UNKNOWN: "",
    Why.NOT_IN_DATA: "not in the data",
    Why.NOT_A_FILTER: "not possible as a filter",
}


def lack_text(lack: NotUnderstood, vocabulary: Vocabulary) -> str:
    """The words, and why: `10 (district 010, ward 10 or community area 10?)`."""
    if lack.candidates:
        reason = f"{listed([candidate_text(one, vocabulary) for one in lack.candidates], 'or')}?"
    else:
        reason = _WHY.get(lack.why, "")
    return f"{lack.words} ({reason})" if reason else lack.words


def candidate_text(meaning: WordMeaning, vocabulary: Vocabulary) -> str:
    """`district 010 or 011`, or `Dec 1, 2016 to Feb 28, 2017`."""
    if meaning.dimension == "date":
        (chip,) = chips(Selection.parse(f"date={meaning.text}"))
        return chip.label
    label = vocabulary.labels.get(meaning.dimension, meaning.dimension)
    values = [label_of(meaning.dimension, key, vocabulary.names) for key in meaning.keys]
    said = listed(values, "or", shown=MOST_VALUES)
    noun = label[:1].lower() + label[1:]
    return said if said.lower().startswith(noun) else f"{noun} {said}"
