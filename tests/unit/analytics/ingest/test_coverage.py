"""Which months count as covered: strays and gaps are cut off, partial months at the ends stay."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.ingest.coverage import covered_months


def months(first: tuple[int, int], number: int, incidents: int) -> dict[date, int]:
    start = 12 * first[0] + first[1] - 1
    return {date((start + at) // 12, (start + at) % 12 + 1, 1): incidents for at in range(number)}


WHOLE = months((2014, 1), 48, 100)
SPAN = (date(2014, 1, 1), date(2017, 12, 1))


@pytest.mark.parametrize(
    "stray",
    [
        {},
        {date(1916, 3, 1): 1},
        {date(1916, 3, 1): 1, date(2007, 5, 1): 2, date(2011, 12, 1): 3, date(2013, 10, 1): 2},
        {date(2021, 3, 1): 1},
        {date(1950, 1, 1): 150},
    ],
)
def test_stray_months_are_left_out_at_either_end(stray: dict[date, int]) -> None:
    assert covered_months(WHOLE | stray) == SPAN


def test_a_partial_month_at_the_ends_of_the_data_is_covered() -> None:
    found = covered_months(WHOLE | {date(2013, 12, 1): 2, date(2018, 1, 1): 1})
    assert found == (date(2013, 12, 1), date(2018, 1, 1))


def test_a_short_outage_is_no_end_and_a_long_one_is() -> None:
    after = months((2018, 10), 12, 100)
    assert covered_months(WHOLE | after) == (date(2014, 1, 1), date(2019, 9, 1))
    later = months((2019, 3), 12, 100)
    assert covered_months(WHOLE | later) == (date(2019, 3, 1), date(2020, 2, 1))


def test_a_small_town_with_a_few_incidents_a_month_is_covered() -> None:
    small = months((2015, 1), 24, 3) | {date(1916, 1, 1): 1}
    assert covered_months(small) == (date(2015, 1, 1), date(2016, 12, 1))


def test_one_month_is_itself() -> None:
    assert covered_months({date(2020, 1, 1): 1}) == (date(2020, 1, 1), date(2020, 1, 1))


def test_where_no_stretch_holds_enough_everything_is_covered() -> None:
    rare = {date(1950 + 2 * at, 1, 1): 1 for at in range(25)}
    assert covered_months(rare) == (date(1950, 1, 1), date(1998, 1, 1))
    assert covered_months(rare | {date(1970, 1, 1): 2}) == (date(1970, 1, 1), date(1970, 1, 1))
