"""What a map of the Hot spots page shows: zones, a surface, or the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.crossfilter.dimensions import OF_OFFENSE
from analytics.crossfilter.map_cells import cells_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.surface import Surface
from analytics.hotspots.surface_options import period_of
from analytics.services import Pinned
from analytics.statistics.arrays import Floats, Ints
from analytics.zones.zone_list import ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.hotspots.forecast_map import forecast_content
from callbacks.hotspots.map_state import MapContent, base_state, map_cell_keys
from callbacks.hotspots.options import FORECAST, HotspotOptions, MapChoice
from callbacks.hotspots.zone_maps import zones_content
from components.frame.theme import Theme
from components.hotspots.captions import surface_caption
from components.hotspots.surfaces import (
    Painted,
    legend,
    painted_counts,
    painted_emerging,
    painted_moran,
    painted_significance,
    painted_times,
    surface_label,
    surface_unit,
)


def fill_map(
    question: Question,
    spots: HotSpots,
    options: HotspotOptions,
    choice: MapChoice,
    listed: ZoneList | None,
) -> MapContent:
    """The content of one map; where it cannot be made, the caption says why."""
    if choice.is_off:
        return MapContent(None)
    try:
        if choice.is_of_zones:
            return zones_content(question, spots, options, choice, listed)
        if choice.method == FORECAST:
            return forecast_content(question, spots_of(question, spots, choice), choice)
        return _surface(question, spots, options, choice)
    except InputError as error:
        said = question.services.for_readers(error)
        return MapContent(base_state(question, "none", []), legend("Nothing to show", ()), said)


def spots_of(question: Question, spots: HotSpots, choice: MapChoice) -> HotSpots:
    """Zones and forecasts of a map's own target, else those of the selection's."""
    if not choice.target:
        return spots
    target = spots.targets[choice.target]
    return HotSpots(question.services, question.pinned, question.selection, target=target)


def counted_incidents(question: Question, choice: MapChoice) -> Selection:
    """The incidents that a surface counts: the selected ones, or those of another target.

    Raises
    ------
    InputError
        The selection has a filter that the target has too, and chooses others.
    """
    if not choice.target:
        return question.selection
    target = question.pinned.targets.find(choice.target)
    return target.part(question.selection.without(OF_OFFENSE))


def _surface(
    question: Question, spots: HotSpots, options: HotspotOptions, choice: MapChoice
) -> MapContent:
    query = options.surface_query(choice.method)
    counted = counted_incidents(question, choice)
    made = spots.surface(period_of(counted, question.manifest, choice.shift), query)
    theme = question.theme
    index = _positions(question.pinned, made)
    painted = _painted(made, theme)
    compares = query.method == "risk"
    values = [None if not np.isfinite(one) else round(float(one), 3) for one in made.values]
    state = {
        **base_state(question, "cells", _picked(painted.classes, index, -1)),
        "dimension": "cell",
        "selected": sorted(chosen_keys(question.selection, "cell")),
        "url": f"/geometry/{question.pinned.id}/cells-{query.size_m}.geojson",
        "values": _picked(values, index, None if painted.labels or compares else 0),
        "colors": painted.colors,
        "unit": surface_unit(query),
        "empty": "not compared here" if compares else "",
    }
    if painted.labels:
        state["labels"] = painted.labels
        state["q"] = _picked(_rounded(made.q), index, None) if made.q is not None else None
    of = spots.targets[choice.target].title if choice.target else ""
    return MapContent(state, painted.legend, surface_caption(made, of))


def _painted(made: Surface, theme: Theme) -> Painted:
    method = made.query.method
    if method == "getis_ord":
        return painted_significance(made.classed.tolist(), made.classes, theme)
    if method == "moran":
        return painted_moran(made.classed.tolist(), made.classes)
    if method == "emerging":
        return painted_emerging(made.classed.tolist(), made.classes)
    paint = painted_counts if method == "counts" else painted_times
    return paint(made.values.tolist(), surface_label(made.query), theme)


def _positions(pinned: Pinned, made: Surface) -> Ints:
    """Position in the surface of each cell on the map, -1 where the surface does not have it."""
    keys = map_cell_keys(pinned, made.query.size_m)
    numbers = pinned.get_or_compute(f"numbers:{made.query.size_m}", lambda: cells_of(keys))
    return made.grid.indices(numbers["cell_column"].to_numpy(), numbers["cell_row"].to_numpy())


def _picked(values: Sequence[Any], index: npt.NDArray[np.int64], default: Any) -> list[Any]:
    return [values[place] if place >= 0 else default for place in index.tolist()]


def _rounded(values: Floats) -> list[float | None]:
    return [None if not np.isfinite(one) else float(f"{one:.2g}") for one in values.tolist()]


def area_text(selection: Selection) -> str:
    """Text of the filter on a drawn area, as added zones are stored; empty without one."""
    clause = selection.get("polygon")
    return clause.text if clause else ""
