"""The map: fishnet cells, areas or points over outlines, with tools to draw an own area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

from analytics.formats import is_metric
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.settings import Settings
from components.explore.ids import ExploreIds
from components.frame.figures.classes import class_labels
from components.frame.theme import Theme, colour, sequential
from components.frame.variables import MEASURES, VARIABLES

EXPLORE = "patroliq.map"
OPACITY = 0.7
Bounds = Sequence[Sequence[float]]


def explore_map(settings: Settings, bounds: Bounds | None = None) -> dl.Map:
    """The Explore page's map."""
    return leaflet_map(settings, bounds, id=ExploreIds.MAP, namespace=EXPLORE)


_FUNCTIONS = {
    "cells": {"style": "cellStyle", "onEachFeature": "onEachCell"},
    "areas": {"style": "areaStyle", "onEachFeature": "onEachArea"},
    "outlines": {"style": "outlineStyle", "onEachFeature": "onEachLine"},
    "points": {"pointToLayer": "pointToLayer", "onEachFeature": "onEachPoint"},
    "shapes": {
        "style": "shapeStyle",
        "pointToLayer": "shapeToLayer",
        "onEachFeature": "onEachLine",
    },
}
"""Each layer's functions in the browser, lowest layer first."""
_UNTOUCHED = ("outlines", "shapes")
"""Layers that let clicks through to those below."""


def leaflet_map(
    settings: Settings,
    bounds: Bounds | None,
    *,
    id: str,
    namespace: str,
    tools: bool = True,
    snap: float = 0.5,
) -> dl.Map:
    """A map with empty layers, whose ids begin with its own; assets/frame/map.js draws on them.

    Parameters
    ----------
    settings
        `tile_url` adds a base layer; without one the map is grey.
    bounds
        South-west and north-east corner as [lat, lon].
    namespace
        Where the browser finds its functions, as `patroliq.maps.compared`.
    tools
        Whether areas can be drawn on it.
    snap
        Steps of the zoom: at less than whole ones the data fill the card better.
    """

    tiles = dl.TileLayer(
        url=settings.tile_url, attribution=settings.tile_attribution or None, className="tiles"
    )
    layers = [
        tiles if settings.tile_url else None,
        *(_layer(id, namespace, name) for name in _FUNCTIONS),
        _drawing(id) if tools else None,
        dl.ScaleControl(imperial=not is_metric(), metric=is_metric(), position="bottomright"),
    ]
    where = {"bounds": bounds} if bounds else {"center": [20, 0], "zoom": 2}
    # Listeners miss the map's first fit; asked for once more, it tells them which zoom it took.
    move = {**where, "transition": "fitBounds" if bounds else "setView"}
    return dl.Map(
        [layer for layer in layers if layer is not None],
        id=id,
        preferCanvas=True,
        wheelPxPerZoomLevel=120,
        maxZoom=18,
        zoomSnap=snap,
        attributionControl=bool(settings.tile_attribution),
        className="explore-map",
        style={"height": "100%", "width": "100%"},
        trackViewport=False,
        boxZoom=False,  # Shift chooses several; with it, a hand that shakes would zoom instead
        viewport=move,
        eventHandlers={
            "moveend": _function(namespace, "moved"),
            "draw:created": _function(namespace, "drawn"),
            "draw:drawstart": _function(namespace, "drawingStarted"),
            "draw:drawstop": _function(namespace, "drawingEnded"),
            "contextmenu": _function(namespace, "halfAKilometre"),
        },
        **where,
    )


def _layer(id: str, namespace: str, name: str) -> dl.GeoJSON:
    functions = {prop: _function(namespace, each) for prop, each in _FUNCTIONS[name].items()}
    return dl.GeoJSON(
        id=f"{id}-{name}", interactive=name not in _UNTOUCHED, hideout={}, **functions
    )


def _function(namespace: str, name: str) -> dict[str, str]:
    return {"variable": f"{namespace}.{name}"}


def _drawing(id: str) -> Component:
    return dl.FeatureGroup(dl.EditControl(id=f"{id}-draw", position="topleft", **_tools()))


def _tools() -> dict[str, Any]:
    off = dict.fromkeys(("polyline", "circle", "circlemarker", "marker"), False)
    shape = {"shapeOptions": {"className": "drawn-area", "fill": False, "weight": 2}}
    return {
        "draw": {
            **off,
            "rectangle": {**shape, "showArea": False},
            "polygon": {**shape, "allowIntersection": False},
        },
        "edit": {"edit": False, "remove": False},
    }


def map_controls(manifest: Manifest) -> list[Component]:
    """What the map shows, and which measure."""
    levels = [level for level in AREA_LEVELS if level in manifest.outlines]
    modes = {"cells": "Cells", **{level: VARIABLES[level].label for level in levels}}
    modes["points"] = "Points"
    measures = {
        name: MEASURES[name].label
        for name in ("incidents", "harm", "arrest_share", "share")
        if name not in manifest.views_off
    }
    if "arrest" in manifest.views_off:
        del measures["arrest_share"]
    return [
        select(ExploreIds.MAP_MODE, modes, "cells", "Map by"),
        select(ExploreIds.MAP_MEASURE, measures, "incidents", "Measure on the map"),
    ]


def select(id: str, options: dict[str, str], value: str, label: str) -> html.Label:
    """A small select, value → words, named for screen readers (dbc.Select takes no aria-label)."""
    return html.Label(
        [
            html.Span(label, className="visually-hidden"),
            dbc.Select(
                id=id,
                options=[{"label": text, "value": key} for key, text in options.items()],
                value=value,
                size="sm",
                class_name="small-select",
            ),
        ]
    )


def map_legend(
    breaks: Sequence[int], label: str, theme: Theme, *, shares: bool = False
) -> list[Component]:
    """Classes with their colours.

    Parameters
    ----------
    breaks
        Lower bounds from `class_breaks`.
    label
        Measure and unit, such as "Incidents per 820 ft cell".
    shares
        Whether the values are percentages rather than counts.
    """
    if not breaks:
        return [html.Div("No incidents on this map.", className="legend-title")]
    shades, labels = class_colours(len(breaks), theme), class_labels(breaks, shares=shares)
    return [
        html.Div(label, className="legend-title"),
        html.Ul(
            [
                html.Li([html.Span(className="swatch", style={"backgroundColor": shade}), text])
                for shade, text in zip(shades, labels, strict=True)
            ],
            className="legend",
        ),
    ]


def point_legend(label: str, theme: Theme) -> list[Component]:
    """What a point is, and what its size stands for."""
    swatch = html.Span(className="swatch", style={"backgroundColor": colour(theme, "mark")})
    return [
        html.Div(label, className="legend-title"),
        html.Ul([html.Li([swatch, "A place with incidents"])], className="legend"),
    ]


def class_colours(classes: int, theme: Theme) -> list[str]:
    """Colours for so many classes, spread over the whole sequential scale."""
    shades = sequential(theme)
    if classes <= 1:
        return [shades[3]][:classes]
    last = len(shades) - 1
    return [shades[round(step * last / (classes - 1))] for step in range(classes)]


def map_measure_label(measure: str, place: str) -> str:
    """Legend title, such as `Incidents per 820 ft cell`."""
    words = MEASURES[measure]
    unit = {
        "harm": "Harm, days of sentence",
        "arrest_share": "Incidents with an arrest, %",
        "share": "Share of all incidents there, %",
    }
    return f"{unit.get(measure, words.label)} per {place}"
