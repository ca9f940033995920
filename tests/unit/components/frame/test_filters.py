"""The field for a place and its distance."""

from __future__ import annotations

import pytest

from analytics import formats
from analytics.crossfilter.clauses import Near
from analytics.crossfilter.selection import Selection
from components.frame.filters import place_filter


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize(("units", "shown"), [("us", "1640 ft"), ("metric", "500")])
def test_the_distance_is_in_the_units_of_the_reader(units: str, shown: str) -> None:
    formats.use("", units, "America/Chicago")
    near = Near(41.88, -87.63, 500)
    field = place_filter(near).children[1].children[1]
    assert field.value == f"41.88,-87.63,{shown}"
    assert Selection.parse(f"near={field.value}").get("near") == near
