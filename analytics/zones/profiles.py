"""Profiles of zones: name, types, peak hours, trend, and how each differs from the city.

The lift of a value is its share of the zone's incidents over its share of all selected ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import shapely

from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.formats import country_of
from analytics.hotspots.fishnet import study_area
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.two_periods import NotComparable, Period
from analytics.zones.place_names import Surroundings, distinct_names, zone_name
from analytics.zones.zone_levels import ZoneLevel, zone_levels
from analytics.zones.zone_trends import ZoneTrend, zone_trends
from sql import load

HULL_RATIO = 0.3
MARGIN_M = 40.0
"""Around the places of a zone, half a street and a lot, so that even one block has an area."""
PEAK_HOURS = 4
MIN_INCIDENTS = 10
NOTABLE = 1.25
"""Lift from which a value with `MIN_INCIDENTS` or more is notable in a zone."""
LIFT_DIMENSIONS = ("type", "hour", "location_type")


@dataclass(frozen=True)
class PeakHours:
    """The four consecutive hours with most incidents, and their share in the zone and citywide."""

    first: int
    last: int
    share: float
    city_share: float


@dataclass(frozen=True)
class Contrast:
    """How a zone differs from the city.

    Attributes
    ----------
    density : incidents per area, in times the city's
    type, location_type : the value with most incidents beyond its citywide share, and its lift;
        None where no value is notable
    peak : whether the peak hours are notable
    """

    density: float
    type: tuple[str, float] | None
    location_type: tuple[str, float] | None
    peak: bool


@dataclass(frozen=True, eq=False)
class ZoneProfile:
    """One zone.

    Attributes
    ----------
    polygon : shapely geometry in local meters
    main_types : tuples of type and share of the zone's incidents, most first
    lifts : pl.DataFrame
        dimension, value, incidents, share, city_share, lift; by dimension and incidents.
    trend : ZoneTrend or NotComparable
        The last 28 complete days of the period, beside what was expected.
    level : ZoneLevel
        Since when it has as many incidents as now; None where the data is too short to tell.
    """

    zone: int
    name: str
    incidents: int
    harm: int
    area_km2: float
    polygon: shapely.Geometry = field(repr=False)
    peak: PeakHours | None
    main_types: tuple[tuple[str, float], ...]
    lifts: pl.DataFrame = field(repr=False)
    trend: ZoneTrend | NotComparable
    level: ZoneLevel | None
    contrast: Contrast


def zone_profiles(
    reader: SnapshotReader,
    scope: Scope,
    selection: Selection,
    point_ids: Ints,
    labels: Ints,
    *,
    polygons: Mapping[int, shapely.Geometry] | None = None,
    top: int = 20,
) -> list[ZoneProfile]:
    """Profiles of the first zones, by their numbers.

    Parameters
    ----------
    point_ids, labels : arrays of shape (places,)
        Places as in `WeightedPoints.frame["point_id"]`, and their labels; -1 is noise.
    polygons : mapping of zone to polygon in local meters, optional
        Of zones made of cells; by default the hull of each zone's places.
    top : int
        Number of zones to profile.
    """
    where = incidents_where(reader, scope, selection)
    every = reader.frame(load("hotspots/zone_incidents", conditions=where.sql), where.params)
    zones = pl.DataFrame(
        {"point_id": np.asarray(point_ids, np.int32), "zone": np.asarray(labels, np.int64)}
    )
    every = every.join(zones, on="point_id", how="left")
    city = _City.of(every, study_area(reader).area / 1e6, Surroundings.of(reader, every))
    count = int(zones["zone"].max()) + 1 if zones.height else 0  # type: ignore[arg-type]
    chosen = every.filter(pl.col("zone").is_between(0, min(top, count) - 1))
    frames = {
        number: frame for (number,), frame in chosen.partition_by("zone", as_dict=True).items()
    }
    numbers = sorted(frames)
    manifest = reader.snapshot.manifest
    period = _complete(selection.period(manifest), manifest.provisional_day)
    trends = zone_trends(every, numbers, period, country_of(manifest.source.timezone))
    levels = zone_levels(every, numbers, period)
    found = [
        _profile(number, frames[number], city, (trend, level), (polygons or {}).get(number))
        for number, trend, level in zip(numbers, trends, levels, strict=True)
    ]
    names = distinct_names([one.name for one in found])
    return [replace(one, name=name) for one, name in zip(found, names, strict=True)]


def zone_polygon(xy: Floats) -> shapely.Geometry:
    """Concave hull of a zone's places with a margin of 40 m, in local meters."""
    points = shapely.multipoints(np.unique(np.asarray(xy, dtype=np.float64), axis=0))
    hull = shapely.concave_hull(points, ratio=HULL_RATIO)
    return shapely.buffer(hull, MARGIN_M, quad_segs=2)


