"""Classes of surfaces: every one that a method returns has a word, and a color or none."""

from __future__ import annotations

from analytics.hotspots.emerging import EMERGING_CLASSES
from analytics.hotspots.moran import QUADRANTS
from analytics.hotspots.surface_classes import GiClass, MoranClass
from components.hotspots.surfaces import painted_emerging, painted_moran, painted_significance


def test_what_is_not_significant_stays_clear() -> None:
    gi = painted_significance([4, 2], tuple(GiClass), "light")
    assert [shade is None for shade in gi.colors] == [False, False, True, False, False]
    assert len(set(gi.labels)) == len(GiClass)
    moran = painted_moran([0], tuple(MoranClass))
    assert [shade is None for shade in moran.colors] == [False] * 4 + [True]


def test_every_pattern_over_time_has_a_word() -> None:
    emerging = painted_emerging([0], EMERGING_CLASSES)
    assert len(set(emerging.labels)) == len(EMERGING_CLASSES)
    assert emerging.labels[0] == "new hot spot"
    assert emerging.colors[-1] is None
    assert None not in emerging.colors[:-1]


def test_quadrants_stand_in_the_order_of_the_statistic() -> None:
    assert len(MoranClass) == len(QUADRANTS) + 1
