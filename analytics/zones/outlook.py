"""The champion forecast by zone, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from analytics.access.stored_results import seen_results
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import FORECASTS
from analytics.artifacts.champion_checks import StoredForecast
from analytics.artifacts.labels import OUTSIDE, PARTITIONS, score
from analytics.crossfilter.places import in_rings, project
from analytics.crossfilter.selection import Selection
from analytics.forecasting.units import UnitKind
from analytics.incidents.reader import SnapshotReader
from analytics.zones.city_expected import expected_in_city
from analytics.zones.edits import AddedZone
from analytics.zones.expected import (
    Calibration,
    CellForecast,
    ZoneForecasts,
    membership,
    zone_forecasts,
    zone_shares,
)
from analytics.zones.unit_forecast import UnitForecast
from analytics.zones.zone_counts import Folds, Zones, zone_counts

FORECAST, STREET_FORECAST = FORECASTS


@dataclass(frozen=True)
class ZoneForecast:
    """Expected incidents of one zone with its 95% prediction interval, and their variance."""

    expected: float
    low: int
    high: int
    variance: float


@unique
class NoOutlook(StrEnum):
    """Why there is no forecast by zone."""

    NO_FORECAST = "no_forecast"
    TOO_FEW_PAST_FORECASTS = "too_few_past_forecasts"
    OF_WHOLE_CITY = "of_whole_city"  # and the reader sees only some areas


@dataclass(frozen=True, eq=False)
class Outlook:
    """The forecast by key of the zone, or the reason for which there is none.

    Attributes
    ----------
    missing : why there is none
    first, days : first day and number of days that are forecast
    forecaster : its name
    is_baseline : whether the champion is a baseline, since no candidate beat it
    zones : forecast by key of the zone
    km2 : area of added zones by key
    is_of_part : whether the forecast is of a part of the target, see `part_outlook`
    """

    missing: NoOutlook | None = None
    first: date | None = None
    days: int = 0
    forecaster: str = ""
    is_baseline: bool = False
    version: int = 0
    calibration: Calibration | None = None
    zones: Mapping[str, ZoneForecast] = field(default_factory=dict, repr=False)
    km2: Mapping[str, float] = field(default_factory=dict, repr=False)
    is_of_part: bool = False

    def of(self, key: str) -> ZoneForecast | None:
        return self.zones.get(key)

    @property
    def last(self) -> date | None:
        return self.first and self.first + timedelta(days=self.days - 1)

    @property
    def about(self) -> dict[str, Any]:
        """What an export says of the forecast, as JSON."""
        if self.missing or not self.calibration:
            return {"missing": self.missing}
        return {
            "first": str(self.first),
            "last": str(self.last),
            "forecaster": self.forecaster,
            "version": self.version,
            "interval_coverage": round(self.calibration.coverage, 4),
            "past_forecasts": self.calibration.folds,
            "shared_error": round(self.calibration.shared, 4),
        }


@dataclass(frozen=True, eq=False)
class ChampionForecast:
    """The newest forecast of the champion.

    Attributes
    ----------
    bundle : the champion's
    first, days : first day and number of days that are forecast
    units : by cell or block, and by part of the day
    cells : by cell, with past forecasts; None for blocks
    """

    bundle: Bundle
    first: date
    days: int
    units: UnitForecast = field(repr=False)
    cells: CellForecast | None = field(repr=False)

    @property
    def forecaster(self) -> str:
        return str(self.bundle.parameters["forecaster"])

    @property
    def is_baseline(self) -> bool:
        """Whether a baseline is in use because the nominated candidate did not beat it."""
        return self.forecaster != self.bundle.parameters.get("nominee")


def load_forecast(home: Path, stored: StoredForecast) -> ChampionForecast:
    """A stored forecast with the past forecasts from the champion's evaluation."""
    bundle = Bundle.load(version_folder(home, stored.name, stored.version))
    first, size_m = date.fromisoformat(stored.cutoff), int(bundle.rule["size_m"])
    units = UnitForecast.of(stored.cells, bundle.rule)
    cells = None
    if units.kind is UnitKind.CELL:
        cells = CellForecast(stored.cells, bundle.whole_table("tested"), size_m, first, stored.days)
    return ChampionForecast(bundle, first, stored.days, units, cells)


