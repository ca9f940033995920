"""Rolling-origin evaluation: every forecaster in every fold, on the history before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from analytics.forecasting import metrics
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster
from analytics.forecasting.history import Floats, History, Ints
from analytics.statistics.bootstrap import (
    RESAMPLES,
    SEED,
    block_length,
    draw,
    interval,
    not_above_zero,
)
from analytics.statistics.level import LEVEL

BEFORE_DAYS = 365
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class Judging:
    """How forecasts are evaluated.

    Attributes
    ----------
    area_shares : shares of the whole area to flag; the first decides on the champion
    area_km2 : the whole area; None for that of the cells
    groups : district of each cell, to flag the highest cells of each district
    family : number of targets tested together; intervals of gains have the level 0.05 / family,
        the first step of Holm's procedure
    """

    area_shares: tuple[float, ...] = (0.01, 0.05, 0.10)
    area_km2: float | None = None
    groups: Ints | None = field(default=None, repr=False)
    family: int = 1
    resamples: int = RESAMPLES
    seed: int = SEED


FOLD_SCHEMA = {
    "forecaster": pl.String,
    "area_share": pl.Float64,
    "cutoff": pl.Date,
    "end": pl.Date,
    "flagged_share": pl.Float64,
    "caught": pl.Float64,
    "incidents": pl.Float64,
    "best": pl.Float64,
    "caught_before": pl.Float64,
    "incidents_before": pl.Float64,
}


def score_folds(
    fitted: Mapping[str, FittedForecaster],
    history: History,
    folds: Sequence[Fold],
    judging: Judging,
    advance: Advance | None = None,
) -> pl.DataFrame:
    """Incidents that each forecaster caught in each fold at each share of the area.

    Returns
    -------
    pl.DataFrame
        forecaster, area_share, cutoff, end, flagged_share (of the whole area), caught (n),
        incidents (N), best (n*), caught_before and incidents_before (n1 and N1, of the 365 days
        before the cutoff). Where cells are tied, counts are expectations.
    """
    rows = []
    for number, fold in enumerate(folds):
        if advance is not None:
            advance(f"Forecasting {fold.cutoff}", number / len(folds))
        known = history.until(fold.cutoff)
        happened = history.counts(fold.cutoff, fold.end)
        before = known.recent(BEFORE_DAYS)[0]
        best = [
            _flagged(happened, share, history, judging) @ happened for share in judging.area_shares
        ]
        for name, one in fitted.items():
            expected = one.expected(known, fold.days)
            for share, most in zip(judging.area_shares, best, strict=True):
                cells = _flagged(expected, share, history, judging)
                rows.append(
                    (
                        name,
                        share,
                        fold.cutoff,
                        fold.end,
                        cells.sum() / _whole(history, judging),
                        cells @ happened,
                        happened.sum(),
                        most,
                        cells @ before,
                        before.sum(),
                    )
                )
    return pl.DataFrame(rows, schema=FOLD_SCHEMA, orient="row")


def pooled_pai(folds: pl.DataFrame, name: str, share: float) -> float:
    """PAI of one forecaster, pooled over all folds."""
    caught, incidents, area = _columns(folds, name, share, "caught", "incidents", "flagged_share")
    return metrics.pai(caught.sum(), incidents.sum(), float(area.mean()))


def summarize(
    folds: pl.DataFrame, baselines: Sequence[str], judging: Judging
) -> tuple[list[dict[str, Any]], dict[float, str]]:
    """A row per forecaster and share, and the best baseline of each share.

    Everything is pooled over folds (Σ n / Σ N, Σ n / Σ n*). Intervals resample folds, with the same
    draws for all forecasters, so that gains are paired. The best baseline is the one that caught
    most in these same folds, and so the hardest to beat.
    """
    names = folds["forecaster"].unique(maintain_order=True).to_list()
    rows, hardest = [], {}
    for share in judging.area_shares:
        hardest[share] = max(baselines, key=lambda name: pooled_pai(folds, name, share))
        base = _columns(folds, hardest[share], share, "caught")[0]
        rows += [_summary(folds, name, share, base, judging) for name in names]
    return rows, hardest


def _summary(
    folds: pl.DataFrame, name: str, share: float, base: Floats, judging: Judging
) -> dict[str, Any]:
    caught, incidents, best, caught_before, before, area = _columns(
        folds, name, share,
        "caught", "incidents", "best", "caught_before", "incidents_before", "flagged_share",
    )  # fmt: skip
    part = float(area.mean())
    gains = np.divide(caught - base, incidents, out=np.zeros(len(base)), where=incidents > 0)
    own = draw(
        len(caught),
        block=block_length(
            np.divide(caught, incidents, out=np.zeros(len(base)), where=incidents > 0)
        ),
        resamples=judging.resamples,
        seed=judging.seed,
    )
    paired = draw(
        len(caught), block=block_length(gains), resamples=judging.resamples, seed=judging.seed
    )
    pai_low, pai_high = interval(own.ratio(caught, incidents) / part)
    gain_draws = paired.ratio(caught - base, incidents) / part
    gain_low, gain_high = interval(gain_draws, 1 - LEVEL / judging.family)
    return {
        "forecaster": name,
        "role": "candidate",
        "area_share": share,
        "hit_rate": metrics.hit_rate(caught.sum(), incidents.sum()),
        "pai": metrics.pai(caught.sum(), incidents.sum(), part),
        "pai_low": pai_low,
        "pai_high": pai_high,
        "pei": metrics.pei(caught.sum(), best.sum()),
        "rri": metrics.rri(caught.sum(), incidents.sum(), caught_before.sum(), before.sum()),
        "gain": metrics.pai(caught.sum() - base.sum(), incidents.sum(), part),
        "gain_low": gain_low,
        "gain_high": gain_high,
        "gain_p": not_above_zero(gain_draws),
        "folds": len(caught),
        "incidents": int(incidents.sum()),
    }


def fold_metrics(folds: pl.DataFrame) -> pl.DataFrame:
    """Counts of each fold with its hit_rate, pai, pei and rri; null without incidents."""
    ratio = pl.col("caught") / pl.col("incidents")
    before = pl.col("caught_before") / pl.col("incidents_before")
    return folds.with_columns(
        hit_rate=ratio,
        pai=ratio / pl.col("flagged_share"),
        pei=pl.col("caught") / pl.col("best"),
        rri=ratio / before,
    ).with_columns(pl.col("hit_rate", "pai", "pei", "rri").fill_nan(None))


def split_newest(folds: Sequence[Fold], share: float) -> tuple[list[Fold], list[Fold]]:
    """Split folds into earlier ones to fit on and the newest `share` to compare candidates on."""
    kept = max(1, round(len(folds) * share))
    return list(folds[:-kept]), list(folds[-kept:])


def _whole(history: History, judging: Judging) -> float:
    """The whole area in cells, which may be fractional."""
    grid = history.grid
    return (judging.area_km2 or grid.area_km2) / grid.cell_km2


def _flagged(expected: Floats, share: float, history: History, judging: Judging) -> Floats:
    cells = share * _whole(history, judging)
    if judging.groups is not None:
        cells /= len(np.unique(judging.groups[judging.groups >= 0]))
    return metrics.flagged(expected, cells, judging.groups)


def _columns(folds: pl.DataFrame, name: str, share: float, *columns: str) -> list[Floats]:
    own = folds.filter(pl.col("forecaster") == name, pl.col("area_share") == share).sort("cutoff")
    return [own[column].to_numpy().astype(np.float64) for column in columns]
