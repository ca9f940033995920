"""The map's answer: values for geometry that the browser already has, legend, note, drawn areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from analytics.crossfilter.map_cells import cell_keys
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View, view
from analytics.formats import distance_text, language_tag
from analytics.services import Pinned
from analytics.statistics.class_breaks import class_breaks, classify
from callbacks.explore.options import SIZES_BY_ZOOM, ExploreOptions
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.framing import framing
from callbacks.frame.selection_shapes import drawn_shapes
from components.explore.map import map_legend, map_measure_label
from components.frame.map import class_colors
from components.frame.theme import color
from components.frame.variables import MEASURES, VARIABLES, quantity

SHARES = ("arrest_share", "share")


@dataclass(frozen=True)
class MapAnswer:
    """One picture of the map, and the frame behind it."""

    state: dict[str, Any]
    legend: list[Any]
    note: str
    frame: pl.DataFrame
    dimension: str  # what a click on the map chooses
    names: Mapping[str, str] = field(default_factory=dict)  # of its keys


def map_view(options: ExploreOptions) -> View:
    """The view that the map shows."""
    if options.shows_points:
        return view(f"points:{_bounds(options)}")
    if options.map == "cells":
        return view(f"cells:{options.size}")
    return view(f"map:{options.map}")


def places_view(options: ExploreOptions) -> View:
    """The view that counts all places in the map's bounds, of which points may be a sample."""
    return view(f"places:{_bounds(options)}")


def _bounds(options: ExploreOptions) -> str:
    return ",".join(map(str, options.bounds or (-180, -90, 180, 90)))


def map_answer(
    pinned: Pinned, selection: Selection, options: ExploreOptions, frame: pl.DataFrame
) -> MapAnswer:
    """Turn a frame of cells or areas into values, classes, legend and note."""
    cells = options.map == "cells"
    dimension = "cell" if cells else options.map
    keys = _cell_keys(pinned, int(options.size)) if cells else None
    known = frame.filter(pl.col(dimension) != "unknown")
    order = keys or known[dimension].to_list()
    measured = _measured(pinned, selection, options, known)
    values = [measured.get(key, 0) for key in order]
    breaks = class_breaks(values)
    place = f"{distance_text(int(options.size))} cell" if cells else VARIABLES[dimension].one
    state = {
        **base_state(pinned, options, selection, dimension),
        "layer": "cells" if cells else "areas",
        "url": _url(pinned, f"cells-{options.size}" if cells else f"outlines-{dimension}"),
        "keys": None if cells else order,
        "values": values,
        "classes": classify(values, breaks),
        "colors": class_colors(len(breaks), options.theme),
        "outlinesUrl": outlines_url(pinned, options),
        "shapes": drawn_shapes(selection, pinned.snapshot.manifest.crs_local),
    }
    unknown = int(frame.filter(pl.col(dimension) == "unknown")["incidents"].sum())
    return MapAnswer(
        state=state,
        legend=map_legend(
            breaks,
            map_measure_label(options.measure, place),
            options.theme,
            shares=options.measure in SHARES,
        ),
        note=f"{quantity(unknown)} of unknown location" if unknown else "",
        frame=frame,
        dimension=dimension,
        names=pinned.vocabulary.names.get(dimension, {}),
    )


def _cell_keys(pinned: Pinned, size: int) -> list[str]:
    return pinned.get_or_compute(f"cells:{size}", lambda: cell_keys(pinned.reader, size))


def base_state(
    pinned: Pinned, options: ExploreOptions, selection: Selection, dimension: str
) -> dict[str, Any]:
    """What the state of every map of the page has."""
    return {
        **framing(pinned, selection, options.framed),
        "zoom": options.zoom,
        "size": options.size,
        "sizes": SIZES_BY_ZOOM,
        "dimension": dimension,
        "selected": sorted(chosen_keys(selection, dimension)),
        "locale": language_tag(),
        "unit": MEASURES[options.measure].many,
        "percent": options.measure in SHARES,
        "selectedColor": color(options.theme, "selected"),
        "outlineColor": color(options.theme, "outline"),
        "markColor": color(options.theme, "mark"),
        "noteColor": color(options.theme, "text"),
    }


def _measured(
    pinned: Pinned, selection: Selection, options: ExploreOptions, frame: pl.DataFrame
) -> dict[str, float]:
    """The measure of each cell or area; shares in percent."""
    place = frame.columns[0]
    if options.measure in ("incidents", "harm"):
        return dict(frame.select(place, options.measure).iter_rows())
    if options.measure == "arrest_share":
        part = 100 * pl.col("arrests") / pl.col("incidents")
        return dict(frame.select(place, part.round(2)).iter_rows())
    return _share_of_place(pinned, selection, map_view(options), frame)


def _share_of_place(
    pinned: Pinned, selection: Selection, shown: View, frame: pl.DataFrame
) -> dict[str, float]:
    """Selected incidents in percent of all at the same place in the same period."""
    place = frame.columns[0]
    period = selection.without(set(selection.clauses) - {"date"})
    whole = pinned.crossfilter.counts(EVERYTHING, period, [shown])[shown.name]
    joined = frame.join(whole, on=place, suffix="_all")
    part = 100 * pl.col("incidents") / pl.col("incidents_all")
    return dict(joined.select(place, part.round(2)).iter_rows())


def _url(pinned: Pinned, name: str) -> str:
    return f"/geometry/{pinned.snapshot.id}/{name}.geojson"


def outlines_url(pinned: Pinned, options: ExploreOptions) -> str | None:
    """Address of the district outlines drawn over cells and points; an area map draws its own."""
    if (
        options.map not in ("cells", "points", "block")
        or pinned.snapshot.outline("district") is None
    ):
        return None
    return _url(pinned, "outlines-district")
