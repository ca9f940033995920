"""Peaks: the search against brute force, intervals by simulation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from analytics.temporal.peaks import HourWindow, measure, peaks, search, windows
from analytics.temporal.weekly_hours import WeeklyHours

MONDAY = date(2016, 1, 4)


def weekly(counts: np.ndarray) -> WeeklyHours:
    last = date.fromordinal(MONDAY.toordinal() + 7 * len(counts) - 1)
    return WeeklyHours(counts, MONDAY, (MONDAY, last))


def test_a_window_may_pass_midnight_and_the_end_of_the_week() -> None:
    friday = HourWindow((5,), 22, 4)
    assert friday.keys == ["5-22", "5-23", "6-0", "6-1"]
    assert friday.end == 2
    assert HourWindow((7,), 23, 2).keys == ["1-0", "7-23"]


def test_no_window_covers_more_than_a_sixth_of_the_week() -> None:
    assert max(len(window.cells) for window in windows()) == 28
    assert len(set(windows())) == len(windows())


def test_the_search_finds_the_largest_likelihood_ratio() -> None:
    # Brute force, window by window, with scipy's relative entropy.
    hours = np.random.default_rng(1).poisson(20, 168).astype(float)
    hours[HourWindow((5,), 22, 4).cells] += 25

    def score(window: HourWindow) -> float:
        share, size = hours[window.cells].sum() / hours.sum(), len(window.cells) / 168
        if share <= size:
            return -np.inf
        return float(hours.sum() * stats.entropy([share, 1 - share], [size, 1 - size]))

    assert search(hours, 1) == [max(windows(), key=score)]


def test_further_peaks_have_no_hour_of_the_first() -> None:
    hours = np.full(168, 10.0)
    hours[HourWindow((5,), 22, 4).cells] = 60
    hours[HourWindow((2,), 8, 3).cells] = 40
    first, second, *_ = search(hours, 3)
    assert first == HourWindow((5,), 22, 4)
    assert second == HourWindow((2,), 8, 3)
    assert search(np.zeros(168), 3) == []


def test_a_share_and_its_interval_are_those_of_a_ratio_estimate() -> None:
    # Delete-one jackknife over weeks, an independent way to the same variance.
    random = np.random.default_rng(3)
    counts = random.poisson(random.gamma(4, 1, (60, 1)) * np.ones((1, 168)))
    window = HourWindow((5, 6), 20, 6)
    found = measure(counts.astype(float), window, counts.sum(axis=0))
    inside, total = counts[:, window.cells].sum(axis=1), counts.sum(axis=1)
    assert found.share == pytest.approx(inside.sum() / total.sum(), abs=1e-3)
    left_out = (inside.sum() - inside) / (total.sum() - total)
    error = np.sqrt(59 / 60 * ((left_out - left_out.mean()) ** 2).sum())
    width = 2 * stats.t.ppf(0.975, 59) * error
    assert found.high - found.low == pytest.approx(width, rel=0.05)


@pytest.mark.parametrize("planted", [False, True])
def test_intervals_cover_what_the_found_window_really_holds(planted: bool) -> None:
    # The true share of whatever window was found is known here. A naive interval of the same
    # weeks that were searched misses it far more often when there is no peak at all.
    random = np.random.default_rng(21 + planted)
    rates = np.ones(168)
    if planted:
        rates[HourWindow((5,), 22, 4).cells] = 2.5
    rates /= rates.sum()
    covered, naive, tries = 0, 0, 400
    for _ in range(tries):
        size = random.gamma(8, 5, (104, 1))  # busy weeks and quiet ones
        counts = random.poisson(size * rates[None]).astype(float)
        (window,) = search(counts[0::2].sum(axis=0), 1)
        true = rates[window.cells].sum()
        honest = measure(counts[1::2], window, counts.sum(axis=0))
        searched = measure(counts[0::2], window, counts.sum(axis=0))
        covered += honest.low <= true <= honest.high
        naive += searched.low <= true <= searched.high
    assert abs(covered / tries - 0.95) <= 3 * np.sqrt(0.05 * 0.95 / tries) + 0.005
    if not planted:
        assert naive / tries < 0.5


def test_a_week_without_peaks_has_none() -> None:
    random = np.random.default_rng(5)
    spoken = sum(bool(peaks(weekly(random.poisson(0.4, (104, 168))))) for _ in range(200))
    # One-sided 5% over the windows measured, ± 3 standard errors.
    assert spoken / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_a_planted_peak_is_told_with_all_its_incidents() -> None:
    random = np.random.default_rng(6)
    rates = np.full(168, 0.5)
    rates[HourWindow((5,), 22, 4).cells] = 4.0
    counts = random.poisson(rates[None] * np.ones((104, 1)))
    first = peaks(weekly(counts))[0]
    assert first.window == HourWindow((5,), 22, 4)
    assert first.incidents == counts[:, first.window.cells].sum()
    assert first.low < 16 / 98 < first.high
    assert first.week_share == pytest.approx(4 / 168)
    assert first.significant


def test_too_few_weeks_or_incidents_have_no_peaks() -> None:
    assert peaks(weekly(np.full((8, 168), 9))) == []
    assert peaks(weekly(np.eye(30, 168, dtype=int))) == []
