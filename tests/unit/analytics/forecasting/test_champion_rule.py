"""The champion rule: arithmetic by hand, and its errors and power by simulation."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from analytics.artifacts.baseline import FEWEST_FOLDS, MARGIN
from analytics.forecasting.champion_rule import (
    CAPTURE_SHARES,
    ONE_SIDED,
    AgainstBaseline,
    compare,
    hardest_baseline,
    promoted,
)
from analytics.forecasting.evaluation import Judging
from analytics.statistics.bootstrap import RatioEstimate

JUDGING = Judging((0.01,), resamples=999)
CURVE = np.array([0.10, 0.17, 0.22, 0.27, 0.31, 0.34, 0.37, 0.40, 0.43, 0.45])
"""Hit rates of a baseline at 1 to 10% of the area, such as those of robbery in Chicago."""


def scored(
    dice: np.random.Generator, weeks: int, incidents: int, **lift: np.ndarray
) -> pl.DataFrame:
    """Folds of forecasters that catch the baseline's hit rates times their lift.

    Incidents are ranked by the baseline at random; another forecaster moves every one up or down
    the curve by chance, so that catches are paired, as those of real forecasters are.
    """
    days = [date(2017, 1, 1) + timedelta(days=7 * week) for week in range(weeks)]
    totals = dice.poisson(incidents, weeks)
    shared = [dice.uniform(size=total) for total in totals]
    caught = []
    for factor in lift.values():
        own = [np.where(dice.uniform(size=len(u)) < 0.7, u, dice.uniform(size=len(u)))
               for u in shared]  # fmt: skip
        caught += [float((u < rate).sum()) for rate in CURVE * factor for u in own]
    shares = len(CAPTURE_SHARES)
    return pl.DataFrame(
        {
            "cutoff": days * shares * len(lift),
            "caught": caught,
            "incidents": np.tile(totals.astype(float), shares * len(lift)),
            "forecaster": np.repeat(list(lift), shares * weeks),
            "area_share": np.tile(np.repeat(CAPTURE_SHARES, weeks), len(lift)),
        }
    )


def rate(weeks: int, incidents: int, lift: np.ndarray, runs: int) -> float:
    """Share of runs in which one nominee is promoted.

    Its p-value decides, as `promoted` does for one target, but without statsmodels' Holm, which
    collects garbage each time: 0.7 s late in a run of all tests.
    """
    dice = np.random.default_rng(7)
    won = 0
    for _ in range(runs):
        folds = scored(dice, weeks, incidents, base=np.ones(10), own=lift)
        won += compare(folds, "own", "base", 0.01, JUDGING).p <= ONE_SIDED
    return won / runs


def test_mean_capture_and_gains_equal_sums_by_hand() -> None:
    folds = scored(np.random.default_rng(1), 20, 50, base=np.ones(10), own=np.full(10, 1.3))
    found = compare(folds, "own", "base", 0.01, JUDGING)

    def pooled(name: str, share: float) -> float:
        own = folds.filter(forecaster=name, area_share=share)
        return float(own["caught"].sum() / own["incidents"].sum())

    own, base = (np.array([pooled(name, share) for share in CAPTURE_SHARES])
                 for name in ("own", "base"))  # fmt: skip
    assert found.capture.value == pytest.approx(own.mean())
    assert found.gain.value == pytest.approx(own.mean() - base.mean())
    assert found.first.value == pytest.approx(own[0] / base[0] - 1)
    assert found.gain.low < found.gain.value < found.gain.high
    assert hardest_baseline(folds, ["base", "own"]) == "own"


def test_an_equal_forecast_is_promoted_as_rarely_as_stated() -> None:
    assert rate(52, 200, np.ones(10), runs=300) <= 0.025 + 2 * (0.025 * 0.975 / 300) ** 0.5


def test_a_forecast_that_is_worse_where_patrols_go_first_is_not_promoted() -> None:
    lift = np.full(10, 1.1)
    lift[0] = 1 - 3 * MARGIN
    assert rate(52, 200, lift, runs=60) <= 0.05


def test_six_percent_more_of_each_are_found_in_a_year_of_weeks() -> None:
    # By the catch at 1% alone, such a forecast is found in about half of these runs.
    assert rate(52, 200, np.full(10, 1.06), runs=60) >= 0.9


def folds_of(first: dict[str, list[float]]) -> pl.DataFrame:
    """Ten incidents a week: at 1% as given, and one more at each further share."""
    return pl.DataFrame(
        [
            {"cutoff": date(2017, 1, 1) + timedelta(days=7 * week), "forecaster": name,
             "area_share": share, "caught": caught + number, "incidents": 10.0}
            for name, weeks in first.items()
            for week, caught in enumerate(weeks)
            for number, share in enumerate(CAPTURE_SHARES)
        ]
    )  # fmt: skip


def test_where_the_baseline_catches_nothing_nothing_can_be_lost() -> None:
    folds = folds_of({"base": [0.0] * 6, "own": [1.0] * 6})
    for name in ("own", "base"):
        first = compare(folds, name, "base", 0.01, JUDGING).first
        assert (first.value, first.low, first.high) == (0, 0, 0)
        assert first.p == 1 / (JUDGING.resamples + 1)


def test_weeks_drawn_without_a_catch_of_the_baseline_are_no_loss() -> None:
    # Without the one week in two, (1/2)² of all draws; they counted as losses.
    folds = folds_of({"base": [0.0, 1.0], "own": [1.0, 1.0]})
    assert compare(folds, "own", "base", 0.01, JUDGING).first.p == 1 / (JUDGING.resamples + 1)


def target(p: float, folds: int = 26) -> AgainstBaseline:
    nothing = RatioEstimate(0.0, 0.0, 0.0, 0.0001)
    return AgainstBaseline("ensemble", folds, nothing, RatioEstimate(0.01, 0.0, 0.02, p), nothing)


def test_a_few_forecasts_make_no_champion() -> None:
    few = {"": target(0.001, FEWEST_FOLDS - 1)}
    assert promoted(few) == {"": False}
    assert promoted({"": target(0.001, FEWEST_FOLDS)}) == {"": True}
    # Few are those by which an equal forecast would win more than 3.6% of the time, not 2.5%: the
    # percentile bootstrap of n weeks is a z-test whose standard deviation divides by n.
    by_n = [t.sf(1.96 * np.sqrt((n - 1) / n), n - 1) for n in (FEWEST_FOLDS, FEWEST_FOLDS - 1)]
    assert by_n[0] < 0.036 < by_n[1]


def test_several_targets_are_decided_by_holms_procedure() -> None:
    found = {"a": target(0.006), "b": target(0.008), "c": target(0.02), "d": None}
    assert promoted(found) == {"a": True, "b": True, "c": True, "d": False}
    assert promoted(found, 4) == {"a": True, "b": True, "c": False, "d": False}
    found |= {"b": target(0.013), "c": target(0.02)}
    assert promoted(found) == {"a": True, "b": False, "c": False, "d": False}


@pytest.mark.parametrize("p", [0.0249, ONE_SIDED, 0.0251])
def test_one_target_is_decided_by_its_own_p(p: float) -> None:
    assert promoted({"": target(p)}) == {"": p <= ONE_SIDED}


def test_both_tests_of_a_target_must_pass() -> None:
    nothing = RatioEstimate(0.0, 0.0, 0.0, 0.0001)
    worse = AgainstBaseline("ensemble", 26, nothing, nothing, RatioEstimate(-0.06, -0.2, 0.1, 0.3))
    assert promoted({"": worse}) == {"": False}
