"""Firsts of a month and public holidays."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.formats import country_of
from analytics.statistics.calendar_days import FIRST_OF_MONTH, calendar_days, public_holidays


def test_holidays_of_the_united_states_are_on_their_own_day() -> None:
    found = public_holidays("US", 2016, 2018)
    # 1 January 2017 and 4 July 2015 … fell on weekends; Thanksgiving is the fourth Thursday.
    assert date(2017, 1, 1) in found["New Year's Day"]
    assert date(2017, 1, 2) not in found["New Year's Day"]
    assert set(found["Independence Day"]) == {date(year, 7, 4) for year in (2016, 2017, 2018)}
    assert date(2017, 11, 23) in found["Thanksgiving Day"]
    assert date(2017, 12, 25) in found["Christmas Day"]


def test_other_countries_have_others_and_an_unknown_one_has_none() -> None:
    assert date(2017, 7, 14) in {
        day for days in public_holidays("FR", 2017, 2017).values() for day in days
    }
    assert public_holidays("", 2017, 2018) == {}
    assert public_holidays("XX", 2017, 2018) == {}


def test_an_estimated_day_is_of_the_same_holiday() -> None:
    found = public_holidays("AE", 2016, 2018)
    assert {day.year for day in found["Eid al-Fitr"]} == {2016, 2017, 2018}
    assert not [name for name in public_holidays("MA", 2016, 2018) if "estimated" in name]


def test_days_are_marked_by_kind() -> None:
    names, kinds = calendar_days("US", date(2017, 6, 30), 6)
    assert names[0] == FIRST_OF_MONTH
    assert kinds[:, 0].tolist() == [0, 1, 0, 0, 0, 0]
    assert kinds[:, names.index("Independence Day")].tolist() == [0, 0, 0, 0, 1, 0]
    assert np.count_nonzero(kinds) == 2


@pytest.mark.parametrize(
    ("timezone", "country"),
    [("America/Chicago", "US"), ("Europe/Berlin", "DE"), ("nowhere", ""), ("Etc/UTC", "")],
)
def test_the_country_follows_the_time_zone(timezone: str, country: str) -> None:
    assert country_of(timezone) == country
