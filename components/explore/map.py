"""The Explore page's map with its controls and legend."""

from __future__ import annotations

from collections.abc import Sequence

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.settings import Settings
from analytics.statistics.class_breaks import class_labels
from components.explore.ids import ExploreIds
from components.frame.choices import option_select
from components.frame.map import Bounds, class_colors, leaflet_map
from components.frame.theme import Theme, color
from components.frame.variables import MEASURES, VARIABLES

NAMESPACE = "patroliq.map"


def explore_map(settings: Settings, bounds: Bounds | None = None) -> dl.Map:
    """The Explore page's map."""
    return leaflet_map(settings, bounds, id=ExploreIds.MAP, namespace=NAMESPACE, writes=True)


def map_controls(manifest: Manifest) -> list[Component]:
    """Selects of map mode and measure."""
    levels = [level for level in AREA_LEVELS if level in manifest.outlines]
    modes = {"cells": "Cells", **{level: VARIABLES[level].label for level in levels}}
    if "block" not in manifest.views_off and "place" not in manifest.views_off:
        modes["block"] = "Blocks"
    modes["points"] = "Points"
    measures = {
        name: MEASURES[name].label
        for name in ("incidents", "harm", "arrest_share", "share")
        if name not in manifest.views_off
    }
    if "arrest" in manifest.views_off:
        del measures["arrest_share"]
    return [
        option_select("map", modes, "Map by", id=ExploreIds.MAP_MODE),
        option_select("measure", measures, "Measure on the map", id=ExploreIds.MAP_MEASURE),
    ]


def map_legend(
    breaks: Sequence[int], label: str, theme: Theme, *, shares: bool = False
) -> list[Component]:
    """Legend of classes and their colors.

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
    shades, labels = class_colors(len(breaks), theme), class_labels(breaks, shares=shares)
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


def point_legend(label: str, theme: Theme, one: str = "A place with incidents") -> list[Component]:
    """Legend of points; `label` says what their size stands for, `one` what a point is."""
    swatch = html.Span(className="swatch", style={"backgroundColor": color(theme, "mark")})
    return [
        html.Div(label, className="legend-title"),
        html.Ul([html.Li([swatch, one])], className="legend"),
    ]


def map_measure_label(measure: str, place: str) -> str:
    """Legend title, such as `Incidents per 820 ft cell`."""
    words = MEASURES[measure]
    unit = {
        "harm": "Harm, days of sentence",
        "arrest_share": "Incidents with an arrest, %",
        "share": "Share of all incidents, %",
    }
    return f"{unit.get(measure, words.label)} per {place}"
