"""Expected incidents of a part of a target, against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.zones.outlook import NoOutlook, Outlook, ZoneForecast
from analytics.zones.part_expected import PRIOR_INCIDENTS, PartCounts, part_outlook

CITY = PartCounts(10_000, 10_000, 3_000)
FORECAST = ZoneForecast(8.0, 2, 17, 14.0)


def part(counts: PartCounts, city: PartCounts = CITY) -> ZoneForecast:
    found = part_outlook(Outlook(zones={"0": FORECAST}), {"0": counts}, city)
    assert found.is_of_part
    return found.zones["0"]


def test_mean_and_variance_are_those_of_a_simulated_part() -> None:
    counts = PartCounts(100, 60, 30)
    found = part(counts, PartCounts(10_000, 5_000, 1_500))
    random, draws = np.random.default_rng(1), 400_000
    size = FORECAST.expected**2 / (FORECAST.variance - FORECAST.expected)
    all_day = random.negative_binomial(size, size / (size + FORECAST.expected), draws)
    inside = random.binomial(all_day, 0.6)
    own = random.beta(30 + PRIOR_INCIDENTS * 0.3, 30 + PRIOR_INCIDENTS * 0.7, draws)
    simulated = random.binomial(inside, own)
    assert found.expected == pytest.approx(simulated.mean(), rel=0.01)
    assert found.variance == pytest.approx(simulated.var(), rel=0.02)
    held = np.mean((found.low <= simulated) & (simulated <= found.high))
    assert 0.93 < held < 0.99


def test_a_zone_without_history_has_the_citys_share() -> None:
    assert part(PartCounts(0, 0, 0)).expected == pytest.approx(8.0 * 0.3)


def test_a_zone_outside_the_selected_area_expects_nothing() -> None:
    found = part(PartCounts(50, 0, 0), PartCounts(10_000, 800, 800))
    assert (found.expected, found.low, found.high) == (0.0, 0, 0)


def test_the_whole_target_keeps_its_forecast() -> None:
    outlook = Outlook(zones={"0": FORECAST})
    assert part_outlook(outlook, {}, PartCounts(5, 5, 5)) is outlook
    missing = Outlook(NoOutlook.NO_FORECAST)
    assert part_outlook(missing, {}, CITY) is missing
