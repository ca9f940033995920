"""The Overview's small map: areas by their incidents, and the blocks with most of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, radians, sin
from typing import Any

import plotly.graph_objects as go

from analytics.areas.sketch import AreaSketch
from analytics.statistics.class_breaks import class_breaks, classify
from components.frame.map import class_colors
from components.frame.theme import Theme, color, template
from components.frame.variables import quantity

AREA_OPACITY = 0.7
MARK_PX = 17
LEAST_HEIGHT_PX = 190  # of the map on any screen
RINGS = 4
NEARLY = 0.999  # of a mark, as positions are rounded


@dataclass(frozen=True)
class MappedArea:
    """An area with its incidents, and the address of the page that shows them."""

    name: str
    sketch: AreaSketch
    incidents: int
    href: str


@dataclass(frozen=True)
class MappedBlock:
    """One of the blocks with most incidents; none without a place is here."""

    rank: int
    name: str
    lat: float
    lon: float
    incidents: int
    href: str


def small_map(
    areas: Sequence[MappedArea], blocks: Sequence[MappedBlock], theme: Theme
) -> go.Figure:
    """Areas shaded by class, a point in each to hover over and click, and the ranked blocks."""
    counts = [area.incidents for area in areas]
    breaks = class_breaks(counts)
    shades = class_colors(len(breaks), theme)
    figure = go.Figure(layout=_layout(areas, blocks, theme))
    for area, level in zip(areas, classify(counts, breaks), strict=True):
        fill = shades[level] if level >= 0 else "rgba(0,0,0,0)"
        figure.add_trace(_outline(area, fill, theme))
    figure.add_trace(_insides(areas))
    figure.add_trace(_ranked(_apart(areas, blocks), theme))
    return figure


def _apart(areas: Sequence[MappedArea], blocks: Sequence[MappedBlock]) -> list[MappedBlock]:
    """Blocks whose marks would cover one another move aside, the lower ranks first."""
    south, north = _ends(areas, blocks)
    height = (north - south) * MARK_PX / LEAST_HEIGHT_PX
    width = height / cos(radians((south + north) / 2))
    placed: list[MappedBlock] = []
    for block in blocks:
        free = (
            spot
            for spot in _spots(block, height, width)
            if all(_marks_apart(spot, one, height, width) > NEARLY for one in placed)
        )
        placed.append(next(free, block))
    return placed


def _spots(block: MappedBlock, height: float, width: float) -> Iterator[MappedBlock]:
    """The block at its place, then on rings of marks around it."""
    yield block
    for ring in range(1, RINGS):
        for turn in range(8 * ring):
            angle = 2 * pi * turn / (8 * ring)
            yield replace(
                block,
                lat=block.lat + ring * height * sin(angle),
                lon=block.lon + ring * width * cos(angle),
            )


def _marks_apart(one: MappedBlock, other: MappedBlock, height: float, width: float) -> float:
    """How many marks lie between two places, with the size of a mark in degrees."""
    return hypot((one.lat - other.lat) / height, (one.lon - other.lon) / width) if height else 0.0


def _ends(areas: Sequence[MappedArea], blocks: Sequence[MappedBlock]) -> tuple[float, float]:
    """Southern and northern end of the map in degrees."""
    lats = [lat for area in areas for ring in area.sketch.rings for _, lat in ring]
    lats += [block.lat for block in blocks]
    return (min(lats), max(lats)) if lats else (0.0, 0.0)


def _outline(area: MappedArea, fill: str, theme: Theme) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in area.sketch.rings:
        x += [*(lon for lon, _ in ring), None]
        y += [*(lat for _, lat in ring), None]
    return go.Scatter(
        x=x[:-1],
        y=y[:-1],
        mode="lines",
        line={"color": color(theme, "outline"), "width": 0.8},
        fill="toself",
        fillcolor=fill,
        opacity=AREA_OPACITY,
        hoverinfo="skip",
    )


def _insides(areas: Sequence[MappedArea]) -> go.Scatter:
    """Invisible points, since Plotly reports no clicks on filled shapes."""
    return go.Scatter(
        x=[area.sketch.inside[0] for area in areas],
        y=[area.sketch.inside[1] for area in areas],
        mode="markers",
        marker={"size": 26, "opacity": 0},
        customdata=[area.href for area in areas],
        hovertext=[f"{area.name}: {quantity(area.incidents)}" for area in areas],
        hoverinfo="text",
    )


def _ranked(blocks: Sequence[MappedBlock], theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[block.lon for block in blocks],
        y=[block.lat for block in blocks],
        mode="markers+text",
        marker={
            "size": MARK_PX,
            "color": color(theme, "surface"),
            "line": {"color": color(theme, "text"), "width": 1.4},
        },
        text=[str(block.rank) for block in blocks],
        textfont={"size": 11, "color": color(theme, "text")},
        customdata=[block.href for block in blocks],
        hovertext=[f"{block.name}: {quantity(block.incidents)}" for block in blocks],
        hoverinfo="text",
    )


def _layout(
    areas: Sequence[MappedArea], blocks: Sequence[MappedBlock], theme: Theme
) -> dict[str, Any]:
    middle = sum(_ends(areas, blocks)) / 2
    axis = {"visible": False, "fixedrange": True}
    return {
        "template": template(theme),
        "margin": {"l": 2, "r": 2, "t": 2, "b": 2},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": axis,
        "yaxis": {**axis, "scaleanchor": "x", "scaleratio": 1 / cos(radians(middle))},
    }
