"""Names of areas as people write them."""

from __future__ import annotations

import pytest

from analytics.crossfilter.outline_names import area_title
from analytics.crossfilter.vocabulary import label_of


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("NEAR NORTH SIDE", "Near North Side"),
        ("O'HARE", "O'Hare"),
        ("ST. JOHN'S WOOD", "St. John's Wood"),
        ("MCKINLEY PARK", "McKinley Park"),
        ("SOUTH-EAST 2ND", "South-East 2nd"),
        ("Mission", "Mission"),
        ("SoMa", "SoMa"),
        ("25", "25"),
    ],
)
def test_capitals_become_a_title(written: str, said: str) -> None:
    assert area_title(written) == said


def test_an_area_has_its_key_beside_its_name_unless_the_name_has_it() -> None:
    names = {"area": {"25": "Austin"}, "district": {"001": "District 1", "011": "District 1"}}
    assert label_of("area", "25", names) == "Austin (25)"
    assert label_of("district", "001", names) == "District 1"
    assert label_of("district", "011", names) == "District 1 (011)"
    assert label_of("area", "7", names) == "7"
