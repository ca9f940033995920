"""The map's answer where it shows places as points: all in view, or a random sample of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from analytics.crossfilter.clauses import Near
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.selection import Selection
from analytics.formats import number
from analytics.services import Pinned
from callbacks.explore.map import MapAnswer, base_state, outlines_url
from callbacks.explore.options import ExploreOptions
from callbacks.frame.selection_shapes import drawn_shapes
from components.explore.map import point_legend
from components.frame.tables import MOST_ROWS
from components.frame.variables import MEASURES

PLACE_M = 1
"""A click on a point chooses incidents within this distance, the shortest that a filter takes."""
SIZED_BY = {"incidents": 1, "harm": 365}
"""How much of a measure is one unit of a point's size: one incident, one year of sentence."""


def points_answer(
    pinned: Pinned,
    selection: Selection,
    options: ExploreOptions,
    frame: pl.DataFrame,
    places: pl.DataFrame,
) -> MapAnswer:
    """The map of points; chosen ones come last, so that they lie on top.

    Parameters
    ----------
    frame, places
        The views `points` and `places` of the same bounds.
    """
    measure = options.measure if options.measure in SIZED_BY else "incidents"
    frame = _with_chosen(pinned, selection, frame)
    keys = [f"point-{number_of}" for number_of in frame["point_id"]]
    features = [
        point_feature(key, lat, lon, value)
        for key, lat, lon, value in zip(
            keys, frame["lat"], frame["lon"], frame[measure], strict=True
        )
    ]
    unit = MEASURES[measure].many
    state = {
        **base_state(pinned, options, selection, "near"),
        "selected": [key for key, chosen in zip(keys, frame["chosen"], strict=True) if chosen],
        "layer": "points",
        "unit": unit,
        "percent": False,
        "points": {"type": "FeatureCollection", "features": features},
        "sizedBy": SIZED_BY[measure],
        "radius": PLACE_M,
        "outlinesUrl": outlines_url(pinned, options),
        "shapes": drawn_shapes(selection, pinned.snapshot.manifest.crs_local),
    }
    legend = point_legend(f"Places; size by {unit}", options.theme) if features else []
    table, names = _largest(frame) if "map" in options.numbers else (frame[:0], {})
    note = _note(frame.height, int(places["places"].sum()))
    return MapAnswer(state, legend, note, table, "near", names)


def point_feature(key: str, lat: float, lon: float, value: int) -> dict[str, Any]:
    """One place of a map of points."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"id": key, "value": value},
    }


def _with_chosen(pinned: Pinned, selection: Selection, frame: pl.DataFrame) -> pl.DataFrame:
    """Add a column `chosen`: whether a place passes the filters on place, if there are any."""
    if not PLACE & selection.clauses.keys() or frame.is_empty():
        return frame.with_columns(chosen=pl.lit(value=False))
    inside = conditions_of(pinned.reader).places.passing(selection)
    chosen = inside[frame["point_id"].to_numpy()]
    return frame.with_columns(chosen=pl.Series(chosen)).sort("chosen", maintain_order=True)


def _largest(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Places with the most incidents, by the key that chooses them; and key → name."""
    largest = frame.sort("incidents", "point_id", descending=[True, False]).head(MOST_ROWS)
    keys = [Near(lat, lon, PLACE_M).text for lat, lon in largest.select("lat", "lon").iter_rows()]
    names = {key: key.rpartition(",")[0].replace(",", ", ") for key in keys}
    rows = largest.select(pl.Series("near", keys), "incidents", "arrests", "harm")
    return rows.unique("near", keep="first", maintain_order=True), names


def _note(drawn: int, in_view: int) -> str:
    if drawn < in_view:
        return (
            f"Random sample of {number(drawn)} of {number(in_view)} places in view; zoom in for all"
        )
    return f"{number(drawn)} places in view"
