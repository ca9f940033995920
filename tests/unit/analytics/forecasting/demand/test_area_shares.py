"""Forecasts of beats: shares against loops, and sums that are those of the districts."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecasting.demand.area_shares import SHARE_INCIDENTS, SHARE_WEEKS, area_shares
from analytics.forecasting.demand.panel import DemandPanel, within
from analytics.forecasting.demand.seasonal_level import seasonal_level
from tests.unit.analytics.forecasting.demand.simulated import FIRST, poisson_panel, rates

PARENTS = {"001": "001", "002": "001", "003": "002", "004": "002", "005": "002", "006": "009"}


def beats() -> DemandPanel:
    """Six beats, of which five are in two districts and one in a district that is not known."""
    small = poisson_panel(rates(level=1.0))
    counts = np.stack([small.counts[:2].sum(axis=0), small.counts[2:5].sum(axis=0)])
    return within(small, DemandPanel(("001", "002"), small.shifts, FIRST, counts), PARENTS)


def test_shares_are_those_of_loops() -> None:
    panel, origin = beats(), 300
    found = area_shares(panel, panel.parent_of, origin)
    counted = np.zeros((5, 3))
    for day in range(origin):
        counted += 0.5 ** (((origin - 1 - day) // 7 + 1) / SHARE_WEEKS) * panel.counts[:, :, day]
    for area in range(5):
        same = panel.parent_of == panel.parent_of[area]
        overall = counted[area].sum() / counted[same].sum()
        for shift in range(3):
            above = counted[area, shift] + SHARE_INCIDENTS * overall
            below = counted[same, shift].sum() + SHARE_INCIDENTS
            assert found[area, shift] == pytest.approx(above / below)


def test_forecasts_of_beats_add_up_to_those_of_their_districts() -> None:
    panel = beats()
    assert panel.parent is not None
    found = seasonal_level(panel, [900], 28)[0]
    districts = seasonal_level(panel.parent, [900], 28)[0]
    assert found[:2].sum(axis=0) == pytest.approx(districts[0])
    assert found[2:].sum(axis=0) == pytest.approx(districts[1])


def test_an_area_of_no_known_district_is_left_out_and_counted() -> None:
    panel = beats()
    assert panel.areas == ("001", "002", "003", "004", "005")
    assert panel.strays.keys() == {"006"}
    assert panel.parent_of.tolist() == [0, 0, 1, 1, 1]


def test_nothing_of_the_future_is_used() -> None:
    panel = beats()
    whole = seasonal_level(panel, [800], 28)
    assert np.array_equal(seasonal_level(panel.until(800), [800], 28), whole)


def test_a_district_without_incidents_expects_none_in_its_beats() -> None:
    panel = beats()
    assert not area_shares(
        DemandPanel(**{**vars(panel), "counts": panel.counts * 0}), panel.parent_of, 300
    ).any()
