"""Fit and evaluate forecasters by name, for the command line and for training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.errors import InputError
from analytics.forecasting.counts import Counts
from analytics.forecasting.districts import groups_of
from analytics.forecasting.ensemble import EnsembleFitted
from analytics.forecasting.evaluation import (
    Advance,
    Judging,
    fold_metrics,
    pooled_pai,
    score_folds,
    split_newest,
    summarize,
)
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold, rolling_folds, training_folds
from analytics.forecasting.forecaster import CellForecasts, FittedForecaster, Forecaster
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.kde import Kde, TunedDecayedKde, TunedKde
from analytics.forecasting.learned import Learned
from analytics.forecasting.near_repeat import Mixture, NearRepeatRisk
from analytics.incidents.reader import SnapshotReader

CANDIDATES = ("kde_decayed", "near_repeat", "mixture", "learned", "ensemble")
"""Forecasters that must beat the best baseline."""
ENSEMBLE_MEMBERS = ("mixture", "learned")
WITH_CONTEXT = frozenset({"mixture", "learned", "ensemble"})
VALIDATION_SHARE = 0.4


@dataclass(frozen=True)
class EvaluationPlan:
    """Which forecasters to evaluate, and on which forecasts.

    Attributes
    ----------
    first, last : days that are forecast; tuning and training see earlier days only
    folds : number of forecasts, None for all that fit
    horizon_days : days of each forecast
    cell_m : side of a cell, meters
    forecasters : candidates to compare, None for all; baselines are always included
    area_shares, area_km2, family, resamples, seed : see `Judging`
    per : level, such as district, in whose every area the same number of cells is flagged
    """

    first: date
    last: date
    folds: int | None = None
    horizon_days: int = 7
    cell_m: int = 250
    area_shares: tuple[float, ...] = (0.01, 0.05, 0.10)
    area_km2: float | None = None
    forecasters: tuple[str, ...] | None = None
    per: str | None = None
    family: int = 1
    resamples: int = Judging.resamples
    seed: int = Judging.seed

    @property
    def candidates(self) -> tuple[str, ...]:
        """Names of the candidates.

        Raises
        ------
        InputError
            A forecaster does not exist.
        """
        known = (*baselines(self.horizon_days), *CANDIDATES)
        for name in self.forecasters or ():
            if name not in known:
                raise _unknown(name, known)
        return tuple(name for name in CANDIDATES if name in (self.forecasters or CANDIDATES))


@dataclass(frozen=True)
class Gain:
    """Gain in PAI over the best baseline with its interval, at a share of the area."""

    value: float
    low: float
    high: float
    area_share: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The performance of forecasters.

    Attributes
    ----------
    rows : a row per forecaster and share of the area, see docs/forecasts.md
    folds : pl.DataFrame
        What each caught in each fold, with hit_rate, pai, pei and rri of the fold.
    champion : name of the forecaster to use: the nominee if its gain is above zero, else the best
        baseline
    best_baseline : name of the baseline that caught most at the first share of the area
    nominee : candidate chosen before the first fold, None without candidates
    gain : of the nominee at the first share of the area
    fitted : forecasters as they were fitted before the first fold
    """

    rows: list[dict[str, Any]] = field(repr=False)
    folds: pl.DataFrame = field(repr=False)
    champion: str
    best_baseline: str
    nominee: str | None
    gain: Gain | None
    fitted: Mapping[str, FittedForecaster] = field(repr=False)
    history: History = field(repr=False)


def baselines(horizon_days: int) -> dict[str, FittedForecaster | Forecaster]:
    """The forecasters that every candidate must beat: counts over windows, and KDE."""
    windows = sorted({horizon_days, 28, 60, 365})
    simple = [*(Counts(days) for days in windows), Counts(None), Kde(500, 60), Kde(500, None)]
    return {**{one.name: one for one in simple}, "kde_tuned": TunedKde(0.01)}


def evaluate(
    reader: SnapshotReader,
    selection: Target,
    plan: EvaluationPlan,
    *,
    scope: Scope = EVERYTHING,
    advance: Advance | None = None,
) -> Evaluation:
    """Fit every forecaster before the first fold, forecast each fold, and compare.

    One candidate is nominated before any fold of the plan is seen: the ensemble, unless another
    caught clearly more (interval of the paired gain above zero) in the newest 40% of the tuning
    folds, fitted on the earlier ones. Without the ensemble it is the one that caught most there.
    The nominee is champion if the lower bound of its gain over the best baseline is above zero at
    the first share of the area; else the best baseline is.

    Raises
    ------
    InputError
        The history is too short, nothing is selected, or the plan is not valid.
    """
    candidates = plan.candidates
    context = plan.first if WITH_CONTEXT & set(candidates) else None
    history = read_history(reader, selection, plan.cell_m, scope=scope, context_before=context)
    last = min(plan.last, history.end - (history.end - history.first) / history.days)
    folds = rolling_folds(plan.first, last, plan.horizon_days, plan.folds)
    groups = groups_of(reader, history.grid, plan.per) if plan.per else None
    judging = Judging(
        plan.area_shares, plan.area_km2, groups, plan.family, plan.resamples, plan.seed
    )
    tuning = training_folds(history.first, plan.first, plan.horizon_days)
    past = history.until(plan.first)
    features = FeatureMaker()
    simple = list(baselines(plan.horizon_days))
    nominee = _nominate(candidates, past, tuning, judging, features)
    fitted = fit_all(
        (*simple, *candidates), past, tuning, judging.area_shares[0], features=features
    )
    scored = score_folds(fitted, history, folds, judging, advance)
    rows, hardest = summarize(scored, simple, judging)
    share = judging.area_shares[0]
    gain = _gain(rows, nominee, share)
    champion = nominee if nominee and gain and gain.low > 0 else hardest[share]
    for row in rows:
        row["role"] = (
            "champion"
            if row["forecaster"] == champion
            else ("baseline" if row["forecaster"] in simple else "candidate")
        )
    return Evaluation(
        rows, fold_metrics(scored), champion, hardest[share], nominee, gain, fitted, history
    )


