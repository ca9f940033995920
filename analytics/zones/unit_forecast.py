"""The forecast by cell or block of street, for all day or part of it, with intervals.

The share of a part of the day is that of the incidents around the place (see
`analytics.forecasting.bands`). Counts of a place vary more than a Poisson count, since its rate is
not known exactly: the variance is μ + c μ², that of a gamma mixture of Poisson counts, with c from
past forecasts. Splitting such a count among the parts of the day keeps c.

References
----------
Cameron & Trivedi (1998), Regression analysis of count data, section 3.3 (NB2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.crossfilter.clauses import Hours
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.forecasting.hour_bands import BandKind, Bands
from analytics.forecasting.units import UnitKind
from analytics.statistics.arrays import Floats
from analytics.zones.expected import interval

SHOWN_SHARE = 0.10
"""Share of the area or street length on which units are shown, at any part of the day."""


def count_interval(mean: Floats, c: float) -> tuple[Floats, Floats]:
    """Lowest and highest count of the 95% prediction interval."""
    return interval(mean, mean + c * mean**2)


def top_shares(rate: Floats, sizes: Floats, whole: float) -> Floats:
    """Share of the whole size that each unit and all with a higher rate take; shape (units,)."""
    order = np.argsort(-rate, kind="stable")
    found = np.empty(len(rate))
    found[order] = np.cumsum(sizes[order]) / whole
    return found


@dataclass(frozen=True)
class DayPart:
    """One band or shift, or several consecutive ones: their names and positions in the split."""

    kind: BandKind
    names: tuple[str, ...]
    positions: tuple[int, ...]
    hours: frozenset[int]

    @property
    def key(self) -> str:
        """Its hours as in a filter: `20-23`."""
        return Hours(tuple(sorted(self.hours))).text


@dataclass(frozen=True, eq=False)
class UnitForecast:
    """Expected incidents by unit.

    Attributes
    ----------
    units : pl.DataFrame
        Columns of `unit_frame`, expected, and by split the array of shares of its bands.
    kind : cells or blocks
    size_m : side of a cell, meters
    splits : how the day is split; empty where the version was trained without
    c : variance of a count beyond the mean, over the squared mean; None where it is not known
    whole : size of all units, with those that expect nothing: their number, or km of street
    """

    units: pl.DataFrame = field(repr=False)
    kind: UnitKind
    size_m: int
    splits: Mapping[BandKind, Bands]
    c: float | None
    whole: float

    @classmethod
    def of(cls, units: pl.DataFrame, rule: Mapping[str, Any]) -> UnitForecast:
        """A stored forecast by the rule of its bundle, which an earlier program left shorter."""
        kind = UnitKind(rule.get("unit", UnitKind.CELL.value))
        splits = {
            BandKind(name): Bands.of_json(raw)
            for name, raw in rule.get("splits", {}).items()
            if name in units.columns
        }
        sizes = units["km"].sum() if kind is UnitKind.BLOCK else units.height
        whole = float(rule.get("whole", sizes))
        return cls(units, kind, int(rule["size_m"]), splits, rule.get("overdispersion"), whole)

    @property
    def key(self) -> str:
        """Column with the name of each unit, and the dimension of the filter that selects it."""
        return "block" if self.kind is UnitKind.BLOCK else "cell"

    @property
    def parts(self) -> tuple[DayPart, ...]:
        """Every band, then every shift."""
        return tuple(
            _part(kind, bands, (place,))
            for kind, bands in self.splits.items()
            for place in range(len(bands.names))
        )

    def part(self, hours: Collection[int]) -> DayPart | None:
        """The part of the day that these hours are: a band or shift, or several of them.

        None where they cut one, or are all day.
        """
        wanted = frozenset(hours)
        alone = next((part for part in self.parts if part.hours == wanted), None)
        if alone is not None or len(wanted) in (0, 24):
            return alone
        joined = (
            _part(kind, bands, places)
            for kind, bands in self.splits.items()
            if (places := bands.within(wanted))
        )
        return next(joined, None)

    def part_of(self, text: str) -> DayPart | None:
        """The part of the day whose hours are written as in a filter: `20-23`; all day for none.

        Raises
        ------
        InputError
            They are not hours, or not a part of the day that is forecast.
        """
        if not text:
            return None
        clause = Selection.parse(f"hour={text}").get("hour")
        part = self.part(clause.known) if isinstance(clause, Hours) else None
        if part is None:
            known = ", ".join(part.key for part in self.parts) or "none"
            raise InputError(f"hours={text[:40]} is not a part of the day here; choose of {known}.")
        return part

    def expected(self, part: DayPart | None = None) -> Floats:
        """Expected incidents of all days in a part of the day, or at all hours; shape (units,)."""
        found = self.units["expected"].to_numpy().astype(np.float64)
        return found if part is None else found * self._share(part)

    def table(self, part: DayPart | None = None, *, shown: bool = False) -> pl.DataFrame:
        """The units, or those that a map shows, in the order of `units`.

        Returns
        -------
        pl.DataFrame
            Columns of `unit_frame`, expected, low and high (95% prediction interval; null where it
            is not known), and top_share (see `top_shares`).
        """
        mean, sizes = self.expected(part), self._sizes
        shares = top_shares(mean / sizes, sizes, self.whole)
        found = self.units.drop([kind.value for kind in BandKind], strict=False).with_columns(
            pl.Series("expected", mean), pl.Series("top_share", shares)
        )
        found = found.filter(pl.Series(self.shown)) if shown else found
        if self.c is None:
            return found.with_columns(pl.lit(None, pl.Int64).alias(end) for end in ("low", "high"))
        ends = count_interval(found["expected"].to_numpy(), self.c)
        return found.with_columns(
            pl.Series(name, values.astype(np.int64))
            for name, values in zip(("low", "high"), ends, strict=True)
        )

    @cached_property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Units in the top `SHOWN_SHARE` all day or in any part of the day; shape (units,)."""
        kept = np.zeros(self.units.height, dtype=bool)
        for part in (None, *self.parts):
            rate = self.expected(part) / self._sizes
            kept |= top_shares(rate, self._sizes, self.whole) <= SHOWN_SHARE
        return kept

    @cached_property
    def _sizes(self) -> Floats:
        if self.kind is UnitKind.BLOCK:
            return self.units["km"].to_numpy().astype(np.float64)
        return np.ones(self.units.height)

    def _share(self, part: DayPart) -> Floats:
        shares = self.units[part.kind.value].to_numpy()
        return np.asarray(shares[:, list(part.positions)].sum(axis=1), dtype=np.float64)


def _part(kind: BandKind, bands: Bands, places: tuple[int, ...]) -> DayPart:
    hours = frozenset().union(*(bands.hours(place) for place in places))
    return DayPart(kind, tuple(bands.names[place] for place in places), places, hours)
