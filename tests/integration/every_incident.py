"""Counts made by looking at every incident of a small city: what engines are compared with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import floor, hypot
from typing import Any

import shapely
from pyproj import Transformer

from analytics.crossfilter.clauses import (
    Cells,
    CustomAreas,
    Hours,
    Near,
    Period,
    Polygon,
    Span,
)
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from tests.integration.snapshots import CRS, MODELS, SmallCity, shift_of

Row = dict[str, Any]
CALENDAR = "calendar weekday"  # that of the incident, also where its evening's is another
PLACE = {"cell", "polygon", "near", "custom_area", "zone", "temporal_profile"}
# What the names of a dimension's models start with.
LABELED = {
    "zone": "zones_",
    "temporal_profile": "temporal_",
}
OWNED = {  # written out by hand from the rule: a level and the finer ones under it
    "total": set(),
    "type": {"type", "description"},
    "description": {"description"},
    "group": {"group", "type", "description"},
    "group:part_i": {"group", "type", "description"},
    "group:nibrs": {"group", "type", "description"},
    "hour": {"hour", "hour_weekday"},
    "weekday": {"weekday", "hour_weekday"},
    "hour_weekday": {"hour", "weekday", "hour_weekday"},
    "shift": {"shift"},
    "day": {"date"},
    "month": {"date"},
    "district": {"district", "beat"},
    "beat": {"beat"},
    "ward": {"ward"},
    "area": {"area"},
    "location_type": {"location_type"},
    "block": {"block"},
    "arrest": {"arrest"},
    "domestic": {"domestic"},
    "heaped": {"heaped"},
    "default_address": {"default_address"},
    "premise": {"premise"},
    "age": {"age"},
    "note": {"note"},
    "cells:250": PLACE,
    "cells:1000": PLACE,
    "map:district": PLACE | {"district", "beat"},
    "map:beat": PLACE | {"beat"},
    "map:area": PLACE | {"area"},
    "map:block": PLACE | {"block"},
    "points:-87.67,41.86,-87.64,41.89": PLACE,
    "places:-87.67,41.86,-87.64,41.89": PLACE,
    "zone:kmeans": {"zone"},
    "zone:dbscan": {"zone"},
    "temporal_profile:kmeans": {"temporal_profile"},
}
to_meters = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def passes(row: Row, name: str, clause: Any, city: SmallCity) -> bool:  # noqa: PLR0911
    if name == "group":
        lines = {
            f"{scheme}:{line}"
            for scheme, by_offense in city.schemes.items()
            for line in by_offense.get(row["offense_id"], ())
        }
        return bool(({word(row["group"])} | lines) & set(clause.keys))
    if name == "date":
        first, last = days_of(clause, city)
        return row["operational_day"] is not None and first <= row["operational_day"] <= last
    if name == "hour_weekday":
        return (row.get(CALENDAR, row["weekday"]), row["hour"]) in clause.keys
    if name in ("hour", "weekday"):
        return row[name] in clause.keys
    if name in LABELED:
        return bool(set(clause.keys) & {label_of(row, model, city) for model in models(name)})
    if name in PLACE:
        return in_place(row, clause)
    if name in ("heaped", "default_address"):
        value = row["heaped_time" if name == "heaped" else name]
        return ("yes" if value else "no") in clause.keys
    if name in ("arrest", "domestic"):
        return yes_no(row[name]) in clause.keys
    if name == "age":
        return in_span(row["attr_age"], clause)
    if name in ("premise", "note"):
        return word(row[f"attr_{name}"]) in clause.keys
    return word(row[name]) in clause.keys


def word(value: Any) -> str:
    return "unknown" if value is None else str(value)


def yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def days_of(clause: Period, city: SmallCity) -> tuple[date, date]:
    last = city.snapshot.manifest.last_day or date.max
    if clause.relative == "ytd":
        return date(last.year, 1, 1), last
    if clause.relative == "mtd":
        return date(last.year, last.month, 1), last
    if clause.relative:
        count = int(clause.relative.removeprefix("last").removesuffix("d"))
        return last - timedelta(days=count - 1), last
    return clause.first or date.min, clause.last or date.max


def in_place(row: Row, clause: Any) -> bool:
    if row["point_id"] is None:
        return isinstance(clause, Cells) and None in clause.keys
    if isinstance(clause, Cells):
        return any(
            key is not None
            and (floor(row["x_m"] / key[0]), floor(row["y_m"] / key[0])) == (key[1], key[2])
            for key in clause.keys
        )
    if isinstance(clause, Near):
        x, y = middle_of(clause)
        return hypot(row["x_m"] - x, row["y_m"] - y) <= clause.meters
    return bool(outline_of(clause).contains(shapely.Point(row["x_m"], row["y_m"])))


@lru_cache
def middle_of(clause: Near) -> tuple[float, float]:
    x, y = to_meters.transform(clause.lon, clause.lat)
    return x, y


def in_meters(ring: Any) -> list[tuple[float, float]]:
    return [to_meters.transform(lon, lat) for lon, lat in ring]


@lru_cache
def outline_of(clause: Polygon | CustomAreas) -> shapely.Geometry:
    if isinstance(clause, CustomAreas):
        parts = [
            shapely.Polygon(in_meters(shell), [in_meters(hole) for hole in holes])
            for area in clause.areas
            for shell, *holes in area.polygons
        ]
        return shapely.union_all(parts)
    return shapely.Polygon([to_meters.transform(lon, lat) for lat, lon in clause.vertices])


def models(dimension: str) -> list[str]:
    return [model for model in MODELS if model.startswith(LABELED[dimension])]


def label_of(row: Row, model: str, city: SmallCity) -> tuple[str, int, str] | None:
    if row["point_id"] is None:
        return None
    return model, MODELS[model][0], city.labels[model].get(row["point_id"], "none")


def in_span(value: float | None, clause: Any) -> bool:
    if isinstance(clause, Span):
        low = float("-inf") if clause.low is None else clause.low
        high = float("inf") if clause.high is None else clause.high
        return value is not None and low <= value <= high
    return any(
        value is None if key == "unknown" else value is not None and float(key) == value
        for key in clause.keys
    )


def evening(row: Row, selection: Selection, city: SmallCity) -> Row:
    """The incident with the weekday on which its chosen hours or shift began, step by step back."""
    hours, shifts = selection.get("hour"), selection.get("shift")
    hour, weekday = row["hour"], row["weekday"]
    chosen = set(hours.keys) - {None} if isinstance(hours, Hours) else set()
    if shifts:  # eight hours each
        of_shift = {(hour + step) % 24 for step in range(-7, 8)} if hour is not None else set()
        chosen = {each for each in of_shift if row["shift"] == shift_of(each)}
        chosen = chosen if row["shift"] in shifts.keys else set()
    if hour not in chosen or weekday is None or len(chosen) == 24:
        return row
    steps, ahead = [hour], 0
    while (steps[-1] - 1) % 24 in chosen:
        steps.append((steps[-1] - 1) % 24)
    while (hour + ahead + 1) % 24 in chosen:
        ahead += 1
    if len(steps) + ahead > 12:
        return row
    if 0 in steps[:-1] and city.day_start in steps[:-1]:
        return row | {"weekday": (weekday - 2) % 7 + 1}
    return row


def bins_of(name: str, row: Row, city: SmallCity) -> list[tuple[Any, ...]]:  # noqa: PLR0911
    base, _, argument = name.partition(":")
    if base == "total":
        return [()]
    if base == "group" and argument:
        lines = city.schemes[argument].get(row["offense_id"], set())
        return [(f"{argument}:{line}",) for line in lines]
    if base == "cells":
        if row["point_id"] is None:
            return [("unknown",)]
        size = int(argument)
        return [(f"{size}:{floor(row['x_m'] / size)}_{floor(row['y_m'] / size)}",)]
    if base in LABELED:
        key = label_of(row, f"{LABELED[base]}{argument}", city)
        return [(f"{argument}@{key[1]}:{key[2]}" if key else "unknown",)]
    if base == "points":
        west, south, east, north = map(float, argument.split(","))
        if row["lat"] is None or not (west <= row["lon"] <= east and south <= row["lat"] <= north):
            return []
        return [(row["lat"], row["lon"], row["point_id"])]
    if base == "map":
        return [(word(row[argument]),)]
    simple: dict[str, Callable[[], tuple[Any, ...]]] = {
        "hour": lambda: (row["hour"],),
        "weekday": lambda: (row["weekday"],),
        "hour_weekday": lambda: (row["weekday"], row["hour"]),
        "day": lambda: (row["operational_day"],),
        "arrest": lambda: (yes_no(row["arrest"]),),
        "domestic": lambda: (yes_no(row["domestic"]),),
        "heaped": lambda: ("yes" if row["heaped_time"] else "no",),
        "default_address": lambda: ("yes" if row["default_address"] else "no",),
        "premise": lambda: (word(row["attr_premise"]),),
        "note": lambda: (word(row["attr_note"]),),
        "age": lambda: (word(row["attr_age"]),),
    }
    return [simple[name]() if name in simple else (word(row[name]),)]


@dataclass(frozen=True)
class Judged:
    """An incident in scope, with the weekday of its evening, and the dimensions it fails."""

    row: Row
    nightly: Row
    failed: set[str]


@lru_cache(maxsize=8)
def judge(city: SmallCity, scope: Scope, selection: Selection) -> list[Judged]:
    """Every incident in scope; the same for all views, so it is kept from one to the next."""
    timed = selection.get("hour") or selection.get("shift")
    shown = selection if timed else scope.selection
    found = []
    for plain in city.rows:
        row = plain | {CALENDAR: plain["weekday"]}
        scoped = evening(row, scope.selection, city)
        if all(passes(scoped, *item, city) for item in scope.selection.items):
            nightly = evening(row, shown, city)
            failed = {item[0] for item in selection.items if not passes(nightly, *item, city)}
            found.append(Judged(row, nightly, failed))
    return found


def brute_force(
    city: SmallCity, scope: Scope, selection: Selection, name: str
) -> list[tuple[Any, ...]]:
    if name.startswith("places:"):
        places = name.replace("places:", "points:")
        rows = brute_force(city, scope, selection, places)
        return (
            [(len(rows), *map(sum, zip(*(row[3:] for row in rows), strict=True)))] if rows else []
        )
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for judged in judge(city, scope, selection):
        if judged.failed <= OWNED[name]:
            row = judged.row
            for key in bins_of(name, judged.nightly if name == "weekday" else row, city):
                found[key][0] += 1
                found[key][1] += row["arrest"] is True
                found[key][2] += row["harm_days"] or 0
    order = sorted(found, key=lambda key: [(part is None, part) for part in key])
    return [(*key, *found[key]) for key in order]


def heading_counts(text: str) -> tuple[int, int, int]:
    """Incidents of the selection, those the rows count and the selected ones among them."""
    line = next(line for line in text.splitlines() if line.startswith("# Incidents: "))
    numbers = r"# Incidents: ([\d,]+)(?: selected; ([\d,]+) in the rows(?: \(([\d,]+) of them)?)?"
    found = re.match(numbers, line)
    assert found, line
    incidents, written, selected = (int((x or "-1").replace(",", "")) for x in found.groups())
    written = incidents if written < 0 else written
    return incidents, written, min(incidents, written) if selected < 0 else selected
