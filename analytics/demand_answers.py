"""Stored demand forecasts of a target, for the Forecast page and its exports, with a cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from analytics.artifacts.bundle import Bundle, champion_version, version_folder
from analytics.artifacts.catalog import DEMAND, model_of, pair_name, target_of
from analytics.artifacts.champion_checks import (
    ChampionCheck,
    current_forecast,
    forecast_state,
    read_check,
)
from analytics.artifacts.gates import refused_by
from analytics.artifacts.index import read_index
from analytics.artifacts.targets import ALL_INCIDENTS, ModelTarget
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.forecasting.demand.counted_days import counted_days, counted_in
from analytics.forecasting.demand.period_forecast import (
    DemandMeasure,
    DrawnDemand,
    DrawnSums,
    ForecastPeriod,
    ForecastStep,
    PeriodForecast,
    periods_of,
)
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services

CACHED_FORECASTS = 4
"""Forecasts with their draws: some 3 MB of districts, 20 MB of beats."""
CACHED_SUMS = 48
MIX = "harm_mix"
"""Table of a bundle with the weights of harm, where the source has them."""
DAYS_BEFORE = 56
YEAR_DAYS = 364
"""The same days a year before fall on the same weekdays."""


@dataclass(frozen=True, eq=False)
class DemandForecast:
    """One version's newest forecast.

    Attributes
    ----------
    is_champion
        Whether it is the version in use; else it is the newest of its level that passed all checks.
    until
        Last complete day that it was made from.
    """

    bundle: Bundle
    drawn: DrawnDemand = field(repr=False)
    is_champion: bool
    check: ChampionCheck | None = None

    @property
    def level(self) -> str:
        return str(self.bundle.rule["level"])

    @property
    def areas(self) -> tuple[str, ...]:
        return self.drawn.stored.areas

    @property
    def shifts(self) -> tuple[str, ...]:
        return self.drawn.stored.shifts

    @property
    def days(self) -> tuple[date, ...]:
        return self.drawn.stored.days

    @property
    def until(self) -> date:
        return self.days[0] - timedelta(days=1)

    @property
    def measures(self) -> tuple[DemandMeasure, ...]:
        """Counts, and harm where the source has weights."""
        return tuple(self.drawn.measures)

    def sums(self, measure: DemandMeasure) -> DrawnSums:
        """The sums of one of its measures."""
        return self.drawn.measures[measure]


@dataclass(frozen=True)
class CountedPeriods:
    """Counts, or harm in days, of some areas and shifts beside their forecast.

    Attributes
    ----------
    before, before_counts
        The periods of the last eight weeks before the forecast.
    since
        Counts of the periods that are forecast, where the data has all of their days.
    year_before
        Counts of the same weekdays a year before each forecast period; None where the data starts
        later.
    """

    before: tuple[ForecastPeriod, ...]
    before_counts: tuple[int, ...]
    since: tuple[int | None, ...]
    year_before: tuple[int | None, ...]


class DemandAnswers:
    """Forecasts of the narrowest target of a selection that has one, or of the given target.

    Attributes
    ----------
    named, target
        The narrowest target of the selection, and that of the forecasts.
    """

    def __init__(
        self,
        services: Services,
        pinned: Pinned,
        selection: Selection = EMPTY,
        target: ModelTarget | None = None,
    ) -> None:
        self._home = services.settings.home
        self._pinned = pinned
        self._forecasts = pinned.get_or_compute("demand", lambda: LruCache(CACHED_FORECASTS))
        self._sums = pinned.get_or_compute("demand sums", lambda: LruCache(CACHED_SUMS))
        targets = (target,) if target else pinned.targets_of(selection)
        self.named = targets[0]
        self.target = target or next((one for one in targets if self.has(one)), ALL_INCIDENTS)

    @cached_property
    def trained(self) -> list[dict[str, Any]]:
        """All versions of all targets, newest first: rows of the registry's index."""
        rows = read_index(self._home)["versions"]
        return [row for row in rows if model_of(row["name"]) == DEMAND]

    def has(self, target: ModelTarget) -> bool:
        """Whether a target has a version in use."""
        return champion_version(self._home, pair_name(DEMAND, target.name)) is not None

    @property
    def targets(self) -> Mapping[str, str]:
        """Targets with a version in use, name → title."""
        offered = self._pinned.targets.offered
        used = {target_of(row["name"]) for row in self.trained if row["champion"]}
        return {name: one.title for name, one in offered.items() if name in used}

    @cached_property
    def versions(self) -> dict[str, int]:
        """Level → version, that of the champion first.

        Of another level it is the newest version that passed all promotion checks.
        """
        name = pair_name(DEMAND, self.target.name)
        champion = champion_version(self._home, name)
        rows = [row for row in self.trained if row["name"] == name]
        if champion is None:
            return {}
        rows.sort(key=lambda row: row["version"] != champion)
        found: dict[str, int] = {}
        for row in rows:
            level = str(row["parameters"].get("level"))
            if row["version"] == champion or not refused_by(row):
                found.setdefault(level, int(row["version"]))
        return found

    def forecast(self, level: str = "") -> DemandForecast | None:
        """The forecast of a level, by default that of the champion; None without a champion.

        Of the champion's level, that of another where the reader sees no area of it.

        Raises
        ------
        IntegrityError
            A bundle is damaged.
        """
        name = pair_name(DEMAND, self.target.name)
        state = forecast_state(self._home, name)
        if state is None:
            return None
        wanted = self.versions.get(level, state[0])
        others = () if level else self.versions.values()
        found = (self._version(name, version, state) for version in (wanted, *others))
        return next((one for one in found if one is not None), None)

    def _version(self, name: str, version: int, state: tuple[Any, ...]) -> DemandForecast | None:
        key = (name, version, state)
        found: DemandForecast | None = self._forecasts.get_or_compute(
            key, lambda: self._load(name, version, state[0])
        )
        return found

    def _load(self, name: str, version: int, champion: int) -> DemandForecast | None:
        """None where the reader sees no area of it."""
        bundle = Bundle.load(version_folder(self._home, name, version))
        made = current_forecast(self._home, name, self._pinned.id) if version == champion else None
        table = made.cells if made else bundle.table("forecast")
        if table.is_empty():
            return None
        check = read_check(self._home, name, version)
        has_harm = bundle.has_table(MIX) and "expected_harm" in table.columns
        mix = bundle.whole_table(MIX).join(table, on="area", how="semi") if has_harm else None
        drawn = DrawnDemand(table, mix)
        return DemandForecast(bundle, drawn, version == champion, check)

    def by_area(
        self,
        found: DemandForecast,
        measure: DemandMeasure,
        shifts: Sequence[str],
        step: ForecastStep,
    ) -> PeriodForecast:
        """The sum over shifts of each area."""
        key = (*_key(found), measure, tuple(shifts), step)
        return self._sums.get_or_compute(key, lambda: found.sums(measure).by_area(shifts, step))

    def total(
        self,
        found: DemandForecast,
        measure: DemandMeasure,
        areas: Sequence[str],
        shifts: Sequence[str],
        step: ForecastStep,
    ) -> PeriodForecast:
        """The sum over areas and shifts, as one row."""
        key = (*_key(found), measure, tuple(areas), tuple(shifts), step)
        sums = found.sums(measure)
        return self._sums.get_or_compute(key, lambda: sums.total(areas, shifts, step))

    def counted(
        self,
        found: DemandForecast,
        measure: DemandMeasure,
        areas: Sequence[str],
        shifts: Sequence[str],
        step: ForecastStep,
    ) -> CountedPeriods:
        """What was counted of some areas and shifts, before and since."""
        counts = self._sums.get_or_compute(
            (*_key(found), measure, "counted"), lambda: self._counted_days(found, measure)
        )
        forecast = periods_of(found.days, step)
        length = step.days(len(found.days))
        ends = range(max(DAYS_BEFORE // length, 1), 0, -1)
        before = tuple(
            ForecastPeriod(found.days[0], found.days[0] + timedelta(days=length - 1)).before(
                at * length
            )
            for at in ends
        )
        year = tuple(one.before(YEAR_DAYS) for one in forecast)
        sums = counted_in(counts, areas, shifts, (*before, *forecast, *year))
        parts = len(before), len(before) + len(forecast)
        first, last = self._pinned.snapshot.manifest.covered or (found.until, found.until)
        since = zip(forecast, sums[parts[0] : parts[1]], strict=True)
        past = zip(year, sums[parts[1] :], strict=True)
        return CountedPeriods(
            before,
            tuple(sums[: parts[0]]),
            tuple(count if one.last <= last else None for one, count in since),
            tuple(count if one.first >= first else None for one, count in past),
        )

    def _counted_days(self, found: DemandForecast, measure: DemandMeasure) -> pl.DataFrame:
        first, last = found.days[0], found.days[-1]
        between = ForecastPeriod(first - timedelta(days=YEAR_DAYS), last)
        selection = Selection.parse(found.bundle.selection, self._pinned.attributes)
        return counted_days(self._pinned.reader, selection, found.level, between, measure)


def _key(found: DemandForecast) -> tuple[str, int, date]:
    return found.bundle.name, found.bundle.version, found.days[0]


def chosen_shifts(found: DemandForecast, chosen: Sequence[str]) -> tuple[str, ...]:
    """The forecast's shifts that are chosen; all of them if none is."""
    return tuple(name for name in found.shifts if name in chosen) or found.shifts


def chosen_areas(found: DemandForecast, chosen: Sequence[str]) -> tuple[str, ...]:
    """The forecast's areas that are chosen; all of them if none is."""
    return tuple(name for name in found.areas if name in chosen) or found.areas


def measure_of(found: DemandForecast, text: str) -> DemandMeasure:
    """The measure of a name, counts if it is empty.

    Raises
    ------
    InputError
        The forecast has no such measure.
    """
    names = {one.value: one for one in found.measures}
    if text and text not in names:
        known = ", ".join(names)
        raise InputError(f"measure={text[:40]} is not valid here; choose from {known}.")
    return names[text] if text else DemandMeasure.COUNT


def step_of(text: str) -> ForecastStep:
    """The step of a name, days if it is empty.

    Raises
    ------
    InputError
        It is not a step.
    """
    try:
        return ForecastStep(text or ForecastStep.DAY)
    except ValueError as error:
        steps = ", ".join(ForecastStep)
        raise InputError(f"{text[:40]!r} is not a valid step; choose from {steps}.") from error
