"""Options of the Explore page: levels, map mode, sort order. Sent with every gesture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analytics.areas.place_frame import PlaceFrame
from analytics.crossfilter.block_list import SORTS as BLOCK_SORTS
from analytics.incident_record.record import LONGEST_ID
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from callbacks.frame.options import one_of
from components.frame.theme import Theme, as_theme

OFFENSE_LEVELS = ("type", "group", "description")
AREA_VIEWS = (*AREA_LEVELS, "location_type", "block")
MAP_MODES = ("cells", *AREA_LEVELS, "block", "points")
MEASURES = ("incidents", "harm", "arrest_share", "share")
SIZES_BY_ZOOM = ((10.5, "1000"), (11.5, "500"), (13.5, "250"), (15.5, "150"), (99.0, "points"))
"""Zoom below which cells have a size; from near, points are shown."""
CELL_SIZES = tuple(size for _, size in SIZES_BY_ZOOM)
NUMBERS = frozenset({"map", "hours", "days"})


@dataclass(frozen=True)
class ExploreOptions:
    """Options as the page uses them; the default where the browser sent no valid value."""

    theme: Theme = "light"
    offenses: str = "type"
    areas: str = "district"
    block_sort: str = "incidents"
    map: str = "cells"
    measure: str = "incidents"
    size: str = "1000"
    bounds: tuple[float, float, float, float] | None = None
    sort: str = "occurred_from"
    descending: bool = True
    offset: int = 0
    numbers: frozenset[str] = frozenset()  # cards whose table of the same numbers is open
    narrow: bool = False  # a phone: incidents as a list
    large: bool = False  # the table is enlarged to the page
    hides_notes: bool = False  # what people wrote on the map
    incident: str = ""  # id of the incident whose record is open
    map_px: tuple[int, int] | None = None  # width and height of the map on the screen
    framed: str | None = None  # what the map has framed, by PlaceFrame.key
    zoom: float | None = None  # to which the map moves, where it frames another place

    @property
    def shows_points(self) -> bool:
        return self.map == "points" or (self.map == "cells" and self.size == "points")

    @classmethod
    def of(cls, raw: Mapping[str, Any], manifest: Manifest) -> ExploreOptions:
        """Read what the browser sent, for a snapshot."""
        return cls(
            theme=as_theme(raw.get("theme")),
            offenses=_offenses(raw.get("offenses")),
            areas=_areas(raw.get("areas"), manifest),
            block_sort=one_of(raw.get("block_sort"), BLOCK_SORTS),
            map=one_of(raw.get("map"), MAP_MODES),
            measure=one_of(raw.get("measure"), MEASURES),
            size=one_of(raw.get("size"), CELL_SIZES),
            bounds=_bounds(raw.get("bounds")),
            sort=str(raw.get("sort") or "occurred_from"),
            descending=raw.get("desc", "1") in ("1", True),
            offset=max(0, _whole(raw.get("offset"))),
            numbers=NUMBERS & frozenset(str(raw.get("numbers") or "").split(",")),
            narrow=raw.get("narrow") == "1",
            large=raw.get("large") == "1",
            hides_notes=raw.get("written") == "off",
            incident=str(raw.get("incident") or "")[:LONGEST_ID],
            map_px=_pixels(raw.get("px")),
            framed=raw.get("framed"),
        )

    def moved_to(self, frame: PlaceFrame) -> ExploreOptions:
        """These options once the map frames a place: cells of the size that its zoom will have.

        So the answer to the gesture that chose the place fits the map it leads to, and the map
        need not ask again.
        """
        if frame.key == self.framed or self.map_px is None:
            return self
        zoom = frame.zoom(*self.map_px)
        if zoom is None:
            return self
        west, south, east, north = frame.view(*self.map_px, zoom)
        size = next(size for below, size in SIZES_BY_ZOOM if zoom < below)
        if self.map in ("points", "block"):
            size = "points"
        return replace(self, zoom=zoom, size=size, bounds=(west, south, east, north))


def _offenses(value: Any) -> str:
    """A level, or a further group scheme such as `group:part_i`."""
    if isinstance(value, str) and re.fullmatch(r"group:[\w .-]{1,60}", value):
        return value
    return one_of(value, OFFENSE_LEVELS)


def _areas(value: Any, manifest: Manifest) -> str:
    """The requested level; without a request, the first that the source has."""
    present = [level for level in AREA_VIEWS if level not in manifest.views_off]
    return one_of(value, AREA_VIEWS) if value else next(iter(present), AREA_VIEWS[0])


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _pixels(value: Any) -> tuple[int, int] | None:
    try:
        width, height = (int(part) for part in str(value).split(","))
    except ValueError:
        return None
    return (width, height) if 0 < width < 20_000 and 0 < height < 20_000 else None


def _bounds(value: Any) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(part) for part in str(value).split(","))
    except ValueError:
        return None
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None
