"""A map of shaded areas as a picture: outlines, numbered places, legend and scale; north is up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analytics.briefing.colors import COLORS, STEPS
from analytics.briefing.document import AreaMap, Point
from analytics.briefing.picture import Disc, Path2D, Picture, Shape, TextLine, box, words_width

MARGIN = 6.0
LEGEND = 92.0
"""Width of the legend, beside the map, so that it never covers the city."""
METERS_PER_DEGREE = 111_195.0
FOOT_M, MILE_M = 0.3048, 1609.344
SCALES_M = (50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
SCALES_MI = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50)
LABEL_SIZES = (6.5, 5.5)
LEAST_SPAN = 0.004
"""Degrees that a map shows at least."""
NO_STEP = -1
"""Of an area without incidents."""
CLOSE = 9.0
"""Points between marks of which one would cover the other."""


def area_picture(shown: AreaMap, width: float, height: float) -> Picture:
    """The map in a size."""
    return Picture(width, height, tuple(_Map(shown, width, height).shapes()))


class _Map:
    """Where everything stands."""

    def __init__(self, shown: AreaMap, width: float, height: float) -> None:
        self.shown = shown
        self.beside = LEGEND if shown.steps else 0.0
        self.room = width - self.beside - 2 * MARGIN
        self.width, self.height = width, height
        west, south, east, north = _frame(shown)
        self.across = math.cos(math.radians((south + north) / 2))
        wide, high = (east - west) * self.across, north - south
        self.scale = min(self.room / wide, (height - 2 * MARGIN) / high)
        self.left = MARGIN + (self.room - wide * self.scale) / 2
        self.top = MARGIN + (height - 2 * MARGIN - high * self.scale) / 2
        self.west, self.north = west, north

    def at(self, point: Point) -> Point:
        lon, lat = point
        return (
            self.left + (lon - self.west) * self.across * self.scale,
            self.top + (self.north - lat) * self.scale,
        )

    def shapes(self) -> list[Shape]:
        return [
            *self._areas(),
            *self._circle(),
            *self._labels(),
            *self._places(),
            *self._border(),
            *self._legend(),
            *self._scale(),
        ]

    def _areas(self) -> list[Shape]:
        shapes: list[Shape] = []
        for area in self.shown.areas:
            rings = tuple(tuple(self.at(point) for point in ring) for ring in area.rings)
            fill = COLORS["raised"] if area.step == NO_STEP else STEPS[area.step]
            shapes.append(Path2D(rings, fill=fill, stroke=COLORS["outline"], width=0.4))
        for area in self.shown.areas:
            if area.chosen:
                rings = tuple(tuple(self.at(point) for point in ring) for ring in area.rings)
                shapes.append(Path2D(rings, stroke=COLORS["selected"], width=1.6))
        return shapes

    def _circle(self) -> list[Shape]:
        if self.shown.circle is None:
            return []
        lon, lat, meters = self.shown.circle
        radius = meters / METERS_PER_DEGREE * self.scale
        return [Disc(self.at((lon, lat)), radius, "", COLORS["selected"], 1.4)]

    def _labels(self) -> list[Shape]:
        """Labels of areas that have room for them."""
        shapes: list[Shape] = []
        for area in self.shown.areas:
            points = [self.at(point) for ring in area.rings for point in ring]
            wide = max(x for x, _ in points) - min(x for x, _ in points)
            high = max(y for _, y in points) - min(y for _, y in points)
            for size in LABEL_SIZES:
                if words_width(area.label, size) < 0.7 * wide and size < 0.8 * high:
                    x, y = self.at(area.inside)
                    dark = area.step >= 3
                    shade = COLORS["surface" if dark else "text"]
                    shapes.append(TextLine(area.label, (x, y + size / 3), size, shade, "middle"))
                    break
        return shapes

    def _places(self) -> list[Shape]:
        """Discs with labels; those that would cover each other share one."""
        groups: list[tuple[Point, list[str]]] = []
        for place in self.shown.places:
            here = self.at((place.lon, place.lat))
            near = next((one for one in groups if math.dist(one[0], here) < CLOSE), None)
            if near is None:
                groups.append((here, [place.label]))
            else:
                near[1].append(place.label)
        shapes: list[Shape] = []
        for (x, y), labels in groups:
            text = joined(labels)
            radius = max(5.2, words_width(text, 6.5, bold=True) / 2 + 2)
            shapes.append(Disc((x, y), radius, COLORS["selected"], COLORS["surface"], 1.0))
            shapes.append(TextLine(text, (x, y + 2.3), 6.5, COLORS["surface"], "middle", bold=True))
        return shapes

    def _border(self) -> list[Shape]:
        if self.shown.frame is None:
            return []
        west, south, east, north = self.shown.frame
        (left, top), (right, bottom) = self.at((west, north)), self.at((east, south))
        inner = box(left, top, right - left, bottom - top)
        return [Path2D((inner,), stroke=COLORS["border"], width=0.7)]

    def _legend(self) -> list[Shape]:
        x, y = self.width - self.beside + 4, MARGIN + 10
        shapes: list[Shape] = []
        if self.shown.steps:
            shapes.append(TextLine("Incidents", (x, y), 7, COLORS["text-muted"]))
            for step in range(len(self.shown.steps) - 1, -1, -1):
                y += 13
                shapes.append(Path2D((box(x, y - 8, 12, 10),), fill=STEPS[step]))
                shapes.append(TextLine(self.shown.steps[step], (x + 17, y), 7))
        return shapes

    def _scale(self) -> list[Shape]:
        per_meter = self.scale / METERS_PER_DEGREE
        unit, scales = (1.0, SCALES_M) if self.shown.metric else (MILE_M, SCALES_MI)
        most = min(self.room / 4, 70)
        fitting = [one for one in scales if one * unit * per_meter <= most]
        size = fitting[-1] if fitting else scales[0]
        long, y = size * unit * per_meter, self.height - MARGIN - 4
        x = self.width - self.beside + 4 if self.beside else self.left + 6
        if not self.shown.metric:
            text = f"{size:g} mi" if size >= 0.25 else f"{size * MILE_M / FOOT_M:,.0f} ft"
        else:
            text = f"{size / 1000:g} km" if size >= 1000 else f"{size:g} m"
        bar = (((x, y - 3), (x, y), (x + long, y), (x + long, y - 3)),)
        return [
            Path2D(bar, stroke=COLORS["text"], width=0.8, closed=False),
            TextLine(text, (x, y - 5), 6.5, COLORS["text"], casing=COLORS["surface"]),
        ]


def joined(labels: Sequence[str]) -> str:
    """`3`, `1-4` of numbers in a row, or `1,4`."""
    numbers = [int(one) for one in labels if one.isdecimal()]
    in_a_row = numbers == list(range(numbers[0], numbers[0] + len(labels))) if numbers else False
    return f"{labels[0]}-{labels[-1]}" if in_a_row and len(labels) > 2 else ",".join(labels)


def _frame(shown: AreaMap) -> tuple[float, float, float, float]:
    if shown.frame is not None:
        return shown.frame
    points = [point for area in shown.areas for ring in area.rings for point in ring]
    points += [(place.lon, place.lat) for place in shown.places]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    more = max(LEAST_SPAN - (east - west), LEAST_SPAN - (north - south), 0.0) / 2
    return west - more, south - more, east + more, north + more
