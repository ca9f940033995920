"""Lists that hold all values but a few."""

from __future__ import annotations

import pytest

from analytics.crossfilter.all_but import few_left_out
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.crossfilter.vocabulary import Vocabulary, Word
from analytics.incidents.manifest import Manifest, SourceInfo

SOURCE = SourceInfo("s", "S", "America/Chicago", "incident")
MANIFEST = Manifest("1", "2018", 1, "0", SOURCE, 0, None, None, None, "EPSG:32616")
KNOWN = {
    "type": ("THEFT", "ASSAULT", "BATTERY", "ARSON", "STALKING", "GAMBLING", "HOMICIDE"),
    "group": ("drugs", "property", "violent", "other", "fraud", "vice", "weapons", "nibrs:group a"),
    "description": ("RETAIL", "POCKET", "PURSE", "COIN", "BUILDING", "OVER", "UNDER", "SIMPLE"),
    "district": ("1", "2", "3", "4", "5", "6", "7"),
    "location_type": ("STREET", "ALLEY", "BAR", "BANK", "PARK", "SCHOOL", "STORE"),
}
VOCABULARY = Vocabulary(
    {name: tuple(Word(key, key, 1) for key in keys) for name, keys in KNOWN.items()},
    {},
    {},
    {},
    descriptions={"THEFT": KNOWN["description"][:7], "BATTERY": ("SIMPLE",)},
    unknown={"district": 5},
)


def without(name: str, *values: str) -> str:
    return f"{name}={','.join(key for key in KNOWN[name] if key not in values)}"


@pytest.mark.parametrize(
    ("text", "said", "chip"),
    [
        (without("type", "THEFT"), "Incidents of a type other than Theft", "All but Theft"),
        (
            f"{without('group', 'drugs', 'nibrs:group a')}&type=THEFT",
            "Thefts in a group other than drugs",
            "Group: all but Drugs",
        ),
        (
            f"type=THEFT&{without('description', 'RETAIL', 'SIMPLE')}",
            "Thefts not described as Retail",
            "All but Retail",
        ),
        (
            f"{without('district', '1', '3')},unknown",
            "Incidents not in district 1 or 3",
            "District: all but 1 and 3",
        ),
        (
            without("district", "1"),
            "Incidents not in district 1 or Unknown",
            "District: all but 1 and Unknown",
        ),
        (
            without("location_type", "BAR"),
            "Incidents, with location type other than Bar",
            "Location type: all but Bar",
        ),
    ],
)
def test_the_few_values_that_a_long_list_lacks_are_named(text: str, said: str, chip: str) -> None:
    selection = Selection.parse(text)
    left_out = few_left_out(selection, VOCABULARY)
    assert sentence(selection, MANIFEST, left_out=left_out) == said
    assert chip in [one.label for one in chips(selection, left_out=left_out)]


@pytest.mark.parametrize(
    "text",
    [
        "type=THEFT,ASSAULT,BATTERY",  # said in full
        f"{without('district')},unknown",  # lacks nothing
        f"{without('type', 'THEFT')},ELSE",  # with a value that the data lacks
        f"type=BATTERY,THEFT,ARSON&{without('description')},ELSE",
        without("location_type", "BAR", "ALLEY"),  # so short that it is said in full
    ],
)
def test_other_lists_are_named_by_their_own_values(text: str) -> None:
    assert few_left_out(Selection.parse(text), VOCABULARY) == {}


def test_a_list_that_lacks_many_values_is_named_by_its_own() -> None:
    many = tuple(str(number) for number in range(20))
    words = {"beat": tuple(Word(key, key, 1) for key in many)}
    vocabulary = Vocabulary(words, {}, {}, {})
    for lacking, named in ((3, many[:3]), (4, None)):
        selection = Selection.parse(f"beat={','.join(many[lacking:])}")
        assert few_left_out(selection, vocabulary).get("beat") == named
