"""What no selection can express is named, and never read as something else."""

from __future__ import annotations

import pytest

from analytics.ask.reading import Why
from analytics.ask.sentences import lack_text
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from tests.unit.analytics.ask.phrases import grammar_of


def named(phrase: str) -> set[str]:
    return {lack.words for lack in grammar_of("chicago").read(phrase).not_understood}


@pytest.mark.parametrize(
    ("phrase", "selection", "words"),
    [
        ("friday nights and saturday mornings", "hour=22-05&weekday=5", {"saturday mornings"}),
        ("robbery or domestic", "type=ROBBERY", {"domestic"}),
        ("theft and drugs", "type=THEFT", {"drugs"}),
        ("austin or district 11", "area=25", {"district 11"}),
        ("not friday nights", "", {"not friday nights"}),
        ("excluding gun violence", "", {"excluding gun violence"}),
        ("robbery excluding robbery", "type=ROBBERY", {"excluding robbery"}),
        ("not weekdays not weekends", "", {"not weekdays not weekends"}),
        ("4th of july weekend", "", {"4th of july weekend"}),
        ("arson heroin", "", {"arson heroin"}),
        ("this christmas", "date=2017-12-25", {"this"}),
        ("motor vehicle burglaries", "type=BURGLARY", {"motor vehicle"}),
        ("black males robbing people", "", {"black", "males robbing people"}),
    ],
)
def test_what_a_selection_cannot_express_is_named(
    phrase: str, selection: str, words: set[str]
) -> None:
    assert grammar_of("chicago").read(phrase).selection.text == selection
    assert named(phrase) == words


def test_a_number_that_fits_several_levels_names_them() -> None:
    (lack,) = grammar_of("chicago").read("thefts in 11").not_understood
    assert lack.why is Why.AMBIGUOUS
    found = {meaning.dimension: meaning.keys for meaning in lack.candidates}
    assert found == {"district": ("011",), "ward": ("11",), "area": ("11",)}


def test_a_year_without_data_that_is_also_a_beat_is_ambiguous() -> None:
    (lack,) = grammar_of("chicago").read("2013").not_understood
    assert {meaning.dimension for meaning in lack.candidates} == {"date", "beat"}


def test_a_winter_of_one_year_could_be_either_of_two() -> None:
    (lack,) = grammar_of("chicago").read("thefts in winter 2016").not_understood
    meant = {Selection.parse(f"{one.dimension}={one.text}").text for one in lack.candidates}
    assert meant == {"date=2015-12-01..2016-02-29", "date=2016-12-01..2017-02-28"}
    vocabulary = Vocabulary({}, {}, {}, {})
    assert lack_text(lack, vocabulary).endswith(
        "(Dec 1, 2015 to Feb 29, 2016 or Dec 1, 2016 to Feb 28, 2017?)"
    )


def test_offenses_of_different_names_are_joined_by_a_name_that_both_have() -> None:
    reading = grammar_of("chicago").read("robberies and gun violence")
    assert reading.selection.text == "group=part_i:robbery,weapon:gun"


def test_an_exclusion_keeps_incidents_without_a_value() -> None:
    selection = grammar_of("chicago").read("not at gas stations").selection
    clause = selection.get("location_type")
    assert clause is not None
    assert "unknown" in clause.text
    assert "STREET" in clause.text
    assert "GAS+STATION," not in clause.text


def test_corrections_are_told() -> None:
    (one,) = grammar_of("chicago").read("burglery").respelled
    assert (one.typed, one.read) == ("burglery", "burglary")
