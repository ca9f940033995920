"""Curves of capture never fall, and search each point once for all who read them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from analytics.patrol.allocation import UnitLimits, allocate
from analytics.patrol.capture_curves import CaptureCurves


class SearchedCity:
    """A city whose searches find given numbers, and that notes what is searched."""

    def __init__(self, *reached: list[float]) -> None:
        self.reached = reached
        self.searched: list[tuple[int, int]] = []

    def routes(self, area: int, units: int, _seed: int, _effort: Any) -> Any:
        self.searched.append((area, units))
        return SimpleNamespace(plan=SimpleNamespace(reached=self.reached[area][units]))


def test_a_search_that_finds_less_with_more_units_counts_as_a_unit_at_rest() -> None:
    city: Any = SearchedCity([0, 5, 4, 9])
    found = allocate(CaptureCurves(city, 1), 3, UnitLimits((0,), (3,)))
    assert found.captured == (9,)
    assert [gain for _, gain in found.steps] == [5, 0, 0]


def test_each_point_is_searched_once_over_several_allocations() -> None:
    city: Any = SearchedCity([0, 5, 8, 9], [0, 4, 5, 5.5])
    curves = CaptureCurves(city, 1)
    for units in (2, 3, 3):
        allocate(curves, units, UnitLimits.of([1, 1], units))
    assert len(city.searched) == len(set(city.searched)) == len(curves)
