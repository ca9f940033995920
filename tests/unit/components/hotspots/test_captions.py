"""Captions of surfaces, from their query and their details."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.crossfilter.selection import EMPTY
from analytics.hotspots.surface import Surface, SurfaceQuery
from analytics.hotspots.surface_methods import METHODS, ResidentRate, SurfaceDetails
from components.hotspots.captions import surface_caption
from components.hotspots.surfaces import TITLES, surface_unit
from tests.unit.analytics.hotspots.places import square_grid

RESIDENTS = ResidentRate("district", 2_000_000, 20, 2, 7.5)
NO_DETAILS = SurfaceDetails()


def surface(query: SurfaceQuery, details: SurfaceDetails = NO_DETAILS) -> Surface:
    grid = square_grid(6)
    nothing = np.zeros(len(grid))
    return Surface(query, EMPTY, grid, nothing, (), np.zeros(0, np.int64), None, 90, 3, 7, details)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_title_a_unit_and_a_caption(method: str) -> None:
    found = surface(SurfaceQuery(method))
    assert TITLES[method]
    assert surface_unit(found.query)
    said = surface_caption(found)
    assert said.startswith("90 incidents (7 at default addresses left out; 3 without a place).")
    assert said.endswith(".")


def test_a_risk_per_resident_names_who_and_how_many() -> None:
    query = SurfaceQuery("risk", against="residents", weight="harm", half_life_days=60)
    said = surface_caption(surface(query, SurfaceDetails(residents=RESIDENTS)))
    assert "2,000,000 residents, known for 20 areas by district" in said
    assert "7.5 days of harm (half-life 60 days) per 1,000 residents" in said
    assert said.endswith("Areas without a number stay empty: 2.")


def test_what_cannot_be_compared_is_said() -> None:
    query = SurfaceQuery("risk", against="THEFT")
    said = surface_caption(surface(query, SurfaceDetails(comparable=False)))
    assert said.endswith("There is nothing to compare.")


def test_rounded_values_and_periods_are_named() -> None:
    gi = surface_caption(surface(SurfaceQuery(), SurfaceDetails(rounding_step=2.51)))
    assert "rounded to steps of 2.5;" in gi
    emerging = SurfaceDetails(periods=24, period_days=14)
    assert "24 periods of 14 days" in surface_caption(surface(SurfaceQuery("emerging"), emerging))
