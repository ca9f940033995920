"""Rolling-origin evaluation: every forecaster in every fold, on the history before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
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
from analytics.statistics.bootstrap import RESAMPLES, SEED, ratio_interval
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
    by_street : flag shares of the street length instead of the area
    family : number of targets tested together; intervals of gains have the level 0.05 / family,
        the first step of Holm's procedure
    """

    area_shares: tuple[float, ...] = (0.01, 0.05, 0.10)
    area_km2: float | None = None
    groups: Ints | None = field(default=None, repr=False)
    street_km: Floats | None = field(default=None, repr=False)
    by_street: bool = False
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
    "caught_same_area": pl.Float64,
    "caught_by_band": pl.List(pl.Float64),
    "flagged_by_band": pl.List(pl.Float64),
}


def score_folds(
    fitted: Mapping[str, FittedForecaster],
    history: History,
    folds: Sequence[Fold],
    judging: Judging,
    advance: Advance | None = None,
) -> pl.DataFrame:
    """Incidents that each forecaster caught in each fold at each share of the area.

    If the history has bands, each forecast is by cell and band: as many hours of cells are flagged
    as if these cells were flagged all day, where and when most is expected. Incidents without a
    known hour are left out. Then there are also caught_all_day, by the same forecast with the same
    cells at all hours; caught_same_area, with the same area in each band; caught_by_band; and
    flagged_by_band, the share of the whole area flagged in each.

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
                        *_of_bands(outcome, found, _whole(history, judging)),
                    )
                )
    schema = BAND_SCHEMA if history.by_band else FOLD_SCHEMA
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What happened in a fold, and in the year before: arrays of shape (cells, bands).

    `hours` is the part of the day of each band, and `shares` the share of each band by cell, of the
    days before; None for one forecast for all day.
    """

    happened: Floats
    before: Floats
    hours: Floats
    shares: Floats | None


def _of_bands(outcome: _Outcome, found: Floats, whole: float) -> tuple[Any, ...]:
    if outcome.shares is None:
        return ()
    caught, flagged = np.split(found[6:], 2)
    return found[4], found[5], caught.tolist(), (flagged / whole).tolist()


def _outcome(history: History, known: History, fold: Fold) -> _Outcome:
    if not history.by_band:
        happened, before = history.counts(fold.cutoff, fold.end), known.recent(BEFORE_DAYS)[0]
        return _Outcome(happened[:, None], before[:, None], np.ones(1), None)
    year = max(known.first, known.end - timedelta(days=BEFORE_DAYS))
    return _Outcome(
        history.band_counts(fold.cutoff, fold.end),
        known.band_counts(year, known.end),
        np.array(history.band_hours) / 24,
        band_shares(known),
    )


def _best(history: History, outcome: _Outcome, judging: Judging) -> Floats:
    """n* at each share."""
    happened, hours = outcome.happened, outcome.hours
    rank = happened / (unit_sizes(history.grid)[:, None] * hours)
    return _captured(history, rank, happened[:, :, None], judging, hours)[:, 0]


def _caught(history: History, rank: Floats, outcome: _Outcome, judging: Judging) -> Floats:
    """By share: flagged size, street km, n, n1; see `_of_bands` for the further columns.

    `rank` is expected incidents per size of each cell.
    """
    happened, hours, shares = outcome.happened, outcome.hours, outcome.shares
    size = _sizes(history, judging)[:, None] * hours
    streets = np.zeros(len(rank)) if judging.street_km is None else judging.street_km
    columns = [size, streets[:, None] * hours, happened, outcome.before]
    if shares is None:
        return _captured(history, rank[:, None], np.stack(columns, axis=2), judging, hours)
    each = np.eye(len(hours))
    columns += [happened * one for one in each]
    columns += [np.tile(_sizes(history, judging)[:, None], (1, len(hours))) * one for one in each]
    banded = rank[:, None] * shares
    found = _captured(history, banded / hours, np.stack(columns, axis=2), judging, hours)
    alone = np.ones(1)
    all_day = _captured(history, rank[:, None], happened.sum(axis=1)[:, None, None], judging, alone)
    same_area = sum(
        _captured(history, banded[:, [band]], happened[:, [band], None], judging, alone)
        for band in range(len(hours))
    )
    return np.column_stack([found[:, :4], all_day, same_area, found[:, 4:]])


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
    on_streets = float(streets.mean())
    per_street = part / on_streets if on_streets else float("nan")
    estimate = partial(ratio_interval, resamples=judging.resamples, seed=judging.seed)
    hits = estimate(caught, incidents)
    pai = hits.over(part)
    level = 1 - LEVEL / judging.family
    gain = estimate(caught - base, incidents, confidence=level).over(part)
    return {
        "forecaster": name,
        "area_share": share,
        "hit_rate": hits.value,
        "pai": pai.value,
        "pai_low": pai.low,
        "pai_high": pai.high,
        **{
            f"pai_street{end}": value * per_street
            for end, value in (("", pai.value), ("_low", pai.low), ("_high", pai.high))
            if np.isfinite(per_street)
        },
        "pei": metrics.pei(caught.sum(), best.sum()),
        "rri": metrics.rri(caught.sum(), incidents.sum(), caught_before.sum(), before.sum()),
        "gain": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "gain_p": gain.p,
        "folds": len(caught),
        "incidents": int(incidents.sum()),
    }


