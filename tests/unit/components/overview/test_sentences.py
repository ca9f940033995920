"""Sentences of the Overview: every claim with its interval or test, no bare percentage."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.overview.changes import Changes, RowChange
from analytics.overview.harm import Harm
from analytics.overview.near_repeats import NearRepeats, Street, Untested
from analytics.overview.reporting import AnomalyWeek, Reporting
from analytics.overview.unusual import Unusual, UnusualWeek
from analytics.statistics.change import (
    Incomparable,
    NotComparable,
    Significance,
)
from analytics.temporal.deviation import Homogeneity
from analytics.zones.outlook import ZoneForecast
from components.overview import sentences as words
from components.overview.cards import direction, track_position
from components.overview.headline import headline

RISE = RowChange(130, 100, 0.3, 0.05, 0.6, 2.5, 0.01, 1.2, Significance.SIGNIFICANT)
FALL = RowChange(91, 100, -0.09, -0.3, 0.2, -0.6, 0.6, 1.0, Significance.NOT_SIGNIFICANT)
FEW = RowChange(2, 1, None, None, None, 0.5, None, 1.0, Significance.TOO_FEW)
RISEN = RowChange(40, 4, None, None, None, 5.0, 0.001, 1.0, Significance.SIGNIFICANT)
FALLEN = RowChange(0, 9, None, None, None, -3.0, 0.001, 1.0, Significance.SIGNIFICANT)
SHORT = RowChange(40, 20, None, None, None, 2.6, None, None, Significance.TOO_SHORT)
BEFORE = "in the 28 days before"
PERIOD = Reporting(
    (date(2026, 9, 6), date(2026, 10, 3)), False, (date(2024, 1, 1), date(2026, 10, 31)), False,
    date(2026, 10, 4),
)  # fmt: skip
WEEK = date(2026, 10, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (RISE, "30% more than in the 28 days before (+5 to +60%), significant"),
        (FALL, "9% fewer than in the 28 days before (−30 to +20%), not significant"),
        (FEW, "1 in the 28 days before: too few to test"),
        (SHORT, "20 in the 28 days before: too little history to test"),
        (RISEN, "4 in the 28 days before: more now, significant"),
        (FALLEN, "9 in the 28 days before: fewer now, significant"),
    ],
)
def test_a_change_is_said_with_its_interval_and_verdict(change: RowChange, said: str) -> None:
    assert words.change_sentence(change, BEFORE) == said


def test_the_headline_says_more_or_fewer_where_it_has_no_percentage() -> None:
    shown = str(headline(40, PERIOD, (RISEN, FALLEN), None))
    assert "before; more now, significant" in shown
    assert "before; fewer now, significant" in shown


def test_in_a_table_small_counts_have_no_percentage() -> None:
    assert words.change_short(RISE) == "+30% (+5 to +60%)"
    assert words.change_short(FEW) == "1 then, too few to test"
    assert "%" not in words.change_short(SHORT)
    open_ended = RowChange(30, 2, 14.0, 4.0, None, 5.0, 0.001, 1.0, Significance.SIGNIFICANT)
    assert words.change_short(open_ended) == "+1,400% (+400% or more)"
    no_change = RowChange(50, 50, 0.0, -0.3, 0.4, 0.0, 1.0, 1.0, Significance.NOT_SIGNIFICANT)
    assert words.change_sentence(no_change, BEFORE).startswith("as many as in the 28 days before")


def test_the_hover_has_the_test() -> None:
    assert words.change_detail(RISE, BEFORE) == (
        "130 now, 100 in the 28 days before: significant; z = 2.5, q = 0.01 over the rows "
        "tested together, dispersion 1.2."
    )


def test_color_and_arrow_mark_only_what_is_unlikely_to_be_chance() -> None:
    assert [direction(one) for one in (RISE, FALL, FEW)] == ["more", "", ""]
    assert (
        direction(RowChange(50, 90, -0.4, -0.6, -0.2, -3.0, 0.001, 1.0, Significance.SIGNIFICANT))
        == "less"
    )
    assert [track_position(ratio) for ratio in (0, 0.25, 0.5, 1, 2, 9)] == [0, 0, 0, 50, 100, 100]


def test_totals_name_their_days() -> None:
    assert words.total_sentence(560, PERIOD) == (
        "560 incidents from Sep 6 to Oct 3, 2026, the last 28 complete days: 20.0 a day."
    )
    chosen = Reporting((WEEK, WEEK), True, PERIOD.covered, True, PERIOD.provisional_from)
    assert words.total_sentence(1, chosen) == (
        "1 incident on Oct 3, 2026. Recent days are incomplete, so expect decreases."
    )
    assert words.compared_sentence(
        NotComparable(Incomparable.BASE_NOT_COVERED, (date(2026, 1, 1), WEEK)), BEFORE
    ) == (
        "No comparison with the 28 days before: the data starts on Jan 1, 2026, after the "
        "earlier period."
    )
    assert words.then_words(chosen) == "on the day before"
    later = (date(2030, 1, 1), date(2030, 1, 31))
    after = Reporting(later, True, PERIOD.covered, False, PERIOD.provisional_from)
    assert words.total_sentence(0, after) == (
        "There is no data from Jan 1 to 31, 2030: it runs from Jan 1, 2024 to Oct 31, 2026."
    )


def test_rows_that_changed_are_named_in_the_order_of_their_evidence() -> None:
    weaker = RowChange(60, 40, 0.5, 0.1, 1.0, 2.1, 0.04, 1.0, Significance.SIGNIFICANT)
    rows = {"a": weaker, "b": RISE, "c": FALL, "d": FEW}
    found = Changes(rows, 0.021, 640)
    said = words.moved_sentence(found, {"a": "Assault", "b": "Burglary"}, BEFORE, "type", "types")
    assert said == (
        "Significant changes compared with the 28 days before: Burglary +30% "
        "(+5 to +60%) and Assault +50% (+10 to +100%)."
    )
    assert words.false_alarm_note(found) == (
        "The same rule called 2.1% of 640 earlier comparisons of these rows significant."
    )


def test_that_nothing_changed_or_could_be_tested_is_said() -> None:
    calm = Changes({"a": FALL}, None, 0)
    assert words.moved_sentence(calm, {}, BEFORE, "district", "districts") == (
        "No district changed significantly compared with the 28 days before (1 tested)."
    )
    untested = Changes({"a": FEW}, None, 0)
    assert "Too few" in words.moved_sentence(untested, {}, BEFORE, "district", "districts")
    assert (
        words.moved_sentence(
            NotComparable(Incomparable.MONTHS_ONLY), {}, BEFORE, "district", "districts"
        )
        == ""
    )
    assert words.false_alarm_note(calm) == ""


def test_harm_names_its_largest_part_and_leaves_homicide_out() -> None:
    found = Harm(
        10_000, 9_000, 40, "HOMICIDE", 7_300, 2_700, 0.11, -0.5, 1.2, Significance.NOT_SIGNIFICANT
    )
    assert words.harm_sentence(found, BEFORE) == (
        "Harm: 10,000 days of sentence from 40 incidents with a weight; 73% of the harm is "
        "homicide; 2,700 without homicide. 11% more than in the 28 days before (−50 to +120%), "
        "not significant."
    )
    few = Harm(182, 0, 1, "THEFT", 182, 182, None, None, None, Significance.TOO_FEW)
    assert words.harm_sentence(few, BEFORE).endswith("Its change: too few to test.")
    rise = Harm(9_000, 900, 90, "THEFT", 9_000, 9_000, None, None, None, Significance.SIGNIFICANT)
    assert words.harm_sentence(rise, BEFORE).endswith(
        ". 900 in the 28 days before: more now, significant."
    )


def test_what_is_unusual_stands_beside_what_was_expected() -> None:
    row = Unusual("ROBBERY", "011", 14, 5.21, 1, 11, 0.003)
    assert words.unusual_sentence(row, "district", {"011": "District 011"}) == (
        "Robbery in district 011: 14 incidents, 5.2 expected (1 to 11)."
    )
    assert words.series_name(Unusual("", "25", 1, 1, 1, 1, 1), "area", {"25": "Austin"}) == "Austin"
    assert words.series_name(Unusual("ARSON", "", 1, 1, 1, 1, 1), "area", {}) == "Arson"
    one = UnusualWeek(WEEK, (row,), 300, 0.004, 3600)
    assert words.week_sentence(one, AnomalyWeek.LAST, "district") == (
        "1 of 300 counts by type and district in the last complete week (Sep 27 to Oct 3, 2026) "
        "is significant, compared with the 26 weeks before."
    )
    assert words.week_note(one) == (
        "The same rule called 0.4% of 3,600 counts of earlier weeks unusual."
    )
    none = UnusualWeek(WEEK, (), 300, None, 0)
    calm = words.week_sentence(none, AnomalyWeek.OF_PERIOD, "district")
    assert calm.startswith("None of 300 counts")
    assert "the last 7 days of the period (Sep 27 to Oct 3, 2026)" in calm
    untested = UnusualWeek(WEEK, (), 0, None, 0)
    said = words.week_sentence(untested, AnomalyWeek.BEFORE_PERIOD, "ward")
    assert said.startswith("Nothing was tested")


def test_near_repeats_are_claimed_only_where_the_test_finds_them() -> None:
    found = NearRepeats("BURGLARY", 1.23, 0.03, 945, 767.2, 3994, 199, PERIOD.period[0], WEEK)
    assert words.near_repeat_sentence(found) == (
        "Burglary from Sep 6 to Oct 3, 2026 repeats nearby: 945 pairs within 660 ft and 14 days, "
        "767 expected by chance, 1.2 times as many, significant."
    )
    assert "p = 0.03" in words.near_repeat_detail(found)
    chance = NearRepeats("BURGLARY", 1.02, 0.4, 100, 98.0, 700, 199, PERIOD.period[0], WEEK)
    assert "does not repeat nearby significantly" in words.near_repeat_sentence(chance)
    none = NearRepeats("ARSON", None, None, 0, 0, 7, 0, WEEK, WEEK, untested=Untested.TOO_FEW)
    assert words.near_repeat_sentence(none) == "Arson: 7 incidents are too few to test."
    street = Street("4700 block of S Hermitage Ave", 41.8, -87.6, 2.3, 3, date(2026, 10, 2))
    assert words.street_sentence(street) == (
        "3 incidents within 660 ft in 14 days, the last on Oct 2, 2026."
    )


def test_hours_zones_and_freshness() -> None:
    assert "significant" in words.hours_sentence(Homogeneity(60, 23, 1.1, 0.001))
    assert "do not differ" in words.hours_sentence(Homogeneity(20, 23, 1.1, 0.6))
    assert "Too few" in words.hours_sentence(None)
    assert words.zones_sentence(12, 30, 120) == "12 zones hold 25% of the incidents."
    forecast = ZoneForecast(14.2, 8, 22)
    assert words.zone_forecast_words(forecast, 7) == "14 (8 to 22) expected in 7 days"
    profile = {"trend_now": 14, "trend_before": 9, "trend": "not_significant"}
    assert words.zone_trend_words(profile) == (
        "9 to 14 in 28 days (training data): not significant."
    )
    untold = {"trend_now": None, "trend_before": None, "trend": "base_not_covered"}
    assert words.zone_trend_words(untold).startswith("Trend: the data starts after")
    assert words.zone_trend_words({}) == ""
    said = words.freshness_sentences(PERIOD, 478, date(2026, 11, 21))
    assert said == [
        "The data ends on Oct 31, 2026, 21 days ago.",
        "The last 28 days, since Oct 4, 2026, are incomplete: 478 incidents so far.",
    ]
