"""The places in the sampled rows of an unknown file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import shapely

from analytics.ingest.assignment import Assignment
from analytics.ingest.survey import SurveyedColumn
from analytics.ingest.value_shapes import POINT_PATTERNS, point_kind
from analytics.sources.mapping import Bounds

NEAR_DEGREES = 3.0
Place = tuple[float, float]  # latitude, longitude
_NUMBERS = re.compile(r"[-+]?\d+(?:\.\d+)?")


def sampled_places(found: Assignment) -> list[Place]:
    """Places of columns of degrees, or of points; none where coordinates are projected."""
    point = found.column("point")
    lat, lon = found.column("lat"), found.column("lon")
    places: list[Place] = []
    if point is not None:
        places = [place for text in point.values if (place := _of_point(text, point)) is not None]
    elif lat is not None and lon is not None:
        pairs = zip(lat.cells, lon.cells, strict=True)
        numbers = ((lat.number(a), lon.number(b)) for a, b in pairs if a and b)
        places = [(a, b) for a, b in numbers if a is not None and b is not None]
    return [place for place in places if place != (0, 0)]


def middle(places: Sequence[Place]) -> Place:
    """Median latitude and longitude."""
    half = len(places) // 2
    return sorted(a for a, _ in places)[half], sorted(b for _, b in places)[half]


def outer_bounds(places: Sequence[Place]) -> Bounds:
    """West, south, east, north without the outermost hundredth on each side."""
    last = len(places) - 1
    ends = round(0.01 * last), round(0.99 * last)
    lats, lons = sorted(a for a, _ in places), sorted(b for _, b in places)
    return lons[ends[0]], lats[ends[0]], lons[ends[1]], lats[ends[1]]


def around(place: Place) -> Bounds:
    """The box of places near a place."""
    lat, lon = place
    return lon - NEAR_DEGREES, lat - NEAR_DEGREES, lon + NEAR_DEGREES, lat + NEAR_DEGREES


def exchanged_question(found: Assignment, places: Sequence[Place]) -> str | None:
    """The question whether latitude and longitude are exchanged in some rows."""
    lat, lon = middle(places)
    exchanged = [
        place
        for place in places
        if abs(place[0] - lon) < NEAR_DEGREES and abs(place[1] - lat) < NEAR_DEGREES
    ]
    if not exchanged or abs(lat - lon) < 2 * NEAR_DEGREES:
        return None
    names = " and ".join(repr(found.fields[name].column.name) for name in ("lat", "lon"))
    return (
        f"Are {names} exchanged in some rows? In {len(exchanged):,} of {len(places):,} sampled "
        f"places they are, such as {exchanged[0][0]}, {exchanged[0][1]}; those would become "
        "unknown."
    )


def _of_point(text: str, column: SurveyedColumn) -> Place | None:
    kind = point_kind(column)
    if kind == "wkb":
        point = shapely.from_wkb(text, on_invalid="ignore")
        return (
            (point.y, point.x) if isinstance(point, shapely.Point) and not point.is_empty else None
        )
    pattern = POINT_PATTERNS["wkt" if kind == "wkt" else "pair"].match(text)
    numbers = _NUMBERS.findall(text.partition("(")[2] or text) if pattern else []
    if len(numbers) < 2:
        return None
    first, second = float(numbers[-2]), float(numbers[-1])
    if kind == "wkt":
        first, second = float(numbers[0]), float(numbers[1])
    place = (first, second) if kind == "lat, lon" else (second, first)
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None
