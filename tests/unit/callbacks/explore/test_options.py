"""Options of the Explore page, as read from what a browser sends."""

from __future__ import annotations

from collections.abc import Mapping

from callbacks.explore.options import ExploreOptions
from tests.unit.components.frame.test_layout import MANIFEST


def read(raw: Mapping[str, object]) -> ExploreOptions:
    return ExploreOptions.of(raw, MANIFEST)


def test_options_the_browser_makes_up_fall_back_to_the_defaults() -> None:
    nonsense = {
        "theme": "neon",
        "map": "moon",
        "measure": 7,
        "bounds": "1,2,3",
        "offset": "-5",
        "numbers": "map,everything",
        "offenses": "group:x'; DROP TABLE incidents",
    }
    options = read(nonsense)
    assert options == ExploreOptions(numbers=frozenset({"map"}))


def test_bounds_must_lie_on_the_earth_in_order() -> None:
    assert read({"bounds": "-87.7,41.8,-87.5,41.9"}).bounds == (-87.7, 41.8, -87.5, 41.9)
    assert read({"bounds": "-87.5,41.8,-87.7,41.9"}).bounds is None
    assert read({"bounds": "nan,41.8,-87.7,41.9"}).bounds is None
