"""Cards of a bulletin: a pattern of places and times on one page. It names no persons."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from analytics.areas.outline_file import read_kept_areas
from analytics.briefing.cited_text import NumberSource, Piece, Sourced, cited_text
from analytics.briefing.document import AreaMap, MapCard, MapPlace, Point, ShadedArea, TextCard
from analytics.crossfilter.clauses import CustomAreas, Labels, Near, Polygon
from analytics.drafting.figures import OVERVIEW, BriefingFigures
from analytics.drafting.place_cards import areas_map, busy_places
from analytics.drafting.verdicts import compared, listed, said_of, total_of
from analytics.errors import PatrolIQError
from analytics.formats import date_range, hour_range, is_metric, number, percent, weekday_name
from analytics.overview.hours import hours_in
from analytics.zones.zone_list import PREFIX

PEAK_HOURS = 4
FEWEST_OF_PEAK = 5
"""Incidents with an exact hour of which a peak is told."""
NAMED = 3
PATTERN = NumberSource("The series when its bulletin was made; method: docs/series.md")
ROOM = 0.35
"""Beside the pattern on its map, of its size."""
LEAST_DEGREES = 0.006
METERS_PER_DEGREE = 111_195.0
NO_STEP = -1


def lookout(figures: BriefingFigures) -> TextCard:
    """What, how many, when and where."""
    parts = (_pattern, _count, _hours, _weekdays, _where)
    paragraphs = [list(one(figures)) for one in parts]
    paragraphs.append(["This is a pattern of places and times; it describes no person."])
    said = [one for one in paragraphs if one]
    return TextCard("lookout", "What to look out for", cited_text(said))


def _pattern(figures: BriefingFigures) -> Iterator[Piece]:
    if figures.request.pattern:
        yield Sourced(figures.request.pattern, PATTERN)


def _count(figures: BriefingFigures) -> Iterator[Piece]:
    main = figures.days.main
    source = figures.source("Counts by day", main.period)
    found = total_of(figures.expected(main))
    yield Sourced(figures.incidents_words, source)
    yield ": "
    yield Sourced(number(figures.incidents(main.period)), source)
    yield " from "
    yield Sourced(date_range(*main.period), source)
    if figures.days.short is not None:
        yield ", of which "
        yield Sourced(number(figures.incidents(figures.days.short.period)), source)
        yield " in the last "
        yield Sourced(f"{number(figures.days.short.days)} days", source)
    yield from said_of(found, source)
    yield "."
    yield from compared(found, source)


def _hours(figures: BriefingFigures) -> Iterator[Piece]:
    if figures.lacks("hour"):
        return
    main = figures.days.main
    counts = np.rint(hours_in(figures.exact_hours, main.period) * main.days).astype(int)
    total = int(counts.sum())
    source = figures.source("Counts by exact hour", main.period, OVERVIEW)
    if total < FEWEST_OF_PEAK:
        yield "When: too few incidents have an exact hour ("
        yield Sourced(number(total), source)
        yield ")."
        return
    around = np.concatenate([counts, counts])
    sums = [int(around[hour : hour + PEAK_HOURS].sum()) for hour in range(24)]
    first = max(range(24), key=lambda hour: (sums[hour], -hour))
    yield "When: "
    yield Sourced(percent(sums[first] / total, 0), source)
    yield " from "
    yield Sourced(hour_range(first, first + PEAK_HOURS), source)
    yield " ("
    yield Sourced(number(sums[first]), source)
    yield " of "
    yield Sourced(number(total), source)
    yield " with an exact hour)."


def _weekdays(figures: BriefingFigures) -> Iterator[Piece]:
    main = figures.days.main
    if main.months_only:
        return
    start = (main.period[0] - figures.days.covered[0]).days
    by_day = figures.daily.total.counts.sum(axis=0)[start : start + main.days]
    sums = [0] * 7
    for at, count in enumerate(by_day.tolist()):
        sums[(main.period[0].weekday() + at) % 7] += count
    if not sum(sums):
        return
    source = figures.source("Counts by weekday", main.period, OVERVIEW)
    ranked = sorted(range(7), key=lambda day: (-sums[day], day))[:2]
    yield "Most on "
    yield from listed(
        [
            [Sourced(weekday_name(day + 1), source), " (", Sourced(number(sums[day]), source), ")"]
            for day in ranked
            if sums[day]
        ],
        " and ",
    )
    yield "."


def _where(figures: BriefingFigures) -> Iterator[Piece]:
    busy = busy_places(figures)
    if busy is None or not busy.places:
        return
    yield "Where: most at "
    yield from listed(
        [
            [Sourced(one.name, busy.source), " (", Sourced(number(one.incidents), busy.source), ")"]
            for one in busy.places[:NAMED]
        ],
        ", ",
    )
    yield "."


def place_map(figures: BriefingFigures) -> MapCard | None:
    """The pattern's place among its surroundings; the map of areas where it has no place."""
    rings, circle = _rings(figures), _circle(figures)
    points = [point for ring in rings for point in ring] + _around(circle)
    if not points:
        return areas_map(figures)
    frame = frame_around(points)
    west, south, east, north = frame
    busy = busy_places(figures)
    places = tuple(
        MapPlace(str(at), *one.at)
        for at, one in enumerate(busy.places if busy else (), 1)
        if one.at is not None and west < one.at[0] < east and south < one.at[1] < north
    )
    path = figures.pinned.snapshot.outline(figures.level) if figures.level else None
    areas = areas_within(path, frame)
    if rings:
        areas.append(ShadedArea("", rings, rings[0][0], NO_STEP, chosen=True))
    shown = AreaMap(tuple(areas), places, frame=frame, circle=circle, metric=is_metric())
    alt = (
        f"Map of the place, north up: {figures.incidents_words}. Numbers are the busiest places, "
        "most incidents first."
    )
    source = figures.source("Counts by place", figures.days.main.period, OVERVIEW)
    return MapCard("place_map", "Where", shown, alt, source)


