"""Edited cities and routes planned again, on a small made-up city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.incidents.projection import to_meters
from analytics.patrol.city import PatrolCity
from analytics.patrol.demand import ShiftTimes
from analytics.patrol.place_edits import AddedPlace, LeftOutPlace, PlaceEdits
from analytics.patrol.plan import PlanSource, make_plan, plan_content
from analytics.patrol.plan_content import PlanContent
from analytics.patrol.recent_incidents import RecentIncidents
from analytics.patrol.replan import (
    SpotLocator,
    edited_city,
    replan,
    require_same_forecast,
    touched_areas,
)
from analytics.patrol.routes import Effort
from analytics.patrol.rules import PatrolRules
from analytics.patrol.spots import Spots
from analytics.patrol.travel import StraightTravel

CRS = "EPSG:26916"
SHIFT = ShiftTimes("Evening", 14, 480)
QUICK = Effort(draws=1, steps=40, bound_steps=20)
SIDE = 6  # spots in a row, 300 m apart; the left half is area A, the right half area B


@pytest.fixture(scope="module")
def city() -> PatrolCity:
    x, y = to_meters(np.array([41.88]), np.array([-87.65]), CRS)
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    xy = np.column_stack([x + 300.0 * column.ravel(), y + 300.0 * row.ravel()])
    area = (column.ravel() >= SIDE // 2).astype(np.int64)
    names = tuple(f"block {number}" for number in range(len(xy)))
    spots = Spots(names, xy, area, ("A", "B"), np.zeros(0, dtype=np.int64))
    expected = np.random.default_rng(3).gamma(0.7, size=len(xy)) / 10
    profile = np.full(SHIFT.minutes, 1 / SHIFT.minutes)
    return PatrolCity(spots, expected, profile, PatrolRules(candidates=6), StraightTravel())


@pytest.fixture(scope="module")
def source(city: PatrolCity) -> PlanSource:
    recent = RecentIncidents(city.spots.xy[:4], np.array([15, 15, 20, 20]))
    return PlanSource(CRS, recent, (), "discounted counts")


@pytest.fixture(scope="module")
def content(city: PatrolCity, source: PlanSource) -> PlanContent:
    made = make_plan(city, SHIFT, 2, seed=1, minimum=1, effort=QUICK)
    return plan_content(made, source)


def names(content: PlanContent, area: str) -> set[str]:
    units = (one for one in content.units if one.area == area)
    return {visit.place for unit in units for visit in unit.visits}


def test_a_plan_of_another_forecast_is_not_changed(
    city: PatrolCity, source: PlanSource, content: PlanContent
) -> None:
    require_same_forecast(1, content, city, source)
    model = "hotspot_forecast_street@3"
    newer = replace(source, forecast=model, made_from="2026-10-20")
    plan = replace(content, forecast=model, made_from="2026-10-20")
    require_same_forecast(1, plan, city, newer)
    require_same_forecast(1, replace(plan, made_from=None), city, newer)  # stored earlier
    other = replace(city, expected=city.expected * 1.01)
    for faulty, of_city in (
        (content, city),
        (replace(plan, made_from="2026-10-13"), city),
        (replace(plan, made_from=None), other),
    ):
        with pytest.raises(InputError, match="of days from 2026-10-20 on is in use now"):
            require_same_forecast(1, faulty, of_city, newer)


def test_an_added_and_a_pinned_place_are_visited_and_a_left_out_one_is_not(
    city: PatrolCity, source: PlanSource, content: PlanContent
) -> None:
    locate = SpotLocator(city.spots, CRS)
    gone = content.units[0].visits[0]
    unseen = next(one for one in city.spots.names[::SIDE] if one not in names(content, "A"))
    lat, lon = locate("block 0") or (0.0, 0.0)
    edits = PlaceEdits(
        (AddedPlace("School", lat + 0.0012, lon),),
        (unseen,),
        (LeftOutPlace(gone.place, gone.lat, gone.lon, "closed"),),
    )
    edited = edited_city(city, edits, CRS)
    areas = touched_areas(city, edited, edits.differing(PlaceEdits()))
    assert areas == {0}
    after = replan(content, edited, SHIFT, source, areas=areas, seed=1)
    assert {"School", unseen} <= names(after, "A")
    assert gone.place not in names(after, "A")
    assert names(after, "B") == names(content, "B")
    pinned = {visit.place for unit in after.units for visit in unit.visits if visit.pinned}
    assert pinned == {"School", unseen}
    sums = sum(visit.expected for unit in after.units for visit in unit.visits)
    assert after.captured == pytest.approx(sums)
    assert after.captured <= after.bound * (1 + 1e-9)
    assert after.expected == pytest.approx(content.expected)


def test_more_pins_than_the_units_can_visit_are_named(
    city: PatrolCity, source: PlanSource, content: PlanContent
) -> None:
    every = tuple(city.spots.names[one] for one in city.own_spots(0))
    edited = edited_city(city, PlaceEdits(pinned=every), CRS)
    with pytest.raises(InputError, match=r"cannot visit all places .* block"):
        replan(content, edited, SHIFT, source, areas={0}, seed=1)


def test_a_place_in_an_area_without_units_is_refused(
    city: PatrolCity, source: PlanSource, content: PlanContent
) -> None:
    only_b = replace(content, units=tuple(one for one in content.units if one.area == "B"))
    edited = edited_city(city, PlaceEdits(pinned=("block 0",)), CRS)
    with pytest.raises(InputError, match="Area A has no unit"):
        replan(only_b, edited, SHIFT, source, areas={0}, seed=1)


def test_an_added_place_far_from_the_data_is_refused(city: PatrolCity) -> None:
    with pytest.raises(InputError, match="km from any place"):
        edited_city(city, PlaceEdits((AddedPlace("Far", 42.5, -87.65),)), CRS)


def test_recent_incidents_are_those_within_the_radius_and_their_most_frequent_hour(
    city: PatrolCity, source: PlanSource
) -> None:
    """By brute force over all pairs."""
    xy = city.spots.xy
    found = source.recent.around(xy, 350.0)
    for place, (number, hour) in zip(xy, found, strict=True):
        near = np.hypot(*(source.recent.xy - place).T) <= 350.0
        assert number == near.sum()
        counts = np.bincount(source.recent.hour[near]) if near.any() else None
        assert hour == (None if counts is None else int(counts.argmax()))
    nothing = RecentIncidents(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
    assert nothing.around(xy[:1], 150.0) == [(0, None)]
