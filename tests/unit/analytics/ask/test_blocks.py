"""Blocks by the words of an address, however agencies and people write them."""

from __future__ import annotations

import polars as pl
import pytest

from analytics.ask.blocks import Blocks, address_words
from analytics.ask.grammar import Grammar
from tests.unit.analytics.ask.phrases import grammar_of

ROWS = pl.DataFrame(
    [
        ("001XX N STATE ST", 40, 41.8845, -87.6279),
        ("004XX W MADISON ST", 30, 41.8819, -87.6391),
        ("004XX W Madison St", 2, 41.8819, -87.6391),
        ("0000X S STATE ST", 20, 41.8815, -87.6277),
        ("040XX W MADISON ST", 10, 41.8806, -87.7255),
        ("0000X S PULASKI RD", 9, 41.8801, -87.7256),
        ("BOSWORTH ST \\ DIAMOND ST", 8, 37.7337, -122.4341),
        ("010XX N NOWHERE AVE", 1, None, None),
    ],
    schema=["block", "incidents", "lat", "lon"],
    orient="row",
)


@pytest.fixture(scope="module")
def blocks() -> Blocks:
    return Blocks(ROWS)


@pytest.mark.parametrize(
    "text",
    ["001XX N STATE ST", "100 block of north state street", "134 n. state st.", "199 N State"],
)
def test_an_address_is_on_the_block_of_its_hundred(blocks: Blocks, text: str) -> None:
    assert [block.name for block in blocks.find(text, 5)] == ["001XX N STATE ST"]


def test_words_in_short_form() -> None:
    assert address_words("004XX West Madison Street") == ("400", "w", "madison", "st")
    assert address_words("0000X S STATE ST")[0] == "0"


def test_a_crossing_in_the_data_is_found_by_both_streets(blocks: Blocks) -> None:
    (found,) = blocks.find("Diamond and Bosworth", 5)
    assert found.incidents == 8


def test_streets_that_come_near_each_other_cross_there(blocks: Blocks) -> None:
    found = blocks.crossing("Madison & Pulaski")
    assert found is not None
    assert (found.near.lat, found.near.lon) == (41.88035, -87.72555)
    assert blocks.crossing("State & Pulaski") is None


def test_a_number_alone_does_not_name_a_block(blocks: Blocks) -> None:
    assert blocks.find("400", 5) == []


@pytest.mark.parametrize(
    ("phrase", "selection", "named"),
    [
        ("thefts at 134 n state st", "type=THEFT&block=001XX+N+STATE+ST", []),
        (
            "robberies on the 400 block of west madison",
            "type=ROBBERY&block=004XX+W+MADISON+ST,004XX+W+Madison+St",
            [],
        ),
        ("robberies on state street", "type=ROBBERY", ["state street"]),
        ("9900 n state st", "", ["9900 n state st"]),
        ("robberies not at 134 n state st", "type=ROBBERY", ["not at 134 n state st"]),
        ("street robberies", "type=ROBBERY&location_type=STREET", []),
    ],
)
def test_addresses_in_phrases(
    blocks: Blocks, phrase: str, selection: str, named: list[str]
) -> None:
    chicago = grammar_of("chicago")
    reading = Grammar(chicago.lexicon, chicago.today, lambda: blocks).read(phrase)
    assert reading.selection.text == selection
    assert [lack.words for lack in reading.not_understood] == named
