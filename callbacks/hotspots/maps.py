"""What the maps of the Hot spots page draw: zones, a surface, or the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.extent import extent
from analytics.crossfilter.map_cells import cell_keys, cells_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import (
    area_unit,
    area_unit_km2,
    distance_text,
    language_tag,
    number,
    numbers,
    short_date,
)
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.surface import Asked, Surface
from analytics.hotspots.surface_options import period_of
from analytics.services import Pinned
from analytics.zones.zone_list import Board, Zone
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.drawn_areas import drawn_shapes
from callbacks.frame.question import Question
from callbacks.hotspots.options import FORECAST, SHORT, ZONES, HotspotOptions, Shown
from components.frame.forecast import forecaster_words
from components.frame.theme import Theme, color
from components.frame.variables import quantity
from components.hotspots.surfaces import (
    RISK_OF_SHARE,
    RISK_PER_RESIDENT,
    Painted,
    legend,
    painted_counts,
    painted_emerging,
    painted_moran,
    painted_ranks,
    painted_significance,
    painted_times,
)

Floats = npt.NDArray[np.float64]
RANK_LABELS = {
    "incidents": ("Incidents per zone", "incidents"),
    "harm": ("Days of harm per zone", "days of harm"),
}


@dataclass(frozen=True)
class Drawn:
    """One map: its state for assets/frame/map.js, its legend, its caption."""

    state: dict[str, Any] | None
    legend: list[Any] = field(default_factory=list)
    caption: str = ""


def drawn(
    question: Question, spots: HotSpots, options: HotspotOptions, shown: Shown, board: Board | None
) -> Drawn:
    """What one map shows; what cannot be made is said in its place."""
    if shown.is_off:
        return Drawn(None)
    try:
        if shown.method == ZONES and board is not None:
            return _zones(question, spots, options, shown, board)
        if shown.method == FORECAST:
            return _forecast(question, spots)
        return _surface(question, spots, options, shown)
    except InputError as error:
        return Drawn(_base(question, "none", []), legend("Nothing to show", ()), str(error))


def _surface(question: Question, spots: HotSpots, options: HotspotOptions, shown: Shown) -> Drawn:
    asked = options.asked(shown.method)
    made = spots.surface(period_of(question.selection, question.manifest, shown.shift), asked)
    theme = question.theme
    index = _places(question.pinned, made)
    painted = _painted(made, theme)
    compares = asked.method == "risk"
    values = [None if not np.isfinite(one) else round(float(one), 3) for one in made.values]
    state = {
        **_base(question, "cells", _picked(painted.classes, index, -1)),
        "dimension": "cell",
        "selected": sorted(chosen_keys(question.selection, "cell")),
        "url": f"/geometry/{question.pinned.id}/cells-{asked.size_m}.geojson",
        "values": _picked(values, index, None if painted.words or compares else 0),
        "colors": painted.colors,
        "unit": made.unit,
        "empty": "not compared here" if compares else "",
    }
    if painted.words:
        state["labels"] = painted.words
        state["q"] = _picked(_rounded(made.q), index, None) if made.q is not None else None
    return Drawn(state, painted.legend, _caption(made))


def _painted(made: Surface, theme: Theme) -> Painted:
    asked = made.asked
    if asked.method == "counts":
        return painted_counts(made.values.tolist(), _per_cell(asked), theme)
    if asked.method == "getis_ord":
        return painted_significance(made.classed.tolist(), made.classes, theme)
    if asked.method == "moran":
        return painted_moran(made.classed.tolist(), made.classes)
    if asked.method == "emerging":
        return painted_emerging(made.classed.tolist(), made.classes)
    label = "Density, the city's average is 1"
    if asked.method == "risk":
        label = RISK_PER_RESIDENT if asked.per_resident else RISK_OF_SHARE
    return painted_times(made.values.tolist(), label, theme)


def _rank_words(rank: str) -> tuple[str, str]:
    if rank == "density":
        return f"Incidents per {area_unit()}", f"incidents per {area_unit()}"
    return RANK_LABELS[rank]


def _ranked(zone: Zone, rank: str) -> float:
    value = float(getattr(zone, rank))
    return value * area_unit_km2() if rank == "density" else value


def _per_cell(asked: Asked) -> str:
    what = "Days of harm" if asked.weight == "harm" else "Incidents"
    return f"{what} per {distance_text(asked.size_m)} cell"


def _caption(made: Surface) -> str:
    left_out = []
    if made.at_default_addresses:
        left_out.append(f"{number(made.at_default_addresses)} at default addresses left out")
    if made.without_place:
        left_out.append(f"{number(made.without_place)} without a place")
    return (
        f"{quantity(made.incidents)}"
        + (f" ({'; '.join(left_out)}). " if left_out else ". ")
        + (made.caption)
    )


def _zones(
    question: Question, spots: HotSpots, options: HotspotOptions, shown: Shown, board: Board
) -> Drawn:
    selection = period_of(question.selection, question.manifest, shown.shift)
    listed = board if not shown.shift else spots.board(board.model, selection, rank=options.rank)
    theme = question.theme
    bundle = spots.bundle(board.model)
    keys = [
        label_key(bundle.name, bundle.version, str(row["label"])) for row in spots.rows(board.model)
    ]
    by_key = {zone.clause[1]: zone for zone in listed.every}
    values = [
        round(_ranked(by_key[key], options.rank), 1) if key in by_key else 0.0 for key in keys
    ]
    label, unit = _rank_words(options.rank)
    painted = painted_counts(values, label, theme)
    hidden = {zone.clause[1]: f"{zone.name} (left out)" for zone, _ in listed.hidden}
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
        "shapes": _with_added(drawn_shapes(question.selection), board),
    }
    return Drawn(state, painted.legend, _zones_caption(board))


def _zones_caption(board: Board) -> str:
    of = board.selection or "all incidents"
    day = short_date(date.fromisoformat(board.trained[:10]))
    return (
        f"{board.number} zones by {SHORT.get(board.model, board.model)}, version "
        f"{board.version}, trained {day} on {of}. Zones describe where incidents concentrated; "
        "use the forecast to decide where to go next."
    )


def _forecast(question: Question, spots: HotSpots) -> Drawn:
    forecast = spots.forecast()
    if forecast is None or forecast.cells is None:
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
        "labels": painted.words,
        "unit": "expected incidents:",
    }
    metrics = forecast.bundle.metrics
    pai = metrics.get("pai_1")
    measured = (
        f" On 1% of the area its PAI was {number(pai.value, 1)} ({numbers(pai.low, pai.high, 1)})."
        if pai and pai.low is not None and pai.high is not None
        else ""
    )
    simple = " No learned forecaster beat this baseline." if forecast.simple else ""
    return Drawn(
        state,
        painted.legend,
        f"{forecast.days} days from {short_date(forecast.first)} by "
        f"{forecaster_words(forecast.forecaster)}, version {forecast.bundle.version}, of "
        f"{forecast.bundle.selection or 'all incidents'}.{measured}"
        f"{simple}",
    )


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


def _with_added(drawn_: dict[str, Any] | None, board: Board) -> dict[str, Any]:
    """Shapes of the selection, and added zones in muted lines with their names."""
    features = list((drawn_ or {}).get("features", []))
    for zone in board.edits.added:
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


def _places(pinned: Pinned, made: Surface) -> npt.NDArray[np.int64]:
    """Position in the surface of each cell the browser draws, -1 where it has none."""
    keys = _cell_keys(pinned, made.asked.size_m)
    numbers = pinned.get_or_compute(f"numbers:{made.asked.size_m}", lambda: cells_of(keys))
    return made.net.indices(numbers["cell_column"].to_numpy(), numbers["cell_row"].to_numpy())


def _picked(values: Sequence[Any], index: npt.NDArray[np.int64], default: Any) -> list[Any]:
    return [values[place] if place >= 0 else default for place in index.tolist()]


def _rounded(values: Floats) -> list[float | None]:
    return [None if not np.isfinite(one) else float(f"{one:.2g}") for one in values.tolist()]


def shown_selection(selection: Selection) -> str:
    """The clause of a drawn area, as added zones are written; empty without one."""
    clause = selection.get("polygon")
    return clause.text if clause else ""
