"""Numbers with their intervals in words."""

from __future__ import annotations

import pytest

from components.frame.intervals import percent_with_interval
from components.frame.parameters import brief_parameter


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.63, 0.57, 0.68, "63% (57 to 68%)"),
        (0.002, 0.001, 0.004, "0.2% (0.1 to 0.4%)"),
        (0.0021, 0.0013, 0.0028, "0.21% (0.13 to 0.28%)"),
        (0.63, None, None, "63%"),
    ],
)
def test_the_ends_of_an_interval_can_be_told_apart(
    value: float, low: float | None, high: float | None, expected: str
) -> None:
    assert percent_with_interval(value, low, high) == expected


def test_a_whole_number_is_written_without_decimals() -> None:
    assert brief_parameter("min_samples", "483.0") == "min samples 483"
    assert brief_parameter("resolution", "0.5") == "resolution 0.5"
