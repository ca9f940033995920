"""Streets where recent incidents make another one more likely.

The Knox test shows whether incidents repeat nearby, how far and for how long. Blocks around recent
incidents are then ranked by the risk that these add. Streets are listed only if the ratio is
significant and large enough with dates permuted within about four weeks, which leaves seasons and
changing levels of places in the expected count.

References
----------
Knox (1964); Johnson et al. (2007); see `analytics.hotspots.knox`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.clauses import Words
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.hotspots.inputs import incidents_where
from analytics.hotspots.knox import (
    NearRepeat,
    NearRepeatNull,
    fit_near_repeat,
    near_repeat_surface,
)
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Ints
from analytics.statistics.level import LEVEL
from analytics.zones.place_names import StreetBlock
from sql import load

DISTANCES_M = (0.0, 100.0, 200.0, 400.0)
DAYS = (7, 14)
WITHIN_M = 200.0
LONGEST_DAYS = 365
MOST_INCIDENTS = 4_000
"""Most incidents in a test; if a year has more, the period is shorter."""
FEWEST_INCIDENTS = 50
STREETS = 5


@dataclass(frozen=True)
class Street:
    """A block near recent incidents.

    Attributes
    ----------
    risk : of the next days in times the usual one. It ranks the streets but is not shown, since it
        has no interval
    incidents, latest : number and latest day of incidents of the last 14 days within 200 m
    """

    name: str
    lat: float
    lon: float
    risk: float
    incidents: int
    latest: date


@dataclass(frozen=True)
class PairsExpected:
    """Pairs expected by chance, the observed ones over them (None where none are), and p."""

    expected: float
    ratio: float | None
    p: float

    @classmethod
    def of(cls, null: NearRepeatNull) -> PairsExpected:
        """The one band of a test."""
        expected, ratio, p = (float(one[0, 0]) for one in (null.expected, null.ratio, null.p))
        return cls(expected, ratio if expected > 0 else None, p)

    @property
    def is_exceeded(self) -> bool:
        return self.p <= LEVEL and (self.ratio or 0) > 1


@dataclass(frozen=True)
class NearRepeats:
    """The result of the test, and the streets where it matters now.

    Attributes
    ----------
    type : crime type
    observed : pairs within 200 m and 14 days
    usual, local : what they are compared with, dates permuted among all incidents and within about
        four weeks; None where there are too few incidents to test
    least_ratio : local ratio from which streets are listed
    on_blocks : whether a place is a block; else it is a point
    first, last : first and last day of the incidents
    """

    type: str
    observed: int
    usual: PairsExpected | None
    local: PairsExpected | None
    least_ratio: float
    incidents: int
    permutations: int
    first: date
    last: date
    on_blocks: bool = True
    streets: tuple[Street, ...] = ()

    @property
    def is_significant(self) -> bool:
        """Whether there are more pairs than both nulls expect."""
        return all(null is not None and null.is_exceeded for null in (self.usual, self.local))

    @property
    def is_listed(self) -> bool:
        """Whether the excess is also large enough to list streets."""
        large = self.local is not None and (self.local.ratio or 0) >= self.least_ratio
        return self.is_significant and large


def near_repeat_type(known: Sequence[str], chosen: Collection[str]) -> str | None:
    """The one selected type; else burglary, for which near repeats are best known; else the first.

    `known` are the types with incidents in the selection; others are not used.
    """
    if len(chosen) == 1:
        return next(iter(chosen))
    offered = [name for name in known if not chosen or name in chosen]
    return next((name for name in offered if name == "BURGLARY"), next(iter(offered), None))


def near_repeats(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    crime: str,
    *,
    last: date,
    first: date,
    least_ratio: float,
) -> NearRepeats:
    """Test up to a year before `last`; the filter on the date is ignored.

    Parameters
    ----------
    crime
        The crime type to test.
    last, first
        Last day of the test, first day of the data.
    least_ratio
        Local ratio from which streets are listed.
    """
    of_type = selection.without({"date", "type"}).replace("type", Words((crime,)))
    found, since = recent_places(reader, scope, of_type, last=last, first=first)
    if found.height < FEWEST_INCIDENTS:
        return NearRepeats(crime, 0, None, None, least_ratio, found.height, 0, since, last)
    return knox_streets(found, crime, (since, last), least_ratio)


def recent_places(
    reader: SnapshotReader, scope: Scope, selection: Selection, *, last: date, first: date
) -> tuple[pl.DataFrame, date]:
    """The selected incidents of a year before `last` at most, and the first day that is read.

    Columns id, x_m, y_m (local meters), lat, lon, day, block; by time, at most `MOST_INCIDENTS`,
    the newest ones.
    """
    since = max(first, last - timedelta(days=LONGEST_DAYS - 1))
    where = incidents_where(reader, scope, selection)
    statement = load("overview/dated_blocks", conditions=where.sql)
    found = reader.frame(statement, {"first": since, "last": last, **where.params})
    if found.height > MOST_INCIDENTS:
        since = found["day"][-MOST_INCIDENTS] + timedelta(days=1)
        found = found.filter(pl.col("day") >= since)
    return found, since


def knox_streets(
    found: pl.DataFrame, crime: str, period: tuple[date, date], least_ratio: float
) -> NearRepeats:
    """Test all pairs within 200 m and 14 days at once; if there are enough, find the streets.

    Parameters
    ----------
    found
        x_m, y_m, lat, lon, day, block; by time. `MOST_INCIDENTS` are never too many pairs.
    """
    made = knox_pairs(found, crime, period, least_ratio)
    if not made.is_listed:
        return made
    day = (found["day"] - period[0]).dt.total_days().to_numpy()
    places = found.select("x_m", "y_m").to_numpy()
    codes = block_codes(found["block"])
    bands = fit_near_repeat(places, day, block=codes, distances_m=DISTANCES_M, days=DAYS)
    return replace(made, streets=streets(bands, found.with_columns(code=codes), period[1]))


def knox_pairs(
    found: pl.DataFrame, crime: str, period: tuple[date, date], least_ratio: float
) -> NearRepeats:
    """Test all pairs within 200 m and 14 days at once, without streets; see `knox_streets`."""
    day = (found["day"] - period[0]).dt.total_days().to_numpy()
    places = found.select("x_m", "y_m").to_numpy()
    whole = fit_near_repeat(places, day, distances_m=(WITHIN_M,), days=(max(DAYS),))
    return NearRepeats(
        crime,
        int(whole.observed[0, 0]),
        PairsExpected.of(whole.usual),
        PairsExpected.of(whole.local),
        least_ratio,
        whole.incidents,
        whole.permutations,
        *period,
        on_blocks=not found["block"].is_null().all(),
    )


def block_codes(block: pl.Series) -> Ints:
    """A number for each block, -1 where there is none."""
    return block.rank("dense").fill_null(0).to_numpy().astype(np.int64) - 1


def streets(fitted: NearRepeat, found: pl.DataFrame, last: date) -> tuple[Street, ...]:
    """Blocks with recent incidents by falling risk, from bands of distance and days."""
    recent = found.filter(pl.col("day") > last - timedelta(days=max(DAYS)))
    blocks = (
        recent.drop_nulls("block")
        .group_by("block")
        .agg(pl.col("x_m", "y_m", "lat", "lon").mean(), pl.col("code").first())
        .sort("block")
    )
    if blocks.is_empty():
        return ()
    targets, places = (part.select("x_m", "y_m").to_numpy() for part in (blocks, recent))
    age = recent.select((pl.lit(last) - pl.col("day")).dt.total_days()).to_series().to_numpy()
    codes = (blocks["code"].to_numpy(), recent["code"].to_numpy())
    risk = 1 + near_repeat_surface(targets, places, age, fitted, blocks=codes)
    square = ((targets[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
    inside = square <= WITHIN_M**2
    around = inside.sum(axis=1)
    order = np.lexsort((-around, -risk))[:STREETS]
    rows = blocks.rows(named=True)
    return tuple(
        Street(
            StreetBlock.of(rows[at]["block"]).words,
            float(rows[at]["lat"]),
            float(rows[at]["lon"]),
            float(risk[at]),
            int(around[at]),
            last - timedelta(days=int(age[inside[at]].min())),
        )
        for at in order.tolist()
        if risk[at] > 1
    )
