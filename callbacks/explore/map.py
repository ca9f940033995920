"""The map's answer: values over geometry the browser already has, legend, note, drawn clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from analytics.crossfilter.map_cells import cell_keys
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View, view
from analytics.formats import distance_text, language_tag, number
from analytics.services import Pinned
from callbacks.frame.chosen import words
from callbacks.frame.drawn_areas import shapes
from callbacks.frame.page_options import PageOptions
from components.explore.map import map_legend, map_measure_label
from components.frame.figures.classes import class_breaks, classify
from components.frame.map import class_colors
from components.frame.theme import color
from components.frame.variables import MEASURES, VARIABLES

SHARES = ("arrest_share", "share")


@dataclass(frozen=True)
class MapAnswer:
    """What the page needs for one picture of the map."""

    state: dict[str, Any]
    legend: list[Any]
    note: str
    frame: pl.DataFrame
    dimension: str  # what a click on the map chooses
    names: Mapping[str, str] = field(default_factory=dict)  # of its keys


def map_view(options: PageOptions) -> View:
    """The view the map shows under these options."""
    if options.shows_points:
        return view(f"points:{_bounds(options)}")
    if options.map == "cells":
        return view(f"cells:{options.size}")
    return view(f"map:{options.map}")


def places_view(options: PageOptions) -> View:
    """How many places there are to draw where the map shows points."""
    return view(f"places:{_bounds(options)}")


def _bounds(options: PageOptions) -> str:
    return ",".join(map(str, options.bounds or (-180, -90, 180, 90)))


def map_answer(
    pinned: Pinned, selection: Selection, options: PageOptions, frame: pl.DataFrame
) -> MapAnswer:
    """Turn the frame of cells or areas into values, classes, legend and note."""
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
        **base_state(options, selection, dimension),
        "layer": "cells" if cells else "areas",
        "url": _url(pinned, f"cells-{options.size}" if cells else f"outlines-{dimension}"),
        "keys": None if cells else order,
        "values": values,
        "classes": classify(values, breaks),
        "colors": class_colors(len(breaks), options.theme),
        "outlinesUrl": outlines_url(pinned, options),
        "shapes": shapes(selection),
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
        note=f"{number(unknown)} without a place, not on the map" if unknown else "",
        frame=frame,
        dimension=dimension,
        names=pinned.vocabulary.names.get(dimension, {}),
    )


def _cell_keys(pinned: Pinned, size: int) -> list[str]:
    return pinned.get_or_compute(f"cells:{size}", lambda: cell_keys(pinned.reader, size))


def base_state(options: PageOptions, selection: Selection, dimension: str) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "selected": sorted(words(selection, dimension)),
        "locale": language_tag(),
        "unit": MEASURES[options.measure].many,
        "percent": options.measure in SHARES,
        "selectedColor": color(options.theme, "selected"),
        "outlineColor": color(options.theme, "outline"),
        "markColor": color(options.theme, "mark"),
    }


def _measured(
    pinned: Pinned, selection: Selection, options: PageOptions, frame: pl.DataFrame
) -> dict[str, float]:
    """The measure of each place, shares in percent."""
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
    """Incidents that match in percent of all at the same place in the same period."""
    place = frame.columns[0]
    period = selection.without(set(selection.clauses) - {"date"})
    whole = pinned.crossfilter.counts(EVERYTHING, period, [shown])[shown.name]
    joined = frame.join(whole, on=place, suffix="_all")
    part = 100 * pl.col("incidents") / pl.col("incidents_all")
    return dict(joined.select(place, part.round(2)).iter_rows())


def _url(pinned: Pinned, name: str) -> str:
    return f"/geometry/{pinned.snapshot.id}/{name}.geojson"


def outlines_url(pinned: Pinned, options: PageOptions) -> str | None:
    """District outlines lie over cells and points; an area map draws its own."""
    if options.map not in ("cells", "points") or pinned.snapshot.outline("district") is None:
        return None
    return _url(pinned, "outlines-district")
