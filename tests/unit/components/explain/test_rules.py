"""Rules of a surrogate tree in words."""

from __future__ import annotations

import pytest

from components.explain.rules import Bounds, rule_of, rule_words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, "Anywhere"),
        ({"north_km": (2.13, None)}, "Over 2.1 km north of the middle"),
        ({"north_km": (None, -3.0)}, "Over 3.0 km south of the middle"),
        ({"north_km": (-1.8, None)}, "Up to 1.8 km south of the middle or north of it"),
        ({"east_km": (-4.9, 2.1)}, "Between 4.9 km west and 2.1 km east of the middle"),
        ({"east_km": (-4.9, -2.1)}, "2.1 to 4.9 km west of the middle"),
        ({"night": (0.25, None)}, "More than 25 % of incidents between 22 and 06 h"),
        ({"type: THEFT": (None, 0.1)}, "At most 10 % of incidents are theft"),
        (
            {"incidents a year in 250 m": (10.4, 30), "east_km": (1, None)},
            "Over 1.0 km east of the middle; 10 to 30 incidents a year in 250 m",
        ),
    ],
)
def test_rules_are_said_in_words(bounds: dict[str, Bounds], words: str) -> None:
    assert rule_words(bounds) == words


def test_a_rule_is_read_as_it_is_stored_also_by_an_earlier_program() -> None:
    bounds = [{"feature": "night", "low": 0.25, "high": None}]
    assert rule_of({"bounds": bounds}) == "More than 25 % of incidents between 22 and 06 h"
    assert rule_of({"words": "Anywhere"}) == "Anywhere"