def fit(
    name: str,
    history: History,
    params: Mapping[str, Any] | None = None,
    *,
    horizon_days: int = 7,
    area_share: float = 0.01,
) -> CellForecasts:
    """Fit one forecaster on a whole history, tuned and trained on the last two years of it.

    Parameters
    ----------
    params : mapping, optional
        Of `counts` (window_days), `kde` (bandwidth_m, window_days) and `learned` (see
        `BoostedPoissonRegressor`). Names of baselines such as `kde_500m_60d` take none.

    Raises
    ------
    InputError
        The forecaster does not exist, or the history is too short to tune on.
    """
    given = dict(params or {})
    features = FeatureMaker()
    if name == "counts":
        fitted: FittedForecaster = Counts(given.get("window_days"))
    elif name == "kde":
        fitted = Kde(float(given.get("bandwidth_m", 500)), given.get("window_days", 60))
    elif name in baselines(horizon_days) and name != "kde_tuned":
        found = baselines(horizon_days)[name]
        assert isinstance(found, FittedForecaster)  # noqa: S101
        fitted = found
    else:
        folds = training_folds(history.first, history.end, horizon_days)
        fitted = fit_all((name,), history, folds, area_share, features=features, params=given)[name]
    return CellForecasts(fitted, history, horizon_days)


def fit_all(
    names: Sequence[str],
    past: History,
    folds: Sequence[Fold],
    area_share: float,
    *,
    features: FeatureMaker,
    params: Mapping[str, Any] | None = None,
) -> dict[str, FittedForecaster]:
    """Fit forecasters by name; members of the ensemble are fitted once."""
    makers: dict[str, FittedForecaster | Forecaster] = {
        **baselines(folds[0].days),
        **baselines(7),
        **{name: one for name in names if (one := _counts_of(name)) is not None},
        "kde_tuned": TunedKde(area_share),
        "kde_decayed": TunedDecayedKde(area_share),
        "near_repeat": NearRepeatRisk(),
        "mixture": Mixture(features),
        "learned": Learned(features, **(params or {})),
    }
    made: dict[str, FittedForecaster] = {}

    def fitted(name: str) -> FittedForecaster:
        if name not in made:
            if name == "ensemble":
                made[name] = EnsembleFitted([fitted(member) for member in ENSEMBLE_MEMBERS])
                return made[name]
            if name not in makers:
                raise _unknown(name, makers)
            maker = makers[name]
            made[name] = maker.fit(past, folds) if isinstance(maker, Forecaster) else maker
        return made[name]

    return {name: fitted(name) for name in names}


def _unknown(name: str, known: Iterable[str]) -> InputError:
    return InputError(f"There is no forecaster {name[:40]!r}; choose from {', '.join(known)}.")


def _counts_of(name: str) -> FittedForecaster | None:
    parts = name.removeprefix("counts_").removesuffix("d")
    return Counts(int(parts)) if name.startswith("counts_") and parts.isdigit() else None


def _nominate(
    candidates: Sequence[str],
    past: History,
    tuning: Sequence[Fold],
    judging: Judging,
    features: FeatureMaker,
) -> str | None:
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    share = judging.area_shares[0]
    earlier, newest = split_newest(tuning, VALIDATION_SHARE)
    known = past.until(newest[0].cutoff)
    fitted = fit_all(candidates, known, earlier, share, features=features)
    scored = score_folds(fitted, past, newest, judging)
    if "ensemble" not in candidates:
        return max(candidates, key=lambda name: pooled_pai(scored, name, share))
    rows = summarize(scored, ["ensemble"], replace(judging, area_shares=(share,), family=1))[0]
    better = [row for row in rows if row["gain_low"] > 0]
    found = max(better, key=lambda row: float(row["pai"]), default={"forecaster": "ensemble"})
    return str(found["forecaster"])


def _gain(rows: Sequence[Mapping[str, Any]], nominee: str | None, share: float) -> Gain | None:
    for row in rows:
        if (row["forecaster"], row["area_share"]) == (nominee, share):
            return Gain(row["gain"], row["gain_low"], row["gain_high"], share)
    return None
