"""Fit and evaluate forecasters by name, for the command line and for training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.errors import InputError
from analytics.forecasting.champion_rule import (
    CAPTURE_SHARES,
    AgainstBaseline,
    compare,
    hardest_baseline,
    promoted,
)
from analytics.forecasting.counts import Counts
from analytics.forecasting.districts import groups_of
from analytics.forecasting.ensemble import EnsembleFitted
from analytics.forecasting.evaluation import (
    Advance,
    Judging,
    add_bands,
    fold_metrics,
    score_folds,
    split_newest,
    summarize,
)
from analytics.forecasting.features import FeatureMaker
from analytics.forecasting.folds import Fold, rolling_folds, training_folds
from analytics.forecasting.forecaster import CellForecasts, FittedForecaster, Forecaster
from analytics.forecasting.history import History, Target, read_history
from analytics.forecasting.hour_bands import BandKind, Bands, bands_of
from analytics.forecasting.kde import Kde, TunedDecayedKde, TunedKde
from analytics.forecasting.learned import Learned
from analytics.forecasting.near_repeat import Mixture, NearRepeatRisk
from analytics.forecasting.streets import Streets
from analytics.forecasting.units import UnitKind
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
    unit : cells, or blocks of street
    by : split of the day, to forecast and flag in each of its parts; None for one for all day
    by_street : flag shares of the street length, also of cells
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
    unit: UnitKind = UnitKind.CELL
    by: BandKind | None = None
    family: int = 1
    resamples: int = Judging.resamples
    seed: int = Judging.seed
    by_street: bool = False

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

    def bands(self, reader: SnapshotReader) -> Bands | None:
        """Bands of the day by the snapshot's clock."""
        return bands_of(self.by, DayClock.of(reader.snapshot.manifest)) if self.by else None


@dataclass(frozen=True, eq=False)
class Judged:
    """The performance of forecasters of one target.

    Attributes
    ----------
    rows : a row per forecaster and share of the area, see docs/forecasts.md
    folds : pl.DataFrame
        What each caught in each fold, with hit_rate, pai, pei and rri of the fold.
    best_baseline : name of the baseline with the highest mean capture
    nominee : candidate chosen before the first fold, None without candidates
    comparison : of the nominee with the best baseline
    promoted : whether the nominee becomes champion
    """

    rows: list[dict[str, Any]] = field(repr=False)
    folds: pl.DataFrame = field(repr=False)
    best_baseline: str
    nominee: str | None
    comparison: AgainstBaseline | None
    promoted: bool

    @property
    def champion(self) -> str:
        """Name of the forecaster to use."""
        return self.nominee if self.nominee and self.promoted else self.best_baseline

    def decided(self, *, promoted: bool) -> Judged:
        """The same figures after another decision on the nominee."""
        rows = _with_roles(self.rows, self.nominee if promoted else None, self.best_baseline)
        return Judged(rows, self.folds, self.best_baseline, self.nominee, self.comparison, promoted)


@dataclass(frozen=True, eq=False)
class Evaluation(Judged):
    """The performance of forecasters as they were fitted before the first fold."""

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
    streets: Streets | None = None,
    advance: Advance | None = None,
) -> Evaluation:
    """Fit every forecaster before the first fold, forecast each fold, and compare.

    One candidate is nominated before any fold of the plan is seen: the ensemble, unless another
    caught clearly more (interval of the paired gain above zero) in the newest 40% of the tuning
    folds, fitted on the earlier ones. Without the ensemble it is the one that caught most there.
    `champion_rule.promoted` decides whether the nominee is champion; else the best baseline is.

    Parameters
    ----------
    streets : Streets, optional
        Blocks of the city, which a plan by block needs; with cells, to report PAI per street.

    Raises
    ------
    InputError
        The history is too short, nothing is selected, or the plan is not valid.
    """
    candidates, bands = plan.candidates, plan.bands(reader)
    history = _history(reader, selection, plan, bands=bands, scope=scope, streets=streets)
    last = min(plan.last, history.end - (history.end - history.first) / history.days)
    folds = rolling_folds(plan.first, last, plan.horizon_days, plan.folds)
    judging = _judging(reader, history, plan, streets)
    tuning = training_folds(history.first, plan.first, plan.horizon_days)
    past, features = history.until(plan.first), FeatureMaker()
    simple = list(baselines(plan.horizon_days))
    first_share = judging.area_shares[0]
    nominee = _nominate(candidates, past, tuning, judging, features)
    fitted = fit_all((*simple, *candidates), past, tuning, first_share, features=features)
    scored = score_folds(fitted, history, folds, _with_curve(judging), advance)
    best = hardest_baseline(scored, simple)
    compared = {
        name: compare(scored, name, best, first_share, judging) for name in (*simple, *candidates)
    }
    rows = [
        {**row, **_capture_fields(compared[row["forecaster"]])}
        for row in summarize(scored, simple, judging)[0]
    ]
    if bands:
        rows = add_bands(rows, scored, bands.names, judging)
    comparison = compared[nominee] if nominee else None
    won = promoted({"": comparison}, plan.family)[""]
    return Evaluation(
        _with_roles(rows, nominee if won else None, best),
        fold_metrics(scored.filter(pl.col("area_share").is_in(judging.area_shares))),
        best,
        nominee,
        comparison,
        won,
        fitted,
        history,
    )


