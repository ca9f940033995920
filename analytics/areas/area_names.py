"""Names of areas with a place for each, for maps."""

from __future__ import annotations

from analytics.crossfilter.outline_names import area_title
from analytics.incidents.warehouse import Snapshot

LEVELS = ("area", "district", "ward", "beat")
"""Levels by how well people know their names."""
NamedPlace = tuple[float, float, str]
"""Latitude, longitude, name."""


def named_places(snapshot: Snapshot) -> list[NamedPlace]:
    """Areas of the first level whose outlines have names, largest first; empty without any."""
    from analytics.areas.outline_file import read_kept_areas  # noqa: PLC0415 - loads shapely

    for level in LEVELS:
        path = snapshot.outline(level)
        areas = [] if path is None else read_kept_areas(path)
        named = [area for area in areas if area.name not in ("", area.key)]
        if named:
            named.sort(key=lambda area: -area.polygon.area)
            return [
                (round(middle.y, 5), round(middle.x, 5), area_title(area.name))
                for area in named
                for middle in [area.polygon.representative_point()]
            ]
    return []
