"""Figures of patterns: a map of incidents drawn with WebGL, and components beside noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from analytics.formats import number, percent
from components.frame.theme import Theme, color, colorscale, template

POINT, POINT_IN_SPACE = 4, 2.4
FAINT = 0.07
SHOWN_COMPONENTS = 12


@dataclass(frozen=True)
class Category:
    """A value that points are colored by; incidents are the drawn ones, and those chosen."""

    label: str
    color: str
    drawn: int
    chosen: int


@dataclass(frozen=True, eq=False)
class Points:
    """Drawn incidents.

    Attributes
    ----------
    places : array of shape (points, 2) or (points, 3)
    category : uint8 array of shape (points,)
        Position in `categories`.
    chosen : bool array of shape (points,)
    """

    places: npt.NDArray[np.float32] = field(repr=False)
    category: npt.NDArray[np.uint8] = field(repr=False)
    chosen: npt.NDArray[np.bool_] = field(repr=False)
    categories: Sequence[Category] = ()


@dataclass(frozen=True)
class Frame:
    """The square a map fills, its cells and the dimension they are; `occupied` have incidents."""

    dimension: str
    left: float
    bottom: float
    size: float
    cells: int
    occupied: Sequence[int] = ()
    tool: str = "lasso"  # or `select`, a box

    @property
    def meta(self) -> dict[str, Any]:
        """What the page's listener needs to turn a lasso into cells."""
        return {
            "dimension": self.dimension,
            "left": self.left,
            "bottom": self.bottom,
            "size": self.size,
            "cells": self.cells,
            "occupied": list(self.occupied),
        }


Lines = tuple[Sequence[float | None], Sequence[float | None]]


def points_figure(points: Points, frame: Frame, chosen: Lines, theme: Theme) -> go.Figure:
    """Every drawn incident; those that are not chosen are faint and lie under the others."""
    figure = go.Figure(layout=_layout(frame, theme))
    rest = points.places[~points.chosen]
    faint = {"size": POINT, "color": color(theme, "unknown"), "opacity": FAINT}
    figure.add_trace(
        go.Scattergl(x=rest[:, 0], y=rest[:, 1], mode="markers", marker=faint, hoverinfo="skip")
    )
    for index, category in enumerate(points.categories):
        inside = points.places[points.chosen & (points.category == index)]
        figure.add_trace(
            go.Scattergl(
                x=inside[:, 0],
                y=inside[:, 1],
                mode="markers",
                marker={"size": POINT, "color": category.color, "opacity": 0.75},
                name=category.label,
                hovertemplate="%{fullData.name}<extra></extra>",
                **_kept(),
            )
        )
    _draw_outline(figure, chosen, theme)
    return figure


def space_figure(points: Points, frame: Frame, theme: Theme) -> go.Figure:
    """Trustworthiness, 3-D, to be turned; a lasso needs two."""
    figure = go.Figure(layout=_layout(frame, theme, space=True))
    rest = points.places[~points.chosen]
    faint = {"size": POINT_IN_SPACE, "color": color(theme, "unknown"), "opacity": FAINT}
    figure.add_trace(_in_space(rest, faint, ""))
    for index, category in enumerate(points.categories):
        inside = points.places[points.chosen & (points.category == index)]
        marker = {"size": POINT_IN_SPACE, "color": category.color, "opacity": 0.75}
        figure.add_trace(_in_space(inside, marker, category.label))
    return figure


def density_figure(
    counts: Mapping[int, int], frame: Frame, chosen: Lines, theme: Theme
) -> go.Figure:
    """All incidents of the selection by cell of the map, on a logarithmic scale."""
    z = np.full((frame.cells, frame.cells), np.nan)
    text = np.full((frame.cells, frame.cells), "", dtype=object)
    for cell, incidents in counts.items():
        z[cell // frame.cells, cell % frame.cells] = log10(incidents)
        words = "incident" if incidents == 1 else "incidents"
        text[cell // frame.cells, cell % frame.cells] = f"{number(incidents)} {words} here"
    figure = go.Figure(layout=_layout(frame, theme))
    middles = np.arange(frame.cells) + 0.5
    figure.add_trace(
        go.Heatmap(
            z=z.astype(np.float32),
            x=frame.left + middles * frame.size,
            y=frame.bottom + middles * frame.size,
            text=text,
            hoverinfo="text",
            colorscale=colorscale(theme),
            showscale=False,
            hoverongaps=False,
        )
    )
    # A heatmap alone offers no lasso.
    corner = {"x": [frame.left], "y": [frame.bottom]}
    figure.add_trace(go.Scatter(**corner, mode="markers", marker={"opacity": 0}, hoverinfo="skip"))
    _draw_outline(figure, chosen, theme)
    return figure


def scree_figure(
    explained: Sequence[float], noise: Sequence[float], kept: int, theme: Theme
) -> go.Figure:
    """Shares of components; those beyond what permuted data give are dark."""
    shown = min(SHOWN_COMPONENTS, len(explained))
    numbers = [str(one) for one in range(1, shown + 1)]
    colors = [color(theme, "mark" if index < kept else "mark-muted") for index in range(shown)]
    figure = go.Figure(
        layout={
            "template": template(theme),
            "bargap": 0.25,
            "margin": {"l": 38, "r": 8, "t": 8, "b": 32},
            "xaxis": {"fixedrange": True, "showgrid": False, "title": {"text": "Component"}},
            "yaxis": {"fixedrange": True, "rangemode": "tozero", "tickformat": ".0%"},
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


def _layout(frame: Frame, theme: Theme, *, space: bool = False) -> dict[str, Any]:
    side = frame.size * frame.cells
    axis = {"visible": False, "showgrid": False}
    chosen = {"line": {"color": color(theme, "selected"), "width": 1.5}}
    common: dict[str, Any] = {
        "template": template(theme),
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "uirevision": f"{frame.dimension}-{space}",
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
        "dragmode": frame.tool,
        "meta": {"lasso": frame.meta},
        "newselection": chosen,
        "xaxis": {**axis, "range": [frame.left, frame.left + side], "constrain": "domain"},
        "yaxis": {
            **axis,
            "range": [frame.bottom, frame.bottom + side],
            "scaleanchor": "x",
            "constrain": "domain",
        },
    }


def _in_space(places: npt.NDArray[np.float32], marker: dict[str, Any], name: str) -> go.Scatter3d:
    hover = {"hovertemplate": "%{fullData.name}<extra></extra>"} if name else {"hoverinfo": "skip"}
    return go.Scatter3d(
        x=places[:, 0], y=places[:, 1], z=places[:, 2], mode="markers",
        marker={**marker, "line": {"width": 0}}, name=name, **hover,
    )  # fmt: skip


def _draw_outline(figure: go.Figure, chosen: Lines, theme: Theme) -> None:
    x, y = chosen
    for token, width in (("casing", 4), ("selected", 2)):
        line = {"color": color(theme, token), "width": width}
        figure.add_trace(
            go.Scatter(x=list(x), y=list(y), mode="lines", line=line, hoverinfo="skip")
        )


def _kept() -> dict[str, Any]:
    """What a lasso would otherwise dim while it is drawn."""
    return {"selected": {"marker": {"opacity": 0.75}}, "unselected": {"marker": {"opacity": 0.75}}}
