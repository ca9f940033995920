"""Where and when the next one is likely, against the density cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.series.next_incident import (
    HALF_LIFE_DAYS,
    SHARES,
    hours_of,
    in_hours,
    next_area,
    next_times,
)

XY = np.array([[0.0, 0.0], [300.0, 50.0], [200.0, 400.0], [250.0, 380.0]])
DAY = np.array([0, 3, 20, 21])


def test_areas_hold_their_shares_of_the_density_and_no_denser_cell_is_left_out() -> None:
    area = next_area(XY, DAY)
    middle = area.corners + area.cell_m / 2

    def density(x: float, y: float) -> float:
        return sum(
            0.5 ** ((21 - day) / HALF_LIFE_DAYS)
            * math.exp(-0.5 * (math.dist((x, y), place) / area.bandwidth_m) ** 2)
            for place, day in zip(XY.tolist(), DAY.tolist(), strict=True)
        )

    inside = [density(*one) for one in middle.tolist()]
    assert inside == sorted(inside, reverse=True)
    lattice = np.arange(-40, 60) * area.cell_m
    east, north = (lattice + start % area.cell_m + area.cell_m / 2 for start in area.corners[0])
    everywhere = np.array([[density(x, y) for x in east] for y in north])
    for at, share in enumerate(SHARES):
        held = sum(inside[: area.within[at]]) / everywhere.sum()
        assert held == pytest.approx(share, abs=0.03)  # the grid ends where little is left
        assert (everywhere > inside[area.within[at] - 1]).sum() <= area.within[at]
    assert area.km2(0) < area.km2(1)


def test_places_are_in_the_area_if_they_are_in_one_of_its_cells() -> None:
    area = next_area(XY, DAY)
    random = np.random.default_rng(2)
    places = random.uniform(-800, 1_200, (500, 2))
    cells = area.corners[: area.within[1]]
    expected = [
        at
        for at, place in enumerate(places)
        if np.any(np.all((place >= cells) & (place < cells + area.cell_m), axis=1))
    ]
    assert area.has(places, 1).tolist() == expected
    assert set(area.has(places, 0)) <= set(expected)


def test_incidents_at_one_place_have_an_area_around_it() -> None:
    area = next_area(np.zeros((3, 2)), np.array([1, 2, 3]))
    assert len(area.has(np.zeros((1, 2)), 0)) == 1
    assert 0.01 < area.km2(1) < 0.2


@pytest.mark.parametrize(
    ("hours", "expected"),
    [([22, 23, 1], (22, 0)), ([23, 0, 1, 12], (23, 2)), ([5, 5, 5, 6, 20], (5, 7)), ([3], (3, 4))],
)
def test_hours_are_the_shortest_run_with_two_thirds(
    hours: list[int], expected: tuple[int, int]
) -> None:
    assert hours_of(np.array(hours)) == expected


def test_hours_run_past_midnight() -> None:
    assert in_hours(np.array([22, 23, 0, 1, 12]), (22, 1)).tolist() == [1, 1, 1, 0, 0]
    assert in_hours(np.arange(24), (5, 5)).sum() == 24


def test_times_say_nothing_of_unknown_hours() -> None:
    times = next_times(np.array([9, 0, 3]), np.array([-1, 4, -1]), np.array([1, 1, 7]))
    assert times.hours is None
    assert times.known_hours == 1
    assert times.gaps == (3.75, 5.25)
    assert times.weekdays == (2, 0, 0, 0, 0, 0, 1)
