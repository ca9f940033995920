"""Options of the Explore page: levels, map mode, sort order. Sent with every gesture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from callbacks.frame.options import one_of
from components.frame.theme import Theme, as_theme

OFFENSE_LEVELS = ("type", "group", "description")
AREA_VIEWS = (*AREA_LEVELS, "location_type")
MAP_MODES = ("cells", *AREA_LEVELS, "points")
MEASURES = ("incidents", "harm", "arrest_share", "share")
CELL_SIZES = ("1000", "500", "250", "150", "points")
NUMBERS = frozenset({"map", "hours", "days"})


@dataclass(frozen=True)
class ExploreOptions:
    """Options as the page uses them; the default where the browser sent no valid value."""

    theme: Theme = "light"
    offenses: str = "type"
    areas: str = "district"
    map: str = "cells"
    measure: str = "incidents"
    size: str = "1000"
    bounds: tuple[float, float, float, float] | None = None
    sort: str = "occurred_from"
    descending: bool = True
    offset: int = 0
    numbers: frozenset[str] = frozenset()  # cards whose table of the same numbers is open
    narrow: bool = False  # a phone: incidents as a list

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
            map=one_of(raw.get("map"), MAP_MODES),
            measure=one_of(raw.get("measure"), MEASURES),
            size=one_of(raw.get("size"), CELL_SIZES),
            bounds=_bounds(raw.get("bounds")),
            sort=str(raw.get("sort") or "occurred_from"),
            descending=raw.get("desc", "1") in ("1", True),
            offset=max(0, _whole(raw.get("offset"))),
            numbers=NUMBERS & frozenset(str(raw.get("numbers") or "").split(",")),
            narrow=raw.get("narrow") == "1",
        )


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
    except (TypeError, ValueError):
        return 0


def _bounds(value: Any) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(part) for part in str(value).split(","))
    except ValueError:
        return None
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None
