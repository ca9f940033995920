"""Rises planted into Chicago's real history, in the CompStat table; its weeks in control charts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.overview.changes import ComparedRows
from analytics.overview.control_chart import RunRule, control_chart
from analytics.overview.daily_rows import DailyRows, daily_rows
from analytics.services import Services
from analytics.settings import Settings
from analytics.statistics.tiers import Tier

pytestmark = pytest.mark.real_data

DAYS = 28
ENDS = [date(2017, 1, 31) + timedelta(days=4 * DAYS * at) for at in range(5)]
"""Ends of windows of the held-out years."""


@pytest.fixture(scope="module")
def rows(ingested_chicago: Path) -> DailyRows:
    pinned = Services(Settings(home=ingested_chicago)).pin()
    assert pinned is not None
    first = date(2014, 1, 1)
    return daily_rows(pinned.reader, EVERYTHING, Selection(), "district", (first, ENDS[-1]))


def planted(rows: DailyRows, row: int, end: int, rise: float, seed: int) -> DailyRows:
    """Each incident of the window once more with a probability."""
    random = np.random.default_rng(seed)
    counts = rows.counts[:, : end + 1].copy()
    window = slice(end - DAYS + 1, end + 1)
    counts[row, window] += random.binomial(counts[row, window], min(rise, 1.0))
    citywide = rows.citywide[:, : end + 1]
    return DailyRows(rows.names, rows.kinds, rows.first, counts, rows.kind, citywide)


@pytest.mark.parametrize(
    ("rise", "least", "most"), [(0.3, 0.42, 0.74), (0.5, 0.70, 0.97), (1.0, 0.97, 1.0)]
)
def test_rises_are_detected_as_often_as_documented(
    rows: DailyRows, rise: float, least: float, most: float
) -> None:
    """Of rows of about 100 incidents: docs/change.md says 58% of +30% and 84% of +50%.

    These are at 5% false alarms upward, where the two-sided p is 10%.
    """
    found = []
    for seed, day in enumerate(ENDS):
        end = rows.column(day)
        level = rows.counts[:, end - 364 : end].sum(axis=1) * DAYS / 364
        near = [
            row
            for row, (kind, area) in enumerate(rows.names)
            if kind and area and 80 <= level[row] <= 130
        ]
        for row in near[::3]:
            made = planted(rows, row, end, rise, seed)
            verdict = ComparedRows(made, [row], "US").judged(end - DAYS + 1, DAYS).verdict(0)
            assert verdict.p is not None
            assert verdict.expected is not None
            found.append(verdict.p <= 0.1 and verdict.count > verdict.expected)
    assert len(found) >= 40
    assert least <= np.mean(found) <= most


def test_a_doubled_type_of_a_district_is_clear_in_the_whole_table(rows: DailyRows) -> None:
    clear = []
    for seed, day in enumerate(ENDS):
        end = rows.column(day)
        row = rows.names.index(("ROBBERY", "011"))
        made = planted(rows, row, end, 1.0, seed)
        judged = ComparedRows(made, range(len(made.names)), "US").judged(end - DAYS + 1, DAYS)
        clear.append(judged.verdict(row).tier is Tier.CLEAR)
        alarms = sum(tier is Tier.CLEAR for tier in judged.tiers)
        assert alarms <= 0.15 * judged.tested
    assert np.mean(clear) >= 0.8


def test_control_charts_of_districts_signal_as_the_docs_say(rows: DailyRows) -> None:
    """docs/temporal.md: 0.6% of weeks beyond the limits, 4.7% by any rule."""
    weeks = signals = beyond = 0
    for row, (kind, area) in enumerate(rows.names):
        if not kind and area:
            chart = control_chart(rows.counts[row], rows.citywide[0], rows.first, ENDS[-1], "US")
            weeks += chart.judged
            signals += len(chart.signals)
            beyond += sum(RunRule.BEYOND in week.rules for week in chart.weeks)
    assert weeks > 2_000
    assert beyond / weeks <= 0.012
    assert 0.01 <= signals / weeks <= 0.09
