"""The panel of dates: what it offers, and with which days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest, SourceInfo
from analytics.settings import Settings
from callbacks.frame.dates import date_offers
from callbacks.frame.headline import headline_numbers
from components.frame.dates import DateOffer, DateOffers
from tests.unit.components.frame.test_figures import day_view

SOURCE = SourceInfo("s", "S", "America/Chicago", "incident")
DAYS = ("2014-01-01", "2018-11-12", "2018-11-05")
MANIFEST = Manifest("1", "2018", 1, "0", SOURCE, 9, *DAYS, "EPSG:32616")
AGENCY = Settings(fiscal_year_start="07-01", period_start=date(2018, 1, 8))


def offered(text: str = "") -> DateOffers:
    return date_offers(Selection.parse(text), MANIFEST, AGENCY)


def offer(text: str, name: str) -> DateOffer:
    return next(
        one for _, group in offered(text).groups for one in group if name in (one.text, one.name)
    )


def test_fiscal_years_and_28_day_periods_are_the_agency_s() -> None:
    assert offer("", "fytd:07-01").days == (date(2018, 7, 1), date(2018, 11, 12))
    assert offer("", "lastp28:2018-01-08").days == (date(2018, 10, 15), date(2018, 11, 11))


def test_every_offer_chooses_the_days_that_it_shows() -> None:
    for _, group in offered("date=2018-03").groups:
        for one in group:
            assert one.days == Selection.parse(f"date={one.text}").period(MANIFEST)


def test_the_chosen_offer_is_pressed_and_its_days_stand_in_the_fields() -> None:
    found = offered("date=lastmonth")
    assert [one.text for _, group in found.groups for one in group if one.chosen] == ["lastmonth"]
    assert (found.first, found.last) == (date(2018, 10, 1), date(2018, 10, 31))


def test_open_ends_leave_their_field_empty() -> None:
    found = offered("date=2018-01-01..")
    assert (found.first, found.last) == (date(2018, 1, 1), None)
    assert (offered().first, offered().last) == (None, None)


def test_a_year_earlier_is_what_the_headline_compares_with() -> None:
    name = "Same period last year"
    assert offer("", name).days is None
    assert offer("date=2014-03", name).days is None  # before the data
    for text in ("date=2018-03", "date=2018-02", "date=lastyear", "date=complete28d"):
        selection = Selection.parse(text)
        numbers = headline_numbers(day_view(date(2014, 1, 1), [1] * 1777), selection, MANIFEST)
        assert offer(text, name).days == numbers.last_year.then


def test_an_empty_snapshot_offers_no_days() -> None:
    empty = replace(MANIFEST, first=None, last=None, provisional_from=None)
    found = date_offers(Selection.parse("date=ytd"), empty, AGENCY)
    assert all(one.days is None for _, group in found.groups for one in group)
