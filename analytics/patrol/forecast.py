"""What each spot expects in a shift: the champion's forecast, or discounted counts without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from analytics.artifacts.catalog import FORECASTS, pair_name
from analytics.artifacts.champion_checks import current_forecast
from analytics.forecasting.bands import CITY_INCIDENTS
from analytics.forecasting.units import UnitKind
from analytics.patrol.demand import Demand
from analytics.patrol.plan_content import DISCOUNTED_COUNTS
from analytics.patrol.spots import SpotForecaster, positions_of
from analytics.statistics.arrays import Floats, sums_by_label
from analytics.zones.outlook import ChampionForecast, load_forecast

STREET_FORECAST = FORECASTS[1]


@dataclass(frozen=True, eq=False)
class ShiftForecast:
    """Expected incidents, or harm, of a shift by spot, and where they come from.

    Attributes
    ----------
    version : of the champion's street forecast; None where counts are discounted
    made_from : first day of that forecast
    """

    expected: Floats = field(repr=False)
    version: int | None = None
    made_from: date | None = None

    @property
    def name(self) -> str:
        """The forecast in short, such as for JSON."""
        return DISCOUNTED_COUNTS if self.version is None else f"{STREET_FORECAST}@{self.version}"


def street_champion(home: Path, target: str, snapshot: str) -> ChampionForecast | None:
    """The newest street forecast of a target's champion; None without one of blocks."""
    stored = current_forecast(home, pair_name(STREET_FORECAST, target), snapshot)
    forecast = None if stored is None else load_forecast(home, stored)
    return forecast if forecast and forecast.units.kind is UnitKind.BLOCK else None


def shift_forecast(
    forecaster: SpotForecaster,
    day: date,
    champion: ChampionForecast | None,
    everything: Demand | None,
) -> ShiftForecast:
    """Forecast a shift.

    A champion forecasts all incidents of its target. Its numbers are multiplied by the share that
    patrol can affect, which is taken from the incidents around each spot (`everything` has those
    of the target without exclusions) and shrunk toward the city's.
    """
    if champion is None or everything is None:
        return ShiftForecast(forecaster.expected(day))
    spots, demand = forecaster.spots, forecaster.demand
    units = champion.units
    part = units.part(demand.shift.hours)
    daily = units.expected(part) / champion.days
    place = positions_of(spots, units.units["block"].to_list())
    known = place >= 0
    expected = sums_by_label(place[known], daily[known], len(spots))
    if part is None:
        expected = expected * forecaster.shares(day)
    return ShiftForecast(
        expected * affected_share(forecaster, everything), champion.bundle.version, champion.first
    )


def affected_share(forecaster: SpotForecaster, everything: Demand) -> Floats:
    """Share of the target's incidents around each spot that patrol can affect."""
    spots = forecaster.spots
    own = np.bincount(spots.of_incident, minlength=len(spots)).astype(np.float64)
    place = positions_of(spots, everything.frame["block"].fill_null("").to_list())
    whole = np.bincount(place[place >= 0], minlength=len(spots)).astype(np.float64)
    city = own.sum() / max(float(everything.frame.height), 1.0)
    near = forecaster.around @ np.column_stack([own, whole])
    share = (near[:, 0] + CITY_INCIDENTS * city) / (near[:, 1] + CITY_INCIDENTS)
    return np.asarray(np.minimum(share, 1.0))
