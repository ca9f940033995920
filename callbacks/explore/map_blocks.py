"""The map of blocks: a point at the busiest place of each, for the blocks with most incidents."""

from __future__ import annotations

import polars as pl

from analytics.crossfilter.point_sample import POINT_CAP
from analytics.crossfilter.selection import Selection
from analytics.formats import number
from analytics.services import Pinned
from callbacks.explore.map import MapAnswer, base_state, outlines_url
from callbacks.explore.map_points import SIZED_BY, point_feature
from callbacks.explore.options import ExploreOptions
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.selection_shapes import drawn_shapes
from components.explore.map import point_legend
from components.frame.variables import MEASURES, quantity

SIZES = 16
"""The largest point has this many times the area that is added to the smallest."""


def blocks_answer(
    pinned: Pinned, selection: Selection, options: ExploreOptions, frame: pl.DataFrame
) -> MapAnswer:
    """The map of blocks; chosen ones come last, so that they lie on top.

    Parameters
    ----------
    frame
        The view `map:block`.
    """
    measure = options.measure if options.measure in SIZED_BY else "incidents"
    chosen = chosen_keys(selection, "block")
    placed = frame.join(pinned.block_places, on="block", how="inner")
    seen = _within(placed, options)
    order = seen.sort([measure, "block"], descending=[True, False]).with_row_index("rank")
    is_chosen = pl.col("block").is_in(list(chosen))
    # Large points lie under the others, so that small ones stay visible.
    drawn = order.filter((pl.col("rank") < POINT_CAP) | is_chosen).sort(is_chosen, "rank")
    features = [
        point_feature(block, lat, lon, value)
        for block, lat, lon, value in drawn.select("block", "lat", "lon", measure).iter_rows()
    ]
    unit = MEASURES[measure].many
    state = {
        **base_state(pinned, options, selection, "block"),
        "layer": "points",
        "named": True,
        "unit": unit,
        "percent": False,
        "points": {"type": "FeatureCollection", "features": features},
        "sizedBy": max([*drawn[measure].to_list(), 1]) / SIZES,
        "outlinesUrl": outlines_url(pinned, options),
        "shapes": drawn_shapes(selection, pinned.snapshot.manifest.crs_local),
    }
    legend = (
        point_legend(f"Blocks; size by {unit}", options.theme, "A block with incidents")
        if features
        else []
    )
    unplaced = int(frame["incidents"].sum()) - int(placed["incidents"].sum())
    return MapAnswer(
        state, legend, _note(drawn.height, seen.height, unit, unplaced), frame, "block"
    )


def _within(placed: pl.DataFrame, options: ExploreOptions) -> pl.DataFrame:
    west, south, east, north = options.bounds or (-180, -90, 180, 90)
    return placed.filter(
        pl.col("lon").is_between(west, east), pl.col("lat").is_between(south, north)
    )


def _note(drawn: int, in_view: int, unit: str, unplaced: int) -> str:
    if drawn < in_view:
        said = (
            f"The {number(drawn)} of {number(in_view)} blocks in view with the most {unit}; "
            "zoom in for all"
        )
    else:
        said = f"{number(drawn)} blocks in view"
    return f"{said}; {quantity(unplaced)} at blocks without a location" if unplaced else said
