"""Which places are drawn where there are too many."""

from __future__ import annotations

import numpy as np

from analytics.crossfilter.point_sample import POINT_CAP, draw_order


def murmur(number: int) -> int:
    """One number at a time, in Python's own integers."""
    for _ in range(2):
        number = ((number >> 16) ^ number) * 0x45D9F3B % 2**32
    return (number >> 16) ^ number


def test_the_order_is_that_of_a_hash_without_collisions() -> None:
    numbers = np.array([0, 1, 2, 344_674, 2**24 + 3, 2**31 - 1])
    assert draw_order(numbers).tolist() == [murmur(number) for number in numbers.tolist()]
    assert len(np.unique(draw_order(np.arange(500_000)))) == 500_000


def test_every_part_of_the_city_gives_its_share_of_the_sample() -> None:
    # Places are numbered from south to north: ten strips of equal size.
    places = 340_000
    drawn = np.argsort(draw_order(np.arange(places)))[:POINT_CAP]
    strips = np.bincount(drawn * 10 // places, minlength=10)
    expected = POINT_CAP / 10
    chi_square = float(((strips - expected) ** 2 / expected).sum())
    assert chi_square < 27.9  # 0.1% of random samples are less even, 9 degrees of freedom


def test_a_place_that_is_drawn_stays_drawn_when_the_map_zooms_in() -> None:
    city = np.arange(20_000)
    part = city[5_000:9_000]
    of_city = set(city[np.argsort(draw_order(city))[:POINT_CAP]].tolist())
    of_part = set(part[np.argsort(draw_order(part))[:POINT_CAP]].tolist())
    assert of_city & set(part.tolist()) <= of_part
