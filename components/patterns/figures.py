"""Figures of the Patterns page: an embedding drawn with WebGL, and the scree plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from analytics.formats import number, percent
from components.frame.figures.axes import share_ticks
from components.frame.theme import Theme, color, colorscale, template

POINT, POINT_3D, REST_3D = 4, 2.4, 1
FAINT = 0.07
SHOWN_COMPONENTS = 12


@dataclass(frozen=True)
class Category:
    """A value that points are colored by, with its shown incidents and those of them chosen."""

    label: str
    color: str
    shown: int
    chosen: int


@dataclass(frozen=True, eq=False)
class Points:
    """Incidents shown on the map.

    Attributes
    ----------
    coordinates : array of shape (points, 2) or (points, 3)
    category : uint8 array of shape (points,)
        Position in `categories`.
    chosen : bool array of shape (points,)
    """

    coordinates: npt.NDArray[np.float32] = field(repr=False)
    category: npt.NDArray[np.uint8] = field(repr=False)
    chosen: npt.NDArray[np.bool_] = field(repr=False)
    categories: Sequence[Category] = ()


@dataclass(frozen=True)
class MapExtent:
    """The square that an embedding fills, and its cells; those `occupied` have incidents."""

    dimension: str
    left: float
    bottom: float
    size: float
    cells: int
    occupied: Sequence[int] = ()
    tool: str = "lasso"  # or `select`, the box

    @property
    def meta(self) -> dict[str, Any]:
        """What the page's script needs to turn a lasso into cells."""
        return {
            "dimension": self.dimension,
            "left": self.left,
            "bottom": self.bottom,
            "size": self.size,
            "cells": self.cells,
            "occupied": list(self.occupied),
        }


Lines = tuple[Sequence[float | None], Sequence[float | None]]


def points_figure(points: Points, extent: MapExtent, chosen: Lines, theme: Theme) -> go.Figure:
    """Every shown incident; those that are not chosen are faint and below the others."""
    figure = go.Figure(layout=_layout(extent, theme))
    rest = points.coordinates[~points.chosen]
    faint = {"size": POINT, "color": color(theme, "unknown"), "opacity": FAINT}
    figure.add_trace(
        go.Scattergl(x=rest[:, 0], y=rest[:, 1], mode="markers", marker=faint, hoverinfo="skip")
    )
    for index, category in enumerate(points.categories):
        inside = points.coordinates[points.chosen & (points.category == index)]
        figure.add_trace(
            go.Scattergl(
                x=inside[:, 0],
                y=inside[:, 1],
                mode="markers",
                marker={"size": POINT, "color": category.color, "opacity": 0.75},
                name=category.label,
                hovertemplate="%{fullData.name}<extra></extra>",
                **_not_dimmed(),
            )
        )
    _draw_outline(figure, chosen, theme)
    return figure


def space_figure(points: Points, extent: MapExtent, theme: Theme) -> go.Figure:
    """Every shown incident in three dimensions, to rotate; a lasso needs two.

    Those that are not chosen are thin, since many of them may lie in front of the others.
    """
    figure = go.Figure(layout=_layout(extent, theme, space=True))
    rest = points.coordinates[~points.chosen]
    faint = {"size": REST_3D, "color": color(theme, "unknown"), "opacity": FAINT}
    figure.add_trace(_points_3d(rest, faint, ""))
    for index, category in enumerate(points.categories):
        inside = points.coordinates[points.chosen & (points.category == index)]
        marker = {"size": POINT_3D, "color": category.color, "opacity": 0.75}
        figure.add_trace(_points_3d(inside, marker, category.label))
    return figure