@dataclass(frozen=True, eq=False)
class _City:
    """All selected incidents, which zones are compared with."""

    incidents: int
    area_km2: float
    around: Surroundings
    hours: Floats
    shares: pl.DataFrame

    @classmethod
    def of(cls, every: pl.DataFrame, area_km2: float, around: Surroundings) -> _City:
        return cls(every.height, area_km2, around, _hours(every), _shares(every))


def _profile(
    number: int,
    frame: pl.DataFrame,
    city: _City,
    over_time: tuple[ZoneTrend | NotComparable, ZoneLevel | None],
    polygon: shapely.Geometry | None,
) -> ZoneProfile:
    shape = polygon or zone_polygon(frame.select("x_m", "y_m").to_numpy())
    lifts = _lifts(frame, city)
    peak = peak_hours(_hours(frame), city.hours)
    types = lifts.filter(pl.col("dimension") == "type").head(3)
    area_km2 = shape.area / 1e6
    return ZoneProfile(
        zone=number,
        name=zone_name(number, frame, city.around, area_km2),
        incidents=frame.height,
        harm=int(frame["harm"].sum()),
        area_km2=area_km2,
        polygon=shape,
        peak=peak,
        main_types=tuple(zip(types["value"].to_list(), types["share"].to_list(), strict=True)),
        lifts=lifts,
        trend=over_time[0],
        level=over_time[1],
        contrast=contrast_of(frame.height, area_km2, (city.incidents, city.area_km2), lifts, peak),
    )


def contrast_of(
    incidents: int,
    area_km2: float,
    city: tuple[int, float],
    lifts: pl.DataFrame,
    peak: PeakHours | None,
) -> Contrast:
    """Compare a zone with the city.

    Parameters
    ----------
    city : incidents and area (km²) of all selected ones
    lifts : as `ZoneProfile.lifts`

    Notes
    -----
    Of types and of location types, the one with most incidents beyond its citywide share is named,
    among those at least 1.25 times as common as citywide and with 10 incidents or more. The peak
    hours are notable where they hold 1.25 times their citywide share.
    """
    return Contrast(
        density=(incidents / area_km2) / (city[0] / city[1]),
        type=_most_beyond(lifts, "type"),
        location_type=_most_beyond(lifts, "location_type"),
        peak=peak is not None
        and incidents >= MIN_INCIDENTS
        and peak.share >= NOTABLE * peak.city_share,
    )


def _most_beyond(lifts: pl.DataFrame, dimension: str) -> tuple[str, float] | None:
    beyond = pl.col("incidents") * (1 - 1 / pl.col("lift"))
    found = lifts.filter(
        (pl.col("dimension") == dimension)
        & (pl.col("lift") >= NOTABLE)
        & (pl.col("incidents") >= MIN_INCIDENTS)
    ).sort(beyond, descending=True)
    return (found["value"][0], found["lift"][0]) if found.height else None


def _shares(frame: pl.DataFrame) -> pl.DataFrame:
    """dimension, value, incidents and share of the incidents whose value is known."""
    parts = []
    for dimension in LIFT_DIMENSIONS:
        value = pl.col(dimension).cast(pl.String).alias("value")
        counted = frame.drop_nulls(dimension).group_by(value).agg(pl.len().alias("incidents"))
        share = pl.col("incidents") / pl.col("incidents").sum()
        parts.append(
            counted.select(pl.lit(dimension).alias("dimension"), "value", "incidents", share=share)
        )
    return pl.concat(parts)


def _lifts(frame: pl.DataFrame, city: _City) -> pl.DataFrame:
    wide = city.shares.select("dimension", "value", city_share="share")
    return (
        _shares(frame)
        .join(wide, on=["dimension", "value"], how="left")
        .with_columns(lift=pl.col("share") / pl.col("city_share"))
        .sort(["dimension", "incidents", "value"], descending=[False, True, False])
    )


def _hours(frame: pl.DataFrame) -> Floats:
    known = frame["hour"].drop_nulls().to_numpy()
    return np.bincount(known.astype(np.int64), minlength=24).astype(np.float64)


def peak_hours(hours: Floats, city: Floats) -> PeakHours | None:
    """The busiest four hours, across midnight too; None where no hour is known."""
    if not hours.sum():
        return None
    around = np.concatenate([hours, hours[: PEAK_HOURS - 1]])
    sums = np.convolve(around, np.ones(PEAK_HOURS), mode="valid")
    first = int(np.argmax(sums))
    window = (first + np.arange(PEAK_HOURS)) % 24
    share = float(hours[window].sum() / hours.sum())
    return PeakHours(first, int(window[-1]), share, float(city[window].sum() / city.sum()))


def _complete(period: Period | None, provisional: date | None) -> Period | None:
    """A period without the days that still fill up; None where none is complete."""
    if period is None or provisional is None or period[1] < provisional:
        return period
    return (period[0], provisional - timedelta(days=1)) if period[0] < provisional else None