def evaluate_targets(
    reader: SnapshotReader,
    targets: Mapping[str, Target],
    plan: EvaluationPlan,
    *,
    streets: Streets | None = None,
    advance: Advance | None = None,
) -> dict[str, Judged]:
    """Evaluate several targets, which are tested together: Holm's procedure decides over all."""
    family = max(plan.family, len(targets))
    found: dict[str, Judged] = {}
    for number, (name, target) in enumerate(targets.items()):

        def step(message: str, share: float, before: int = number) -> None:
            if advance is not None:
                advance(message, (before + share) / len(targets))

        one = replace(plan, family=family)
        judged = evaluate(reader, target, one, streets=streets, advance=step)
        found[name] = judged.decided(promoted=judged.promoted)  # its models can be freed
    won = promoted({name: one.comparison for name, one in found.items()}, family)
    return {name: one.decided(promoted=won[name]) for name, one in found.items()}


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


def _history(
    reader: SnapshotReader,
    selection: Target,
    plan: EvaluationPlan,
    *,
    bands: Bands | None,
    scope: Scope,
    streets: Streets | None,
) -> History:
    _check_blocks(plan, streets)
    return read_history(
        reader,
        selection,
        plan.cell_m,
        scope=scope,
        context_before=plan.first if WITH_CONTEXT & set(plan.candidates) else None,
        band_of_hour=bands.of_hour if bands else None,
        streets=streets if plan.unit is UnitKind.BLOCK else None,
    )


def _check_blocks(plan: EvaluationPlan, streets: Streets | None) -> None:
    if plan.unit is not UnitKind.BLOCK:
        return
    if streets is None:
        raise InputError(
            "The texts of blocks do not name hundreds of house numbers, so their street length is "
            "not known; forecast cells instead."
        )
    if plan.area_km2 is not None:
        raise InputError("Blocks are flagged by street length, so they take no --area-km2.")


def _judging(
    reader: SnapshotReader, history: History, plan: EvaluationPlan, streets: Streets | None
) -> Judging:
    grid = history.grid
    street_km = None
    if isinstance(grid, Streets):
        street_km = grid.km
    elif streets is not None:
        street_km = streets.in_cells(grid)
    return Judging(
        plan.area_shares,
        plan.area_km2,
        groups_of(reader, grid, plan.per) if plan.per else None,
        street_km,
        plan.by_street,
        plan.family,
        plan.resamples,
        plan.seed,
    )


def _with_curve(judging: Judging) -> Judging:
    """Also with the shares of the capture curve."""
    return replace(judging, area_shares=tuple(sorted({*judging.area_shares, *CAPTURE_SHARES})))


def _capture_fields(compared: AgainstBaseline) -> dict[str, float]:
    return {
        "capture": compared.capture.value,
        "capture_low": compared.capture.low,
        "capture_high": compared.capture.high,
        "capture_gain": compared.gain.value,
        "capture_gain_low": compared.gain.low,
        "capture_gain_high": compared.gain.high,
        "capture_gain_p": compared.gain.p,
        "first_gain": compared.first.value,
        "first_gain_low": compared.first.low,
        "first_gain_high": compared.first.high,
        "first_loss_p": compared.first.p,
    }


def _with_roles(
    rows: Sequence[Mapping[str, Any]], nominee: str | None, best: str
) -> list[dict[str, Any]]:
    """Rows with the role of their forecaster; `nominee` is None unless it is champion."""

    def role(name: str) -> str:
        if name == (nominee or best):
            return "champion"
        return "candidate" if name in CANDIDATES else "baseline"

    return [
        {"forecaster": row["forecaster"], "role": role(row["forecaster"])}
        | {name: value for name, value in row.items() if name != "role"}
        for row in rows
    ]


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
    scored = score_folds(fitted, past, newest, _with_curve(judging))
    if "ensemble" not in candidates:
        return hardest_baseline(scored, candidates)
    alone = replace(judging, family=1)
    compared = [compare(scored, name, "ensemble", share, alone) for name in candidates]
    better = [one for one in compared if one.gain.low > 0]
    found = max(better, key=lambda one: one.capture.value, default=None)
    return found.forecaster if found else "ensemble"