def density_figure(
    counts: Mapping[int, int], extent: MapExtent, chosen: Lines, theme: Theme
) -> go.Figure:
    """All selected incidents by cell of the embedding, on a logarithmic scale."""
    z = np.full((extent.cells, extent.cells), np.nan)
    text = np.full((extent.cells, extent.cells), "", dtype=object)
    for cell, incidents in counts.items():
        z[cell // extent.cells, cell % extent.cells] = log10(incidents)
        words = "incident" if incidents == 1 else "incidents"
        text[cell // extent.cells, cell % extent.cells] = f"{number(incidents)} {words} here"
    figure = go.Figure(layout=_layout(extent, theme))
    middles = np.arange(extent.cells) + 0.5
    figure.add_trace(
        go.Heatmap(
            z=z.astype(np.float32),
            x=extent.left + middles * extent.size,
            y=extent.bottom + middles * extent.size,
            text=text,
            hoverinfo="text",
            colorscale=colorscale(theme),
            showscale=False,
            hoverongaps=False,
        )
    )
    # Plotly offers no lasso on a heatmap alone.
    corner = {"x": [extent.left], "y": [extent.bottom]}
    figure.add_trace(go.Scatter(**corner, mode="markers", marker={"opacity": 0}, hoverinfo="skip"))
    _draw_outline(figure, chosen, theme)
    return figure


def scree_figure(
    explained: Sequence[float], noise: Sequence[float], retained: int, theme: Theme
) -> go.Figure:
    """Variance explained by each component; those above permuted data are dark."""
    shown = min(SHOWN_COMPONENTS, len(explained))
    numbers = [str(one) for one in range(1, shown + 1)]
    colors = [color(theme, "mark" if index < retained else "mark-muted") for index in range(shown)]
    highest = max([*explained[:shown], *noise[:shown]], default=0)
    figure = go.Figure(
        layout={
            "template": template(theme),
            "bargap": 0.25,
            "margin": {"l": 38, "r": 8, "t": 8, "b": 32},
            "xaxis": {"fixedrange": True, "showgrid": False, "title": {"text": "Component"}},
            "yaxis": {"fixedrange": True, "rangemode": "tozero", **share_ticks(highest)},
            "hovermode": "x",
        }
    )
    hover = [
        f"Component {one}: {percent(value)} of variance; permuted data {percent(other)}"
        for one, value, other in zip(numbers, explained, noise, strict=False)
    ]
    figure.add_trace(
        go.Bar(x=numbers, y=list(explained[:shown]), marker={"color": colors}, hovertext=hover,
               hoverinfo="text")
    )  # fmt: skip
    line = {"color": color(theme, "more"), "width": 2, "dash": "dot"}
    figure.add_trace(
        go.Scatter(
            x=numbers, y=list(noise[:shown]), mode="lines+markers", line=line,
            marker={"size": 5, "color": color(theme, "more")}, hoverinfo="skip",
        )
    )  # fmt: skip
    return figure


def _layout(extent: MapExtent, theme: Theme, *, space: bool = False) -> dict[str, Any]:
    side = extent.size * extent.cells
    axis = {"visible": False, "showgrid": False}
    chosen = {"line": {"color": color(theme, "selected"), "width": 1.5}}
    common: dict[str, Any] = {
        "template": template(theme),
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "uirevision": f"{extent.dimension}-{space}",
        "showlegend": False,
        "hovermode": "closest",
    }
    if space:
        named = {"showticklabels": False, "title": {"text": ""}, "showspikes": False}
        shades = {
            "backgroundcolor": "rgba(0,0,0,0)",
            "gridcolor": color(theme, "grid"),
            "zerolinecolor": color(theme, "grid"),
        }
        scene = {name: {**named, **shades} for name in ("xaxis", "yaxis", "zaxis")}
        return {**common, "scene": {**scene, "aspectmode": "cube"}}
    return {
        **common,
        "dragmode": extent.tool,
        "meta": {"lasso": extent.meta},
        "newselection": chosen,
        "xaxis": {**axis, "range": [extent.left, extent.left + side], "constrain": "domain"},
        "yaxis": {
            **axis,
            "range": [extent.bottom, extent.bottom + side],
            "scaleanchor": "x",
            "constrain": "domain",
        },
    }


def _points_3d(
    coordinates: npt.NDArray[np.float32], marker: dict[str, Any], name: str
) -> go.Scatter3d:
    hover = {"hovertemplate": "%{fullData.name}<extra></extra>"} if name else {"hoverinfo": "skip"}
    return go.Scatter3d(
        x=coordinates[:, 0], y=coordinates[:, 1], z=coordinates[:, 2], mode="markers",
        marker={**marker, "line": {"width": 0}}, name=name, **hover,
    )  # fmt: skip


def _draw_outline(figure: go.Figure, chosen: Lines, theme: Theme) -> None:
    x, y = chosen
    for token, width in (("casing", 4), ("selected", 2)):
        line = {"color": color(theme, token), "width": width}
        figure.add_trace(
            go.Scatter(x=list(x), y=list(y), mode="lines", line=line, hoverinfo="skip")
        )


def _not_dimmed() -> dict[str, Any]:
    """Keeps points from fading while a lasso is drawn."""
    return {"selected": {"marker": {"opacity": 0.75}}, "unselected": {"marker": {"opacity": 0.75}}}