def areas_within(path: Path | None, frame: tuple[float, float, float, float]) -> list[ShadedArea]:
    """What of the areas of an outline file is in a frame."""
    found = []
    for area in read_kept_areas(path) if path else []:
        part = shapely.clip_by_rect(area.polygon, *frame)
        shapes = [
            one
            for one in shapely.get_parts(part)
            if isinstance(one, shapely.Polygon) and not one.is_empty
        ]
        if shapes:
            inside = shapely.point_on_surface(max(shapes, key=shapely.area))
            rings = tuple(_corners(one) for one in shapes)
            found.append(ShadedArea(area.key, rings, (inside.x, inside.y), NO_STEP))
    return found


def _corners(shape: shapely.Polygon) -> tuple[Point, ...]:
    return tuple((round(x, 5), round(y, 5)) for x, y in shape.exterior.coords)


def _rings(figures: BriefingFigures) -> tuple[tuple[Point, ...], ...]:
    """Outlines of the drawn area, of the custom areas, or of the selected zones."""
    drawn, zones = figures.selection.get("polygon"), figures.selection.get("zone")
    custom = figures.selection.get("custom_area")
    if isinstance(drawn, Polygon):
        return (tuple((lon, lat) for lat, lon in drawn.vertices),)
    if isinstance(custom, CustomAreas):
        return tuple(
            tuple((lon, lat) for lon, lat in ring.tolist())
            for area in custom.found
            for ring in area.rings
        )
    found: list[tuple[Point, ...]] = []
    if isinstance(zones, Labels):
        for model, version, label in zones.known:
            found += _of_zone(figures, model, version, label)
    return tuple(found)


def _of_zone(
    figures: BriefingFigures, model: str, version: int, label: str
) -> list[tuple[Point, ...]]:
    name = model if model.startswith(PREFIX) else f"{PREFIX}{model}"
    try:
        outlines = figures.hot_spots.version(name, version).geojson or {"features": []}
    except PatrolIQError:  # the reader does not see it, or it is gone
        return []
    found = []
    for one in outlines["features"]:
        if str(one["properties"]["id"]) == label:
            shape = shapely.geometry.shape(one["geometry"])
            found += [
                _corners(part)
                for part in shapely.get_parts(shape)
                if isinstance(part, shapely.Polygon)
            ]
    return found


def _circle(figures: BriefingFigures) -> tuple[float, float, float] | None:
    near = figures.selection.get("near")
    return (near.lon, near.lat, float(near.meters)) if isinstance(near, Near) else None


def _around(circle: tuple[float, float, float] | None) -> list[Point]:
    if circle is None:
        return []
    lon, lat, meters = circle
    up = meters / METERS_PER_DEGREE
    across = up / max(math.cos(math.radians(lat)), 0.01)
    return [(lon - across, lat - up), (lon + across, lat + up)]


def frame_around(points: list[Point]) -> tuple[float, float, float, float]:
    """West, south, east and north of a map that shows some points with their surroundings."""
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    wide = max((max(lons) - min(lons)) * ROOM, LEAST_DEGREES / 2)
    high = max((max(lats) - min(lats)) * ROOM, LEAST_DEGREES / 2)
    return min(lons) - wide, min(lats) - high, max(lons) + wide, max(lats) + high
