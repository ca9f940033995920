"""Patterns planted in the demo city, so that methods can be tested on known ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from analytics.demo.city import City, Integers
from analytics.demo.draw import Calendar, Draft, Scene, pick, rows_of_type
from analytics.demo.profile import DemoProfile
from analytics.demo.streets import degrees

ALL_WEEK = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class HotSpot:
    """A planted hot spot. `share` is of all incidents of its type; hours may wrap midnight."""

    name: str
    type: str
    x_m: float  # center, in meters east and north of downtown
    y_m: float
    radius_m: float
    share: float
    hours: tuple[int, ...]
    weekdays: tuple[int, ...] = ALL_WEEK  # 1 = Monday
    first_days_ago: int | None = None  # None = from the start
    last_days_ago: int = 0


HOT_SPOTS = (
    HotSpot("Harbor interchange", "ROBBERY", -900, 1_400, 130, 0.020, (21, 22, 23, 0, 1), (5, 6)),
    HotSpot("Market square", "THEFT", 500, -700, 110, 0.008, tuple(range(11, 19)), (1, 2, 3, 4, 5)),
    HotSpot("Stadium lots", "MOTOR VEHICLE THEFT", -4_900, -3_600, 180, 0.015, (18, 19, 20, 21)),
    HotSpot("Lantern row bars", "BATTERY", -1_500, 4_800, 120, 0.007, (0, 1, 2, 3), (6, 7)),
    HotSpot(
        "Orchard estate", "BURGLARY", -9_700, -4_200, 250, 0.005, tuple(range(8, 16)),
        (1, 2, 3, 4, 5), first_days_ago=300,
    ),
    HotSpot("Mill corner", "NARCOTICS", -7_200, 900, 90, 0.020, tuple(range(10, 23))),
    HotSpot(
        "Ridge school", "CRIMINAL DAMAGE", -5_200, -9_300, 140, 0.008, tuple(range(15, 21)),
        (1, 2, 3, 4, 7),
    ),
    HotSpot(
        "North hotels", "THEFT", -2_600, 8_300, 130, 0.005, (20, 21, 22, 23, 0, 1, 2),
        last_days_ago=420,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Trend:
    """A type that rises linearly in some districts until the last day."""

    name: str
    type: str
    districts: tuple[str, ...]
    days: int
    factor_at_end: float


TREND = Trend("Vehicle theft wave", "MOTOR VEHICLE THEFT", ("010", "015"), 243, 3.0)


def plant_hot_spots(draft: Draft, scene: Scene) -> list[dict[str, Any]]:
    """Move some incidents of each type to its hot spots; returns the hot spots."""
    return [_plant(_at_a_block(spot, scene.city), draft, scene) for spot in HOT_SPOTS]


def _plant(spot: HotSpot, draft: Draft, scene: Scene) -> dict[str, Any]:
    city, calendar, rng = scene.city, scene.calendar, scene.rng
    rows = free_rows(draft, scene.profile, spot.type)
    rows = rng.choice(rows, round(spot.share * len(rows)), replace=False)
    away = np.hypot(*(city.points - (spot.x_m, spot.y_m)).T)
    draft.point[rows] = rng.choice(np.flatnonzero(away <= spot.radius_m), len(rows))
    first, last = _window(spot, calendar)
    allowed = np.isin(calendar.weekdays + 1, spot.weekdays).astype(float)
    allowed[:first] = 0
    allowed[last + 1 :] = 0
    draft.day[rows] = pick(allowed * calendar.reported_share(), len(rows), rng)
    draft.minute[rows] = rng.choice(spot.hours, len(rows)) * 60 + rng.integers(0, 60, len(rows))
    draft.planted[rows] = True
    return {
        "kind": "hot spot",
        "name": spot.name,
        "type": spot.type,
        **_where(spot, city),
        "hours": list(spot.hours),
        "weekdays": list(spot.weekdays),
        "first": str(calendar.first + timedelta(days=first)),
        "last": str(calendar.first + timedelta(days=last)),
        "incidents": len(rows),
    }


def _at_a_block(spot: HotSpot, city: City) -> HotSpot:
    """Move the spot to the middle of the nearest block, so that it is never in the water."""
    away = np.hypot(*(city.blocks.middles - (spot.x_m, spot.y_m)).T)
    x, y = city.blocks.middles[away.argmin()].tolist()
    return replace(spot, x_m=x, y_m=y)


def _where(spot: HotSpot, city: City) -> dict[str, Any]:
    lat, lon = degrees(np.array([[spot.x_m, spot.y_m]]))[0].round(6).tolist()
    block = np.hypot(*(city.blocks.middles - (spot.x_m, spot.y_m)).T).argmin()
    keys = {level: str(tiling.of_block[block]) for level, tiling in city.levels.items()}
    name = city.blocks.names[block]
    return {"lat": lat, "lon": lon, "radius_m": spot.radius_m, "block": name, **keys}


def _window(spot: HotSpot, calendar: Calendar) -> tuple[int, int]:
    last = len(calendar) - 1
    first = 0 if spot.first_days_ago is None else last - spot.first_days_ago
    return first, last - spot.last_days_ago


def free_rows(draft: Draft, profile: DemoProfile, crime_type: str) -> Integers:
    """Incidents of a type that were not moved yet."""
    rows = rows_of_type(draft, profile, crime_type)
    return rows[~draft.planted[rows]]


def plant_trend(draft: Draft, scene: Scene) -> dict[str, Any]:
    """Move incidents of the trend's type from elsewhere into its districts."""
    city, calendar, rng = scene.city, scene.calendar, scene.rng
    rows = free_rows(draft, scene.profile, TREND.type)
    district = city.levels["district"].of_block[city.block_of_point[draft.point[rows]]]
    inside = np.isin(district, TREND.districts)
    start = len(calendar) - TREND.days
    usual = rows[inside & (draft.day[rows] >= start)]
    extra = round(len(usual) * (TREND.factor_at_end - 1) / 2)
    moved = rng.choice(rows[~inside], min(extra, int((~inside).sum())), replace=False)
    draft.point[moved] = rng.choice(draft.point[rows[inside]], len(moved))
    rise = np.zeros(len(calendar))
    rise[start:] = np.arange(1, TREND.days + 1)
    draft.day[moved] = pick(rise * calendar.reported_share(), len(moved), rng)
    draft.planted[moved] = True
    return {
        "kind": "trend",
        **_plain(TREND),
        "first": str(calendar.first + timedelta(days=start)),
        "last": str(calendar.first + timedelta(days=len(calendar) - 1)),
        "incidents": len(moved),
    }


def _plain(trend: Trend) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value
        for key, value in asdict(trend).items()
    }
