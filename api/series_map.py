"""The map of a series: its incidents by number, and where the next one is likely; north is up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from analytics.briefing.area_picture import area_picture
from analytics.briefing.document import AreaMap, MapPlace, ShadedArea
from analytics.briefing.picture import svg
from analytics.drafting.bulletin_cards import NO_STEP, areas_within, frame_around
from analytics.formats import is_metric
from analytics.incidents.projection import to_degrees
from analytics.series.next_incident import NextArea

WIDTH, HEIGHT = 640.0, 420.0
Frame = tuple[float, float, float, float]
"""West, south, east and north."""


def series_map(
    members: pl.DataFrame, area: NextArea | None, crs_local: str, outlines: Path | None, alt: str
) -> str:
    """The map as SVG; incidents are numbered by day."""
    places = tuple(
        MapPlace(str(at), lon, lat)
        for at, (lat, lon) in enumerate(members.select("lat", "lon").iter_rows(), 1)
    )
    points = [(one.lon, one.lat) for one in places]
    likely = [] if area is None else _outlined(area, crs_local)
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
