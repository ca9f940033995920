"""Why a zone is a hot spot, in words."""

from __future__ import annotations

from datetime import date

import pytest

from components.frame.zone_reasons import level_words, zone_reasons
from tests.unit.components.frame.test_zone_contrast import PROFILE

WHOLE = PROFILE | {
    "types": [{"type": "ROBBERY", "share": 0.71}, {"type": "BATTERY", "share": 0.12}],
    "trend_now": 14, "trend_before": 9, "trend": "not_significant",
    "trend_expected": 9.14, "trend_low": 5, "trend_high": 15,
    "level_since": date(2016, 3, 1), "level_now": 5.6, "level_before": 3.1,
}  # fmt: skip


def test_what_when_since_when_and_the_city_are_told() -> None:
    told = dict(zone_reasons(WHOLE))
    assert list(told) == ["What", "When", "Since when", "Last 28 days", "Beside the city"]
    assert "71%" in told["What"]
    assert all(words in told["When"] for words in ("40%", "20%"))
    assert all(words in told["Since when"] for words in ("Mar 2016", "5.6", "3.1"))
    assert "9.1 expected (5 to 15)" in told["Last 28 days"]
    assert "20 times" in told["Beside the city"]


def test_the_type_is_left_out_where_all_zones_have_one() -> None:
    assert "What" not in dict(zone_reasons(WHOLE, of_one_type=True))


def test_a_level_that_never_changed_is_as_old_as_the_data() -> None:
    words = level_words(WHOLE | {"level_before": None})
    assert "or earlier" in words
    assert "before" not in words


@pytest.mark.parametrize(
    "profile", [PROFILE, PROFILE | {"level_since": None, "level_now": None, "level_before": None}]
)
def test_zones_without_a_known_level_say_nothing_of_it(profile: dict[str, object]) -> None:
    assert level_words(profile) == ""


def test_an_added_zone_has_no_reasons() -> None:
    assert zone_reasons({}) == []
