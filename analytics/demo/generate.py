"""Generate the demo city's file, in the layout of the Chicago portal's export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from analytics.demo.city import City, Integers, build_city, point_degrees
from analytics.demo.draw import Calendar, Draft, Scene, add_victims, draw, location_names
from analytics.demo.planted import plant_hot_spots, plant_trend
from analytics.demo.profile import DemoProfile
from analytics.demo.repeats import plant_near_repeats

TIME_FORMAT = "%m/%d/%Y %I:%M:%S %p"
INCIDENTS_PER_UPDATE = 5_000  # for each id that occurs twice, with a newer update
INCIDENTS_PER_UNREADABLE = 20_000  # for each unreadable row
FEET_PER_METRE = 3.280839895
BROKEN_DATES = ("02/30/2020 11:15:00 PM", "UNKNOWN", "", "13/45/2020 10:00:00 AM", "yesterday")


@dataclass(frozen=True)
class Generated:
    """The file's rows as text, and the patterns planted in them."""

    rows: pl.DataFrame
    planted: list[dict[str, Any]]
    incidents: int
    updates: int
    unreadable: int


def generate(
    profile: DemoProfile, incidents: int, seed: int, until: date, city: City | None = None
) -> Generated:
    """Generate incidents of three years ending on `until`; the same for the same arguments.

    Parameters
    ----------
    incidents : number of incidents; earlier versions and unreadable rows are added to it
    """
    city = city or build_city(profile)
    rng = np.random.default_rng(seed)
    calendar = Calendar.ending(until)
    scene = Scene(profile, city, calendar, rng)
    draft = draw(scene, incidents)
    planted = plant_hot_spots(draft, scene)
    planted += [plant_trend(draft, scene), plant_near_repeats(draft, scene)]
    add_victims(draft, scene)
    rows = _rows(draft, scene)
    earlier = _earlier_versions(rows, incidents // INCIDENTS_PER_UPDATE, rng)
    broken = _unreadable(rows, max(3, incidents // INCIDENTS_PER_UNREADABLE), rng)
    return Generated(
        pl.concat([earlier, rows, broken]), planted, incidents, len(earlier), len(broken)
    )


def _rows(draft: Draft, scene: Scene) -> pl.DataFrame:
    profile, city, calendar, rng = scene.profile, scene.city, scene.calendar, scene.rng
    order = np.lexsort((draft.minute, draft.day))
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    offense, point = draft.offense[order], draft.point[order]
    minutes = draft.day[order] * 1440 + draft.minute[order]
    start = datetime(calendar.first.year, calendar.first.month, calendar.first.day)
    at = pl.lit(start) + pl.duration(minutes=pl.col("minutes"))
    end = len(calendar) * 1440 + 240  # the file is dated 04:00 on the day after the last
    lag = np.interp(
        rng.uniform(size=len(minutes)),
        np.linspace(0, 1, len(profile.updated_after_days)),
        profile.updated_after_days,
    )
    updated = np.minimum(minutes + (lag * 1440).astype(np.int64), end)
    frame = pl.DataFrame(
        {
            "minutes": minutes,
            "updated": updated,
            "number": np.arange(1, len(minutes) + 1),
            "case": position[draft.case[order]] + 1,
            "arrest": draft.arrest[order],
            "domestic": draft.domestic[order],
        }
    )
    texts = frame.select(
        pl.format("D{}", pl.col("number").cast(pl.String).str.zfill(7)).alias("ID"),
        pl.format(
            "DC{}{}",
            at.dt.strftime("%y"),
            (pl.col("case") % 1_000_000).cast(pl.String).str.zfill(6),
        ).alias("Case Number"),
        at.dt.strftime(TIME_FORMAT).alias("Date"),
        _word("arrest").alias("Arrest"),
        _word("domestic").alias("Domestic"),
        (pl.lit(start) + pl.duration(minutes=pl.col("updated")))
        .dt.strftime(TIME_FORMAT)
        .alias("Updated On"),
    )
    wide = texts.with_columns(
        *_offense_columns(profile, offense),
        _gather("Location Description", location_names(profile), draft.location[order]),
        *_place_columns(city, point),
    )
    blanks = rng.uniform(size=len(offense)) < _no_point(profile, offense)
    return _with_missing(wide, profile, pl.Series(blanks), rng).select(COLUMNS)


COLUMNS = (
    *("ID", "Case Number", "Date", "Block", "IUCR", "Primary Type", "Description"),
    *("Location Description", "Arrest", "Domestic", "Beat", "District", "Ward"),
    *("Community Area", "FBI Code", "X Coordinate", "Y Coordinate", "Updated On"),
    *("Latitude", "Longitude"),
)


def _word(column: str) -> pl.Expr:
    return pl.when(column).then(pl.lit("true")).otherwise(pl.lit("false"))


def _gather(name: str, values: list[str | None] | list[str], codes: Integers) -> pl.Series:
    return pl.Series(name, values, dtype=pl.String).gather(codes)


def _offense_columns(profile: DemoProfile, offense: Integers) -> list[pl.Series]:
    columns = {
        "IUCR": [kind.code for kind in profile.offenses],
        "FBI Code": [kind.fbi_code for kind in profile.offenses],
        "Primary Type": [kind.type for kind in profile.offenses],
        "Description": [kind.description for kind in profile.offenses],
    }
    return [_gather(name, values, offense) for name, values in columns.items()]


def _place_columns(city: City, point: Integers) -> list[pl.Series]:
    lat, lon = np.round(point_degrees(city), 9).T
    x, y = np.round(city.points * FEET_PER_METRE).astype(np.int64).T
    block = city.block_of_point[point]
    of_point = {"Latitude": lat, "Longitude": lon, "X Coordinate": x, "Y Coordinate": y}
    levels = {"Beat": "beat", "District": "district", "Ward": "ward", "Community Area": "area"}
    return [
        *(
            pl.Series(name, values).cast(pl.String).gather(point)
            for name, values in of_point.items()
        ),
        _gather("Block", city.blocks.names, block),
        *(
            _gather(name, city.levels[level].of_block.tolist(), block)
            for name, level in levels.items()
        ),
    ]


def _no_point(profile: DemoProfile, offense: Integers) -> np.ndarray[Any, Any]:
    return np.array([kind.no_point for kind in profile.offenses])[offense]


def _with_missing(
    frame: pl.DataFrame, profile: DemoProfile, no_point: pl.Series, rng: np.random.Generator
) -> pl.DataFrame:
    """Remove coordinates and areas as often as the real file lacks them."""
    gaps = {"Latitude": no_point, "Longitude": no_point}
    gaps |= {"X Coordinate": no_point, "Y Coordinate": no_point}
    for column, name in (("Ward", "ward"), ("Community Area", "area"), ("District", "district")):
        gaps[column] = pl.Series(rng.uniform(size=len(frame)) < profile.missing[name])
    return frame.with_columns(
        pl.when(gap).then(None).otherwise(pl.col(column)).alias(column)
        for column, gap in gaps.items()
    )


def _earlier_versions(rows: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Earlier versions, before the arrest, of some incidents that ended in one."""
    arrested = np.flatnonzero((rows["Arrest"] == "true").to_numpy())
    picked = np.sort(rng.choice(arrested, min(count, len(arrested)), replace=False))
    at = pl.col("Date").str.to_datetime(TIME_FORMAT)
    return rows[picked].with_columns(
        pl.lit("false").alias("Arrest"),
        at.dt.offset_by("30m").dt.strftime(TIME_FORMAT).alias("Updated On"),
    )


def _unreadable(rows: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Copies of rows with new ids and invalid dates."""
    picked = np.sort(rng.choice(len(rows), min(count, len(rows)), replace=False))
    broken = [BROKEN_DATES[step % len(BROKEN_DATES)] for step in range(len(picked))]
    identifiers = [f"D9{step:06d}" for step in range(len(picked))]
    return rows[picked].with_columns(
        pl.Series("Date", broken),
        pl.Series("ID", identifiers),
        pl.Series("Case Number", identifiers),
    )
