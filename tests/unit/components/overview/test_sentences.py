"""Sentences of the Overview: every claim with its interval or test, no bare percentage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.overview.anomalies import Anomalies, Anomaly
from analytics.overview.expectations import (
    CountEstimate,
    Expectations,
    RowExpectation,
    TableExpectation,
)
from analytics.overview.harm import Harm
from analytics.overview.near_repeats import NearRepeats, PairsExpected, Street
from analytics.overview.reporting import AnomalyWeek, Reporting
from analytics.statistics.expected_counts import NoExpectation, SeasonBasis
from analytics.statistics.tiers import Tier
from analytics.statistics.two_periods import (
    Incomparable,
    NotComparable,
    Significance,
)
from analytics.temporal.deviation import Homogeneity
from analytics.zones.outlook import ZoneForecast
from components.overview import sentences as words
from components.overview.cards import direction, track_position
from components.overview.headline import headline

RISE = CountEstimate(130, 100.2, 82, 120, 1.2, 0.001, 0.01, Tier.CLEAR, 42)
FALL = CountEstimate(70, 100.0, 75, 127, 1.0, 0.008, 0.2, Tier.WATCH, 42)
CALM = CountEstimate(91, 98.4, 78, 120, 1.0, 0.5, 0.6, Tier.AS_EXPECTED, 42)
ROSE = RowExpectation(130, 100, 125, RISE)
FELL = RowExpectation(70, 9, None, FALL)
STEADY = RowExpectation(91, 100, 90, CALM)
NEW = RowExpectation(4, 0, 0, NoExpectation.TOO_FEW)
SHORT = RowExpectation(40, 20, None, NoExpectation.TOO_SHORT)
BEFORE = "in the 28 days before"
PERIOD = Reporting(
    (date(2026, 9, 6), date(2026, 10, 3)), False, (date(2024, 1, 1), date(2026, 10, 31)), False,
    date(2026, 10, 4),
)  # fmt: skip
WEEK = date(2026, 10, 3)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            ROSE,
            "30% more than expected, significant: 100 expected (82 to 120).",
        ),
        (STEADY, "As expected: 98.4 expected (78 to 120)."),
        (SHORT, "There is no expected count: too little history."),
        (NEW, "There is no expected count: too few before."),
        (
            NotComparable(Incomparable.MONTHS_ONLY),
            "There is no expected count: this source gives the month only, not the day. Periods of "
            "days are not compared.",
        ),
    ],
)
def test_the_total_is_said_with_its_expectation_and_verdict(
    found: RowExpectation | NotComparable, said: str
) -> None:
    assert words.expected_sentence(found, PERIOD) == said


def test_incomplete_days_are_left_out_of_the_test_and_named() -> None:
    period = (date(2026, 9, 20), date(2026, 10, 10))
    some = Reporting(period, True, PERIOD.covered, True, PERIOD.provisional_from)
    assert words.expected_sentence(STEADY, some) == (
        "As expected: 98.4 expected (78 to 120), 91 counted in the complete days "
        "(Sep 20 to Oct 3, 2026)."
    )


def test_changes_in_percent_have_no_verdict() -> None:
    assert words.described_sentence(ROSE, PERIOD) == (
        "30% more than in the 28 days before and 4% more than in the same days a year earlier."
    )
    assert words.described_sentence(FELL, PERIOD) == "9 in the 28 days before."
    assert words.described_sentence(NotComparable(Incomparable.NO_DAYS), PERIOD) == ""
    assert words.relative_short(130, 100) == "+30%"
    assert words.relative_short(70, 9) == "9 then"
    assert words.relative_short(70, None) == "no data"


def test_the_headline_has_the_expected_count_its_interval_and_verdict() -> None:
    shown = str(headline(130, PERIOD, ROSE, None))
    assert "82 to 120, more, significant" in shown
    assert "+4% vs. a year earlier" in shown
    assert "75 to 127, fewer, watch" in str(headline(70, PERIOD, FELL, None))
    assert "78 to 120, as expected" in str(headline(91, PERIOD, STEADY, None))


def test_in_a_table_rows_that_stand_out_have_a_word() -> None:
    assert words.estimate_short(RISE, RISE.counted) == "100 (82 to 120), significant"
    assert words.estimate_short(FALL, FALL.counted) == "100 (75 to 127), watch"
    assert words.estimate_short(CALM, CALM.counted) == "98.4 (78 to 120)"


def test_the_hover_has_the_excess_and_the_test() -> None:
    assert words.estimate_detail(RISE) == (
        "130 counted, 100 expected (82 to 120), +29.8 beyond: more, significant; p = 0.001, "
        "q = 0.01 over the 42 rows tested together, dispersion 1.2."
    )


def test_color_and_arrow_mark_only_what_stands_out() -> None:
    assert [direction(one) for one in (RISE, FALL, CALM)] == ["more", "less", ""]
    assert [track_position(ratio) for ratio in (0, 0.25, 0.5, 1, 2, 9)] == [0, 0, 0, 50, 100, 100]


def test_totals_name_their_days() -> None:
    assert words.total_sentence(560, PERIOD) == (
        "560 incidents from Sep 6 to Oct 3, 2026, the last 28 complete days: 20.0 a day."
    )
    chosen = Reporting((WEEK, WEEK), True, PERIOD.covered, True, PERIOD.provisional_from)
    assert words.total_sentence(1, chosen) == (
        "1 incident on Oct 3, 2026. Recent days are incomplete, so expect decreases."
    )
    assert words.expected_sentence(
        NotComparable(Incomparable.PERIOD_NOT_COVERED, (date(2026, 1, 1), WEEK)), PERIOD
    ) == (
        "There is no expected count: the data covers Jan 1, 2026 to Oct 3, 2026, not the whole "
        "period."
    )
    assert words.then_words(chosen) == "on the day before"
    later = (date(2030, 1, 1), date(2030, 1, 31))
    after = Reporting(later, True, PERIOD.covered, False, PERIOD.provisional_from)
    assert words.total_sentence(0, after) == (
        "There is no data from Jan 1 to 31, 2030: it runs from Jan 1, 2024 to Oct 31, 2026."
    )


def table(rows: dict[str, RowExpectation]) -> TableExpectation:
    return TableExpectation(rows, 42)


def test_rows_that_stand_out_are_named_in_the_order_of_their_evidence() -> None:
    weaker = replace(RISE, counted=60, expected=40.0, low=30, high=52, p=0.0015)
    rows = {"a": RowExpectation(60, 40, None, weaker), "b": ROSE, "c": FELL, "d": STEADY, "e": NEW}
    said = words.outstanding_sentence(
        table(rows), {"a": "Assault", "b": "Burglary", "c": "Arson"}, "type", "types"
    )
    assert said == (
        "Significantly different from what was expected: Burglary 130, 100 expected (82 to 120); "
        "Assault 60, 40.0 expected (30 to 52). To watch: Arson 70, 100 expected (75 to 127)."
    )


def test_how_many_rows_chance_brings_is_printed() -> None:
    found = Expectations({"types": table({"a": ROSE})}, PERIOD.period, SeasonBasis.FITTED)
    assert words.chance_note(found, "types", PERIOD.period) == (
        "Chance alone brings about 0.4 of 42 tested to p ≤ 0.01."
    )
    assert words.chance_words(424) == "Chance alone brings about 4 of 424 tested to p ≤ 0.01"
    young = replace(found, season=SeasonBasis.UNDER_TWO_YEARS)
    assert words.chance_note(young, "types", PERIOD.period).endswith("the season is not known.")
    none = NotComparable(Incomparable.MONTHS_ONLY)
    assert "month only" in words.chance_note(none, "types", PERIOD.period)


def test_a_period_with_incomplete_days_says_which_days_and_how_many_were_compared() -> None:
    complete = (date(2026, 9, 20), date(2026, 9, 28))
    found = Expectations({"types": table({"a": ROSE})}, complete, SeasonBasis.FITTED)
    assert "Sep 20 to 28, 2026" in words.chance_note(found, "types", PERIOD.period)
    assert words.estimate_short(CALM, 120) == "91 vs. 98.4 (78 to 120)"
    assert "91 counted in complete days" in str(
        headline(120, PERIOD, RowExpectation(120, 100, 95, CALM), None)
    )


def test_that_nothing_stands_out_or_could_be_tested_is_said() -> None:
    assert words.outstanding_sentence(table({"a": STEADY}), {}, "district", "districts") == (
        "No district stands out from what was expected (1 tested)."
    )
    untested = words.outstanding_sentence(table({"a": SHORT}), {}, "district", "districts")
    assert untested.startswith("Too little history")
    none = NotComparable(Incomparable.MONTHS_ONLY)
    assert words.outstanding_sentence(none, {}, "district", "districts") == ""


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


def anomaly(kind: str, area: str, folded: tuple[Anomaly, ...] = ()) -> Anomaly:
    return Anomaly(kind, area, 14, 5.21, 1, 11, 0.0001, 0.003, Tier.CLEAR, folded)


def test_an_anomaly_stands_beside_what_was_expected() -> None:
    row = anomaly("ROBBERY", "011")
    assert words.anomaly_sentence(row, "district", {"011": "District 011"}) == (
        "Robbery in district 011: 14 incidents, 5.2 expected (1 to 11)."
    )
    assert words.series_name(anomaly("", "25"), "area", {"25": "Austin"}) == "Austin"
    assert words.series_name(anomaly("ARSON", ""), "area", {}) == "Arson"
    under = tuple(anomaly("ROBBERY", area) for area in ("003", "005", "007", "011"))
    labels = {area: f"District {area}" for area in ("003", "005", "007", "011")}
    assert words.folded_words(anomaly("ROBBERY", "", under), labels) == (
        "Also by itself in District 003, District 005, District 007 and 1 more."
    )
    assert words.folded_words(row, labels) == ""


def test_the_week_says_how_many_were_tested_and_what_chance_brings() -> None:
    watched = replace(anomaly("ARSON", "003"), tier=Tier.WATCH)
    one = Anomalies(WEEK, (anomaly("ROBBERY", "011"), watched), 424, SeasonBasis.FITTED)
    assert words.week_sentence(one, AnomalyWeek.LAST, "district") == (
        "1 of 424 counts by type and district in the last complete week (Sep 27 to Oct 3, 2026) "
        "differs significantly from what was expected; 1 to watch."
    )
    assert words.week_note(one) == "Chance alone brings about 4 of 424 tested to p ≤ 0.01."
    none = Anomalies(WEEK, (), 300, SeasonBasis.UNDER_TWO_YEARS)
    calm = words.week_sentence(none, AnomalyWeek.OF_PERIOD, "district")
    assert calm.startswith("None of 300 counts")
    assert calm.endswith("differ significantly from what was expected; none to watch.")
    assert "the last 7 days of the period (Sep 27 to Oct 3, 2026)" in calm
    assert words.week_note(none).endswith("the season is not known.")
    single = Anomalies(WEEK, (), 1, SeasonBasis.FITTED)
    assert words.week_sentence(single, AnomalyWeek.LAST, "beat").startswith("None of 1 count by")
    untested = Anomalies(WEEK, (), 0, SeasonBasis.UNDER_TWO_YEARS)
    said = words.week_sentence(untested, AnomalyWeek.BEFORE_PERIOD, "ward")
    assert said.startswith("Nothing was tested")
    assert words.week_note(untested) == ""


def test_near_repeats_are_claimed_only_where_the_test_finds_them() -> None:
    usual, local = PairsExpected(767.2, 1.23, 0.005), PairsExpected(836.0, 1.13, 0.03)
    found = NearRepeats("BURGLARY", 945, usual, local, 1.1, 3994, 199, PERIOD.period[0], WEEK)
    assert words.near_repeat_sentence(found) == (
        "Burglary from Sep 6 to Oct 3, 2026 repeats nearby: 945 pairs within 660 ft and 14 days, "
        "1.13 times as many as expected with dates permuted within 4 weeks, significant."
    )
    assert words.near_repeat_rows(found) == [
        ("over the whole period", "767", "1.23", "0.005"),
        ("within 4 weeks", "836", "1.13", "0.03"),
    ]
    assert "at least 1.10" in words.near_repeat_detail(found)
    assert "the block" in words.near_repeat_detail(found)
    assert "the point" in words.near_repeat_detail(replace(found, on_blocks=False))
    small = replace(found, least_ratio=1.2)
    assert (small.is_significant, small.is_listed) == (True, False)
    assert "below 1.20" in words.near_repeat_sentence(small)
    drift = replace(found, local=PairsExpected(940.0, 1.005, 0.4))
    assert "does not repeat nearby significantly" in words.near_repeat_sentence(drift)
    assert "season or changing levels" in words.near_repeat_sentence(drift)
    chance = replace(drift, usual=PairsExpected(930.0, 1.02, 0.4))
    assert "does not repeat nearby significantly" in words.near_repeat_sentence(chance)
    assert "season" not in words.near_repeat_sentence(chance)
    none = NearRepeats("ARSON", 0, None, None, 1.1, 7, 0, WEEK, WEEK)
    assert words.near_repeat_sentence(none) == "Arson: 7 incidents are too few to test."
    assert words.near_repeat_rows(none) == []
    assert words.near_repeat_detail(none) == ""
    street = Street("4700 block of S Hermitage Ave", 41.8, -87.6, 2.3, 3, date(2026, 10, 2))
    assert words.street_sentence(street) == (
        "3 incidents within 660 ft in 14 days, the last on Oct 2, 2026."
    )


def test_hours_zones_and_freshness() -> None:
    assert "significant" in words.hours_sentence(Homogeneity(60, 23, 1.1, 0.001))
    assert "do not differ" in words.hours_sentence(Homogeneity(20, 23, 1.1, 0.6))
    assert "Too few" in words.hours_sentence(None)
    assert words.zones_sentence(12, 30, 120) == "12 zones hold 25% of the incidents."
    forecast = ZoneForecast(14.2, 8, 22, 16.0)
    assert words.zone_forecast_words(forecast, 7) == "14 (8 to 22) expected in 7 days"
    said = words.freshness_sentences(PERIOD, 478, date(2026, 11, 21))
    assert said == [
        "The data ends on Oct 31, 2026, 21 days ago.",
        "The last 28 days, since Oct 4, 2026, are incomplete: 478 incidents so far.",
    ]
