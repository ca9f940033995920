"""The list of zones: what each is called, what happens there, when, and how it differs.

Lift of a value is its share of the zone's incidents over its share of all chosen ones.
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
from analytics.formats import area_text, hour_range, number, percent
from analytics.hotspots.fishnet import study_area
from analytics.hotspots.inputs import incidents_where
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats, Ints
from analytics.statistics.change import (
    Comparison,
    Incomparable,
    NotComparable,
    Period,
    compare,
)
from analytics.zones.place_names import Surroundings, titled, told_apart, zone_name
from sql import load

HULL_RATIO = 0.3
MARGIN_M = 40.0
"""Around the places of a zone, so that one block has an area: half a street and a lot."""
PEAK_HOURS = 4
TREND_DAYS = 28
MIN_INCIDENTS = 10
"""Incidents of a value in a zone below which its lift is not spoken of."""
NOTABLE = 1.25
LIFT_DIMENSIONS = ("type", "hour", "location_type")


@dataclass(frozen=True)
class Peak:
    """The hours in a row with most incidents; `city_share` is what the same hours hold citywide."""

    first: int
    last: int
    share: float
    city_share: float

    @property
    def words(self) -> str:
        return hour_range(self.first, self.last + 1)


@dataclass(frozen=True, eq=False)
class ZoneProfile:
    """One zone.

    Attributes
    ----------
    polygon : shapely geometry in local meters
    main_types : tuples of type and share of the zone's incidents, most first
    lifts : pl.DataFrame
        dimension, value, incidents, share, city_share, lift; by dimension and incidents.
    trend : Comparison or NotComparable
        The last 28 days of the period with the 28 before.
    why : str
        A sentence on what sets the zone apart.
    """

    zone: int
    name: str
    incidents: int
    harm: int
    area_km2: float
    polygon: shapely.Geometry = field(repr=False)
    peak: Peak | None
    main_types: tuple[tuple[str, float], ...]
    lifts: pl.DataFrame = field(repr=False)
    trend: Comparison | NotComparable
    why: str


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
    """Profiles of the first zones, in the order of their numbers.

    Parameters
    ----------
    point_ids, labels : arrays of shape (places,)
        As `WeightedPoints.frame["point_id"]` and the labels a method gave them; -1 is noise.
    polygons : mapping of zone to polygon in local meters, optional
        Where the zones are cells; by default the hull of each zone's places.
    top : int
        Most zones to profile.
    """
    where = incidents_where(reader, scope, selection)
    every = reader.frame(load("hotspots/zone_incidents", conditions=where.sql), where.params)
    zones = pl.DataFrame(
        {"point_id": np.asarray(point_ids, np.int32), "zone": np.asarray(labels, np.int64)}
    )
    every = every.join(zones, on="point_id", how="left")
    city = _City.of(every, study_area(reader).polygon.area / 1e6, Surroundings.of(reader, every))
    period = selection.period(reader.snapshot.manifest)
    count = int(zones["zone"].max()) + 1 if zones.height else 0  # type: ignore[arg-type]
    chosen = every.filter(pl.col("zone").is_between(0, min(top, count) - 1))
    found = [
        _profile(number, frame, city, period, (polygons or {}).get(number))
        for (number,), frame in sorted(
            chosen.partition_by("zone", as_dict=True).items(), key=lambda item: item[0][0]
        )
    ]
    names = told_apart([one.name for one in found])
    return [replace(one, name=name) for one, name in zip(found, names, strict=True)]


def zone_polygon(xy: Floats) -> shapely.Geometry:
    """Concave hull of a zone's places with a margin of 40 m, in local meters."""
    points = shapely.multipoints(np.unique(np.asarray(xy, dtype=np.float64), axis=0))
    hull = shapely.concave_hull(points, ratio=HULL_RATIO)
    return shapely.buffer(hull, MARGIN_M, quad_segs=2)


