"""Rules of a surrogate tree in words."""

from __future__ import annotations

import pytest

from components.explain.rules import Bounds, rule_of, rule_words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, "Anywhere"),
        ({"north_km": (2.13, None)}, "Over 1.3 mi north of the center"),
        ({"north_km": (None, -3.0)}, "Over 1.9 mi south of the center"),
        ({"north_km": (-1.8, None)}, "Up to 1.1 mi south of the center or north of it"),
        ({"east_km": (-4.9, 2.1)}, "Between 3.0 mi west and 1.3 mi east of the center"),
        ({"east_km": (-4.9, -2.1)}, "1.3 mi to 3.0 mi west of the center"),
        ({"night": (0.25, None)}, "More than 25% of incidents between 10 PM and 6 AM"),
        ({"type: THEFT": (None, 0.1)}, "At most 10% of incidents are theft"),
        (
            {"incidents_per_year: 250": (10.4, 30), "east_km": (1, None)},
            "Over 0.6 mi east of the center; 10 to 30 incidents a year in 820 ft",
        ),
    ],
)
def test_rules_are_said_in_words(bounds: dict[str, Bounds], words: str) -> None:
    assert rule_words(bounds) == words


def test_a_rule_is_read_as_it_is_stored_also_by_an_earlier_program() -> None:
    bounds = [{"feature": "night", "low": 0.25, "high": None}]
    assert rule_of({"bounds": bounds}) == "More than 25% of incidents between 10 PM and 6 AM"
    assert rule_of({"words": "Anywhere"}) == "Anywhere"
