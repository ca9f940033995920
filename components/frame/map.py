"""A map of cells, areas or points over outlines, with tools to draw an area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_leaflet as dl
from dash.development.base_component import Component

from analytics.formats import is_metric
from analytics.settings import Settings
from components.frame.theme import Theme, sequential

Bounds = Sequence[Sequence[float]]


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
    "marks": {"pointToLayer": "markToLayer", "onEachFeature": "onEachMark"},
}
"""Layers, lowest first, with their functions in the browser."""
_UNTOUCHED = ("outlines", "shapes")
"""Layers that pass clicks on to those below."""


def leaflet_map(
    settings: Settings,
    bounds: Bounds | None,
    *,
    id: str,
    namespace: str,
    tools: bool = True,
    writes: bool = False,
    snap: float = 0.5,
) -> dl.Map:
    """A map with empty layers for assets/frame/map.js; their ids start with the map's id.

    Parameters
    ----------
    settings
        `tile_url` adds a base layer; without one the map is gray.
    bounds
        Southwest and northeast corner as [lat, lon].
    namespace
        Where the browser finds its functions, such as `patroliq.maps.compared`.
    tools
        Whether areas can be drawn on it.
    writes
        Whether lines and points can be drawn on it too, to write beside them.
    snap
        Zoom step; with less than 1, the data fills the card better.
    """

    tiles = dl.TileLayer(
        url=settings.tile_url, attribution=settings.tile_attribution or None, className="tiles"
    )
    layers = [
        tiles if settings.tile_url else None,
        *(_layer(id, namespace, name) for name in _FUNCTIONS),
        _drawing(id, writes=writes) if tools else None,
        dl.ScaleControl(imperial=not is_metric(), metric=is_metric(), position="bottomright"),
    ]
    where = {"bounds": bounds} if bounds else {"center": [20, 0], "zoom": 2}
    # Listeners miss the map's first fit; a second one tells them the zoom.
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
        boxZoom=False,  # Shift-click chooses several; a slight drag would zoom instead
        viewport=move,
        eventHandlers={
            "moveend": _function(namespace, "moved"),
            "draw:created": _function(namespace, "drawn"),
            "draw:drawstart": _function(namespace, "drawingStarted"),
            "draw:drawstop": _function(namespace, "drawingEnded"),
            "contextmenu": _function(namespace, "pointedAt"),
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


def _drawing(id: str, *, writes: bool) -> Component:
    tools = _tools(writes=writes)
    return dl.FeatureGroup(dl.EditControl(id=f"{id}-draw", position="topleft", **tools))


def _tools(*, writes: bool) -> dict[str, Any]:
    off = dict.fromkeys(("circle", "marker"), False)
    shape = {"shapeOptions": {"className": "drawn-area", "fill": False, "weight": 2}}
    return {
        "draw": {
            **off,
            "polyline": {**shape, "showLength": False} if writes else False,
            "circlemarker": {"radius": 6, "weight": 2, "fill": False} if writes else False,
            "rectangle": {**shape, "showArea": False},
            "polygon": {**shape, "allowIntersection": False},
        },
        "edit": {"edit": False, "remove": False},
    }


def class_colors(classes: int, theme: Theme) -> list[str]:
    """Colors for a number of classes, spread over the whole sequential scale."""
    shades = sequential(theme)
    if classes <= 1:
        return [shades[3]][:classes]
    last = len(shades) - 1
    return [shades[round(step * last / (classes - 1))] for step in range(classes)]
