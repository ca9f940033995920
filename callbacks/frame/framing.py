"""What a map frames and outlines for a selection."""

from __future__ import annotations

from typing import Any

from analytics.areas.place_frame import Corners, PlaceFrame, area_corners, around, place_frame
from analytics.crossfilter.clauses import Cells
from analytics.crossfilter.extent import extent
from analytics.crossfilter.map_cells import cells_outline
from analytics.crossfilter.selection import Selection
from analytics.incidents.model import AREA_LEVELS
from analytics.services import Pinned
from callbacks.frame.chosen import chosen_keys

CELLS = "&cell="
"""In the key of what a map has framed, before the cells that it opened with."""


def frame_of(pinned: Pinned, selection: Selection, framed: str | None = "") -> PlaceFrame:
    """The part of the map that a selection is about.

    Parameters
    ----------
    framed
        Key of what the map has framed. None for a map that opens: it frames chosen cells too, and
        stays there while other cells are chosen.
    """
    frame = place_frame(selection, lambda level: _corners(pinned, level), city_corners(pinned))
    if framed is not None:
        stays = framed.partition(CELLS)[0] == frame.key
        return PlaceFrame(framed, frame.corners) if stays else frame
    cells = selection.get("cell")
    if not isinstance(cells, Cells):
        return frame
    outline = cells_outline(cells, pinned.snapshot.manifest.crs_local)
    if outline.is_empty:
        return frame
    west, south, east, north = outline.bounds
    return PlaceFrame(f"{frame.key}{CELLS}{cells.text}", [[south, west], [north, east]])


def city_corners(pinned: Pinned) -> Corners | None:
    """Corners of the whole city, with the outlines that the agency added; None without places."""
    places = pinned.get_or_compute("extent", lambda: extent(pinned.reader))
    outlines = pinned.snapshot.manifest.outlines
    added = (level for level in AREA_LEVELS if level in outlines)
    level = next((one for one in added if outlines[one].origin == "added"), "")
    busy = {*pinned.vocabulary.values(level)}
    boxes = [box for key, box in _corners(pinned, level).items() if key in busy]
    return around([places, *boxes]) if places and boxes else places


def framing(pinned: Pinned, selection: Selection, framed: str | None = "") -> dict[str, Any]:
    """State of a map: what it frames, and the outlines of chosen areas."""
    frame = frame_of(pinned, selection, framed)
    return {
        "frame": {"key": frame.key, "corners": frame.corners},
        "chosen": [
            {"url": f"/geometry/{pinned.id}/outlines-{level}.geojson", "keys": sorted(keys)}
            for level in AREA_LEVELS
            if (keys := chosen_keys(selection, level)) and pinned.snapshot.outline(level)
        ],
    }


def _corners(pinned: Pinned, level: str) -> dict[str, Corners]:
    return pinned.get_or_compute(f"corners:{level}", lambda: area_corners(pinned.snapshot, level))
