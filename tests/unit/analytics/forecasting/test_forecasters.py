"""Forecasters on made-up histories, against sums by hand and other optimisers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pytest
import scipy.optimize
import skops.io
from sklearn.linear_model import PoissonRegressor

from analytics.errors import InputError
from analytics.forecasting.api import CANDIDATES, baselines, fit, fit_all
from analytics.forecasting.counts import Counts
from analytics.forecasting.evaluation import Judging, score_folds, summarize
from analytics.forecasting.features import FeatureMaker, make_features
from analytics.forecasting.folds import horizon_days, rolling_folds, training_folds
from analytics.forecasting.forecaster import FittedForecaster
from analytics.forecasting.history import ALL, TARGET, CellSeries, History
from analytics.forecasting.kde import DecayedKde, Kde
from analytics.forecasting.learned import BoostedPoissonRegressor
from analytics.forecasting.near_repeat import poisson_weights
from analytics.hotspots.fishnet import Fishnet

FIRST = date(2015, 1, 1)
DAYS = 500
CUTOFF = FIRST + timedelta(days=420)
SIDE = 12
EVERY = (*baselines(7), *CANDIDATES)


def grid() -> Fishnet:
    columns, rows = (axis.ravel() for axis in np.meshgrid(range(SIDE), range(SIDE), indexing="ij"))
    return Fishnet(250, columns.astype(np.int64), rows.astype(np.int64), "EPSG:32616")


def series(dice: np.random.Generator, rates: np.ndarray) -> CellSeries:
    counts = dice.poisson(rates, size=(DAYS, len(rates)))
    days, cells = np.nonzero(counts)
    return CellSeries(days, cells, counts[days, cells].astype(float))


@pytest.fixture(scope="module")
def history() -> History:
    dice = np.random.default_rng(11)
    rates = dice.gamma(0.4, 0.1, SIDE * SIDE)
    end = FIRST + timedelta(days=DAYS)
    kinds = {TARGET: series(dice, rates), ALL: series(dice, rates * 5 + 0.02)}
    return History(grid(), FIRST, end, kinds | {"type THEFT": series(dice, rates + 0.01)})


def with_another_future(history: History) -> History:
    dice = np.random.default_rng(99)
    day = (CUTOFF - history.first).days
    changed = {}
    for name, one in history.series.items():
        cells = one.cells.copy()
        future = one.days >= day
        cells[future] = dice.integers(0, SIDE * SIDE, future.sum())
        changed[name] = CellSeries(one.days, cells, np.where(future, one.counts * 7, one.counts))
    return replace(history, series=changed)


@pytest.mark.parametrize("name", EVERY)
def test_another_future_changes_no_forecast_and_no_fit(history: History, name: str) -> None:
    forecasts = []
    for known in (history, with_another_future(history)):
        past = known.until(CUTOFF)
        folds = training_folds(FIRST, CUTOFF, 7)
        fitted = fit_all((name,), past, folds, 0.05, features=FeatureMaker())[name]
        forecasts.append(fitted.expected(known.until(CUTOFF), 7))
    assert np.array_equal(*forecasts)
    assert forecasts[0].shape == (SIDE * SIDE,)
    assert (forecasts[0] >= 0).all()


def test_the_past_changes_forecasts(history: History) -> None:
    earlier = Counts(60).expected(history.until(CUTOFF), 7)
    later = Counts(60).expected(history.until(CUTOFF + timedelta(days=1)), 7)
    assert not np.array_equal(earlier, later)


def test_until_leaves_out_the_day_itself(history: History) -> None:
    known = history.until(CUTOFF)
    assert known.end == CUTOFF
    assert (known.series[TARGET].days < (CUTOFF - FIRST).days).all()
    assert known.counts(CUTOFF, CUTOFF + timedelta(days=30)).sum() == 0


def test_counts_are_daily_rates_of_the_window(history: History) -> None:
    own = history.series[TARGET]
    expected = np.zeros(SIDE * SIDE)
    for day, cell, count in zip(own.days, own.cells, own.counts, strict=True):
        if 420 - 28 <= day < 420:
            expected[cell] += count
    assert Counts(28).expected(history.until(CUTOFF), 7) == pytest.approx(expected / 4)


def test_kde_equals_the_sum_over_single_incidents(history: History) -> None:
    known = history.until(CUTOFF)
    own = known.series[TARGET]
    expected = np.zeros(SIDE * SIDE)
    lately = own.days >= 420 - 60
    for cell, count in zip(own.cells[lately], own.counts[lately], strict=True):
        x, y = divmod(cell, SIDE)
        columns, rows = np.divmod(np.arange(SIDE * SIDE), SIDE)
        squared = ((columns - x) ** 2 + (rows - y) ** 2) * 250.0**2 / 600**2
        kernel = np.where(squared < 1, 3 / (np.pi * 600**2) * (1 - squared) ** 2, 0)
        expected += count * kernel * 250**2
    assert Kde(600, 60).expected(known, 7) == pytest.approx(expected * 7 / 60)


def test_an_incident_one_half_life_older_weighs_half() -> None:
    own = CellSeries(np.array([0, 40]), np.array([0, SIDE * SIDE - 1]), np.ones(2))
    history = History(grid(), FIRST, FIRST + timedelta(days=41), {TARGET: own})
    expected = DecayedKde(300, 40).expected(history, 7)
    assert expected[-1] == pytest.approx(2 * expected[0])


def test_weights_are_the_maximum_of_the_poisson_likelihood() -> None:
    dice = np.random.default_rng(4)
    surfaces = dice.gamma(1, 1, (400, 3))
    counts = dice.poisson(surfaces @ [0.7, 0.0, 0.2]).astype(float)

    def loss(weights: np.ndarray) -> float:
        rate = surfaces @ weights + 1e-12
        return float((rate - counts * np.log(rate)).sum())

    best = scipy.optimize.minimize(loss, np.full(3, 0.3), bounds=[(0, None)] * 3)
    found = poisson_weights([surfaces[:150], surfaces[150:]], [counts[:150], counts[150:]])
    assert loss(found) <= best.fun + 0.05
    assert (surfaces @ found).sum() == pytest.approx(counts.sum(), rel=1e-6)


def test_the_learned_estimator_learns_more_than_its_regression() -> None:
    dice = np.random.default_rng(6)
    rates = dice.gamma(1, 5, (20_000, 3))
    mean = 0.1 * rates[:, 0] ** 0.8 * np.where(rates[:, 1] > 5, 3.0, 1.0)
    counts = dice.poisson(mean)
    found = BoostedPoissonRegressor().fit(rates[:15_000], counts[:15_000])
    logs = np.log(rates + 0.05)
    plain = PoissonRegressor(alpha=1e-4, max_iter=300).fit(logs[:15_000], counts[:15_000])

    def error(predicted: np.ndarray) -> float:
        return float(np.mean((predicted - mean[15_000:]) ** 2))

    assert error(found.predict(rates[15_000:])) < 0.7 * error(plain.predict(logs[15_000:]))


def test_the_learned_estimator_is_stored_without_pickles(history: History) -> None:
    fitted = fit("learned", history.until(CUTOFF))
    text = skops.io.dumps(fitted.estimator)
    unknown = skops.io.get_untrusted_types(data=text)
    assert not [name for name in unknown if not name.startswith(("analytics.", "sklearn."))]
    restored = skops.io.loads(text, trusted=unknown)
    rates = make_features(history.until(CUTOFF)).values
    assert np.array_equal(restored.predict(rates), fitted.estimator.predict(rates))


def test_a_forecast_names_its_cells(history: History) -> None:
    frame = fit("kde_500m_60d", history).forecast(CUTOFF)
    assert frame.columns == ["cell", "col", "row", "expected"]
    assert frame["cell"][SIDE + 2] == "250:1_2"
    same = Kde(500, 60).expected(history.until(CUTOFF), 7)
    assert np.array_equal(frame["expected"].to_numpy(), same)


def test_an_unknown_forecaster_is_named(history: History) -> None:
    with pytest.raises(InputError, match="crystal_ball"):
        fit("crystal_ball", history)


def test_pooled_figures_and_gains_equal_sums_by_hand(history: History) -> None:
    folds = rolling_folds(CUTOFF, CUTOFF + timedelta(days=69), 7)
    judging = Judging((0.1,), resamples=999)
    fitted = {"simple": Counts(28), "better": Counts(None)}
    scored = score_folds(fitted, history, folds, judging)
    rows, hardest = summarize(scored, ["simple"], judging)
    caught = dict.fromkeys(fitted, 0.0)
    total = 0.0
    for fold in folds:
        happened = history.counts(fold.cutoff, fold.end)
        total += happened.sum()
        for name, one in fitted.items():
            expected = one.expected(history.until(fold.cutoff), 7)
            ranked = np.sort(expected)[::-1]
            limit, whole = ranked[14], 0.1 * SIDE * SIDE
            tied = expected == limit
            caught[name] += happened[expected > limit].sum()
            caught[name] += happened[tied].mean() * (whole - (expected > limit).sum())
    assert hardest == {0.1: "simple"}
    found = {row["forecaster"]: row for row in rows}
    for name in fitted:
        assert found[name]["pai"] == pytest.approx(caught[name] / total / 0.1)
        assert found[name]["pai_low"] <= found[name]["pai"] <= found[name]["pai_high"]
    gain = (caught["better"] - caught["simple"]) / total / 0.1
    assert found["better"]["gain"] == pytest.approx(gain)
    assert found["better"]["gain_low"] <= gain <= found["better"]["gain_high"]
    assert (found["simple"]["gain_low"], found["simple"]["gain_high"]) == (0, 0)
    assert found["better"]["folds"] == 10


class Untied(FittedForecaster):
    """A smooth forecast without ties."""

    name, params = "kde", MappingProxyType({})

    def expected(self, past: History, days: int) -> np.ndarray:
        smooth = Kde(500, None).expected(past, days)
        return smooth + 1e-9 * np.arange(len(smooth))


def test_top_cells_per_district_equal_a_search_of_each_district(history: History) -> None:
    folds = rolling_folds(CUTOFF, CUTOFF + timedelta(days=34), 7)
    # Districts of 10, 60 and 74 cells; 24 flagged cells in each are more than the first has.
    groups = np.digitize(np.arange(SIDE * SIDE), [10, 70]).astype(np.int64)
    share = 72 / SIDE**2
    simple = Untied()
    judging = Judging((share,), groups=groups)
    rows, _ = summarize(score_folds({"kde": simple}, history, folds, judging), ["kde"], judging)
    caught = best = total = 0.0
    for fold in folds:
        happened = history.counts(fold.cutoff, fold.end)
        expected = simple.expected(history.until(fold.cutoff), 7)
        assert len(np.unique(expected)) == len(expected)
        total += happened.sum()
        for district in range(3):
            cells = np.flatnonzero(groups == district)
            caught += sum(happened[cell] for cell in sorted(cells, key=lambda c: -expected[c])[:24])
            best += sum(sorted(happened[cells], reverse=True)[:24])
    area = (10 + 24 + 24) / SIDE**2  # all districts together, as flagged
    assert rows[0]["hit_rate"] == pytest.approx(caught / total)
    assert rows[0]["pai"] == pytest.approx(caught / total / area)
    assert rows[0]["pei"] == pytest.approx(caught / best)


def test_a_wider_family_widens_the_intervals_of_gains_alone(history: History) -> None:
    folds = rolling_folds(CUTOFF, CUTOFF + timedelta(days=69), 7)
    fitted = {"simple": Counts(28), "better": Counts(None)}
    scored = score_folds(fitted, history, folds, Judging((0.1,)))
    one, four = (summarize(scored, ["simple"], Judging((0.1,), family=n))[0][1] for n in (1, 4))
    assert four["gain_low"] < one["gain_low"] < one["gain_high"] < four["gain_high"]
    assert four["pai_low"] == one["pai_low"]


def test_folds_follow_each_other_and_stay_within_the_period() -> None:
    folds = rolling_folds(date(2017, 1, 1), date(2017, 12, 31), 7)
    assert len(folds) == 52
    assert all(one.end == two.cutoff for one, two in pairwise(folds))
    assert folds[-1].end <= date(2018, 1, 1)
    assert rolling_folds(date(2017, 1, 1), date(2017, 12, 31), 28, 5) == [
        replace(fold, end=fold.cutoff + timedelta(days=28)) for fold in folds[:20:4]
    ]
    with pytest.raises(InputError, match="room for 52"):
        rolling_folds(date(2017, 1, 1), date(2017, 12, 31), 7, 53)


def test_training_folds_end_where_the_test_begins() -> None:
    folds = training_folds(date(2014, 1, 1), date(2017, 1, 1), 7)
    assert folds[-1].end == date(2017, 1, 1)
    assert folds[0].cutoff >= date(2015, 1, 1)
    assert {fold.days for fold in folds} == {28}
    with pytest.raises(InputError, match="too few"):
        training_folds(date(2014, 1, 1), date(2014, 3, 1), 7)


def test_a_horizon_is_days_or_weeks() -> None:
    assert (horizon_days("7d"), horizon_days("4w")) == (7, 28)
    for text in ("", "7", "0d", "1y", "99w"):
        with pytest.raises(InputError, match="horizon"):
            horizon_days(text)
