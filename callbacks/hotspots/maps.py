"""What a map of the Hot spots page shows: zones, a surface, or the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.extent import extent
from analytics.crossfilter.map_cells import cell_keys, cells_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import area_unit_km2, language_tag
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.surface import Surface
from analytics.hotspots.surface_options import period_of
from analytics.services import Pinned
from analytics.statistics.arrays import Floats, Ints
from analytics.zones.zone_list import Zone, ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.question import Question
from callbacks.frame.selection_shapes import drawn_shapes
from callbacks.frame.trained_on import trained_on
from callbacks.hotspots.options import FORECAST, ZONES, HotspotOptions, MapChoice
from components.frame.theme import Theme, color
from components.hotspots.captions import forecast_caption, surface_caption, zones_caption
from components.hotspots.surfaces import (
    Painted,
    legend,
    painted_counts,
    painted_emerging,
    painted_moran,
    painted_ranks,
    painted_significance,
    painted_times,
    rank_label,
    surface_label,
    surface_unit,
)


@dataclass(frozen=True)
class MapContent:
    """Of one map: its state for assets/frame/map.js, its legend and its caption."""

    state: dict[str, Any] | None
    legend: list[Any] = field(default_factory=list)
    caption: str = ""


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
        if choice.method == ZONES and listed is not None:
            return _zones(question, spots, options, choice, listed)
        if choice.method == FORECAST:
            return _forecast(question, spots)
        return _surface(question, spots, options, choice)
    except InputError as error:
        said = question.services.for_readers(error)
        return MapContent(_base(question, "none", []), legend("Nothing to show", ()), said)


def _surface(
    question: Question, spots: HotSpots, options: HotspotOptions, choice: MapChoice
) -> MapContent:
    query = options.surface_query(choice.method)
    made = spots.surface(period_of(question.selection, question.manifest, choice.shift), query)
    theme = question.theme
    index = _positions(question.pinned, made)
    painted = _painted(made, theme)
    compares = query.method == "risk"
    values = [None if not np.isfinite(one) else round(float(one), 3) for one in made.values]
    state = {
        **_base(question, "cells", _picked(painted.classes, index, -1)),
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
    return MapContent(state, painted.legend, surface_caption(made))


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


def _zones(
    question: Question,
    spots: HotSpots,
    options: HotspotOptions,
    choice: MapChoice,
    listed: ZoneList,
) -> MapContent:
    selection = period_of(question.selection, question.manifest, choice.shift)
    model, rank = listed.model, options.rank
    shown = spots.list_zones(model, selection, rank=rank) if choice.shift else listed
    theme = question.theme
    bundle = spots.bundle(model)
    keys = [label_key(bundle.name, bundle.version, str(row["label"])) for row in spots.rows(model)]
    by_key = {zone.clause[1]: zone for zone in shown.all_zones}
    values = [round(_ranked(by_key[key], rank), 1) if key in by_key else 0.0 for key in keys]
    label, unit = rank_label(rank)
    painted = painted_counts(values, label, theme)
    hidden = {zone.clause[1]: f"{zone.name} (left out)" for zone, _ in shown.hidden}
    state = {
        **_base(question, "areas", painted.classes),
        "dimension": "zone",
        "selected": sorted(chosen_keys(question.selection, "zone")),
        "url": f"/geometry/zones/{bundle.name}/{bundle.version}.geojson?made={bundle.trained}",
        "keys": keys,
        "values": values,
        "colors": painted.colors,
        "unit": unit,
        "names": {key: zone.name for key, zone in by_key.items()} | hidden,
        "shapes": _with_added(drawn_shapes(question.selection), listed),
    }
    return MapContent(
        state, painted.legend, zones_caption(listed, trained_on(question.pinned, listed.selection))
    )


def _ranked(zone: Zone, rank: str) -> float:
    value = float(getattr(zone, rank))
    return value * area_unit_km2() if rank == "density" else value


def _forecast(question: Question, spots: HotSpots) -> MapContent:
    forecast = spots.forecast()
    if forecast is None:
        raise InputError("No forecast to show yet; train one.")
    theme, size_m = question.theme, forecast.cells.size_m
    keys = _cell_keys(question.pinned, size_m)
    expected = dict(forecast.cells.cells.select("cell", "expected").iter_rows())
    values = [float(expected.get(key, 0.0)) for key in keys]
    painted = painted_ranks(values, theme)
    state = {
        **_base(question, "cells", painted.classes),
        "dimension": "cell",
        "selected": sorted(chosen_keys(question.selection, "cell")),
        "url": f"/geometry/{question.pinned.id}/cells-{size_m}.geojson",
        "values": [round(one, 3) for one in values],
        "colors": painted.colors,
        "labels": painted.labels,
        "unit": "expected incidents:",
    }
    of = trained_on(question.pinned, forecast.bundle.selection)
    return MapContent(state, painted.legend, forecast_caption(forecast, of))


def _base(question: Question, layer: str, classes: Sequence[int]) -> dict[str, Any]:
    theme = question.theme
    outlined = question.pinned.snapshot.outline("district") is not None
    return {
        "layer": layer,
        "classes": list(classes),
        "values": [],
        "selected": [],
        "locale": language_tag(),
        "percent": False,
        "unit": "",
        "colors": [],
        "decimals": 1,
        "selectedColor": color(theme, "selected"),
        "outlineColor": color(theme, "outline"),
        "markColor": color(theme, "mark"),
        "outlinesUrl": f"/geometry/{question.pinned.id}/outlines-district.geojson"
        if outlined
        else None,
        "shapes": drawn_shapes(question.selection),
        "bounds": question.pinned.get_or_compute("extent", lambda: extent(question.pinned.reader)),
    }


def _with_added(selected: dict[str, Any] | None, listed: ZoneList) -> dict[str, Any]:
    """Shapes of the selection, and added zones in muted lines with their names."""
    features = list((selected or {}).get("features", []))
    for zone in listed.edits.added:
        ring = [[lon, lat] for lat, lon in (*zone.polygon.vertices, zone.polygon.vertices[0])]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"id": zone.key, "name": zone.name, "meters": 0, "muted": True},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _cell_keys(pinned: Pinned, size_m: int) -> list[str]:
    return pinned.get_or_compute(f"cells:{size_m}", lambda: cell_keys(pinned.reader, size_m))


def _positions(pinned: Pinned, made: Surface) -> Ints:
    """Position in the surface of each cell on the map, -1 where the surface does not have it."""
    keys = _cell_keys(pinned, made.query.size_m)
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
