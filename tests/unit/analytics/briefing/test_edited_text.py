"""Numbers keep their source only where they stand in words of the draft."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.briefing.cited_text import CitedText, NumberSource, Sourced, cited_text
from analytics.briefing.edited_text import numbers_by_hand, spans_of

STOPS, FIGURES = NumberSource("Stops", "stops"), NumberSource("What it reaches", "figures")
DRAFT = cited_text(
    [
        (
            "Where. ",
            Sourced("4", STOPS),
            " units at ",
            Sourced("004XX W MADISON ST", STOPS),
            " and ",
            Sourced("12", STOPS),
            " more places.",
        ),
        (
            "Why. They reach ",
            Sourced("2.31", FIGURES),
            " incidents (",
            Sourced("5.1%", FIGURES),
            ").",
        ),
    ]
)
TEXT = DRAFT.text


def cited(text: str) -> list[str]:
    return [one.text for one in spans_of(DRAFT, text) if one.source]


def test_an_unchanged_text_cites_all_of_its_numbers() -> None:
    assert cited(TEXT) == ["4", "004XX W MADISON ST", "12", "2.31", "5.1%"]
    assert numbers_by_hand(DRAFT, TEXT) == []
    assert CitedText.from_json(DRAFT.as_json()) == DRAFT


@pytest.mark.parametrize(
    ("old", "new", "by_hand"),
    [
        ("12 more", "15 more", ["15"]),
        ("12 more", "twelve more", ["twelve"]),
        ("12 more", "twenty-one more", ["twenty-one"]),
        ("2.31", "-2.31", ["-2.31"]),
        ("2.31", "–2.31", ["–2.31"]),
        ("2.31", "- 2.31", ["2.31"]),
        ("2.31", "2,31", ["2,31"]),
        ("2.31", "2.31k", ["2.31k"]),
        ("2.31", "I2.31", ["I2.31"]),
        ("2.31 incidents", "2.31 billion incidents", ["2.31", "billion"]),
        ("2.31 incidents", "2.31 percent of incidents", ["2.31"]),
        ("2.31 incidents", "9 2.31 incidents", ["9", "2.31"]),
        ("5.1%", "5.1", ["5.1"]),
        ("5.1%", "½", ["½"]),
        ("5.1%", "٣", ["٣"]),
        ("5.1%", "a threefold rise", ["threefold"]),
        ("004XX W MADISON ST", "004XX W OAK ST", ["004XX"]),
        ("They reach 2.31", "They prevent 2.31", ["2.31"]),
        ("Why. ", "Why. As in 2019. ", ["2019"]),
        ("more places.", "more places. 12 of them are new.", ["12"]),
        ("4 units at", "4 cars at", ["4"]),
        ("more places", "further places", ["12"]),
        ("Where. ", "", []),
        ("\n\nWhy. They reach 2.31 incidents (5.1%).", "", []),
    ],
)
def test_a_number_that_the_draft_does_not_have_there_is_by_hand(
    old: str, new: str, by_hand: list[str]
) -> None:
    assert old in TEXT
    assert numbers_by_hand(DRAFT, TEXT.replace(old, new)) == by_hand


def test_a_sentence_may_move_and_words_away_from_its_numbers_may_change() -> None:
    where, why = TEXT.split("\n\n")
    assert numbers_by_hand(DRAFT, f"{why}\n{where}") == []
    longer = cited_text(
        [("On a quiet night there were ", Sourced("12", STOPS), " robberies here.")]
    )
    assert numbers_by_hand(longer, "On a calm night there were 12 robberies around here.") == []


def test_a_lone_number_elsewhere_does_not_take_a_source() -> None:
    assert numbers_by_hand(DRAFT, "About 12 arrests, 5.1%") == ["12", "5.1%"]
    assert numbers_by_hand(DRAFT, "Surely we prevent 2.31 incidents (5.1%).") == ["2.31"]


@given(st.text(max_size=300))
def test_the_spans_are_the_whole_text(text: str) -> None:
    assert "".join(one.text for one in spans_of(DRAFT, text)) == text
    assert "".join(one.text for one in spans_of(DRAFT, TEXT + text)) == TEXT + text