@dataclass(frozen=True, eq=False)
class _City:
    """What zones are compared with: all chosen incidents."""

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
    period: Period | None,
    polygon: shapely.Geometry | None,
) -> ZoneProfile:
    shape = polygon or zone_polygon(frame.select("x_m", "y_m").to_numpy())
    lifts = _lifts(frame, city)
    peak = _peak(_hours(frame), city.hours)
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
        trend=_trend(frame, period),
        why=why_here(frame.height, area_km2, (city.incidents, city.area_km2), lifts, peak),
    )


def why_here(
    incidents: int,
    area_km2: float,
    city: tuple[int, float],
    lifts: pl.DataFrame,
    peak: Peak | None,
) -> str:
    """What sets a zone apart, in one sentence; says so where nothing does.

    Parameters
    ----------
    city : incidents and area (km²) of all chosen ones
    lifts : as `ZoneProfile.lifts`

    Notes
    -----
    Named are the type and the kind of place with most incidents beyond their citywide share,
    among those at least 1.25 times as common here and with 10 incidents or more; then the hours,
    where they hold 1.25 times their citywide share.
    """
    density = (incidents / area_km2) / (city[0] / city[1])
    # A zone as dense as the city is no hot spot, however many incidents it has.
    parts = [
        f"{number(incidents)} incidents on {area_text(area_km2)}, "
        f"{_times(density)} the city's density"
    ]
    for dimension, text in (
        ("type", "{} is {} times as common"),
        ("location_type", "{}, {} times"),
    ):
        found = _most_beyond(lifts, dimension)
        if found:
            parts.append(text.format(titled(found[0]), f"{number(found[1], 1)}"))
    if peak and incidents >= MIN_INCIDENTS and peak.share >= NOTABLE * peak.city_share:
        here, city_share = (percent(share, 0) for share in (peak.share, peak.city_share))
        parts.append(f"{here} between {peak.words} (city {city_share})")
    if len(parts) == 1:
        parts.append("types, location types and hours are like the city's")
    return "; ".join(parts) + "."


def _times(ratio: float) -> str:
    return f"{number(ratio, 0)} times" if ratio >= 9.5 else f"{number(ratio, 1)} times"


def _most_beyond(lifts: pl.DataFrame, dimension: str) -> tuple[str, float] | None:
    beyond = pl.col("incidents") * (1 - 1 / pl.col("lift"))
    found = lifts.filter(
        (pl.col("dimension") == dimension)
        & (pl.col("lift") >= NOTABLE)
        & (pl.col("incidents") >= MIN_INCIDENTS)
    ).sort(beyond, descending=True)
    return (found["value"][0], found["lift"][0]) if found.height else None


def _shares(frame: pl.DataFrame) -> pl.DataFrame:
    """dimension, value, incidents, share (of incidents whose value is known)."""
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


def _peak(hours: Floats, city: Floats) -> Peak | None:
    """The best window of four hours, midnight no border; None where no hour is known."""
    if not hours.sum():
        return None
    around = np.concatenate([hours, hours[: PEAK_HOURS - 1]])
    sums = np.convolve(around, np.ones(PEAK_HOURS), mode="valid")
    first = int(np.argmax(sums))
    window = (first + np.arange(PEAK_HOURS)) % 24
    share = float(hours[window].sum() / hours.sum())
    return Peak(first, int(window[-1]), share, float(city[window].sum() / city.sum()))


def _trend(frame: pl.DataFrame, period: Period | None) -> Comparison | NotComparable:
    if period is None:
        return NotComparable(Incomparable.NO_DAYS)
    days = frame.group_by("day").agg(pl.len().alias("incidents"))
    span = timedelta(days=TREND_DAYS - 1)
    now: tuple[date, date] = (period[1] - span, period[1])
    before = (now[0] - timedelta(days=TREND_DAYS), now[0] - timedelta(days=1))
    return compare(days, now, before, covered=period)