def add_bands(
    rows: Sequence[Mapping[str, Any]], folds: pl.DataFrame, names: Sequence[str], judging: Judging
) -> list[dict[str, Any]]:
    """Add how each forecast does without bands in as many hours of cells, and by band.

    Returns
    -------
    list of rows
        With all_day_pai; band_gain and its 95% interval, the difference in PAI to it;
        same_area_pai; and by_band, with the hit rate (of all incidents) and flagged share of each.
    """
    found = []
    for row in rows:
        own = folds.filter(forecaster=row["forecaster"], area_share=row["area_share"])
        own = own.sort("cutoff")
        caught, all_day, same_area, incidents, area = (
            own[name].to_numpy()
            for name in (
                "caught", "caught_all_day", "caught_same_area", "incidents", "flagged_share"
            )
        )  # fmt: skip
        part, total = float(area.mean()), incidents.sum()
        gain = ratio_interval(
            caught - all_day, incidents, resamples=judging.resamples, seed=judging.seed
        ).over(part)
        by_band = np.array(own["caught_by_band"].to_list()).sum(axis=0) / total
        flagged = np.array(own["flagged_by_band"].to_list()).mean(axis=0)
        found.append(
            {
                **row,
                "all_day_pai": metrics.pai(all_day.sum(), total, part),
                "band_gain": gain.value,
                "band_gain_low": gain.low,
                "band_gain_high": gain.high,
                "same_area_pai": metrics.pai(same_area.sum(), total, part),
                "by_band": {
                    name: {"hit_rate": float(rate), "area_share": float(share)}
                    for name, rate, share in zip(names, by_band, flagged, strict=True)
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


def _sizes(history: History, judging: Judging) -> Floats:
    """What a unit takes of the share to flag; shape (units,)."""
    if judging.by_street and judging.street_km is not None:
        return judging.street_km
    return unit_sizes(history.grid)


def _whole(history: History, judging: Judging) -> float:
    """The whole area in cells, which may be fractional; or the street length in km."""
    grid = history.grid
    if judging.by_street or isinstance(grid, Streets):
        return float(_sizes(history, judging).sum())
    return (judging.area_km2 or grid.area_km2) / grid.cell_km2


def _captured(
    history: History, rank: Floats, values: Floats, judging: Judging, hours: Floats
) -> Floats:
    """Sums of values over the flagged cells and bands at each share; shape (shares, columns).

    Parameters
    ----------
    rank : array of shape (cells, bands)
    values : array of shape (cells, bands, columns)
    hours : part of the day of each band, which it takes of the area
    """
    whole = _whole(history, judging)
    groups = judging.groups
    if groups is not None:
        whole /= len(np.unique(groups[groups >= 0]))
        groups = np.repeat(groups, len(hours))
    amounts = [share * whole for share in judging.area_shares]
    sizes = (_sizes(history, judging)[:, None] * hours).ravel()
    flat = values.reshape(rank.size, -1)
    return metrics.captured(rank.ravel(), flat, amounts, sizes=sizes, groups=groups)


def columns_of(folds: pl.DataFrame, name: str, share: float, *columns: str) -> list[Floats]:
    own = folds.filter(pl.col("forecaster") == name, pl.col("area_share") == share).sort("cutoff")
    return [own[column].to_numpy().astype(np.float64) for column in columns]
