"""Features of the learning forecasters: rates by cell, over windows, neighbors, season and types.

They include neither coordinates nor cell numbers, so that what is learned holds for any cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from analytics.forecasting.history import ALL, TARGET, History
from analytics.forecasting.kde import smooth
from analytics.forecasting.streets import Streets
from analytics.lru_cache import LruCache

WINDOWS_DAYS: tuple[int | None, ...] = (14, 28, 60, 120, 365, None)
BANDWIDTHS_M = (0, 300, 500, 1000)
SEASON_DAYS = 49
CONTEXT_BANDWIDTHS_M = (0, 500)
YEAR = 365.0
MOST_DAYS = 40
"""Days whose features are cached: each takes 3 MB for 10,000 cells."""
Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Features:
    """Rates per year of each cell; `values` has shape (cells, features)."""

    names: tuple[str, ...]
    values: Floats32 = field(repr=False)


class FeatureMaker:
    """Makes the features of a history's last day, and caches them, since forecasters share them."""

    def __init__(self) -> None:
        self._made = LruCache(MOST_DAYS)

    def of(self, past: History) -> Features:
        """Features on the morning after the last day of `past`."""
        known: tuple[History, Features] | None = self._made.get(past.end)
        if known is None or not _same(known[0], past):
            known = past, make_features(past)
            self._made.put(past.end, known)
        return known[1]


def _same(one: History, other: History) -> bool:
    """Whether both are cut from one history, so that their series share memory."""
    return one.grid is other.grid and all(
        name in other.series
        and len(series.days) == len(other.series[name].days)
        and np.shares_memory(series.days, other.series[name].days)
        for name, series in one.series.items()
        if len(series.days)
    )


def make_features(past: History) -> Features:
    """Features of every cell from the days of `past` only."""
    names: list[str] = []
    columns: list[npt.NDArray[np.float64]] = []
    own, spans = zip(*(past.recent(window) for window in WINDOWS_DAYS), strict=True)
    rates = np.column_stack(own) * (YEAR / np.array(spans))
    own_labels = [_window(window) for window in WINDOWS_DAYS]
    _add(past, names, columns, labels=own_labels, rates=rates, bandwidths=BANDWIDTHS_M)
    _add(
        past,
        names,
        columns,
        labels=["season"],
        rates=_season(past)[:, None],
        bandwidths=CONTEXT_BANDWIDTHS_M,
    )
    for name in sorted(past.series.keys() - {TARGET}):
        windows = (60, 365, None) if name == ALL else (365, None)
        own, spans = zip(*(past.recent(window, name) for window in windows), strict=True)
        rates = np.column_stack(own) * (YEAR / np.array(spans))
        labels = [f"{name}, {_window(window)}" for window in windows]
        _add(past, names, columns, labels=labels, rates=rates, bandwidths=CONTEXT_BANDWIDTHS_M)
    return Features(tuple(names), np.column_stack(columns).astype(np.float32))


def _add(
    past: History,
    names: list[str],
    columns: list[npt.NDArray[np.float64]],
    *,
    labels: list[str],
    rates: npt.NDArray[np.float64],
    bandwidths: tuple[int, ...],
) -> None:
    own = "block" if isinstance(past.grid, Streets) else "cell"
    for bandwidth in bandwidths:
        columns.append(smooth(past.grid, rates, bandwidth))
        where = f"within {bandwidth} m" if bandwidth else own
        names.extend(f"{label}, {where}" for label in labels)


def _season(past: History) -> npt.NDArray[np.float64]:
    """Rate in the same season of earlier years: 49 days around this week, per year."""
    counts, days = np.zeros(len(past.grid)), 0
    middle = past.end - timedelta(days=364)
    while middle + timedelta(days=SEASON_DAYS) > past.first:
        start = max(middle - timedelta(days=SEASON_DAYS // 2), past.first)
        end = min(middle + timedelta(days=SEASON_DAYS - SEASON_DAYS // 2), past.end)
        if end > start:
            counts += past.counts(start, end)
            days += (end - start).days
        middle -= timedelta(days=364)
    return counts * (YEAR / days) if days else counts


def _window(days: int | None) -> str:
    return "all days" if days is None else f"{days} days"
