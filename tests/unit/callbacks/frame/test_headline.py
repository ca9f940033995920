"""The headline's comparison of few incidents says what the Overview says of the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.statistics.two_periods import Comparison
from callbacks.frame.headline import headline_numbers
from components.frame.headline import figures

FIRST, DAYS = date(2016, 1, 1), 700
LAST = FIRST + timedelta(days=DAYS - 1)
MANIFEST = Manifest(
    "1",
    "2018",
    1,
    "0",
    SourceInfo("s", "S", "America/Chicago", "incident"),
    9,
    FIRST.isoformat(),
    LAST.isoformat(),
    None,
    "EPSG:32616",
)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (4, 56, "4 then; more now, significant"),
        (8, 4, "8 then; fewer now, not significant"),
        (7, 7, "7 then; the same now, not significant"),
        (2, 4, "too few to test"),
        (0, 56, "none then"),
    ],
)
def test_few_incidents_before_take_the_percentage_and_not_the_verdict(
    before: int, now: int, said: str
) -> None:
    counts = [1 if place % 7 == 0 else 0 for place in range(DAYS - 56)]
    counts += [1 if place < before else 0 for place in range(28)]
    counts += [now // 28 + (place < now % 28) for place in range(28)]
    days = pl.DataFrame(
        {
            "day": [FIRST + timedelta(days=place) for place in range(DAYS)],
            "incidents": counts,
            "arrests": 0,
            "harm": 0,
        }
    )
    facts = headline_numbers(days, Selection.parse("date=last28d"), MANIFEST)
    assert isinstance(facts.previous.found, Comparison)
    assert facts.previous.found.change is None
    assert figures(facts)[2].note == said


def test_without_a_period_the_changes_are_of_the_last_complete_days() -> None:
    """The provisional days, which look like a fall, are left out of both periods."""
    counts = [4] * (DAYS - 10) + [0] * 10
    days = pl.DataFrame(
        {
            "day": [FIRST + timedelta(days=place) for place in range(DAYS)],
            "incidents": counts,
            "arrests": 0,
            "harm": 0,
        }
    )
    filling = replace(MANIFEST, provisional_from=(LAST - timedelta(days=9)).isoformat())
    facts = headline_numbers(days, Selection(), filling)
    end = LAST - timedelta(days=10)
    assert facts.latest == (end - timedelta(days=27), end)
    assert facts.incidents == sum(counts)
    for change in (facts.previous.found, facts.last_year.found):
        assert isinstance(change, Comparison)
        assert (change.now, change.before, change.change) == (112, 112, 0)
    assert headline_numbers(days, Selection.parse("date=ytd"), filling).latest is None
