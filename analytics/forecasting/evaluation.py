"""Rolling-origin evaluation: every forecaster in every fold, on the history before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.forecasting import metrics
from analytics.forecasting.bands import band_shares
from analytics.forecasting.folds import Fold
from analytics.forecasting.forecaster import FittedForecaster
from analytics.forecasting.history import History
from analytics.forecasting.streets import Streets
from analytics.forecasting.units import unit_sizes
from analytics.statistics.arrays import Floats, Ints
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
    area_shares : shares of the whole area to flag
    area_km2 : the whole area; None for that of the cells
    groups : district of each cell, to flag the highest cells of each district
    street_km : street length of each cell, to report PAI per street; None where it is not known
    family : number of targets tested together; intervals of gains have the level 0.05 / family,
        the first step of Holm's procedure
    """

    area_shares: tuple[float, ...] = (0.01, 0.05, 0.10)
    area_km2: float | None = None
    groups: Ints | None = field(default=None, repr=False)
    street_km: Floats | None = field(default=None, repr=False)
    family: int = 1
    resamples: int = RESAMPLES
    seed: int = SEED


FOLD_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "forecaster": pl.String,
    "area_share": pl.Float64,
    "cutoff": pl.Date,
    "end": pl.Date,
    "flagged_share": pl.Float64,
    "street_share": pl.Float64,
    "caught": pl.Float64,
    "incidents": pl.Float64,
    "best": pl.Float64,
    "caught_before": pl.Float64,
    "incidents_before": pl.Float64,
}
BAND_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = FOLD_SCHEMA | {
    "caught_all_day": pl.Float64,
    "caught_by_band": pl.List(pl.Float64),
    "incidents_by_band": pl.List(pl.Float64),
}