def outlook_of(
    forecast: ChampionForecast | None,
    zones: Bundle,
    added: Sequence[AddedZone],
    reader: SnapshotReader,
) -> Outlook:
    """Forecast the zones of a model and the added ones.

    Parameters
    ----------
    reader : of a snapshot that has the labels of `zones`
    """
    km2 = {zone.key: _km2(zone, zones.crs_local) for zone in added}
    if forecast is None or forecast.cells is None:
        return Outlook(NoOutlook.NO_FORECAST, km2=km2)
    if seen_results().areas is not None:
        return Outlook(NoOutlook.OF_WHOLE_CITY, km2=km2)
    keys = [*map(str, range(_number(zones))), *(zone.key for zone in added)]
    found = _forecasts(forecast, forecast.cells, zones, added, reader)
    if found is None:
        return Outlook(NoOutlook.TOO_FEW_PAST_FORECASTS, km2=km2)
    by_zone = {
        key: ZoneForecast(float(expected), int(low), int(high), float(variance))
        for key, expected, low, high, variance in zip(
            keys, found.expected, found.low, found.high, found.variance, strict=True
        )
    }
    return Outlook(
        None,
        forecast.first,
        forecast.days,
        forecast.forecaster,
        forecast.is_baseline,
        forecast.bundle.version,
        found.calibration,
        by_zone,
        km2,
    )


def newer_data_until(forecast: ChampionForecast, last_day: date | None) -> date | None:
    """Last day of the data, where the forecast was made before it."""
    newer = last_day is not None and forecast.first != last_day + timedelta(days=1)
    return last_day if newer else None


def _forecasts(
    forecast: ChampionForecast,
    cells: CellForecast,
    zones: Bundle,
    added: Sequence[AddedZone],
    reader: SnapshotReader,
) -> ZoneForecasts | None:
    number, folds = _number(zones), Folds(tuple(cells.cutoffs), cells.days)
    target = Selection.parse(forecast.bundle.selection).without({"date"})
    counted = Zones(zones.name, zones.version, number, [zone.polygon for zone in added])
    counts = zone_counts(reader, target, counted, cells.size_m, folds)
    centers_in = _centers_in(cells, zones, added)
    whole = zones.rule["kind"] in PARTITIONS
    shares, shares_before = (
        zone_shares(cells, located, centers_in, fitted=number, whole=whole)
        for located in (counts.cells, counts.before)
    )
    manifest = reader.snapshot.manifest
    inside = folds.within(manifest.first_day, manifest.last_day)
    folds_inside = np.asarray(inside, dtype=np.int64)
    city = expected_in_city(reader, target, cells)
    return zone_forecasts(
        cells, shares, shares_before, counts.happened, folds_inside, fitted=number, city=city
    )


def _number(zones: Bundle) -> int:
    """Number of the last zone that the reader sees, and 1."""
    return int(zones.table("zones")["label"].max() or 0) + 1  # type: ignore[arg-type]


def _centers_in(cells: CellForecast, zones: Bundle, added: Sequence[AddedZone]) -> sparse.csr_array:
    """Zones × cells, 1 where the center of a cell is in the zone."""
    labels, centers, number = zones.whole_table("labels"), cells.centers, _number(zones)
    found = score(zones.rule, labels, centers)
    parts = [membership(np.where(found < number, found, OUTSIDE), number)]
    for zone in added:
        east, north = _corners(zone, zones.crs_local)
        inside = in_rings(centers[:, 0], centers[:, 1], [(east, north)])
        parts.append(sparse.csr_array(inside[None, :].astype(np.float64)))
    return sparse.csr_array(sparse.vstack(parts))


def _corners(
    zone: AddedZone, crs_local: str
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    lats, lons = zip(*zone.polygon.vertices, strict=True)
    return project(crs_local, lats, lons)


def _km2(zone: AddedZone, crs_local: str) -> float:
    """Area by the shoelace formula."""
    x, y = _corners(zone, crs_local)
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2e6)
