"""The map of a series or a chain: its incidents by number, and where the next one may be."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import shapely

from analytics.briefing.area_picture import area_picture
from analytics.briefing.document import AreaMap, MapPlace, ShadedArea
from analytics.briefing.picture import svg
from analytics.drafting.bulletin_cards import NO_STEP, areas_within, frame_around
from analytics.formats import is_metric, number
from analytics.incidents.projection import to_degrees
from analytics.overview.daily_rows import LEVELS
from analytics.series.next_incident import NextArea
from analytics.services import Pinned

WIDTH, HEIGHT = 640.0, 420.0
Frame = tuple[float, float, float, float]
"""West, south, east and north."""


def series_map(pinned: Pinned, members: pl.DataFrame, area: NextArea | None = None) -> str:
    """The map as SVG, empty without incidents; they are numbered by day and time."""
    if not members.height:
        return ""
    manifest = pinned.snapshot.manifest
    level = next((one for one in LEVELS if one not in manifest.views_off), None)
    outlines = pinned.snapshot.outline(level) if level else None
    alt = f"Map of {number(members.height)} incidents, numbered by day and time, north up."
    if area is not None:
        alt += " The outlined area holds 80% of the density around them."
    places = tuple(
        MapPlace(str(at), lon, lat)
        for at, (lat, lon) in enumerate(members.select("lat", "lon").iter_rows(), 1)
    )
    points = [(one.lon, one.lat) for one in places]
    likely = [] if area is None else _outlined(area, manifest.crs_local)
    points += [point for one in likely for ring in one.rings for point in ring]
    frame = _in_shape(frame_around(points))
    shown = AreaMap(
        (*areas_within(outlines, frame), *likely), places, frame=frame, metric=is_metric()
    )
    return svg(area_picture(shown, WIDTH, HEIGHT), alt)


def _outlined(area: NextArea, crs_local: str) -> list[ShadedArea]:
    """Outlines of the area that holds most of the density."""
    low = area.corners
    high = low + area.cell_m
    cells = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    found = []
    for part in shapely.get_parts(shapely.union_all(cells)):
        corners = np.asarray(part.exterior.coords)
        lat, lon = to_degrees(corners[:, 0], corners[:, 1], crs_local)
        ring = tuple(zip(lon.round(6).tolist(), lat.round(6).tolist(), strict=True))
        found.append(ShadedArea("", (ring,), ring[0], NO_STEP, chosen=True))
    return found


def _in_shape(frame: Frame) -> Frame:
    """A frame made as wide or high as the picture is."""
    west, south, east, north = frame
    across = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * across, north - south
    more_wide = max(high * WIDTH / HEIGHT - wide, 0.0) / across / 2
    more_high = max(wide * HEIGHT / WIDTH - high, 0.0) / 2
    return west - more_wide, south - more_high, east + more_wide, north + more_high