def score_folds(
    fitted: Mapping[str, FittedForecaster],
    history: History,
    folds: Sequence[Fold],
    judging: Judging,
    advance: Advance | None = None,
) -> pl.DataFrame:
    """Incidents that each forecaster caught in each fold at each share of the area.

    If the history has bands, each forecast is by cell and band, the same area is flagged in each
    band, and incidents without a known hour are left out. Then there are also caught_all_day, which
    the same forecast would have caught with the same cells at all hours, caught_by_band and
    incidents_by_band.

    Returns
    -------
    pl.DataFrame
        forecaster, area_share, cutoff, end, flagged_share (of the whole area, or street length for
        blocks), street_share (of all street length; null if not known), caught (n), incidents (N),
        best (n*), caught_before and incidents_before (n1 and N1, of the 365 days before the
        cutoff). Where cells are tied, counts are expectations.
    """
    rows: list[tuple[Any, ...]] = []
    for number, fold in enumerate(folds):
        if advance is not None:
            advance(f"Forecasting {fold.cutoff}", number / len(folds))
        known = history.until(fold.cutoff)
        outcome = _outcome(history, known, fold)
        best = _best(history, outcome, judging)
        for name, one in fitted.items():
            rank = one.expected(known, fold.days) / unit_sizes(history.grid)
            caught = _caught(history, rank, outcome, judging)
            for share, most, found in zip(judging.area_shares, best, caught, strict=True):
                rows.append(
                    (
                        name,
                        share,
                        fold.cutoff,
                        fold.end,
                        found[0] / _whole(history, judging),
                        None if judging.street_km is None else found[1] / judging.street_km.sum(),
                        found[2],
                        outcome.happened.sum(),
                        most,
                        found[3],
                        outcome.before.sum(),
                        *_of_bands(outcome, found),
                    )
                )
    schema = BAND_SCHEMA if history.by_band else FOLD_SCHEMA
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What happened in a fold, and in the year before: arrays of shape (cells, bands).

    `shares` of the bands are of the days before; None for one forecast for all day.
    """

    happened: Floats
    before: Floats
    shares: Floats | None


def _of_bands(outcome: _Outcome, found: Floats) -> tuple[Any, ...]:
    if outcome.shares is None:
        return ()
    return found[4], found[5:].tolist(), outcome.happened.sum(axis=0).tolist()


def _outcome(history: History, known: History, fold: Fold) -> _Outcome:
    if not history.by_band:
        happened, before = history.counts(fold.cutoff, fold.end), known.recent(BEFORE_DAYS)[0]
        return _Outcome(happened[:, None], before[:, None], None)
    year = max(known.first, known.end - timedelta(days=BEFORE_DAYS))
    return _Outcome(
        history.band_counts(fold.cutoff, fold.end),
        known.band_counts(year, known.end),
        band_shares(known),
    )


def _best(history: History, outcome: _Outcome, judging: Judging) -> Floats:
    """n* at each share."""
    sizes = unit_sizes(history.grid)
    parts = [
        _captured(history, band / sizes, band[:, None], judging)[:, 0]
        for band in outcome.happened.T
    ]
    return np.asarray(np.sum(parts, axis=0))


def _caught(history: History, rank: Floats, outcome: _Outcome, judging: Judging) -> Floats:
    """By share: flagged size, street km, n, n1; with bands also n of all day, and of each band.

    `rank` is expected incidents per size of each cell.
    """
    sizes = unit_sizes(history.grid)
    streets = np.zeros(len(rank)) if judging.street_km is None else judging.street_km
    parts = np.array(
        [
            _captured(
                history,
                rank if outcome.shares is None else rank * outcome.shares[:, band],
                np.column_stack(
                    [sizes, streets, outcome.happened[:, band], outcome.before[:, band]]
                ),
                judging,
            )
            for band in range(outcome.happened.shape[1])
        ]
    )
    total = parts.sum(axis=0) / [len(parts), len(parts), 1, 1]
    if outcome.shares is None:
        return np.asarray(total)
    all_day = _captured(history, rank, outcome.happened.sum(axis=1)[:, None], judging)
    return np.column_stack([total, all_day, parts[:, :, 2].T])


def pooled_pai(folds: pl.DataFrame, name: str, share: float) -> float:
    """PAI of one forecaster, pooled over all folds."""
    caught, incidents, area = columns_of(folds, name, share, "caught", "incidents", "flagged_share")
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
        base = columns_of(folds, hardest[share], share, "caught")[0]
        rows += [_summary(folds, name, share, base, judging) for name in names]
    return rows, hardest


def _summary(
    folds: pl.DataFrame, name: str, share: float, base: Floats, judging: Judging
) -> dict[str, Any]:
    caught, incidents, best, caught_before, before, area = columns_of(
        folds, name, share,
        "caught", "incidents", "best", "caught_before", "incidents_before", "flagged_share",
    )  # fmt: skip
    part = float(area.mean())
    (streets,) = columns_of(folds, name, share, "street_share")
    per_street = part / float(streets.mean())
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
        "area_share": share,
        "hit_rate": metrics.hit_rate(caught.sum(), incidents.sum()),
        "pai": metrics.pai(caught.sum(), incidents.sum(), part),
        "pai_low": pai_low,
        "pai_high": pai_high,
        **{
            f"pai_street{end}": value * per_street
            for end, value in (
                ("", metrics.pai(caught.sum(), incidents.sum(), part)),
                ("_low", pai_low),
                ("_high", pai_high),
            )
            if np.isfinite(per_street)
        },
        "pei": metrics.pei(caught.sum(), best.sum()),
        "rri": metrics.rri(caught.sum(), incidents.sum(), caught_before.sum(), before.sum()),
        "gain": metrics.pai(caught.sum() - base.sum(), incidents.sum(), part),
        "gain_low": gain_low,
        "gain_high": gain_high,
        "gain_p": not_above_zero(gain_draws),
        "folds": len(caught),
        "incidents": int(incidents.sum()),
    }


def add_bands(
    rows: Sequence[Mapping[str, Any]], folds: pl.DataFrame, names: Sequence[str], judging: Judging
) -> list[dict[str, Any]]:
    """Add how each forecast does without bands on the same cells and hours, and by band.

    Returns
    -------
    list of rows
        With all_day_pai; band_gain and its 95% interval, the difference in PAI to it; and
        pai_by_band.
    """
    found = []
    for row in rows:
        own = folds.filter(forecaster=row["forecaster"], area_share=row["area_share"])
        own = own.sort("cutoff")
        caught, all_day, incidents, area = (
            own[name].to_numpy()
            for name in ("caught", "caught_all_day", "incidents", "flagged_share")
        )
        gains = np.divide(
            caught - all_day, incidents, out=np.zeros(len(caught)), where=incidents > 0
        )
        part, total = float(area.mean()), incidents.sum()
        paired = draw(
            len(caught), block=block_length(gains), resamples=judging.resamples, seed=judging.seed
        )
        low, high = interval(paired.ratio(caught - all_day, incidents) / part)
        by_band, of_band = (
            np.array(own[name].to_list()).sum(axis=0).tolist()
            for name in ("caught_by_band", "incidents_by_band")
        )
        found.append(
            {
                **row,
                "all_day_pai": metrics.pai(all_day.sum(), total, part),
                "band_gain": metrics.pai(caught.sum() - all_day.sum(), total, part),
                "band_gain_low": low,
                "band_gain_high": high,
                "pai_by_band": {
                    name: metrics.pai(one, all_, part)
                    for name, one, all_ in zip(names, by_band, of_band, strict=True)
                },
            }
        )
    return found


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
    """The whole area in cells, which may be fractional; for blocks their street length in km."""
    grid = history.grid
    if isinstance(grid, Streets):
        return float(grid.km.sum())
    return (judging.area_km2 or grid.area_km2) / grid.cell_km2


def _captured(history: History, rank: Floats, values: Floats, judging: Judging) -> Floats:
    """Sums of values over the flagged cells at each share; shape (shares, columns)."""
    whole = _whole(history, judging)
    if judging.groups is not None:
        whole /= len(np.unique(judging.groups[judging.groups >= 0]))
    amounts = [share * whole for share in judging.area_shares]
    sizes = unit_sizes(history.grid)
    return metrics.captured(rank, values, amounts, sizes=sizes, groups=judging.groups)


def columns_of(folds: pl.DataFrame, name: str, share: float, *columns: str) -> list[Floats]:
    own = folds.filter(pl.col("forecaster") == name, pl.col("area_share") == share).sort("cutoff")
    return [own[column].to_numpy().astype(np.float64) for column in columns]
