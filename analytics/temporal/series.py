"""Weekly and monthly series: moving average, trend and season.

References
----------
Bandara, Hyndman & Bergmeir (2021), MSTL: a seasonal-trend decomposition algorithm for time series
with multiple seasonal patterns, arXiv:2107.13462.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.formats import days_into_week
from analytics.temporal.out_of_year import OutOfYear, predict_years

Floats = npt.NDArray[np.float64]
Step = Literal["week", "month"]

PERIOD: dict[Step, int] = {"week": 52, "month": 12}
"""Steps of a year. 52 weeks are 364 days, so the season shifts by a day a year."""
CYCLE: dict[Step, float] = {"week": 365.25 / 7, "month": 12.0}
"""Steps of a year, exactly."""
WINDOW: dict[Step, int] = {"week": 4, "month": 3}
"""Steps in the moving average."""
MONDAY = date(2018, 1, 1)  # Polars' weeks start on Mondays


@dataclass(frozen=True, eq=False)
class IncidentSeries:
    """Incidents by week or month.

    `frame` has a row per step: start (Date, the first day of a week or month), end, days (number of
    its days in the period), complete (all of them are), provisional, incidents, value and average.
    `value` is incidents per week, or per day of a month, as months differ in length (per month if
    days are not known); it is null for incomplete steps. `average` is a moving average over the
    step and those before.
    """

    step: Step
    frame: pl.DataFrame = field(repr=False)

    @property
    def settled(self) -> pl.DataFrame:
        """Steps that are complete and not provisional."""
        return self.frame.filter(pl.col("complete") & ~pl.col("provisional"))


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Decomposition value = trend + season + rest; arrays of shape (steps,).

    Attributes
    ----------
    starts : list of date
    out_of_year : OutOfYear or None
        How well trend and season predict years that they were not fitted to.
    """

    starts: list[date] = field(repr=False)
    trend: Floats = field(repr=False)
    season: Floats = field(repr=False)
    rest: Floats = field(repr=False)
    out_of_year: OutOfYear | None


def series(
    days: pl.DataFrame,
    period: tuple[date, date],
    step: Step,
    provisional_from: date | None = None,
    *,
    per_day: bool = True,
) -> IncidentSeries:
    """Sum days by week (from the first weekday of the setting) or month.

    Parameters
    ----------
    days
        View `day`: columns `day` and `incidents`; days without incidents may be missing.
    period
        First and last day, both included.
    provisional_from
        Days from here on are provisional.
    per_day
        Whether the value of a month is incidents per day, else per month.
    """
    every = "1w" if step == "week" else "1mo"
    ahead = days_into_week(MONDAY) if step == "week" else 0
    calendar = pl.DataFrame({"day": pl.date_range(*period, "1d", eager=True)})
    counted = calendar.join(days.select("day", "incidents"), on="day", how="left")
    end = pl.col("start").dt.offset_by(every).dt.offset_by("-1d")
    length = (end - pl.col("start")).dt.total_days() + 1
    whole = step == "week" or not per_day
    rate = pl.col("incidents") if whole else pl.col("incidents") / pl.col("days")
    still = pl.lit(provisional_from or date.max, dtype=pl.Date)
    frame = (
        counted.with_columns(
            pl.col("day")
            .dt.offset_by(f"{ahead}d")
            .dt.truncate(every)
            .dt.offset_by(f"-{ahead}d")
            .alias("start")
        )
        .group_by("start")
        .agg(pl.col("incidents").fill_null(0).sum(), pl.len().cast(pl.Int64).alias("days"))
        .sort("start")
        .with_columns(end.alias("end"), (pl.col("days") == length).alias("complete"))
        .with_columns((pl.col("end") >= still).alias("provisional"))
        .with_columns(pl.when("complete").then(rate.cast(pl.Float64)).alias("value"))
        .with_columns(pl.col("value").rolling_mean(WINDOW[step]).alias("average"))
    )
    return IncidentSeries(step, frame)


def decompose(found: IncidentSeries) -> Decomposition | None:
    """Trend and yearly season of the settled steps by MSTL; None under two years.

    Raises
    ------
    ValueError
        A step is missing, which never happens with `series`.
    """
    from statsmodels.tsa.seasonal import MSTL  # noqa: PLC0415 - loads pandas, 1 s

    settled = found.settled
    values = settled["value"].to_numpy()
    year = PERIOD[found.step]
    if len(values) < 2 * year + 1:
        return None
    parts = MSTL(values, periods=(year,)).fit()
    trend, season, rest = (
        np.asarray(part, dtype=np.float64).reshape(len(values))
        for part in (parts.trend, parts.seasonal, parts.resid)
    )
    return Decomposition(
        starts=settled["start"].to_list(),
        trend=trend,
        season=season,
        rest=rest,
        out_of_year=predict_years(values, year, CYCLE[found.step]),
    )


def load_in_background() -> None:
    """Import statsmodels for `decompose` in a thread, so that the first answer need not wait."""
    threading.Thread(target=import_module, args=("statsmodels.tsa.seasonal",), daemon=True).start()
