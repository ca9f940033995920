"""Anomalies of a week: planted ones are found, folded and counted."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.overview.anomalies import Anomalies, anomalies_of
from analytics.overview.daily_rows import DailyRows, rows_of
from analytics.statistics.expected_counts import SeasonBasis
from analytics.statistics.tiers import Tier

FIRST = date(2014, 1, 1)
DAYS = 3 * 364
LAST = FIRST + timedelta(days=DAYS - 1)
TYPES, AREAS = ("ARSON", "BURGLARY", "THEFT"), ("1", "2", "3", "4")


def city(planted: dict[tuple[str, str], float] | None = None, days: int = DAYS) -> DailyRows:
    """Poisson counts; in the last week a type in an area has `planted` times as many."""
    random = np.random.default_rng(1)
    every = [FIRST + timedelta(days=DAYS - days + at) for at in range(days)]
    parts = []
    for kind, rate in zip(TYPES, (0.1, 3.0, 8.0), strict=True):
        for area in AREAS:
            rates = np.full(days, rate)
            rates[-7:] *= (planted or {}).get((kind, area), 1.0)
            parts.append(
                pl.DataFrame(
                    {"day": every, "type": kind, "area": area, "incidents": random.poisson(rates)}
                )
            )
    return rows_of(pl.concat(parts), (every[0], LAST))


def named(found: Anomalies) -> list[tuple[str, str]]:
    return [(one.type, one.area) for one in found.found]


def test_a_rise_in_one_area_is_clear_with_what_was_expected() -> None:
    found = anomalies_of(city({("BURGLARY", "2"): 3.0}), "US")
    first = found.found[0]
    assert (first.type, first.area, first.tier) == ("BURGLARY", "2", Tier.CLEAR)
    assert first.expected == pytest.approx(21, rel=0.15)
    assert first.low <= first.expected <= first.high < first.incidents
    assert first.q <= 0.05
    assert first.more
    assert found.last == LAST
    assert found.season is SeasonBasis.FITTED


def test_a_fall_stands_out_too() -> None:
    found = anomalies_of(city({("THEFT", "1"): 0.4}), "US")
    theft = found.found[named(found).index(("THEFT", ""))]
    assert [(one.type, one.area) for one in theft.folded] == [("THEFT", "1")]
    assert not any(one.more for one in found.of_tier(Tier.CLEAR))


def test_areas_fold_under_a_type_that_rose_citywide() -> None:
    found = anomalies_of(city(dict.fromkeys([("THEFT", area) for area in AREAS], 2.0)), "US")
    theft = next(one for one in found.found if (one.type, one.area) == ("THEFT", ""))
    assert [one.area for one in theft.folded]
    assert found.count(Tier.CLEAR) > len(found.of_tier(Tier.CLEAR))
    assert found.count(Tier.CLEAR) == sum(
        row.tier is Tier.CLEAR for one in found.found for row in (one, *one.folded)
    )
    assert {(one.type, one.more) for one in theft.folded} == {("THEFT", True)}
    assert not [one for one in found.found if one.type == "THEFT" and one.area]


def test_every_row_but_the_whole_is_tested_and_chance_is_stated() -> None:
    rows = city()
    found = anomalies_of(rows, "US")
    assert found.tested == len(rows.names) - 1 == 3 + 4 + 12
    assert not found.of_tier(Tier.CLEAR)


def test_with_one_type_or_one_area_no_incidents_are_tested_twice() -> None:
    made = city({("THEFT", "2"): 2.5})
    at = [row for row, (kind, _) in enumerate(made.names) if kind == "THEFT"]
    counts = made.counts[at]
    frame = pl.concat(
        pl.DataFrame(
            {
                "day": [made.first + timedelta(days=day) for day in range(made.days)],
                "type": "THEFT",
                "area": made.names[row][1],
                "incidents": made.counts[row],
            }
        )
        for row in at
        if made.names[row][1]
    )
    one_type = anomalies_of(rows_of(frame, (made.first, LAST)), "US")
    assert one_type.tested == len(counts) == 1 + 4
    listed = [(row.type, row.area) for one in one_type.found for row in (one, *one.folded)]
    assert ("THEFT", "2") in listed
    assert len(listed) == len(set(listed))
    assert ("", "2") not in listed
    one_area = anomalies_of(rows_of(frame.filter(pl.col("area") == "2"), (made.first, LAST)), "US")
    assert one_area.tested == 1


def test_a_young_source_has_no_season_and_a_new_one_no_test() -> None:
    young = anomalies_of(city(days=364), "US")
    assert young.season is SeasonBasis.UNDER_TWO_YEARS
    assert young.tested
    new = anomalies_of(city(days=60), "US")
    assert (new.tested, new.found) == (0, ())
    nothing = rows_of(
        pl.DataFrame(schema={"day": pl.Date, "type": pl.String, "area": pl.String,
                             "incidents": pl.Int64}),
        (LAST, LAST),
    )  # fmt: skip
    assert anomalies_of(nothing, "US").tested == 0
